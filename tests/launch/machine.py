"""Processes, users and servers of this machine, as the launcher's tests handle them."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from bmms.launch.account import Account
from bmms.launch.cluster import SUPERUSER, Cluster

CHECKOUT = Path(__file__).resolve().parents[2]
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
AS_ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not AS_ROOT, reason="needs root, to act as several users")
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


def wait_until(holds: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)


def query(url: str, statement: str) -> list[tuple]:
    """The rows of a statement, committed; none for one that answers none."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def superuser(cluster: Cluster) -> str:
    """The address that may do everything."""
    return cluster.url(SUPERUSER, "postgres")


def postmaster(cluster: Cluster) -> int:
    """The process of the running server."""
    pid = cluster.server.pid()
    assert pid is not None
    return pid


def python_for(account: Account) -> str:
    """A Python that this user can run: the tests' own may lie in root's home."""
    for python in (sys.executable, shutil.which("python3", path="/usr/bin:/usr/local/bin")):
        if python and account.can_reach(Path(python).resolve()):
            told = account.run([python, "-c", "import sys; print(sys.version_info >= (3, 11))"])
            if told.stdout.strip() == "True":
                return python
    pytest.skip(f"user {account.name} can run no Python 3.11 on this machine")


class Holder:
    """A process of its own that is attached to a server, as a user of our choice. See holder.py for its commands."""

    def __init__(self, code: Path, instance: Path, account: Account, tuning: dict = FAST, adopt: bool = False) -> None:
        self.process = subprocess.Popen(
            [python_for(account), code / "holder.py", instance, json.dumps(tuning), *(["adopt"] if adopt else [])],
            cwd="/",
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **({} if account.uid == os.geteuid() else {"user": account.uid, "group": account.gid, "extra_groups": []}),
        )

    def answer(self) -> dict:
        """The next thing it says."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline() or '{"error": "it ended"}')

    def ask(self, command: str) -> dict:
        """Tell it to do something and wait for its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        return self.answer()

    def leave(self) -> None:
        """Let it detach and end."""
        self.ask("close")
        self.process.wait()

    def kill(self) -> None:
        """End it with kill -9."""
        self.process.kill()
        self.process.wait()

    def clean_up(self) -> None:
        """Leave no process and no pipe behind."""
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()
