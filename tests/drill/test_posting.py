"""Posting through the web: many at once against little room, and under kill -9 of web, worker and database.

In small numbers in `make test`, without the kills; `make drill` sends 200 requests against room for 37, and kills a
hundred times (`BMMS_KILLS`: another number). `BMMS_SEED` repeats the order of what is killed.
"""

import os
import random
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.drill.certifying import ACCOUNT, AMOUNT, Books, Certifier, ask_for, certifiers, faults, say
from tests.drill.conftest import Installation, ProcessNotFound, wait_for

pytestmark = [pytest.mark.xdist_group("installation"), pytest.mark.timeout(7200)]

FULL = bool(os.environ.get("BMMS_DRILL"))
REQUESTS, ROOM = (200, 37) if FULL else (12, 5)
KILLS = int(os.environ.get("BMMS_KILLS") or 100)
SEED = int(os.environ.get("BMMS_SEED") or random.SystemRandom().randrange(10**6))
LEFT = "SELECT allotted - obligated FROM budget_accounts WHERE id = %s"
TAKES_THE_REST = """
WITH changed AS (
  UPDATE obligations SET total = total + %(more)s WHERE id = %(id)s RETURNING id)
UPDATE obligation_lines SET amount = amount + %(more)s FROM changed WHERE obligation_id = changed.id
"""


def jobs_are_done(installation: Installation) -> bool:
    """Nothing that a person asked for waits or runs."""
    return installation.ask("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')") == [(0,)]


def top_up(installation: Installation, account: int, books: Books) -> None:
    """Enough to certify for the next minute."""
    if len(books.waiting) < 300:
        more = ask_for(installation, account, 600)
        with books.lock:
            books.waiting[:0] = more


def kill(installation: Installation, what: str) -> None:
    """With -9; then wait until it has come back."""
    before = installation.pid_of(what)
    os.kill(before, signal.SIGKILL)

    def is_back() -> bool:
        try:
            return installation.is_up() and installation.pid_of(what) != before
        except ProcessNotFound:
            return False

    wait_for(f"{what} to be killed and BMMS to be back", is_back)


@pytest.mark.skipif(not FULL, reason="longer than the suite has time for: make drill")
def test_kill_9_under_posting_loses_halves_and_doubles_nothing(installation: Installation) -> None:
    [[account]] = installation.ask(ACCOUNT)
    books, draw, began = Books(), random.Random(SEED), time.monotonic()
    top_up(installation, account, books)
    people = certifiers(installation, 9)
    clerk = people.pop()
    assert clerk.enter()
    over = threading.Event()

    def work(certifier: Certifier) -> None:
        certifier.enter()
        while not over.is_set():
            certifier.work_once(books)

    threads = [threading.Thread(target=work, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    wait_for("the first postings", lambda: len(books.told) >= len(people) or books.failures, 180)
    kinds = [("web", "worker", "database")[n % 3] for n in range(KILLS)]
    draw.shuffle(kinds)
    found, asked = [], 0
    try:
        for what in kinds:
            if what == "worker":
                asked += any(clerk.export() for _ in range(3))
            time.sleep(draw.random() * 1.5)
            kill(installation, what)
            told = dict(books.told)
            found += [f"after {what}: {one}" for one in faults(installation, told)]
            top_up(installation, account, books)
    finally:
        over.set()
    for thread in threads:
        thread.join()
    found += faults(installation, dict(books.told))
    wait_for("every job to be done", lambda: jobs_are_done(installation), 180)
    failed = installation.ask("SELECT id, task, status, error FROM jobs WHERE status IN ('failed', 'cancelled')")
    seconds = time.monotonic() - began
    print(f"seed {SEED}: {KILLS} kills in {seconds:.0f} s, {len(books.told)} postings acknowledged, {books.again} sent"
          f" again, {asked} exports, answers {dict(books.answers)}")  # fmt: skip
    assert [*found, *books.failures, *failed] == []
    assert len(books.told) > KILLS
    assert asked


def left(installation: Installation, account: int) -> object:
    return installation.ask(LEFT % account)[0][0]


def test_a_crowd_at_the_web_spends_no_more_than_the_allotment(installation: Installation) -> None:
    [[account]] = installation.ask(ACCOUNT)
    people = certifiers(installation, 8)
    with ThreadPoolExecutor(len(people)) as pool:
        assert all(pool.map(Certifier.enter, people))
    books = Books()
    [large] = ask_for(installation, account, 1, "Takes all but little")
    rest = left(installation, account) - AMOUNT * (ROOM + 1)
    say(installation, ("UPDATE obligations SET status = 'draft' WHERE id = %(id)s", {"id": large}),
        (TAKES_THE_REST, {"id": large, "more": rest}),
        ("UPDATE obligations SET status = 'requested' WHERE id = %(id)s", {"id": large}))  # fmt: skip
    people[0].certify(large, "the large one", books, time.monotonic() + 60)
    assert (list(books.told), left(installation, account)) == ([large], AMOUNT * ROOM), books
    ids = ask_for(installation, account, REQUESTS, "Crowd")
    books = Books(waiting=list(ids))

    def work(certifier: Certifier) -> None:
        while (document_id := books.next()) is not None:
            certifier.certify(document_id, f"k{document_id}", books, time.monotonic() + 120)

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(work, people))
    assert books.failures == []
    assert set(books.answers) <= {303, 422}
    assert (len(books.told), len(books.refused)) == (ROOM, REQUESTS - ROOM)
    assert all(re.search("too much", page) for page in books.refused), "each refusal says how much is too much"
    assert left(installation, account) == 0
    posted = f"SELECT count(*), sum(amount) FROM ledger_entries WHERE account_id = {account} AND posting_id IN ("
    posted += f"SELECT id FROM ledger_postings WHERE document_kind = 'obligation' AND document_id >= {min(ids)})"
    assert installation.ask(posted) == [(ROOM, AMOUNT * ROOM)]
