"""The queue row stands or falls with the business row, in the table and the format of the installed Huey."""

import json
import pickle
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from flask import Flask
from huey.registry import Message
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from bmms.domain import clock, outbox
from bmms.domain.actors import system_actor
from bmms.domain.jobs import start
from bmms.models.jobs import Job
from bmms.models.organizations import Organization
from bmms.models.outbox import OutboxMessage
from tasks.payload import ForgedPayload, SignedPayload
from tasks.queue import huey, naive, payloads
from tests.tasks.conftest import SECRET, Cast


def test_business_row_job_row_and_queue_row_are_committed_together(work: Cast) -> None:
    moh = work.organization()
    amina = work.person(moh)
    job_id = work.start("sample_units", amina, moh, rows=3)
    assert work.job(job_id).status == "queued"
    assert work.queued() == [("tasks.sample_units", [job_id])]
    task = huey.dequeue()
    assert (task.name, task.args) == ("sample_units", (job_id,))
    assert huey.pending_count() == 0


def test_before_the_commit_nobody_sees_a_queue_row(work: Cast) -> None:
    with work.session() as session:
        start(session, system_actor("test"), "sample_people")
        session.flush()
        assert huey.pending_count() == 0
    assert huey.pending_count() == 1


def test_rollback_leaves_nothing(work: Cast) -> None:
    moh = work.organization()
    amina = work.person(moh)
    with work.session() as session:
        outbox.write(session, "locked", user_id=amina.id)
        start(session, system_actor("test"), "sample_people")
        session.rollback()
        assert "to_queue" not in session.info
        session.add(Organization(code="MOLE", name="Ministry of Labor", kind="ministry"))
    assert work.queued() == []
    with work.session() as session:
        assert session.scalar(select(func.count(Job.id))) == 0
        assert session.scalar(select(func.count(OutboxMessage.id))) == 0


def test_a_commit_that_the_database_refuses_leaves_nothing(work: Cast) -> None:
    work.organization("MOH")
    with work.session() as session:
        start(session, system_actor("test"), "sample_people")
        session.add(Organization(code="MOH", name="Again", kind="ministry"))
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
    assert work.queued() == []


def test_a_session_that_is_closed_forgets_and_may_be_used_again(work: Cast) -> None:
    with work.session() as session:
        start(session, system_actor("test"), "sample_people")
        session.close()
        outbox.wake(session, "send_mail")
    assert work.queued() == [("tasks.send_mail", [])]


def test_a_rolled_back_savepoint_takes_along_what_was_asked_inside_it(work: Cast) -> None:
    with work.session() as session:
        start(session, system_actor("test"), "sample_people")
        with session.begin_nested():
            inner = start(session, system_actor("test"), "sample_people")
            with session.begin_nested() as innermost:
                start(session, system_actor("test"), "sample_people")
                innermost.rollback()
            kept = inner.id
        with suppress(RuntimeError), session.begin_nested():
            start(session, system_actor("test"), "sample_people")
            raise RuntimeError
        assert huey.pending_count() == 0
    with work.session() as session:
        assert list(session.scalars(select(Job.id).order_by(Job.id)))[-1] == kept
    assert len(work.queued()) == 2


def test_a_thousand_people_are_one_queue_row(work: Cast) -> None:
    people = [work.person(work.organization())]
    with work.session() as session:
        for _ in range(1_000):
            with session.begin_nested():
                outbox.write(session, "welcome", user_id=people[0].id)
    assert work.queued() == [("tasks.send_mail", [])]
    with work.session() as session:
        assert session.scalar(select(func.count(OutboxMessage.id))) == 1_000


def test_a_waiting_worker_is_told_at_once(work: Cast) -> None:
    found: list[tuple[float, object]] = []

    def wait() -> None:
        task = huey.dequeue() or huey.dequeue() or huey.dequeue()
        found.append((time.monotonic(), task and task.name))
        huey.storage.close()

    worker = threading.Thread(target=wait)
    worker.start()
    time.sleep(0.3)
    begun = time.monotonic()
    work.start("sample_people", None)
    worker.join()
    assert found[0][1] == "sample_people"
    assert found[0][0] - begun < 0.5


def test_mail_goes_before_jobs(work: Cast) -> None:
    amina = work.person(work.organization())
    work.start("sample_people", None)
    with work.session() as session:
        outbox.write(session, "locked", user_id=amina.id)
    assert [huey.dequeue().name, huey.dequeue().name] == ["send_mail", "sample_people"]


def test_a_later_row_waits_in_the_schedule_of_huey(work: Cast) -> None:
    moh = work.organization()
    job_id = work.start("sample_wrong", work.person(moh), moh, until=9, telling="")
    work.run()
    assert huey.pending_count() == 0
    assert huey.scheduled_count() == 1
    assert huey.read_schedule(naive(clock.now())) == []
    with work.session() as session:
        due = session.scalars(text("SELECT timestamp FROM huey_schedule")).one()
        assert due == naive(session.get_one(Job, job_id).not_before).timestamp()


# The payload.


def _put(work: Cast, data: bytes) -> None:
    with work.session() as session:
        session.execute(text("INSERT INTO huey_task (queue, data) VALUES ('bmms', :data)"), {"data": data})


def test_a_payload_is_readable_and_holds_ids_only(app: Flask) -> None:
    body, _, signature = payloads.payload("sample_units", 7).rpartition(b".")
    ident, *rest = json.loads(body)
    assert (len(ident), rest) == (36, ["tasks.sample_units", [7]])
    assert len(signature) == 64


class _Attack:
    def __reduce__(self) -> tuple:
        return (exec, ("raise SystemExit('a forged row ran code')",))


def test_forged_rows_are_thrown_away_and_hold_up_nobody(work: Cast) -> None:
    forger = SignedPayload()
    forger.use("another-secret-0123456789")
    _put(work, pickle.dumps(_Attack()))
    _put(work, forger.payload("sample_people", 1))
    _put(work, b'["x","tasks.sample_people",[1]]')
    _put(work, b"")
    genuine = payloads.payload("sample_people", 1)
    _put(work, genuine.replace(b",[1]]", b",[2]]"))
    _put(work, payloads.serialize(Message("x", "os.system", args=("true",))))
    job_id = work.start("sample_people", None)
    assert work.run() == {"refused": 6, "jobs_done": 1}
    assert work.job(job_id).status == "done"


def test_rows_signed_with_an_earlier_secret_are_good_while_it_is_listed(
    make_app: Callable[..., Flask], work: Cast
) -> None:
    job_id = work.start("sample_people", None)
    work.app = make_app(secret_key="the-secret-after-it-0123456789", secret_key_fallbacks=(SECRET,))
    assert work.run() == {"jobs_done": 1}
    assert work.job(job_id).status == "done"
    work.app = make_app()
    work.start("sample_people", None)
    work.app = make_app(secret_key="the-secret-after-it-0123456789")
    assert work.run() == {"refused": 1}


def test_a_run_serves_the_application_that_it_is_given(make_app: Callable[..., Flask], work: Cast) -> None:
    """Whichever was made last: settings, keys and database are those of the one that is named."""
    job_id = work.start("sample_people", None)
    make_app(secret_key="the-secret-of-another-one-0123456789")
    assert work.run() == {"jobs_done": 1}
    assert work.job(job_id).status == "done"


def test_without_an_application_nothing_is_signed() -> None:
    with pytest.raises(RuntimeError, match="init_queue"):
        SignedPayload().payload("sample_people")
    payload = SignedPayload()
    payload.use(SECRET)
    with pytest.raises(ForgedPayload):
        payload.deserialize(payload.payload("sample_people")[:-1])
