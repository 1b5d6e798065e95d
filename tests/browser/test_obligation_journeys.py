"""An obligation from the request to its number, on a desk and on the phone of the certifier, in a real browser."""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser.walks import WAYS
from tests.execution import Treasury, allot, on, opened, set_up_treasury

pytestmark = pytest.mark.browser
NBSP = "\N{NO-BREAK SPACE}"
SHOTS = os.environ.get("BMMS_SHOTS", "")  # a folder: the pages are kept there as pictures


@pytest.fixture
def treasury(engine, app, cast, ground):
    """5 M of MOOE allotted."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        made = Treasury(**desks, **ids)
        allot(made, made.mooe, "5M")
        yield made


def keep(walk, name: str) -> None:
    if SHOTS:
        walk.page.screenshot(path=f"{SHOTS}/{walk.width}-{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_request_from_the_form_to_its_number(walk, treasury, width, javascript):
    rahma, salma = walk(width, javascript), walk(360, javascript)
    rahma.sign_in("rahma")
    rahma.open("/moa/MOH/execution/obligations")
    rahma.look("Obligations")
    rahma.follow("New request")
    rahma.look("New obligation request")
    keep(rahma, "form")
    rahma.type("Date", on(2, 1).isoformat())
    rahma.type("Payee", "Regional Medical")
    rahma.type("Requesting office", "Supply unit")
    rahma.page.get_by_label("Rests on").select_option("Contract")
    rahma.type("Particulars", "Cold boxes for 42 rural health units")
    rahma.page.get_by_label("Account, line 1").select_option(str(treasury.mooe))
    rahma.type("Amount, line 1", "5,000,000.01")
    rahma.press("One more row")
    expect(rahma.page.get_by_label("Amount, line 4 (optional)", exact=True)).to_be_visible()
    expect(rahma.page.get_by_label("Amount, line 1", exact=True)).to_have_value("5,000,000.01")
    rahma.says(f"₱{NBSP}0.01 too much")
    keep(rahma, "headroom")
    rahma.type("Object code, line 1", "office supplies")
    rahma.press("Save and go on to Box A")
    rahma.says("₱ 0.01 too much. You ask for ₱ 5,000,000.01")
    rahma.look("New obligation request")
    keep(rahma, "refused")
    rahma.type("Amount, line 1", "45,000")
    if javascript:
        rahma.page.get_by_label("Amount, line 1", exact=True).blur()
        expect(rahma.page.locator("#headroom")).to_contain_text("4,955,000.00")
    rahma.press("Save and go on to Box A")
    rahma.look("Box A: request the obligation")
    rahma.says("4,955,000.00")
    keep(rahma, "box-a")
    rahma.press("Request")
    rahma.says("Tick the certification of Box A")
    rahma.page.get_by_label(re.compile("necessary, lawful")).check()
    rahma.press("Request")
    rahma.look(re.compile("Obligation request"))
    rahma.says("Waits for certification")
    salma.sign_in("salma")
    salma.open("/moa/MOH/")
    salma.follow(re.compile("Obligation request"))
    salma.look(re.compile("Obligation request"))
    salma.follow("Certify and post")
    salma.look("Box B: certify that allotment is available")
    keep(salma, "box-b")
    salma.page.get_by_label(re.compile("allotment is available and obligated")).check()
    salma.press("Certify and post")
    salma.look(re.compile(r"ORS 01-\d{4}-02-0001"))
    keep(salma, "obligated")
    rahma.open("/moa/MOH/execution/obligations")
    rahma.look("Obligations")
    keep(rahma, "list")
    rahma.follow(re.compile("ORS 01"))
    rahma.look(re.compile("ORS 01"))
    keep(rahma, "obligated")
    rahma.follow("Adjust")
    rahma.look("Adjust the obligation")
    keep(rahma, "adjust")
    rahma.type("Date", on(3, 1).isoformat())
    rahma.type("Change of line 1 (optional)", "-1,000")
    rahma.type("Reason", "The supplier delivers two boxes less.")
    rahma.press("Send for certification")
    rahma.look(re.compile("ORS 01"))
    salma.page.reload()
    salma.follow("Certify")
    salma.look("Certify the adjustment")
    keep(salma, "adjustment")
    salma.page.get_by_label(re.compile("available for the adjustment")).check()
    salma.press("Certify and post")
    salma.look(re.compile("ORS 01"))
    salma.says(re.compile(r"NORSA \d{4}-03-0001"))
    salma.says("44,000.00")
