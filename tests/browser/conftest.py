"""A real Chromium for journeys. `BMMS_SKIP=browser` leaves them out and says so (decision D38)."""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect
from werkzeug.serving import make_server

from tests.browser.walks import Walk
from tests.cast import Cast

IGNORED = ("Failed to load resource", "Failed to fetch")  # answers of 400 and above, and a line that is cut on purpose
# the shell is the same Chromium without what draws windows: journeys take half the time
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = "Chromium is missing: install it (apt-get install chromium), or leave these tests out with BMMS_SKIP=browser"
PATIENCE = 120_000  # ms; no journey is judged by its speed: a machine may read all of Chromium from a slow disk first
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser(playwright: Playwright, serve: Callable[[Flask], str], app: Flask) -> Iterator[Browser]:
    """The browser of the session. It has shown one page before a test has it: on a cold machine that takes a while."""
    if "browser" in os.environ.get("BMMS_SKIP", "").split(","):
        pytest.skip("left out: browser")
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        pytest.fail(MISSING)
    expect.set_options(timeout=PATIENCE)
    chromium = playwright.chromium.launch(executable_path=program, args=SWITCHES, timeout=4 * PATIENCE)
    first = chromium.new_page()
    first.goto(f"{serve(app)}/login", timeout=4 * PATIENCE)
    first.context.close()
    yield chromium
    chromium.close()


def close(context: BrowserContext, seconds: float = 20) -> None:
    """Close a context. Once in a few hundred times Chromium never answers; then the browser's end closes it."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    left, every = signal.setitimer(signal.ITIMER_REAL, seconds)  # the timer of pytest-timeout, given back below
    try:
        context.close()
    except TimeoutError:
        print(f"Chromium did not close a context within {seconds:.0f} s")
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left, every)


@pytest.fixture
def page_at(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`page_at(width, javascript=True, dark=False)` opens a page of its own context.

    At the end of the test, an error in a script or a breach of the Content-Security-Policy fails it.
    """
    contexts, problems = [], []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in IGNORED):
            problems.append(message.text)

    def open_page(width: int, javascript: bool = True, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        close(context)
    assert problems == []


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Flask], str]]:
    """`serve(app)` runs an application on a free port of this machine and returns its address."""
    servers: list[tuple[Any, threading.Thread]] = []

    def start(app: Flask) -> str:
        server = make_server("localhost", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://localhost:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join(300)


@pytest.fixture(scope="session")
def address(serve: Callable[[Flask], str], app: Flask) -> str:
    """The whole application on a port of this machine."""
    return serve(app)


@pytest.fixture(scope="session")
def examined() -> set[tuple]:
    """What axe has seen already: a page in a state, told apart by how many messages and rows stand on it."""
    return set()


@pytest.fixture
def walk(page_at: Callable[..., Page], address: str, examined: set[tuple], cast: Cast) -> Callable[..., Walk]:
    """`walk(width, javascript)` begins a way in a browser of its own."""
    return lambda width, javascript: Walk(
        page_at(width, javascript), address, examined, width=width, javascript=javascript
    )
