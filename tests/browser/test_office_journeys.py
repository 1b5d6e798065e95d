"""Central offices in a real browser: MFBM evaluates what was transmitted to it, a desk declines and says why."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from bmms.domain import clock
from bmms.domain.proposals import central, endorsements
from bmms.domain.proposals.facts import facts_of
from bmms.models.compliance import Desk
from bmms.models.proposals import BudgetProposal
from tests import uploads
from tests.browser.walks import WAYS
from tests.offices import begin_works, hire_offices
from tests.planning import desk_of
from tests.proposals import make_signed

pytestmark = pytest.mark.browser
TITLE = "MOH FY 2027 Budget Proposal"


def transmit(engine: Engine, app, cast, proposal_id: int) -> None:
    """Rahma sends it to MFBM."""
    rahma = desk_of(engine, app, cast, "rahma")
    proposal = rahma.session.get_one(BudgetProposal, proposal_id)
    central.transmit(rahma.session, rahma.actor, proposal, number="T-7", day=clock.today())
    rahma.session.commit()
    rahma.session.close()


def ask_works(engine: Engine, app, cast, proposal_id: int) -> None:
    """Rahma asks Public Works to endorse it."""
    rahma = desk_of(engine, app, cast, "rahma")
    facts = facts_of(rahma.session, rahma.session.get_one(BudgetProposal, proposal_id))
    endorsements.ask(rahma.session, rahma.actor, facts, Desk.MPW)
    rahma.session.commit()
    rahma.session.close()


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_mfbm_evaluates_by_two_people(walk, app, engine: Engine, cast, ground, tmp_path: Path, width, javascript):
    transmit(engine, app, cast, make_signed(engine, app, cast, ground))
    hire_offices(engine, cast)
    memorandum = tmp_path / "memorandum.pdf"
    memorandum.write_bytes(uploads.PDF)
    zaida, omar = walk(width, javascript), walk(width, javascript)
    zaida.sign_in("zaida")
    zaida.look("What waits for MFBM")
    zaida.follow(TITLE)
    zaida.look(TITLE)
    zaida.says("Acting for MFBM")
    zaida.follow("Enter an evaluation")
    zaida.look("Enter an evaluation")
    zaida.type("Number of the instrument, or the law", "MFBM Memo 12")
    zaida.type("Date of the instrument", clock.today().isoformat())
    zaida.page.get_by_label("The instrument", exact=True).set_input_files(memorandum)
    zaida.press("Enter it")
    zaida.look(TITLE)
    zaida.says("Waits for confirmation")
    omar.sign_in("omar")
    omar.follow(TITLE)
    omar.follow("Confirm")
    omar.look("Confirm what was entered?")
    omar.press("Confirm it")
    omar.look(TITLE)
    omar.says("It is confirmed.")
    omar.says("7,192,000.00")


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_desk_declines_and_says_why(walk, app, engine: Engine, cast, ground, width, javascript):
    ask_works(engine, app, cast, begin_works(engine, app, cast, ground))
    farid, rahma = walk(width, javascript), walk(width, javascript)
    farid.sign_in("farid")
    farid.open("/moa/MPW/budgeting/")
    farid.follow("Endorsements")
    farid.look("Endorsements for other organizations")
    farid.follow(TITLE)
    farid.look("Compliance")
    farid.says("Acting for MPW")
    farid.follow("Not endorsed")
    farid.look("Not endorsed?")
    farid.type("Why, and what has to change", "No")
    farid.press("Do not endorse")
    farid.says("at least 20 characters")
    farid.type("Why, and what has to change", "The plans of the building are missing.")
    farid.press("Do not endorse")
    farid.look("Compliance")
    farid.says("The plans of the building are missing.")
    rahma.sign_in("rahma")
    rahma.open("/moa/MOH/budgeting/")
    rahma.follow(TITLE)
    rahma.follow("Compliance")
    rahma.says("Not endorsed")
    rahma.press("Ask")
    rahma.look("Compliance")
    rahma.says("Asked. The answer is due on")
