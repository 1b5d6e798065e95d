"""Which role or grant can be given in which organization."""

from bmms.domain.actors import Actor
from bmms.domain.people.fields import quoted
from bmms.domain.people.problems import Problem
from bmms.domain.permissions import GRANTS, ROLES, canonical
from bmms.models.accounts import User
from bmms.models.memberships import RoleKind
from bmms.models.organizations import Module, Organization

MODULE_OF = {
    "pilot_planner": Module.PLANNING,
    "pilot_budget_officer": Module.BUDGETING,
    "pilot_me_officer": Module.MONITORING,
    "pilot_coordinator": Module.COORDINATION,
}
DESKS = ("MPW", "MENRE", "BICTO", "BWC")  # whose people may endorse proposals (decision D24)


def own_rights(actor: Actor, user: User) -> str:
    """Why this actor may not change this person's roles and grants: the own ones, or a principal's (D10)."""
    if user.id == actor.user_id:
        return "Nobody changes their own roles or grants. Ask another administrator."
    if user.id in actor.persons:
        return f"You stand in for {user.full_name}, whose roles count as your own. Ask another administrator."
    return ""


def role_problem(organization: Organization, role: str) -> Problem | None:
    """Why this cannot be a role of a membership in this organization."""
    if canonical(role):
        return None
    central = canonical(role, RoleKind.CENTRAL)
    if central:
        message = f"{central} is a central role; people of {organization.code} cannot hold it in their organization."
        return Problem("role", message)
    return Problem("role", f"Unknown role {quoted(role)}. Valid roles: {', '.join(sorted(ROLES))}.")


def grant_problem(organization: Organization, grant: str) -> Problem | None:
    """Why this cannot be a grant on a membership in this organization."""
    code = canonical(grant, RoleKind.GRANT)
    if code is None:
        return unknown_grant(grant)
    if code == "endorse" and organization.code not in DESKS:
        return Problem("grant", f"endorse is given only to the desks: {', '.join(DESKS)}.")
    return None


def unknown_grant(grant: str) -> Problem:
    """There is no grant of this name."""
    return Problem("grant", f"Unknown grant {quoted(grant)}. Valid grants: {', '.join(sorted(GRANTS))}.")


def role_warnings(organization: Organization, role: str) -> list[str]:
    """A role whose module is switched off there is given with a word of caution."""
    module = MODULE_OF.get(canonical(role) or "")
    if module is None or organization.has(module):
        return []
    return [f"{role}: the module {module} is switched off in {organization.code}."]
