"""The watch mails the platform team, by a real mail server, past the queue and the worker."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from bmms.config import Mail
from bmms.domain import clock
from bmms.domain.platform import alarms, maintenance
from bmms.extensions import db
from tasks import watching
from tests.tasks.conftest import PROJECT, Cast, wait_for
from tests.tasks.post import PostOffice

DUTY, CHIEF = "duty@ict.example", "chief@ict.example"
NOBODY = "No worker has reported in for 60 seconds."
Make = Callable[..., Flask]
Later = Callable[..., None]


@pytest.fixture
def installed(make_app: Make, post_office: PostOffice) -> Make:
    """An installation whose platform team has two people, content with whatever space this machine has."""

    def make(**changes: Any) -> Flask:
        mail = Mail(host="127.0.0.1", port=post_office.port, use_tls=False, alerts=(DUTY, CHIEF))
        return make_app(**{"environment": "staging", "ready_least_disk_gb": 0, "mail": mail} | changes)

    return make


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """later(hours=1): the clock goes on."""
    real, passed = clock.now, [timedelta(0)]
    monkeypatch.setattr(clock, "now", lambda: real() + passed[0])

    def move(**by: float) -> None:
        passed[0] += timedelta(**by)

    return move


def ran(engine: Engine, kind: str, outcome: str, hours_ago: float = 0, message: str = "") -> None:
    """A row of the record."""
    values = {"kind": kind, "outcome": outcome, "at": clock.now() - timedelta(hours=hours_ago), "message": message}
    insert = "INSERT INTO operation_runs (kind, outcome, began_at, ended_at, message) "
    with engine.begin() as connection:
        connection.execute(text(insert + "VALUES (:kind, :outcome, :at, :at, :message)"), values)


def all_stands(engine: Engine) -> None:
    ran(engine, "backup", "done")
    ran(engine, "drill", "done")


def found(app: Flask) -> dict[str, str]:
    """What is the matter now, whether or not it is told yet; without the worker, which no test here has."""
    with app.app_context():
        wrong = alarms.found(db.session(), app.extensions["installation"].config)
    return {name: alarm.text for name, alarm in wrong.items() if name != "worker"}


def subjects(office: PostOffice, person: str = DUTY) -> list[str]:
    return [message["Subject"] for message in office.to(person)]


def last(office: PostOffice) -> str:
    return office.to(DUTY)[-1].get_content()


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        ([("backup", "done", 25)], {}),
        ([("backup", "done", 27)], {"backup": "The newest backup is 27 hours old."}),
        (
            [("backup", "done", 27), ("backup", "failed", 1, "The disk is full.")],
            {"backup": "The newest backup is 27 hours old. The last one failed: The disk is full."},
        ),
        (
            [("backup", "done", 2), ("backup", "failed", 1, "The disk is full.")],
            {"backup": "A backup failed: The disk is full."},
        ),
        ([("backup", "failed", 2, "The disk is full."), ("backup", "done", 1)], {}),
        (
            [("backup", "incomplete", 1, "An upload is not in the backup.")],
            {"backup": "The newest backup needs a look: An upload is not in the backup."},
        ),
        ([("backup", "failed", 1, "No.")], {"backup": "There is no backup yet. The last one failed: No."}),
        ([("drill", "failed", 1, "users: 1 row is missing")],
         {"drill": "The last restore drill failed: users: 1 row is missing"}),
        ([("drill", "failed", 2, "users: 1 row is missing"), ("drill", "done", 1)], {}),
        ([("drill", "done", 51)], {"drill": "The last restore drill was 51 hours ago."}),
    ],
)  # fmt: skip
def test_what_is_the_matter_with_backups_and_drills(
    installed: Make, owner_engine: Engine, runs: list[tuple], says: dict[str, str]
) -> None:
    for kind in {"backup", "drill"} - {run[0] for run in runs}:
        ran(owner_engine, kind, "done")
    for run in runs:
        ran(owner_engine, *run)
    assert found(installed()) == says


def test_where_none_was_made_it_is_told_in_time_and_not_in_development(installed: Make, later: Later) -> None:
    assert found(installed(environment="development")) == {}
    app = installed()
    assert found(app) == {"backup": "There is no backup yet.", "drill": "There was no restore drill yet."}
    assert not watching.look(app), "nobody is alarmed on the day of the installation"
    later(hours=27)
    assert watching.look(app).wrong == {"backup": "There is no backup yet.", "worker": NOBODY}


def test_it_is_mailed_to_each_once_then_hourly_and_when_it_is_over(
    installed: Make, post_office: PostOffice, owner_engine: Engine, later: Later
) -> None:
    app = installed()
    all_stands(owner_engine)
    ran(owner_engine, "drill", "failed", message="users: 2 rows were counted, 1 are there")
    watching.look(app)
    assert subjects(post_office) == subjects(post_office, CHIEF) == ["BMMS staging: restore drill"]
    assert "- Restore drill: The last restore drill failed: users: 2 rows were counted" in last(post_office)
    assert "https://bmms.example/admin/operations" in last(post_office)
    later(minutes=3)
    watching.look(app)
    assert len(subjects(post_office)) == 1
    later(minutes=58)
    watching.look(app)
    assert [sorted(each.split(": ")[1].split(", ")) for each in subjects(post_office)] == [
        ["restore drill"], ["restore drill", "worker"],
    ]  # fmt: skip
    ran(owner_engine, "drill", "done")
    watching.look(app)
    assert "- Restore drill: well again." in last(post_office)


def test_a_silent_worker_and_an_old_queue_are_told(
    work: Cast, installed: Make, post_office: PostOffice, owner_engine: Engine, later: Later
) -> None:
    app = installed()
    all_stands(owner_engine)
    moh = work.organization()
    work.start("sample_units", work.person(moh), moh, rows=1)
    watching.look(app)
    later(minutes=3)
    watching.look(app)
    assert subjects(post_office) == [], "a worker that is started anew needs a moment"
    later(minutes=2)
    watching.look(app)
    assert f"- Worker: {NOBODY}" in last(post_office)
    later(minutes=6)
    watching.look(app)
    assert "- Queue: Due work has waited for more than 10 minutes: jobs 1, mails 0." in last(post_office)


def test_a_database_that_is_away_is_told_although_it_is_away(
    installed: Make, post_office: PostOffice, later: Later
) -> None:
    app = installed(database_url="postgresql://bmms_app:x@127.0.0.1:1/nowhere")
    watching.look(app)
    later(minutes=2)
    watching.look(app)
    assert subjects(post_office) == ["BMMS staging: database"]


def test_a_full_disk_is_told(installed: Make, post_office: PostOffice, owner_engine: Engine) -> None:
    all_stands(owner_engine)
    watching.look(installed(ready_least_disk_gb=10**6))
    assert "- Disk space: Less than 1000000 GB are free." in last(post_office)


def test_what_could_not_be_mailed_is_mailed_when_the_server_is_back(
    installed: Make, post_office: PostOffice, owner_engine: Engine
) -> None:
    app = installed()
    all_stands(owner_engine)
    ran(owner_engine, "drill", "failed", message="No.")
    post_office.answers.update({DUTY: "451 4.3.0 later", CHIEF: "451 4.3.0 later"})
    watching.look(app)
    assert post_office.mails == []
    post_office.answers.pop(DUTY)
    watching.look(app)
    assert subjects(post_office) == ["BMMS staging: restore drill"], "one who is reached is enough"
    watching.look(app)
    assert len(subjects(post_office)) == 1


def test_what_is_away_on_purpose_is_not_told(
    installed: Make, post_office: PostOffice, owner_engine: Engine, later: Later
) -> None:
    app = installed()
    all_stands(owner_engine)
    maintenance.switch_on(app.extensions["installation"].config.instance)
    for _ in range(3):
        watching.look(app)
        later(hours=1)
    assert subjects(post_office) == []


def test_the_program_looks_and_mails_by_itself_until_it_is_told_to_stop(
    installed: Make, post_office: PostOffice, owner_engine: Engine, queue_urls: dict[str, str]
) -> None:
    app = installed()
    instance = app.extensions["installation"].config.instance
    ran(owner_engine, "drill", "failed", message="No.")
    environ = os.environ | {
        "BMMS_ENV": "development", "BMMS_INSTANCE": str(instance), "DATABASE_URL": queue_urls["app"],
        "DATABASE_OWNER_URL": queue_urls["owner"], "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(post_office.port),
        "EMAIL_USE_TLS": "false", "ALERT_RECIPIENTS": DUTY, "PYTHONPATH": str(PROJECT),
    }  # fmt: skip
    argv = [sys.executable, "-m", "bmms.cli.main", "watch", "--every", "1"]
    with subprocess.Popen(argv, env=environ, cwd=PROJECT) as process:
        try:
            wait_for(lambda: subjects(post_office), 30, "the mail")
            wait_for(lambda: (instance / alarms.FILE).exists(), 5, "what was told")
            with open(f"/proc/{process.pid}/environ", "rb") as file:
                assert b"DATABASE_OWNER_URL" not in file.read(), "the owner's login is left behind (D28)"
            assert subjects(post_office) == ["BMMS development: restore drill"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(120) in (0, -signal.SIGTERM)
