"""Folders, users and processes for the launcher's tests. Everything is real: PostgreSQL, signals, users, files."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bmms.launch.account import Account, server_account
from bmms.launch.cluster import Cluster, attach
from bmms.launch.processes import postgres_processes_of, send
from tests.launch.machine import CHECKOUT, FAST, Holder, wait_until


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user of the machine can reach; pytest's own is closed to others."""
    yield from _open_folder()


@pytest.fixture(scope="session")
def lasting_folder() -> Iterator[Path]:
    """The same for the whole session."""
    yield from _open_folder()


def _open_folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="bmms-launch-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def shared(lasting_folder: Path) -> Iterator[Cluster]:
    """A server for the tests that only need one to be there."""
    with attach(lasting_folder / "instance", tuning=FAST) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def stopped() -> Iterator[Path]:
    """A database that was made and stopped, to copy: making one takes ten times as long."""
    for path in _open_folder():
        with attach(path, tuning=FAST):
            pass
        yield path / "cluster"


@pytest.fixture
def instance(folder: Path, stopped: Path) -> Path:
    """An instance folder whose database has been made already."""
    (folder / "instance").mkdir()
    subprocess.run(["cp", "-a", stopped, folder / "instance"], check=True)
    return folder / "instance"


@pytest.fixture(scope="session")
def code(lasting_folder: Path) -> Path:
    """A copy of the launcher where every user can read it."""
    target = lasting_folder / "code"
    shutil.copytree(
        CHECKOUT / "bmms" / "launch", target / "bmms" / "launch", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(CHECKOUT / "bmms" / "__init__.py", target / "bmms")
    shutil.copy(Path(__file__).with_name("holder.py"), target)
    return target


@pytest.fixture
def hold(code: Path) -> Iterator[Callable[..., Holder]]:
    """`hold(instance, account)` starts a process that attaches there, as ourselves where no account is given."""
    holders = []

    def start(instance: Path, account: Account | None = None, **more: Any) -> Holder:
        holders.append(Holder(code, instance, account or Account.of(os.geteuid()), **more))
        return holders[-1]

    yield start
    for holder in holders:
        holder.clean_up()


@pytest.fixture
def stranger() -> Account:
    """An ordinary user who is neither root nor the one that servers of root run as."""
    taken = server_account().uid
    for name in ("nobody", "daemon"):
        with suppress(KeyError):
            if pwd.getpwnam(name).pw_uid not in (0, taken):
                return Account.of(pwd.getpwnam(name).pw_uid)
    pytest.skip("this machine has no second unprivileged user")


@pytest.fixture
def ending() -> Iterator[Callable[[Path], None]]:
    """`ending(data)` makes sure that no server of this data directory outlives the test."""
    places: list[Path] = []
    yield places.append
    for data in places:
        for pid in postgres_processes_of(data):
            send(pid, signal.SIGKILL)
        wait_until(lambda data=data: not postgres_processes_of(data), "the server ends")
