"""What the guard refuses, and in which order; module switches; forgery; step-up; rate limits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import text

from bmms.config import Limits
from bmms.domain import clock
from bmms.domain.permissions import Permission
from bmms.models.organizations import Module
from bmms.web.guard import MODULES, SIGNED_IN, guard
from bmms.web.modules import module_blueprint
from bmms.web.respond import see_other
from tests.client import Reader
from tests.conftest import running
from tests.factories import PASSWORD


def test_inactive_organizations_close_their_pages_but_not_the_sign_in(reader, owner):
    amina = reader("amina")
    with owner.begin() as connection:
        connection.execute(text("UPDATE organizations SET is_active = false WHERE code = 'MOH'"))
    assert amina.browser.get("/moa/MOH/").status_code == 404
    amina.get("accounts.profile")
    assert amina.get("home.start").h1.get_text() == "No organization yet"


def test_the_platform_administrator_has_no_tenant_pages(reader):
    sitti = reader("sitti")
    sitti.get("platform.overview")
    assert sitti.browser.get("/moa/MOH/").status_code == 404
    assert sitti.browser.get("/moa/MOH/admin/").status_code == 404


@pytest.mark.parametrize("name", ["jamila", "carla", "ben"])
def test_the_platform_is_shut_to_everybody_else(reader, name):
    for path in ("/admin/", "/admin/audit"):
        assert reader(name).browser.get(path).status_code == 403, path


def test_a_temporary_right_holds_from_its_first_to_its_last_day(cast, reader, owner):
    today = clock.today()
    with owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO membership_rights (membership_id, organization_id, code, starts_on, ends_on, given_at) "
                "VALUES (:membership, :organization, 'pilot_admin', :first, :last, now())"
            ),
            {
                "membership": cast.memberships["badar"].id,
                "organization": cast.moh.id,
                "first": today + timedelta(days=1),
                "last": today + timedelta(days=2),
            },
        )
    badar, at = reader("badar"), clock.now()
    for days, status in ((0, 403), (1, 200), (2, 200), (3, 403)):
        with owner.begin() as connection:
            seen = {"at": at + timedelta(days=days)}
            connection.execute(text("UPDATE user_sessions SET started_at = :at, last_seen_at = :at"), seen)
        with clock.stopped_at(at + timedelta(days=days)):
            assert badar.browser.get("/moa/MOH/admin/audit").status_code == status, days


@pytest.fixture
def probe(config, cast):
    """An application with one more module and a grave act, as later parts will bring them."""
    bp = module_blueprint(Module.MONITORING, __name__)

    @bp.get("/plans")
    @guard(Permission.HOME_VIEW)
    def plan_list():
        return g.organization.code

    @bp.post("/plans/<int:plan_id>/release")
    @guard(Permission.HOME_VIEW, step_up=True)
    def plan_release(plan_id):
        return see_other("/moa/MOH/")

    with running(config) as app:
        app.register_blueprint(bp)
        yield app
    MODULES.pop("monitoring")


def test_a_module_switched_off_is_404_on_all_its_routes(probe, owner):
    amina = Reader(probe, "amina")
    assert amina.browser.get("/moa/MOH/monitoring/plans").get_data(as_text=True) == "MOH"
    with owner.begin() as connection:
        connection.execute(text("UPDATE organizations SET enable_monitoring = false WHERE code = 'MOH'"))
    assert amina.browser.get("/moa/MOH/monitoring/plans").status_code == 404
    assert amina.post("/moa/MOH/monitoring/plans/1/release").status_code == 404
    assert Reader(probe, "ben").browser.get("/moa/MBHTE/monitoring/plans").status_code == 200


def test_a_grave_act_asks_for_the_password_in_place_and_keeps_what_was_typed(probe, owner):
    amina = Reader(probe, "amina")
    path = "/moa/MOH/monitoring/plans/1/release"
    assert amina.post(path).status_code == 303, "the password was given a moment ago"
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET password_shown_at = now() - interval '6 minutes'"))
    asked = amina.post(path, {"note": "Typed with care"})
    assert asked.status_code == 403
    body = asked.get_data(as_text=True)
    assert 'name="note" value="Typed with care"' in body
    assert "Your password again" in body
    wrong = amina.post(path, {"note": "Typed with care", "confirm_password": "not mine"})
    assert wrong.status_code == 403
    assert "not right" in wrong.get_data(as_text=True)
    assert amina.post(path, {"note": "x", "confirm_password": PASSWORD}).status_code == 303
    assert amina.post(path).status_code == 303, "and now it counts for five minutes"


def test_wrong_passwords_at_step_up_lock_too(probe, owner):
    amina = Reader(probe, "amina")
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET password_shown_at = now() - interval '6 minutes'"))
    for _ in range(5):
        amina.post("/moa/MOH/monitoring/plans/1/release", {"confirm_password": "not mine"})
    locked = amina.post("/moa/MOH/monitoring/plans/1/release", {"confirm_password": PASSWORD})
    assert locked.status_code == 403
    assert "locked for" in locked.get_data(as_text=True)


# forgery


def test_a_post_without_its_token_is_refused(reader):
    answer = reader("amina").browser.post("/account/sessions/end-others")
    assert answer.status_code == 400
    assert "reload the page" in answer.get_data(as_text=True)


def test_a_token_of_another_browser_is_refused(reader):
    stolen = reader("ben").token()
    answer = reader("amina").browser.post("/account/sessions/end-others", data={"csrf_token": stolen})
    assert answer.status_code == 400


def test_a_form_from_another_site_is_refused_even_with_a_token(reader):
    amina = reader("amina")
    answer = amina.browser.post(
        "/account/sessions/end-others", data={"csrf_token": amina.token()}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 400


def test_an_unknown_host_is_refused(config, cast):
    with running(replace(config, allowed_hosts=("bmms.example",))) as app:
        assert app.test_client().get("/login").status_code == 400
        assert app.test_client().get("/login", base_url="http://bmms.example:8000").status_code == 200


# exports


def test_exports_that_are_switched_off_answer_403_and_show_no_button(config, cast, owner):
    buttons = {True: [], False: []}
    for on in buttons:
        with running(replace(config, pilot=replace(config.pilot, data_export=on))) as app:
            jamila, sitti = Reader(app, "jamila"), Reader(app, "sitti")
            for person, area, org in ((jamila, "admin", {"org": "MOH"}), (sitti, "platform", {})):
                for noun in ("user", "audit"):
                    shown = "Export as CSV" in person.get(f"{area}.{noun}_list", **org).get_text()
                    answer = person.post(f"{area}.{noun}_export", {}, **org)
                    buttons[on].append((shown, answer.status_code))
            assert on or "Exports are switched off here." in answer.get_data(as_text=True)
    assert buttons == {True: [(True, 200)] * 4, False: [(False, 403)] * 4}
    with owner.connect() as connection:
        denied = "SELECT count(*) FROM audit_events WHERE action = 'access:denied'"
        assert connection.execute(text(denied)).scalar_one() == 4


# limits


def test_the_sixth_try_for_one_account_within_a_minute_waits(config, cast):
    with running(replace(config, limits=Limits())) as app:
        reader = Reader(app)
        answers = [reader.sign_in("nobody.special", "x" * 12).status_code for _ in range(6)]
        assert answers == [422] * 4 + [422, 429]
        late = reader.sign_in("nobody.special", "x" * 12)
        assert 1 <= int(late.headers["Retry-After"]) <= 60
        assert "wait" in late.get_data(as_text=True).lower()
        assert reader.sign_in("amina").status_code == 303, "other accounts are not held up"


def test_client_addresses_behind_trusted_proxies_only(config, cast, owner):
    forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    seen = []
    for hops in (0, 1, 2, 3):
        with running(replace(config, trusted_proxies=hops)) as app:
            reader = Reader(app)
            token = reader.token()
            data = {"username": "amina", "password": PASSWORD, "csrf_token": token}
            reader.browser.post("/login", data=data, headers=forwarded)
            with owner.connect() as connection:
                last = "SELECT host(ip) FROM user_sessions ORDER BY id DESC LIMIT 1"
                seen.append(connection.execute(text(last)).scalar_one())
    assert seen == ["127.0.0.1", "198.51.100.7", "203.0.113.9", "127.0.0.1"]


def test_signed_in_only_pages_ask_strangers_to_sign_in_and_come_back(reader):
    answer = reader().browser.get("/organizations?x=1")
    assert (answer.status_code, answer.location) == (303, "/login?next=/organizations?x%3D1")
    assert guard(SIGNED_IN)(lambda: "").guard.need == SIGNED_IN
    there = reader()
    token = there.token()
    data = {"username": "amina", "password": PASSWORD, "csrf_token": token, "next": "/organizations?x=1"}
    assert there.browser.post("/login", data=data).location == "/organizations?x=1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x", ""]
)
def test_the_way_back_stays_inside(reader, target):
    there = reader()
    data = {"username": "amina", "password": PASSWORD, "csrf_token": there.token(), "next": target}
    assert there.browser.post("/login", data=data).location == "/"
