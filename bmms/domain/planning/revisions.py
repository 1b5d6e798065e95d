"""An active plan changes only through a revision: a copy that is worked on, approved, and put in its place (1.7)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.planning import kpis, queries, revising
from bmms.domain.planning.revising import copy_of
from bmms.domain.planning.snapshots import COPY
from bmms.models.indicators import Indicator, IndicatorStatus
from bmms.models.planning import (
    PlanAlignment,
    PlanTheme,
    StrategicObjective,
    StrategicPlan,
)
from bmms.models.work import AnnualObjective, AnnualWorkPlan

_DEFINITION = ("name", "definition", "measure", "unit_of_measure_id", "direction", "accumulation", "frequency",
               "numerator_label", "denominator_label", "baseline", "baseline_year", "baseline_source",
               "baseline_pending", "baseline_due_on", "end_target", "end_on", "tolerance", "may_exceed", "green",
               "amber", "breakdown", "source", "method", "kept_at", "assumptions", "sdg", "owner_id",
               "verifier_id")  # fmt: skip


def open_revision(session: Session, actor: Actor, plan: StrategicPlan, answers: Mapping[str, Any]) -> StrategicPlan:
    """Begin a revision of an active plan: a draft with a copy of everything in it. Raises RuleBroken: `revising.begin`.

    Args:
        answers: revision_reason, revision_summary, revision_impact, effective_on.
    """
    draft = revising.begin(session, actor, plan, answers, "plan")
    outline = queries.outline(session, plan)
    for theme in outline.themes:
        session.add(PlanTheme(plan_id=draft.id, theme_id=theme.id))
    for code in outline.codes:
        session.add(PlanAlignment(plan_id=draft.id, code_id=code.id))
    for branch in outline.goals:
        _copy_goal(session, draft, branch)
    session.flush()
    return draft


def _copy_goal(session: Session, draft: StrategicPlan, branch: queries.GoalBranch) -> None:
    goal = copy_of(branch.goal, plan_id=draft.id, revises_id=branch.goal.id)
    session.add(goal)
    session.flush()
    for each in branch.objectives:
        objective = copy_of(
            each.objective, plan_id=draft.id, goal_id=goal.id, revises_id=each.objective.id,
            status=each.objective.status,
        )  # fmt: skip
        session.add(objective)
        session.flush()
        for risk in each.risks:
            session.add(copy_of(risk, objective_id=objective.id))
        for kpi in each.kpis:
            _copy_kpi(session, objective, kpi)


def _copy_kpi(session: Session, objective: StrategicObjective, kpi: Indicator) -> None:
    copy = copy_of(
        kpi, objective_id=objective.id, revises_id=kpi.id, status=IndicatorStatus.DRAFT, code=f"{kpi.code}{COPY}"
    )
    session.add(copy)
    session.flush()
    for target in kpi.targets:
        if target.superseded_at is None:
            session.add(copy_of(target, indicator_id=copy.id))
    session.flush()


def put_in_force(session: Session, actor: Actor, draft: StrategicPlan) -> None:
    """An approved revision takes the place of its plan, which goes into the archive.

    KPIs keep their row, so values that were reported stay with them; their old targets are superseded (INV-15).
    Work plans and annual objectives follow to the new objectives.
    """
    plan = revising.take_place(session, actor, draft, "plan")
    for branch in queries.outline(session, draft).objectives:
        for kpi in branch.kpis:
            _settle_kpi(session, branch.objective, kpi)
        if branch.objective.revises_id is not None:
            session.execute(
                update(AnnualObjective)
                .where(AnnualObjective.objective_id == branch.objective.revises_id)
                .values(objective_id=branch.objective.id)
            )
    session.execute(update(AnnualWorkPlan).where(AnnualWorkPlan.plan_id == plan.id).values(plan_id=draft.id))
    _retire_left_out(session, plan)


def lay_aside(session: Session, actor: Actor, draft: StrategicPlan) -> None:
    """A revision is given up: its KPIs are asked for no more, and leave their codes to the next revision."""
    for kpi in queries.outline(session, draft).kpis:
        kpi.status = IndicatorStatus.RETIRED
        kpi.code = f"{kpi.code}{kpi.id}" if kpi.revises_id is not None else kpi.code
    session.flush()


def _settle_kpi(session: Session, objective: StrategicObjective, copy: Indicator) -> None:
    if copy.revises_id is None:
        copy.status = IndicatorStatus.ACTIVE
        return
    kpi = session.get_one(Indicator, copy.revises_id)
    for name in _DEFINITION:
        setattr(kpi, name, getattr(copy, name))
    kpi.objective_id = objective.id
    kpis.supersede_targets(session, kpi)
    for target in kpis.targets_of(session, copy):
        session.add(copy_of(target, indicator_id=kpi.id))
    session.delete(copy)
    session.flush()


def _retire_left_out(session: Session, plan: StrategicPlan) -> None:
    """KPIs that the revision has left out stay readable in the archive and are asked for no more."""
    left = (
        select(Indicator)
        .join(StrategicObjective, StrategicObjective.id == Indicator.objective_id)
        .where(StrategicObjective.plan_id == plan.id)
    )
    for kpi in session.scalars(left):
        kpi.status = IndicatorStatus.RETIRED
    session.flush()
