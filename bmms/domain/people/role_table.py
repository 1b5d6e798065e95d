"""The roles that exist and what they allow: `domain/permissions.py` is the text, the table `roles` its mirror."""

import logging
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.people.fields import quoted
from bmms.domain.permissions import ALL_PERMISSIONS, ROLES, RULES, RoleRule, canonical, permissions_of, with_carried
from bmms.models.memberships import Role, RoleKind

log = logging.getLogger(__name__)


@dataclass
class RoleSync:
    """What a sync did, by role code."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def create_pilot_roles(session: Session, actor: Actor) -> RoleSync:
    """Bring the table `roles` in line with the rules: add what is missing, remove surplus permissions (onboarding 2.2).

    Doing it again changes nothing. Permissions and roles that the rules do not know are logged; a role that is no
    longer in the rules stays, because memberships may still refer to it.
    """
    stored = {role.code: role for role in session.scalars(select(Role))}
    done = RoleSync()
    for code, rule in RULES.items():
        wanted = _columns(rule)
        before = {name: getattr(stored[code], name) for name in wanted} if code in stored else {}
        if before == wanted:
            done.unchanged.append(code)
            continue
        _warn_of_unknown(code, before)
        row = insert(Role).values(code=code, **wanted)
        session.execute(row.on_conflict_do_update(index_elements=[Role.code], set_=wanted))
        audit.record(
            session, actor, "roles:sync", label=code, permissions=[before.get("permissions"), wanted["permissions"]]
        )
        (done.changed if before else done.added).append(code)
    for code in stored.keys() - RULES.keys():
        log.warning("the table of roles holds %s, which is no role", code)
    session.expire_all()
    return done


def _columns(rule: RoleRule) -> dict:
    return {
        "kind": rule.kind,
        "label": rule.label,
        "purpose": rule.purpose,
        "permissions": sorted(permission.value for permission in rule.permissions),
    }


def _warn_of_unknown(code: str, before: dict) -> None:
    unknown = set(before.get("permissions", ())) - {permission.value for permission in ALL_PERMISSIONS}
    for name in sorted(unknown):
        log.warning("the role %s held %s, which is no permission; removed", code, name)


def available_roles() -> list[str]:
    """The names of the roles that a membership can have, sorted."""
    return sorted(ROLES)


def get_role_permissions(role: str) -> list[str]:
    """The sorted names of all that a role (under any of its names) or a grant allows, carried grants included.

    Raises:
        RuleBroken: there is no such role.
    """
    code = canonical(role) or canonical(role, RoleKind.GRANT) or canonical(role, RoleKind.CENTRAL)
    if code is None:
        raise RuleBroken(f"Unknown role {quoted(role)}. Valid roles: {', '.join(available_roles())}.", field="role")
    return sorted(permission.value for permission in permissions_of(with_carried({code})))
