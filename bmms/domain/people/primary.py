"""Which organization opens first after signing in, set by the platform; people choose their own in `domain/access`."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.models.memberships import Membership


def make_primary(session: Session, actor: Actor, membership: Membership) -> None:
    """Make one membership the first, and the one that was first an ordinary one.

    Raises:
        RuleBroken: the membership has ended.
        NotAllowed: the actor changes no people.
    """
    actor.require(Permission.USER_CHANGE)
    if not membership.is_active:
        raise RuleBroken("This membership has ended; it cannot open first.")
    if membership.is_primary:
        return
    others = update(Membership).where(Membership.user_id == membership.user_id, Membership.is_primary)
    session.execute(others.values(is_primary=False))
    membership.is_primary = True
    audit.record(session, actor, "memberships:choose_primary", membership, is_primary=[False, True])
