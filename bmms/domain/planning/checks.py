"""What a strategic plan must be before it is submitted (modules 1.3, rules marked X), each gap with its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bmms.domain.installation import installation_of
from bmms.domain.members import working_members
from bmms.domain.planning.queries import Branch, GoalBranch, Outline
from bmms.models.indicators import Indicator, Measure
from bmms.models.planning import PlanStatus, PlanTheme, StrategicGoal, StrategicObjective, StrategicPlan

SHORTEST_NARRATIVE = 100  # characters
WHOLE = Decimal(100)


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or odd: an error keeps the plan from being submitted, a warning does not."""

    rule: str
    is_error: bool
    message: str
    endpoint: str  # the page where it is mended
    values: dict[str, int] = field(default_factory=dict)


def gaps_of(session: Session, outline: Outline) -> list[Gap]:
    """Everything that is missing or odd, errors first, in the order of the plan."""
    limits = installation_of(session).config.planning
    members = set(working_members(session))
    found = [
        *_basics(session, outline),
        *_goals(outline, limits.least_goals, limits.most_goals, limits.least_objectives),
        *(gap for branch in outline.objectives for gap in _objective(branch, members, limits.most_kpis)),
    ]
    return sorted(found, key=lambda gap: not gap.is_error)


def errors_in(gaps: Sequence[Gap]) -> list[Gap]:
    """Those that keep the plan from being submitted."""
    return [gap for gap in gaps if gap.is_error]


def _basics(session: Session, outline: Outline) -> Iterator[Gap]:
    plan = outline.plan
    span = plan.end_year - plan.start_year + 1
    if not 3 <= span <= 5 and not plan.span_reason:
        years = "1 year" if span == 1 else f"{span} years"
        yield Gap("PL-02", False, f"A plan of {years} is unusual (3 to 5): say why.", "planning.plan_basics")
    if twin := _overlapping(session, plan):
        message = f"{twin.title} covers {twin.years} already. Choose other years, or revise that plan."
        yield Gap("PL-03", True, message, "planning.plan_basics")
    if len(plan.narrative.strip()) < SHORTEST_NARRATIVE:
        message = (
            f"The description needs {SHORTEST_NARRATIVE} characters or more; it has {len(plan.narrative.strip())}."
        )
        yield Gap("1.2", True, message, "planning.plan_basics")
    if not outline.themes:
        yield Gap("1.2", True, "Choose at least one theme.", "planning.plan_basics")


def _overlapping(session: Session, plan: StrategicPlan) -> StrategicPlan | None:
    query = select(StrategicPlan).where(
        StrategicPlan.id.not_in([plan.id, plan.revises_id or 0]),
        StrategicPlan.status.in_((PlanStatus.APPROVED, PlanStatus.ACTIVE)),
        StrategicPlan.start_year <= plan.end_year,
        StrategicPlan.end_year >= plan.start_year,
    )
    return session.scalar(query.limit(1))


def _goals(outline: Outline, least: int, most: int, least_objectives: int) -> Iterator[Gap]:
    goals = outline.goals
    if len(goals) < least:
        yield Gap("PL-04", True, f"{least} goals are needed; there are {len(goals)}.", "planning.plan_goals")
    if len(goals) > most:
        message = f"More than {most} goals are hard to follow; there are {len(goals)}."
        yield Gap("PL-04", False, message, "planning.plan_goals")
    yield from _weights("goals", [branch.goal.weight for branch in goals], "planning.plan_goals", {})
    for branch in goals:
        yield from _goal(branch, least_objectives)


def _goal(branch: GoalBranch, least: int) -> Iterator[Gap]:
    goal, here = branch.goal, {"goal_id": branch.goal.id}
    if goal.theme_id is None:
        yield Gap("1.2", True, f"“{goal.title}” has no theme.", "planning.goal_edit", here)
    if len(branch.objectives) < least:
        message = f"“{goal.title}” needs {least} objectives; it has {len(branch.objectives)}."
        yield Gap("PL-05", True, message, "planning.objective_new", here)
    called = f"objectives of “{goal.title}”"
    weights = [each.objective.weight for each in branch.objectives]
    yield from _weights(called, weights, "planning.plan_objectives", {})


def _weights(of: str, weights: list[Decimal | None], endpoint: str, values: dict[str, int]) -> Iterator[Gap]:
    """PL-08: the weights add up to 100, or nobody gave any."""
    given = [weight for weight in weights if weight is not None]
    if given and (len(given) < len(weights) or sum(given) != WHOLE):
        message = (
            f"The weights of the {of} add up to {sum(given, Decimal(0)).normalize():f}, not 100. Mend or clear them."
        )
        yield Gap("PL-08", True, message, endpoint, values)


def _objective(branch: Branch, members: set[int], most_kpis: int) -> Iterator[Gap]:
    objective, here = branch.objective, {"objective_id": branch.objective.id}
    name = f"“{objective.title}”"
    if not branch.kpis:
        yield Gap("PL-05", True, f"{name} has no KPI.", "planning.kpi_new", here)
    if len(branch.kpis) > most_kpis:
        yield Gap("PL-05", True, f"{name} has more than {most_kpis} KPIs.", "planning.plan_objectives")
    if objective.unit_id is None or objective.owner_id is None:
        message = f"{name} needs a responsible unit and a responsible officer."
        yield Gap("PL-09", True, message, "planning.plan_responsibilities")
    elif objective.owner_id not in members:
        message = f"The officer of {name} does not work here any more. Name another one."
        yield Gap("PL-09", True, message, "planning.plan_responsibilities")
    if objective.starts_on is None or objective.target_on is None:
        yield Gap("PL-08", True, f"{name} has no dates yet.", "planning.plan_responsibilities")
    for kpi in branch.kpis:
        if missing := missing_of(kpi):
            message = f"The KPI “{kpi.name}” lacks {', '.join(missing)}."
            yield Gap("PL-06", True, message, "planning.kpi_edit", {**here, "kpi_id": kpi.id})


def missing_of(kpi: Indicator) -> list[str]:
    """What a KPI lacks for submission (PL-06), in words."""
    needs_unit = kpi.measure not in (Measure.YES_NO, Measure.MILESTONE)
    return [
        word
        for word, is_missing in (
            ("a unit", needs_unit and kpi.unit_of_measure_id is None),
            ("a baseline with its year", not kpi.baseline_pending and (kpi.baseline is None or not kpi.baseline_year)),
            ("a target", not any(target.superseded_at is None for target in kpi.targets)),
            ("a source", not kpi.source),
            ("an owner", kpi.owner_id is None),
        )
        if is_missing
    ]


def steps_done(session: Session, plan: StrategicPlan) -> int:
    """How many of the five steps of the wizard are complete: the tracker, from one statement whatever the size."""
    if not plan.is_open:
        return 5
    goal, objective, kpi = StrategicGoal, StrategicObjective, Indicator
    of_goal = select(func.count()).where(goal.plan_id == plan.id)
    of_objective = select(func.count()).where(objective.plan_id == plan.id)
    without_kpi = ~select(kpi.id).where(kpi.objective_id == objective.id).exists()
    nobody = or_(
        objective.unit_id.is_(None), objective.owner_id.is_(None), objective.starts_on.is_(None),
        objective.target_on.is_(None),
    )  # fmt: skip
    found = session.execute(
        select(
            select(PlanTheme.id).where(PlanTheme.plan_id == plan.id).exists().label("has_theme"),
            of_goal.scalar_subquery().label("goals"),
            of_goal.where(goal.theme_id.is_(None)).scalar_subquery().label("goals_without_theme"),
            of_objective.scalar_subquery().label("objectives"),
            of_objective.where(without_kpi).scalar_subquery().label("without_kpi"),
            of_objective.where(nobody).scalar_subquery().label("nobody"),
        )
    ).one()
    limits = installation_of(session).config.planning
    enough = found.objectives >= found.goals * limits.least_objectives
    return sum(
        (
            found.has_theme and len(plan.narrative.strip()) >= SHORTEST_NARRATIVE,
            found.goals >= limits.least_goals and not found.goals_without_theme,
            found.objectives > 0 and enough and not found.without_kpi,
            found.objectives > 0 and not found.nobody,
        )
    )
