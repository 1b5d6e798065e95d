"""Who works in an organization now: the people whom a form of that organization can name."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Membership
from bmms.tenancy import scope_of


@dataclass(frozen=True)
class Member:
    """Somebody with an active membership and an active account."""

    membership_id: int
    user_id: int
    name: str
    position: str
    username: str = ""

    def __str__(self) -> str:
        return f"{self.name}, {self.position}" if self.position else self.name


def working_members(session: Session) -> dict[int, Member]:
    """Everybody who works in the organization that the session serves, by membership id, in the order of names."""
    query = (
        select(Membership.id, Membership.position, User)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organization_id == scope_of(session).organization_id,
            Membership.is_active,
            User.status == UserStatus.ACTIVE,
        )
        .order_by(User.last_name, User.first_name, User.id)
    )
    return {
        membership_id: Member(membership_id, user.id, user.full_name, position, user.username)
        for membership_id, position, user in session.execute(query)
    }
