"""People of central offices, none of whom works in Health."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import command_actor
from bmms.domain.offices import modes
from bmms.models.offices import ActsMode
from bmms.models.proposals import Sphere
from bmms.tenancy import bind_platform
from tests.budgets import OFFICE, Office, enter, memorandum, step
from tests.cast import Cast
from tests.factories import make_central, make_membership, make_organization, make_user
from tests.ground import Ground
from tests.planning import desk_of
from tests.proposals import ask_for, begin_proposal, make_register, set_up_office, take_program

CENTRAL = {"zaida": "mfbm", "omar": "mfbm", "lina": "bpda", "samir": "bpda"}
DESK = ("farid", "nora")  # of Public Works
NEXT_YEAR = clock.today().year + 1


def hire_offices(engine: Engine, cast: Cast, mode: ActsMode = ActsMode.OPERATED) -> None:
    """Two people for MFBM, two for BPDA, two at the desk of Public Works; the acts of next year in this mode."""
    with Session(engine) as session:
        bind_platform(session, "tests")
        works = make_organization(session, "MPW", "Ministry of Public Works")
        for name, role in CENTRAL.items():
            make_central(session, make_user(session, name), role)
        for name in DESK:
            make_membership(session, make_user(session, name), works, "pilot_viewer", "endorse")
        make_membership(session, make_user(session, "colleague"), works, "pilot_budget_officer", "budget_review")
        modes.set_mode(session, command_actor(), NEXT_YEAR, mode)
        session.commit()


def begin_works(engine: Engine, app: Flask, cast: Cast, ground: Ground) -> int:
    """A draft of Health with a line of infrastructure, in a year that is operated; nothing was asked yet. Its id."""
    set_up_office(engine, cast, ground)
    desks = {name: desk_of(engine, app, cast, name) for name in OFFICE}
    office, today = Office(**desks), clock.today()
    call = enter(
        office.rahma, memorandum(), fiscal_year=NEXT_YEAR, issued_on=today, opens_on=today,
        due_on=today + timedelta(days=60),
    )  # fmt: skip
    step(office.idris, call, "open")
    office.rahma.session.expire_all()
    proposal = begin_proposal(office.rahma, fiscal_year=NEXT_YEAR)
    part = take_program(office.rahma, proposal, make_register(office.rahma.session)[1])
    ask_for(office.rahma, proposal, part, sphere=Sphere.INFRASTRUCTURE)
    proposal_id = proposal.id
    for desk in desks.values():
        desk.session.close()
    hire_offices(engine, cast)
    return proposal_id
