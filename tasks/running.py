"""The life of a job row while a worker has it: claimed, kept alive, moved on, ended. Nothing here commits.

A claim is a pair (job, attempt). Each statement of a worker names both, so a worker that was believed dead and comes
back (a stopped process, a network that returns) finds that its claim is worth nothing and undoes its last step.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.errors import DomainError
from bmms.log_lines import describe
from bmms.models.accounts import CentralRole, User, UserStatus
from bmms.models.jobs import Job, JobStatus
from bmms.models.memberships import Membership

MOST_ATTEMPTS = 10  # in all: a job that kills its worker, or meets a dead database, does not come back for ever
PAUSES = (5, 30, 120)  # seconds before the second, third and last try of a job that failed

logger = logging.getLogger("bmms.jobs")


class Stopped(Exception):
    """The job must not go on. The text is for its owner."""


class LeaseLost(Exception):
    """Another worker has this job now, or somebody ended it; what was done since the last step is undone."""


@dataclass(frozen=True)
class Claim:
    """One worker's hold on one job. The attempt tells this hold from earlier and later ones."""

    job_id: int
    attempt: int
    organization_id: int | None
    owner_id: int | None


def claim(session: Session, task: str, job_id: int, lease: timedelta) -> Claim | None:
    """Take a job that waits, or whose worker has died. None: a second queue row for it, or it was cancelled."""
    now = clock.now()
    waits = and_(Job.status == JobStatus.QUEUED, or_(Job.not_before.is_(None), Job.not_before <= now))
    abandoned = and_(Job.status == JobStatus.RUNNING, Job.lease_until < now)
    row = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.task == task, or_(waits, abandoned))
        .values(
            status=JobStatus.RUNNING,
            attempts=Job.attempts + 1,
            started_at=func.coalesce(Job.started_at, now),
            lease_until=now + lease,
            not_before=None,
            message="",
            error="",
        )
        .returning(Job.attempts, Job.organization_id, Job.owner_id)
    ).one_or_none()
    return Claim(job_id, *row) if row else None


def _mine(claim: Claim) -> tuple:
    return Job.id == claim.job_id, Job.attempts == claim.attempt, Job.status == JobStatus.RUNNING


def renew(session: Session, claim: Claim, lease: timedelta) -> None:
    """Hold on to a job for another lease. A row that the job itself has locked is alive already."""
    if session.scalar(select(Job.id).where(*_mine(claim)).with_for_update(skip_locked=True)) is not None:
        session.execute(update(Job).where(Job.id == claim.job_id).values(lease_until=clock.now() + lease))


def step(session: Session, claim: Claim, done: int, lease: timedelta) -> bool:
    """Note how far the job is, which also renews its lease. True: somebody asked to cancel it.

    Raises:
        LeaseLost: the job is no longer ours.
        Stopped: its owner has lost the access that it needs (INV-5).
    """
    row = session.execute(
        update(Job)
        .where(*_mine(claim))
        .values(done=done, lease_until=clock.now() + lease)
        .returning(Job.cancel_asked_at)
    ).one_or_none()
    if row is None:
        raise LeaseLost
    require_access(session, claim)
    return row.cancel_asked_at is not None


def require_access(session: Session, claim: Claim) -> None:
    """Go on only while the owner is active and still works here, or holds a central role (INV-5).

    Raises:
        Stopped: that is no longer so. A job without an owner was started at the command line.
    """
    if claim.owner_id is None:
        return
    here = exists().where(
        Membership.user_id == User.id, Membership.organization_id == claim.organization_id, Membership.is_active
    )
    central = exists().where(CentralRole.user_id == User.id, CentralRole.is_active)
    person = select(User.id).where(User.id == claim.owner_id, User.status == UserStatus.ACTIVE, or_(here, central))
    if session.scalar(person) is None:
        raise Stopped("Stopped: the person who started this no longer has access.")


def finish(session: Session, claim: Claim) -> None:
    """Mark a job as done, in the transaction of its last step.

    Raises:
        LeaseLost: the job is no longer ours.
    """
    if not _end(session, claim, status=JobStatus.DONE, done=func.greatest(Job.done, Job.total), error=""):
        raise LeaseLost


def stop(session: Session, claim: Claim, reason: str) -> None:
    """End a job that was cancelled or whose owner lost access."""
    _end(session, claim, status=JobStatus.CANCELLED, message=reason)


def fail(session: Session, claim: Claim, wrong: Exception, pauses: tuple[int, ...]) -> datetime | None:
    """Note that a try failed.

    Returns:
        when the next try may start; None when there is none: the tries are used up, or a rule of the domain refused.
    """
    refused = isinstance(wrong, DomainError)
    gone = isinstance(wrong, DBAPIError) and wrong.connection_invalidated  # no fault of the job
    tries = MOST_ATTEMPTS if gone else len(pauses) + 1
    if refused or claim.attempt >= tries:
        message = (refused and str(wrong)) or "This could not be done. The platform administrators can see why."
        _end(session, claim, status=JobStatus.FAILED, message=message, error=describe(wrong))
        return None
    pauses = pauses or PAUSES
    due = clock.now() + timedelta(seconds=pauses[min(claim.attempt, len(pauses)) - 1])
    message = f"This did not work yet. The next try starts at {due.astimezone(clock.MANILA):%H:%M:%S}."
    give_back(session, claim, due=due, message=message, error=describe(wrong))
    return due


def give_back(
    session: Session, claim: Claim, *, due: datetime | None = None, message: str = "", error: str = ""
) -> None:
    """Let another worker go on with a job, at once or from `due` on."""
    session.execute(
        update(Job)
        .where(*_mine(claim))
        .values(
            status=JobStatus.QUEUED,
            queued_at=clock.now(),
            not_before=due,
            lease_until=None,
            message=message,
            error=error,
        )
    )


def _end(session: Session, claim: Claim, **values: object) -> bool:
    ended = update(Job).where(*_mine(claim)).values(finished_at=clock.now(), lease_until=None, **values)
    return session.execute(ended.returning(Job.id)).one_or_none() is not None


@contextmanager
def beating(renewal: Callable[[], None], every: float) -> Iterator[None]:
    """Renew a lease from a thread of its own while the block runs, so that one long step does not lose it."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(every):
            try:
                renewal()
            except (SQLAlchemyError, OSError) as wrong:
                logger.warning("a lease could not be renewed: %s", type(wrong).__name__)

    thread = threading.Thread(target=copy_context().run, args=(beat,), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=10)
