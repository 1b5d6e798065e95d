"""Somebody who types a plan while the line, the browser or the server dies again and again (the ten-second promise)."""

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from tests.browser.conftest import SWITCHES
from tests.drill.conftest import Installation, wait_for

PROMISE = 10.0  # seconds of typing that may be lost at most
LONGEST = 14 if os.environ.get("BMMS_DRILL") else 8  # seconds that one types before something dies
ROOM = 3_000  # characters, after which the plan is sent and the next begun
KINDS = ("line", "browser", "device", "server", "sending")


class Typist:
    """One planner at one device, who writes numbered words into the vision of a new plan."""

    def __init__(self, playwright: Playwright, program: str, installation: Installation, home: Path, seed: int) -> None:
        self.installation = installation
        self.draw = random.Random(seed)
        self.lost: list[float] = []  # seconds of typing lost, one for each kill
        self.plans: list[str] = []  # titles of those that were sent
        self._playwright, self._program, self._home = playwright, program, home
        self._devices = 0
        self._words: list[tuple[float, str]] = []
        self._title = ""
        self._failed: list[str] = []  # requests of the browser that got no answer
        self._begin()
        self._take_device()

    def suffer(self, kind: str) -> None:
        """Type for a while, lose something, come back, and see what is left."""
        self._type(self.draw.uniform(1, LONGEST))
        getattr(self, f"_lose_{kind}")()
        if sum(len(word) for _, word in self._words) > ROOM:
            self._send()

    def leave(self) -> None:
        """Send what is there, which is nothing where the last plan was just sent, and close the browser."""
        if self._words:
            self._send()
        self._context.close()

    def _begin(self) -> None:
        self._title = f"Drill {len(self.plans) + 1} of {os.getpid()}"
        self._words = []

    def _type(self, seconds: float) -> None:
        """Without a pause longer than half a second."""
        end = time.monotonic() + seconds
        self._page.locator("textarea[name=vision]").focus()
        self._page.keyboard.press("Control+End")
        self._page.keyboard.type(" ")  # the last word may have been lost in the middle
        while time.monotonic() < end:
            word = f"w{len(self._words):04d} "
            self._page.keyboard.type(word)
            self._words.append((time.monotonic(), word.strip()))
            time.sleep(self.draw.uniform(0.05, 0.5))

    def _lose_line(self) -> None:
        self._context.set_offline(True)
        self._type(self.draw.uniform(1, 6))
        self._context.set_offline(False)
        self._open_again(time.monotonic(), most=0)

    def _lose_browser(self) -> None:
        """The same device, another browser process."""
        self._kill_browser()

    def _lose_device(self) -> None:
        """Another device: only what the server has is there."""
        self._devices += 1
        self._kill_browser()

    def _lose_server(self) -> None:
        os.kill(self._aside(self.installation.pid_of, "web"), signal.SIGKILL)
        self._type(self.draw.uniform(1, 6))
        wait_for("the server to be back", self.installation.is_up)
        self._open_again(time.monotonic(), most=0)

    def _lose_sending(self) -> None:
        """The server dies while the form is on its way; the typist presses the button until it has worked."""
        self._fill()
        self._page.get_by_role("button", name="Save and continue").click(no_wait_after=True)
        time.sleep(self.draw.uniform(0, 0.5))
        os.kill(self._aside(self.installation.pid_of, "web"), signal.SIGKILL)
        wait_for("the server to be back", self.installation.is_up)
        if self.draw.random() < 0.5:
            self._open()
        self._send()
        self.lost.append(0.0)

    def _kill_browser(self) -> None:
        killed = time.monotonic()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if str(self._profile).encode() in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:
                continue
        with suppress(Error):  # it is dead, as it was meant to be
            self._context.close()
        self._take_device()
        self._note_loss(killed, PROMISE)

    @property
    def _profile(self) -> Path:
        return self._home / f"device-{self._devices}"

    def _take_device(self) -> None:
        self._context: BrowserContext = self._playwright.chromium.launch_persistent_context(
            str(self._profile), executable_path=self._program, args=SWITCHES, viewport={"width": 360, "height": 800}
        )
        self._context.set_default_timeout(120_000)
        self._page: Page = self._context.pages[0]
        self._page.on("requestfailed", lambda request: self._failed.append(f"{request.method} {request.url}"))
        self._open()

    def _open(self) -> None:
        """The form of a new plan, after signing in where that is asked for."""
        for _ in range(30):
            with suppress(Error):  # the server may be away
                if self._is_open():
                    return
            time.sleep(2)  # or there were too many sign-ins within a minute
        raise AssertionError(f"the form does not open: {self._page.url}")

    def _is_open(self) -> bool:
        """All steps towards the form."""
        heading = self._ask_for_form()
        if "Sign in" in heading:
            self._sign_in()
            heading = self._ask_for_form()
        if "Privacy" in heading:
            self._page.get_by_role("checkbox").check()
            with self._page.expect_navigation():
                self._page.get_by_role("button", name="Go on").click()
            self._ask_for_form()
        return self._page.locator("textarea[name=vision]").count() == 1

    def _ask_for_form(self) -> str:
        """The heading of the page that came."""
        self._page.goto(f"{self.installation.base}/moa/MOH/planning/plans/new")
        return self._page.locator("h1").inner_text()

    def _sign_in(self) -> None:
        name = "moh_planner"
        self._page.get_by_label("Username or email").fill(name)
        self._page.get_by_label("Password").fill(dict(self.installation.people)[name])
        with self._page.expect_navigation():
            self._page.get_by_role("button", name="Sign in").click()

    def _open_again(self, until: float, most: float) -> None:
        self._open()
        self._note_loss(until, most)

    def _note_loss(self, until: float, most: float) -> None:
        """How long before `until` the first word was typed that is not in the form; `most` seconds are allowed."""
        found = set(self._page.locator("textarea[name=vision]").input_value().split())
        gone = [at for at, word in self._words if word not in found]
        self.lost.append(until - gone[0] if gone else 0.0)
        assert self.lost[-1] <= most, self._what_was_lost(len(gone))
        self._words = [(at, word) for at, word in self._words if word in found]

    def _what_was_lost(self, words: int) -> str:
        """For whoever looks for the cause: what lies on the device, and how far the server says to have come."""
        device = self._page.evaluate("JSON.stringify(localStorage)")
        server = self._page.locator("form[data-draft]").get_attribute("data-devices")
        end = [(round(at, 2), word) for at, word in self._words[-8:]]
        return (
            f"{self.lost[-1]:.1f} s of typing lost: {words} of {len(self._words)} words\n"
            f"last typed: {end}\non the device: {device}\non the server: {server}\n"
            f"without an answer: {self._failed[-8:]}"
        )

    def _fill(self) -> None:
        self._page.get_by_label("Title").fill(self._title, timeout=60_000)
        self._page.get_by_label("First year").fill("2027")
        self._page.get_by_label("Last year").fill("2029")

    def _send(self) -> None:
        """Until the plan is there; then there is one of it, with every word, and the form of the next is empty."""
        for _ in range(6):
            with suppress(Error):  # a page that is just being left
                self._press()
            if self._sent():
                break
        found = self._sent()
        assert len(found) == 1, f"{len(found)} plans named {self._title}"
        gone = [word for _, word in self._words if word not in found[0].split()]
        last = found[0].split()[-1:], self._words[-1][1]
        assert not gone, f"sent without {gone}, up to {last}; without an answer: {self._failed[-8:]}"
        self.plans.append(self._title)
        self._begin()
        self._open()
        expect(self._page.locator("textarea[name=vision]")).to_have_value("")

    def _press(self) -> None:
        """The button of the form that is open, where it still holds the words; else the form is opened again."""
        vision = self._page.locator("textarea[name=vision]")
        if not vision.count():
            self._open()
        if vision.input_value():
            self._fill()
            self._page.get_by_role("button", name="Save and continue").click()
            self._page.wait_for_url("**/goals", timeout=60_000)

    def _sent(self) -> list[str]:
        """The visions of the plans with the present title."""
        query = f"SELECT vision FROM strategic_plans WHERE title = '{self._title}'"  # noqa: S608 (our own words)
        return [vision for (vision,) in self._aside(self.installation.ask, query)]

    @staticmethod
    def _aside(ask: Any, *words: str) -> Any:
        """In a thread of its own, for Playwright minds this one's loop."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(ask, *words).result()
