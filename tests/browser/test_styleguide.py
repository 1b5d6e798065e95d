"""The style guide in a real browser: accessible in every state, never wider than the screen, usable without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bmms.blueprints.styleguide import bp
from tests.browser.walks import violations, violations_everywhere
from tests.small_app import make_app

pytestmark = pytest.mark.browser

PAGES = ["/", "/forms", "/data", "/ways", "/return", "/paper"]


@pytest.fixture(scope="module")
def site(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    app = make_app(tmp_path_factory.mktemp("static"))
    app.register_blueprint(bp)
    return serve(app) + "/style-guide"


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_a_desk_or_a_phone_by_day_or_by_night(page_at, site, path) -> None:
    page = page_at(1280)
    page.goto(site + path)
    assert violations_everywhere(page) == []


def test_axe_finds_nothing_in_a_form_with_errors(page_at, site) -> None:
    page = page_at(1280)
    page.goto(f"{site}/forms")
    page.get_by_role("button", name="Create account").click()
    expect(page.locator(".errors")).to_be_focused()
    assert violations_everywhere(page) == []


def test_axe_finds_nothing_in_a_dialog_a_menu_and_a_toast(page_at, site) -> None:
    page = page_at(1280)
    page.goto(f"{site}/ways")
    page.get_by_role("link", name="Suspend").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator(".masthead summary").click()
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.locator("#offline")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    page.locator(".dock summary").click()
    assert violations(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_small_phone(page_at, site, path) -> None:
    page = page_at(320)
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    if page.locator(".dock summary").count():
        page.locator(".dock summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_form_with_errors_is_no_wider_either(page_at, site) -> None:
    page = page_at(320, javascript=False)
    page.goto(f"{site}/forms")
    page.get_by_role("button", name="Create account").click()
    wide = page.locator("body *:visible").evaluate_all(
        "all => all.filter(each => each.checkVisibility() && each.getBoundingClientRect().right > 321)"
        ".map(each => each.outerHTML.slice(0, 80))"
    )
    assert wide == []


def test_targets_are_large_enough_for_a_thumb(page_at, site) -> None:
    """WCAG 2.2 asks 24 px; buttons, fields and the dock keep 44 (house 7.3)."""
    page = page_at(360)
    for path in ("/", "/forms", "/ways"):
        page.goto(site + path)
        low = page.locator(
            ".button, .dock a, .dock summary, .field :is(input, select):not([type=checkbox], [type=radio])"
        )
        heights = low.evaluate_all("all => all.map(each => each.getBoundingClientRect().height).filter(h => h > 0)")
        assert heights
        assert min(heights) >= 44


HIDES = """() => {
    const focused = document.activeElement, box = focused.getBoundingClientRect();
    const tops = [...document.querySelectorAll(".actions--stick, .dock")]
        .filter((bar) => !bar.contains(focused)).map((bar) => bar.getBoundingClientRect().top);
    const under = focused !== document.body && tops.some((top) => box.top < top && box.bottom > top);
    return under ? focused.outerHTML.slice(0, 80) : "";
}"""


def test_what_has_the_focus_is_never_under_a_sticky_bar(page_at, site) -> None:
    """WCAG 2.4.11: the row of acts and the bar for the thumb stay in sight on phones."""
    page = page_at(360)
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{site}/forms")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.name || ''"))
        assert page.evaluate(HIDES) == ""
    assert len(seen) > 5


def test_the_title_says_that_there_are_errors_after_a_swap_too(page_at, site) -> None:
    page = page_at(1280)
    page.goto(f"{site}/forms")
    for _ in range(2):
        page.get_by_role("button", name="Create account").click()
        expect(page.locator(".errors")).to_be_focused()
        expect(page).to_have_title("Error: Style guide: forms – MOH – BMMS")


# --- without scripts ---


def test_a_form_works_without_javascript(page_at, site) -> None:
    page = page_at(390, javascript=False)
    page.goto(f"{site}/forms")
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_title("Error: Style guide: forms – MOH – BMMS")
    expect(page.locator(".errors")).to_be_focused()
    page.get_by_role("link", name="Email: Enter the email address.").click()
    page.get_by_label("Full name").fill("Nora Lim")
    page.get_by_label("Email").fill("nora.lim@moh.example")
    page.get_by_label("Planner").check()
    page.get_by_role("button", name="Create account").click()
    message = page.get_by_role("status").filter(has_text="Everything was in order.")
    expect(message).to_be_in_viewport()
    expect(page.get_by_role("button", name="Dismiss")).to_be_hidden()


def test_a_question_is_a_page_without_javascript(page_at, site) -> None:
    page = page_at(390, javascript=False)
    page.goto(f"{site}/ways")
    page.get_by_role("link", name="Return the plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Return this plan?")
    page.get_by_role("button", name="Return").click()
    expect(page.get_by_text("Say what has to be changed.").first).to_be_visible()
    page.get_by_label("Remarks").fill("Add the targets.")
    page.get_by_role("button", name="Return").click()
    expect(page.get_by_text("Returned, in this example.")).to_be_visible()


def test_search_sorting_and_pages_work_without_javascript(page_at, site) -> None:
    page = page_at(1280, javascript=False)
    page.goto(f"{site}/data")
    page.get_by_label("Name").fill("a")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Name", exact=True).click()
    page.get_by_role("link", name="Next").click()
    assert page.url.endswith("/data?q=a&sort=-name&page=2")
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_label("Name")).to_have_value("a")


def test_menus_open_without_javascript(page_at, site) -> None:
    page = page_at(360, javascript=False)
    page.goto(f"{site}/")
    page.locator(".dock summary").click()
    expect(page.locator(".dock").get_by_role("button", name="Sign out")).to_be_visible()


# --- with scripts ---


def test_a_checked_field_tells_its_error_and_its_mending(page_at, site) -> None:
    page = page_at(1280)
    page.goto(f"{site}/forms")
    email = page.get_by_label("Email")
    email.fill("nora.lim")
    page.keyboard.press("Tab")
    slot = page.locator("#email-error")
    expect(slot).to_have_text("Error: Write an address such as name@moh.example, with one @.")
    expect(page.locator("#announce")).to_have_text(slot.inner_text())
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Mobile phone")).to_be_focused()
    email.fill("nora.lim@moh.example")
    page.keyboard.press("Tab")
    expect(slot).to_have_text("")
    expect(email).to_have_attribute("aria-invalid", "false")
    expect(email).to_have_value("nora.lim@moh.example")


def test_the_list_follows_the_search_and_back_goes_back(page_at, site) -> None:
    page = page_at(1280)
    page.goto(f"{site}/data")
    page.get_by_label("Name").press_sequentially("ka", delay=30)
    expect(page.locator("#announce")).to_have_text("2 people")
    assert page.url.endswith("/data?q=ka&role=")
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_role("link", name="Entries").click()
    expect(page.get_by_role("columnheader", name="Entries")).to_have_attribute("aria-sort", "ascending")
    assert page.url.endswith("/data?q=ka&sort=rows")
    page.go_back()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    page.go_back()
    expect(page.locator("#results").get_by_text("1 to 5 of 16 people")).to_be_visible()


def test_progress_polls_until_there_is_a_file(page_at, site) -> None:
    page = page_at(1280)
    page.goto(f"{site}/ways?percent=80")
    expect(page.get_by_role("link", name="Download people.xlsx")).to_be_visible()
    expect(page.locator("#progress")).not_to_have_attribute("hx-get", "x")
    assert page.locator("#progress[hx-trigger]").count() == 0


def test_print_leaves_the_matter_and_says_who_printed(page_at, site) -> None:
    page = page_at(1280)
    page.goto(f"{site}/data")
    page.emulate_media(media="print")
    for gone in (".masthead", ".dock", ".tabs", ".filters", ".foot", ".crumbs", ".pages"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.get_by_text("Printed by Amina Salik from BMMS")).to_be_visible()
    expect(page.locator(".letterhead").first).to_contain_text("Ministry of Health")
