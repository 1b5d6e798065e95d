"""What the operating system says of a process. A number alone proves nothing: it may be dead, or given to another."""

import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_HAS_PROC = Path("/proc/self/stat").exists()


def is_running(pid: int) -> bool:
    """Whether there is such a process and it is not merely waiting to be reaped."""
    return _state_and_name(pid)[0] not in ("", "Z", "X")


def is_postgres_of(pid: int, data: Path) -> bool:
    """Whether this process is PostgreSQL, working in this very data directory."""
    state, name = _state_and_name(pid)
    if state in ("", "Z", "X") or not name.startswith("postgres"):
        return False
    if not _HAS_PROC:
        return str(data) in _ps(pid, "command")
    try:
        return (_PROC / str(pid) / "cwd").samefile(data)
    except OSError:
        return False


def postgres_processes_of(data: Path) -> list[int]:
    """All processes of PostgreSQL that work in this data directory. Empty where there is no /proc."""
    numbers = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()] if _HAS_PROC else []
    return [pid for pid in numbers if is_postgres_of(pid, data)]


def birth(pid: int) -> str:
    """When the process began, in the system's own words: with its number, this names one process for good."""
    if not _HAS_PROC:
        return _ps(pid, "lstart")
    try:
        line = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return line.rpartition(")")[2].split()[19]


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended meanwhile."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _state_and_name(pid: int) -> tuple[str, str]:
    if not _HAS_PROC:
        return _ps(pid, "stat")[:1], Path(_ps(pid, "comm")).name
    try:
        line = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", ""
    match = re.fullmatch(r"\d+ \((.*)\) (\S).*", line, re.DOTALL)
    return (match[2], match[1]) if match else ("", "")


def _ps(pid: int, column: str) -> str:
    argv = ["ps", "-ww", "-o", f"{column}=", "-p", str(pid)]
    told = subprocess.run(argv, capture_output=True, text=True, check=False)
    return told.stdout.strip()
