"""Roles and grants are given to people: one role replaces another, grants come and go beside it (onboarding 2, 4.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import DomainError
from bmms.domain.people.finding import find_organization, find_person
from bmms.domain.people.memberships import assign_to_organization
from bmms.domain.people.problems import Problem, refusal, refuse_if
from bmms.domain.people.rights import Right, membership_with_rights, set_rights
from bmms.domain.people.role_rules import grant_problem, own_rights, role_problem, unknown_grant
from bmms.domain.permissions import ROLES, canonical
from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Membership, RoleKind
from bmms.models.organizations import Organization


@dataclass(frozen=True)
class RightsChange:
    """What one act did to the rights of a person in one organization: codes before and after, sorted."""

    user: User
    organization: Organization
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Was anything written?"""
        return self.before != self.after

    @property
    def roles_before(self) -> list[str]:
        """The roles among the rights before, without grants."""
        return [code for code in self.before if code in ROLES]


def validate_role_assignment(
    session: Session,
    actor: Actor,
    user: User,
    organization: Organization,
    role: str,
    *,
    create_membership: bool = False,
) -> list[Problem]:
    """What stands against giving this person this role there; empty when nothing does (onboarding 2.4).

    A role whose module is switched off in the organization is no obstacle: see `role_rules.role_warnings`.
    """
    problems = [role_problem(organization, role)]
    if not organization.is_active:
        problems.append(Problem("organization", f"Organization '{organization.code}' is not active."))
    if user.status != UserStatus.ACTIVE:
        problems.append(Problem("user", f"The account {user.username} is {user.status}."))
    if refusal := own_rights(actor, user):
        problems.append(Problem("user", refusal))
    if not create_membership and not _works_in(session, user, organization):
        problems.append(_no_membership(user, organization))
    return [problem for problem in problems if problem]


def _works_in(session: Session, user: User, organization: Organization) -> bool:
    found = select(Membership.id).where(
        Membership.user_id == user.id, Membership.organization_id == organization.id, Membership.is_active
    )
    return session.scalar(found) is not None


def assign_role(
    session: Session,
    actor: Actor,
    user: User,
    organization: Organization,
    role: str,
    *,
    add: bool = False,
    create_membership: bool = False,
    starts_on: date | None = None,
    ends_on: date | None = None,
    reason: str = "",
) -> RightsChange:
    """Give a person a role in an organization; it takes the place of the roles held there, grants stay.

    Args:
        role: the canonical name or an alias.
        add: keep the roles held, the permissions add up.
        create_membership: let the person join the organization if need be.
        starts_on, ends_on: first and last day, for temporary cover.

    Raises:
        RuleBroken: see `validate_role_assignment`; dates that make no sense; the last administrator.
        NotAllowed: the actor gives no roles, or not there.
    """
    refuse_if(validate_role_assignment(session, actor, user, organization, role, create_membership=create_membership))
    code = canonical(role) or role
    days: dict[str, Any] = {"starts_on": starts_on, "ends_on": ends_on, "reason": reason}
    if create_membership and not _works_in(session, user, organization):
        earlier = membership_with_rights(session, user.id, organization.id)
        held = tuple(right.code for right in earlier.rights) if earlier else ()
        assign_to_organization(session, actor, user, organization, code, **days)
        return RightsChange(user, organization, held, (code,))
    membership = _membership(session, user, organization)
    drop = frozenset() if add else frozenset(ROLES) - {code}
    put = (Right(code, **days),)
    return RightsChange(user, organization, *set_rights(session, actor, user, membership, put=put, drop=drop))


def remove_role(session: Session, actor: Actor, user: User, organization: Organization, role: str) -> RightsChange:
    """Take a role away; one that the person does not hold is no error.

    Raises:
        RuleBroken: the role is unknown; the person has no membership there; the last administrator.
        NotAllowed: the actor gives no roles, or not there.
    """
    refuse_if([role_problem(organization, role)])
    membership = _membership(session, user, organization)
    drop = frozenset({canonical(role) or role})
    return RightsChange(user, organization, *set_rights(session, actor, user, membership, drop=drop))


def give_grant(
    session: Session,
    actor: Actor,
    user: User,
    organization: Organization,
    grant: str,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    reason: str = "",
) -> RightsChange:
    """Give one fine duty (D10) beside the roles, for ever or for some days.

    Raises:
        RuleBroken: the grant is unknown or not given in this organization; no membership; dates; the own membership.
        NotAllowed: the actor gives no grants, or not there.
    """
    refuse_if([grant_problem(organization, grant)])
    membership = _membership(session, user, organization)
    put = (Right(canonical(grant, RoleKind.GRANT) or grant, starts_on, ends_on, reason),)
    return RightsChange(user, organization, *set_rights(session, actor, user, membership, put=put))


def take_grant(session: Session, actor: Actor, user: User, organization: Organization, grant: str) -> RightsChange:
    """Take one fine duty away; one that the person does not hold is no error.

    Raises:
        RuleBroken: there is no such grant, or no membership.
        NotAllowed: the actor gives no grants, or not there.
    """
    code = canonical(grant, RoleKind.GRANT) or ""
    refuse_if([] if code else [unknown_grant(grant)])
    membership = _membership(session, user, organization)
    return RightsChange(user, organization, *set_rights(session, actor, user, membership, drop=frozenset({code})))


def _membership(session: Session, user: User, organization: Organization) -> Membership:
    membership = membership_with_rights(session, user.id, organization.id)
    if membership is None or not membership.is_active:
        raise refusal([_no_membership(user, organization)])
    return membership


def _no_membership(user: User, organization: Organization) -> Problem:
    message = f"{user.username} has no active membership in {organization.code}."
    return Problem("organization", message, "Use --create-membership to give one.")


@dataclass(frozen=True)
class Assignment:
    """One wish of a bulk run: who (username or email), where (code), which role."""

    user: str
    organization: str
    role: str


@dataclass(frozen=True)
class AssignmentResult:
    """What became of one wish: the change, or why not."""

    assignment: Assignment
    change: RightsChange | None
    refused: str = ""


def bulk_assign_roles(session: Session, actor: Actor, assignments: Iterable[Assignment]) -> list[AssignmentResult]:
    """Give many roles. Each wish stands alone: a refused one changes nothing and stops no other."""
    results = []
    for wish in assignments:
        try:
            with session.begin_nested():
                user = find_person(session, wish.user)
                organization = find_organization(session, wish.organization)
                results.append(AssignmentResult(wish, assign_role(session, actor, user, organization, wish.role)))
        except DomainError as refused:
            results.append(AssignmentResult(wish, None, str(refused)))
    return results
