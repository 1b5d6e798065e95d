"""Help and departure: unlocked, a new password, sessions ended, inactive, active, deactivated."""

import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import Engine, text

from bmms.domain import clock
from bmms.domain.accounts import credentials
from bmms.models.accounts import SignInLock, User
from bmms.models.memberships import Membership
from bmms.models.outbox import OutboxMessage
from tests.client import Reader
from tests.web.answers import errors, summary


@pytest.fixture
def here(cast) -> dict:
    """Badar's place in addresses."""
    return {"org": "MOH", "membership_id": cast.memberships["badar"].id}


def audited(owner: Engine, action: str) -> list:
    """(actor, note) of the records of an act."""
    query = text("SELECT actor_id, note FROM audit_events WHERE action = :action ORDER BY id")
    with owner.connect() as connection:
        return [tuple(row) for row in connection.execute(query, {"action": action})]


def lock_out(app, username: str) -> None:
    """Five wrong passwords, through the real form."""
    stranger = Reader(app)
    for _ in range(5):
        stranger.sign_in(username, "wrong")


def test_a_lock_is_lifted_with_a_note(app, reader, cast, owner, here):
    lock_out(app, "badar")
    assert "locked for" in Reader(app).sign_in("badar").get_data(as_text=True)
    jamila = reader("jamila")
    assert "Locked" in jamila.get("admin.user_list", org="MOH", state="locked").get_text()
    page = jamila.get("admin.user_security", **here)
    assert "Locked after wrong passwords." in page.get_text()
    empty = jamila.post("admin.user_unlock", {"note": " "}, **here)
    assert (empty.status_code, errors(empty)) == (422, {"note": "Say how you know that it is this person."})
    assert jamila.post("admin.user_unlock", {"note": "Called back"}, **here).status_code == 303
    assert Reader(app).sign_in("badar").status_code == 303
    assert audited(owner, "users:unlock") == [(cast.jamila.id, "Called back")]


def test_somebody_who_works_elsewhere_too_may_be_unlocked(app, reader, cast, platform):
    lock_out(app, "yusuf")
    answer = reader("jamila").post(
        "admin.user_unlock", {"note": "Stands here"}, org="MOH", membership_id=cast.memberships["yusuf"].id
    )
    assert answer.status_code == 303
    assert platform.query(SignInLock).filter(SignInLock.user_id == cast.yusuf.id).count() == 0


# a new temporary password


@pytest.mark.parametrize("htmx", [False, True])
def test_a_password_shown_once_ends_sessions_and_must_be_changed(app, reader, owner, here, htmx):
    badar, jamila = reader("badar"), reader("jamila")
    answer = jamila.post("admin.user_password", {"hand_over": "show"}, htmx=htmx, **here)
    assert answer.status_code == 200
    password = BeautifulSoup(answer.get_data(as_text=True), "html.parser").select_one("#form code").get_text()
    assert badar.browser.get("/moa/MOH/").status_code == 303
    assert Reader(app).sign_in("badar").status_code == 422
    fresh = Reader(app)
    assert fresh.sign_in("badar", password).status_code == 303
    assert fresh.browser.get("/").location == "/account/password"
    assert audited(owner, "users:temporary_password")
    for page in ("user_show", "user_security", "user_history"):
        assert password not in jamila.get(f"admin.{page}", **here).get_text()


def test_a_password_by_mail_waits_encrypted_for_the_mail(reader, platform, cast, here):
    jamila = reader("jamila")
    answer = jamila.post("admin.user_password", {"hand_over": "mail"}, **here)
    assert answer.status_code == 303
    mail = platform.query(OutboxMessage).one()
    assert (mail.kind, mail.user_id, mail.organization_id) == ("welcome", cast.badar.id, cast.moh.id)
    waiting = credentials.waiting_password(platform, cast.badar.id)
    assert waiting
    assert waiting not in json.dumps(mail.arguments)
    security = jamila.get("admin.user_security", **here)
    assert "waits for the first sign-in" in security.get_text()
    assert "Queued" in security.get_text()


@pytest.mark.parametrize(
    ("who", "says"),
    [("jamila", "Change your own password in your profile."), ("yusuf", "Yusuf Karim also works elsewhere")],
)
def test_whose_password_is_not_set_from_here(app, reader, cast, who, says):
    answer = reader("jamila").post(
        "admin.user_password", {"hand_over": "show"}, org="MOH", membership_id=cast.memberships[who].id
    )
    assert answer.status_code == 422
    assert says in summary(answer)
    assert Reader(app).sign_in(who).status_code == 303


def test_the_welcome_mail_goes_out_again_with_a_fresh_password(app, reader, platform, cast, owner, here):
    user = platform.get_one(User, cast.badar.id)
    earlier = credentials.give_temporary_password(platform, user)
    platform.add(
        OutboxMessage(
            kind="welcome",
            user_id=user.id,
            organization_id=cast.moh.id,
            message_id="x",
            status="failed",
            error="550 no such box",
        )
    )
    platform.commit()
    jamila = reader("jamila")
    page = jamila.get("admin.user_security", **here)
    assert "550 no such box" in page.get_text()
    assert jamila.post("admin.user_welcome", **here).status_code == 303
    platform.expire_all()
    waiting = credentials.waiting_password(platform, cast.badar.id)
    assert waiting not in (None, earlier)
    assert "Queued" in jamila.get("admin.user_security", **here).get_text()
    assert audited(owner, "mail:resend")


@pytest.mark.parametrize("htmx", [False, True])
def test_who_has_an_own_password_gets_no_second_welcome(reader, here, htmx):
    answer = reader("jamila").post("admin.user_welcome", htmx=htmx, **here)
    assert answer.status_code == 409
    assert "has already chosen a password" in answer.get_data(as_text=True)


# sessions


def test_all_sessions_end(reader, owner, cast, here):
    badar, jamila = reader("badar"), reader("jamila")
    assert len(jamila.get("admin.user_security", **here).select("main .list li")) == 1
    assert jamila.post("admin.user_sessions", **here).status_code == 303
    assert badar.browser.get("/moa/MOH/").status_code == 303
    assert audited(owner, "users:end_sessions") == [(cast.jamila.id, "")]
    own = jamila.post("admin.user_sessions", org="MOH", membership_id=cast.memberships["jamila"].id)
    assert own.status_code == 422
    assert "End your own sessions in your profile." in summary(own)


# away, back, gone


def test_inactive_and_active_again(app, reader, platform, cast, owner, here):
    badar, jamila = reader("badar"), reader("jamila")
    empty = jamila.post("admin.user_inactivate", {"reason": ""}, **here)
    assert errors(empty) == {"reason": "Say why."}
    assert jamila.post("admin.user_inactivate", {"reason": "Study leave"}, **here).status_code == 303
    assert badar.browser.get("/moa/MOH/").status_code == 303
    assert "not active" in Reader(app).sign_in("badar").get_data(as_text=True)
    again = jamila.post("admin.user_inactivate", {"reason": "x"}, **here)
    assert "badar is inactive already." in summary(again)
    assert "Make active again" in jamila.get("admin.user_show", **here).get_text()
    assert jamila.post("admin.user_reactivate", **here).status_code == 303
    assert Reader(app).sign_in("badar").status_code == 303
    assert audited(owner, "users:make_inactive") == [(cast.jamila.id, "Study leave")]


def test_deactivated_is_for_good(app, reader, platform, cast, here):
    badar, jamila = reader("badar"), reader("jamila")
    page = jamila.get("admin.user_deactivate", **here)
    assert "It cannot be undone." in page.get_text()
    fields = {"reason": "Resigned on 20 November", "hand_over": "nobody"}
    assert jamila.post("admin.user_deactivate", fields, **here).status_code == 303
    assert badar.browser.get("/moa/MOH/").status_code == 303
    assert Reader(app).sign_in("badar").status_code == 422
    shown = jamila.get("admin.user_show", **here)
    assert "Resigned on 20 November" in shown.get_text()
    assert not shown.select("main .actions a, .head .row a, #leaving")
    again = jamila.post("admin.user_reactivate", **here)
    assert "deactivated for good" in summary(again)
    assert "Badar Lim" not in jamila.get("admin.user_list", org="MOH").get_text()
    assert "Badar Lim" in jamila.get("admin.user_list", org="MOH", account="deactivated").get_text()


@pytest.mark.parametrize("view", ["user_inactivate", "user_deactivate"])
def test_nobody_closes_the_own_account(reader, platform, cast, view):
    own = {"org": "MOH", "membership_id": cast.memberships["jamila"].id}
    jamila = reader("jamila")
    assert "Nobody closes the own account" in jamila.get("admin.user_show", **own).get_text()
    answer = jamila.post(f"admin.{view}", {"reason": "x", "hand_over": "nobody"}, **own)
    assert answer.status_code == 422
    assert "You cannot do this to your own account." in summary(answer)
    assert platform.get_one(User, cast.jamila.id).status == "active"


@pytest.mark.parametrize("view", ["user_inactivate", "user_deactivate", "user_sessions"])
def test_the_account_of_somebody_who_works_elsewhere_too_is_the_platforms(reader, platform, cast, view):
    answer = reader("jamila").post(
        f"admin.{view}", {"reason": "x", "hand_over": "nobody"}, org="MOH", membership_id=cast.memberships["yusuf"].id
    )
    assert answer.status_code == 422
    assert "only the platform team changes this account" in summary(answer)
    assert platform.get_one(User, cast.yusuf.id).status == "active"
    assert platform.get_one(Membership, cast.memberships["yusuf"].id).is_active


def test_a_grave_act_asked_by_htmx_shows_the_password_question_in_place(reader, owner, here):
    jamila = reader("jamila")
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET password_shown_at = now() - interval '6 minutes'"))
    answer = jamila.post("admin.user_password", {"hand_over": "show"}, htmx=True, **here)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (403, "body")


def test_lifting_a_lock_that_is_over_says_so(reader, here):
    jamila = reader("jamila")
    with clock.stopped_at(clock.now() + timedelta(seconds=1)):
        answer = jamila.post("admin.user_unlock", {"note": "Called"}, **here)
    assert "was not locked" in jamila.browser.get(answer.location).get_data(as_text=True)


@pytest.mark.parametrize("view", ["user_inactivate", "user_unlock", "user_deactivate"])
def test_a_reason_with_an_invisible_sign_is_refused_at_the_field(reader, here, view):
    fields = {"reason": "Left\0", "note": "Left\0", "hand_over": "nobody"}
    answer = reader("jamila").post(f"admin.{view}", fields, **here)
    assert answer.status_code == 422
    assert "invisible sign" in " ".join(errors(answer).values())
