"""The sweeper: finds what a killed worker, a lost queue row or a dead mail server left lying, and has it done again."""

import logging
from collections import Counter

from huey import crontab
from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.outbox import wake
from bmms.models.jobs import Job, JobStatus
from bmms.models.outbox import MailStatus, OutboxMessage
from tasks.payload import PREFIX, ForgedPayload
from tasks.queue import TASKS, Counts, huey, lease, payloads, plain_task, transaction
from tasks.running import MOST_ATTEMPTS

logger = logging.getLogger("bmms.jobs")


@plain_task("sweep", every=crontab())
def sweep() -> Counts:
    """Nudge the worker for all that is due and forgotten. Safe at any time, in any number."""
    found: Counts = Counter()
    with transaction() as session:
        found["abandoned"] = _take_back(session)
        waiting = _waiting(session)
        found["forgotten"] = _nudge_jobs(session, waiting)
        found["mail"] = _nudge_mail(session, waiting)
    if found.total():
        logger.info("swept: %s", ", ".join(f"{count} {what}" for what, count in found.items() if count))
    return Counter({f"swept_{what}": count for what, count in found.items() if count})


def _take_back(session: Session) -> int:
    """Jobs whose worker has gone silent. A row that a worker has locked is alive, whatever its lease says."""
    expired = select(Job).where(Job.status == JobStatus.RUNNING, Job.lease_until < clock.now())
    jobs = session.scalars(expired.order_by(Job.id).with_for_update(skip_locked=True)).all()
    for job in jobs:
        job.lease_until = None
        if job.cancel_asked_at is not None:
            job.status, job.finished_at, job.message = JobStatus.CANCELLED, clock.now(), "Cancelled."
        elif job.attempts >= MOST_ATTEMPTS:
            _give_up(job, "WorkerLost", "This could not be done: it broke off again and again.")
        else:
            job.status, job.queued_at = JobStatus.QUEUED, clock.now()
            wake(session, job.task, job.id)
    session.flush()
    return len(jobs)


def _nudge_jobs(session: Session, waiting: set[tuple[str, int | None]]) -> int:
    """Jobs that have been due for longer than a lease and have no queue row."""
    due = func.coalesce(Job.not_before, Job.queued_at)
    late = select(Job).where(Job.status == JobStatus.QUEUED, due < clock.now() - lease())
    jobs = session.scalars(late.order_by(Job.id).with_for_update(skip_locked=True)).all()
    forgotten = [job for job in jobs if (job.task, job.id) not in waiting]
    for job in forgotten:
        if job.task in TASKS:
            wake(session, job.task, job.id)
        else:
            _give_up(job, f"UnknownTask {job.task}", "This could not be done. The platform administrators can see why.")
    return len(forgotten)


def _nudge_mail(session: Session, waiting: set[tuple[str, int | None]]) -> int:
    """Is a mail due, and no `send_mail` in the queue?"""
    now = clock.now()
    due = select(OutboxMessage.id).where(
        OutboxMessage.status == MailStatus.QUEUED,
        OutboxMessage.next_try_at <= now,
        or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until < now),
    )
    if ("send_mail", None) in waiting or session.scalar(due.limit(1)) is None:
        return 0
    wake(session, "send_mail")
    return 1


def _give_up(job: Job, error: str, message: str) -> None:
    job.status, job.finished_at, job.error, job.message = JobStatus.FAILED, clock.now(), error, message


def _waiting(session: Session) -> set[tuple[str, int | None]]:
    """What the queue and its schedule hold: task name and job id. Rows that are not ours are left to the worker."""
    rows = " UNION ALL ".join(
        f"SELECT data FROM {table} WHERE queue = :queue"  # noqa: S608
        for table in (huey.storage.table_task, huey.storage.table_schedule)
    )
    found = set()
    for data in session.scalars(text(rows), {"queue": huey.name}):
        try:
            message = payloads.deserialize(data)
        except ForgedPayload:
            continue
        found.add((message.name.removeprefix(PREFIX), message.args[0] if message.args else None))
    return found
