"""What of planning waits for a person: plans to decide about, and own plans that came back."""

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.permissions import Permission
from bmms.domain.workplace import Waiting
from bmms.models.memberships import Membership
from bmms.models.planning import PlanStatus, StrategicPlan

MOST = 20


def matters_of(session: Session, actor: Actor, membership: Membership) -> list[Waiting]:
    """In one statement; nobody decides about a plan that he or she (or a principal) submitted."""
    to_decide = and_(StrategicPlan.status == PlanStatus.SUBMITTED, StrategicPlan.submitted_by.not_in(actor.persons))
    own = or_(
        StrategicPlan.created_by.in_(actor.persons), StrategicPlan.submitted_by.in_(actor.persons),
        StrategicPlan.lead_officer_id == membership.id,
    )  # fmt: skip
    came_back = and_(StrategicPlan.status == PlanStatus.RETURNED, own)
    query = select(StrategicPlan).where(
        or_(
            to_decide if actor.may(Permission.PLAN_APPROVE) else false(),
            came_back if actor.may(Permission.PLAN_EDIT) else false(),
        )
    )
    return [_waiting(plan) for plan in session.scalars(query.order_by(StrategicPlan.updated_at).limit(MOST))]


def _waiting(plan: StrategicPlan) -> Waiting:
    values: dict[str, object] = {"plan_id": plan.id}
    if plan.status == PlanStatus.RETURNED:
        detail = f"{plan.years}: read the remarks, change the plan, and submit it again"
        return Waiting(plan.title, detail, "Returned to you", "warn", "planning.plan_show", values)
    since = plan.submitted_at.astimezone(clock.MANILA) if plan.submitted_at else None
    detail = f"{plan.years}, submitted {since.day} {since:%B %Y}" if since else str(plan.years)
    return Waiting(plan.title, detail, "Waits for your approval", "info", "planning.plan_show", values)
