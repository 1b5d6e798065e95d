"""Making and changing the row of an organization, each with its record."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.organizations.moas import Moa
from bmms.models.locks import Lock
from bmms.models.organizations import Organization

PILOT = {
    "is_active": True,
    "is_pilot": True,
    "enable_planning": True,
    "enable_budgeting": True,
    "enable_monitoring": True,
    "enable_coordination": True,
    "enable_mana": False,
}  # onboarding 4.1
WAITING = {"is_active": False, "enable_mana": False}  # until its wave opens (onboarding 4.9, decision D35)


def all_by_code(session: Session) -> dict[str, Organization]:
    """All organizations, for an act that may make new ones: a second such act waits until this one has ended."""
    session.execute(select(func.pg_advisory_xact_lock(Lock.ORGANIZATIONS)))
    return {organization.code: organization for organization in session.scalars(select(Organization))}


def create(session: Session, actor: Actor, moa: Moa, *, pilot: bool) -> Organization:
    """Make the organization of one body of the list: open as a pilot, else inactive until its wave opens."""
    more = {"acronym": moa.code, **PILOT} if pilot else WAITING
    organization = Organization(code=moa.code, website=moa.website, **moa.facts, **more)
    session.add(organization)
    session.flush()
    audit.record(
        session, actor, "organizations:create", organization,
        organization_id=organization.id, label=moa.code, name=(None, moa.name), is_pilot=(None, pilot),
    )  # fmt: skip
    return organization


def change(session: Session, actor: Actor, verb: str, organization: Organization, values: dict[str, Any]) -> bool:
    """Set what differs and record it as `organizations:<verb>`.

    Returns:
        whether anything did differ.
    """
    before = {name: getattr(organization, name) for name in values}
    changes: dict[str, Any] = {name: (before[name], value) for name, value in values.items() if before[name] != value}
    for name, (_, value) in changes.items():
        setattr(organization, name, value)
    if changes:
        audit.record(
            session, actor, f"organizations:{verb}", organization,
            organization_id=organization.id, label=organization.code, **changes,
        )  # fmt: skip
    return bool(changes)
