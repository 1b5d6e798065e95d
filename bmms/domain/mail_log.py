"""What became of mails: for administrators who wonder whether a person got theirs, and to send a welcome again."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, outbox
from bmms.domain.accounts import credentials
from bmms.domain.accounts.sessions import end_sessions
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.people.belonging import check_account
from bmms.domain.permissions import Permission
from bmms.models.accounts import PendingCredential, User, UserStatus
from bmms.models.memberships import Membership
from bmms.models.outbox import MailStatus, OutboxMessage


class Delivery(NamedTuple):
    """How a person's latest welcome mail fares."""

    status: MailStatus
    sent_at: datetime | None
    error: str
    attempts: int


def list_messages(actor: Actor, *, status: str = "", kind: str = "", person: str = "") -> Select[OutboxMessage]:
    """Mails, newest first: of the actor's organization, or all for the platform.

    Args:
        status: one of `MailStatus`; anything else finds nothing.
        kind: one of `outbox.KINDS`.
        person: a part of the name, username or address.

    Raises:
        NotAllowed: the actor may not read the list of mails.
    """
    actor.require(Permission.MAIL_VIEW)
    query = select(OutboxMessage).order_by(OutboxMessage.id.desc())
    if actor.organization_id is not None:
        query = query.where(OutboxMessage.organization_id == actor.organization_id)
    if status:
        query = query.where(OutboxMessage.status.in_([one for one in MailStatus if one == status]))
    if kind:
        query = query.where(OutboxMessage.kind == kind)
    if person:
        columns = (User.first_name, User.last_name, User.first_name + " " + User.last_name, User.username, User.email)
        found = or_(*(column.icontains(person.strip(), autoescape=True) for column in columns))
        query = query.where(exists().where(User.id == OutboxMessage.user_id, found))
    return query


def get_message(session: Session, actor: Actor, message_id: int) -> OutboxMessage:
    """One mail that the actor may see in the list.

    Raises:
        NotFound: there is none, or it belongs to another organization.
    """
    message = session.scalar(list_messages(actor).where(OutboxMessage.id == message_id))
    if message is None:
        raise NotFound
    return message


def recipients(session: Session, user_ids: Collection[int]) -> dict[int, User]:
    """The people of a page of mails, by id, in one query. Those who have left the organization are missing."""
    return {user.id: user for user in session.scalars(select(User).where(User.id.in_(user_ids)))}


def delivery_state(session: Session, user_ids: Collection[int]) -> dict[int, Delivery]:
    """The latest welcome mail of each of these people, in one query; who never had one is missing."""
    latest = (
        select(
            OutboxMessage.user_id,
            OutboxMessage.status,
            OutboxMessage.sent_at,
            OutboxMessage.error,
            OutboxMessage.attempts,
        )
        .where(OutboxMessage.kind == "welcome", OutboxMessage.user_id.in_(user_ids))
        .ext(distinct_on(OutboxMessage.user_id))
        .order_by(OutboxMessage.user_id, OutboxMessage.id.desc())
    )
    return {row.user_id: Delivery(row.status, row.sent_at, row.error, row.attempts) for row in session.execute(latest)}


def resend_welcome(session: Session, actor: Actor, user: User, *, force_new_password: bool = False) -> OutboxMessage:
    """Send the welcome mail again with a fresh temporary password; the earlier password ends at once.

    Args:
        force_new_password: also for a person who has chosen an own password; that password ends as well.

    Raises:
        NotAllowed: the actor may not send mails again.
        NotFound: the person does not work in the actor's organization.
        RuleBroken: the account works elsewhere too or is not active, or the person has an own password and
            `force_new_password` is off.
    """
    actor.require(Permission.MAIL_RESEND)
    check_account(session, actor, user)
    if user.status != UserStatus.ACTIVE:
        raise RuleBroken(f"The account of {user.full_name} is {user.status}. Make it active before you send a mail.")
    if not user.must_change_password and not force_new_password:
        raise RuleBroken(
            f"{user.full_name} has already chosen a password. Send a reset link, or ask for a new temporary password."
        )
    credentials.give_temporary_password(session, user)
    end_sessions(session, user.id, "welcome mail sent again")
    _withdraw_waiting(session, user.id)
    home = actor.organization_id or home_of(session, [user.id]).get(user.id)
    message = outbox.write(session, "welcome", user_id=user.id, organization_id=home)
    audit.record(session, actor, "mail:resend", user, organization_id=home, label=user.full_name)
    return message


def _withdraw_waiting(session: Session, user_id: int) -> None:
    """Earlier welcome mails that still wait would bring the new password twice. One that is leaving now is let go."""
    waiting = select(OutboxMessage.id).where(
        OutboxMessage.user_id == user_id, OutboxMessage.kind == "welcome", OutboxMessage.status == MailStatus.QUEUED
    )
    ids = session.scalars(waiting.with_for_update(skip_locked=True)).all()
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .values(status=MailStatus.SKIPPED, error="Replaced by a newer mail.")
    )


def queue_pending_welcomes(session: Session, actor: Actor, *, organization_id: int | None = None) -> int:
    """Put a welcome mail into the outbox for everybody whose temporary password still waits and who got no such mail.

    Args:
        session: bound to the platform.
        organization_id: only people whose primary membership is there.

    Returns:
        how many mails were queued. A second run queues none.
    """
    had = exists().where(
        OutboxMessage.user_id == User.id,
        OutboxMessage.kind == "welcome",
        OutboxMessage.status.in_([MailStatus.QUEUED, MailStatus.SENT]),
    )
    pending = (
        select(User.id)
        .join(PendingCredential, PendingCredential.user_id == User.id)
        .where(User.status == UserStatus.ACTIVE, PendingCredential.expires_at > clock.now(), ~had)
        .order_by(User.id)
    )
    user_ids = list(session.scalars(pending))
    homes = home_of(session, user_ids)
    chosen = [one for one in user_ids if organization_id is None or homes.get(one) == organization_id]
    for user_id in chosen:
        outbox.write(session, "welcome", user_id=user_id, organization_id=homes.get(user_id))
    if chosen:
        audit.record(session, actor, "mail:queue_welcomes", organization_id=organization_id, queued=(0, len(chosen)))
    return len(chosen)


def home_of(session: Session, user_ids: Collection[int]) -> dict[int, int]:
    """User id to the organization of the primary active membership; people above the organizations are missing."""
    homes = select(Membership.user_id, Membership.organization_id).where(
        Membership.user_id.in_(user_ids), Membership.is_primary, Membership.is_active
    )
    return {row.user_id: row.organization_id for row in session.execute(homes)}
