"""Notices by the calendar: the digests of 9:00, and what is forgotten in the night."""

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain import drafts
from bmms.domain.notices import digests
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task


@plain_task("write_digests", every=crontab(minute="*/15"))
def write_digests() -> Counts:
    """Every quarter of an hour, so that a worker that was down at 9:00 makes up for it; each notice goes out once."""
    return in_each_organization(_digests)


@plain_task("forget_typed", every=crontab(minute="20", hour="18"))
def forget_typed() -> Counts:
    """At 2:20 in Manila: drafts that nobody touched for 90 days, and the memory of forms sent 30 days ago."""
    return in_each_organization(_forget)


def _digests(session: Session, organization_id: int) -> dict[str, int]:
    return {"digests_written": digests.write_digests(session)}


def _forget(session: Session, organization_id: int) -> dict[str, int]:
    return {"drafts_forgotten": drafts.forget_old(session), "sent_forms_forgotten": drafts.forget_sent(session)}
