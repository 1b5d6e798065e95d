"""All that a pilot MOA has, as plain data for a JSON file (onboarding 4.4). Each module adds its part."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization

Exporter = Callable[[Session, Organization], list[dict[str, Any]]]
_exporters: dict[str, Exporter] = {}


def register(name: str, exporter: Exporter) -> None:
    """Let a module add its part, under this name."""
    _exporters[name] = exporter


def export_pilot_data(session: Session, actor: Actor, organization: Organization) -> Mapping[str, Any]:
    """Everything of one organization, in a session bound to it: texts, numbers, lists; never passwords or tokens."""
    parts = {name: exporter(session, organization) for name, exporter in _exporters.items()}
    counts: dict[str, Any] = {name: [None, len(rows)] for name, rows in parts.items()}
    audit.record(
        session, actor, "pilot_data:export", label=organization.code, organization_id=organization.id, **counts
    )
    head = {"code": organization.code, "name": organization.name, "kind": organization.kind.value}
    return {"exported_at": clock.now().isoformat(), "organization": head, **parts}


def _people(session: Session, organization: Organization) -> list[dict[str, Any]]:
    query = (
        select(Membership)
        .where(Membership.organization_id == organization.id)
        .options(joinedload(Membership.user), selectinload(Membership.rights))
        .order_by(Membership.id)
    )
    return [_person(membership) for membership in session.scalars(query)]


def _person(membership: Membership) -> dict[str, Any]:
    user = membership.user
    return {
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "phone": user.phone,
        "status": user.status.value,
        "is_demo": user.is_demo,
        "position": membership.position,
        "department": membership.department,
        "is_primary": membership.is_primary,
        "is_active": membership.is_active,
        "joined_on": membership.joined_on.isoformat() if membership.joined_on else None,
        "rights": [right.code for right in membership.rights],
    }


register("people", _people)
