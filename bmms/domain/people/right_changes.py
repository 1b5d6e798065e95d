"""Roles and grants as the pages of an organization know them: one list, whatever kind a right is of."""

from datetime import date

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.people import handover
from bmms.domain.people.persons import Person
from bmms.domain.people.role_rules import grant_problem
from bmms.domain.people.roles import RightsChange, assign_role, give_grant, remove_role, take_grant
from bmms.domain.permissions import GRANTS, ROLES
from bmms.models.accounts import User
from bmms.models.memberships import MembershipRight
from bmms.models.organizations import Organization


def rights_to_give(organization: Organization) -> tuple[list[str], list[str]]:
    """(roles, grants) that a membership in this organization can hold."""
    return list(ROLES), [code for code in GRANTS if grant_problem(organization, code) is None]


def held_right(person: Person, code: str) -> MembershipRight:
    """A right that the person holds, today or on other days.

    Raises:
        NotFound: the person does not hold it.
    """
    found = next((right for right in person.membership.rights if right.code == code), None)
    if found is None:
        raise NotFound
    return found


def give_right(
    session: Session,
    actor: Actor,
    person: Person,
    code: str,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    reason: str = "",
    replace: bool = False,
) -> RightsChange:
    """Give a role or grant, or give one that is held other days.

    Args:
        starts_on, ends_on: first and last day; None is for ever.
        replace: the roles held so far are taken away (a grant never replaces anything).

    Raises:
        RuleBroken: see `assign_role` and `give_grant`.
    """
    what = (session, actor, person.user, person.membership.organization, code)
    if code in GRANTS:
        return give_grant(*what, starts_on=starts_on, ends_on=ends_on, reason=reason)
    return assign_role(*what, add=not replace, starts_on=starts_on, ends_on=ends_on, reason=reason)


def take_right(
    session: Session,
    actor: Actor,
    person: Person,
    code: str,
    *,
    hands_over: bool = False,
    successor: User | None = None,
) -> RightsChange:
    """Take a role or grant away; on demand what the person holds goes to a successor (None: to nobody).

    Raises:
        RuleBroken: see `remove_role` and `take_grant`.
    """
    take = take_grant if code in GRANTS else remove_role
    change = take(session, actor, person.user, person.membership.organization, code)
    if hands_over:
        handover.hand_over(session, actor, person.user, successor)
    return change
