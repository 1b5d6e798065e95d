"""Looking up proposals, their programs and lines, in the organization that the session serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, inspect, or_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.permissions import Permission
from bmms.models.budgets import BudgetCall
from bmms.models.compliance import ProposalEndorsement
from bmms.models.offices import Office
from bmms.models.planning import PlanStatus, StrategicGoal, StrategicPlan
from bmms.models.programs import Program
from bmms.models.proposals import (
    OPEN_FOR_EDITING,
    BudgetLine,
    BudgetProposal,
    ProposalDecision,
    ProposalProgram,
    ProposalVersion,
)
from bmms.models.work import AnnualWorkPlan

DECIDED = (PlanStatus.SUBMITTED, PlanStatus.APPROVED, PlanStatus.ACTIVE)  # plans that a proposal can rest on (TS2)
LISTED = 50


@dataclass(frozen=True)
class Chosen:
    """A program of a proposal with its row of the register."""

    part: ProposalProgram
    program: Program


@dataclass(frozen=True)
class Register:
    """The programs of a proposal in their rank, and all programs of the organization."""

    chosen: list[Chosen]
    programs: list[Program]


@dataclass(frozen=True)
class Taken:
    """A step, and the number of the version that lay before the person who took it."""

    decision: ProposalDecision
    version: int | None


def visible(actor: Actor) -> Select[BudgetProposal]:
    """Proposals that this actor may see: what has left the draft, and drafts with the right to see them.

    A central office sees what it was asked about: a desk and BPDA from the day on which their word was asked for, MFBM
    what was transmitted to it; BPDA whatever was submitted, too (modules 0.2, decision D24).
    """
    has_left = BudgetProposal.status.not_in(OPEN_FOR_EDITING)
    grounds: list[ColumnElement[bool]] = []
    if actor.belongs:
        grounds.append(true() if actor.may(Permission.BUDGET_DRAFT_VIEW) else has_left)
    if Office.MFBM in actor.offices:
        grounds.append(and_(has_left, BudgetProposal.transmitted_on.is_not(None)))
    if Office.BPDA in actor.offices:
        grounds.append(has_left)
    if actor.offices:
        asked = select(ProposalEndorsement.proposal_id).where(ProposalEndorsement.desk.in_(actor.offices))
        grounds.append(BudgetProposal.id.in_(asked))
    return select(BudgetProposal).where(or_(*grounds))


def list_proposals(session: Session, actor: Actor) -> Sequence[BudgetProposal]:
    """All proposals, the latest year first."""
    order = (BudgetProposal.fiscal_year.desc(), BudgetProposal.kind, BudgetProposal.number, BudgetProposal.id.desc())
    return session.scalars(visible(actor).order_by(*order)).all()


def get_proposal(session: Session, actor: Actor, proposal_id: int) -> BudgetProposal:
    """One proposal.

    Raises:
        NotFound: there is none with this id here, or not for this actor.
    """
    query = visible(actor).where(BudgetProposal.id == proposal_id)
    call, work_plan = BudgetCall.id == BudgetProposal.call_id, AnnualWorkPlan.id == BudgetProposal.work_plan_id
    query = query.outerjoin(BudgetCall, call).outerjoin(AnnualWorkPlan, work_plan)
    found = session.execute(query.add_columns(BudgetCall, AnnualWorkPlan)).first()
    if found is None:
        raise NotFound("There is no such proposal.")
    proposal = found[0]
    set_committed_value(proposal, "call", found[1])
    set_committed_value(proposal, "work_plan", found[2])
    return proposal


def call_of(session: Session, proposal: BudgetProposal) -> BudgetCall | None:
    """The call that it answers, if it answers one."""
    if "call" not in inspect(proposal).unloaded:
        return proposal.call
    return session.get(BudgetCall, proposal.call_id) if proposal.call_id else None


def work_plan_of(session: Session, proposal: BudgetProposal) -> AnnualWorkPlan | None:
    """The work plan on which it rests, if it rests on one."""
    known = None if "work_plan" in inspect(proposal).unloaded else proposal.work_plan
    if known is not None and known.id == proposal.work_plan_id:
        return known
    return session.get(AnnualWorkPlan, proposal.work_plan_id) if proposal.work_plan_id else None


def programs_of(session: Session, proposal: BudgetProposal) -> list[Chosen]:
    """Its programs, the first in rank first."""
    return register_of(session, proposal).chosen


def register_of(session: Session, proposal: BudgetProposal) -> Register:
    """The programs of the organization, and which of them are in the proposal, in one statement."""
    query = select(Program, ProposalProgram).outerjoin(
        ProposalProgram, and_(ProposalProgram.program_id == Program.id, ProposalProgram.proposal_id == proposal.id)
    )
    rows = session.execute(query).all()
    chosen = [Chosen(part, program) for program, part in rows if part is not None]
    return Register(sorted(chosen, key=lambda one: one.part.ordinal), [program for program, _ in rows])


def get_program(session: Session, proposal: BudgetProposal, part_id: int) -> Chosen:
    """One program of a proposal. Raises NotFound."""
    query = select(ProposalProgram, Program).join(Program, Program.id == ProposalProgram.program_id)
    found = session.execute(
        query.where(ProposalProgram.proposal_id == proposal.id, ProposalProgram.id == part_id)
    ).first()
    if found is None:
        raise NotFound("There is no such program in this proposal.")
    return Chosen(*found)


def lines_of(part_id: int) -> Select[BudgetLine]:
    """The lines of a program, in their order."""
    return select(BudgetLine).where(BudgetLine.proposal_program_id == part_id).order_by(BudgetLine.ordinal)


def page_number(session: Session, line: BudgetLine, per_page: int) -> int:
    """The page of its program's list on which a line stands, from 1."""
    return (session.scalar(_before(line)) or 0) // per_page + 1


def last_page(session: Session, part_id: int, many: int, per_page: int) -> Sequence[BudgetLine]:
    """The last page of the lines of a program that has so many."""
    first = max(many - 1, 0) // per_page * per_page
    return session.scalars(lines_of(part_id).offset(first).limit(per_page)).all()


def page_with(session: Session, line: BudgetLine, per_page: int) -> Sequence[BudgetLine]:
    """The page of its program's list on which a line stands."""
    first = _before(line).scalar_subquery() // per_page * per_page
    return session.scalars(lines_of(line.proposal_program_id).offset(first).limit(per_page)).all()


def _before(line: BudgetLine) -> Select[int]:
    """How many lines of its program stand before it."""
    return select(func.count()).where(
        BudgetLine.proposal_program_id == line.proposal_program_id, BudgetLine.ordinal < line.ordinal
    )


def get_line(session: Session, proposal: BudgetProposal, line_id: int) -> BudgetLine:
    """One line of a proposal. Raises NotFound."""
    found = session.scalar(select(BudgetLine).where(BudgetLine.id == line_id, BudgetLine.proposal_id == proposal.id))
    if found is None:
        raise NotFound("There is no such line in this proposal.")
    return found


def decisions_of(session: Session, proposal: BudgetProposal) -> list[Taken]:
    """Its steps, the latest first."""
    query = (
        select(ProposalDecision, ProposalVersion.number)
        .outerjoin(ProposalVersion, ProposalVersion.id == ProposalDecision.version_id)
        .where(ProposalDecision.proposal_id == proposal.id)
    )
    found = session.execute(query.order_by(ProposalDecision.id.desc()).limit(LISTED))
    return [Taken(decision, number) for decision, number in found]


def get_version(session: Session, proposal: BudgetProposal, version_id: int) -> ProposalVersion:
    """What lay before those who decided. Raises NotFound."""
    found = session.scalar(
        select(ProposalVersion).where(ProposalVersion.proposal_id == proposal.id, ProposalVersion.id == version_id)
    )
    if found is None:
        raise NotFound("There is no such version.")
    return found


def plan_choices(session: Session, fiscal_year: int, kept: int | None = None) -> list[tuple[int, str]]:
    """The strategic plans that cover the year and have been submitted (TS2)."""
    covers = (StrategicPlan.start_year <= fiscal_year) & (StrategicPlan.end_year >= fiscal_year)
    query = select(StrategicPlan).where((covers & StrategicPlan.status.in_(DECIDED)) | (StrategicPlan.id == kept))
    return [(plan.id, f"{plan.title} ({plan.years})") for plan in session.scalars(query.order_by(StrategicPlan.title))]


def work_plan_choices(session: Session, fiscal_year: int, kept: int | None = None) -> list[tuple[int, str]]:
    """The work plans of the year that have been submitted."""
    of_year = (AnnualWorkPlan.fiscal_year == fiscal_year) & AnnualWorkPlan.status.in_(DECIDED)
    query = select(AnnualWorkPlan).where(of_year | (AnnualWorkPlan.id == kept)).order_by(AnnualWorkPlan.title)
    return [(plan.id, plan.title) for plan in session.scalars(query)]


def goal_choices(session: Session, proposal: BudgetProposal) -> list[tuple[int, str]]:
    """The goals of the plan on which the proposal rests."""
    query = select(StrategicGoal).where(StrategicGoal.plan_id == proposal.plan_id).order_by(StrategicGoal.ordinal)
    return [(goal.id, goal.title) for goal in session.scalars(query)]
