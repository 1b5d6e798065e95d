"""Keep a few programs running in the foreground until Ctrl-C: start, restart after a crash, stop in order.

Each child leads a process group of its own: Ctrl-C reaches the supervisor alone, and nothing that a killed child leaves
behind survives its restart. On Linux a child is sent TERM when the supervisor itself is killed with -9. macOS has no
such order: there the children of a killed supervisor run on, and the next start says that the port is taken.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from bmms.launch.errors import LaunchError

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
STEADY_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


@dataclass(frozen=True)
class Child:
    """A program to keep running. `env` is its whole environment."""

    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str]
    folder: Path


@dataclass
class _Life:
    """What the supervisor knows of a child: the running process, when it may start again, how long to pause then."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = FIRST_PAUSE
    groups: list[int] = field(default_factory=list)  # groups of ended processes that may still have members


def _say(text: str) -> None:
    print(text, flush=True)


class Supervisor:
    """Runs children until SIGINT, SIGTERM or SIGHUP. Only from the main thread of a process without other threads."""

    def __init__(
        self,
        children: Sequence[Child],
        watch: Callable[[], None],
        *,
        ready: Callable[[], bool] = lambda: True,
        stop_seconds: float = 20.0,
        say: Callable[[str], None] = _say,
    ) -> None:
        """`watch` is called each second; `ready` ten times a second until it answers True once."""
        self._lives = [_Life(child) for child in children]
        self._watch = watch
        self._ready = ready
        self._stop_seconds = stop_seconds
        self._say = say
        self._asked = 0  # how often we were asked to stop
        self._complaint = ""
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Start the children, look after them, and come back when all have been stopped after a signal."""
        with self._listening():
            try:
                is_ready, next_watch = False, time.monotonic() + 1
                while not self._asked:
                    self._look_after_children()
                    is_ready = is_ready or self._ready()
                    if time.monotonic() >= next_watch:
                        self._call_watch()
                        next_watch = time.monotonic() + 1
                    self._pause(0.1 if not is_ready else 0.5)
            finally:
                self._stop_all()

    def _look_after_children(self) -> None:
        now = time.monotonic()
        for life in self._lives:
            if life.process is not None and life.process.poll() is not None:
                self._note_end(life, now)
            if life.process is None and now >= life.due and not self._asked:
                self._start(life, now)

    def _start(self, life: _Life, now: float) -> None:
        for group in life.groups:
            _signal_group(group, signal.SIGKILL)
        life.groups.clear()
        life.started = now
        try:
            life.process = subprocess.Popen(
                life.child.argv,
                env=dict(life.child.env),
                cwd=life.child.folder,
                stdin=subprocess.DEVNULL,
                process_group=0,
                preexec_fn=_die_with_parent(),
            )
        except OSError as error:
            raise LaunchError(f"{life.child.name} cannot be started: {error}") from error

    def _note_end(self, life: _Life, now: float) -> None:
        """A child ended by itself: TERM to what it left behind, and a date for its next start."""
        assert life.process is not None
        code, group = life.process.returncode, life.process.pid
        _signal_group(group, signal.SIGTERM)
        life.groups.append(group)
        life.process = None
        if now - life.started > STEADY_SECONDS:
            life.pause = FIRST_PAUSE
        life.due = now + life.pause
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        self._say(f"{life.child.name} {how}; it starts again in {life.pause:g} s.")
        life.pause = min(life.pause * 2, LONGEST_PAUSE)

    def _call_watch(self) -> None:
        """Call the watch; what it cannot mend is said once, and it is tried again in the next second."""
        try:
            self._watch()
        except LaunchError as error:
            if str(error) != self._complaint:
                self._say(str(error))
            self._complaint = str(error)
        else:
            self._complaint = ""

    def _stop_all(self) -> None:
        """TERM to each child in order, the next one when it has gone; KILL after the patience or a second signal."""
        asked = self._asked
        for life in self._lives:
            if life.process is not None:
                life.process.terminate()
                deadline = time.monotonic() + self._stop_seconds
                while life.process.poll() is None and time.monotonic() < deadline and self._asked <= asked:
                    self._pause(0.1)
                if life.process.poll() is None:
                    self._say(f"{life.child.name} does not stop; it is ended.")
                life.groups.append(life.process.pid)
            for group in life.groups:
                _signal_group(group, signal.SIGKILL)
            if life.process is not None:
                life.process.wait()
                life.process = None

    def _pause(self, seconds: float) -> None:
        """Sleep, but wake at once when a signal or the end of a child arrives."""
        for key, _ in self._selector.select(seconds):
            with suppress(BlockingIOError):
                os.read(key.fd, 1024)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Take the signals over, and give them back."""

        def count(number: int, frame: FrameType | None) -> None:
            self._asked += number != signal.SIGCHLD

        reader, writer = os.pipe()
        for end in (reader, writer):
            os.set_blocking(end, False)
        before = {number: signal.signal(number, count) for number in _SIGNALS}
        wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self._selector.register(reader, selectors.EVENT_READ)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(reader)
            os.close(writer)


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _die_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes its program: ask Linux for TERM at our death. Nothing elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask
