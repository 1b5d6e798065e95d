"""Signing in and out, as a person meets it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from bmms.domain import clock
from tests.client import Reader
from tests.conftest import running
from tests.factories import PASSWORD


def test_sign_in_leads_to_my_work_of_the_primary_organization(reader, cast):
    amina = reader()
    page = amina.get("accounts.sign_in")
    assert page.h1.get_text() == "Sign in"
    answer = amina.sign_in("AMINA")
    assert answer.status_code == 303
    assert answer.location == "/"
    answer = amina.browser.get("/")
    assert answer.location == "/moa/MOH/"
    page = amina.get("workplace.my_work", org="MOH")
    assert "Amina" in page.h1.get_text()
    assert "MOH" in page.title.get_text()


@pytest.mark.parametrize("login", ["amina@example.gov.ph", "Amina@Example.GOV.ph", " amina "])
def test_user_name_and_email_serve_in_any_case(reader, login):
    assert reader().sign_in(login).status_code == 303


def test_wrong_password_and_unknown_name_read_the_same(reader):
    first = reader().sign_in("amina", "not this one at all")
    second = reader().sign_in("nobody.here", "not this one at all")
    assert first.status_code == second.status_code == 422
    assert "is not right" in first.get_data(as_text=True)
    strip = lambda answer: answer.get_data(as_text=True).replace("amina", "X").replace("nobody.here", "X")  # noqa: E731
    token = lambda text: text[: text.index('name="csrf_token"')]  # noqa: E731
    assert token(strip(first)) == token(strip(second))


def test_a_sign_that_cannot_be_stored_is_one_more_wrong_name(reader):
    answer = reader().post("accounts.sign_in", {"username": "nobody\0", "password": "\0"})
    assert answer.status_code == 422
    assert reader().post("accounts.password_forgot", {"login": "nobody\0"}).status_code == 200


def test_five_wrong_tries_lock_even_the_right_password(reader):
    amina = reader()
    for _ in range(5):
        assert amina.sign_in("amina", "wrong wrong wrong").status_code == 422
    answer = amina.sign_in("amina", PASSWORD)
    assert answer.status_code == 422
    assert "locked for 30 more minutes" in answer.get_data(as_text=True)


def test_a_lock_is_told_recorded_and_outlives_the_process(config, reader, cast, owner):
    with owner.begin() as connection:  # somebody who was an administrator until yesterday
        connection.execute(
            text(
                "INSERT INTO membership_rights (membership_id, organization_id, code, given_at, ends_on) "
                "SELECT id, organization_id, 'pilot_admin', now(), current_date - 2 FROM memberships WHERE id = :id"
            ),
            {"id": cast.memberships["badar"].id},
        )
    for _ in range(5):
        reader().sign_in("Amina@example.gov.ph", "wrong wrong wrong")
    with running(config) as restarted:
        assert Reader(restarted).sign_in("amina").status_code == 422
    with owner.connect() as connection:
        mails = connection.execute(text("SELECT kind, user_id FROM outbox ORDER BY id")).all()
        assert [tuple(mail) for mail in mails] == [("locked", cast.amina.id), ("locked_admin", cast.jamila.id)]
        failed = "SELECT count(*) FROM audit_events WHERE action = 'sign_in:failed' AND organization_id = :moh"
        assert connection.execute(text(failed), {"moh": cast.moh.id}).scalar_one() == 5
    with clock.stopped_at(clock.now() + timedelta(minutes=30, seconds=1)):
        assert reader().sign_in("amina").status_code == 303
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sign_in_locks")).scalar_one() == 0


def test_many_wrong_tries_from_many_addresses_alert_the_platform_team_once(reader, cast, owner):
    for number in range(1, 7):
        browser = reader()
        browser.browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        for _ in range(2):
            browser.sign_in("amina", "wrong wrong wrong")
    with owner.connect() as connection:
        alerts = connection.execute(text("SELECT changes FROM audit_events WHERE action = 'sign_in:alert'")).all()
        assert [row.changes for row in alerts] == [{"failures": [None, 11], "person": [None, cast.amina.id]}]
        mails = connection.execute(text("SELECT kind, user_id, arguments FROM outbox ORDER BY id")).all()
        assert [tuple(mail) for mail in mails] == [
            ("security_alert", cast.sitti.id, {"person_id": cast.amina.id, "failures": 11})
        ]


def test_a_name_that_nobody_has_alerts_too(reader, cast, owner):
    for number in range(1, 7):
        browser = reader()
        browser.browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        for _ in range(2):
            browser.sign_in("nobody", "wrong wrong wrong")
    with owner.connect() as connection:
        mails = connection.execute(text("SELECT kind, arguments FROM outbox")).all()
        assert [tuple(mail) for mail in mails] == [("security_alert", {"person_id": None, "failures": 11})]


def test_a_right_password_starts_the_count_anew(reader):
    amina = reader()
    for _ in range(2):
        for _ in range(4):
            amina.sign_in("amina", "wrong wrong wrong")
        amina = reader()
        assert amina.sign_in("amina").status_code == 303
        amina = reader()


def test_sign_out_ends_the_session_row_too(reader):
    amina = reader("amina")
    cookie = amina.browser.get_cookie("bmms").value
    assert amina.post("accounts.sign_out").status_code == 303
    amina.browser.set_cookie("bmms", cookie)
    answer = amina.browser.get("/moa/MOH/")
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
