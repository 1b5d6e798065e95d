"""Administrators see what became of mails, and can send a welcome again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from bmms.domain import mail_log, outbox
from bmms.domain.accounts import credentials, passwords
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.mailbox import read_mail
from bmms.domain.permissions import permissions_of
from bmms.extensions import db
from bmms.models.accounts import User
from bmms.models.audit import AuditEvent
from bmms.models.organizations import Organization
from bmms.models.outbox import OutboxMessage
from bmms.tenancy import bind_person, bind_scope
from tasks import mail
from tests.tasks.conftest import Cast


def actor_of(user: User, *roles: str, organization: Organization | None = None) -> Actor:
    return Actor(
        user.id, user.full_name, organization.id if organization else None, permissions=permissions_of(frozenset(roles))
    )


@contextmanager
def at(cast: Cast, organization: Organization, admin: User) -> Iterator[Session]:
    """A session as the guard would bind it for an administrator of an organization; commits."""
    with cast.app.app_context():
        info = {"installation": cast.app.extensions["installation"]}
        with Session(db.engine, info=info, expire_on_commit=False) as session:
            bind_person(session, admin.id)
            bind_scope(session, organization.id)
            yield session
            session.commit()


@pytest.fixture
def moh(work: Cast) -> Organization:
    """The ministry of these tests."""
    return work.organization()


@pytest.fixture
def admin(work: Cast, moh: Organization) -> User:
    """Its administrator."""
    return work.person(moh, "pilot_admin", username="badar")


def test_an_administrator_sees_the_mails_of_the_own_organization(work: Cast, moh: Organization, admin: User) -> None:
    mole = work.organization("MOLE", "Ministry of Labor")
    amina, ben = work.newcomer(moh, username="amina")[0], work.newcomer(mole, username="ben")[0]
    mine, others = mail.send_bulk_welcome_emails([amina.id, ben.id])
    work.run()
    changed = mail._write("password_changed", [amina.id])
    actor = actor_of(admin, "pilot_admin", organization=moh)
    with at(work, moh, admin) as session:

        def found(**filters: str) -> list[int]:
            return [message.id for message in session.scalars(mail_log.list_messages(actor, **filters))]

        assert found() == [*changed, mine]
        assert found(status="sent") == [mine]
        assert found(status="nonsense") == []
        assert found(kind="password_changed") == changed
        assert found(person="amina sal") == [*changed, mine]
        assert found(person="AMINA@moh") == [*changed, mine]
        assert found(person="ben") == []
        assert found(person="%") == []
        assert mail_log.get_message(session, actor, mine).status == "sent"
        assert [user.username for user in mail_log.recipients(session, [amina.id, ben.id]).values()] == ["amina"]
        with pytest.raises(NotFound):
            mail_log.get_message(session, actor, others)


def test_the_platform_sees_all_and_a_viewer_none(work: Cast, moh: Organization) -> None:
    root, viewer = work.person(None, "superadmin"), work.person(moh, "pilot_viewer")
    ids = mail.send_bulk_welcome_emails([root.id, viewer.id])
    with work.session() as session:
        listed = session.scalars(mail_log.list_messages(actor_of(root, "superadmin"))).all()
    assert sorted(message.id for message in listed) == sorted(ids)
    with pytest.raises(NotAllowed):
        mail_log.list_messages(actor_of(viewer, "pilot_viewer", organization=moh))


def test_delivery_states_of_a_page_cost_one_query(work: Cast, moh: Organization) -> None:
    amina, ben, carla = work.newcomer(moh)[0], work.newcomer(moh)[0], work.person(moh)
    mail.send_bulk_welcome_emails([amina.id, ben.id, ben.id])
    work.run()
    mail.send_welcome_email(ben.id)
    with work.session() as session:
        said: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *call: said.append(call[2]))
        states = mail_log.delivery_state(session, [amina.id, ben.id, carla.id])
        assert len([statement for statement in said if "outbox" in statement]) == 1
    assert set(states) == {amina.id, ben.id}
    assert (states[amina.id].status, states[amina.id].attempts, states[amina.id].error) == ("sent", 1, "")
    assert states[amina.id].sent_at is not None
    assert (states[ben.id].status, states[ben.id].sent_at, states[ben.id].attempts) == ("queued", None, 0)


def test_sending_again_brings_a_fresh_password_once(work: Cast, moh: Organization, admin: User) -> None:
    amina, first = work.newcomer(moh)
    old = mail.send_welcome_email(amina.id)
    actor = actor_of(admin, "pilot_admin", organization=moh)
    with at(work, moh, admin) as session:
        again = mail_log.resend_welcome(session, actor, session.get_one(User, amina.id))
    assert work.run() == {"mails_sent": 1}
    assert (work.message(old).status, work.message(old).error) == ("skipped", "Replaced by a newer mail.")
    told = read_mail(work.app.extensions["installation"].config.instance, again.id, mask=None).text
    assert first not in told
    with work.session() as session:
        user = session.get_one(User, amina.id)
        fresh = credentials.waiting_password(session, amina.id)
        assert fresh is not None
        assert fresh in told
        assert passwords.matches(user.password_hash, fresh)
        assert not passwords.matches(user.password_hash, first)
        [row] = session.scalars(select(AuditEvent).where(AuditEvent.action == "mail:resend"))
        assert (row.actor_id, row.organization_id, row.subject_id) == (admin.id, moh.id, amina.id)
        assert fresh not in json.dumps(row.changes)


def test_who_has_a_password_of_their_own_keeps_it_unless_it_is_forced(
    work: Cast, moh: Organization, admin: User
) -> None:
    amina, _ = work.newcomer(moh)
    with work.session() as session:
        session.get_one(User, amina.id).must_change_password = False
        credentials.forget(session, amina.id)
    actor = actor_of(admin, "pilot_admin", organization=moh)
    with at(work, moh, admin) as session:
        with pytest.raises(RuleBroken, match="has already chosen a password"):
            mail_log.resend_welcome(session, actor, session.get_one(User, amina.id))
        assert session.scalar(select(func.count(OutboxMessage.id))) == 0
        mail_log.resend_welcome(session, actor, session.get_one(User, amina.id), force_new_password=True)
    assert work.run() == {"mails_sent": 1}
    with work.session() as session:
        assert session.get_one(User, amina.id).must_change_password


def test_sending_again_needs_the_right_and_an_active_account(work: Cast, moh: Organization, admin: User) -> None:
    amina, _ = work.newcomer(moh)
    with at(work, moh, admin) as session:
        user = session.get_one(User, amina.id)
        with pytest.raises(NotAllowed):
            mail_log.resend_welcome(session, actor_of(admin, "pilot_viewer", organization=moh), user)
        user.status = "inactive"
        with pytest.raises(RuleBroken, match="is inactive"):
            mail_log.resend_welcome(session, actor_of(admin, "pilot_admin", organization=moh), user)


def test_a_mail_that_is_leaving_does_not_hold_up_the_administrator(work: Cast, moh: Organization, admin: User) -> None:
    amina, _ = work.newcomer(moh)
    old = mail.send_welcome_email(amina.id)
    with work.session() as sending:
        sending.scalar(select(OutboxMessage).where(OutboxMessage.id == old).with_for_update())
        with at(work, moh, admin) as session:
            actor = actor_of(admin, "pilot_admin", organization=moh)
            mail_log.resend_welcome(session, actor, session.get_one(User, amina.id))
    assert work.message(old).status == "queued"


# The command line.


def test_pending_welcomes_are_queued_once(work: Cast, moh: Organization) -> None:
    mole = work.organization("MOLE", "Ministry of Labor")
    waiting, elsewhere, had = work.newcomer(moh)[0], work.newcomer(mole)[0], work.newcomer(moh)[0]
    work.person(moh)  # without a temporary password
    asleep = work.newcomer(moh)[0]
    with work.session() as session:
        session.get_one(User, asleep.id).status = "inactive"
        outbox.write(session, "welcome", user_id=had.id, organization_id=moh.id)
    work.run()
    run = work.app.test_cli_runner()
    assert run.invoke(args=["send_welcome_emails"]).exit_code == 2
    nowhere = run.invoke(args=["send_welcome_emails", "--pending", "--organization", "XYZ"])
    assert (nowhere.exit_code, "Organization 'XYZ' not found" in nowhere.output) == (1, True)
    result = run.invoke(args=["send-welcome-emails", "--pending", "--organization", "moh", "--format", "json"])
    assert json.loads(result.output) == {"queued": 1}
    assert run.invoke(args=["send_welcome_emails", "--pending"]).output == "Welcome mails queued: 1.\n"
    assert run.invoke(args=["send_welcome_emails", "--pending"]).output == "Welcome mails queued: 0.\n"
    assert json.loads(run.invoke(args=["run_once", "--format", "json"]).output) == {"mails_sent": 2}
    assert run.invoke(args=["run-once"]).output == "Nothing was due.\n"
    with work.session() as session:
        sent = mail_log.delivery_state(session, [waiting.id, elsewhere.id, had.id, asleep.id])
    assert set(sent) == {waiting.id, elsewhere.id, had.id}


def test_run_once_says_what_it_did(work: Cast, moh: Organization) -> None:
    mail.send_welcome_email(work.newcomer(moh)[0].id)
    work.start("sample_units", work.person(moh), moh, rows=1)
    assert work.app.test_cli_runner().invoke(args=["run_once"]).output == "jobs done: 1\nmails sent: 1\n"
