"""On which records of planning comments and files hang, and when (modules 1.7)."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import subjects
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.permissions import Permission
from bmms.domain.planning import queries
from bmms.models.collaboration import FileCategory
from bmms.models.planning import PlanStatus
from bmms.models.work import CLOSED, AnnualWorkPlan, WorkItem

AFTERWARDS = frozenset({FileCategory.INSTRUMENT, FileCategory.EVIDENCE})  # come into being once a plan is approved


def _taking(plan: Any) -> Collection[FileCategory]:
    """All while it is written; nothing while it is under review; then what approval and work bring forth."""
    if plan.is_open:
        return frozenset(FileCategory)
    return AFTERWARDS if plan.status in (PlanStatus.APPROVED, PlanStatus.ACTIVE) else frozenset()


def _is_open(plan: Any) -> bool:
    return plan.is_open


def _takes_remarks(plan: Any) -> bool:
    return plan.status != PlanStatus.ARCHIVED


def find_work_plan(session: Session, actor: Actor, work_plan_id: int) -> AnnualWorkPlan:
    """One work plan. Raises NotFound: there is none here, or not for this actor."""
    plan = session.get(AnnualWorkPlan, work_plan_id)
    is_draft = plan is not None and (plan.status in queries.NOT_FOR_VIEWERS or plan.is_given_up)
    if plan is None or (is_draft and not actor.may(Permission.PLAN_DRAFT_VIEW)):
        raise NotFound("There is no such work plan.")
    return plan


def find_work_item(session: Session, actor: Actor, work_item_id: int) -> WorkItem:
    """One work item of a work plan that the actor may see. Raises NotFound."""
    item = session.scalar(select(WorkItem).where(WorkItem.id == work_item_id))
    if item is None:
        raise NotFound("There is no such work item.")
    find_work_plan(session, actor, item.work_plan_id)
    return item


PLAN = subjects.Kind(
    word="plans", column="plan_id", label="Strategic plan", called="the strategic plan", find=queries.get_plan,
    view=Permission.PLAN_VIEW, remark=Permission.PLAN_REMARK, attach=Permission.PLAN_EDIT,
    taking=_taking, is_open=_is_open, takes_remarks=_takes_remarks, endpoint="planning.plan_show",
    sections={
        "basics": "Basic information", "goals": "Goals", "objectives": "Objectives and KPIs",
        "responsibilities": "Responsibilities and timeline",
    },
)  # fmt: skip
WORK_PLAN = subjects.Kind(
    word="work-plans", column="work_plan_id", label="Work plan", called="the work plan", find=find_work_plan,
    view=Permission.PLAN_VIEW, remark=Permission.PLAN_REMARK, attach=Permission.PLAN_EDIT,
    taking=_taking, is_open=_is_open, takes_remarks=_takes_remarks, endpoint="planning.work_plan_show",
    sections={"objectives": "Objectives of the year", "items": "Projects and activities"},
)  # fmt: skip
WORK_ITEM = subjects.Kind(
    word="work-items", column="work_item_id", label="Work item", called="the work item", find=find_work_item,
    view=Permission.PLAN_VIEW, remark=Permission.PLAN_REMARK, attach=Permission.PLAN_REMARK,
    taking=lambda item: frozenset() if item.status in CLOSED else frozenset(FileCategory),
    is_open=lambda item: item.status not in CLOSED, endpoint="planning.work_item_show",
)  # fmt: skip

for _kind in (PLAN, WORK_PLAN, WORK_ITEM):
    subjects.register(_kind)
