"""The approved versions of a plan, also those of the plans that it revises."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound
from bmms.models.planning import PlanVersion, StrategicPlan


def versions_of(session: Session, plan: StrategicPlan) -> list[PlanVersion]:
    """All versions, the latest first: a revision counts on from the plan before it."""
    family = select(StrategicPlan.id, StrategicPlan.revises_id).where(StrategicPlan.id == plan.id).cte(recursive=True)
    before = select(StrategicPlan.id, StrategicPlan.revises_id).join(family, StrategicPlan.id == family.c.revises_id)
    family = family.union(before)
    query = select(PlanVersion).where(PlanVersion.plan_id.in_(select(family.c.id)))
    return list(session.scalars(query.order_by(PlanVersion.number.desc())))


def get_version(session: Session, plan: StrategicPlan, version_id: int) -> PlanVersion:
    """One version of a plan. Raises NotFound."""
    found = next((version for version in versions_of(session, plan) if version.id == version_id), None)
    if found is None:
        raise NotFound("There is no such version.")
    return found
