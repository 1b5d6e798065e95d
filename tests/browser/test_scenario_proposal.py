"""UAT scenario TS2: a budget proposal from its first step to the signature, in a real browser."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import command_actor
from bmms.domain.programs.loader import load_programs
from bmms.models.organizations import Organization
from bmms.tenancy import bind_scope
from tests import uploads
from tests.browser.walks import WAYS, Walk
from tests.budgets import enter, memorandum, step
from tests.factories import PASSWORD
from tests.planning import desk_of
from tests.proposals import JUSTIFICATION, set_up_office

pytestmark = pytest.mark.browser
SUMMARY = "The ministry asks for what it needs to reach every child in the region. " * 16


@pytest.fixture
def called(engine: Engine, app, cast, ground) -> int:
    """The call of next year is open, and the register knows the programs of the acts. Returns the year."""
    set_up_office(engine, cast, ground)
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_scope(session, cast.moh.id)
        load_programs(session, command_actor(cast.moh.id), session.get_one(Organization, cast.moh.id))
        session.commit()
    rahma, idris = (desk_of(engine, app, cast, name) for name in ("rahma", "idris"))
    today = clock.today()
    call = enter(
        rahma, memorandum(), fiscal_year=today.year + 1, title=f"Budget call FY {today.year + 1}", issued_on=today,
        opens_on=today, due_on=today + timedelta(days=60), ceiling_ps=None, ceiling_co=None,
        ceiling=Decimal("40000000.00"),
    )  # fmt: skip
    step(idris, call, "open")
    for desk in (rahma, idris):
        desk.session.close()
    return today.year + 1


def fill_line(rahma: Walk, **other: Any) -> None:
    """The fields of a line, as an officer types them."""
    answers = {
        "Object code": "5-02-02-010-00", "What": "Quarterly training of vaccinators", "Quantity": "500",
        "Unit": "person", "Unit cost": "12,000.00", **other,
    }  # fmt: skip
    for label, value in answers.items():
        rahma.type(label, value)


def answer_desk(walk: Walk, scan: Path, name: str) -> None:
    """Ask an office and enter what it answers."""
    item = walk.page.locator("li", has_text=name)
    item.get_by_role("button", name="Ask").click()
    walk.look("Compliance")
    item.get_by_role("link", name="Enter the answer").click()
    walk.look("Enter the answer")
    walk.type("Number of the instrument", "Certificate 2026-7")
    walk.type("Date of the instrument", clock.today().isoformat())
    walk.page.get_by_label("The instrument (optional)").set_input_files(scan)
    walk.press("Enter the answer")
    walk.look("Compliance")


def attach_evidence(walk: Walk, scan: Path, code: str) -> None:
    """Answer an item of the checklist with its document."""
    walk.follow(code)
    walk.look(code)
    walk.page.get_by_label("Where it is shown", exact=False).fill("See the annex")
    walk.page.get_by_label("Evidence", exact=False).set_input_files(scan)
    walk.press("Save answer")
    walk.look("Compliance")


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_ts2_a_proposal_is_prepared_submitted_reviewed_and_signed(walk, called, tmp_path: Path, width, javascript):
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(uploads.PDF)
    rahma, idris, amina = (walk(width, javascript) for _ in range(3))
    title = f"MOH FY {called} Budget Proposal"
    rahma.sign_in("rahma")
    rahma.open("/moa/MOH/budgeting/")
    rahma.look("Budget proposals")
    rahma.follow("Begin a proposal")
    rahma.look("Begin a proposal")
    rahma.page.get_by_label("Executive summary", exact=False).fill(SUMMARY)
    rahma.page.get_by_label("Why there is no work plan", exact=False).fill("The work plan follows in March.")
    rahma.press("Save and continue")
    rahma.look("Programs")
    rahma.follow("Add a program")
    rahma.look("Add a program")
    rahma.page.get_by_label("Program", exact=True).select_option(
        label="MOH-P01 Access to Promotive Health Care Service"
    )
    rahma.page.get_by_label("Major thrust", exact=False).fill("Reach every child")
    rahma.page.get_by_label("Expected result", exact=False).fill("All children are immunized")
    rahma.press("Save program")
    rahma.look("Access to Promotive Health Care Service")
    for level in ("Output", "Outcome"):
        rahma.follow("Add a target")
        rahma.look("Add a target")
        rahma.page.get_by_label("Or a new indicator", exact=False).fill(f"Children immunized, {level.lower()}")
        rahma.page.get_by_label("Level").select_option(label=level)
        rahma.page.get_by_label("Unit", exact=False).first.select_option(index=1)
        rahma.type("Target of the year", "12,500")
        rahma.press("Add the target")
        rahma.look("Access to Promotive Health Care Service")
    rahma.press("Save program")
    rahma.look("Programs")
    rahma.follow("Continue")
    rahma.look("Allocation")
    rahma.says("difference ₱\N{NO-BREAK SPACE}0.00")
    rahma.follow("Access to Promotive Health Care Service")
    rahma.look("Access to Promotive Health Care Service")
    rahma.page.get_by_label("MOOE planned", exact=False).fill("30,000,000.00")
    rahma.press("Save figures")
    rahma.look("Allocation")
    rahma.follow("Continue")
    rahma.look("Lines")
    rahma.follow("Add a line")
    fill_line(rahma, Quantity="5,000")
    if javascript:
        rahma.page.get_by_label("Object code").fill("Training Exp")
        expect(rahma.page.locator("#object_code-rows option").first).to_have_attribute(
            "value", "5-02-02-010-00 Training Expenses (MOOE)"
        )
        fill_line(rahma, Quantity="5,000")
    rahma.press("Add this line" if javascript else "Save line")
    rahma.says("Above the ceiling")
    rahma.says("₱\N{NO-BREAK SPACE}20,000,000.00 too much")
    if javascript:
        rahma.page.reload()
    rahma.page.get_by_role("link", name="Edit line: Quarterly training of vaccinators").click()
    rahma.type("Quantity", "1,000")
    rahma.page.get_by_label("Quarter 1 (optional)").fill("11,999,999.99")
    rahma.press("Save line")
    rahma.says("₱\N{NO-BREAK SPACE}0.01 short of the amount")
    rahma.page.get_by_label("Quarter 1 (optional)").fill("12,000,000.00")
    rahma.press("Save line")
    rahma.says("Within the ceiling")
    if javascript:
        expect(rahma.page.locator(".is-edit")).to_have_count(0)
        rahma.page.reload()
    rahma.look("Lines")
    rahma.follow("Add a line")
    for number in range(2, 5):
        fill_line(rahma, What=f"Training {number}", Quantity="300")
        rahma.page.locator("summary", has_text="Activity, gender").click()
        rahma.page.get_by_label("Gender and development, percent", exact=False).fill("50")
        rahma.page.get_by_label("Justification", exact=False).fill(JUSTIFICATION)
        rahma.press("Add this line" if javascript else "Save line")
        rahma.says(f"Training {number}")
        expect(rahma.page.locator("#lines-total")).to_contain_text(f"{number}\N{NO-BREAK SPACE}lines")
        if not javascript:
            rahma.look("Lines")
            rahma.follow("Add a line")
    rahma.open("/moa/MOH/budgeting/")
    rahma.look("Budget proposals")
    rahma.follow(title)
    rahma.look(title)
    rahma.follow("Review")
    rahma.look("Review")
    rahma.says("₱\N{NO-BREAK SPACE}7,200,000.00 of the plan has no lines")
    rahma.press("Make a line “Not yet itemised”")
    rahma.look("Change a line")
    rahma.page.get_by_label("Justification", exact=False).fill("Repairs are itemised once the survey of March is in.")
    rahma.press("Save line")
    rahma.look("Lines")
    rahma.follow("Continue")
    rahma.look("Compliance")
    rahma.says("Certification and endorsements")
    for desk in ("BPDA", "Bangsamoro Women Commission"):
        answer_desk(rahma, scan, desk)
    for code in ("C-10", "C-32"):
        attach_evidence(rahma, scan, code)
    idris.sign_in("idris")
    idris.open("/moa/MOH/budgeting/")
    idris.follow(title)
    idris.look(title)
    idris.follow("Compliance")
    for _ in range(2):
        idris.look("Compliance")
        idris.follow("Confirm")
        idris.look("Confirm the answer?")
        idris.press("Confirm the answer")
    idris.look("Compliance")
    rahma.follow("Continue")
    rahma.look("Review")
    rahma.press("Submit for review")
    rahma.says("Tick the certification first.")
    rahma.page.get_by_label("I certify that the figures", exact=False).check()
    rahma.press("Submit for review")
    rahma.look(title)
    idris.open("/moa/MOH/budgeting/")
    idris.follow(title)
    for verb in ("Take up for review", "Endorse to the head"):
        idris.follow(verb)
        idris.look(f"{verb}?")
        idris.press(verb)
        idris.look(title)
    idris.says("For signature")
    amina.sign_in("amina")
    amina.open("/moa/MOH/budgeting/")
    amina.follow(title)
    amina.look(title)
    amina.follow("Sign")
    amina.look("Sign the proposal?")
    amina.page.get_by_label("The signed copy", exact=False).set_input_files(scan)
    password = amina.page.get_by_label("Your password")
    if password.count():
        password.fill(PASSWORD)
    amina.page.get_by_role("button", name="Sign", exact=True).click()
    amina.look(title)
    amina.says("The proposal is approved.")
    amina.follow("Version")
    amina.look("Version 1")
    amina.says("30,000,000.00")
