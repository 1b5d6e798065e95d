"""What only the platform's administrators do to an organization: make it known, open and close it, flag it as pilot."""

import re

from sqlalchemy.orm import Session

from bmms.domain import versions
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.organizations import changes
from bmms.domain.organizations.moas import Moa, read_moas
from bmms.domain.permissions import Permission
from bmms.models.organizations import Organization, OrganizationKind

CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
LONGEST = {"name": 200, "cluster": 100}


def register(
    session: Session, actor: Actor, *, code: str, name: str, kind: OrganizationKind, cluster: str = ""
) -> Organization:
    """Make an organization known; it is inactive until somebody opens it.

    A body of the list of MOAs (decision D11) keeps the name and type of that list; any other one does not count among
    the 44.

    Raises:
        RuleBroken: with a message for each wrong field; the code is taken or malformed, the name is missing.
    """
    actor.require(Permission.ORGANIZATION_CREATE)
    code, name, cluster = code.strip().upper(), " ".join(name.split()), " ".join(cluster.split())
    problems = _problems(code, name, cluster)
    if not problems and (taken := changes.all_by_code(session).get(code)):
        problems["code"] = f"{taken} has this code already."
    if problems:
        raise RuleBroken(next(iter(problems.values())), **problems)
    other = Moa(code, name, kind, cluster, parent_code="", website="", central_oversight=False, counts_as_moa=False)
    return changes.create(session, actor, read_moas().get(code, other), pilot=False)


def set_active(
    session: Session, actor: Actor, organization: Organization, active: bool, *, row_version: int | None = None
) -> bool:
    """Open or close the pages of an organization. Its people's sign-in and its data stay (decision D35).

    Returns:
        whether anything did change.

    Raises:
        Stale: somebody else changed the organization meanwhile.
    """
    actor.require(Permission.ORGANIZATION_CREATE)
    versions.require_unchanged(organization, row_version, organization.code)
    verb = "activate" if active else "deactivate"
    return changes.change(session, actor, verb, organization, {"is_active": active})


def set_pilot(
    session: Session, actor: Actor, organization: Organization, pilot: bool, *, row_version: int | None = None
) -> bool:
    """Say whether an organization takes part in the pilot.

    Returns:
        whether anything did change.

    Raises:
        Stale: somebody else changed the organization meanwhile.
    """
    actor.require(Permission.ORGANIZATION_CREATE)
    versions.require_unchanged(organization, row_version, organization.code)
    return changes.change(session, actor, "flag_pilot", organization, {"is_pilot": pilot})


def _problems(code: str, name: str, cluster: str) -> dict[str, str]:
    problems = {}
    if not CODE.fullmatch(code):
        problems["code"] = "Up to 20 letters A to Z, digits and hyphens, such as CSC-BARMM."
    if not name:
        problems["name"] = "Type the name."
    for field, value in {"name": name, "cluster": cluster}.items():
        if len(value) > LONGEST[field] or not value.isprintable():
            problems[field] = f"At most {LONGEST[field]} letters, digits and signs."
    return problems
