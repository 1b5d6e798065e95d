"""People and organizations by the names that others use for them."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken
from bmms.domain.people.fields import quoted
from bmms.models.accounts import User
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization


def find_person(session: Session, login: str) -> User:
    """The person with this username or email address, in any case, among those whom the session may see.

    Raises:
        RuleBroken: there is none.
    """
    name = login.strip().lower()
    user = (
        session.scalar(select(User).where(or_(User.username == name, User.email == name))) if _is_plain(name) else None
    )
    if user is None:
        raise RuleBroken(f"User {quoted(login)} not found.", field="user")
    return user


def find_organization(session: Session, code: str) -> Organization:
    """The organization with this code, in any case.

    Raises:
        RuleBroken: there is none.
    """
    name = code.strip().upper()
    organization = session.scalar(select(Organization).where(Organization.code == name)) if _is_plain(name) else None
    if organization is None:
        raise RuleBroken(f"Organization {quoted(code)} not found. Run load_pilot_moas first.", field="organization")
    return organization


def home_of(session: Session, user: User) -> Organization:
    """The organization of the primary membership.

    Raises:
        RuleBroken: the person has none.
    """
    home = session.scalar(
        select(Organization)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user.id, Membership.is_primary, Membership.is_active)
    )
    if home is None:
        raise RuleBroken(f"{user.username} has no primary organization. Name one.", field="organization")
    return home


def _is_plain(name: str) -> bool:
    """Could this be stored at all? Others never reach the database."""
    return name.isascii() and name.isprintable()
