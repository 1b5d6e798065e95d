"""Telling people that something concerns them: a row in the transaction of the reason, and mail as each has chosen."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from bmms.domain import clock, outbox
from bmms.domain.actors import Actor
from bmms.domain.installation import installation_of
from bmms.models.accounts import User, UserStatus
from bmms.models.collaboration import Notification
from bmms.models.memberships import Membership
from bmms.models.organizations import MailMode, Organization
from bmms.tenancy import scope_of

LONGEST_TEXT = 400


@dataclass(frozen=True)
class Recipient:
    """Somebody who is told, and when mail about it goes out."""

    membership_id: int
    user_id: int
    mode: MailMode
    is_demo: bool


def tell(
    session: Session,
    actor: Actor,
    membership_ids: Collection[int],
    kind: str,
    text: str,
    endpoint: str = "",
    /,
    *,
    once: str = "",
    is_demo: bool = False,
    **values: Any,
) -> int:
    """Tell members of the organization that the session serves; nobody is told what he or she did.

    Args:
        kind: a word for the sort of news, such as `submitted`.
        text: one sentence, without figures or personal data: it goes into mails.
        endpoint: the page that it leads to, with `values` (ids and words) for its address.
        once: each person gets one notice with this key, ever; for reminders.
        is_demo: it is about demo data, which no mail is sent for: it stands in the list only.

    Returns:
        how many were told.
    """
    people = [one for one in recipients(session, membership_ids) if one.user_id != actor.user_id]
    if not people:
        return 0
    by_mail = installation_of(session).config.pilot.email_notifications and not is_demo
    now = clock.now()
    rows = [
        {
            "organization_id": scope_of(session).organization_id,
            "membership_id": one.membership_id,
            "kind": kind,
            "text": _short(text),
            "endpoint": endpoint,
            "values": values,
            "once": once,
            "made_at": now,
            "mailed_at": now if is_demo or (by_mail and one.mode == MailMode.IMMEDIATE) else None,
            "is_demo": is_demo or one.is_demo,
        }
        for one in people
    ]
    made = upsert(Notification).on_conflict_do_nothing().returning(Notification.id, Notification.membership_id)
    told = {membership_id: notice_id for notice_id, membership_id in session.execute(made, rows)}
    session.info["wrote"] = True
    for one in people:
        if by_mail and one.mode == MailMode.IMMEDIATE and one.membership_id in told:
            outbox.write(
                session, "notice", user_id=one.user_id, organization_id=scope_of(session).organization_id,
                notice_id=told[one.membership_id],
            )  # fmt: skip
    session.flush()
    return len(told)


def recipients(session: Session, membership_ids: Collection[int] | None = None) -> Iterable[Recipient]:
    """Those of these members who work here now, with the mail mode that counts for each; without ids, everybody."""
    organization_id = scope_of(session).organization_id
    query = (
        select(Membership.id, User.id, User.mail_mode, User.is_demo, Organization.mail_mode)
        .join(User, User.id == Membership.user_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.organization_id == organization_id, Membership.is_active, User.status == UserStatus.ACTIVE)
        .order_by(Membership.id)
    )
    if membership_ids is not None:
        if not membership_ids:
            return []
        query = query.where(Membership.id.in_(membership_ids))
    return [
        Recipient(membership_id, user_id, MailMode(own or general), is_demo)
        for membership_id, user_id, own, is_demo, general in session.execute(query)
    ]


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_TEXT else f"{words[: LONGEST_TEXT - 1]}…"
