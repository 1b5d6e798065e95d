"""Who works in an organization now: the people whom a form of that organization can name."""

from collections.abc import Iterable
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

    @property
    def called(self) -> str:
        """The name that nobody else has: `Amina Salik (amina)`."""
        return f"{self.name} ({self.username})"

    def __str__(self) -> str:
        return f"{self.name}, {self.position}" if self.position else self.name


MOST_PROPOSALS = 8


def called(members: Iterable[Member], typed: str) -> Member | None:
    """The one whom somebody means by a full name, a username, or both; None when nobody or more than one is."""
    wanted = _plain(typed)
    found = [one for one in members if wanted in (_plain(one.called), _plain(one.username), _plain(one.name))]
    exact = [one for one in found if wanted != _plain(one.name)]
    return (exact or found)[0] if len(exact or found) == 1 else None


def proposals(members: Iterable[Member], typed: str) -> list[Member]:
    """Those whose name or username holds every word that is typed, each as the beginning of a word; a few of them."""
    words = _plain(typed).split()
    if not words:
        return []
    near = [one for one in members if all(f" {word}" in f" {_plain(one.called)}" for word in words)]
    return near[:MOST_PROPOSALS]


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("(", " ").replace(")", " ").split())


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
