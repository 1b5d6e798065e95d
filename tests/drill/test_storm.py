"""The whole of BMMS under load, and under kill -9: no error while it is well, nothing acknowledged lost when it is not.

In small numbers in `make test`; `make drill` gives it the full sixty seconds.
"""

import csv
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from bmms.launch.cluster import attach
from tests.drill.storm import Visitor, storm

SERVE = Path(__file__).with_name("serve.py")
FULL = bool(os.environ.get("BMMS_DRILL"))
PEOPLE = 30 if FULL else 12
SECONDS = 60 if FULL else 8
CENTRAL = ("ocm_", "mfbm", "bpda", "uat_", "superadmin")


@dataclass
class Installation:
    """One BMMS of its own, running."""

    base: str
    instance: Path
    supervisor: subprocess.Popen[bytes]

    @property
    def people(self) -> list[tuple[str, str]]:
        """(username, password) of those who may sign in at once."""
        with (self.instance / "demo-signins.csv").open() as file:
            rows = [(row["username"], row["password"]) for row in csv.DictReader(file)]
        return [row for row in dict(rows).items() if "newcomer" not in row[0]][:PEOPLE]

    def pid_of(self, what: str) -> int:
        """The process to kill: `web`, `worker` or `database`."""
        if what == "database":
            with attach(self.instance) as cluster:
                pid = cluster.server.pid()
                assert pid
                return pid
        word = "granian" if what == "web" else "worker"
        for children in Path(f"/proc/{self.supervisor.pid}/task").glob("*/children"):
            for pid in children.read_text().split():
                if word in Path(f"/proc/{pid}/cmdline").read_bytes().decode():
                    return int(pid)
        raise AssertionError(f"{what} does not run")

    def ask(self, statement: str) -> list[tuple]:
        """Read the database as its owner."""
        with attach(self.instance) as cluster, psycopg.connect(cluster.url("bmms_owner", "bmms")) as connection:
            return connection.execute(statement).fetchall()

    def is_up(self) -> bool:
        """Does it answer?"""
        try:
            with urllib.request.urlopen(f"{self.base}/health/", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


def wait_for(what: str, check, seconds: float = 90) -> None:  # type: ignore[no-untyped-def]
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.3)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Started as `make run` starts it, stopped as Ctrl-C stops it."""
    instance = tmp_path_factory.mktemp("storm")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (instance / "log").open("wb")
    argv = [sys.executable, str(SERVE), str(instance), str(port)]
    supervisor = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    made = Installation(f"http://localhost:{port}", instance, supervisor)
    try:
        wait_for("the first start", lambda: made.is_up() or supervisor.poll() is not None, 180)
        assert supervisor.poll() is None, (instance / "log").read_text()[-2000:]
        yield made
    finally:
        supervisor.send_signal(signal.SIGINT)
        try:
            supervisor.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(supervisor.pid, signal.SIGKILL)
        log.close()


def lost(installation: Installation, visitors: list[Visitor]) -> list[str]:
    """Changes that were acknowledged and are not in the database."""
    phones = dict(installation.ask("SELECT username, phone FROM users"))
    return [
        f"{visitor.username}: told {visitor.confirmed_phone}, found {phones[visitor.username]}"
        for visitor in visitors
        if visitor.confirmed_phone and phones[visitor.username] not in (visitor.confirmed_phone, *visitor.tried_phones)
    ]


def all_mail_is_sent(installation: Installation) -> bool:
    """Nothing waits in the outbox."""
    return installation.ask("SELECT count(*) FROM outbox WHERE status = 'queued'") == [(0,)]


def check_mails(installation: Installation, visitors: list[Visitor]) -> None:
    """Everybody who was promised a mail got one."""
    wait_for("every queued mail to be sent", lambda: all_mail_is_sent(installation))
    rows = installation.ask("SELECT u.username FROM outbox o JOIN users u ON u.id = o.user_id WHERE o.status = 'sent'")
    sent = {name for (name,) in rows}
    assert {visitor.username for visitor in visitors if visitor.asked_for_reset} <= sent


def test_people_at_once_without_an_error(installation: Installation) -> None:
    visitors = storm(installation.base, installation.people, SECONDS)
    assert [failure for visitor in visitors for failure in visitor.failures] == []
    assert all(visitor.confirmed_phone for visitor in visitors)
    assert lost(installation, visitors) == []
    check_mails(installation, visitors)


def test_kill_9_of_each_part_under_load_loses_nothing_acknowledged(installation: Installation) -> None:
    found: list[Visitor] = []
    load = threading.Thread(target=lambda: found.extend(storm(installation.base, installation.people, 3 * SECONDS)))
    load.start()
    for what in ("web", "worker", "database"):
        time.sleep(SECONDS / 2)
        os.kill(installation.pid_of(what), signal.SIGKILL)
        wait_for(f"{what} to be killed and BMMS to be back", installation.is_up)
    load.join()
    assert any(visitor.confirmed_phone for visitor in found)
    assert lost(installation, found) == []
    check_mails(installation, found)
