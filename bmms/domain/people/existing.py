"""People who have an account already when a list names them: brought up to date instead of refused (onboarding 4.3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bmms.domain.actors import Actor
from bmms.domain.people.belonging import SHARED, shared_accounts
from bmms.domain.people.details import change_row
from bmms.domain.people.memberships import assign_to_organization
from bmms.domain.people.problems import Problem
from bmms.domain.people.rights import Right, set_rights
from bmms.domain.people.role_rules import own_rights
from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization

ACCOUNT_FIELDS = ("first_name", "last_name", "phone")
MEMBERSHIP_FIELDS = ("position", "department")


@dataclass
class ExistingPerson:
    """An account with its memberships, by organization id, as one list row meets it."""

    user: User
    is_shared: bool = False
    memberships: dict[int, Membership] = field(default_factory=dict)

    def takes_seat(self, organization: Organization) -> bool:
        """Would this row bring one more person into the organization?"""
        membership = self.memberships.get(organization.id)
        return not self.user.is_demo and (membership is None or not membership.is_active)

    def differences(self, values: Mapping[str, str], organization: Organization) -> list[str]:
        """What a row would change: names of fields, `membership`, `role`. A blank cell changes nothing."""
        found = [name for name in ACCOUNT_FIELDS if values[name] and values[name] != getattr(self.user, name)]
        membership = self.memberships.get(organization.id)
        if membership is None or not membership.is_active:
            return [*found, "membership"]
        found += [name for name in MEMBERSHIP_FIELDS if values[name] and values[name] != getattr(membership, name)]
        return found + ["role"] * (values["role"] not in {right.code for right in membership.rights})

    def problems(self, actor: Actor, values: Mapping[str, str], organization: Organization | None) -> list[Problem]:
        """Why a row cannot bring this person up to date."""
        found = []
        if self.user.status != UserStatus.ACTIVE:
            found.append(Problem("email", f"The account {self.user.username} is {self.user.status}."))
        if values["username"] not in ("", self.user.username):
            found.append(Problem("username", f"The account's username is '{self.user.username}'; it stays."))
        changes = self.differences(values, organization) if organization else []
        refusal = own_rights(actor, self.user)
        if refusal and {"membership", "role"} & set(changes):
            found.append(Problem("role", refusal))
        if self.is_shared and set(ACCOUNT_FIELDS) & set(changes):
            found.append(Problem("email", SHARED.format(self.user.full_name)))
        return found


def find_existing(session: Session, actor: Actor, emails: Iterable[str]) -> dict[str, ExistingPerson]:
    """The people with these addresses whom the session may see, by address."""
    wanted = sorted(emails)
    people = {user.id: ExistingPerson(user) for user in session.scalars(select(User).where(User.email.in_(wanted)))}
    query = select(Membership).where(Membership.user_id.in_(people)).options(selectinload(Membership.rights))
    for membership in session.scalars(query):
        people[membership.user_id].memberships[membership.organization_id] = membership
    for user_id in shared_accounts(session, people) if actor.organization_id is not None else ():
        people[user_id].is_shared = True
    return {person.user.email: person for person in people.values()}


def bring_up_to_date(
    session: Session, actor: Actor, person: ExistingPerson, values: Mapping[str, str], organization: Organization
) -> bool:
    """Change what a row says otherwise; never the password, and without any mail. Returns whether anything changed."""
    changes = person.differences(values, organization)
    if not changes:
        return False
    label = person.user.username
    change_row(session, actor, person.user, label, _given(values, ACCOUNT_FIELDS))
    if "membership" in changes:
        assign_to_organization(
            session, actor, person.user, organization, values["role"],
            position=values["position"], department=values["department"], quiet=True,
        )  # fmt: skip
        return True
    membership = person.memberships[organization.id]
    change_row(session, actor, membership, label, _given(values, MEMBERSHIP_FIELDS))
    if "role" in changes:
        set_rights(session, actor, person.user, membership, put=(Right(values["role"]),), mail="")
    return True


def _given(values: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: values[name] for name in names if values[name]}
