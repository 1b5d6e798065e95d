"""One PostgreSQL server: is it alive, start it, stop it. Callers hold the start lock of `bmms.launch.cluster`.

Alive means that it answers a connection. The number in `postmaster.pid` is never believed by itself: a dead server
leaves it behind, and it may have been given to a foreign process, which stays untouched.
"""

import os
import signal
import socket
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path

from bmms.launch.binaries import Binaries
from bmms.launch.errors import LaunchError
from bmms.launch.place import Address, Place
from bmms.launch.processes import is_postgres_of, is_running, postgres_processes_of, send

LOG_BYTES = 5_000_000
UNREACHABLE_SECONDS = 5
_RETRY_WHILE = ("lock file", "shared memory", "Address already in use", "could not create lock file")


class Answer(Enum):
    """What the server says to a new connection: it serves, it is starting or stopping, or nobody is there."""

    READY = "ready"
    BUSY = "busy"
    SILENT = "silent"


def greet(address: Address, seconds: float = 3.0) -> Answer:
    """Open a connection, say whom we are, read the first byte of the answer, and go without signing in."""
    words = b"user\0postgres\0database\0postgres\0\0"
    hello = struct.pack("!ii", len(words) + 8, 196608) + words
    family = socket.AF_UNIX if address.socket else socket.AF_INET
    with socket.socket(family) as line:
        line.settimeout(seconds)
        try:
            line.connect(str(address.socket) if address.socket else (address.host, address.port))
        except BlockingIOError:  # more callers than its queue holds: it lives
            return Answer.BUSY
        except OSError:
            return Answer.SILENT
        try:
            line.sendall(hello)
            reply = line.recv(1024)
        except TimeoutError:
            return Answer.BUSY
        except OSError:
            return Answer.SILENT
    if not reply:
        return Answer.SILENT
    return Answer.BUSY if reply[:1] == b"E" and b"C57P03\0" in reply else Answer.READY


class Server:
    """The server of one place at one address."""

    def __init__(self, place: Place, address: Address) -> None:
        self.place = place
        self.address = address
        self.log = place.data / "server.log"

    def recorded_pid(self) -> int | None:
        """The number in postmaster.pid, whatever it belongs to now."""
        try:
            return abs(int((self.place.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0]))
        except (OSError, ValueError):
            return None

    def pid(self) -> int | None:
        """The process of the living server; None when it is dead, unreaped, or its number is somebody else's."""
        pid = self.recorded_pid()
        return pid if pid and is_postgres_of(pid, self.place.data) else None

    def answers(self) -> bool:
        """Whether our server serves. On TCP another program may have the port, so the process is looked at too."""
        return greet(self.address) is Answer.READY and (self.address.socket is not None or self.pid() is not None)

    def bring_up(self, binaries: Callable[[], Binaries], settings: Mapping[str, str], seconds: float) -> None:
        """Wait for the living server, or start the dead one. Raises LaunchError with the end of its log."""
        if self.answers():
            return
        if self.pid():
            self._await_living(seconds)
        if not self.answers():
            self._start(binaries(), settings, seconds)

    def _await_living(self, seconds: float) -> None:
        """The process lives: it starts, recovers or stops. One that lost its socket cannot be reached: stop it."""
        deadline, unreachable_since = time.monotonic() + seconds, time.monotonic()
        while self.pid() and time.monotonic() < deadline:
            answer = greet(self.address)
            if answer is Answer.READY:
                return
            if answer is Answer.BUSY:
                unreachable_since = time.monotonic()
            elif time.monotonic() - unreachable_since > UNREACHABLE_SECONDS:
                self.stop()
                return
            time.sleep(0.1)
        if self.pid():
            raise LaunchError(f"PostgreSQL does not get ready (process {self.pid()}). Its log says:\n{self._log_end()}")

    def _start(self, binaries: Binaries, settings: Mapping[str, str], seconds: float) -> None:
        """Start the dead server, again and again while what the former one left still stands in the way."""
        began = time.monotonic()
        while True:
            self._clear_leftovers()
            mark = self._open_log()
            pid = self._spawn(binaries, settings)
            if self._await_answer(pid, seconds):
                return
            said = self._log_end(mark)
            if not any(words in said for words in _RETRY_WHILE) or time.monotonic() - began > seconds:
                raise LaunchError(f"PostgreSQL did not start from {self.place.data}. Its log says:\n{said}")
            if time.monotonic() - began > 2:
                self._end_orphans()
            time.sleep(0.25)

    def _spawn(self, binaries: Binaries, settings: Mapping[str, str]) -> int:
        """Start the program in a session of its own, child of nobody here, and answer its process number.

        PostgreSQL refuses to start while the number in a stale postmaster.pid lives, unless it is its grandparent's.
        Told so, it goes on, and its own check for processes that still use the old shared memory stays intact.
        """
        options = [f"--{name}={value}" for name, value in settings.items()]
        argv: list[str | Path] = [binaries.folder / "postgres", "-D", self.place.data, *options]
        script = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
        stale = self.recorded_pid()
        started = self.place.account.run(
            ["/bin/sh", "-c", script, "sh", self.log, *argv],
            env={"PG_GRANDPARENT_PID": str(stale)} if stale else {},
        )
        if started.returncode != 0:
            raise LaunchError(f"PostgreSQL could not be started: {started.stderr.strip()}")
        return int(started.stdout)

    def _await_answer(self, pid: int, seconds: float) -> bool:
        """Whether the started process came to serve; False as soon as it ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if greet(self.address) is Answer.READY:
                return True
            if not is_running(pid):
                return False
            time.sleep(0.03)
        raise LaunchError(f"PostgreSQL does not get ready (process {pid}). Its log says:\n{self._log_end()}")

    def _clear_leftovers(self) -> None:
        """Remove the dead server's socket with its lock (the folder is ours alone), and an empty postmaster.pid."""
        if self.recorded_pid() is None:
            (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        if self.address.socket:
            for leftover in self.address.socket.parent.glob(".s.PGSQL.*"):
                leftover.unlink(missing_ok=True)

    def _end_orphans(self) -> None:
        """End what is left of a killed server: a long query does not notice and would keep the old memory in use."""
        if self.pid() is None:
            for pid in postgres_processes_of(self.place.data):
                send(pid, signal.SIGQUIT)

    def stop(self, seconds: float = 60) -> None:
        """Stop the living server: sessions are ended, data is written out. Does nothing when there is none."""
        pid = self.pid()
        if pid is None:
            return
        for number, patience in ((signal.SIGINT, seconds), (signal.SIGQUIT, 10)):
            send(pid, number)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if not is_running(pid):
                    return
                time.sleep(0.02)
        raise LaunchError(f"PostgreSQL (process {pid}) does not stop. Its log says:\n{self._log_end()}")

    def _open_log(self) -> int:
        """Make the log the server's own, a new one when it is long, and answer where the next lines will begin."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        if not self.log.exists():
            with suppress(FileExistsError):
                os.close(os.open(self.log, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                self.place.account.own(self.log)
        return self.log.stat().st_size

    def _log_end(self, mark: int = 0) -> str:
        """The last lines of the log, none of them older than the mark (a position in bytes)."""
        with suppress(OSError):
            text = self.log.read_bytes()[mark:].decode("utf-8", "replace")
            return "\n".join(f"  {line}" for line in text.splitlines()[-8:])
        return "  (no log)"


def server_settings(address: Address, tuning: Mapping[str, str]) -> dict[str, str]:
    """PostgreSQL's settings: modest ones, then the caller's, then the address, which is nobody's to choose."""
    folder = "" if address.socket is None else '"{}"'.format(str(Path(address.host)).replace('"', '""'))
    return {
        "shared_buffers": "64MB",
        "max_connections": "60",
        **tuning,
        "port": str(address.port),
        "listen_addresses": "" if address.socket else address.host,
        "unix_socket_directories": folder,
        "unix_socket_permissions": "0700",
    }
