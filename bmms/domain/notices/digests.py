"""Notices gathered into one mail: every day at 9:00, or on Mondays at 9:00, Philippine time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bmms.domain import clock, outbox
from bmms.domain.installation import installation_of
from bmms.domain.notices.telling import recipients
from bmms.models.collaboration import Notification
from bmms.models.memberships import Membership
from bmms.models.organizations import MailMode
from bmms.tenancy import scope_of

HOUR = 9
MOST_IN_A_MAIL = 30
OLDEST = timedelta(days=8)  # what nobody was mailed for so long stays in the list only


def last_turn(mode: MailMode, now: datetime) -> datetime:
    """The latest moment at which a digest of this mode was due: today or yesterday at 9:00, or Monday at 9:00."""
    local = now.astimezone(clock.MANILA)
    turn = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if turn > local:
        turn -= timedelta(days=1)
    if mode == MailMode.WEEKLY:
        turn -= timedelta(days=turn.weekday())
    return turn


def write_digests(session: Session) -> int:
    """Put the digests that are due into the outbox: one for each person with unread notices from before the last turn.

    Run often; a turn that was missed is made up for, and each notice goes into one mail at most.

    Returns:
        how many mails were written.
    """
    if not installation_of(session).config.pilot.email_notifications:
        return 0
    now, written = clock.now(), 0
    people = list(recipients(session))
    for mode in (MailMode.DAILY, MailMode.WEEKLY):
        # who changed to "at once" meanwhile gets what is left over with the daily ones
        users = {
            one.membership_id: one.user_id
            for one in people
            if (one.mode == MailMode.WEEKLY) == (mode == MailMode.WEEKLY)
        }
        turn = last_turn(mode, now)
        for membership_id in _take(session, list(users), turn, now):
            outbox.write(
                session, "digest", user_id=users[membership_id], organization_id=scope_of(session).organization_id,
                at=now.isoformat(),
            )  # fmt: skip
            written += 1
    session.flush()
    return written


def _take(session: Session, membership_ids: Sequence[int], turn: datetime, now: datetime) -> list[int]:
    """Mark what goes out, so that no second round takes it, and say for whom it is."""
    taken = (
        update(Notification)
        .where(
            Notification.membership_id.in_(membership_ids), Notification.read_at.is_(None),
            Notification.mailed_at.is_(None), Notification.made_at < turn, Notification.made_at >= turn - OLDEST,
        )
        .values(mailed_at=now)
        .returning(Notification.membership_id)
    )  # fmt: skip
    return sorted(set(session.scalars(taken)))


def of_mail(session: Session, user_id: int, at: datetime) -> tuple[list[Notification], int]:
    """What a digest says when it leaves: the notices that are still unread, at most 30, and how many more there are."""
    query = (
        select(Notification)
        .join(Membership, Membership.id == Notification.membership_id)
        .where(Membership.user_id == user_id, Notification.mailed_at == at, Notification.read_at.is_(None))
        .order_by(Notification.id)
    )
    found = list(session.scalars(query))
    return found[:MOST_IN_A_MAIL], max(0, len(found) - MOST_IN_A_MAIL)
