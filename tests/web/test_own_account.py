"""First steps, the own password, the forgotten one, sessions, step-up, and forms that survive a lost sign-in."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bmms.config import Limits
from bmms.domain import clock
from bmms.domain.accounts import credentials, passwords, reset
from bmms.models.accounts import User
from bmms.tenancy import bind_platform
from tests.client import Reader
from tests.conftest import running
from tests.factories import PASSWORD

FRESH = "Dagat&Bundok9-Araw"


@pytest.fixture
def platform(app, engine: Engine):
    """A session over all accounts, as the command line has it."""
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        yield session


@pytest.fixture
def temporary(platform, cast) -> str:
    """Badar's temporary password."""
    user = platform.get_one(User, cast.badar.id)
    user.privacy_version = ""
    password = credentials.give_temporary_password(platform, user)
    platform.commit()
    return password


def test_first_sign_in_changes_the_password_then_shows_the_notice_then_my_work(app, cast, temporary):
    badar = Reader(app)
    assert badar.sign_in("badar", temporary).status_code == 303
    for path in ("/", "/moa/MOH/", "/account/", "/organizations"):
        assert badar.browser.get(path).location == "/account/password", path
    fragment = badar.browser.get("/moa/MOH/search", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (204, "/account/password")
    page = badar.get("accounts.password_change")
    assert page.h1.get_text() == "Choose your own password"
    answer = badar.post("accounts.password_change", {"current": temporary, "new": FRESH, "again": FRESH})
    assert answer.status_code == 303
    assert badar.browser.get("/").location == "/account/privacy"
    assert badar.post("accounts.privacy_accept", {}).status_code == 422
    assert badar.post("accounts.privacy_accept", {"accepted": "y"}).status_code == 303
    assert badar.browser.get("/").location == "/moa/MOH/"
    badar.get("workplace.my_work", org="MOH")
    assert Reader(app).sign_in("badar", temporary).status_code == 422
    assert Reader(app).sign_in("badar", FRESH).status_code == 303


PERSONAL = {"Start page": "/", "Organizations": "/organizations", "Profile": "/account/"}


@pytest.mark.parametrize("name", ["yusuf", "carla", "sitti"])
def test_pages_outside_an_organization_have_a_menu_that_leads_back(reader, name):
    for path in ("/account/", "/organizations"):
        page = reader(name).get(path)
        for menu in (page.select_one("nav.nav"), page.select_one("nav.dock")):
            links = {link.get_text(): link["href"] for link in menu.select("a")}
            assert PERSONAL.items() <= links.items()
            assert [link["href"] for link in menu.select("ul > li > a[aria-current=page]")][:1] == [path]


def test_the_platforms_pages_keep_their_own_menu(reader):
    links = [link.get_text() for link in reader("sitti").get("platform.overview").select("nav.nav a")]
    assert links == ["Overview", "Organizations", "People", "Record"]


def test_the_waiting_password_is_gone_after_the_first_sign_in(app, cast, temporary, platform):
    assert credentials.waiting_password(platform, cast.badar.id) == temporary
    platform.rollback()
    Reader(app).sign_in("badar", temporary)
    assert credentials.waiting_password(platform, cast.badar.id) is None


def test_an_expired_temporary_password_says_what_to_do(app, cast, temporary):
    with clock.stopped_at(clock.now() + timedelta(days=14, seconds=1)):
        answer = Reader(app).sign_in("badar", temporary)
    assert answer.status_code == 422
    assert "has expired" in answer.get_data(as_text=True)
    assert "I forgot my password" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("new", "again", "says"),
    [
        ("short1A!", "short1A!", "12 characters or more"),
        ("alllowercaseletters", "alllowercaseletters", "upper-case"),
        ("123456789012345", "123456789012345", "more than digits"),
        ("Password123456!", "Password123456!", "common"),
        ("Xy7!badar.example", "Xy7!badar.example", "your name"),
        (PASSWORD, PASSWORD, "not one of your last 5"),
        (FRESH, FRESH + "x", "differs from the new password"),
        ("", "", "Type your new password"),
    ],
)
def test_a_weak_password_is_refused_at_the_field(reader, new, again, says):
    badar = reader("badar")
    answer = badar.post("accounts.password_change", {"current": PASSWORD, "new": new, "again": again})
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    assert 'role="alert"' in answer.get_data(as_text=True)


def test_the_current_password_is_needed(reader):
    answer = reader("badar").post("accounts.password_change", {"current": "wrong", "new": FRESH, "again": FRESH})
    assert answer.status_code == 422
    assert "not your current password" in answer.get_data(as_text=True)


def test_none_of_the_last_five_passwords_comes_back(app, cast, platform):
    from bmms.domain.accounts import signing_in
    from bmms.domain.actors import Origin
    from bmms.domain.errors import RuleBroken

    user = platform.get_one(User, cast.badar.id)
    actor = signing_in.person_actor(platform, user, Origin())
    for number in range(4):
        signing_in.set_password(platform, actor, user, f"{FRESH}{number}")
    for known in (PASSWORD, f"{FRESH}0", f"{FRESH}3"):
        with pytest.raises(RuleBroken, match="last 5"):
            signing_in.set_password(platform, actor, user, known)
    temporary = credentials.give_temporary_password(platform, user)  # in between, it brings none of them back
    for known in (PASSWORD, f"{FRESH}0", f"{FRESH}3", temporary):
        with pytest.raises(RuleBroken, match="last 5"):
            signing_in.set_password(platform, actor, user, known)
    signing_in.set_password(platform, actor, user, f"{FRESH}4")
    signing_in.set_password(platform, actor, user, PASSWORD)
    assert passwords.matches(user.password_hash, PASSWORD)


def test_changing_the_password_ends_all_other_sessions(app, reader):
    here, elsewhere = reader("badar"), Reader(app, "badar")
    here.post("accounts.password_change", {"current": PASSWORD, "new": FRESH, "again": FRESH})
    assert here.browser.get("/moa/MOH/").status_code == 200
    assert elsewhere.browser.get("/moa/MOH/").status_code == 303


# forgotten


def token_for(platform: Session, user: User) -> str:
    """What the mail task makes when it sends the mail."""
    token = reset.issue_token(platform, platform.get_one(User, user.id))
    platform.commit()
    return token


def test_asking_for_a_link_reads_the_same_for_everybody(reader, owner):
    answers = [reader().post("accounts.password_forgot", {"login": login}) for login in ("badar", "nobody.at.all")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_data() == answers[1].get_data()
    with owner.connect() as connection:
        assert connection.execute(text("SELECT kind, arguments FROM outbox")).all() == [("reset", {})]


def test_every_request_for_a_link_is_recorded(reader, cast, owner):
    for login in ("badar", "nobody.at.all"):
        reader().post("accounts.password_forgot", {"login": login})
    with owner.connect() as connection:
        asked = "SELECT actor_id, note FROM audit_events WHERE action = 'users:ask_reset' ORDER BY id"
        found = [tuple(row) for row in connection.execute(text(asked))]
    assert found == [(cast.badar.id, ""), (None, "there is no such account")]


def test_five_links_an_hour_whether_asked_for_by_name_or_address(config, cast, owner):
    with running(replace(config, limits=Limits())) as app:
        reader = Reader(app)
        for logins in (("badar", "BADAR@example.gov.ph"), ("nobody", "Nobody ")):
            answers = [reader.post("accounts.password_forgot", {"login": logins[n % 2]}) for n in range(6)]
            assert [answer.status_code for answer in answers] == [200] * 5 + [429]
            assert int(answers[5].headers["Retry-After"]) > 3000
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox WHERE kind = 'reset'")).scalar_one() == 5


def test_a_link_works_once_and_ends_all_sessions(app, cast, reader, platform, owner):
    badar = reader("badar")
    token = token_for(platform, cast.badar)
    stranger = reader()
    page = stranger.get("accounts.password_reset", token=token)
    assert page.h1.get_text() == "Choose a new password"
    answer = stranger.browser.get(f"/reset/{token}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    weak = stranger.post("accounts.password_reset", {"new": "short", "again": "short"}, token=token)
    assert weak.status_code == 422, "a weak password does not use the link up"
    assert stranger.post("accounts.password_reset", {"new": FRESH, "again": FRESH}, token=token).status_code == 303
    assert badar.browser.get("/moa/MOH/").status_code == 303
    stranger.get("accounts.password_reset", status=404, token=token)
    assert (
        stranger.post("accounts.password_reset", {"new": FRESH + "2", "again": FRESH + "2"}, token=token).status_code
        == 404
    )
    with owner.connect() as connection:
        refused = "SELECT count(*) FROM audit_events WHERE action = 'users:reset_refused'"
        assert connection.execute(text(refused)).scalar_one() == 1
    assert Reader(app).sign_in("badar", FRESH).status_code == 303


def test_a_newer_link_ends_the_older_and_24_hours_end_both(cast, reader, platform, owner):
    older = token_for(platform, cast.badar)
    newer = token_for(platform, cast.badar)
    reader().get("accounts.password_reset", status=404, token=older)
    reader().get("accounts.password_reset", token=newer)
    with owner.begin() as connection:
        connection.execute(text("UPDATE reset_tokens SET expires_at = now() - interval '1 second'"))
    reader().get("accounts.password_reset", status=404, token=newer)
    reader().get("accounts.password_reset", status=404, token="made-up")


def test_an_inactive_person_gets_a_mail_without_a_link(cast, reader, platform, owner):
    platform.get_one(User, cast.badar.id).status = "inactive"
    platform.commit()
    reader().post("accounts.password_forgot", {"login": "badar@example.gov.ph"})
    with owner.connect() as connection:
        assert connection.execute(text("SELECT kind FROM outbox")).scalars().all() == ["reset_inactive"]


# sessions


def test_a_fourth_sign_in_ends_the_oldest(app, reader):
    four = [reader("badar") for _ in range(4)]
    assert [one.browser.get("/moa/MOH/").status_code for one in four] == [303, 200, 200, 200]


@pytest.mark.parametrize(("minutes", "reason"), [(31, "idle"), (481, "absolute")])
def test_sessions_run_out(app, cast, reader, owner, minutes, reason):
    badar = reader("badar")
    column = "last_seen_at" if reason == "idle" else "started_at"
    with owner.begin() as connection:
        connection.execute(text(f"UPDATE user_sessions SET {column} = now() - interval '{minutes} minutes'"))
    assert badar.browser.get("/moa/MOH/").status_code == 303
    with owner.connect() as connection:
        assert connection.execute(text("SELECT end_reason FROM user_sessions")).scalar_one() == reason


def test_last_seen_moves_with_use(reader, owner):
    badar = reader("badar")
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET last_seen_at = now() - interval '20 minutes'"))
    badar.get("workplace.my_work", org="MOH")
    with owner.connect() as connection:
        young = "SELECT last_seen_at > now() - interval '1 minute' FROM user_sessions"
        assert connection.execute(text(young)).scalar_one()


def test_ending_all_other_sessions(app, reader):
    here, elsewhere = reader("badar"), reader("badar")
    assert "Another browser" in here.get("accounts.profile").get_text()
    assert here.post("accounts.sessions_end_others").status_code == 303
    assert elsewhere.browser.get("/account/").status_code == 303
    assert "Another browser" not in here.get("accounts.profile").get_text()


@pytest.mark.parametrize("column", ["status = 'inactive'", "status = 'deactivated'"])
def test_a_person_who_is_not_active_any_more_is_out_at_the_next_request(reader, owner, column):
    badar = reader("badar")
    with owner.begin() as connection:
        connection.execute(text(f"UPDATE users SET {column} WHERE username = 'badar'"))
    assert badar.browser.get("/moa/MOH/").status_code == 303
    answer = reader().sign_in("badar")
    assert answer.status_code == 422
    assert "not active" in answer.get_data(as_text=True)


def test_a_revoked_right_fails_on_the_next_request(cast, reader, owner):
    jamila = reader("jamila")
    jamila.get("admin.audit_list", org="MOH")
    with owner.begin() as connection:
        connection.execute(text("UPDATE membership_rights SET ends_on = current_date - 1 WHERE code = 'pilot_admin'"))
    assert jamila.browser.get("/moa/MOH/admin/audit").status_code == 403
    with owner.begin() as connection:
        connection.execute(text("UPDATE memberships SET is_active = false WHERE user_id = :id"), {"id": cast.jamila.id})
    assert jamila.browser.get("/moa/MOH/").status_code == 404


# profile


def test_the_profile_is_saved_and_recorded(cast, reader, owner):
    badar = reader("badar")
    fields = {"first_name": "Badar", "last_name": "Lim-Santos", "phone": "0917 123 4567", "mail_mode": "daily"}
    assert badar.post("accounts.profile", fields).status_code == 303
    assert badar.get("accounts.profile").select_one("#phone")["value"] == "+639171234567"
    with owner.connect() as connection:
        row = connection.execute(
            text("SELECT actor_id, changes FROM audit_events WHERE action = 'users:change_own_profile'")
        ).one()
    assert row.actor_id == cast.badar.id
    assert row.changes["phone"] == ["+639170000000", "+639171234567"]


def test_a_wrong_phone_is_named_and_nothing_typed_is_lost(reader):
    fields = {"first_name": "Badar", "last_name": "Lim", "phone": "12345", "mail_mode": "weekly"}
    answer = reader("badar").post("accounts.profile", fields)
    assert answer.status_code == 422
    body = answer.get_data(as_text=True)
    assert "+63 followed by 10 digits" in body
    assert 'value="12345"' in body


# a form that outlives its session


def test_a_form_sent_after_the_session_ended_comes_back_filled_and_is_not_executed(cast, reader, owner):
    badar = reader("badar")
    token = badar.token()
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET ended_at = now()"))
    fields = {"csrf_token": token, "first_name": "Typed", "last_name": "Lim", "phone": "", "mail_mode": ""}
    lost = badar.browser.post("/account/", data=fields)
    assert lost.status_code == 401
    body = lost.get_data(as_text=True)
    assert "Your form is kept" in body
    carried = body.split('name="carried"')[1].split('value="')[1].split('"')[0]
    back = badar.sign_in("badar", carried=carried)
    assert back.status_code == 200
    assert 'action="/account/?resume=1"' in back.get_data(as_text=True)
    form = badar.browser.post("/account/?resume=1", data={**fields, "csrf_token": badar.token()})
    assert form.status_code == 200
    assert 'value="Typed"' in form.get_data(as_text=True)
    with owner.connect() as connection:
        assert connection.execute(text("SELECT first_name FROM users WHERE username = 'badar'")).scalar_one() == "Badar"


def test_a_kept_form_is_given_to_its_own_person_only(cast, reader, owner):
    badar = reader("badar")
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET ended_at = now()"))
    lost = badar.browser.post("/account/", data={"first_name": "Secret words"})
    carried = lost.get_data(as_text=True).split('name="carried"')[1].split('value="')[1].split('"')[0]
    other = reader().sign_in("amina", carried=carried)
    assert other.status_code == 303
    forged = reader().sign_in("badar", carried=carried[:-2] + "xx")
    assert forged.status_code == 303


def test_a_resumed_step_that_would_act_at_once_does_nothing(cast, reader, owner):
    yusuf = reader("yusuf")
    path = f"/organizations/{cast.memberships['yusuf_mbhte'].id}/primary"
    answer = yusuf.browser.post(f"{path}?resume=1", data={"csrf_token": yusuf.token()})
    assert (answer.status_code, answer.location) == (303, "/")
    with owner.connect() as connection:
        primary = "SELECT organization_id FROM memberships WHERE is_primary AND user_id = :id"
        assert connection.execute(text(primary), {"id": cast.yusuf.id}).scalar_one() == cast.moh.id


def test_my_work_leads_to_each_part_of_the_work_that_has_pages(reader):
    page = reader("amina").get("workplace.my_work", org="MOH")
    cards = {card.h3.get_text(): card.get("href") for card in page.select("#modules ~ .grid .card")}
    assert cards == {
        "Planning": "/moa/MOH/planning/", "Budgeting": "/moa/MOH/budgeting/",
        "Execution": "/moa/MOH/execution/", "M&E": None, "Coordination": None,
    }  # fmt: skip
    dock = [link.get_text(strip=True) for link in page.select("nav.dock > ul > li > a")]
    assert dock == ["My work", "Planning", "Budgeting", "Execution"], "what is signed on phones is under the thumb"


# switching


def test_somebody_in_two_ministries_chooses_by_address(cast, reader):
    yusuf = reader("yusuf")
    page = yusuf.get("home.organization_list")
    assert [link["href"] for link in page.select(".list a")] == ["/moa/MOH/", "/moa/MBHTE/"]
    assert "Education" in yusuf.get("workplace.my_work", org="MBHTE").get_text()
    chosen = yusuf.post("home.membership_primary", membership_id=cast.memberships["yusuf_mbhte"].id)
    assert chosen.status_code == 303
    assert yusuf.browser.get("/").location == "/moa/MBHTE/"


def test_nobody_makes_a_foreign_membership_primary(cast, reader):
    answer = reader("ben").post("home.membership_primary", membership_id=cast.memberships["badar"].id)
    assert answer.status_code == 404


def test_a_person_without_any_organization_is_told_whom_to_ask(reader):
    page = reader("dan").get("home.start")
    assert page.h1.get_text() == "No organization yet"


def test_a_central_role_sees_its_desk(reader):
    page = reader("carla").get("home.start")
    assert "OCM viewer" in page.get_text()
    assert "Ministry of Health" in page.get_text()
    assert reader("sitti").browser.get("/").location == "/admin/"
