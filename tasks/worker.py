"""The worker: Huey's consumer with the few things it lacks. `flask worker`, or `python -m tasks.worker`."""

import logging
import os
import sys
from collections import Counter

import psycopg
from flask import Flask
from huey.consumer import Consumer, Scheduler, Worker, WorkerRecycle
from huey.exceptions import HueyException

from bmms import log_lines
from bmms.domain import clock
from bmms.domain.platform.vital_signs import WORKER_NAME
from bmms.extensions import db
from bmms.models.locks import Lock
from tasks.payload import ForgedPayload
from tasks.queue import Counts, huey, init_queue, load_tasks, naive
from tasks.sweeping import sweep

GRACE_SECONDS = 30
TASKS_BEFORE_RECYCLING = 1_000  # onboarding 5.2

logger = logging.getLogger("bmms.worker")


def run_worker(app: Flask, *, processes: int = 2, lease_seconds: int | None = None) -> None:
    """Work until TERM comes; then finish what runs, for at most 30 seconds, and take nothing new.

    Args:
        processes: how many jobs run at the same time.
        lease_seconds: how long a silent worker keeps a job; the sweeper looks as often.
    """
    log_lines.start(app.extensions["installation"].config)
    init_queue(app, called=WORKER_NAME)
    if lease_seconds is not None:
        app.config["LEASE_SECONDS"] = lease_seconds
    load_tasks()
    with app.app_context():
        db.engine.dispose()  # no connection may be shared with the processes that are forked now
    OurConsumer(
        huey,
        workers=processes,
        worker_type="process",
        graceful_signal="TERM",
        shutdown_timeout=GRACE_SECONDS,
        max_tasks=TASKS_BEFORE_RECYCLING,
        health_check_interval=2,
        max_delay=5,
    ).run()


def run_once(app: Flask) -> Counts:
    """Do everything that is due now, mail included, and return what was done: for tests, drills and cron.

    The queue serves this application from here on, whichever was made last.

    Returns:
        counts by outcome: `jobs_done`, `jobs_retried`, `jobs_failed`, `jobs_cancelled`, `jobs_passed_over`,
        `mails_sent`, `mails_delayed`, `mails_failed`, `mails_skipped`, `mails_waiting`, `swept_…`, `refused`.
    """
    init_queue(app)
    load_tasks()
    counts: Counts = Counter()
    try:
        with app.app_context():
            counts += sweep()
        for task in huey.read_schedule(naive(clock.now())):
            huey.enqueue(task)
        while huey.pending_count():
            counts += _run_next()
    finally:
        huey.storage.close()
    return counts


def _run_next() -> Counts:
    try:
        task = huey.dequeue()
    except (ForgedPayload, HueyException) as wrong:
        logger.error("a queue row was refused: %s", wrong)
        return Counter(refused=1)
    return huey.execute(task) or Counter() if task else Counter()


def leave_owner_behind() -> None:
    """Start this process afresh without the owner's address, which passes row-level security (decision D28).

    Taking it out of `os.environ` would come too late: the settings have been read, and /proc/<pid>/environ still
    shows what the process was started with.
    """
    if os.environ.pop("DATABASE_OWNER_URL", None) is not None:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


class OurWorker(Worker):
    """A process that takes tasks. It ends when its consumer has been killed, so that nobody works on unsupervised."""

    def __init__(self, *args: object, **settings: object) -> None:
        super().__init__(*args, **settings)
        self.consumer = os.getpid()

    def loop(self, now: object = None) -> None:
        """Take and run one task."""
        if os.getppid() != self.consumer:
            raise WorkerRecycle
        super().loop(now)


class LeadingScheduler(Scheduler):
    """Of several consumers one enqueues periodic tasks: the one that holds an advisory lock. All move due retries."""

    def __init__(self, *args: object, **settings: object) -> None:
        super().__init__(*args, **settings)
        self.consumer = os.getpid()
        self.periodic_task_seconds = min(60, huey.app.config["LEASE_SECONDS"])
        self._line: psycopg.Connection | None = None

    def loop(self, now: object = None) -> None:
        """Move what has become due into the queue."""
        if os.getppid() != self.consumer:
            raise WorkerRecycle
        super().loop(now)

    def enqueue_periodic_tasks(self, now: object) -> None:
        """Enqueue them if this consumer leads. The lock ends with its connection, so a dead leader is soon replaced."""
        if self._leads():
            super().enqueue_periodic_tasks(now)

    def _leads(self) -> bool:
        try:
            if self._line is None or self._line.closed:
                line = huey.storage.connection()
                line.autocommit = True
                if not line.execute("SELECT pg_try_advisory_lock(%s)", (Lock.SCHEDULER,)).fetchone()[0]:
                    line.close()
                    return False
                self._line = line
                logger.info("this worker now enqueues the periodic tasks")
            self._line.execute("SELECT 1")
        except psycopg.Error as wrong:
            logger.warning("the periodic tasks wait for the database: %s", type(wrong).__name__)
            if self._line is not None:
                self._line.close()
            return False
        return True


class OurConsumer(Consumer):
    """Huey's consumer with our worker and scheduler."""

    worker_class = OurWorker
    scheduler_class = LeadingScheduler


def main() -> None:
    """Start a worker with the settings of the environment."""
    leave_owner_behind()
    from bmms.app import create_app

    run_worker(create_app())


if __name__ == "__main__":
    main()
