"""Whose account is it? Administrators change the accounts of their own people only.

An account that also serves another organization, or a central role, is the platform's: whoever sets its password or its
address in one organization could otherwise walk into the other.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.access import home_organization
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.permissions import Permission
from bmms.models.accounts import User
from bmms.models.memberships import Membership

SHARED = "{} also works elsewhere; only the platform team changes this account. You can end the membership here."


def check_account(session: Session, actor: Actor, user: User) -> None:
    """Go on only if this actor may change this account, beyond its membership and roles.

    Raises:
        NotAllowed: the actor changes no accounts.
        NotFound: the person does not work in the actor's organization.
        RuleBroken: the account serves another organization too.
    """
    check_colleague(session, actor, user)
    if actor.organization_id is not None and shared_accounts(session, [user.id]):
        raise RuleBroken(SHARED.format(user.full_name))


def check_colleague(session: Session, actor: Actor, user: User) -> None:
    """Go on only if this actor looks after this person, be it together with another organization.

    Raises:
        NotAllowed: the actor changes no accounts.
        NotFound: the person does not work in the actor's organization.
    """
    actor.require(Permission.USER_CHANGE)
    here = select(Membership.id).where(
        Membership.user_id == user.id, Membership.organization_id == actor.organization_id
    )
    if actor.organization_id is not None and session.scalar(here) is None:
        raise NotFound


def record_on_account(
    session: Session, actor: Actor, action: str, user: User, *, note: str = "", **changes: Any
) -> None:
    """One audit row about an account, in the log of the organization where the person is at home."""
    home_id = actor.organization_id or home_organization(session, user.id)
    audit.record(session, actor, action, user, organization_id=home_id, label=user.username, note=note, **changes)


def shared_accounts(session: Session, user_ids: Iterable[int]) -> set[int]:
    """Which of these people have an active membership elsewhere, or a central role. The owner's function knows."""
    return set(session.scalars(select(User.id).where(User.id.in_(list(user_ids)), func.works_elsewhere(User.id))))
