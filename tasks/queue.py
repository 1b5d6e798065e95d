"""The queue: Huey on PostgreSQL, coupled to the transactions of the application (decision D5).

`bmms.domain.outbox.wake` notes in the session what the worker shall do. Before the outermost commit the notes become
rows of Huey's own table, on the same connection: business row, job row and queue row stand or fall together.

A queue row is only a nudge. Jobs and outbox rows are the truth, and `tasks/sweeping.py` nudges again for those that
were forgotten; therefore a lost queue row loses nothing, and a second one does nothing.
"""

import importlib
import logging
import pkgutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from flask import Flask
from huey import PostgresHuey
from sqlalchemy import event, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, SessionTransaction
from structlog.contextvars import bound_contextvars

import tasks
from bmms import log_lines
from bmms.domain.errors import RuleBroken
from bmms.extensions import db
from bmms.models.jobs import Job
from bmms.tenancy import bind_person, bind_platform, bind_scope
from tasks import running
from tasks.payload import PREFIX, SignedPayload
from tasks.running import PAUSES, Claim, LeaseLost, Stopped

LEASE_SECONDS = 60  # how long a silent worker keeps a job or a mail
TASK_SECONDS = 300  # the hard limit of one run (onboarding 5.2)
ROWS_A_STEP = 50  # progress is committed after so many rows …
SECONDS_A_STEP = 2.0  # … or after so long, whichever comes first

Counts = Counter[str]
JobFunction = Callable[[Session, Job], None]

logger = logging.getLogger("bmms.jobs")


def _unconnected() -> psycopg.Connection:
    raise RuntimeError("the queue has no database yet: call init_queue(app) first")


payloads = SignedPayload()
huey = PostgresHuey(
    "bmms", results=False, store_none=False, create_tables=False, serializer=payloads, connection=_unconnected
)


def init_queue(app: Flask, *, called: str = "bmms queue") -> None:
    """Give the queue its application, its database and its key. Importing this module needs no environment.

    Args:
        called: what PostgreSQL calls the connections of the queue; workers are known by it.
    """
    config = app.extensions["installation"].config
    address = make_url(config.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    app.config.setdefault("LEASE_SECONDS", LEASE_SECONDS)
    payloads.use(config.secret_key, config.secret_key_fallbacks)
    huey.storage.close()
    huey.storage.connection = lambda: psycopg.connect(address, connect_timeout=10, application_name=called)
    huey.app = app
    if not event.contains(Session, "before_commit", _write_queue_rows):
        for name, listener in _LISTENERS.items():
            event.listen(Session, name, listener)


def lease() -> timedelta:
    """How long a worker that has gone silent keeps what it took."""
    return timedelta(seconds=huey.app.config["LEASE_SECONDS"])


# The coupling: from `session.info["to_queue"]` to Huey's table.

_length_at_savepoint: WeakKeyDictionary[SessionTransaction, int] = WeakKeyDictionary()


def _remember_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        _length_at_savepoint[transaction] = len(session.info.get("to_queue", ()))


def _forget_savepoint(session: Session, transaction: SessionTransaction) -> None:
    """A rolled-back savepoint takes along what was asked for inside it."""
    if transaction.nested and "to_queue" in session.info:
        del session.info["to_queue"][_length_at_savepoint.pop(transaction, 0) :]


def _forget_all(session: Session, transaction: SessionTransaction) -> None:
    """Whatever way the outermost transaction ended: the next one begins with nothing asked for."""
    if transaction.parent is None:
        session.info.pop("to_queue", None)


def _write_queue_rows(session: Session) -> None:
    if session.in_nested_transaction():
        return
    if asked := session.info.pop("to_queue", None):
        _enqueue(session, dict.fromkeys(asked))  # in order, each once: 1,000 new people are one `send_mail`


_LISTENERS: dict[str, Callable[..., None]] = {
    "after_transaction_create": _remember_savepoint,
    "after_soft_rollback": _forget_savepoint,
    "after_transaction_end": _forget_all,
    "before_commit": _write_queue_rows,
}


def _enqueue(session: Session, asked: dict[tuple[str, int | None], None]) -> None:
    storage = huey.storage
    rows = [
        {"queue": huey.name, "data": payloads.payload(task, job_id), "priority": 0 if job_id else 10}
        for task, job_id in asked  # mail and sweeping are short and go before jobs
    ]
    insert = f"INSERT INTO {storage.table_task} (queue, data, priority) VALUES (:queue, :data, :priority)"  # noqa: S608
    connection = session.connection()
    connection.execute(text(insert), rows)
    connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": storage.channel})


def _schedule(session: Session, task: str, job_id: int, due: datetime) -> None:
    """A queue row for later, in the transaction of the session. Huey compares naive UTC with naive UTC."""
    insert = f"INSERT INTO {huey.storage.table_schedule} (queue, data, timestamp) VALUES (:queue, :data, :due)"  # noqa: S608
    values = {"queue": huey.name, "data": payloads.payload(task, job_id), "due": naive(due).timestamp()}
    session.connection().execute(text(insert), values)


def naive(moment: datetime) -> datetime:
    """A moment as Huey keeps it: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


# Transactions of the worker. With `job_progress` and `_work`, the only places here that commit (decision D23).


@contextmanager
def transaction() -> Iterator[Session]:
    """A session of its own, unbound, that commits when the block ends well. Needs an application context."""
    with Session(db.engine, info={"installation": huey.app.extensions["installation"]}) as session:
        yield session
        session.commit()


def job_progress(session: Session, job: Job, done: int) -> None:
    """Say after each row how far the job is. Every 50 rows, and every 2 seconds, the work so far is committed.

    Objects of the session expire then. A task that must be all or nothing lets `told_aside` tell it.

    Raises:
        Stopped: the owner cancelled the job (what is done stays) or lost access (the last step is undone).
        LeaseLost: another worker has the job now; the last step is undone.
    """
    last = session.info.setdefault("last_step", time.monotonic())
    if done % ROWS_A_STEP and time.monotonic() - last < SECONDS_A_STEP:
        return
    session.flush()
    cancelled = running.step(session, session.info["claim"], done, lease())
    session.commit()
    session.info["last_step"] = time.monotonic()
    if cancelled:
        raise Stopped("Cancelled.")


def told_aside(job: Job) -> Callable[[int, int], None]:
    """Says how far a job is in a transaction of its own, for work that is all or nothing: nobody sees into that."""
    job_id = job.id

    def tell(done: int, total: int) -> None:
        with transaction() as own:
            own.execute(update(Job).where(Job.id == job_id).values(done=done, total=total))

    return tell


# Tasks: how a function becomes work that the worker knows.


@dataclass(frozen=True)
class Task:
    """A function that runs jobs, and how it is run."""

    name: str
    function: JobFunction
    platform: bool
    pauses: tuple[int, ...]


TASKS: dict[str, Task] = {}


def tenant_task(
    name: str, *, pauses: tuple[int, ...] = PAUSES, timeout: int = TASK_SECONDS
) -> Callable[[JobFunction], JobFunction]:
    """Make `function(session, job)` the task that `jobs.start(session, actor, name, …)` asks for.

    It runs bound to the job's organization and owner, in one transaction that `job_progress` may cut into steps.
    A killed worker's job runs again, so effects must be idempotent: write what is missing rather than what is next
    (look for the row before adding it, produce a file under a name made of the job's id and replace it whole), or
    take `job.done` as the number of rows that earlier attempts have committed.

    Args:
        pauses: seconds before each further try; a `DomainError` is never tried again, its text goes to the owner.
        timeout: seconds after which a run is broken off and counts as failed.
    """
    return _job_task(name, platform=False, pauses=pauses, timeout=timeout)


def platform_task(
    name: str, *, pauses: tuple[int, ...] = PAUSES, timeout: int = TASK_SECONDS
) -> Callable[[JobFunction], JobFunction]:
    """As `tenant_task`, for work that belongs to no organization: it sees the accounts of all, and no business row."""
    return _job_task(name, platform=True, pauses=pauses, timeout=timeout)


def _job_task(
    name: str, *, platform: bool, pauses: tuple[int, ...], timeout: int
) -> Callable[[JobFunction], JobFunction]:
    def register(function: JobFunction) -> JobFunction:
        TASKS[name] = task = Task(name, function, platform, pauses)

        def run(job_id: int) -> Counts:
            return _run(task, job_id)

        _register(run, name, timeout=timeout)
        return function

    return register


def plain_task(name: str, **settings: Any) -> Callable[[Callable[[], Counts]], Callable[[], Counts]]:
    """Make a function without arguments a task that has no job row, such as `send_mail`. It returns what it counted."""

    def register(function: Callable[[], Counts]) -> Callable[[], Counts]:
        def run() -> Counts:
            with huey.app.app_context(), bound_contextvars(task=name):
                return function()

        _register(run, name, priority=10, **settings)
        return function

    return register


def _register(run: Callable, name: str, *, every: Callable | None = None, **settings: Any) -> None:
    run.__module__ = PREFIX.rstrip(".")
    decorator = huey.periodic_task(every, name=name, **settings) if every else huey.task(name=name, **settings)
    decorator(run)


def load_tasks() -> None:
    """Import the modules of `tasks`, so that each task is known."""
    for found in pkgutil.iter_modules(tasks.__path__, PREFIX):
        if found.name != "tasks.worker":  # the entry, not a place for tasks
            importlib.import_module(found.name)


# Running one job.


def _run(task: Task, job_id: int) -> Counts:
    with huey.app.app_context():
        with transaction() as session:
            claim = running.claim(session, task.name, job_id, lease())
        if claim is None:
            return Counter(jobs_passed_over=1)

        def renewal() -> None:
            with huey.app.app_context(), transaction() as own:
                running.renew(own, claim, lease())

        about = {"organization_id": claim.organization_id, "user_id": claim.owner_id, "attempt": claim.attempt}
        with bound_contextvars(job_id=claim.job_id, task=task.name, **about):
            with running.beating(renewal, lease().total_seconds() / 3):
                outcome = _attempt(task, claim)
            logger.info("job %s %s, attempt %s: %s", claim.job_id, task.name, claim.attempt, outcome)
        return Counter({f"jobs_{outcome}": 1})


def _attempt(task: Task, claim: Claim) -> str:
    try:
        _work(task, claim)
    except LeaseLost:
        return "lost"
    except Stopped as stopped:
        with transaction() as session:
            running.stop(session, claim, str(stopped))
        return "cancelled"
    except Exception as wrong:
        _log_failure(task, claim, wrong)
        with transaction() as session:
            due = running.fail(session, claim, wrong, task.pauses)
            if due is not None:
                _schedule(session, task.name, claim.job_id, due)
        return "failed" if due is None else "retried"
    except BaseException:  # the consumer is told to stop now and cannot wait for this job
        with transaction() as session:
            running.give_back(session, claim)
            _enqueue(session, {(task.name, claim.job_id): None})
        raise
    return "done"


def _work(task: Task, claim: Claim) -> None:
    info = {"installation": huey.app.extensions["installation"], "claim": claim}
    with Session(db.engine, info=info) as session:
        if task.platform:
            bind_platform(session, f"job {task.name}")
        elif claim.organization_id is None:
            raise RuleBroken("This work belongs to an organization. Start it there.")
        if claim.organization_id is not None:
            bind_scope(session, claim.organization_id)
        if claim.owner_id is not None:
            bind_person(session, claim.owner_id)
        running.require_access(session, claim)
        task.function(session, session.get_one(Job, claim.job_id))
        session.flush()
        running.finish(session, claim)
        session.commit()


def _log_failure(task: Task, claim: Claim, wrong: Exception) -> None:
    """Class, blacked-out message and places; never the values that the text of an error may carry."""
    told = (claim.job_id, task.name, claim.attempt, log_lines.describe(wrong))
    logger.error("job %s %s, attempt %s: %s", *told, extra={"traceback": log_lines.way(wrong)})
