"""A voucher from the obligation to the payment, in a real browser, at both widths, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.walks import WAYS
from tests.execution import YEAR, Treasury, allot, line_of, obligate, on, opened, set_up_treasury

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_voucher_is_written_submitted_and_paid(walk, engine, app, cast, ground, width, javascript):
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        office = Treasury(**desks, **ids)
        allot(office, office.mooe, "5M")
        obligation = obligate(office, office.mooe, "3M")
        line_id, number = line_of(office, obligation).id, obligation.ors_no
    rahma, omar = walk(width, javascript), walk(width, javascript)
    rahma.sign_in("rahma")
    rahma.open("/moa/MOH/execution/payees")
    rahma.look("Payees")
    rahma.page.locator("#main").get_by_role("link", name="Enter a payee").first.click()
    rahma.look("Enter a payee")
    rahma.type("Name", "Regional Medical Supply Depot, Inc.")
    rahma.press("Save")
    rahma.says("is in the register already")
    rahma.page.get_by_label("It is somebody else").check()
    rahma.type("Tax identification number (TIN) (optional)", "123-456-789")
    rahma.press("Save")
    rahma.look("Regional Medical Supply Depot, Inc.")
    rahma.says("***-***-789")
    rahma.open("/moa/MOH/execution/disbursements")
    rahma.look("Disbursement vouchers")
    rahma.page.locator("#main .head").get_by_role("link", name="Write a voucher").click()
    rahma.look("Which obligation is paid?")
    rahma.follow(f"Pay ORS {number}")
    rahma.look("Write a voucher")
    amount = rahma.page.locator(f"#amount_{line_id}")
    amount.fill("1,250,000")
    amount.blur()
    if javascript:
        expect(rahma.page.locator(f"#after-{line_id}")).to_contain_text("1,750,000.00")
    rahma.type("Day of the payment", on(3, 1).isoformat())
    rahma.press("Save draft")
    rahma.look(re.compile("Voucher without number"))
    rahma.follow("Submit for payment")
    rahma.look("Submit for payment?")
    rahma.press("Submit for payment")
    rahma.says("Waits for payment")
    omar.sign_in("omar")
    omar.open("/moa/MOH/execution/disbursements")
    omar.page.locator("#results tbody a").first.click()
    omar.follow("Pay")
    omar.look("Pay this voucher?")
    omar.says("1,750,000.00")
    omar.page.locator("#main form button[type=submit]").click()
    omar.says("Tick this")
    omar.page.get_by_label("I have compared payee").check()
    omar.page.locator("#main form button[type=submit]").click()
    omar.look(f"DV {YEAR}-03-0001")
    omar.follow("Ask to void")
    omar.look("Ask that it be void?")
