"""The files of `deploy/` as the tests read them, and the web server started as its unit starts it."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DEPLOY = CHECKOUT / "deploy"
UNITS = DEPLOY / "systemd"
INSTALLED = "/srv/bmms"


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings_of(unit: str) -> dict[str, list[str]]:
    """The settings of a unit's section [Service], each with all its values."""
    text = (UNITS / unit).read_text().replace("\\\n", " ").partition("[Service]")[2].partition("\n[")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def command_of(unit: str, programs: Path = Path(sys.executable).parent) -> list[str]:
    """What a unit starts, with the programs of these tests or of another installation."""
    [line] = settings_of(unit)["ExecStart"]
    program, *words = shlex.split(line)
    assert program.startswith(f"{INSTALLED}/.venv/bin/")
    return [str(programs / Path(program).name), *words]


@contextmanager
def started(
    argv: list[str], environ: Mapping[str, str], log: Path, folder: Path = CHECKOUT
) -> Iterator[subprocess.Popen[bytes]]:
    """A service at work; ended afterwards, however it fares."""
    with log.open("ab") as output:
        process = subprocess.Popen(argv, env=dict(environ), cwd=folder, stderr=output, process_group=0)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def web_server(
    environ: Mapping[str, str], log: Path, port: int, *, processes: int = 2, folder: Path = CHECKOUT
) -> Iterator[subprocess.Popen[bytes]]:
    """What `bmms-web.service` starts, on a port of our choice, once it answers."""
    programs = Path(sys.executable).parent if folder == CHECKOUT else folder / ".venv" / "bin"
    argv = command_of("bmms-web.service", programs)
    argv[argv.index("--port") + 1] = str(port)
    argv[argv.index("--workers") + 1] = str(processes)
    with started(argv, environ, log, folder) as process:
        deadline = time.monotonic() + 90
        while not answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield process


def answers(port: int) -> bool:
    """Does a process of BMMS serve there?"""
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as line, suppress(OSError):
        line.request("GET", "/health/", headers={"Host": "staging.bmms.gov.ph"})
        return line.getresponse().status == 200
    return False
