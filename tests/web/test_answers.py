"""Headers, error pages, health, and that a safe request never writes."""

import pytest
from sqlalchemy import text

from bmms.domain.errors import NotAllowed, RuleBroken, Stale
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.organizations import Unit
from bmms.web.guard import guard
from tests.client import Reader
from tests.conftest import running


def test_every_answer_is_protected_and_pages_are_not_stored(reader):
    answer = reader("amina").browser.get("/moa/MOH/")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in answer.headers, "there is no TLS in tests"


@pytest.mark.parametrize(("accepted", "sent"), [("br, gzip", "br"), ("gzip", "gzip"), ("", None)])
def test_pages_travel_compressed(reader, accepted, sent):
    answer = reader("amina").browser.get("/moa/MOH/", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == sent
    assert "Accept-Encoding" in answer.headers["Vary"]
    if sent:
        assert len(answer.get_data()) < 4000


def test_the_cookie_is_shut_to_scripts_and_other_sites(reader):
    answer = reader().sign_in("amina")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_cookie_changes_at_sign_in(reader):
    amina = reader()
    amina.get("accounts.sign_in")
    before = amina.browser.get_cookie("bmms").value
    amina.sign_in("amina")
    assert amina.browser.get_cookie("bmms").value != before


@pytest.fixture
def broken(config, cast):
    """An application with views that go wrong in every way."""
    with running(config) as app:

        def raising(error):
            def view(org):
                raise error

            return view

        for name, error in (
            ("rule", RuleBroken("The plan has no goal. Add one.")),
            ("stale", Stale("Somebody else changed this meanwhile.")),
            ("forbidden", NotAllowed("Only the head signs.")),
            ("bug", ZeroDivisionError("inside matters")),
        ):
            path = f"/moa/<org:org>/broken/{name}"
            view = guard(Permission.HOME_VIEW)(raising(error))
            app.add_url_rule(path, f"broken_{name}", lambda view=view: view("x"), methods=["GET", "POST"])
            app.view_functions[f"broken_{name}"].guard = view.guard

        def writes_on_get():
            db.session.add(Unit(name="written by a GET"))
            db.session.flush()
            return "ok"

        def half_done():
            db.session.add(Unit(name="half done"))
            db.session.flush()
            raise RuleBroken("No.")

        for view, methods in ((writes_on_get, ["GET"]), (half_done, ["POST"])):
            view.guard = guard(Permission.HOME_VIEW)(lambda: "").guard
            app.add_url_rule(f"/moa/<org:org>/broken/{view.__name__}", view.__name__, view, methods=methods)
        yield app


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("rule", 409, "The plan has no goal. Add one."),
        ("stale", 409, "Somebody else changed this"),
        ("forbidden", 403, "Only the head signs."),
        ("bug", 500, "Reference"),
    ],
)
def test_errors_become_pages_and_toasts(broken, name, status, says):
    amina = Reader(broken, "amina")
    page = amina.browser.get(f"/moa/MOH/broken/{name}")
    assert page.status_code == status
    assert says in page.get_data(as_text=True)
    assert "inside matters" not in page.get_data(as_text=True)
    toast = amina.browser.get(f"/moa/MOH/broken/{name}", headers={"HX-Request": "true"})
    assert (toast.status_code, toast.headers["HX-Reswap"]) == (status, "none")
    assert 'hx-swap-oob="innerHTML:#toasts"' in toast.get_data(as_text=True)


def test_the_reference_of_an_error_is_the_request_id(broken):
    answer = Reader(broken, "amina").browser.get("/moa/MOH/broken/bug")
    assert answer.headers["X-Request-Id"] in answer.get_data(as_text=True)


def test_a_get_that_writes_is_an_error_and_leaves_nothing(broken, owner):
    assert Reader(broken, "amina").browser.get("/moa/MOH/broken/writes_on_get").status_code == 500
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM units")).scalar_one() == 0


def test_a_refused_post_leaves_nothing(broken, owner):
    assert Reader(broken, "amina").post("/moa/MOH/broken/half_done").status_code == 409
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM units")).scalar_one() == 0


@pytest.mark.parametrize(("path", "status"), [("/no/such/page", 404), ("/moa/MOH/no/such", 404), ("/login/x", 404)])
def test_unknown_addresses(reader, path, status):
    answer = reader("amina").browser.get(path)
    assert answer.status_code == status
    assert "Reference" in answer.get_data(as_text=True)


def test_a_wrong_method_is_405_with_the_allowed_ones(reader):
    answer = reader("amina").browser.post("/organizations", data={"csrf_token": reader("amina").token()})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_the_database_away_is_503_with_a_page(config, cast):
    from dataclasses import replace

    away = "postgresql://bmms_app:x@127.0.0.1:1/nowhere"
    with running(replace(config, database_url=away)) as app:
        answer = app.test_client().get(f"/verify/{'a' * 32}")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        assert "h1" in answer.get_data(as_text=True)


def test_the_database_away_is_503_with_a_page_for_who_is_signed_in(config, reader):
    """Its page asks no database who reads it."""
    from dataclasses import replace

    cookie = reader("amina").browser.get_cookie("bmms").value
    away = "postgresql://bmms_app:x@127.0.0.1:1/nowhere"
    with running(replace(config, database_url=away)) as app:
        client = app.test_client()
        client.set_cookie("bmms", cookie)
        answer = client.get("/organizations")
        assert answer.status_code == 503
        assert "h1" in answer.get_data(as_text=True)
