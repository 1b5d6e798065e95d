"""Whether BMMS is well: database, migrations, queue."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.jobs import Job, JobStatus
from bmms.models.outbox import MailStatus, OutboxMessage

PATIENCE = timedelta(minutes=5)


def database(session: Session) -> dict[str, str]:
    """One statement to the database.

    Raises:
        sqlalchemy.exc.OperationalError: it does not answer.
    """
    session.execute(text("SELECT 1"))
    return {"database": "ok"}


def readiness(session: Session) -> dict[str, Any]:
    """`status` ok or waiting, the counts of work that is overdue, in jobs and mails."""
    late = clock.now() - PATIENCE
    jobs = session.scalar(
        select(func.count(Job.id)).where(Job.status == JobStatus.QUEUED, Job.queued_at < late, Job.not_before.is_(None))
    )
    mails = session.scalar(
        select(func.count(OutboxMessage.id)).where(
            OutboxMessage.status == MailStatus.QUEUED, OutboxMessage.next_try_at < late
        )
    )
    return {"status": "waiting" if jobs or mails else "ok", "database": "ok", "late_jobs": jobs, "late_mails": mails}
