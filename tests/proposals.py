"""A budget proposal of Health as its budget office would fill it in, for the tests of what hangs on it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import command_actor
from bmms.domain.appropriations.loading import load_act
from bmms.domain.appropriations.reading import read
from bmms.domain.proposals import actions, compliance, endorsements, lines, programs, queries, steps, targets
from bmms.domain.proposals.facts import endorsements_of, facts_of
from bmms.domain.reference.loader import load_reference
from bmms.domain.reference.rows import FOLDER
from bmms.models.accounts import User
from bmms.models.compliance import Answer
from bmms.models.indicators import IndicatorLevel
from bmms.models.lists import UnitOfMeasure
from bmms.models.memberships import Membership
from bmms.models.programs import CostStructure, Program, ProgramLevel
from bmms.models.proposals import (
    BudgetLine,
    BudgetProposal,
    FundingSource,
    ProposalKind,
    ProposalProgram,
    Tier,
)
from bmms.models.reference import ObjectCode
from bmms.tenancy import bind_platform
from tests.budgets import OFFICE, Office, enter, hire_office, memorandum, step
from tests.cast import Cast
from tests.ground import Ground
from tests.planning import Desk, desk_of

REGION, TOWN = "1900000000", "1903617000"
OLD_OBJECT = "5029907099"  # ends before 2027 here
JUSTIFICATION = "Without it the provincial stores cannot keep vaccines cold during the hot months of the year. " * 2


def set_up_office(engine: Engine, cast: Cast, ground: Ground) -> None:
    """The budget office of Health, the real lists, and the acts of 2025 and 2026; made once, then brought back."""

    def make() -> dict[str, tuple[int, int]]:
        hire_office(engine, cast)
        with Session(engine) as session:
            bind_platform(session, "tests")
            load_reference(session, command_actor())
            session.get_one(ObjectCode, OLD_OBJECT).valid_to = date(2026, 12, 31)
            for year in (2025, 2026):
                load_act(session, command_actor(), read(FOLDER / f"gaab_{year}.csv"))
            session.commit()
        return {name: (getattr(cast, name).id, cast.memberships[name].id) for name in OFFICE}

    hired = ground.stage("budget office", make)
    with Session(engine, expire_on_commit=False) as session:
        bind_platform(session, "tests")
        for name, (user_id, membership_id) in hired.items():
            setattr(cast, name, session.get_one(User, user_id))
            cast.memberships[name] = session.get_one(Membership, membership_id)


def proposal_answers(**other: Any) -> dict[str, Any]:
    """Step 1 of an annual proposal that lacks nothing."""
    return {
        "fiscal_year": 2027, "kind": ProposalKind.ANNUAL, "title": "MOH FY 2027 Budget Proposal",
        "summary": "What the ministry asks for and why. " * 40, "plan_id": None, "work_plan_id": None,
        "no_work_plan_reason": "", "sources": ["gaab"], "nil_sources": [], "other_source": "", "reason": "",
        "legal_source": "", **other,
    }  # fmt: skip


def line_answers(**other: Any) -> dict[str, Any]:
    """A line that lacks nothing: 116 persons at ₱ 12,400.00, spread evenly."""
    return {
        "object_code": "5020201000", "description": "Training of vaccinators", "quantity": Decimal(116),
        "unit": "person", "unit_cost": Decimal("12400.00"), "quarter1": None, "quarter2": None, "quarter3": None,
        "quarter4": None, "place_psgc": REGION, "source": FundingSource.GAAB, "work_item_id": None,
        "gad_percent": Decimal(0), "climate": None, "sphere": None, "tier": Tier.WITHIN, "procurement": None,
        "justification": JUSTIFICATION, "price_references": "", "procurement_entry": "", **other,
    }  # fmt: skip


def make_register(session: Session) -> list[Program]:
    """Two programs of the register: support, and one of operations."""
    found = list(session.scalars(select(Program).order_by(Program.code)))
    if found:
        return found
    rows = [
        Program(
            code=f"MOH-{code}", cost_structure=structure, level=ProgramLevel.PROGRAM, title=title,
            normal_title=title.lower(),
        )
        for code, structure, title in (
            ("GAS", CostStructure.GAS, "General administration and support"),
            ("P01", CostStructure.OPERATIONS, "Immunization"),
        )
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows


def begin_proposal(desk: Desk, **other: Any) -> BudgetProposal:
    """A draft, committed. Its call has to be open."""
    proposal = actions.create_proposal(desk.session, desk.actor, proposal_answers(**other))
    desk.session.commit()
    return proposal


def take_program(desk: Desk, proposal: BudgetProposal, program: Program, **other: Any) -> ProposalProgram:
    """A program in the proposal, committed."""
    answers = {
        "program_id": program.id, "goal_id": None, "alignment_code_id": None, "outcome": "Fewer children fall ill",
        "thrust": "Reach every child", "expected_result": "All children are immunized", "change_reason": "", **other,
    }  # fmt: skip
    part = programs.add_program(desk.session, desk.actor, proposal, answers)
    desk.session.commit()
    return part


def ask_for(desk: Desk, proposal: BudgetProposal, part: ProposalProgram, **other: Any) -> BudgetLine:
    """A line of the proposal, committed."""
    line = lines.add_line(desk.session, desk.actor, proposal, part, line_answers(**other))
    desk.session.commit()
    return line


def answer_all(office: Any, proposal: BudgetProposal) -> None:
    """What BPDA and the desks say, and the evidence of the items that need some; committed by both desks."""
    rahma, idris = office.rahma, office.idris
    facts = facts_of(rahma.session, proposal)
    for desk in facts.desks:
        row = endorsements.ask(rahma.session, rahma.actor, facts, desk)
        endorsements.enter(
            rahma.session, rahma.actor, proposal, row, reference="Certificate 7", issued_on=clock.today(),
            file=memorandum(),
        )  # fmt: skip
    for code in ("C-10", "C-32"):
        point = compliance.get_point(rahma.session, facts, code)
        compliance.answer(
            rahma.session, rahma.actor, proposal, point, said=Answer.MET, note="See the annex", file=memorandum()
        )
    rahma.session.commit()
    theirs = idris.session.get_one(BudgetProposal, proposal.id)
    for row in endorsements_of(idris.session, theirs).values():
        endorsements.confirm(idris.session, idris.actor, theirs, row)
    idris.session.commit()
    rahma.session.expire_all()


def fill(office: Any, proposal: BudgetProposal, support: ProposalProgram, operations: ProposalProgram) -> None:
    """All that a submission needs: targets, lines for both programs, endorsements, evidence; committed."""
    desk = office.rahma
    chosen = queries.get_program(desk.session, proposal, operations.id)
    unit = desk.session.scalars(select(UnitOfMeasure.id)).first()
    for level in (IndicatorLevel.OUTPUT, IndicatorLevel.OUTCOME):
        answers = {"indicator_id": None, "name": f"Children, {level}", "level": level, "unit_of_measure_id": unit}
        targets.add_target(desk.session, desk.actor, proposal, chosen, answers | {"target": Decimal(7)})
    for number in range(5):
        part = operations if number else support
        ask_for(desk, proposal, part, description=f"Training {number}", gad_percent=Decimal(10))
    answer_all(office, proposal)


def make_signed(engine: Engine, app: Flask, cast: Cast, ground: Ground) -> int:
    """A proposal of next year that Amina has signed today; its id."""
    set_up_office(engine, cast, ground)
    today = clock.today()
    desks = {name: desk_of(engine, app, cast, name) for name in (*OFFICE, "amina")}
    office = Office(*(desks[name] for name in OFFICE))
    call = enter(
        office.rahma, memorandum(), fiscal_year=today.year + 1, issued_on=today, opens_on=today,
        due_on=today + timedelta(days=60),
    )  # fmt: skip
    step(office.idris, call, "open")
    office.rahma.session.expire_all()
    proposal = begin_proposal(office.rahma, fiscal_year=today.year + 1)
    parts = [take_program(office.rahma, proposal, program) for program in make_register(office.rahma.session)]
    fill(office, proposal, *parts)
    for name, verb in (("rahma", "submit"), ("idris", "take_up"), ("idris", "endorse"), ("amina", "sign")):
        desk = desks[name]
        desk.session.expire_all()
        more = {"certified": True} if verb == "submit" else {"signed_copy": memorandum()} if verb == "sign" else {}
        theirs = desk.session.get_one(BudgetProposal, proposal.id)
        steps.take(desk.session, desk.actor, theirs, verb, note="Twenty characters and more.", **more)
        desk.session.commit()
    proposal_id = proposal.id
    for desk in desks.values():
        desk.session.close()
    return proposal_id
