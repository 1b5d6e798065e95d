"""`/health/` and `/ready/` beside a real worker: each part that is not well is told, by itself."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from bmms.domain.platform import maintenance, vital_signs
from tests.tasks.conftest import Cast, wait_for

SILENT = "No worker has reported in for 60 seconds."
NOT_OURS = "The tables are not those of this version."
WELL = {
    "status": "ok", "database": "ok", "migrations": "ok", "worker": "ok", "queue": "ok", "disk": "ok",
    "maintenance": "off", "backup": "never", "drill": "never",
}  # fmt: skip
Start = Callable[..., subprocess.Popen]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application, content with whatever space this machine has."""
    return make_app(ready_least_disk_gb=0)


def told(app: Flask) -> dict[str, str]:
    """What `/ready/` says; its status goes by it."""
    answer = app.test_client().get("/ready/")
    signs = answer.get_json()
    is_well = all(signs[part] == "ok" for part in ("database", "migrations", "worker", "queue", "disk"))
    assert (answer.status_code, signs["status"]) == ((200, "ok") if is_well else (503, "not ready"))
    assert list(signs) == sorted(WELL), "no word more"
    return signs


@contextmanager
def changed(engine: Engine, there: str, back: str) -> Iterator[None]:
    """Change the database for a while."""
    with engine.begin() as connection:
        connection.execute(text(there))
    yield
    with engine.begin() as connection:
        connection.execute(text(back))


def test_all_is_well_beside_a_worker_and_not_when_it_is_killed(work: Cast, app: Flask, start_worker: Start) -> None:
    assert told(app) == WELL | {"status": "not ready", "worker": SILENT}
    worker = start_worker(lease=60)
    wait_for(lambda: told(app)["worker"] == "ok", 10, "the worker to be heard")
    assert told(app) == WELL
    os.killpg(worker.pid, signal.SIGKILL)
    wait_for(lambda: told(app)["worker"] == SILENT, 10, "the silence")


def test_a_worker_that_hangs_is_silent_although_its_connections_stand(
    work: Cast, app: Flask, start_worker: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vital_signs, "HEARD_WITHIN_SECONDS", 4)
    worker = start_worker(lease=60)
    wait_for(lambda: told(app)["worker"] == "ok", 10, "the worker to be heard")
    os.killpg(worker.pid, signal.SIGSTOP)
    wait_for(lambda: told(app)["worker"] == "No worker has reported in for 4 seconds.", 15, "the silence")
    os.killpg(worker.pid, signal.SIGCONT)
    wait_for(lambda: told(app)["worker"] == "ok", 15, "the worker to be heard again")


def test_a_worker_at_long_work_is_heard(
    work: Cast, app: Flask, start_worker: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vital_signs, "HEARD_WITHIN_SECONDS", 3)
    moh = work.organization()
    job_id = work.start("sample_long", work.person(moh), moh, seconds=8)
    start_worker(processes=1, lease=60)
    wait_for(lambda: work.job(job_id).status == "running", 10, "the job to begin")
    for _ in range(5):
        time.sleep(1)
        assert told(app)["worker"] == "ok"
    assert work.job(job_id).status == "running"


def test_the_database_is_away(make_app: Callable[..., Flask]) -> None:
    away = make_app(ready_least_disk_gb=0, database_url="postgresql://bmms_app:x@127.0.0.1:1/nowhere")
    unknown = dict.fromkeys(("migrations", "worker", "queue", "backup", "drill"), "unknown")
    assert told(away) == WELL | unknown | {"status": "not ready", "database": "It does not answer."}
    answer = away.test_client().get("/health/")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"}), "the process serves"


def test_the_tables_are_of_another_version(app: Flask, owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        newest = connection.scalar(text("SELECT version_num FROM alembic_version"))
    for version in ("0001", "9999"):
        there = f"UPDATE alembic_version SET version_num = '{version}'"
        with changed(owner_engine, there, f"UPDATE alembic_version SET version_num = '{newest}'"):
            assert told(app)["migrations"] == NOT_OURS
            assert told(app)["queue"] == "unknown", "tables of another version are not read"
    assert told(app)["migrations"] == "ok"


def test_the_tables_are_not_made_yet(app: Flask, owner_engine: Engine) -> None:
    there, back = "ALTER TABLE alembic_version RENAME TO was", "ALTER TABLE was RENAME TO alembic_version"
    with changed(owner_engine, there, back):
        assert told(app)["migrations"] == "The tables are not made yet, or not for this version."
        assert told(app)["worker"] == SILENT, "what can be seen is told"


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ("queued_at = now() - interval '11 minutes'", "Due work has waited for more than 10 minutes: jobs 1, mails 0."),
        (
            "queued_at = now() - interval '1 hour', not_before = now() - interval '11 minutes'",
            "Due work has waited for more than 10 minutes: jobs 1, mails 0.",
        ),
        ("queued_at = now() - interval '9 minutes'", "ok"),
        ("queued_at = now() - interval '1 hour', not_before = now() + interval '1 minute'", "ok"),
        ("queued_at = now() - interval '1 hour', status = 'failed'", "ok"),
    ],
)
def test_a_due_job_waits(work: Cast, app: Flask, owner_engine: Engine, columns: str, says: str) -> None:
    moh = work.organization()
    work.start("sample_units", work.person(moh), moh, rows=1)
    with owner_engine.begin() as connection:
        connection.execute(text(f"UPDATE jobs SET {columns}"))
    assert told(app)["queue"] == says


@pytest.mark.parametrize(("minutes", "says"), [(11, "jobs 0, mails 1."), (9, "ok")])
def test_a_due_mail_waits(work: Cast, app: Flask, owner_engine: Engine, minutes: int, says: str) -> None:
    values = {"id": work.person(work.organization()).id, "minutes": minutes}
    late = "INSERT INTO outbox (kind, user_id, message_id, next_try_at) VALUES "
    late += "('welcome', :id, 'late', now() - make_interval(mins => :minutes))"
    with owner_engine.begin() as connection:
        connection.execute(text(late), values)
    assert told(app)["queue"].endswith(says)


def test_the_disk_is_nearly_full(make_app: Callable[..., Flask]) -> None:
    assert told(make_app(ready_least_disk_gb=10**6))["disk"] == f"Less than {10**6} GB are free."


def test_maintenance_is_told_and_changes_nothing(app: Flask) -> None:
    maintenance.switch_on(app.extensions["installation"].config.instance)
    assert told(app) == WELL | {"status": "not ready", "worker": SILENT, "maintenance": "on"}


def test_the_last_backup_and_drill_are_told_and_change_nothing(app: Flask, owner_engine: Engine) -> None:
    insert = "INSERT INTO operation_runs (kind, outcome, began_at, ended_at, message) "
    runs = [
        ("backup", "done", "2026-11-29 18:00Z", ""),
        ("backup", "failed", "2026-11-28 18:00Z", "an older one"),
        ("drill", "done", "2026-11-28 19:30Z", ""),
        ("drill", "failed", "2026-11-29 19:30Z", "a path of this machine: /srv"),
    ]
    with owner_engine.begin() as connection:
        for run in runs:
            values = dict(zip(("kind", "outcome", "at", "why"), run, strict=True))
            connection.execute(text(insert + "VALUES (:kind, :outcome, :at, :at, :why)"), values)
    says = {"backup": "2026-11-30 02:00, done", "drill": "2026-11-30 03:30, failed"}
    assert told(app) == WELL | {"status": "not ready", "worker": SILENT} | says
