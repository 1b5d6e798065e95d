"""Rows for tests. The organization is always said, never guessed."""

from functools import cache

from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.accounts import passwords, signing_in
from bmms.domain.permissions import CENTRAL_ROLES, GRANTS, ROLES, RULES
from bmms.models.accounts import CentralRole, User
from bmms.models.memberships import Membership, MembershipRight, Role
from bmms.models.organizations import Organization, OrganizationKind

PASSWORD = "Kalesa@Ulan7x!Tala"  # everybody's in tests; hashed lightly, for it guards nothing


@cache
def _hash() -> str:
    return passwords.hash_temporary(PASSWORD)


def make_roles(session: Session) -> None:
    """The roles as `domain/permissions.py` knows them."""
    for code in (*ROLES, *GRANTS, *CENTRAL_ROLES):
        rule = RULES[code]
        names = sorted(permission.value for permission in rule.permissions)
        session.add(Role(code=code, kind=rule.kind, label=rule.label, purpose=rule.purpose, permissions=names))
    session.flush()


def make_organization(session: Session, code: str, name: str = "", **columns: object) -> Organization:
    """An active pilot ministry unless said otherwise."""
    values = {"kind": OrganizationKind.MINISTRY, "is_active": True, "is_pilot": True, **columns}
    organization = Organization(code=code, name=name or f"Ministry {code}", **values)
    session.add(organization)
    session.flush()
    return organization


def make_user(session: Session, username: str, first: str = "", last: str = "", **columns: object) -> User:
    """Somebody who has an own password and has accepted the privacy notice."""
    values = {
        "email": f"{username}@example.gov.ph",
        "first_name": first or username.capitalize(),
        "last_name": last or "Sample",
        "phone": "+639170000000",
        "password_hash": _hash(),
        "must_change_password": False,
        "privacy_version": signing_in.PRIVACY_VERSION,
        **columns,
    }
    user = User(username=username, **values)
    session.add(user)
    session.flush()
    return user


def make_membership(
    session: Session, user: User, organization: Organization, *rights: str, primary: bool = True, **columns: object
) -> Membership:
    """A membership with roles and grants that hold for ever."""
    membership = Membership(user_id=user.id, organization_id=organization.id, is_primary=primary, **columns)
    session.add(membership)
    session.flush()
    for code in rights:
        session.add(
            MembershipRight(
                membership_id=membership.id, organization_id=organization.id, code=code, given_at=clock.now()
            )
        )
    session.flush()
    return membership


def make_central(session: Session, user: User, *roles: str) -> None:
    """Roles above the organizations."""
    for role in roles:
        session.add(CentralRole(user_id=user.id, role=role, given_at=clock.now()))
    session.flush()
