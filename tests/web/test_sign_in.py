"""Signing in and out, as a person meets it."""

import pytest

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


def test_sign_out_ends_the_session_row_too(reader):
    amina = reader("amina")
    cookie = amina.browser.get_cookie("bmms").value
    assert amina.post("accounts.sign_out").status_code == 303
    amina.browser.set_cookie("bmms", cookie)
    answer = amina.browser.get("/moa/MOH/")
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
