"""Whether all is there that BMMS leans on: database, migrations, worker, queue, disk.

Strangers may ask. A part is `ok` or says in a sentence what is the matter; no path, no version, no name of anybody.
"""

import shutil
from datetime import timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from bmms.config import PROJECT, Config
from bmms.domain import clock
from bmms.launch.tables import newest_revision
from bmms.models.jobs import Job, JobStatus
from bmms.models.outbox import MailStatus, OutboxMessage

PATIENCE = timedelta(minutes=10)
WORKER_NAME = "bmms worker"  # what PostgreSQL calls the connections on which workers ask for work, each second
HEARD_WITHIN_SECONDS = 60
OK, UNKNOWN = "ok", "unknown"
GIGABYTE = 10**9

# PostgreSQL notes when each connection last spoke; of its own login's connections everybody may see it. So a worker
# that is killed, stopped or cut off goes silent without having to write anything while it is well.
_HEARD = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name "
    "AND state_change > clock_timestamp() - make_interval(secs => :seconds)"
)


def readiness(session: Session, config: Config) -> dict[str, str]:
    """Part to `ok`, or to what is the matter with it; `unknown` while the part that it needs is not well."""
    signs = {"database": OK, "migrations": UNKNOWN, "worker": UNKNOWN, "queue": UNKNOWN}
    try:
        signs["migrations"] = _migrations(session)
        signs["worker"] = _worker(session)
        if signs["migrations"] == OK:
            signs["queue"] = _queue(session)
    except SQLAlchemyError:
        session.rollback()
        signs["database"] = "It does not answer."
    return signs | {"disk": _disk(config.instance, config.ready_least_disk_gb)}


def _migrations(session: Session) -> str:
    try:
        with session.begin_nested():
            found = session.scalars(text("SELECT version_num FROM alembic_version")).all()
    except ProgrammingError:  # there is no such table, or it may not be read
        return "The tables are not made yet, or not for this version."
    return OK if found == [_newest()] else "The tables are not those of this version."


@cache
def _newest() -> str:
    return newest_revision(PROJECT / "migrations" / "versions")


def _worker(session: Session) -> str:
    heard = session.scalar(_HEARD, {"name": WORKER_NAME, "seconds": HEARD_WITHIN_SECONDS})
    return OK if heard else f"No worker has reported in for {HEARD_WITHIN_SECONDS} seconds."


def _queue(session: Session) -> str:
    late = clock.now() - PATIENCE
    due = func.coalesce(Job.not_before, Job.queued_at)
    jobs = session.scalar(select(func.count(Job.id)).where(Job.status == JobStatus.QUEUED, due < late))
    mails = session.scalar(
        select(func.count(OutboxMessage.id)).where(
            OutboxMessage.status == MailStatus.QUEUED, OutboxMessage.next_try_at < late
        )
    )
    waited = f"waited for more than {PATIENCE.seconds // 60} minutes"
    return f"Due work has {waited}: jobs {jobs}, mails {mails}." if jobs or mails else OK


def _disk(instance: Path, least: int) -> str:
    try:
        free = shutil.disk_usage(instance).free
    except OSError:
        return "The folder of the installation cannot be looked at."
    return OK if free >= least * GIGABYTE else f"Less than {least} GB are free."
