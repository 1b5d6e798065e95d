"""The life of an account: active, inactive for a while, deactivated for good (onboarding 3.7)."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.accounts import credentials
from bmms.domain.accounts.sessions import end_sessions
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.people import handover
from bmms.domain.people.administrators import keep_an_administrator, lock_rights
from bmms.domain.people.belonging import check_account, check_colleague, record_on_account
from bmms.domain.people.seats import check_seat
from bmms.models.accounts import CentralRole, SignInLock, User, UserStatus
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization


def deactivate(
    session: Session, actor: Actor, user: User, *, reason: str, successor: User | None = None
) -> dict[str, int]:
    """Somebody has left. The account stays for the record and never comes back; what was held goes on.

    Sessions end, memberships and central roles stop, a waiting password is forgotten. The rights stay as they were, for
    the record. All of it is one transaction.

    Args:
        reason: why, for the record.
        successor: who takes over drafts and pending work; None leaves it unassigned.

    Returns:
        what was handed over, by kind.

    Raises:
        RuleBroken: no reason; oneself; deactivated already; the last administrator; an account that works elsewhere
            too; a successor who is not active or works somewhere else.
    """
    _check(session, actor, user, reason)
    if user.status == UserStatus.DEACTIVATED:
        raise RuleBroken(f"{user.username} is deactivated already.")
    _keep_administrators(session, user)
    handed_over = handover.hand_over(session, actor, user, successor)
    user.deactivated_at, user.deactivation_reason = clock.now(), reason.strip()
    user.successor_id = successor.id if successor else None
    _change_status(session, actor, user, UserStatus.DEACTIVATED, "deactivate", reason)
    session.execute(update(Membership).where(Membership.user_id == user.id).values(is_active=False))
    if actor.organization_id is None:
        session.execute(update(CentralRole).where(CentralRole.user_id == user.id).values(is_active=False))
    credentials.forget(session, user.id)
    return handed_over


def make_inactive(session: Session, actor: Actor, user: User, *, reason: str) -> None:
    """Somebody is away for a while: no sign-in until `reactivate`; memberships and rights stay.

    Raises:
        RuleBroken: no reason; oneself; not active; the last administrator; an account that works elsewhere too.
    """
    _check(session, actor, user, reason)
    if user.status != UserStatus.ACTIVE:
        raise RuleBroken(f"{user.username} is {user.status} already.")
    _keep_administrators(session, user)
    _change_status(session, actor, user, UserStatus.INACTIVE, "make_inactive", reason)


def reactivate(session: Session, actor: Actor, user: User) -> None:
    """Somebody is back.

    Raises:
        RuleBroken: deactivated, which is for good; active already; an account that works elsewhere too; no seat left.
    """
    check_account(session, actor, user)
    if user.status == UserStatus.DEACTIVATED:
        raise RuleBroken(f"{user.username} was deactivated for good. Make a new account with another email address.")
    if user.status == UserStatus.ACTIVE:
        raise RuleBroken(f"{user.username} is active already.")
    here = select(Organization).join(Membership, Membership.organization_id == Organization.id)
    for organization in session.scalars(here.where(Membership.user_id == user.id, Membership.is_active)):
        check_seat(session, organization, user)
    _change_status(session, actor, user, UserStatus.ACTIVE, "reactivate", "")


def unlock(session: Session, actor: Actor, user: User, *, note: str) -> bool:
    """End the locks that failed sign-ins brought, before their time (rule S5). Returns whether there were any.

    Raises:
        NotAllowed: the actor changes no accounts.
        NotFound: the person does not work in the actor's organization.
        RuleBroken: no note.
    """
    check_colleague(session, actor, user)
    if not note.strip():
        raise RuleBroken("Say how you know that it is this person.", field="note")
    ended = session.scalars(
        delete(SignInLock).where(SignInLock.user_id == user.id).returning(SignInLock.failures)
    ).all()
    record_on_account(session, actor, "users:unlock", user, note=note.strip())
    return bool(ended)


def _check(session: Session, actor: Actor, user: User, reason: str) -> None:
    check_account(session, actor, user)
    if actor.user_id == user.id:
        raise RuleBroken("You cannot do this to your own account. Ask another administrator.")
    if not reason.strip():
        raise RuleBroken("Say why.", field="reason")


def _keep_administrators(session: Session, user: User) -> None:
    active = select(Membership.organization_id).where(Membership.user_id == user.id, Membership.is_active)
    organization_ids = sorted(session.scalars(active))
    lock_rights(session, organization_ids)
    for organization_id in organization_ids:
        keep_an_administrator(session, organization_id, user)


def _change_status(session: Session, actor: Actor, user: User, status: UserStatus, verb: str, reason: str) -> None:
    before, user.status = user.status, status
    ended = end_sessions(session, user.id, verb) if status != UserStatus.ACTIVE else 0
    changes = {"status": [before, status], "sessions_ended": [None, ended]}
    record_on_account(session, actor, f"users:{verb}", user, note=reason.strip(), **changes)
