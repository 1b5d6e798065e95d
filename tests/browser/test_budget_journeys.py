"""A budget call from the memorandum to its opening, and an act, in a real browser."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import command_actor
from bmms.domain.appropriations.loading import load_act
from bmms.domain.appropriations.reading import read
from bmms.domain.reference.rows import FOLDER
from bmms.tenancy import bind_platform
from tests import uploads
from tests.browser.walks import WAYS
from tests.budgets import hire_office

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_call_is_entered_mended_and_opened(walk, engine: Engine, cast, tmp_path: Path, width, javascript):
    hire_office(engine, cast)
    memorandum = tmp_path / "memorandum.pdf"
    memorandum.write_bytes(uploads.PDF)
    rahma, idris = walk(width, javascript), walk(width, javascript)
    rahma.sign_in("rahma")
    rahma.open("/moa/MOH/budgeting/")
    rahma.look("Budget proposals")
    rahma.follow("Budget calls")
    rahma.look("Budget calls")
    rahma.follow("Enter a call")
    rahma.look("Enter a call")
    today = clock.today()
    rahma.type("Fiscal year", "2027")
    rahma.type("Number of the memorandum", "Memo 2026-01")
    for label, day in (("Date of the memorandum", 0), ("Opens", 0), ("Closes", 60)):
        rahma.type(label, (today + timedelta(days=day)).isoformat())
    rahma.type("Ceiling in pesos", "₱50,000,000")
    rahma.type("of which MOOE (optional)", "15,000,000")
    rahma.press("Save")
    rahma.says("without a unit or a currency sign")
    rahma.type("Ceiling in pesos", "50,000,000")
    rahma.page.get_by_label("The memorandum (optional)").set_input_files(memorandum)
    rahma.press("Save")
    rahma.look("Budget call FY 2027")
    rahma.follow("Change")
    rahma.look("Change the call")
    expect(rahma.page.get_by_label("Ceiling in pesos", exact=True)).to_have_value("50,000,000.00")
    rahma.press("Save")
    rahma.says("50,000,000.00")
    rahma.says("15,000,000.00")
    idris.sign_in("idris")
    idris.open("/moa/MOH/budgeting/calls")
    idris.follow("Budget call FY 2027")
    idris.follow("Open the call")
    idris.look("Open the call?")
    idris.press("Open the call")
    idris.look("Budget call FY 2027")
    idris.says("The call is open.")


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_an_act_from_the_region_to_a_line(walk, app, engine: Engine, width, javascript):
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        load_act(session, command_actor(), read(FOLDER / "gaab_2024.csv"))
        session.commit()
    yusuf = walk(width, javascript)
    yusuf.sign_in("yusuf")
    yusuf.open("/moa/MOH/budgeting/acts")
    yusuf.look("Appropriations acts")
    yusuf.follow("FY 2024")
    yusuf.look("BAA No. 56 (FY 2024 GAAB)")
    yusuf.says("difference ₱\N{NO-BREAK SPACE}0.00")
    yusuf.follow("MOH")
    yusuf.look("Ministry of Health")
    yusuf.says("6,657,091,430.00")
