"""The budget office of Health in February 2026, the call of 2027 open, and a proposal with two programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bmms.domain import clock
from bmms.models.budgets import BudgetCall
from bmms.models.proposals import BudgetProposal, ProposalProgram
from tests.budgets import OFFICE, Office, enter, memorandum, step
from tests.planning import desk_of
from tests.proposals import begin_proposal, fill, make_register, set_up_office, take_program


@dataclass
class Preparation:
    """A proposal that is being prepared."""

    office: Office
    call: BudgetCall
    proposal: BudgetProposal
    support: ProposalProgram
    immunization: ProposalProgram


@pytest.fixture
def office(engine, app, cast, ground) -> Iterator[Office]:
    set_up_office(engine, cast, ground)
    desks = {name: desk_of(engine, app, cast, name) for name in OFFICE}
    with clock.stopped_at(datetime(2026, 2, 2, 1, tzinfo=UTC)):
        yield Office(**desks)
    for desk in desks.values():
        desk.session.close()


@pytest.fixture
def complete(prepared) -> Preparation:
    """The same with all that a submission needs: targets, lines for both programs, endorsements, evidence."""
    fill(prepared.office, prepared.proposal, prepared.support, prepared.immunization)
    return prepared


@pytest.fixture
def prepared(office) -> Preparation:
    call = enter(office.rahma, memorandum())
    step(office.idris, call, "open")
    office.rahma.session.expire_all()
    register = make_register(office.rahma.session)
    proposal = begin_proposal(office.rahma)
    parts = [take_program(office.rahma, proposal, program) for program in register]
    return Preparation(office, call, proposal, *parts)
