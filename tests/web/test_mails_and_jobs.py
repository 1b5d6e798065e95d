"""Mails and jobs as administrators and owners see them."""

import pytest
from sqlalchemy import text

from bmms.domain import outbox
from bmms.domain.mailbox import write_mail
from bmms.models.outbox import MailStatus
from bmms.web.mail_pages import LABELS, PILLS
from tests.cast import Cast


@pytest.fixture
def mails(cast: Cast, owner) -> dict[str, int]:
    """One mail of each fate in Health, one in Education."""
    made = {}
    with owner.begin() as connection:
        for person, org, status in (
            (cast.badar, cast.moh, "sent"),
            (cast.amina, cast.moh, "failed"),
            (cast.jamila, cast.moh, "queued"),
            (cast.ben, cast.mbhte, "sent"),
        ):
            row = connection.execute(
                text(
                    "INSERT INTO outbox (kind, user_id, organization_id, status, message_id, error, sent_at) "
                    "VALUES ('welcome', :user, :org, :status, :mid, :error, now()) RETURNING id"
                ),
                {
                    "user": person.id,
                    "org": org.id,
                    "status": status,
                    "mid": person.username,
                    "error": "SMTPRecipientsRefused" if status == "failed" else "",
                },
            )
            made[person.username] = row.scalar_one()
    return made


def test_the_list_of_mails_and_its_filters(reader, mails):
    jamila = reader("jamila")
    page = jamila.get("admin.mail_list", org="MOH")
    assert len(page.select("tbody tr")) == 3
    failed = jamila.fragment("/moa/MOH/admin/mail?status=failed", "results")
    assert "Amina Salik" in failed.get_text()
    assert "Badar" not in failed.get_text()
    assert "Ben Cruz" in reader("sitti").get("platform.mail_list").get_text()
    assert "No mail fits" in jamila.get("admin.mail_list", org="MOH", q="nobody").get_text()


def test_states_and_kinds_are_words_and_not_codes(reader, mails):
    page = reader("jamila").get("admin.mail_list", org="MOH")
    assert {pill.get_text() for pill in page.select("tbody .pill")} == {"Sent", "Failed", "Queued"}
    assert {cell.get_text() for cell in page.select("tbody [data-label=Kind]")} == {"Welcome"}
    assert set(LABELS) == set(outbox.KINDS)
    assert set(PILLS) == set(MailStatus)


def test_a_failed_mail_says_why(reader, mails):
    page = reader("jamila").get("admin.mail_show", org="MOH", message_id=mails["amina"])
    assert "SMTPRecipientsRefused" in page.get_text()


def test_a_mail_in_a_file_is_readable_without_its_password(config, reader, mails):
    head = b"Subject: Welcome\r\nTo: badar@example.gov.ph\r\nDate: Sun, 01 Mar 2026 10:00:00 +0800\r\n"
    content = head + b"\r\nPassword: Kalesa7@x\r\n"
    write_mail(config.instance, mails["badar"], "welcome", content, ["Kalesa7@x"])
    for page in (
        reader("jamila").get("admin.mail_show", org="MOH", message_id=mails["badar"]),
        reader("sitti").get("platform.mail_show", message_id=mails["badar"]),
    ):
        assert "Password: ••••" in page.get_text()
        assert "Kalesa7" not in page.get_text()


def test_a_foreign_mail_is_not_there(reader, mails):
    reader("jamila").get("admin.mail_show", status=404, org="MOH", message_id=mails["ben"])


@pytest.fixture
def job(cast: Cast, owner) -> dict[str, int]:
    """A running job of Badar's, a waiting one of Jamila's, a done one in Education."""
    made = {}
    with owner.begin() as connection:
        for person, org, status in (
            (cast.badar, cast.moh, "running"),
            (cast.jamila, cast.moh, "queued"),
            (cast.ben, cast.mbhte, "done"),
        ):
            row = connection.execute(
                text(
                    "INSERT INTO jobs (task, organization_id, owner_id, status, done, total) "
                    "VALUES ('export_people', :org, :who, :status, 30, 120) RETURNING id"
                ),
                {"org": org.id, "who": person.id, "status": status},
            )
            made[person.username] = row.scalar_one()
    return made


def test_a_running_job_asks_for_itself_and_an_ended_one_stops(reader, job, owner):
    badar = reader("badar")
    section = badar.fragment("admin.job_show", "progress", org="MOH", job_id=job["badar"])
    assert section.section["hx-trigger"] == "every 2s"
    assert "25 %" in section.get_text()
    page = badar.get("admin.job_show", org="MOH", job_id=job["badar"])
    assert page.select_one("#progress a").get_text() == "Refresh", "the way without JavaScript"
    with owner.begin() as connection:
        connection.execute(text("UPDATE jobs SET status = 'done', result = '{}' WHERE id = :id"), {"id": job["badar"]})
    assert not badar.fragment("admin.job_show", "progress", org="MOH", job_id=job["badar"]).section.has_attr("hx-get")


def test_a_poll_keeps_no_idle_session_alive_and_takes_no_message(reader, job, owner):
    badar = reader("badar")
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET last_seen_at = now() - interval '10 minutes'"))
    badar.fragment("admin.job_show", "progress", org="MOH", job_id=job["badar"])
    with owner.connect() as connection:
        young = "SELECT last_seen_at > now() - interval '1 minute' FROM user_sessions"
        assert not connection.execute(text(young)).scalar_one()


def test_a_job_asks_less_often_the_longer_it_takes(reader, job, owner):
    badar = reader("badar")
    for age, seconds in (("1 minute", 5), ("10 minutes", 15)):
        with owner.begin() as connection:
            connection.execute(text(f"UPDATE jobs SET queued_at = now() - interval '{age}'"))
        section = badar.fragment("admin.job_show", "progress", org="MOH", job_id=job["badar"])
        assert section.section["hx-trigger"] == f"every {seconds}s"


def test_owners_see_their_jobs_and_administrators_all_of_the_organization(reader, job):
    badar, jamila = reader("badar"), reader("jamila")
    badar.get("admin.job_show", status=404, org="MOH", job_id=job["jamila"])
    assert len(badar.get("admin.job_list", org="MOH").select("tbody tr")) == 1
    assert len(jamila.get("admin.job_list", org="MOH").select("tbody tr")) == 2
    jamila.get("admin.job_show", status=404, org="MOH", job_id=job["ben"])
    assert len(reader("sitti").get("platform.job_list").select("tbody tr")) == 3


def test_cancelling(reader, job, owner):
    jamila = reader("jamila")
    assert jamila.post("admin.job_cancel", org="MOH", job_id=job["jamila"]).status_code == 303
    again = jamila.post("admin.job_cancel", org="MOH", job_id=job["jamila"])
    assert again.status_code == 409
    assert "already cancelled" in again.get_data(as_text=True)
    fragment = jamila.post("admin.job_cancel", htmx=True, org="MOH", job_id=job["badar"])
    assert fragment.status_code == 200
    with owner.connect() as connection:
        rows = dict(
            connection.execute(text("SELECT owner_id, status || (cancel_asked_at IS NOT NULL)::text FROM jobs")).all()
        )
    assert sorted(rows.values()) == ["cancelledtrue", "donefalse", "runningtrue"]


def test_nobody_cancels_a_foreign_job(reader, job):
    assert reader("bai").post("admin.job_cancel", org="MBHTE", job_id=job["badar"]).status_code == 404
    assert reader("badar").post("admin.job_cancel", org="MOH", job_id=job["jamila"]).status_code == 404
