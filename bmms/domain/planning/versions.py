"""The approved versions of a plan or work plan, also those of the ones that it revises; never changed (INV-14)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.canonical import fingerprint
from bmms.domain.errors import NotFound
from bmms.domain.planning.decisions import Plan, key_of
from bmms.models.planning import PlanVersion


def versions_of(session: Session, plan: Plan) -> list[PlanVersion]:
    """All versions, the latest first: a revision counts on from the plan before it."""
    model = type(plan)
    family = select(model.id, model.revises_id).where(model.id == plan.id).cte(recursive=True)
    before = select(model.id, model.revises_id).join(family, model.id == family.c.revises_id)
    family = family.union(before)
    query = select(PlanVersion).where(getattr(PlanVersion, key_of(plan)).in_(select(family.c.id)))
    return list(session.scalars(query.order_by(PlanVersion.number.desc())))


def get_version(session: Session, plan: Plan, version_id: int) -> PlanVersion:
    """One version of a plan. Raises NotFound."""
    found = next((version for version in versions_of(session, plan) if version.id == version_id), None)
    if found is None:
        raise NotFound("There is no such version.")
    return found


def write_version(
    session: Session, actor: Actor, plan: Plan, payload: dict[str, Any], *, instrument: str = ""
) -> PlanVersion:
    """Keep what was approved. A revision counts on from the plan that it revises."""
    last = max((version.number for version in versions_of(session, plan)), default=0)
    version = PlanVersion(
        number=last + 1, payload=payload, sha256=fingerprint(payload), approved_by=actor.user_id,
        approved_by_label=actor.signature, approved_at=clock.now(), instrument=instrument, **{key_of(plan): plan.id},
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version
