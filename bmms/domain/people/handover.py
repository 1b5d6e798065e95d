"""What somebody leaves behind goes to a successor, or becomes unassigned. Each module says what that is."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Membership


@dataclass(frozen=True)
class Duty:
    """A kind of work that people hold, such as draft plans.

    Attributes:
        name: what people call it, in the plural.
        count: how much of it this person holds in the organization that the session is bound to.
        hand_over: give all of it to the successor, or to nobody; returns how much it was.
    """

    name: str
    count: Callable[[Session, User], int]
    hand_over: Callable[[Session, Actor, User, User | None], int]


_duties: dict[str, Duty] = {}


def register(duty: Duty) -> None:
    """Let a module take part; called once, when the module is imported."""
    _duties[duty.name] = duty


def held_by(session: Session, user: User) -> dict[str, int]:
    """What this person holds, by kind; for the question before the act. Kinds without any are left out."""
    counts = {duty.name: duty.count(session, user) for duty in _duties.values()}
    return {name: count for name, count in counts.items() if count}


def hand_over(session: Session, actor: Actor, user: User, successor: User | None) -> dict[str, int]:
    """Give all that this person holds to the successor (None: to nobody). Returns how much, by kind.

    Raises:
        RuleBroken: the successor is not active, or works somewhere else.
    """
    if successor is not None:
        _check_successor(session, user, successor)
    counts = {duty.name: duty.hand_over(session, actor, user, successor) for duty in _duties.values()}
    return {name: count for name, count in counts.items() if count}


def _check_successor(session: Session, user: User, successor: User) -> None:
    if successor.id == user.id or successor.status != UserStatus.ACTIVE:
        raise RuleBroken(f"{successor.username} cannot take over.", field="successor")
    homes = select(Membership.organization_id).where(Membership.user_id == user.id)
    together = select(Membership.id).where(
        Membership.user_id == successor.id, Membership.is_active, Membership.organization_id.in_(homes)
    )
    if session.scalar(together.limit(1)) is None:
        raise RuleBroken(f"{successor.username} does not work in the same organization.", field="successor")
