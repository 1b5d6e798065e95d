"""Mail leaves once, to one person, with what is true at that moment; and no failure loses any of it."""

import hashlib
import logging
import re
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import Engine, select, text

from bmms.config import Config, Mail, Pilot
from bmms.domain import clock, outbox
from bmms.domain.accounts import credentials
from bmms.domain.mailbox import read_mail
from bmms.models.accounts import ResetToken, SignInLock, User
from bmms.models.collaboration import Notification
from bmms.models.compliance import Desk, ProposalEndorsement
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization
from bmms.models.outbox import OutboxMessage
from bmms.models.proposals import BudgetProposal, ProposalKind
from tasks import mail
from tests.tasks.conftest import Cast
from tests.tasks.post import PostOffice, make_certificate


@pytest.fixture
def posting(posting_app: Flask) -> Cast:
    """People in an application with a mail server."""
    return Cast(posting_app)


def write(cast: Cast, kind: str, user: User, organization: object = None, **ids: object) -> int:
    with cast.session() as session:
        home = organization.id if organization else None  # type: ignore[attr-defined]
        message = outbox.write(session, kind, user_id=user.id, organization_id=home, **ids)
        session.flush()
        return message.id


def parts(message: EmailMessage) -> tuple[str, str]:
    assert message.get_content_type() == "multipart/mixed"
    return tuple(message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore


# By SMTP.


def test_a_welcome_mail_leaves_with_text_and_html(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization(reply_to="bmms@moh.example", phone="(064) 000 0000", training_note="Monday, 9:00")
    amina, password = posting.newcomer(moh, "pilot_budget_officer", username="amina", last_name="Peña")
    message_id = write(posting, "welcome", amina, moh)
    assert posting.run() == {"mails_sent": 1}
    [letter] = post_office.to("amina@moh.example")
    stored = posting.message(message_id)
    assert (stored.status, stored.attempts, stored.error, stored.lease_until) == ("sent", 1, "", None)
    assert stored.sent_at is not None
    assert letter["Subject"] == "Welcome to the BMMS pilot, Amina Peña"
    assert (letter["From"], letter["To"]) == ("BMMS <no-reply@bmms.example>", "Amina Peña <amina@moh.example>")
    assert (letter["Reply-To"], letter["Message-ID"]) == ("bmms@moh.example", stored.message_id)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "X-BMMS-Secrets" not in letter
    plain, html = parts(letter)
    for told in (
        "Assalamu alaikum, Amina Peña",  # (1)
        "the pilot of the Bangsamoro Ministerial Management System",  # (2)
        "Ministry of Health",
        "Budget Officer",
        "amina",  # (3)
        password,
        f"good until {(clock.now() + timedelta(days=14)).astimezone(clock.MANILA):%-d %B %Y}",
        "https://bmms.example/login",  # (4)
        "Choose your own password at once",  # (5)
        "Monday, 9:00",  # (6)
        "https://bmms.example/help/",  # (7)
        "https://bmms.example/help/roles/pilot_budget_officer",
        "https://bmms.example/help/cards",
        "bmms-uat-support@barmm.gov.ph",  # (8)
        "(064) 000 0000",
        "Monday to Friday, 8:00 to 17:00",
        "is recorded",  # (9)
        "its own data only",
        "Office of the Chief Minister",  # (10)
        "Bangsamoro Autonomous Region in Muslim Mindanao",
    ):
        assert told in plain, told
        assert told in unescape(re.sub(r"</?(strong|code)>", "", html)), told


def test_each_of_many_people_gets_a_mail_of_their_own(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    people = [posting.newcomer(moh)[0] for _ in range(5)]
    ids = mail.send_bulk_welcome_emails([user.id for user in people] + [people[0].id, 999])
    assert len(ids) == 5
    assert posting.queued() == [("tasks.send_mail", [])]
    assert posting.run() == {"mails_sent": 5}
    assert sorted(recipients for recipients, _ in post_office.mails) == sorted([user.email] for user in people)
    assert all(letter["Cc"] is None and letter["Bcc"] is None for _, letter in post_office.mails)
    assert all(letter["To"].count("@") == 1 for _, letter in post_office.mails)
    assert post_office.lines == 1, "one line serves the whole round"


def test_demo_people_never_get_real_mail(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    demo, password = posting.newcomer(moh, is_demo=True)
    message_id = mail.send_welcome_email(demo.id)
    assert posting.run() == {"mails_sent": 1}
    assert post_office.lines == 0
    assert posting.message(message_id).status == "sent"
    stored = read_mail(posting.app.extensions["installation"].config.instance, message_id, mask=None)
    assert password in stored.text


def test_an_unknown_person_is_logged_and_passed_over(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    assert mail.send_welcome_email(41) is None
    assert mail.send_password_reset_email(41) is None
    assert "no welcome mail: there is no user 41" in caplog.text


# What goes wrong.


def test_a_refused_recipient_fails_at_once_and_holds_up_nobody(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    people = [posting.newcomer(moh)[0] for _ in range(3)]
    post_office.answers[people[0].email] = f"550 5.1.1 <{people[0].email}> unknown"
    ids = mail.send_bulk_welcome_emails([user.id for user in people])
    assert posting.run() == {"mails_failed": 1, "mails_sent": 2}
    failed = posting.message(ids[0])
    assert (failed.status, failed.attempts, failed.error) == ("failed", 1, "Refused: recipient refused 550 5.1.1")
    assert posting.run(after=timedelta(days=2)) == {}


def test_a_mail_put_off_waits_longer_each_time_and_fails_in_the_end(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    amina, _ = posting.newcomer(moh)
    post_office.answers[amina.email] = "450 4.2.1 mailbox busy"
    message_id = write(posting, "welcome", amina, moh)
    elapsed, waits = timedelta(), []
    for _ in range(7):
        assert posting.run(after=elapsed).get("mails_delayed") == 1
        wait = posting.message(message_id).next_try_at - clock.now() - elapsed
        waits.append(round(wait / timedelta(minutes=1)))
        assert posting.run(after=elapsed + wait - timedelta(seconds=5)) == {}
        elapsed += wait + timedelta(seconds=1)
    assert waits == [1, 5, 15, 60, 180, 360, 720]
    assert posting.run(after=elapsed).get("mails_failed") == 1
    stored = posting.message(message_id)
    assert (stored.status, stored.attempts, stored.error) == ("failed", 8, "NotYet: recipient refused 450 4.2.1")


def test_relaying_denied_is_our_mistake_and_waits_for_its_repair(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    amina, _ = posting.newcomer(moh)
    post_office.answers[amina.email] = "554 5.7.1 relay access denied"
    write(posting, "welcome", amina, moh)
    assert posting.run() == {"mails_delayed": 1}
    post_office.answers.clear()
    assert posting.run(after=61) == {"swept_mail": 1, "mails_sent": 1}


def test_a_dead_server_loses_nothing_and_counts_no_try(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    people = [posting.newcomer(moh)[0] for _ in range(4)]
    ids = mail.send_bulk_welcome_emails([user.id for user in people])
    port = post_office.port
    post_office.close()
    assert posting.run() == {"mails_waiting": 1}
    assert posting.run() == {"swept_mail": 1}, "the server is left alone for half a minute"
    for hours in (1, 24, 24 * 5):
        assert posting.run(after=timedelta(hours=hours)) == {"swept_mail": 1, "mails_waiting": 1}
    first = posting.message(ids[0])
    assert (first.status, first.attempts) == ("queued", 0)
    assert first.error == "The mail server cannot be used: ConnectionRefusedError"
    with PostOffice(port=port) as again:
        assert posting.run(after=timedelta(days=6)) == {"swept_mail": 1, "mails_sent": 4}
        assert len(again.mails) == 4
    assert posting.message(ids[0]).error == ""


def test_a_line_that_breaks_in_the_middle_of_a_mail(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    people = [posting.newcomer(moh)[0] for _ in range(3)]
    ids = mail.send_bulk_welcome_emails([user.id for user in people])
    post_office.silent.add(people[1].email)
    assert posting.run() == {"mails_sent": 2, "mails_delayed": 1}
    assert posting.message(ids[1]).error == "NotYet: SMTPServerDisconnected"
    post_office.silent.clear()
    assert posting.run(after=62) == {"swept_mail": 1, "mails_sent": 1}
    assert Counter(recipients[0] for recipients, _ in post_office.mails) == {user.email: 1 for user in people}
    assert post_office.to(people[1].email)[0]["Message-ID"] == posting.message(ids[1]).message_id


def test_a_server_that_takes_one_mail_a_line_is_called_again(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    post_office.one_a_line = True
    mail.send_bulk_welcome_emails([posting.newcomer(moh)[0].id for _ in range(3)])
    assert posting.run() == {"mails_sent": 3}
    assert post_office.lines == 3


def test_a_mail_that_cannot_be_rendered_holds_up_nobody(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    amina, _ = posting.newcomer(moh)
    bad = write(posting, "locked_admin", amina, moh)  # without the id that it needs
    good = write(posting, "welcome", amina, moh)
    assert posting.run() == {"mails_delayed": 1, "mails_sent": 1}
    assert posting.message(bad).error.startswith("KeyError: … (bmms/domain/mails.py:")
    assert posting.message(good).status == "sent"


def test_mail_never_leaves_in_clear_when_tls_is_demanded(
    make_app: Callable[..., Flask], post_office: PostOffice
) -> None:
    cast = Cast(make_app(mail=Mail(host="127.0.0.1", port=post_office.port, use_tls=True)))
    message_id = write(cast, "welcome", cast.newcomer(cast.organization())[0])
    assert cast.run() == {"mails_waiting": 1}
    assert cast.message(message_id).error == "The mail server cannot be used: SMTPNotSupportedError"
    assert post_office.begun == 0


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1, signed by itself, and its key, in one file."""
    return make_certificate(tmp_path)


def test_tls_is_used_when_the_certificate_is_trusted_and_only_then(
    make_app: Callable[..., Flask], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with PostOffice(tls=context) as office:
        cast = Cast(make_app(mail=Mail(host="127.0.0.1", port=office.port, use_tls=True)))
        message_id = write(cast, "welcome", cast.newcomer(cast.organization())[0])
        assert cast.run() == {"mails_waiting": 1}
        assert cast.message(message_id).error == "The mail server cannot be used: SSLCertVerificationError"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert cast.run(after=60) == {"swept_mail": 1, "mails_sent": 1}
        assert len(office.mails) == 1


def test_two_workers_send_no_mail_twice(posting: Cast, post_office: PostOffice) -> None:
    moh = posting.organization()
    people = [posting.person(moh, "pilot_viewer") for _ in range(40)]
    with posting.session() as session:
        for person in people:
            outbox.write(session, "password_changed", user_id=person.id)
    post_office.slow = 0.01
    start, counts = threading.Barrier(3), list[Counter[str]]()

    def round_of_mail() -> None:
        start.wait()
        counts.append(mail_round(posting.app))

    workers = [threading.Thread(target=round_of_mail) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts, Counter()) == {"mails_sent": 40}
    assert sum(count["mails_sent"] > 0 for count in counts) > 1, "more than one of them worked"
    assert Counter(recipients[0] for recipients, _ in post_office.mails) == {user.email: 1 for user in people}


def mail_round(app: Flask) -> Counter[str]:
    with app.app_context():
        return mail.send_mail()


# Whether a mail still has its reason.


def test_a_welcome_whose_password_was_used_is_skipped(work: Cast) -> None:
    moh = work.organization()
    amina, _ = work.newcomer(moh)
    message_id = write(work, "welcome", amina, moh)
    with work.session() as session:
        credentials.forget(session, amina.id)
    assert work.run() == {"mails_skipped": 1}
    assert (work.message(message_id).status, work.message(message_id).sent_at) == ("skipped", None)


def test_people_who_have_left_get_no_mail(work: Cast) -> None:
    moh = work.organization()
    amina, ben = work.newcomer(moh)[0], work.newcomer(moh)[0]
    for user in (amina, ben):
        write(work, "welcome", user, moh)
    with work.session() as session:
        session.get_one(User, amina.id).status = "deactivated"
        session.scalars(select(Membership).where(Membership.user_id == ben.id)).one().is_active = False
    assert work.run() == {"mails_skipped": 2}


def test_an_inactive_person_who_asks_for_a_reset_is_told_so_without_a_token(work: Cast) -> None:
    moh = work.organization()
    amina = work.person(moh, status="inactive")
    message_id = mail.send_password_reset_email(amina.id)
    assert work.run() == {"mails_sent": 1}
    told = read_mail(work.app.extensions["installation"].config.instance, message_id, mask=None)
    assert told.subject == "Your BMMS account is not active"
    assert "/reset/" not in told.text
    with work.session() as session:
        assert session.scalars(select(ResetToken)).all() == []


def test_a_lock_that_is_gone_needs_no_mail(work: Cast) -> None:
    moh = work.organization()
    amina = work.person(moh)
    write(work, "locked", amina)
    assert work.run() == {"mails_skipped": 1}


def test_without_notifications_only_what_people_must_know_goes_out(make_app: Callable[..., Flask]) -> None:
    cast = Cast(make_app(pilot=Pilot(email_notifications=False)))
    moh = cast.organization()
    amina, admin = lock(cast, cast.newcomer(moh)[0]), cast.person(moh, "pilot_admin")
    ids = {
        kind: write(cast, kind, amina, moh) for kind in outbox.KINDS if kind not in ("locked_admin", "reset_inactive")
    }
    ids["locked_admin"] = write(cast, "locked_admin", admin, moh, person_id=amina.id)
    cast.run()
    assert {kind for kind, one in ids.items() if cast.message(one).status == "sent"} == {
        "welcome",
        "reset",
        "password_changed",
        "locked",
    }


def plant_notice(cast: Cast, user: User, organization: Organization, mailed_at: datetime) -> int:
    """Something that concerns a person, taken for mail at that moment."""
    with cast.session(organization_id=organization.id) as session:
        membership_id = session.scalars(select(Membership.id).where(Membership.user_id == user.id)).one()
        notice = Notification(membership_id=membership_id, kind="test", text="Look at <this>.", mailed_at=mailed_at)
        session.add(notice)
        session.flush()
        return notice.id


def plant_question(cast: Cast, organization: Organization, title: str) -> int:
    """A proposal that asks for the certification of BPDA; its id."""
    with cast.session(organization_id=organization.id) as session:
        proposal = BudgetProposal(
            fiscal_year=2027, kind=ProposalKind.SPECIAL, title=title, reason="Urgent", legal_source="Contingent Fund"
        )
        session.add(proposal)
        session.flush()
        today = clock.today()
        session.add(
            ProposalEndorsement(
                proposal_id=proposal.id, desk=Desk.BPDA, asked_on=today, due_on=today + timedelta(days=14), amount=1
            )
        )
        session.flush()
        return proposal.id


def lock(cast: Cast, user: User) -> User:
    """Five failed sign-ins."""
    with cast.session() as session:
        session.add(
            SignInLock(
                login_digest=bytes(32),
                ip="192.0.2.7",
                user_id=user.id,
                failures=5,
                last_failure_at=clock.now(),
                locked_until=clock.now() + timedelta(minutes=30),
            )
        )
    return user


# What is said.


def test_every_mail_says_the_same_in_text_and_html(
    posting: Cast, post_office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    moh = posting.organization()
    amina = lock(posting, posting.newcomer(moh, "pilot_planner", "plan_approve", username="amina")[0])
    asleep = posting.person(moh, status="inactive", last_name="<b>Bold</b> & Co")
    admin = posting.person(moh, "pilot_admin")
    at = clock.now()
    facts = {
        "role_changed": {"given": ["pilot_planner", "plan_approve"], "taken": ["pilot_viewer"]},
        "notice": {"notice_id": plant_notice(posting, amina, moh, at)},
        "digest": {"at": at.isoformat()},
        "office_asked": {"proposal_id": plant_question(posting, moh, "Cold rooms"), "office": "bpda"},
        "ledger_differs": {"about_id": moh.id},
    }
    for kind in outbox.KINDS:
        if kind == "locked_admin":
            write(posting, kind, admin, moh, person_id=amina.id)
        else:
            write(posting, kind, asleep if kind == "reset_inactive" else amina, moh, **facts.get(kind, {}))
    assert posting.run() == {"mails_sent": len(outbox.KINDS)}, caplog.text
    for _, letter in post_office.mails:
        plain, html = parts(letter)
        page = BeautifulSoup(html, "html5lib")
        assert (page.title.get_text(), page.html["lang"]) == (letter["Subject"], "en")  # type: ignore[union-attr,index]
        assert len(page.select("h1")) == 1
        assert not page.select("img, script, link, [style]")
        shown = words(page.main.get_text(" "))  # type: ignore[union-attr]
        assert not {"{{", "{%", "}}"} & (shown | words(plain)), "no trace of a template"
        links = {word.removeprefix("mailto:") for a in page.select("a[href]") for word in words(a["href"])}
        assert words(plain) - shown - links <= ONLY_TEXT, letter["Subject"]
        assert (shown | links) - words(plain) <= ONLY_HTML, letter["Subject"]
    [told] = post_office.to(asleep.email)
    assert "<b>Bold</b> & Co" in parts(told)[0]
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in parts(told)[1]


ONLY_TEXT = {"--", "-", "1", "2", "3"}  # a rule, dashes, numbers of a list
ONLY_HTML = {"·", "or", "copy", "this", "address"}  # "Or copy this address", under a button


def words(text: str) -> set[str]:
    return {word.strip(".,:;()").lower() for word in text.split()} - {""}


def test_changed_roles_are_named_by_their_labels(work: Cast) -> None:
    moh = work.organization()
    amina = work.person(moh, "pilot_planner", "plan_approve")
    message_id = write(work, "role_changed", amina, moh, given=["pilot_planner"], taken=["pilot_viewer", "of_old"])
    work.run()
    told = read_mail(work.app.extensions["installation"].config.instance, message_id).text
    assert "In the Ministry of Health you now work as Planning Officer. Your duties: Approves plans." in told
    assert "New: Planning Officer. Ended: Viewer." in told


def test_a_central_person_is_welcomed_without_a_ministry(work: Cast) -> None:
    root, _ = work.newcomer(None, "superadmin")
    message_id = mail.send_welcome_email(root.id)
    work.run()
    told = read_mail(work.app.extensions["installation"].config.instance, message_id).text
    assert "You work for the Bangsamoro Government as Platform administrator." in told


def test_each_reset_mail_makes_a_token_of_its_own_and_ends_the_earlier(posting: Cast, post_office: PostOffice) -> None:
    amina = posting.person(posting.organization())
    post_office.silent.add(amina.email)
    mail.send_password_reset_email(amina.id)
    posting.run()
    post_office.silent.clear()
    assert posting.run(after=62) == {"swept_mail": 1, "mails_sent": 1}
    [letter] = post_office.to(amina.email)
    token = re.search(r"https://bmms.example/reset/(\S+)", parts(letter)[0])[1]  # type: ignore[index]
    with posting.session() as session:
        first, second = session.scalars(select(ResetToken).order_by(ResetToken.id)).all()
    digest = posting.app.extensions["installation"].digest("reset", token)
    assert (first.used_at is not None, second.used_at, second.token_digest) == (True, None, digest)


# Where secrets are not.


def test_no_secret_is_stored_or_logged_on_the_way(
    posting: Cast, post_office: PostOffice, owner_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "mail.log")  # the test's own server tells what it receives
    moh = posting.organization()
    people = [posting.newcomer(moh) for _ in range(3)]
    amina, ben, _ = (user for user, _ in people)
    post_office.silent.add(amina.email)
    post_office.answers[ben.email] = f"550 5.1.1 <{ben.email}> unknown"
    mail.send_bulk_welcome_emails([user.id for user, _ in people])
    mail.send_password_reset_email(people[2][0].id)
    before = dump(owner_engine)
    posting.run()
    stored = before + dump(owner_engine) + caplog.text
    token = re.search(r"/reset/(\S+)", parts(post_office.to(people[2][0].email)[1])[0])[1]  # type: ignore[index]
    for secret in (token, *(password for _, password in people)):
        assert secret not in stored
        assert secret.encode().hex() not in stored
    assert hashlib.sha256(b"").hexdigest() not in stored
    for user, _ in people:
        assert user.email not in caplog.text


def dump(engine: Engine) -> str:
    """All that queue, schedule, jobs, outbox and audit hold, bytes as text and as hexadecimal digits."""
    tables = ("huey_task", "huey_schedule", "huey_kv", "jobs", "outbox", "audit_events", "reset_tokens")
    with engine.connect() as connection:
        rows = [row for table in tables for row in connection.execute(text(f"SELECT t.*, t::text FROM {table} t"))]
    return "\n".join(
        " ".join(bytes(value).decode(errors="replace") if isinstance(value, bytes) else str(value) for value in row)
        for row in rows
    )


# The mailbox.


def test_without_a_server_mails_are_files_for_the_operator_alone(work: Cast, config: Config) -> None:
    moh = work.organization()
    amina, password = work.newcomer(moh)
    welcome, reset = mail.send_welcome_email(amina.id), mail.send_password_reset_email(amina.id)
    assert work.run() == {"mails_sent": 2}
    folder = config.instance / "mail"
    assert folder.stat().st_mode & 0o777 == 0o700
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [f"{welcome}-welcome.eml", f"{reset}-reset.eml"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    told = read_mail(config.instance, welcome, mask=None)
    assert (told.subject, told.recipient) == (
        f"Welcome to the BMMS pilot, {amina.full_name}",
        f"{amina.full_name} <{amina.email}>",
    )
    assert abs(told.sent_at - clock.now()) < timedelta(minutes=1)
    assert password in told.text


def test_a_page_sees_neither_passwords_nor_links(work: Cast, config: Config) -> None:
    amina, password = work.newcomer(work.organization())
    welcome, reset = mail.send_welcome_email(amina.id), mail.send_password_reset_email(amina.id)
    work.run()
    shown = read_mail(config.instance, welcome).text
    assert password not in shown
    assert "Temporary password" in shown
    assert "••••••••" in shown
    link = re.search(r"/reset/(\S+)", read_mail(config.instance, reset, mask=None).text)[1]  # type: ignore[index]
    assert link not in read_mail(config.instance, reset).text
    assert "https://bmms.example/reset/[hidden]" in read_mail(config.instance, reset, mask="[hidden]").text
    assert read_mail(config.instance, 999) is None


def test_the_same_mail_written_again_replaces_its_file(work: Cast, config: Config) -> None:
    amina, _ = work.newcomer(work.organization())
    message_id = mail.send_welcome_email(amina.id)
    work.run()
    with work.session() as session:
        session.get_one(OutboxMessage, message_id).status = "queued"
    work.run(after=1)
    assert [file.name for file in (config.instance / "mail").iterdir()] == [f"{message_id}-welcome.eml"]
    assert work.message(message_id).attempts == 2
