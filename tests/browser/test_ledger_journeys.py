"""Months and the opening position in a real browser, at both widths, with and without JavaScript."""

import os
from pathlib import Path

import pytest

from tests import openings as paper
from tests import uploads
from tests.browser.walks import WAYS, Walk
from tests.execution import YEAR, Treasury, allot, on, opened, set_up_treasury
from tests.openings import CUT_OVER

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("BMMS_PICTURES", "")


def look(walk: Walk, heading: str, name: str) -> None:
    walk.look(heading)
    if PICTURES:
        walk.page.screenshot(path=Path(PICTURES) / f"{name}-{walk.width}.png", full_page=True)


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_month_is_closed_by_two_people(walk, app, engine, cast, ground, width, javascript):
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        office = Treasury(**desks, **ids)
        allot(office, office.mooe, "6M", day=on(1, 15))
    omar, idris = walk(width, javascript), walk(width, javascript)
    omar.sign_in("omar")
    omar.open(f"/moa/MOH/execution/periods?year={YEAR}")
    look(omar, "Months", "months")
    omar.open(f"/moa/MOH/execution/periods/{YEAR}-02/close")
    look(omar, f"Close February {YEAR}?", "hindered")
    omar.says(f"Close January {YEAR} first")
    omar.open(f"/moa/MOH/execution/periods/{YEAR}-01")
    omar.follow("Ask for the closing")
    omar.look(f"Close January {YEAR}?")
    omar.page.get_by_label("All documents of this month are in the ledger").check()
    omar.press("Ask for the closing")
    omar.says("Closing waits for confirmation")
    idris.sign_in("idris")
    idris.open(f"/moa/MOH/execution/periods/{YEAR}-01")
    idris.follow("Close the month")
    idris.page.get_by_label("I have looked at the month").check()
    idris.press("Close the month")
    look(idris, f"January {YEAR}", "closed")
    idris.open(f"/moa/MOH/execution/numbers?year={YEAR}")
    idris.look("Number series")


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_an_opening_position_is_entered_and_confirmed(
    walk, app, engine, cast, ground, tmp_path: Path, width, javascript
):
    ids = set_up_treasury(engine, app, cast, ground)
    statement = tmp_path / "far1.pdf"
    statement.write_bytes(uploads.PDF)
    rahma, idris = walk(width, javascript), walk(width, javascript)
    rahma.sign_in("rahma")
    rahma.open("/moa/MOH/execution/openings")
    rahma.look("Opening positions")
    rahma.follow("Enter an opening position")
    look(rahma, "Enter an opening position", "opening-form")
    for label, value in (
        ("The statement", "FAR of April"), ("Fiscal year", str(YEAR)), ("Cut-over", CUT_OVER.isoformat()),
        ("Allotments that it states", "11,000,000"), ("Obligations that it states", "6,000,000"),
        ("Payments that it states", "4,000,000"),
    ):  # fmt: skip
        rahma.type(label, value)
    rahma.page.get_by_label("The signed statement").set_input_files(statement)
    rahma.press("Save")
    look(rahma, "FAR of April", "opening-empty")
    rahma.follow("Import the workbook")
    rahma.look("Import the opening position")
    with opened(engine, app, cast) as desks:
        opening_id = paper.imported(Treasury(**desks, **ids)).id
    rahma.open(f"/moa/MOH/execution/openings/{opening_id}")
    look(rahma, "FAR No. 1 as of May", "opening")
    rahma.open(f"/moa/MOH/execution/openings/{opening_id}?show=unpaid")
    look(rahma, "FAR No. 1 as of May", "opening-unpaid")
    idris.sign_in("idris")
    idris.open(f"/moa/MOH/execution/openings/{opening_id}")
    idris.follow("Confirm")
    look(idris, "Confirm the opening position?", "opening-confirm")
    idris.page.get_by_label("I have compared it with the instrument").check()
    idris.press("Confirm")
    idris.look("FAR No. 1 as of May")
    idris.says("In the ledger")
