"""`make run`: the database, its tables, the pilot, then web and worker in the foreground until Ctrl-C."""

import csv
import errno
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from bmms.launch.cluster import stop_unused
from bmms.launch.database import Database, open_database
from bmms.launch.errors import LaunchError
from bmms.launch.plan import Plan, Step
from bmms.launch.processes import birth, is_running
from bmms.launch.roles import URL_NAMES
from bmms.launch.supervisor import Child, Supervisor

STILL_WAITING_SECONDS = 30
NEEDED_BY_PAGES = ("database", "migrations")


def run(plan: Plan, environ: Mapping[str, str]) -> None:
    """Run BMMS until SIGINT or SIGTERM. Raises LaunchError, and KeyboardInterrupt when stopped before it served."""
    began = time.monotonic()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    with _only_run(plan):
        _require_free_port(plan)
        database = open_database(plan.instance, environ, plan.tuning)
        with closing(database):
            _tell(*database.notes)
            for step in plan.preparation:
                _prepare(plan, step, database, environ)
            announcement = _Announcement(plan, began)
            told = child_environment(environ, database.urls)
            told["BASE_URL"] = environ.get("BASE_URL") or plan.url  # mails lead where the announcement does
            children = [
                Child("web", plan.web, told, plan.checkout),
                Child("worker", plan.worker, told, plan.checkout),
            ]
            watch = database.cluster.ensure if database.cluster else lambda: None
            Supervisor(children, watch, ready=announcement.made, say=_tell).run()
    _tell("Stopped.")


def stop(instance: Path, seconds: float = 60) -> None:
    """End the run of this checkout, wherever it was started, then a database server that a killed one left behind.

    Raises LaunchError when the run does not end in time.
    """
    if pid := _running(instance):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while _running(instance) == pid:
            if time.monotonic() > deadline:
                raise LaunchError(f"BMMS (process {pid}) does not stop. End it with: kill -9 {pid}")
            time.sleep(0.05)
        _tell("BMMS is stopped.")
    else:
        _tell("BMMS does not run from this folder.")
    if not stop_unused(instance):
        _tell("The database server goes on: another program uses it.")


def child_environment(environ: Mapping[str, str], urls: Mapping[str, str]) -> dict[str, str]:
    """What web and worker get: never the owner's login (decision D28)."""
    kept = {name: value for name, value in environ.items() if name not in URL_NAMES}
    return kept | {name: url for name, url in urls.items() if name != "DATABASE_OWNER_URL"}


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _tell(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


@contextmanager
def _only_run(plan: Plan) -> Iterator[None]:
    """Hold `instance/run`, which says who runs BMMS here and where; freed by the system when that process dies."""
    try:
        plan.instance.mkdir(exist_ok=True)
        lock = os.open(plan.instance / "run", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LaunchError(
            f"{plan.instance} cannot be written ({error.strerror}). BMMS keeps its keys, files and database there: "
            "run it as the user who owns that folder, or from a copy of your own."
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(lock)
            where = f", at {holder['url']} (process {holder['pid']})" if holder else ""
            raise LaunchError(f"BMMS runs from this folder already{where}. To end it: make stop") from error
        os.ftruncate(lock, 0)
        us = {"pid": os.getpid(), "born": birth(os.getpid()), "url": plan.url}
        os.pwrite(lock, json.dumps(us).encode(), 0)
        yield
    finally:
        os.close(lock)


def _holder(lock: int) -> dict[str, Any] | None:
    """Who wrote the file last, if that very process still lives: a number alone may be somebody else's by now."""
    try:
        holder = json.loads(os.pread(lock, 1000, 0))
    except ValueError:
        return None
    return holder if is_running(holder["pid"]) and birth(holder["pid"]) == holder["born"] else None


def _running(instance: Path) -> int | None:
    """The process that runs BMMS from this folder."""
    try:
        lock = os.open(instance / "run", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LaunchError(
            f"{instance / 'run'} cannot be read ({error.strerror}): another user runs BMMS here."
        ) from error
    try:
        holder = _holder(lock)
        return holder["pid"] if holder else None
    finally:
        os.close(lock)


def _require_free_port(plan: Plan) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(plan.host, plan.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            text = f"Port {plan.port} is used by another program. Take another: PORT={plan.port + 1} make run"
        elif error.errno == errno.EACCES:
            text = f"Port {plan.port} is reserved for the administrator. Take one above 1023: PORT=8000 make run"
        else:
            text = f"HOST={plan.host} is no address of this machine ({error.strerror}). Try HOST=127.0.0.1"
        raise LaunchError(text) from error


def _prepare(plan: Plan, step: Step, database: Database, environ: Mapping[str, str]) -> None:
    """Run one command of the preparation. Raises LaunchError when it fails; it has said itself why."""
    environment = child_environment(environ, database.urls)
    if step.as_owner:
        if "DATABASE_OWNER_URL" not in database.urls:
            return
        environment["DATABASE_OWNER_URL"] = database.urls["DATABASE_OWNER_URL"]
    if step.is_done(database.urls):
        return
    _tell(f"{step.called} …")
    try:
        done = subprocess.run(step.argv, env=environment, cwd=plan.checkout, umask=0o077, check=False)
    except OSError as error:
        raise LaunchError(f"{step.argv[0]} cannot be started ({error.strerror}). Mend it with: make setup") from error
    if done.returncode != 0:
        raise LaunchError(f"{step.called} failed (code {done.returncode}); the reason stands above.")


class _Announcement:
    """Waits until the web server answers, then says where it is and who may sign in."""

    def __init__(self, plan: Plan, began: float) -> None:
        self._plan = plan
        self._began = began
        self._warned = False

    def made(self) -> bool:
        """Whether it has been made: true from the first time that pages can be served."""
        seconds = time.monotonic() - self._began
        signs = _vital_signs(self._plan)
        if any(signs.get(part) != "ok" for part in NEEDED_BY_PAGES):
            if seconds > STILL_WAITING_SECONDS and not self._warned:
                _tell(f"Still waiting for {self._plan.url}ready/ …")
                self._warned = True
            return False
        _tell("", *signin_table(self._plan.signins))
        if not self._plan.is_local:
            _tell(
                f"Note: {self._plan.host} can be reached from other machines, and without TLS everything, passwords "
                "included, crosses the network readable. For more than a try, see docs/runbook.md."
            )
        if signs.get("maintenance") == "on":
            _tell("Note: maintenance is on, so pages say that BMMS comes back. To end it: bmms maintenance off")
        _tell(f"BMMS serves at {self._plan.url} after {seconds:.0f} s. Ctrl-C stops everything.", "")
        return True


def _vital_signs(plan: Plan) -> dict[str, str]:
    """What /ready/ says of each part, also when it is not ready: pages need neither a worker nor much disk."""
    with closing(http.client.HTTPConnection(plan.visited_host, plan.port, timeout=2)) as line:
        try:
            line.request("GET", "/ready/")
            found = json.loads(line.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return {}
    return found if isinstance(found, dict) else {}


def signin_table(path: Path) -> list[str]:
    """The demo sign-ins as aligned lines, empty when there are none; the file is closed to others."""
    if not path.exists():
        return []
    path.chmod(0o600)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
    return [*lines, f"(also in {path})", ""] if lines else []
