"""A realignment in a real browser: the meter follows what is typed, and answers to a button without JavaScript."""

import os

import pytest
from playwright.sync_api import expect

from tests.browser.walks import WAYS
from tests.domain.ledger.test_changes import REASON
from tests.execution import Treasury, allot, on, opened, set_up_treasury

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_realignment_comes_to_zero_and_is_approved(walk, engine, app, cast, ground, width, javascript):
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        allot(Treasury(**desks, **ids), ids["mooe"], "6M")
    rahma, hadji = walk(width, javascript), walk(width, javascript)
    rahma.sign_in("rahma")
    rahma.open("/moa/MOH/execution/changes")
    rahma.look("Changes of the budget")
    rahma.open("/moa/MOH/execution/changes/new/classes")
    rahma.look("Realignment between classes")
    rahma.open(f"/moa/MOH/execution/changes/new/classes?account={ids['mooe']}")
    page, meter = rahma.page, rahma.page.locator("#meter")
    expect(meter).to_contain_text("Nothing typed yet")
    rahma.type("Reference", "R 7")
    rahma.type("Day", on(6, 1).isoformat())
    page.locator(f"#a{ids['mooe']}r").fill("-1,000,000")
    page.locator(f"#a{ids['mooe']}r").blur()
    if not javascript:
        rahma.press("Check")
    expect(meter).to_contain_text("Does not come to zero")
    page.locator(f"#a{ids['co']}r").fill("1,000,000")
    page.locator(f"#a{ids['co']}r").blur()
    if not javascript:
        rahma.press("Check")
    expect(meter).to_contain_text("Comes to zero")
    shot(page, f"form-{width}")
    rahma.look("Realignment between classes")
    page.get_by_label("Reason").fill(REASON)
    rahma.press("Save the draft")
    rahma.look("Realignment R 7")
    shot(page, f"show-{width}")
    rahma.follow("Request approval")
    rahma.press("Request approval")
    hadji.sign_in("hadji")
    hadji.open(page.url.removeprefix(rahma.address))
    hadji.follow("Approve")
    hadji.look("Approve?")
    hadji.page.get_by_label("I have looked at the balances").check()
    shot(hadji.page, f"approve-{width}")
    hadji.press("Approve")
    hadji.says("Approved, not posted")


def shot(page, name):
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
