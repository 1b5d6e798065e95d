"""What is typed in a long form survives a dropped line, a closed browser and a sign-out (the ten-second promise)."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session
from werkzeug.test import run_wsgi_app

from bmms.models.drafts import Draft
from bmms.tenancy import bind_scope
from tests.browser.walks import wait_until
from tests.factories import PASSWORD
from tests.planning import make_lists

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app, engine, cast, serve: Callable[..., str]) -> str:
    make_lists(engine)
    return serve(app)


def sign_in(page: Page, address: str, username: str = "badar") -> None:
    page.goto(f"{address}/login")
    page.get_by_label("Username or email").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/moa/MOH/")


def kept(engine, cast) -> dict[str, str]:
    """What the server holds of Badar's draft; asked in a thread of its own, for Playwright minds this one's loop."""

    def read() -> dict[str, str]:
        with Session(engine) as session:
            bind_scope(session, cast.moh.id)
            draft = session.query(Draft).one_or_none()
            return dict(draft.fields) if draft else {}

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(read).result()


def wait_until_nothing_lies_on_the_device(page: Page) -> None:
    wait_until(page, "Object.keys(localStorage).every((name) => !name.startsWith('bmms:'))")


@pytest.mark.parametrize("width", [360, 1280])
def test_typing_is_saved_on_the_server_and_comes_back_in_a_new_browser(page_at, address, engine, cast, width) -> None:
    page = page_at(width)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.get_by_label("Title").fill("Half a plan")
    page.get_by_label("Vision").fill("Near to the people")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Saved")
    wait_until_nothing_lies_on_the_device(page)
    assert kept(engine, cast) == {"title": "Half a plan", "vision": "Near to the people"}
    other = page_at(width)
    sign_in(other, address)
    other.goto(f"{address}/moa/MOH/planning/plans/new")
    expect(other.get_by_label("Title")).to_have_value("Half a plan")
    expect(other.get_by_text("Your unsent changes of")).to_be_visible()
    other.get_by_role("button", name="Throw them away").click()
    expect(other.get_by_label("Title")).to_have_value("")


def test_without_a_line_it_waits_on_the_device_and_goes_up_later(page_at, address, engine, cast) -> None:
    page = page_at(1280)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.context.set_offline(True)
    page.get_by_label("Title").fill("Written offline")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Kept on this device")
    assert kept(engine, cast) == {}
    page.context.set_offline(False)
    expect(page.locator("[data-kept]")).to_contain_text("Saved")
    wait_until_nothing_lies_on_the_device(page)
    assert kept(engine, cast) == {"title": "Written offline"}


def test_who_types_without_a_pause_is_saved_too(page_at, address, engine, cast) -> None:
    page = page_at(360)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.get_by_label("Vision").focus()
    for _ in range(60):
        page.keyboard.type("on ")
        page.wait_for_timeout(100)
        if kept(engine, cast):
            break
    assert kept(engine, cast)["vision"].startswith("on on on")


class SlowLine:
    """The application behind a line on which the next page is made first, then a draft kept, then the page arrives."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.keeping, self.made, self.kept = Event(), Event(), Event()

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.endswith("/drafts/keep") and not self.kept.is_set():
            self.keeping.set()
            self.made.wait(120)
        body, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        if path.endswith("/drafts/keep"):
            self.kept.set()
        if path.endswith("/plans/new") and self.keeping.is_set():
            self.made.set()
            self.kept.wait(120)
            time.sleep(0.3)  # the answer to the draft reaches the old page first
        start_response(status, list(headers))
        return body


def test_a_page_that_was_made_before_the_last_words_came_up_shows_them(page_at, app, address, engine, cast, serve):
    page, line = page_at(1280), SlowLine(app)
    address = serve(line)
    sign_in(page, address)
    form = f"{address}/moa/MOH/planning/plans/new"
    page.goto(form)
    page.get_by_label("Title").fill("The last words")
    page.keyboard.press("Tab")
    assert line.keeping.wait(120)
    page.goto(form)
    expect(page.get_by_label("Title")).to_have_value("The last words")
    wait_until_nothing_lies_on_the_device(page)
    assert kept(engine, cast) == {"title": "The last words"}


class Overtaken:
    """The application behind a line on which the first draft arrives after a later request to another address."""

    def __init__(self, app: Flask, by: str = "/drafts/keep") -> None:
        self.app, self.by = app, by
        self.first, self.second, self.late = Event(), Event(), Event()

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        path = environ["PATH_INFO"] if environ["REQUEST_METHOD"] == "POST" else ""
        is_first = path.endswith("/drafts/keep") and not self.first.is_set()
        if is_first:
            self.first.set()
            assert self.second.wait(120)
        body, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        if is_first:
            self.late.set()
        elif path.endswith(self.by):
            self.second.set()
        start_response(status, list(headers))
        return body


def test_a_draft_that_arrives_late_covers_nothing_that_was_typed_after_it(page_at, app, engine, cast, serve) -> None:
    page, line = page_at(1280), Overtaken(app)
    address = serve(line)
    page.add_init_script("AbortSignal.timeout = ((old) => () => old.call(AbortSignal, 300))(AbortSignal.timeout)")
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.get_by_label("Title").fill("Half")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Kept on this device")
    page.get_by_label("Title").fill("Half a plan")
    page.keyboard.press("Tab")
    wait_until_nothing_lies_on_the_device(page)
    assert line.late.wait(120)
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Half a plan")
    assert kept(engine, cast) == {"title": "Half a plan"}


def test_on_a_device_whose_clock_is_set_back_the_newest_words_stay(page_at, address, engine, cast) -> None:
    page = page_at(1280)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    for words in ("Half", "Half a plan"):
        page.get_by_label("Title").fill(words)
        page.keyboard.press("Tab")
        wait_until_nothing_lies_on_the_device(page)
        page.evaluate("Date.now = () => 5")
    assert kept(engine, cast) == {"title": "Half a plan"}


def test_while_one_draft_is_on_its_way_the_next_waits_and_the_newest_words_stay(page_at, address, engine, cast) -> None:
    page, on_its_way = page_at(1280), []
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.route("**/drafts/keep", lambda route: on_its_way.append(route))
    for words in ("Half", "Half a plan", "A whole plan"):
        page.get_by_label("Title").fill(words)
        page.keyboard.press("Tab")
        page.wait_for_timeout(1200)  # who waits asks again twice a second
    assert len(on_its_way) == 1
    on_its_way[0].continue_()
    page.unroute("**/drafts/keep")
    wait_until_nothing_lies_on_the_device(page)
    assert kept(engine, cast) == {"title": "A whole plan"}


def test_when_the_server_is_away_for_a_while_it_is_tried_again(page_at, address, engine, cast) -> None:
    page = page_at(1280)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.route("**/drafts/keep", lambda route: route.abort(), times=1)
    page.get_by_label("Title").fill("Tried again")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Kept on this device")
    expect(page.locator("[data-kept]")).to_contain_text("Saved")
    assert kept(engine, cast) == {"title": "Tried again"}


def test_what_waits_on_the_device_is_there_after_a_reload(page_at, address, engine, cast) -> None:
    page = page_at(1280)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.route("**/drafts/keep", lambda route: route.abort())
    page.get_by_label("Title").fill("Not yet up")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Kept on this device")
    page.unroute("**/drafts/keep")
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Not yet up")
    expect(page.locator("[data-kept]")).to_contain_text("Saved")
    wait_until_nothing_lies_on_the_device(page)
    assert kept(engine, cast) == {"title": "Not yet up"}


def test_what_comes_up_after_the_next_page_has_sent_it_makes_no_draft_again(page_at, app, engine, cast, serve) -> None:
    """The words lay on the device; the next page shows them, sends them up, and sends the form before they arrive."""
    page, line = page_at(1280), Overtaken(app, by="/plans/new")
    address = serve(line)
    sign_in(page, address)
    form = f"{address}/moa/MOH/planning/plans/new"
    page.goto(form)
    page.route("**/drafts/keep", lambda route: route.abort())
    page.get_by_label("Title").fill("Sent by the next page")
    page.get_by_label("First year").fill("2030")
    page.get_by_label("Last year").fill("2032")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Kept on this device")
    page.unroute("**/drafts/keep")
    page.reload()
    assert line.first.wait(120)
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/goals")
    assert line.late.wait(120)
    assert kept(engine, cast) == {}


class Mute:
    """The application behind a line that loses the answer to a form."""

    def __init__(self, app: Flask) -> None:
        self.app, self.acted = app, Event()

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        body, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("/plans/new"):
            self.acted.set()
            body, status, headers = [], "502 Bad Gateway", []
        start_response(status, list(headers))
        return body


def test_what_was_sent_does_not_stand_in_the_form_of_the_next_thing(page_at, app, engine, cast, serve) -> None:
    """The server has acted and its answer is lost: the device does not know, until it asks."""
    page, line = page_at(1280), Mute(app)
    address = serve(line)
    sign_in(page, address)
    form = f"{address}/moa/MOH/planning/plans/new"
    page.goto(form)
    page.route("**/drafts/keep", lambda route: route.abort())
    page.get_by_label("Title").fill("Sent unknowingly")
    page.get_by_label("First year").fill("2030")
    page.get_by_label("Last year").fill("2032")
    page.get_by_role("button", name="Save and continue").click()
    assert line.acted.wait(120)
    page.unroute("**/drafts/keep")
    page.goto(form)
    expect(page.get_by_label("Title")).to_have_value("")
    wait_until_nothing_lies_on_the_device(page)
    page.get_by_label("Title").fill("Something new")
    page.keyboard.press("Tab")
    wait_until_nothing_lies_on_the_device(page)
    assert kept(engine, cast) == {"title": "Something new"}


def test_an_older_copy_on_the_device_never_covers_what_the_server_has(page_at, address, engine, cast) -> None:
    """A browser that dies may leave behind what it had long sent."""
    page = page_at(1280)
    sign_in(page, address)
    form = f"{address}/moa/MOH/planning/plans/new"
    page.goto(form)
    page.get_by_label("Vision").fill("Near")
    old = page.evaluate("localStorage.getItem(Object.keys(localStorage).find((name) => name.startsWith('bmms:')))")
    page.get_by_label("Vision").fill("Near to the people")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Saved")
    wait_until_nothing_lies_on_the_device(page)
    page.goto(f"{address}/moa/MOH/")
    page.evaluate(f"localStorage.setItem('bmms:{cast.badar.id}:planning/plans/new', JSON.stringify({old}))")
    page.goto(form)
    expect(page.get_by_label("Vision")).to_have_value("Near to the people")
    wait_until_nothing_lies_on_the_device(page)
    assert kept(engine, cast) == {"vision": "Near to the people"}


def test_signing_out_wipes_the_device_and_another_person_sees_nothing(page_at, address) -> None:
    page = page_at(1280)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.evaluate("localStorage.setItem('bmms:99:planning/plans/new', JSON.stringify({at: Date.now(), fields: {}}))")
    page.reload()
    assert page.evaluate("localStorage.getItem('bmms:99:planning/plans/new')") is None
    page.route("**/drafts/keep", lambda route: route.abort())
    page.get_by_label("Title").fill("Mine alone")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Kept on this device")
    page.locator("summary", has_text="Badar Lim").click()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/login**")
    wait_until_nothing_lies_on_the_device(page)


def test_a_sent_form_leaves_no_draft(page_at, address, engine, cast) -> None:
    page = page_at(1280)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    page.get_by_label("Title").fill("A whole plan")
    page.get_by_label("First year").fill("2026")
    page.get_by_label("Last year").fill("2028")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/goals")
    assert kept(engine, cast) == {}
    wait_until_nothing_lies_on_the_device(page)
