"""What a planner does with a strategic plan before it is submitted: the plan itself, its goals and objectives.

Every function needs Permission.PLAN_EDIT and a session bound to the organization. A plan that is not a draft or
returned is shut: `require_open` refuses (PL-16).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.attachments import actions as attachments
from bmms.domain.documents import actions as documents
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning import order, papers, queries, rules
from bmms.domain.planning.decisions import refuse_deletion
from bmms.domain.planning.subjects import PLAN
from bmms.domain.subjects import Subject
from bmms.models.lists import AlignmentCode, Theme
from bmms.models.planning import (
    ObjectiveRisk,
    PlanAlignment,
    PlanStatus,
    PlanTheme,
    StrategicGoal,
    StrategicObjective,
    StrategicPlan,
)

Answers = Mapping[str, Any]
Ways = Mapping[str, Mapping[str, str]]  # `seen` and `chosen` of merging.save


def require_open(plan: StrategicPlan) -> None:
    """Content changes only in a draft or returned plan (PL-16, INV-24).

    Raises:
        RuleBroken: the plan has been submitted.
    """
    if not plan.is_open:
        raise RuleBroken(
            "This plan is submitted and cannot be changed. Withdraw it, or open a revision once it is active."
        )


def create_plan(session: Session, actor: Actor, answers: Answers) -> StrategicPlan:
    """Begin a plan.

    Args:
        answers: columns of StrategicPlan, and `themes` and `codes` as lists of ids.

    Raises:
        RuleBroken: years (PL-01) or title are wrong, or the title is taken.
    """
    actor.require(Permission.PLAN_EDIT)
    columns, links = _split(answers)
    rules.require_years(columns)
    _require_free_title(session, columns["title"], None)
    plan = StrategicPlan(**columns, created_by=actor.user_id)
    session.add(plan)
    session.flush()
    _link(session, plan, links)
    audit.record(
        session, actor, "strategic_plans:create", plan, label=plan.title,
        title=(None, plan.title), years=(None, plan.years),
    )  # fmt: skip
    return plan


def change_plan(session: Session, actor: Actor, plan: StrategicPlan, answers: Answers, **ways: Any) -> None:
    """Change the basics of a plan; what others have saved meanwhile stays (see `merging.save`).

    Raises:
        RuleBroken: the plan is shut, or years or title are wrong.
        Conflicts: somebody else changed the same answers.
    """
    actor.require(Permission.PLAN_EDIT)
    require_open(plan)
    columns, links = _split(answers)
    changes = merging.save(session, plan, columns, **ways)
    links = merging.save_linked(_linked(session, plan), links, **ways)
    rules.require_years({"start_year": plan.start_year, "end_year": plan.end_year})
    _require_free_title(session, plan.title, plan)
    changes |= _link(session, plan, links)
    _record(session, actor, "strategic_plans:change", plan, plan.title, changes)


def delete_plan(session: Session, actor: Actor, plan: StrategicPlan) -> None:
    """Remove a draft that was never submitted.

    Raises:
        RuleBroken: it has a history, it is a revision, or somebody else made it.
    """
    actor.require(Permission.PLAN_EDIT)
    refuse_deletion(session, actor, plan)
    attachments.remove_all(session, actor, Subject(PLAN, plan))
    documents.forget(session, actor, papers.PLAN, plan.id)
    audit.record(session, actor, "strategic_plans:delete", plan, label=plan.title)
    session.delete(plan)
    session.flush()


def add_goal(session: Session, actor: Actor, plan: StrategicPlan, answers: Answers) -> StrategicGoal:
    """Add a goal at the end. Raises RuleBroken when the plan is shut."""
    _begin(session, actor, plan)
    goal = StrategicGoal(
        plan_id=plan.id, ordinal=order.next_place(session, StrategicGoal, StrategicGoal.plan_id == plan.id)
    )
    return _add(session, actor, goal, answers)


def change_goal(
    session: Session, actor: Actor, plan: StrategicPlan, goal: StrategicGoal, answers: Answers, **ways: Any
) -> None:
    """Change a goal. Raises RuleBroken, Conflicts."""
    actor.require(Permission.PLAN_EDIT)
    require_open(plan)
    _record(session, actor, "strategic_goals:change", goal, goal.title, merging.save(session, goal, answers, **ways))


def remove_goal(session: Session, actor: Actor, plan: StrategicPlan, goal: StrategicGoal) -> None:
    """Remove a goal with its objectives and KPIs. Raises RuleBroken when the plan is shut."""
    _begin(session, actor, plan)
    _remove(session, actor, plan, goal, StrategicGoal.plan_id == plan.id)


def move_goal(session: Session, actor: Actor, plan: StrategicPlan, goal: StrategicGoal, by: int) -> None:
    """Put a goal one place up (-1) or down (1); nothing happens at the edge. Raises RuleBroken: the plan is shut."""
    _begin(session, actor, plan)
    _move(session, actor, goal, StrategicGoal.plan_id == plan.id, by)


def add_objective(
    session: Session, actor: Actor, plan: StrategicPlan, goal: StrategicGoal, answers: Answers
) -> StrategicObjective:
    """Add an objective to a goal.

    Raises:
        RuleBroken: the plan is shut, the dates lie outside it (PL-08), or the title is taken.
    """
    _begin(session, actor, plan)
    rules.require_dates_in(plan, answers.get("starts_on"), answers.get("target_on"))
    _require_free_objective(session, plan, answers["title"], None)
    ordinal = order.next_place(session, StrategicObjective, StrategicObjective.goal_id == goal.id)
    return _add(session, actor, StrategicObjective(plan_id=plan.id, goal_id=goal.id, ordinal=ordinal), answers)


def change_objective(
    session: Session, actor: Actor, plan: StrategicPlan, objective: StrategicObjective, answers: Answers, **ways: Any
) -> None:
    """Change an objective. Raises RuleBroken, Conflicts."""
    actor.require(Permission.PLAN_EDIT)
    require_open(plan)
    changes = merging.save(session, objective, answers, **ways)
    rules.require_dates_in(plan, objective.starts_on, objective.target_on)
    _require_free_objective(session, plan, objective.title, objective)
    _record(session, actor, "strategic_objectives:change", objective, objective.title, changes)


def remove_objective(session: Session, actor: Actor, plan: StrategicPlan, objective: StrategicObjective) -> None:
    """Remove an objective with its KPIs. Raises RuleBroken when the plan is shut."""
    _begin(session, actor, plan)
    _remove(session, actor, plan, objective, StrategicObjective.goal_id == objective.goal_id)


def move_objective(session: Session, actor: Actor, plan: StrategicPlan, objective: StrategicObjective, by: int) -> None:
    """Put an objective one place up or down in its goal. Raises RuleBroken when the plan is shut."""
    _begin(session, actor, plan)
    _move(session, actor, objective, StrategicObjective.goal_id == objective.goal_id, by)


def add_risk(
    session: Session, actor: Actor, plan: StrategicPlan, objective: StrategicObjective, answers: Answers
) -> ObjectiveRisk:
    """Note a risk of an objective. Raises RuleBroken when the plan is shut."""
    _begin(session, actor, plan)
    risk = ObjectiveRisk(objective_id=objective.id, **answers)
    session.add(risk)
    audit.record(session, actor, "objective_risks:create", risk, label=objective.title)
    return risk


def change_risk(
    session: Session, actor: Actor, plan: StrategicPlan, risk: ObjectiveRisk, answers: Answers, **ways: Any
) -> None:
    """Change a risk. Raises RuleBroken, Conflicts."""
    actor.require(Permission.PLAN_EDIT)
    require_open(plan)
    _record(session, actor, "objective_risks:change", risk, "", merging.save(session, risk, answers, **ways))


def remove_risk(session: Session, actor: Actor, plan: StrategicPlan, risk: ObjectiveRisk) -> None:
    """Strike a risk. Raises RuleBroken when the plan is shut."""
    _begin(session, actor, plan)
    audit.record(session, actor, "objective_risks:delete", plan, label=risk.description[:100])
    session.delete(risk)
    session.flush()


# What the functions above share.


def _begin(session: Session, actor: Actor, plan: StrategicPlan) -> None:
    """One at a time changes the order and the number of parts, so that two cannot take the same place."""
    actor.require(Permission.PLAN_EDIT)
    session.refresh(plan, with_for_update=True)
    require_open(plan)


def _split(answers: Answers) -> tuple[dict[str, Any], dict[str, Sequence[int]]]:
    columns = {name: value for name, value in answers.items() if name not in ("themes", "codes")}
    return columns, {name: answers[name] for name in ("themes", "codes") if name in answers}


def _linked(session: Session, plan: StrategicPlan) -> dict[str, list[int]]:
    themes, codes = queries.links_of(session, plan)
    return {"themes": [one.id for one in themes], "codes": [one.id for one in codes]}


def _link(session: Session, plan: StrategicPlan, links: Mapping[str, Collection[int]]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, model, column, target in (
        ("themes", PlanTheme, PlanTheme.theme_id, Theme),
        ("codes", PlanAlignment, PlanAlignment.code_id, AlignmentCode),
    ):
        if name not in links:
            continue
        before = set(session.scalars(select(column).where(model.plan_id == plan.id)))
        wanted = set(session.scalars(select(target.id).where(target.id.in_(links[name]))))
        session.execute(delete(model).where(model.plan_id == plan.id, column.in_(before - wanted)))
        for link in sorted(wanted - before):
            session.add(model(plan_id=plan.id, **{column.key: link}))
        if before != wanted:
            changes[name] = (sorted(before), sorted(wanted))
    session.flush()
    return changes


def _require_free_title(session: Session, title: str, plan: StrategicPlan | None) -> None:
    family = {plan.id, plan.revises_id} if plan else set()
    same = select(StrategicPlan.id).where(
        func.lower(StrategicPlan.title) == func.lower(title), StrategicPlan.status != PlanStatus.ARCHIVED
    )
    taken = set(session.scalars(same))
    if plan is not None:
        taken -= set(session.scalars(select(StrategicPlan.id).where(StrategicPlan.revises_id == plan.id)))
    if taken - family:
        raise RuleBroken("Another plan of this organization has this title. Name the years in it.", field="title")


def _require_free_objective(
    session: Session, plan: StrategicPlan, title: str, objective: StrategicObjective | None
) -> None:
    same = select(StrategicObjective.id).where(
        StrategicObjective.plan_id == plan.id, func.lower(StrategicObjective.title) == func.lower(title)
    )
    if session.scalar(same.where(StrategicObjective.id != (objective.id if objective else 0)).limit(1)):
        raise RuleBroken("Another objective of this plan has this title.", field="title")


def _add(session: Session, actor: Actor, row: Any, answers: Answers) -> Any:
    for name, value in answers.items():
        setattr(row, name, value)
    session.add(row)
    try:
        audit.record(session, actor, f"{row.__tablename__}:create", row, label=row.title, title=(None, row.title))
    except IntegrityError as error:
        raise RuleBroken("This could not be added; somebody has just added the same.", field="title") from error
    return row


def _remove(session: Session, actor: Actor, plan: StrategicPlan, row: Any, siblings: Any) -> None:
    """What goes is recorded with the plan, where the log of the plan finds it."""
    audit.record(session, actor, f"{row.__tablename__}:delete", plan, label=row.title)
    order.take_out(session, row, siblings)


def _move(session: Session, actor: Actor, row: Any, siblings: Any, by: int) -> None:
    before = row.ordinal
    if order.move(session, row, siblings, by):
        audit.record(session, actor, f"{row.__tablename__}:move", row, label=row.title, place=(before, before + by))


def _record(session: Session, actor: Actor, action: str, row: Any, label: str, changes: dict[str, Any]) -> None:
    if changes:
        audit.record(session, actor, action, row, label=label, **changes)
