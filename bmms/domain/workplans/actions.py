"""What a planner does with a work plan before it is submitted: the plan itself and its annual objectives.

Every function needs Permission.PLAN_EDIT and a session bound to the organization. A work plan that is not a draft or
returned is shut: `require_open` refuses (PL-16). The items are in `items.py`.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.attachments import actions as attachments
from bmms.domain.documents import actions as documents
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning import order
from bmms.domain.planning.decisions import refuse_deletion
from bmms.domain.planning.subjects import WORK_ITEM, WORK_PLAN
from bmms.domain.subjects import Subject
from bmms.domain.workplans import papers, rules
from bmms.domain.workplans.rules import begin, require_open
from bmms.models.collaboration import Attachment
from bmms.models.planning import StrategicObjective, StrategicPlan
from bmms.models.work import AnnualObjective, AnnualWorkPlan, WorkItem

Answers = Mapping[str, Any]


def create_work_plan(session: Session, actor: Actor, parent: StrategicPlan, answers: Answers) -> AnnualWorkPlan:
    """Begin the work plan of a fiscal year.

    Args:
        answers: fiscal_year, title, narrative.

    Raises:
        RuleBroken: the year is not in the plan, or has its work plan already (PL-10).
    """
    actor.require(Permission.PLAN_EDIT)
    session.refresh(parent, with_for_update=True)
    rules.require_year(session, parent, answers["fiscal_year"])
    drawn = select(func.max(AnnualWorkPlan.last_number)).where(AnnualWorkPlan.fiscal_year == answers["fiscal_year"])
    plan = AnnualWorkPlan(
        **answers, plan_id=parent.id, created_by=actor.user_id, is_demo=parent.is_demo,
        last_number=session.scalar(drawn) or 0,  # codes of an archived plan of the same year are not drawn again
    )  # fmt: skip
    session.add(plan)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken("Somebody has just begun the work plan of this year.", field="fiscal_year") from error
    audit.record(
        session, actor, "annual_work_plans:create", plan, label=plan.title, title=(None, plan.title),
        fiscal_year=(None, plan.fiscal_year), plan=(None, parent.title),
    )  # fmt: skip
    return plan


def change_work_plan(session: Session, actor: Actor, plan: AnnualWorkPlan, answers: Answers, **ways: Any) -> None:
    """Change title and description; the year stays. Raises RuleBroken, Conflicts (see `merging.save`)."""
    actor.require(Permission.PLAN_EDIT)
    require_open(plan)
    changes = merging.save(session, plan, answers, **ways)
    require_open(plan)
    _record(session, actor, "annual_work_plans:change", plan, plan.title, changes)


def delete_work_plan(session: Session, actor: Actor, plan: AnnualWorkPlan) -> None:
    """Remove a draft that was never submitted, with all items.

    Raises:
        RuleBroken: it has a history, it is a revision, or somebody else made it.
    """
    actor.require(Permission.PLAN_EDIT)
    refuse_deletion(session, actor, plan)
    _remove_files(session, actor, plan)
    documents.forget(session, actor, papers.WORK_PLAN, plan.id)
    audit.record(session, actor, "annual_work_plans:delete", plan, label=plan.title)
    session.delete(plan)
    session.flush()


def _remove_files(session: Session, actor: Actor, plan: AnnualWorkPlan) -> None:
    attachments.remove_all(session, actor, Subject(WORK_PLAN, plan))
    with_files = select(Attachment.work_item_id).join(WorkItem, WorkItem.id == Attachment.work_item_id)
    ids = with_files.where(WorkItem.work_plan_id == plan.id).distinct()
    for item in session.scalars(select(WorkItem).where(WorkItem.id.in_(ids))).all():
        attachments.remove_all(session, actor, Subject(WORK_ITEM, item))


def add_objective(session: Session, actor: Actor, plan: AnnualWorkPlan, answers: Answers) -> AnnualObjective:
    """Add an annual objective at the end.

    Args:
        answers: columns of AnnualObjective; objective_id names the strategic objective that it serves.

    Raises:
        RuleBroken: the plan is shut, or somebody or something that is named is not here.
    """
    begin(session, actor, plan)
    _require_served(session, plan, answers)
    place = order.next_place(session, AnnualObjective, AnnualObjective.work_plan_id == plan.id)
    objective = AnnualObjective(work_plan_id=plan.id, ordinal=place, **answers)
    session.add(objective)
    audit.record(
        session, actor, "annual_objectives:create", objective, label=objective.statement[:100],
        statement=(None, objective.statement),
    )  # fmt: skip
    return objective


def change_objective(
    session: Session, actor: Actor, plan: AnnualWorkPlan, objective: AnnualObjective, answers: Answers, **ways: Any
) -> None:
    """Change an annual objective. Raises RuleBroken, Conflicts."""
    begin(session, actor, plan)
    _require_served(session, plan, answers)
    changes = merging.save(session, objective, answers, **ways)
    _record(session, actor, "annual_objectives:change", objective, objective.statement[:100], changes)


def remove_objective(session: Session, actor: Actor, plan: AnnualWorkPlan, objective: AnnualObjective) -> None:
    """Remove an annual objective that has no items.

    Raises:
        RuleBroken: the plan is shut, or there are items under it.
    """
    begin(session, actor, plan)
    if session.scalar(select(exists().where(WorkItem.annual_objective_id == objective.id))):
        raise RuleBroken("There are work items under it. Remove those first.")
    audit.record(session, actor, "annual_objectives:delete", plan, label=objective.statement[:100])
    order.take_out(session, objective, AnnualObjective.work_plan_id == plan.id)


def move_objective(
    session: Session, actor: Actor, plan: AnnualWorkPlan, objective: AnnualObjective, by: int
) -> None:  # fmt: skip
    """Put an annual objective one place up (-1) or down (1). Raises RuleBroken: the plan is shut."""
    begin(session, actor, plan)
    before = objective.ordinal
    if order.move(session, objective, AnnualObjective.work_plan_id == plan.id, by):
        audit.record(
            session, actor, "annual_objectives:move", objective, label=objective.statement[:100],
            place=(before, before + by),
        )  # fmt: skip


def _require_served(session: Session, plan: AnnualWorkPlan, answers: Answers) -> None:
    served = exists().where(
        StrategicObjective.id == answers["objective_id"], StrategicObjective.plan_id == plan.plan_id
    )
    if not session.scalar(select(served)):
        raise RuleBroken("Choose an objective of the strategic plan.", field="objective_id")
    if (weight := answers.get("weight")) is not None and not 0 < weight <= 100:
        raise RuleBroken("A weight lies between 0 and 100.", field="weight")
    rules.require_known(session, answers)


def _record(session: Session, actor: Actor, action: str, row: Any, label: str, changes: dict[str, Any]) -> None:
    if changes:
        audit.record(session, actor, action, row, label=label, **changes)
