"""Two web processes and two workers on one database, as `deploy/` starts them; one of each dies by -9 under load.

Once each in `make test`, twenty times by `make drill`. It runs before `test_posting.py`, which uses the account up.
"""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.drill.certifying import ACCOUNT, Books, Certifier, certifiers, faults
from tests.drill.conftest import Installation, wait_for
from tests.drill.storm import Visitor
from tests.drill.test_posting import jobs_are_done, kill, top_up
from tests.drill.test_storm import check_mails, lost

pytestmark = [pytest.mark.xdist_group("installation"), pytest.mark.timeout(3600)]

ROUNDS = 20 if os.environ.get("BMMS_DRILL") else 1
FAILED = "SELECT id, task, status, error FROM jobs WHERE status IN ('failed', 'cancelled')"


class Twin:
    """A second worker, started with the command and the settings of the first."""

    def __init__(self, installation: Installation) -> None:
        first = Path(f"/proc/{installation.pid_of('worker')}")
        self._argv, self._folder = (first / "cmdline").read_text().split("\0")[:-1], (first / "cwd").readlink()
        self._environ, self._log = installation.environ, installation.instance / "twin.log"

    def start(self) -> None:
        """As systemd does, also after a death."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._argv, env=self._environ, cwd=self._folder, stderr=output, start_new_session=True
            )

    def end(self) -> None:
        """By -9."""
        self._process.kill()
        self._process.wait()


@contextmanager
def a_second_worker(installation: Installation) -> Iterator[Twin]:
    """Beside the first one, until the block ends."""
    twin = Twin(installation)
    twin.start()
    try:
        yield twin
    finally:
        twin.end()


def web_processes(installation: Installation) -> set[int]:
    """Those that answer; the server that started them is none of them."""
    found = set()
    for children in Path(f"/proc/{installation.pid_of('web')}/task").glob("*/children"):
        for pid in children.read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):
                if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text():
                    found.add(int(pid))
    return found


def kill_one_web_process(installation: Installation) -> None:
    """The other one serves meanwhile, and soon there are two again."""
    before = web_processes(installation)
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)
    wait_for("the other one to answer", installation.is_up, 30)
    wait_for("two web processes", lambda: len(web_processes(installation) - {min(before)}) == 2)


@contextmanager
def at_work(acts: list[Callable[[], object]]) -> Iterator[None]:
    """Each act again and again, in a thread of its own, until the block ends."""
    over = threading.Event()

    def work(act: Callable[[], object]) -> None:
        while not over.is_set():
            act()

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def one_of_each_dies(installation: Installation, twin: Twin, clerk: Certifier) -> list[bool]:
    """A web process, the first worker, the second one: each under load. Were workbooks asked for before each worker?"""
    kill_one_web_process(installation)
    asked = []
    for die in (lambda: kill(installation, "worker"), lambda: (twin.end(), twin.start())):
        asked.append(any(clerk.export() for _ in range(5)))
        die()
        wait_for("the jobs of the one that died", lambda: jobs_are_done(installation))
    return asked


def test_two_of_each_share_the_work_and_one_of_each_may_die(installation: Installation) -> None:
    [[account]] = installation.ask(ACCOUNT)
    books, found = Books(), []
    top_up(installation, account, books)
    clerk, *people = certifiers(installation, 5)
    others = [each for each in installation.people if not each[0].startswith("moh_")][:4]
    visitors = [Visitor(installation.base, name, password, number) for number, (name, password) in enumerate(others)]
    assert all(one.enter() for one in (clerk, *people))
    assert all(one.sign_in() for one in visitors)
    for one in visitors:
        one.forget_password()
    acts = [lambda one=one: one.work_once(books) for one in people]
    acts += [lambda one=one: (one.change_phone(), time.sleep(0.5)) for one in visitors]
    with a_second_worker(installation) as twin, at_work(acts):
        wait_for("the first postings", lambda: len(books.told) >= len(people) or books.failures)
        for number in range(ROUNDS):
            told, asked = len(books.told), one_of_each_dies(installation, twin, clerk)
            found += [f"round {number}: {one}" for one in faults(installation, dict(books.told))]
            assert asked == [True, True]
            wait_for("more postings", lambda told=told: len(books.told) > told or books.failures)
            top_up(installation, account, books)
    answers = dict(books.answers + sum((one.answers for one in visitors), Counter()))
    print(f"{ROUNDS} of each killed, {len(books.told)} postings acknowledged, {books.again} sent again, {answers}")
    found += faults(installation, dict(books.told)) + lost(installation, visitors)
    assert [*found, *books.failures, *installation.ask(FAILED)] == []
    assert all(one.confirmed_phone and one.asked_for_reset for one in visitors)
    check_mails(installation, visitors)
