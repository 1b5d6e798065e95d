"""The notices of one person in one organization: the count of the masthead, the list, and marking them read."""

from sqlalchemy import ScalarSelect, Select, func, select, update
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.errors import NotFound
from bmms.models.collaboration import Notification
from bmms.models.memberships import Membership

COUNTED_UP_TO = 100  # for the masthead


def unread_of(membership_id: int) -> ScalarSelect[int]:
    """How many are unread, as a part of another statement, so that the masthead costs none; counting ends at 100."""
    unread = select(Notification.id).where(Notification.membership_id == membership_id, Notification.read_at.is_(None))
    return select(func.count()).select_from(unread.limit(COUNTED_UP_TO).subquery()).scalar_subquery()


def list_notices(membership: Membership, *, only_unread: bool = False) -> Select[Notification]:
    """The latest first."""
    return _of(membership, only_unread=only_unread)


def get_notice(session: Session, membership: Membership, notice_id: int) -> Notification:
    """One notice of this person. Raises NotFound: there is none, or it is somebody else's."""
    found = session.scalar(_of(membership).where(Notification.id == notice_id))
    if found is None:
        raise NotFound("There is no such notice.")
    return found


def mark_read(session: Session, membership: Membership, notice_id: int) -> Notification:
    """Note that the person has seen it; a second time changes nothing. Raises NotFound."""
    notice = get_notice(session, membership, notice_id)
    if notice.read_at is None:
        notice.read_at = clock.now()
        session.flush()
    return notice


def mark_all_read(session: Session, membership: Membership) -> int:
    """Note that the person has seen everything. Returns how many were unread."""
    seen = update(Notification).where(Notification.membership_id == membership.id, Notification.read_at.is_(None))
    count: int = session.execute(seen.values(read_at=clock.now())).rowcount  # type: ignore[attr-defined]
    session.info["wrote"] = True
    return count


def _of(membership: Membership, *, only_unread: bool = False) -> Select[Notification]:
    query = select(Notification).where(Notification.membership_id == membership.id).order_by(Notification.id.desc())
    return query.where(Notification.read_at.is_(None)) if only_unread else query
