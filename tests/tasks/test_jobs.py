"""Jobs run in their scope, move on in steps, come back after failures, and stop when they must."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text, update

from bmms.domain import clock, jobs
from bmms.domain.actors import Actor
from bmms.log_lines import describe
from bmms.models.accounts import CentralRole, User
from bmms.models.jobs import Job, JobStatus
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit
from tasks.queue import ROWS_A_STEP, TASKS, _run, huey, payloads
from tasks.sweeping import sweep
from tests.tasks.conftest import Cast, wait_for


@pytest.fixture
def moh(work: Cast):
    """The organization of these tests."""
    return work.organization()


def units(work: Cast, organization_id: int) -> list[str]:
    with work.session(organization_id=organization_id) as session:
        return list(session.scalars(select(Unit.name).order_by(Unit.id)))


def test_a_job_runs_in_the_scope_of_its_organization(work: Cast, moh) -> None:
    mole = work.organization("MOLE", "Ministry of Labor")
    with work.session(organization_id=mole.id) as session:
        session.add(Unit(name="unit 1"))
    job_id = work.start("sample_units", work.person(moh), moh, rows=3)
    assert work.run() == {"jobs_done": 1}
    job = work.job(job_id)
    assert (job.status, job.done, job.total, job.percent, job.attempts) == ("done", 3, 3, 100, 1)
    assert (job.message, job.error, job.lease_until) == ("3 units.", "", None)
    assert job.finished_at is not None
    assert units(work, moh.id) == ["unit 1", "unit 2", "unit 3"]
    assert units(work, mole.id) == ["unit 1"]


def test_the_history_of_rows_names_the_owner(work: Cast, moh, owner_engine: Engine) -> None:
    amina = work.person(moh)
    work.start("sample_units", amina, moh, rows=1)
    work.run()
    with owner_engine.connect() as connection:
        who = connection.scalar(text("SELECT actor_id FROM row_history WHERE table_name = 'units'"))
    assert who == amina.id


def test_a_platform_task_sees_the_accounts_of_all(work: Cast, moh) -> None:
    work.person(moh)
    root = work.person(None, "superadmin")
    job_id = work.start("sample_people", root)
    work.run()
    assert work.job(job_id).result == {"people": 2}


def test_a_tenant_task_without_an_organization_is_refused(work: Cast) -> None:
    job_id = work.start("sample_units", None, rows=1)
    assert work.run() == {"jobs_failed": 1}
    assert "belongs to an organization" in work.job(job_id).message


def test_a_second_queue_row_does_nothing(work: Cast, moh) -> None:
    job_id = work.start("sample_units", work.person(moh), moh, rows=2)
    huey.storage.enqueue(payloads.payload("sample_units", job_id))
    huey.storage.enqueue(payloads.payload("sample_people", job_id))  # signed, but for another task
    assert work.run() == {"jobs_done": 1, "jobs_passed_over": 2}
    assert work.job(job_id).attempts == 1


def test_progress_can_be_watched_while_it_runs(work: Cast, moh) -> None:
    job_id = work.start("sample_units", work.person(moh), moh, rows=2 * ROWS_A_STEP + 5, pause=0.01)
    seen: list[tuple[int, int]] = []
    with running_aside(work):
        wait_for(
            lambda: seen.append((work.job(job_id).done, len(units(work, moh.id)))) or seen[-1][0] >= 100, 15, "100"
        )
    told = sorted({done for done, _ in seen})
    assert told[0] == 0
    assert len(told) >= 3, "from nothing over at least one step to 100"
    assert all(done <= made for done, made in seen), "what is told is there to be seen"
    assert work.job(job_id).status == "done"


@contextmanager
def running_aside(work: Cast) -> Iterator[None]:
    """Drain the queue in a second thread."""
    worker = threading.Thread(target=work.run)
    worker.start()
    try:
        yield
    finally:
        worker.join()


# Failures.


def test_a_failed_job_is_tried_again_after_pauses(work: Cast, moh) -> None:
    job_id = work.start("sample_wrong", work.person(moh), moh, until=4, telling="")
    assert work.run() == {"jobs_retried": 1}
    assert work.job(job_id).status == "queued"
    assert work.job(job_id).message.startswith("This did not work yet. The next try starts at ")
    assert work.run(after=3) == {}
    assert work.run(after=6) == {"jobs_retried": 1}
    assert work.run(after=20) == {}
    assert work.run(after=6 + 31) == {"jobs_retried": 1}
    assert work.run(after=6 + 31 + 100) == {}
    assert work.run(after=6 + 31 + 121) == {"jobs_done": 1}
    job = work.job(job_id)
    assert (job.status, job.attempts, job.error, job.message) == ("done", 4, "", "")
    assert units(work, moh.id) == ["of attempt 4"]


def test_a_job_that_never_works_fails_in_the_end(work: Cast, moh, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    job_id = work.start("sample_wrong", work.person(moh), moh, until=99, telling="k7@WrPx#9tMzd4eh")
    assert [work.run(after=minutes * 60) for minutes in (0, 1, 2)] == [{"jobs_retried": 1}] * 3
    assert work.run(after=300) == {"jobs_failed": 1}
    assert work.run(after=9_000) == {}
    job = work.job(job_id)
    assert (job.status, job.attempts) == ("failed", 4)
    assert job.error.startswith("ValueError: no room for … … … in row 7 (tests/tasks/samples.py:")
    assert job.message == "This could not be done. The platform administrators can see why."
    for told in ("Amina", "amina@moh.example", "k7@WrPx#9tMzd4eh"):
        assert told not in caplog.text
    ways = [record.traceback for record in caplog.records if hasattr(record, "traceback")]
    assert ways
    assert all(way[-1].endswith(" go_wrong") for way in ways), "the frames are in the log"


def test_a_rule_that_refuses_is_not_asked_again(work: Cast, moh) -> None:
    job_id = work.start("sample_refused", work.person(moh), moh)
    assert work.run() == {"jobs_failed": 1}
    job = work.job(job_id)
    assert (job.status, job.message) == ("failed", "Row 7: Email 'x' is already registered.")
    assert job.error.startswith("RuleBroken (tests/tasks/samples.py:")


def test_what_the_database_says_is_told_without_its_values(work: Cast, moh) -> None:
    with work.session() as session:
        try:
            session.execute(text("INSERT INTO users (username, email) VALUES ('amina', 'Amina@moh.example')"))
        except Exception as wrong:
            told = describe(wrong)
        session.rollback()
    assert told.startswith("CheckViolation 23514 ck_users_email_lower (tests/tasks/test_jobs.py:")
    assert "moh.example" not in told


# Cancelling, and losing access.


def test_a_waiting_job_is_cancelled_at_once(work: Cast, moh) -> None:
    amina = work.person(moh)
    job_id = work.start("sample_units", amina, moh, rows=1)
    cancel(work, amina, job_id)
    assert work.run() == {"jobs_passed_over": 1}
    assert work.job(job_id).status == "cancelled"
    assert units(work, moh.id) == []


def cancel(work: Cast, owner: User, job_id: int) -> None:
    with work.session() as session:
        jobs.cancel(session, Actor(owner.id, owner.full_name), session.get_one(Job, job_id))


def test_a_running_job_stops_at_its_next_step_and_keeps_what_is_done(work: Cast, moh) -> None:
    amina = work.person(moh)
    job_id = work.start("sample_units", amina, moh, rows=500, pause=0.005)
    with running_aside(work):
        wait_for(lambda: work.job(job_id).done > 0, 10, "the first step")
        cancel(work, amina, job_id)
    job = work.job(job_id)
    assert (job.status, job.message, job.lease_until) == ("cancelled", "Cancelled.", None)
    assert 0 < len(units(work, moh.id)) == job.done < 500


def test_a_job_ends_with_the_membership_of_its_owner(work: Cast, moh) -> None:
    amina = work.person(moh)
    job_id = work.start("sample_units", amina, moh, rows=500, pause=0.005)
    with running_aside(work):
        wait_for(lambda: work.job(job_id).done > 0, 10, "the first step")
        with work.session() as session:
            session.execute(update(Membership).where(Membership.user_id == amina.id).values(is_active=False))
    job = work.job(job_id)
    assert (job.status, job.message) == ("cancelled", "Stopped: the person who started this no longer has access.")
    assert len(units(work, moh.id)) == job.done < 500, "the step after the loss is undone"


@pytest.mark.parametrize("status", ["inactive", "deactivated"])
def test_a_job_of_somebody_who_may_not_sign_in_does_not_start(work: Cast, moh, status: str) -> None:
    amina = work.person(moh)
    job_id = work.start("sample_units", amina, moh, rows=1)
    with work.session() as session:
        session.get_one(User, amina.id).status = status
    assert work.run() == {"jobs_cancelled": 1}
    assert work.job(job_id).status == "cancelled"


def test_a_central_role_is_access_enough_until_it_ends(work: Cast, moh) -> None:
    officer = work.person(None, "mfbm")
    job_id = work.start("sample_units", officer, moh, rows=1)
    assert work.run() == {"jobs_done": 1}
    with work.session() as session:
        session.scalars(select(CentralRole)).one().is_active = False
    job_id = work.start("sample_units", officer, moh, rows=1)
    assert work.run() == {"jobs_cancelled": 1}
    assert work.job(job_id).status == "cancelled"


# Leases, and the sweeper.


def test_a_long_step_keeps_its_lease(work: Cast, moh) -> None:
    work.app.config["LEASE_SECONDS"] = 0.6
    job_id = work.start("sample_long", work.person(moh), moh, seconds=2)
    swept = []
    with running_aside(work):
        wait_for(lambda: work.job(job_id).status == "running", 5, "the start")
        while work.job(job_id).status == "running":
            with work.app.app_context():
                swept.append(sweep())
            time.sleep(0.2)
    assert len(swept) > 5
    assert all(not found for found in swept)
    assert work.job(job_id).result == {"attempts": 1}


def abandon(work: Cast, job_id: int, *, attempts: int = 1) -> None:
    """Leave a job as a killed worker leaves it: running, its queue row gone, its lease over."""
    huey.storage.flush_queue()
    with work.session() as session:
        job = session.get_one(Job, job_id)
        job.status, job.attempts = JobStatus.RUNNING, attempts
        job.lease_until = clock.now() - timedelta(seconds=1)


def test_the_sweeper_gives_an_abandoned_job_one_queue_row(work: Cast, moh) -> None:
    job_id = work.start("sample_units", work.person(moh), moh, rows=1)
    abandon(work, job_id)
    with work.app.app_context():
        assert sweep() == {"swept_abandoned": 1}
        assert sweep() == {}
    assert work.queued() == [("tasks.sample_units", [job_id])]
    assert work.run() == {"jobs_done": 1}
    assert work.job(job_id).attempts == 2


def test_two_sweepers_share_the_work(work: Cast, moh) -> None:
    people = [work.person(moh) for _ in range(4)]
    job_ids = [work.start("sample_units", person, moh, rows=1) for person in people for _ in range(5)]
    for job_id in job_ids:
        abandon(work, job_id)
    start = threading.Barrier(2)

    def run() -> None:
        start.wait()
        with work.app.app_context():
            sweep()

    sweepers = [threading.Thread(target=run) for _ in range(2)]
    for sweeper in sweepers:
        sweeper.start()
    for sweeper in sweepers:
        sweeper.join()
    assert sorted(arguments[0] for _, arguments in work.queued()) == job_ids


def test_a_job_without_a_queue_row_is_found_after_a_lease(work: Cast, moh) -> None:
    job_id = work.start("sample_units", work.person(moh), moh, rows=1)
    huey.storage.flush_queue()
    assert work.run(after=30) == {}
    assert work.run(after=61) == {"swept_forgotten": 1, "jobs_done": 1}
    assert work.job(job_id).status == "done"


def test_a_job_that_waits_long_for_a_worker_is_not_queued_twice(work: Cast, moh) -> None:
    job_id = work.start("sample_units", work.person(moh), moh, rows=1)
    with work.app.app_context(), clock.stopped_at(clock.now() + timedelta(hours=1)):
        assert sweep() == {}
    assert work.queued() == [("tasks.sample_units", [job_id])]


def test_a_job_that_waits_for_its_next_try_is_left_alone(work: Cast, moh) -> None:
    work.start("sample_wrong", work.person(moh), moh, until=9, telling="")
    work.run()
    with work.app.app_context(), clock.stopped_at(clock.now() + timedelta(hours=1)):
        assert sweep() == {}, "its row lies in the schedule"


def test_a_retry_whose_row_was_lost_is_found(work: Cast, moh) -> None:
    job_id = work.start("sample_wrong", work.person(moh), moh, until=2, telling="")
    work.run()
    huey.storage.flush_schedule()
    assert work.run(after=66) == {"swept_forgotten": 1, "jobs_done": 1}
    assert work.job(job_id).status == "done"


def test_an_abandoned_job_that_was_cancelled_stays_down(work: Cast, moh) -> None:
    amina = work.person(moh)
    job_id = work.start("sample_units", amina, moh, rows=1)
    abandon(work, job_id)
    cancel(work, amina, job_id)
    assert work.run() == {"swept_abandoned": 1}
    assert work.job(job_id).status == "cancelled"


def test_a_job_that_kills_its_workers_does_not_do_so_for_ever(work: Cast, moh) -> None:
    job_id = work.start("sample_units", work.person(moh), moh, rows=1)
    abandon(work, job_id, attempts=10)
    assert work.run() == {"swept_abandoned": 1}
    assert (work.job(job_id).status, work.job(job_id).error) == ("failed", "WorkerLost")


def test_a_task_that_nobody_knows_fails_with_its_name(work: Cast) -> None:
    job_id = work.start("sample_of_yesterday", None)
    assert work.run() == {"refused": 1}
    assert work.run(after=61) == {"swept_forgotten": 1}
    assert (work.job(job_id).status, work.job(job_id).error) == ("failed", "UnknownTask sample_of_yesterday")


def test_a_worker_that_comes_back_from_the_dead_undoes_its_step(work: Cast, moh) -> None:
    """It was stopped for longer than its lease (and its heart with it); meanwhile another one took the job."""
    job_id = work.start("sample_units", work.person(moh), moh, rows=120, pause=0.01)
    outcomes = []

    def run() -> None:
        outcomes.append(_run(TASKS["sample_units"], job_id))

    zombie = threading.Thread(target=run)
    zombie.start()
    wait_for(lambda: work.job(job_id).done > 0, 10, "the first step")
    abandon(work, job_id)
    assert work.run() == {"swept_abandoned": 1, "jobs_done": 1}
    zombie.join()
    assert outcomes == [{"jobs_lost": 1}]
    assert work.job(job_id).status == "done"
    assert sorted(units(work, moh.id)) == sorted(f"unit {number}" for number in range(1, 121))
