"""`make run` as a whole, with small programs in the place of BMMS's own: see stand_ins/."""

import http.client
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bmms.launch.cluster import Cluster, attach
from bmms.launch.plan import plan_of
from bmms.launch.processes import is_running, postgres_processes_of
from bmms.launch.roles import ensure_database
from tests.launch.machine import AS_ROOT, CHECKOUT, linux_only, postmaster, query, superuser, wait_until

ROUNDS = 20 if os.environ.get("BMMS_DRILL") else 1
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Checkout:
    """A folder with an installation in it, and the launcher at work on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.instance = folder / "instance"
        self.port = free_port()
        self.runs: list[subprocess.Popen] = []
        self.last = folder / "said-0"

    def command(self, *words: str, **environ: str) -> subprocess.Popen:
        argv = [sys.executable, CHECKOUT / "tests/launch/stand_ins/start.py", self.folder, *words]
        environ = ENVIRON | {"PORT": str(self.port), "PYTHONUNBUFFERED": "1"} | environ
        self.last = self.folder / f"said-{len(self.runs)}"
        with self.last.open("w") as said:
            self.runs.append(subprocess.Popen(argv, env=environ, stdout=said, stderr=said))
        return self.runs[-1]

    def run(self, **environ: str) -> subprocess.Popen:
        """Start it and wait until it serves."""
        process = self.command("run", **environ)
        wait_until(lambda: process.poll() is not None or "BMMS serves at" in self.said(), "it serves", 60)
        assert process.poll() is None, self.said()
        return process

    def end_of(self, *words: str, **environ: str) -> int:
        """The exit code of a command that ends by itself."""
        return self.command(*words, **environ).wait(300)

    def said(self) -> str:
        """What the command that was started last has printed."""
        return self.last.read_text()

    def pid(self, name: str) -> int:
        return int((self.folder / f"{name}.pid").read_text() or 0)

    def status(self, path: str, method: str = "GET") -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as line:
            line.request(method, path)
            return line.getresponse().status

    def processes(self) -> list[int]:
        """What of this checkout is running: web, worker, and the database server."""
        pids = []
        for name in ("web", "worker"):
            with suppress(FileNotFoundError):
                pids.append(self.pid(name))
        return [*filter(is_running, pids), *postgres_processes_of(self.instance / "cluster" / "data")]

    def clean_up(self) -> None:
        for process in self.runs:
            process.terminate()
            process.wait(300)
        if self.processes():
            self.end_of("stop")
        assert not self.processes()


@pytest.fixture
def checkout(folder: Path, instance: Path) -> Iterator[Checkout]:
    """A checkout whose database is made already."""
    made = Checkout(folder)
    yield made
    made.clean_up()


def test_the_first_run(folder: Path) -> None:
    """From nothing: what it says, what it writes, what web and worker get to know, what a second terminal may do."""
    checkout = Checkout(folder)
    checkout.run()
    try:
        signins = checkout.instance / "demo-signins.csv"
        assert stat.S_IMODE(signins.stat().st_mode) == 0o600
        amina, ben = (line.split(",") for line in signins.read_text().splitlines()[1:])
        said = checkout.said()
        assert f"name          password\nAmina Sample  {amina[1]}\nBen           {ben[1]}\n" in said
        assert re.search(rf"BMMS serves at http://localhost:{checkout.port}/ after \d+ s\. Ctrl-C stops", said)
        assert "reached from other machines" not in said
        assert_owner_is_unknown_to(checkout.pid("web"), checkout.pid("worker"))
        assert_second_terminal_finds_the_database(checkout)
        assert checkout.end_of("run", PORT=str(free_port())) == 2
        assert f"runs from this folder already, at http://localhost:{checkout.port}/" in checkout.said()
        assert "To end it: make stop" in checkout.said()
        assert checkout.status("/ready/") == 503, "pages are served before the worker is there"
    finally:
        checkout.clean_up()


def test_who_starts_it_is_told_that_maintenance_is_on(checkout: Checkout) -> None:
    checkout.run(MAINTENANCE="on")
    assert (
        "Note: maintenance is on, so pages say that BMMS comes back. To end it: bmms maintenance off" in checkout.said()
    )


def assert_owner_is_unknown_to(*pids: int) -> None:
    for pid in pids if sys.platform.startswith("linux") else ():
        environ = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"DATABASE_URL=postgresql://bmms_app:" in environ
        assert b"DATABASE_OCM_URL=postgresql://bmms_ocm:" in environ
        assert b"BASE_URL=http://localhost:" in environ
        assert b"OWNER" not in environ
        assert b"bmms_owner" not in environ


def assert_second_terminal_finds_the_database(checkout: Checkout) -> None:
    assert checkout.end_of("env") == 0
    assert "OWNER" not in checkout.said()
    shell = f'{checkout.said()}\necho "$DATABASE_URL"'
    url = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=True).stdout.strip()
    assert query(url, "SELECT count(*) FROM people") == [(2,)]
    for login in ("app", "owner", "ocm"):
        assert checkout.end_of("psql", login, "-Atc", "SELECT current_user") == 0
        assert checkout.said() == f"bmms_{login}\n"


def test_ctrl_c_stops_everything_and_the_next_run_changes_nothing(checkout: Checkout) -> None:
    first = checkout.run()
    assert checkout.status("/7", "POST") == 201
    signins = (checkout.instance / "demo-signins.csv").read_bytes()
    assert len(checkout.processes()) > 3
    first.send_signal(signal.SIGINT)
    assert first.wait(300) == 0
    assert checkout.processes() == []
    assert checkout.said().endswith("Stopped.\n")
    checkout.run()
    assert (checkout.instance / "demo-signins.csv").read_bytes() == signins
    with attach(checkout.instance) as cluster:
        assert query(cluster.url("bmms_owner", "bmms"), "SELECT id FROM notes") == [(7,)]
        assert query(cluster.url("bmms_owner", "bmms"), "SELECT count(*) FROM people") == [(2,)]
    second = checkout.runs[-1]
    assert checkout.end_of("stop") == 0  # from another terminal
    assert "BMMS is stopped." in checkout.said()
    assert second.wait(60) == 0
    assert checkout.processes() == []
    assert checkout.end_of("stop") == 0
    assert "does not run from this folder" in checkout.said()


@linux_only
def test_kill_9_of_the_run_itself_takes_its_children_along(checkout: Checkout) -> None:
    process = checkout.run()
    web, worker = checkout.pid("web"), checkout.pid("worker")
    process.kill()
    process.wait()
    wait_until(lambda: not is_running(web) and not is_running(worker), "web and worker end")
    assert checkout.processes()  # the database goes on, unharmed
    checkout.run()  # and the next run takes it over
    checkout.runs[-1].kill()
    checkout.runs[-1].wait()
    wait_until(lambda: not is_running(checkout.pid("web")), "web ends")
    assert checkout.end_of("stop") == 0
    assert checkout.processes() == []


@linux_only
@pytest.mark.drill
def test_kill_9_of_web_worker_and_database_in_turn_loses_no_acknowledged_write(checkout: Checkout) -> None:
    checkout.run(DURABLE="yes")
    acknowledged: list[int] = []
    done = threading.Event()

    def more_are_written() -> None:
        goal = len(acknowledged) + 20
        wait_until(lambda: len(acknowledged) > goal, "writes are acknowledged")

    def write(first: int) -> None:
        for number in range(first, 10**9, 4):
            if done.wait(0.005):
                return
            with suppress(OSError, http.client.HTTPException):
                if checkout.status(f"/{number}", "POST") == 201:
                    acknowledged.append(number)

    writers = [threading.Thread(target=write, args=[first]) for first in range(4)]
    for writer in writers:
        writer.start()
    try:
        with attach(checkout.instance) as cluster:
            for name in ("web", "worker", "database") * ROUNDS:
                more_are_written()
                if name == "database":
                    victim = postmaster(cluster)
                    os.kill(victim, signal.SIGKILL)
                    wait_until(lambda victim=victim: cluster.server.pid() not in (None, victim), "it is back")
                else:
                    victim = checkout.pid(name)
                    os.kill(victim, signal.SIGKILL)
                    wait_until(lambda name=name, victim=victim: checkout.pid(name) not in (0, victim), "it is back")
            more_are_written()
            done.set()
            for writer in writers:
                writer.join()
            kept = {number for (number,) in query(cluster.url("bmms_owner", "bmms"), "SELECT id FROM notes")}
            assert query(superuser(cluster), "SHOW fsync") == [("on",)]
    finally:
        done.set()
    assert set(acknowledged) - kept == set()


def test_a_preparation_that_fails_says_so_and_leaves_nothing_running(checkout: Checkout) -> None:
    (checkout.folder / "upgrade").write_text("fail")
    assert checkout.end_of("run") == 2
    assert "upgrade: no such revision" in checkout.said()
    assert "Bringing the tables up to date failed (code 1); the reason stands above." in checkout.said()
    assert "Traceback" not in checkout.said()
    assert checkout.processes() == []


def test_what_is_done_already_is_not_run_again(checkout: Checkout) -> None:
    checkout.run().send_signal(signal.SIGTERM)
    assert checkout.runs[-1].wait(300) == 0
    assert "Bringing the tables up to date" in checkout.said()
    (checkout.folder / "upgrade").write_text("fail")
    (checkout.folder / "upgraded").touch()
    checkout.run()
    assert "Bringing the tables up to date" not in checkout.said()
    assert "Loading the pilot" in checkout.said()


def test_a_run_can_be_stopped_while_it_prepares(checkout: Checkout) -> None:
    (checkout.folder / "upgrade").write_text("wait")
    process = checkout.command("run")
    wait_until((checkout.folder / "waiting").exists, "the preparation is at work")
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 130
    assert checkout.said().endswith("Interrupted.\n")
    assert checkout.processes() == []


def test_a_taken_port_is_named_with_another(checkout: Checkout) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", checkout.port))
        other.listen()
        assert checkout.end_of("run") == 2
    assert f"Port {checkout.port} is used by another program. Take another: PORT=" in checkout.said()
    assert not any(checkout.processes())


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'; it must be a number from 1 to 65535."),
        ({"PORT": "70000"}, "PORT is '70000'"),
        ({"HOST": "203.0.113.7"}, "HOST=203.0.113.7 is no address of this machine"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "DATABASE_URL leads to no database"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(checkout: Checkout, environ: dict[str, str], said: str) -> None:
    assert checkout.end_of("run", **environ) == 2
    assert said in checkout.said()
    assert "Traceback" not in checkout.said()


@pytest.mark.skipif(AS_ROOT, reason="root may use any port")
def test_a_reserved_port_is_named(checkout: Checkout) -> None:
    assert checkout.end_of("run", PORT="81") == 2
    assert "Port 81 is reserved" in checkout.said()


def test_another_database_is_honoured_and_other_machines_are_warned_of(checkout: Checkout, shared: Cluster) -> None:
    urls = ensure_database(shared, "given")
    checkout.run(HOST="0.0.0.0", **urls)
    assert "0.0.0.0 can be reached from other machines, and without TLS" in checkout.said()
    assert not postgres_processes_of(checkout.instance / "cluster" / "data")
    assert checkout.status("/9", "POST") == 201
    assert query(urls["DATABASE_OWNER_URL"], "SELECT id FROM notes") == [(9,)]
    checkout.runs[-1].send_signal(signal.SIGTERM)
    assert checkout.runs[-1].wait(300) == 0
    assert query(superuser(shared), "SELECT 1") == [(1,)]


def test_the_plan_of_a_checkout(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"HOST": "::", "PORT": "8080"})
    programs: list[Callable | tuple[str, ...]] = [*(step.argv for step in plan.preparation), plan.web, plan.worker]
    assert [Path(argv[0]).name for argv in programs] == ["bmms", "bmms", "granian", "bmms"]
    assert [step.as_owner for step in plan.preparation] == [True, False]
    assert plan.url == "http://localhost:8080/"
    assert not plan.is_local
    assert plan_of(tmp_path, {"HOST": "2001:db8::1"}).url == "http://[2001:db8::1]:8000/"
    assert plan_of(tmp_path, {}).is_local
    help_text = subprocess.run([sys.executable, "-m", "granian", "--help"], capture_output=True, text=True, check=True)
    for flag in (word for word in plan.web if word.startswith("--")):
        assert flag in help_text.stdout
