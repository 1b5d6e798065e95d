"""Real workers: killed, told to stop, doubled, cut from their database; and nothing is lost."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from bmms.domain import outbox
from bmms.models.organizations import Unit
from tasks import mail
from tests.tasks.conftest import Cast, wait_for
from tests.tasks.post import PostOffice

Start = Callable[..., subprocess.Popen]


def children(process: subprocess.Popen) -> list[int]:
    """The processes that a worker has forked."""
    tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in tasks.read_text().split()] if tasks.exists() else []


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_job_whose_worker_is_killed_is_finished_by_another(work: Cast, start_worker: Start) -> None:
    moh = work.organization()
    job_id = work.start("sample_units", work.person(moh), moh, rows=150, pause=0.01)
    worker = start_worker()
    wait_for(lambda: work.job(job_id).done >= 50, 15, "the first step")
    os.killpg(worker.pid, signal.SIGKILL)
    job = work.job(job_id)
    assert (job.status, job.attempts) == ("running", 1)
    start_worker()
    wait_for(lambda: work.job(job_id).status == "done", 20, "the second attempt")
    job = work.job(job_id)
    assert (job.attempts, job.done) == (2, 150)
    with work.session(organization_id=moh.id) as session:
        names = session.scalars(select(Unit.name)).all()
    assert Counter(names) == {f"unit {number}": 1 for number in range(1, 151)}


def test_a_mail_whose_worker_is_killed_is_sent_after_its_lease(
    work: Cast, start_worker: Start, post_office: PostOffice
) -> None:
    """The worker dies between handing over and marking: one more copy may come, and it bears the same Message-ID."""
    moh = work.organization()
    people = [work.newcomer(moh)[0] for _ in range(3)]
    post_office.slow = 1.0
    worker = start_worker(processes=1, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(post_office.port), EMAIL_USE_TLS="false")
    ids = mail.send_bulk_welcome_emails([user.id for user in people])
    wait_for(lambda: post_office.begun, 15, "the first mail")
    for child in children(worker):
        os.kill(child, signal.SIGKILL)
    post_office.slow = 0.0
    wait_for(lambda: all(work.message(one).status == "sent" for one in ids), 20, "all mails to be sent")
    for message_id, user in zip(ids, people, strict=True):
        copies = post_office.to(user.email)
        assert {copy["Message-ID"] for copy in copies} == {work.message(message_id).message_id}
        assert len(copies) <= work.message(message_id).attempts
    assert [work.message(one).attempts for one in ids] == [2, 1, 1]


def test_no_process_works_on_without_its_consumer(work: Cast, start_worker: Start) -> None:
    worker = start_worker()
    wait_for(lambda: len(children(worker)) == 3, 5, "two workers and a scheduler")
    left_alone = children(worker)
    worker.kill()
    worker.wait()
    wait_for(lambda: not any(alive(pid) for pid in left_alone), 5, "the orphans to end")


def test_term_lets_a_running_job_finish_and_takes_no_other(work: Cast, start_worker: Start, tmp_path: Path) -> None:
    moh = work.organization()
    amina, note = work.person(moh), tmp_path / "note"
    worker = start_worker(processes=1, lease=60)
    first = work.start("sample_signed", amina, moh, note=str(note))
    wait_for(note.exists, 10, "the job to begin")
    second = work.start("sample_signed", amina, moh, note=str(note))
    worker.terminate()
    assert worker.wait(timeout=120) == 0
    assert note.read_text() == "begun\nended\n"
    assert (work.job(first).status, work.job(second).status) == ("done", "queued")
    assert work.queued().count(("tasks.sample_signed", [second])) == 1


def test_a_worker_that_is_told_to_stop_now_gives_its_job_back(work: Cast, start_worker: Start, tmp_path: Path) -> None:
    moh = work.organization()
    worker, note = start_worker(processes=1, lease=60), tmp_path / "note"
    job_id = work.start("sample_signed", work.person(moh), moh, note=str(note))
    wait_for(note.exists, 10, "the job to begin")
    worker.send_signal(signal.SIGINT)
    worker.wait(timeout=120)
    job = work.job(job_id)
    assert (job.status, job.lease_until) == ("queued", None)
    assert work.queued().count(("tasks.sample_signed", [job_id])) == 1
    assert note.read_text() == "begun\n"


def test_a_job_that_takes_too_long_is_broken_off(work: Cast, start_worker: Start) -> None:
    moh = work.organization()
    start_worker(processes=1)
    job_id = work.start("sample_endless", work.person(moh), moh)
    wait_for(lambda: work.job(job_id).status == "failed", 10, "the end")
    assert work.job(job_id).error.startswith("TaskTimeout: timeout (1s) (tests/tasks/samples.py:")


def test_of_two_workers_one_leads_and_the_other_follows_it(work: Cast, start_worker: Start) -> None:
    workers = [start_worker(processes=1), start_worker(processes=1)]

    def leaders() -> list[bool]:
        return ["Enqueueing periodic task" in worker.log.read_text() for worker in workers]  # type: ignore[attr-defined]

    wait_for(lambda: sum(leaders()) == 1, 10, "a leader")
    time.sleep(2.5)
    assert sum(leaders()) == 1
    leader = workers[leaders().index(True)]
    os.killpg(leader.pid, signal.SIGKILL)
    wait_for(lambda: all(leaders()), 10, "the other to lead")
    moh = work.organization()
    job_id = work.start("sample_units", work.person(moh), moh, rows=1)
    wait_for(lambda: work.job(job_id).status == "done", 10, "a job by the one that is left")


def test_a_worker_never_holds_the_address_of_the_owner(start_worker: Start, queue_urls: dict[str, str]) -> None:
    worker = start_worker(DATABASE_OWNER_URL=queue_urls["owner"])
    for pid in (worker.pid, *children(worker)):
        environ = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"DATABASE_URL=" in environ
        assert b"DATABASE_OWNER_URL" not in environ
        assert queue_urls["owner"].encode() not in environ


@pytest.fixture
def cut(server: str, queue_urls: dict[str, str]) -> Callable[[], None]:
    """Cut every connection to the database, as a restart of the server does."""

    def end_all() -> None:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [queue_urls["name"]]
            )

    return end_all


def test_a_worker_outlives_its_database_connections(
    work: Cast, start_worker: Start, post_office: PostOffice, cut: Callable[[], None]
) -> None:
    moh = work.organization()
    amina = work.person(moh)
    start_worker(EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(post_office.port), EMAIL_USE_TLS="false")
    job_id = work.start("sample_units", amina, moh, rows=120, pause=0.01)
    wait_for(lambda: work.job(job_id).done >= 50, 15, "the first step")
    cut()
    with work.session() as session:
        message = outbox.write(session, "password_changed", user_id=amina.id)
        session.flush()
        message_id = message.id
    wait_for(lambda: work.message(message_id).status == "sent", 20, "a mail after the cut")
    wait_for(lambda: work.job(job_id).status == "done", 20, "the job after the cut")
    assert len(post_office.to(amina.email)) == 1
    with work.session(organization_id=moh.id) as session:
        assert len(session.scalars(select(Unit.id)).all()) == 120
