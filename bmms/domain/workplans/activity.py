"""What happened to a work plan: its steps, and every change of it, its objectives and its items, in words."""

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from bmms.domain import activity
from bmms.domain.actors import Actor
from bmms.domain.planning.activity import HANGING_WORDS
from bmms.domain.workplans.steps import WORK_PLAN_STEPS
from bmms.models.audit import AuditEvent
from bmms.models.planning import PlanDecision, PlanStatus
from bmms.models.work import AnnualObjective, AnnualWorkPlan, WorkItem

TABLE = AnnualWorkPlan.__tablename__
ACT_WORDS = HANGING_WORDS | {
    f"{TABLE}:create": "began the work plan",
    f"{TABLE}:change": "changed title or description",
    f"{TABLE}:copy": "copied last year's work plan",
    f"{TABLE}:carry_over": "carried over what last year had left",
    f"{TABLE}:import": "imported a workbook",
    f"{TABLE}:open_revision": "opened this revision",
    f"{TABLE}:supersede": "put the revision in its place",
    f"{TABLE}:submit": "submitted the work plan",
    f"{TABLE}:withdraw": "withdrew the work plan",
    f"{TABLE}:approve": "approved the work plan",
    f"{TABLE}:return": "returned the work plan for changes",
    f"{TABLE}:activate": "activated the work plan",
    f"{TABLE}:complete": "completed the work plan",
    f"{TABLE}:drop": "gave up this revision",
    f"{TABLE}:archive": "put the work plan into the archive",
    "annual_objectives:create": "added an annual objective",
    "annual_objectives:change": "changed an annual objective",
    "annual_objectives:delete": "removed an annual objective",
    "annual_objectives:move": "moved an annual objective",
    "work_items:create": "added an item",
    "work_items:change": "changed an item",
    "work_items:delete": "removed an item",
    "work_items:move": "moved an item up or down",
    "work_items:place": "moved an item to another place",
    "work_items:leave_out": "left an item out",
    "work_items:take_back": "took an item back in",
    "work_items:shift": "shifted the dates of an item",
    "work_items:report": "reported progress of an item",
    "work_items:start": "started an item",
    "work_items:block": "marked an item as blocked",
    "work_items:unblock": "went on with an item",
    "work_items:complete": "completed an item",
    "work_items:defer": "deferred an item",
    "work_items:cancel": "cancelled an item",
    "work_items:resume": "took an item up again",
    "work_items:reopen": "reopened an item",
}


def of_work_plan(actor: Actor, plan: AnnualWorkPlan) -> Select:  # type: ignore[type-arg]
    """The rows of the list (`activity.COLUMNS`).

    With an item goes what was done to its copies in revisions that have come into force. A work plan that was replaced
    keeps copies only; what was done to those is told by the plan that they have led to. What is done in an open
    revision, or was done in one that was given up, stands with that one alone.
    """
    steps = [f"{TABLE}:{verb}" for verb in (*WORK_PLAN_STEPS, "archive")]
    objectives = select(AnnualObjective.id).where(AnnualObjective.work_plan_id == plan.id)
    own = select(WorkItem.id).where(WorkItem.work_plan_id == plan.id)
    if plan.status == PlanStatus.ARCHIVED and not plan.is_given_up:
        own = own.where(WorkItem.revises_id.is_(None))
    item = aliased(WorkItem)
    copies = (
        select(WorkItem.id)
        .join(item, item.id == WorkItem.revises_id)
        .join(AnnualWorkPlan, AnnualWorkPlan.id == WorkItem.work_plan_id)
        .where(item.work_plan_id == plan.id, AnnualWorkPlan.active_from.is_not(None))
    )
    return activity.merged(
        activity.decisions(PlanDecision, TABLE, PlanDecision.work_plan_id == plan.id),
        activity.events(actor, TABLE, plan.id).where(AuditEvent.action.not_in(steps)),
        activity.events(actor, AnnualObjective.__tablename__, objectives),
        activity.events(actor, WorkItem.__tablename__, own.union_all(copies)),
    )
