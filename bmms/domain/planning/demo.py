"""Invented programs and plans for training: in every state, labelled, and made once (onboarding 4.4, decision D19)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.access import Entered, actor_here
from bmms.domain.actors import Actor, Origin
from bmms.domain.lists import actions as lists
from bmms.domain.people import pilot_data
from bmms.domain.people.pilot_data import Wanted
from bmms.domain.planning import actions, kpis, queries, steps
from bmms.domain.programs import titles
from bmms.domain.reference.loader import load_reference
from bmms.models.accounts import User
from bmms.models.indicators import Accumulation, Direction, Frequency, Measure
from bmms.models.lists import AlignmentCode, AlignmentKind, AlignmentList, Theme, UnitOfMeasure
from bmms.models.memberships import Membership, MembershipRight
from bmms.models.organizations import Organization, Unit
from bmms.models.planning import ObjectiveStatus, PlanStatus, Priority, StrategicObjective, StrategicPlan
from bmms.models.programs import CostStructure, Program, ProgramLevel

WAYS: dict[PlanStatus, tuple[str, ...]] = {
    PlanStatus.DRAFT: (),
    PlanStatus.SUBMITTED: ("submit",),
    PlanStatus.RETURNED: ("submit", "return"),
    PlanStatus.APPROVED: ("submit", "approve"),
    PlanStatus.ACTIVE: ("submit", "approve", "activate"),
    PlanStatus.COMPLETED: ("submit", "approve", "activate", "complete"),
    PlanStatus.ARCHIVED: ("submit", "approve", "archive"),
}
STATES: dict[str, tuple[tuple[PlanStatus, int], ...]] = {  # of each pilot MOA: status, and first year from this one
    "MOH": ((PlanStatus.ACTIVE, 0), (PlanStatus.SUBMITTED, 3), (PlanStatus.DRAFT, 3)),
    "MOLE": ((PlanStatus.ACTIVE, 0), (PlanStatus.APPROVED, 3), (PlanStatus.RETURNED, -3)),
    "MAFAR": ((PlanStatus.COMPLETED, -3), (PlanStatus.ACTIVE, 0), (PlanStatus.ARCHIVED, 3), (PlanStatus.DRAFT, 3)),
}
EVERYWHERE = ((PlanStatus.ACTIVE, 0),)
NARRATIVE = (
    "This plan is invented for training. It shows how a ministry sets three goals, says for each what is to be reached "
    "and by when, and names who answers for it. Its figures stand for nothing. Change it, submit it, return it: "
    "everything in it goes away when the training ends."
)
GOALS: tuple[tuple[str, tuple[tuple[str, str, str, int, int], ...]], ...] = (
    (
        "Enhance Service Delivery Quality",
        (
            ("Improve response time to requests", "Average response time", "hours", 48, 24),
            ("Serve people within one visit", "Requests settled in one visit", "percent", 55, 85),
        ),
    ),
    (
        "Reach Every Barangay",
        (
            ("Bring services to remote barangays", "Barangays served at least once a quarter", "barangays", 410, 900),
            ("Train local staff", "Local staff trained", "persons", 120, 600),
        ),
    ),
    (
        "Decide by Records",
        (
            ("Report every quarter on time", "Quarterly reports handed in on time", "percent", 60, 100),
            ("Keep complete registers", "Registers without gaps", "units", 14, 40),
        ),
    ),
)
CODES = (
    ("D-1", "Services close to the people (invented)"),
    ("D-2", "Honest and open government (invented)"),
    ("D-3", "Work and enterprise in every province (invented)"),
    ("D-4", "Peaceful and safe communities (invented)"),
    ("D-5", "Care for land and sea (invented)"),
)


@dataclass(frozen=True)
class Cast:
    """Who drafts, who approves, which unit answers, and for whom."""

    planner: Actor
    approver: Actor
    owner_id: int
    unit_id: int


def furnish(session: Session, actor: Actor, organization: Organization, year: int) -> int:
    """Make the demo plans of one organization, through the same rules as everybody's.

    Returns:
        how many plans were made; 0 when it has demo plans already (those of another year would overlap them, PL-03),
        or nobody who could have made them.
    """
    if session.scalar(select(StrategicPlan.id).where(StrategicPlan.is_demo).limit(1)) is not None:
        return 0
    cast = cast_of(session, organization)
    if cast is None:
        return 0
    if session.scalar(select(Theme.id).limit(1)) is None:
        load_reference(session, actor)
    _make_codes(session, actor, year)
    made = 0
    for status, years_on in STATES.get(organization.code, EVERYWHERE):
        start = year + years_on
        title = f"{organization.code} Strategic Plan {start} to {start + 2} (demo, {status.value})"
        if start >= 2020:
            _make_plan(session, cast, title, start, status)
            made += 1
    return made


def _make_codes(session: Session, actor: Actor, year: int) -> None:
    """Invented alignment codes, unless there are codes to choose from (decision D53)."""
    if queries.code_choices(session):
        return
    of = AlignmentList(
        kind=AlignmentKind.PRIORITY_AGENDA, year=year, title=f"Priority agenda {year} (invented, demo)",
        is_official=False, source=pilot_data.LABEL,
    )  # fmt: skip
    lists.add(session, actor, of)
    for code, title in CODES:
        lists.add(session, actor, AlignmentCode(list_id=of.id, code=code, title=title))


def make_programs(session: Session, actor: Actor, organization: Organization, wanted: Wanted) -> int:
    """Bring the demo programs of one organization up to the wanted number; numbered, so that a second run adds none."""
    there = set(session.scalars(select(Program.code).where(Program.is_demo)))
    made = 0
    for number in range(1, wanted.programs + 1):
        code = f"{organization.code}-D{number:02d}"
        if code in there:
            continue
        title = f"Demo program {number}: {GOALS[number % len(GOALS)][0]}"
        session.add(
            Program(
                code=code, cost_structure=CostStructure.OPERATIONS, level=ProgramLevel.PROGRAM, title=title,
                normal_title=titles.normal(title), source=pilot_data.LABEL, is_demo=True,
            )
        )  # fmt: skip
        made += 1
    session.flush()
    furnish(session, actor, organization, wanted.year)
    return made


def _make_plan(session: Session, cast: Cast, title: str, start: int, status: PlanStatus) -> None:
    themes = [theme.id for theme in queries.theme_choices(session)]
    units = {unit.name: unit.id for unit in session.scalars(select(UnitOfMeasure))}
    answers = {
        "title": title, "start_year": start, "end_year": start + 2, "narrative": NARRATIVE, "is_demo": True,
        "themes": themes[: len(GOALS)], "codes": [code.id for code, _ in queries.code_choices(session)][:3],
        "lead_unit_id": cast.unit_id, "lead_officer_id": cast.owner_id,
    }  # fmt: skip
    plan = actions.create_plan(session, cast.planner, answers)
    for number, (goal_title, objectives) in enumerate(GOALS):
        words = {
            "title": goal_title,
            "theme_id": themes[number % len(themes)] if themes else None,
            "priority": Priority.HIGH,
            "focus_area": "Service Excellence",
        }
        goal = actions.add_goal(session, cast.planner, plan, words)
        for name, kpi, unit, baseline, target in objectives:
            objective = actions.add_objective(session, cast.planner, plan, goal, _objective(cast, name, start))
            kpis.add_kpi(
                session, cast.planner, plan, objective, _kpi(cast, kpi, units.get(unit), baseline, target, start), {}
            )
    for verb in WAYS[status]:
        if verb == "complete":
            _close_objectives(session, plan)
        who = cast.approver if verb in ("approve", "return", "complete") else cast.planner
        steps.take(session, who, plan, verb, note=_note(verb))


def _objective(cast: Cast, title: str, start: int) -> dict[str, Any]:
    return {
        "title": title, "unit_id": cast.unit_id, "owner_id": cast.owner_id, "starts_on": date(start, 1, 1),
        "target_on": date(start + 2, 12, 31),
    }  # fmt: skip


def _kpi(cast: Cast, name: str, unit_id: int | None, baseline: int, target: int, start: int) -> dict[str, Any]:
    return {
        "name": name, "unit_of_measure_id": unit_id, "measure": Measure.COUNT, "frequency": Frequency.QUARTERLY,
        "direction": Direction.INCREASE if target > baseline else Direction.DECREASE,
        "accumulation": Accumulation.SNAPSHOT, "baseline": Decimal(baseline), "baseline_year": start - 1,
        "end_target": Decimal(target), "source": "Quarterly report (demo)", "owner_id": cast.owner_id, "is_demo": True,
    }  # fmt: skip


def _close_objectives(session: Session, plan: StrategicPlan) -> None:
    for objective in session.scalars(select(StrategicObjective).where(StrategicObjective.plan_id == plan.id)):
        objective.status, objective.close_reason = ObjectiveStatus.COMPLETED, "All targets were reached (demo)."
    session.flush()


def _note(verb: str) -> str:
    return {
        "submit": "For your approval.",
        "return": "Please say how goal 2 reaches the island municipalities.",
        "approve": "Demo Order No. 1",
    }.get(verb, "")


def cast_of(session: Session, organization: Organization) -> Cast | None:
    """Who makes the demo plans of an organization; None when a planner or an approver is missing."""
    planner, approver = (somebody(session, organization, role) for role in ("pilot_planner", "pilot_approver"))
    if planner is None or approver is None:
        return None
    unit = session.scalar(select(Unit).where(Unit.is_active).order_by(Unit.id).limit(1))
    if unit is None:
        unit = Unit(name="Planning Division", code="PD")
        session.add(unit)
        session.flush()
    return Cast(planner[0], approver[0], planner[1], unit.id)


def somebody(session: Session, organization: Organization, role: str) -> tuple[Actor, int] | None:
    """A demo person with this role, as the actor whom the guard would make, and the membership."""
    query = (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .join(MembershipRight, MembershipRight.membership_id == Membership.id)
        .where(
            Membership.organization_id == organization.id, Membership.is_active, MembershipRight.code == role,
            User.is_demo,
        )
        .order_by(Membership.id)
        .limit(1)
    )  # fmt: skip
    found = session.execute(query).first()
    if found is None:
        return None
    membership, user = found
    session.refresh(membership, attribute_names=["rights"])
    return actor_here(session, user, Entered(organization, membership), Origin()), membership.id


pilot_data.register("programs", make_programs)
