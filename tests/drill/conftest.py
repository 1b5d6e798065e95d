"""One BMMS of its own for the drills, started as `make run` starts it."""

import csv
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from bmms.launch.cluster import attach

SERVE = Path(__file__).with_name("serve.py")


class ProcessNotFound(Exception):
    """It does not run at this moment."""


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
        return [row for row in dict(rows).items() if "newcomer" not in row[0]]

    def pid_of(self, what: str) -> int:
        """The process to kill: `web`, `worker` or `database`.

        Linux may leave a child out of the list while another one ends (proc_pid_children(5)): it is read again.
        """
        for _ in range(20):
            with suppress(ProcessNotFound):
                return self._pid_of(what)
            time.sleep(0.1)
        raise ProcessNotFound(f"{what} does not run")

    def _pid_of(self, what: str) -> int:
        if what == "database":
            with attach(self.instance) as cluster:
                pid = cluster.server.pid()
                assert pid
                return pid
        word = "granian" if what == "web" else "worker"
        for children in Path(f"/proc/{self.supervisor.pid}/task").glob("*/children"):
            for pid in children.read_text().split():
                with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")  # granian has its own --workers
                    if word in [Path(each).name for each in words]:
                        return int(pid)
        raise ProcessNotFound

    @property
    def environ(self) -> dict[str, str]:
        """The settings of the worker, which is given those of the application only."""
        told = Path(f"/proc/{self.pid_of('worker')}/environ").read_text().split("\0")
        return dict(line.split("=", 1) for line in told if line)

    def ask(self, statement: str) -> list[tuple]:
        """Read the database as its owner."""
        with attach(self.instance) as cluster, psycopg.connect(cluster.url("bmms_owner", "bmms")) as connection:
            return connection.execute(statement).fetchall()

    def is_up(self) -> bool:
        """Can pages be served? The worker may be away, as it is after one that was killed."""
        address = urlsplit(self.base)
        with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)) as line:
            try:
                line.request("GET", "/ready/")
                signs = json.loads(line.getresponse().read())
            except (OSError, http.client.HTTPException, ValueError):  # also one that is killed while it answers
                return False
        return signs.get("database") == signs.get("migrations") == "ok"


def wait_for(what: str, check: Callable[[], object], seconds: float = 600) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.3)


@pytest.fixture(scope="session")
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
        wait_for("the first start", lambda: made.is_up() or supervisor.poll() is not None, 1000)
        assert supervisor.poll() is None, (instance / "log").read_text()[-2000:]
        yield made
    finally:
        supervisor.send_signal(signal.SIGINT)
        try:
            supervisor.wait(300)
        except subprocess.TimeoutExpired:
            os.killpg(supervisor.pid, signal.SIGKILL)
        log.close()
