"""Looking up strategic plans, their goals, objectives and KPIs, in the organization that the session serves."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.permissions import Permission
from bmms.models.indicators import Indicator
from bmms.models.lists import AlignmentCode, AlignmentList, Theme, UnitOfMeasure
from bmms.models.planning import (
    ObjectiveRisk,
    PlanAlignment,
    PlanDecision,
    PlanStatus,
    PlanTheme,
    StrategicGoal,
    StrategicObjective,
    StrategicPlan,
)

NOT_FOR_VIEWERS = (PlanStatus.DRAFT, PlanStatus.RETURNED)


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
    """A whole plan as pages and documents show it, read in seven statements whatever its size."""

    plan: StrategicPlan
    goals: list[GoalBranch]
    themes: list[Theme]
    codes: list[AlignmentCode]

    @property
    def objectives(self) -> list[Branch]:
        """All objectives, in order."""
        return [branch for goal in self.goals for branch in goal.objectives]

    @property
    def kpis(self) -> list[Indicator]:
        """All KPIs of objectives, in order."""
        return [kpi for branch in self.objectives for kpi in branch.kpis]


def visible(actor: Actor) -> Select[tuple[StrategicPlan]]:
    """Plans that this actor may see: viewers see what has left the draft."""
    query = select(StrategicPlan)
    return query if actor.may(Permission.PLAN_DRAFT_VIEW) else query.where(StrategicPlan.status.not_in(NOT_FOR_VIEWERS))


def list_plans(actor: Actor, *, search: str = "", status: str = "") -> Select[tuple[StrategicPlan]]:
    """The plans of this organization, the latest years first."""
    query = visible(actor).order_by(StrategicPlan.start_year.desc(), StrategicPlan.title, StrategicPlan.id)
    if search:
        query = query.where(StrategicPlan.title.icontains(search, autoescape=True))
    return query.where(StrategicPlan.status == status) if status in set(PlanStatus) else query


def counts_by_status(session: Session, actor: Actor) -> dict[PlanStatus, int]:
    """How many plans stand where; statuses without a plan are 0."""
    inner = visible(actor).subquery()
    found = session.execute(select(inner.c.status, func.count()).group_by(inner.c.status))
    counts = dict(found.tuples().all())
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
    """One KPI of an objective, with its targets. Raises NotFound."""
    query = select(Indicator).options(selectinload(Indicator.targets))
    found = session.scalar(query.where(Indicator.id == kpi_id, Indicator.objective_id == objective.id))
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


def outline(session: Session, plan: StrategicPlan) -> Outline:
    """The plan with everything in it."""
    goals = session.scalars(
        select(StrategicGoal).where(StrategicGoal.plan_id == plan.id).order_by(StrategicGoal.ordinal)
    )
    by_goal = {goal.id: GoalBranch(goal) for goal in goals}
    by_objective: dict[int, Branch] = {}
    for objective in session.scalars(
        select(StrategicObjective)
        .where(StrategicObjective.plan_id == plan.id)
        .order_by(StrategicObjective.ordinal, StrategicObjective.id)
    ):
        by_objective[objective.id] = Branch(objective)
        by_goal[objective.goal_id].objectives.append(by_objective[objective.id])
    for kpi in session.scalars(_kpis_of(plan)):
        by_objective[kpi.objective_id].kpis.append(kpi)  # type: ignore[index]
    for risk in session.scalars(
        select(ObjectiveRisk)
        .join(StrategicObjective, StrategicObjective.id == ObjectiveRisk.objective_id)
        .where(StrategicObjective.plan_id == plan.id)
        .order_by(ObjectiveRisk.id)
    ):
        by_objective[risk.objective_id].risks.append(risk)
    return Outline(plan, list(by_goal.values()), themes_of(session, plan), codes_of(session, plan))


def _kpis_of(plan: StrategicPlan) -> Select[tuple[Indicator]]:
    return (
        select(Indicator)
        .join(StrategicObjective, StrategicObjective.id == Indicator.objective_id)
        .where(StrategicObjective.plan_id == plan.id)
        .options(selectinload(Indicator.targets))
        .order_by(Indicator.id)
    )


def themes_of(session: Session, plan: StrategicPlan) -> list[Theme]:
    """The themes that a plan serves."""
    query = select(Theme).join(PlanTheme, PlanTheme.theme_id == Theme.id).where(PlanTheme.plan_id == plan.id)
    return list(session.scalars(query.order_by(Theme.ordinal)))


def codes_of(session: Session, plan: StrategicPlan) -> list[AlignmentCode]:
    """The alignment codes of a plan."""
    query = select(AlignmentCode).join(PlanAlignment, PlanAlignment.code_id == AlignmentCode.id)
    return list(session.scalars(query.where(PlanAlignment.plan_id == plan.id).order_by(AlignmentCode.code)))


def theme_choices(session: Session) -> Sequence[Theme]:
    """The themes to choose from."""
    return session.scalars(select(Theme).where(Theme.is_active).order_by(Theme.ordinal)).all()


def code_choices(session: Session) -> Sequence[tuple[AlignmentCode, AlignmentList]]:
    """The alignment codes to choose from, with their lists, the latest list of a kind first."""
    query = (
        select(AlignmentCode, AlignmentList)
        .join(AlignmentList, AlignmentList.id == AlignmentCode.list_id)
        .order_by(AlignmentList.kind, AlignmentList.year.desc(), AlignmentCode.code)
    )
    return [(code, of) for code, of in session.execute(query)]


def unit_of_measure_choices(session: Session) -> Sequence[UnitOfMeasure]:
    """The units of measure to choose from."""
    return session.scalars(select(UnitOfMeasure).where(UnitOfMeasure.is_active).order_by(UnitOfMeasure.name)).all()


def decisions_of(session: Session, plan: StrategicPlan) -> list[PlanDecision]:
    """The steps of a plan, the latest first."""
    query = select(PlanDecision).where(PlanDecision.plan_id == plan.id).order_by(PlanDecision.id.desc())
    return list(session.scalars(query.limit(50)))


def open_revision_of(session: Session, plan: StrategicPlan) -> StrategicPlan | None:
    """The revision of an active plan that is being worked on."""
    query = select(StrategicPlan).where(
        StrategicPlan.revises_id == plan.id,
        StrategicPlan.status.in_((PlanStatus.DRAFT, PlanStatus.SUBMITTED, PlanStatus.RETURNED)),
    )
    return session.scalar(query)
