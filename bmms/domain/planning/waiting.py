"""What of planning waits for a person: plans and work plans to decide about, own ones that came back, late items."""

from typing import Any

from sqlalchemy import ColumnElement, Row, String, and_, case, cast, false, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.permissions import Permission
from bmms.domain.workplace import Waiting
from bmms.domain.workplans import queries
from bmms.models.memberships import Membership
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.work import AnnualWorkPlan, WorkItem

MOST = 20
ENDPOINTS = {"plan_id": "planning.plan_show", "work_plan_id": "planning.work_plan_review"}


def matters_of(session: Session, actor: Actor, membership: Membership) -> list[Waiting]:
    """In one statement; nobody decides about a plan that he or she (or a principal) submitted."""
    first, last = cast(StrategicPlan.start_year, String), cast(StrategicPlan.end_year, String)
    years = case((StrategicPlan.start_year == StrategicPlan.end_year, first), else_=first + " to " + last)
    lead = StrategicPlan.lead_officer_id == membership.id
    parts = union_all(
        _plans(actor, StrategicPlan, "plan_id", years, lead),
        _plans(actor, AnnualWorkPlan, "work_plan_id", cast(AnnualWorkPlan.fiscal_year, String), false()),
        _late_items(membership),
    ).subquery()
    return [_waiting(row) for row in session.execute(select(parts).order_by(parts.c.changed).limit(MOST))]


def _plans(actor: Actor, model: Any, key: str, years: Any, leads: ColumnElement[bool]) -> Any:
    to_decide = and_(model.status == PlanStatus.SUBMITTED, model.submitted_by.not_in(actor.persons))
    own = or_(model.created_by.in_(actor.persons), model.submitted_by.in_(actor.persons), leads)
    came_back = and_(model.status == PlanStatus.RETURNED, own)
    return select(
        literal(key).label("key"), model.id, model.title, years.label("years"),
        cast(model.status, String).label("status"), model.submitted_at, model.updated_at.label("changed"),
    ).where(
        or_(
            to_decide if actor.may(Permission.PLAN_APPROVE) else false(),
            came_back if actor.may(Permission.PLAN_EDIT) else false(),
        )
    )  # fmt: skip


def _late_items(membership: Membership) -> Any:
    """One line for all items of a person whose day is past or comes within a week."""
    soon = WorkItem.ends_on <= clock.today() + queries.DUE_SOON
    mine = and_(queries.in_force(), WorkItem.officer_id == membership.id, soon)
    return (
        select(
            literal("items"), func.count(WorkItem.id), literal(""), cast(func.min(WorkItem.ends_on), String),
            literal(""), null(), func.now(),
        )
        .where(mine)
        .having(func.count(WorkItem.id) > 0)
    )  # fmt: skip


def _waiting(row: Row[Any]) -> Waiting:
    if row.key == "items":
        many = "1 work item is" if row.id == 1 else f"{row.id} work items are"
        detail = "Report how far they are, or complete them"
        return Waiting(f"{many} overdue or due within a week", detail, "Due", "warn", "planning.my_items", {})
    values: dict[str, object] = {row.key: row.id}
    if row.status == PlanStatus.RETURNED:
        detail = f"{row.years}: read the remarks, change the plan, and submit it again"
        return Waiting(row.title, detail, "Returned to you", "warn", ENDPOINTS[row.key], values)
    since = row.submitted_at.astimezone(clock.MANILA) if row.submitted_at else None
    detail = f"{row.years}, submitted {since.day} {since:%B %Y}" if since else row.years
    return Waiting(row.title, detail, "Waits for your approval", "info", ENDPOINTS[row.key], values)
