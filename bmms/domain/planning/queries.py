"""Looking up strategic plans, their goals, objectives and KPIs, in the organization that the session serves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.permissions import Permission
from bmms.domain.planning.revising import given_up
from bmms.models.indicators import Indicator
from bmms.models.lists import AlignmentCode, AlignmentList, Theme, UnitOfMeasure
from bmms.models.planning import (
    ObjectiveRisk,
    PlanAlignment,
    PlanStatus,
    PlanTheme,
    StrategicGoal,
    StrategicObjective,
    StrategicPlan,
)

NOT_FOR_VIEWERS = (PlanStatus.DRAFT, PlanStatus.RETURNED)


@dataclass(frozen=True)
class Link:
    """A theme that a plan serves, or a code that it answers to."""

    id: int
    code: str
    title: str


@dataclass
class Branch:
    """An objective with its KPIs and risks."""

    objective: StrategicObjective
    kpis: list[Indicator] = field(default_factory=list)
    risks: list[ObjectiveRisk] = field(default_factory=list)


@dataclass
class GoalBranch:
    """A goal with its objectives."""

    goal: StrategicGoal
    objectives: list[Branch] = field(default_factory=list)
    kpis: list[Indicator] = field(default_factory=list)


@dataclass
class Outline:
    """A whole plan as pages and documents show it."""

    plan: StrategicPlan
    goals: list[GoalBranch]
    themes: list["Link"]
    codes: list["Link"]

    @property
    def objectives(self) -> list[Branch]:
        """All objectives, in order."""
        return [branch for goal in self.goals for branch in goal.objectives]

    @property
    def kpis(self) -> list[Indicator]:
        """All KPIs of objectives, in order."""
        return [kpi for branch in self.objectives for kpi in branch.kpis]


def visible(actor: Actor) -> Select[StrategicPlan]:
    """Plans that this actor may see: viewers see what has left the draft."""
    query = select(StrategicPlan)
    return query if actor.may(Permission.PLAN_DRAFT_VIEW) else query.where(has_left_the_draft(StrategicPlan))


def has_left_the_draft(model: Any) -> ColumnElement[bool]:
    """What viewers see of plans and work plans; a revision that was given up is no more than a draft."""
    left: ColumnElement[bool] = model.status.not_in(NOT_FOR_VIEWERS)
    return left & ~given_up(model)


def list_plans(actor: Actor, *, search: str = "", status: str = "") -> Select[StrategicPlan]:
    """The plans of this organization, the latest years first."""
    query = visible(actor).order_by(StrategicPlan.start_year.desc(), StrategicPlan.title, StrategicPlan.id)
    if search:
        query = query.where(StrategicPlan.title.icontains(search, autoescape=True))
    return query.where(StrategicPlan.status == status) if status in set(PlanStatus) else query


def counts_by_status(session: Session, actor: Actor) -> dict[PlanStatus, int]:
    """How many plans stand where; statuses without a plan are 0."""
    inner = visible(actor).subquery()
    found = session.execute(select(inner.c.status, func.count()).group_by(inner.c.status))
    counts: dict[PlanStatus, int] = dict(found.all())
    return {status: counts.get(status, 0) for status in PlanStatus}


def get_plan(session: Session, actor: Actor, plan_id: int) -> StrategicPlan:
    """One plan.

    Raises:
        NotFound: there is none with this id here, or not for this actor.
    """
    found = session.scalar(visible(actor).where(StrategicPlan.id == plan_id))
    if found is None:
        raise NotFound("There is no such plan.")
    return found


def get_goal(session: Session, plan: StrategicPlan, goal_id: int) -> StrategicGoal:
    """One goal of a plan. Raises NotFound."""
    return _part(session, StrategicGoal, goal_id, StrategicGoal.plan_id == plan.id)


def get_objective(session: Session, plan: StrategicPlan, objective_id: int) -> StrategicObjective:
    """One objective of a plan. Raises NotFound."""
    return _part(session, StrategicObjective, objective_id, StrategicObjective.plan_id == plan.id)


def get_kpi(session: Session, objective: StrategicObjective, kpi_id: int) -> Indicator:
    """One KPI of an objective. Raises NotFound."""
    found = session.scalar(select(Indicator).where(Indicator.id == kpi_id, Indicator.objective_id == objective.id))
    if found is None:
        raise NotFound("There is no such KPI.")
    return found


def get_risk(session: Session, objective: StrategicObjective, risk_id: int) -> ObjectiveRisk:
    """One risk of an objective. Raises NotFound."""
    return _part(session, ObjectiveRisk, risk_id, ObjectiveRisk.objective_id == objective.id)


def _part(session: Session, model, row_id: int, belongs):  # type: ignore[no-untyped-def]
    found = session.scalar(select(model).where(model.id == row_id, belongs))
    if found is None:
        raise NotFound("There is no such part of the plan.")
    return found


def outline(
    session: Session, plan: StrategicPlan, *, targets: bool = True, risks: bool = True, links: bool = True
) -> Outline:
    """The plan with everything in it, in two statements, and one more for each part that is not left out.

    Args:
        targets: with the targets of the KPIs, which cannot be read afterwards.
        risks: with the risks of the objectives.
        links: with themes and alignment codes.
    """
    by_goal: dict[int, GoalBranch] = {}
    by_objective: dict[int, Branch] = {}
    skeleton = (
        select(StrategicGoal, StrategicObjective)
        .outerjoin(StrategicObjective, StrategicObjective.goal_id == StrategicGoal.id)
        .where(StrategicGoal.plan_id == plan.id)
        .order_by(StrategicGoal.ordinal, StrategicObjective.ordinal, StrategicObjective.id)
    )
    for goal, objective in session.execute(skeleton):
        branch = by_goal.setdefault(goal.id, GoalBranch(goal))
        if objective is not None:
            by_objective[objective.id] = Branch(objective)
            branch.objectives.append(by_objective[objective.id])
    kpis = _parts(Indicator, plan)
    for kpi in session.scalars(kpis.options(joinedload(Indicator.targets)) if targets else kpis).unique():
        by_objective[kpi.objective_id].kpis.append(kpi)  # type: ignore[index]
    for risk in session.scalars(_parts(ObjectiveRisk, plan)) if risks else ():
        by_objective[risk.objective_id].risks.append(risk)
    themes, codes = links_of(session, plan) if links else ([], [])
    return Outline(plan, list(by_goal.values()), themes, codes)


def _parts(model: Any, plan: StrategicPlan) -> Select[Any]:
    """What hangs on the objectives of a plan, in the order in which it was made."""
    of_objective = StrategicObjective.id == model.objective_id
    return (
        select(model)
        .join(StrategicObjective, of_objective)
        .where(StrategicObjective.plan_id == plan.id)
        .order_by(model.id)
    )


def links_of(session: Session, plan: StrategicPlan) -> tuple[list[Link], list[Link]]:
    """The themes and the alignment codes of a plan, in one statement."""
    themes = (
        select(literal("theme").label("kind"), Theme.id, Theme.code, Theme.title, Theme.ordinal.label("place"))
        .join(PlanTheme, PlanTheme.theme_id == Theme.id)
        .where(PlanTheme.plan_id == plan.id)
    )
    codes = (
        select(literal("code"), AlignmentCode.id, AlignmentCode.code, AlignmentCode.title, literal(0))
        .join(PlanAlignment, PlanAlignment.code_id == AlignmentCode.id)
        .where(PlanAlignment.plan_id == plan.id)
    )
    both = union_all(themes, codes).subquery()
    rows = session.execute(select(both).order_by(both.c.place, both.c.code)).all()
    links = {
        kind: [Link(row.id, row.code, row.title) for row in rows if row.kind == kind] for kind in ("theme", "code")
    }
    return links["theme"], links["code"]


def theme_choices(session: Session, kept: Collection[int] = ()) -> Sequence[Theme]:
    """The themes to choose from; of those that are offered no longer the ones that are chosen already."""
    query = select(Theme).where(Theme.is_active | Theme.id.in_(kept))
    return session.scalars(query.order_by(Theme.ordinal, Theme.code)).all()


def code_choices(session: Session, kept: Collection[int] = ()) -> Sequence[tuple[AlignmentCode, AlignmentList]]:
    """The codes of the latest list of each kind, with that list; of earlier lists those that are chosen already."""
    latest = (
        select(AlignmentList.kind, func.max(AlignmentList.year).label("year"))
        .where(AlignmentList.id.in_(select(AlignmentCode.list_id)))
        .group_by(AlignmentList.kind)
        .subquery()
    )
    query = (
        select(AlignmentCode, AlignmentList)
        .join(AlignmentList, AlignmentList.id == AlignmentCode.list_id)
        .join(latest, latest.c.kind == AlignmentList.kind)
        .where((AlignmentList.year == latest.c.year) | AlignmentCode.id.in_(kept))
        .order_by(AlignmentList.kind, AlignmentList.year.desc(), AlignmentCode.code)
    )
    return [(code, of) for code, of in session.execute(query)]


def unit_of_measure_choices(session: Session, kept: Collection[int] = ()) -> Sequence[UnitOfMeasure]:
    """The units of measure to choose from; of those that are offered no longer the ones that are chosen already."""
    query = select(UnitOfMeasure).where(UnitOfMeasure.is_active | UnitOfMeasure.id.in_(kept))
    return session.scalars(query.order_by(UnitOfMeasure.name)).all()
