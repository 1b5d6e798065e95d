"""Roles and grants as pages: given, timed, taken; the end of a membership and its return. Nobody changes the own."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.people import handover
from bmms.models.accounts import User
from bmms.models.memberships import Membership, MembershipRight
from tests.factories import make_membership, make_user
from tests.web.answers import errors, summary


@pytest.fixture
def here(cast) -> dict:
    """Badar's place in addresses."""
    return {"org": "MOH", "membership_id": cast.memberships["badar"].id}


def rights_of(platform: Session, membership_id: int) -> dict[str, tuple]:
    """Code to first and last day."""
    platform.rollback()
    found = platform.query(MembershipRight).filter_by(membership_id=membership_id)
    return {right.code: (right.starts_on, right.ends_on) for right in found}


def later(days: int):
    """A day from today on."""
    return clock.today() + timedelta(days=days)


def test_the_page_shows_days_giver_and_reason(reader, cast, platform, here):
    right = platform.query(MembershipRight).filter_by(membership_id=here["membership_id"]).one()
    right.starts_on, right.ends_on, right.given_by, right.reason = later(3), later(9), cast.jamila.id, "S.O. 12"
    platform.commit()
    page = reader("jamila").get("admin.user_rights", **here)
    row = page.select_one("tbody tr").get_text()
    assert "Planning Officer" in row
    assert "by Jamila Usop" in row
    assert "S.O. 12" in row
    assert "Not today" in row


@pytest.mark.parametrize("htmx", [False, True])
def test_a_role_is_given_beside_the_others_and_the_person_is_told(reader, platform, owner, here, htmx):
    answer = reader("jamila").post("admin.right_new", {"role": "pilot_viewer"}, htmx=htmx, **here)
    assert answer.status_code == (204 if htmx else 303)
    assert set(rights_of(platform, here["membership_id"])) == {"pilot_planner", "pilot_viewer"}
    with owner.connect() as connection:
        assert connection.execute(text("SELECT kind FROM outbox")).scalars().all() == ["role_changed"]


def test_a_role_takes_the_place_of_others_on_demand_and_grants_stay(reader, platform, here):
    jamila = reader("jamila")
    jamila.post("admin.right_new", {"role": "budget_review"}, **here)
    jamila.post("admin.right_new", {"role": "pilot_viewer", "replace": "y"}, **here)
    assert set(rights_of(platform, here["membership_id"])) == {"pilot_viewer", "budget_review"}


def test_a_role_of_some_days_is_in_force_on_those_days_only(reader, platform, here):
    days = {"role": "pilot_admin", "starts_on": str(later(0)), "ends_on": str(later(2)), "reason": "Leave"}
    assert reader("jamila").post("admin.right_new", days, **here).status_code == 303
    assert rights_of(platform, here["membership_id"])["pilot_admin"] == (later(0), later(2))
    badar = reader("badar")
    badar.get("admin.user_list", org="MOH")
    with clock.stopped_at(clock.now() + timedelta(minutes=1)):
        jamila = reader("jamila")
        answer = jamila.post(
            "admin.right_edit", {"starts_on": str(later(1)), "ends_on": str(later(2))}, role="pilot_admin", **here
        )
    assert answer.status_code == 303
    assert badar.browser.get("/moa/MOH/admin/users").status_code == 403


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"role": ""}, "role", "Choose a role or grant."),
        ({"role": "superadmin"}, "role", "Not a valid choice."),
        ({"role": "endorse"}, "role", "Not a valid choice."),
        ({"starts_on": "2027-03-05", "ends_on": "2027-03-01"}, "ends_on", "The last day lies before the first day."),
        ({"ends_on": "2020-01-01"}, "ends_on", "The last day lies in the past."),
        ({"ends_on": "soon"}, "ends_on", "This is no date. Use the calendar, or type it like 2026-11-22."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(reader, platform, here, wrong, field, says):
    answer = reader("jamila").post("admin.right_new", {"role": "pilot_viewer", "reason": "Because", **wrong}, **here)
    assert answer.status_code == 422
    assert errors(answer) == {field: says}
    assert "Because" in answer.get_data(as_text=True)
    assert set(rights_of(platform, here["membership_id"])) == {"pilot_planner"}


def test_a_right_that_is_not_held_has_no_page(reader, here):
    jamila = reader("jamila")
    for view in ("right_edit", "right_end"):
        jamila.get(f"admin.{view}", status=404, role="pilot_viewer", **here)
        jamila.get(f"admin.{view}", status=404, role="no-such-role", **here)


def test_a_role_taken_is_felt_at_the_next_request(reader, platform, here):
    jamila = reader("jamila")
    jamila.post("admin.right_new", {"role": "pilot_admin"}, **here)
    badar = reader("badar")
    badar.get("admin.user_list", org="MOH")
    page = jamila.get("admin.right_end", role="pilot_admin", **here)
    assert page.h1.get_text() == "Take “MOA Administrator” away from Badar Lim?"
    assert jamila.post("admin.right_end", role="pilot_admin", **here).status_code == 303
    assert badar.browser.get("/moa/MOH/admin/users").status_code == 403
    assert badar.browser.get("/moa/MOH/").status_code == 200


def test_giving_and_taking_ask_for_the_password_again(reader, owner, platform, here):
    jamila = reader("jamila")
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET password_shown_at = now() - interval '6 minutes'"))
    for view, values in (
        ("right_new", {}),
        ("right_edit", {"role": "pilot_planner"}),
        ("right_end", {"role": "pilot_planner"}),
        ("user_leave", {}),
        ("user_password", {}),
    ):
        answer = jamila.post(f"admin.{view}", {"reason": "typed"}, **values, **here)
        assert answer.status_code == 403, view
        assert 'name="reason" value="typed"' in answer.get_data(as_text=True)
    assert set(rights_of(platform, here["membership_id"])) == {"pilot_planner"}


# the own rights


def test_the_own_roles_have_no_form_and_the_reason_stands_beside(reader, cast):
    jamila, own = reader("jamila"), cast.memberships["jamila"].id
    page = jamila.get("admin.user_rights", org="MOH", membership_id=own)
    assert "Nobody changes their own roles or grants." in page.get_text()
    assert not page.select("main a[href*='/rights/'], main form")


@pytest.mark.parametrize("view", ["right_new", "right_edit", "right_end", "user_leave", "user_resume"])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_direct_post_on_the_own_roles_is_refused_with_the_message(reader, cast, platform, view, htmx):
    own = cast.memberships["jamila"].id
    values = {"role": "pilot_admin"} if view in ("right_edit", "right_end") else {}
    fields = {"role": "pilot_planner", "reason": "x", "hand_over": "nobody"}
    answer = reader("jamila").post(f"admin.{view}", fields, htmx=htmx, org="MOH", membership_id=own, **values)
    assert answer.status_code == 409
    assert "Nobody changes their own roles or grants." in answer.get_data(as_text=True)
    assert set(rights_of(platform, own)) == {"pilot_admin"}


def test_the_last_administrator_stays(reader, cast, platform, here):
    jamila = reader("jamila")
    jamila.post("admin.right_new", {"role": "pilot_admin", "ends_on": str(later(5))}, **here)
    badar, other = reader("badar"), {"org": "MOH", "membership_id": cast.memberships["jamila"].id}
    for view, fields in (
        ("right_end", {}),
        ("user_leave", {"reason": "x", "hand_over": "nobody"}),
        ("user_deactivate", {"reason": "x", "hand_over": "nobody"}),
        ("user_inactivate", {"reason": "x"}),
    ):
        values = {"role": "pilot_admin"} if view == "right_end" else {}
        answer = badar.post(f"admin.{view}", fields, **values, **other)
        assert answer.status_code == 422, view
        assert "jamila is the last active administrator of MOH" in summary(answer)
    assert set(rights_of(platform, other["membership_id"])) == {"pilot_admin"}
    assert platform.get_one(User, cast.jamila.id).status == "active"


# drafts and pending work


@pytest.fixture
def duty(monkeypatch):
    """A kind of work that a module would register: Badar holds three drafts. Yields what was handed over to whom."""
    monkeypatch.setattr(handover, "_duties", {})
    given: list[str | None] = []

    def count(session: Session, user: User) -> int:
        return 3 if user.username == "badar" else 0

    def hand_over(session: Session, actor, user: User, successor: User | None) -> int:
        given.append(successor.username if successor else None)
        return 3

    handover.register(handover.Duty("draft plans", count, hand_over))
    return given


def test_who_holds_nothing_is_not_asked(reader, here):
    page = reader("jamila").get("admin.right_end", role="pilot_planner", **here)
    assert not page.select("input[name=hand_over]")


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        ({"hand_over": "stays"}, []),
        ({"hand_over": "nobody"}, [None]),
        ({"hand_over": "successor", "successor": "Amina@example.gov.ph"}, ["amina"]),
    ],
)
def test_taking_a_role_asks_what_becomes_of_drafts(reader, here, duty, answer, given):
    jamila = reader("jamila")
    page = jamila.get("admin.right_end", role="pilot_planner", **here)
    assert "3 draft plans" in page.select_one(".note").get_text()
    assert jamila.post("admin.right_end", answer, role="pilot_planner", **here).status_code == 303
    assert duty == given


@pytest.mark.parametrize(
    ("successor", "says"),
    [
        ("", "Name the person who takes over."),
        ("nobody.here", "User 'nobody.here' not found."),
        ("ben", "User 'ben' not found."),
    ],
)
def test_a_successor_must_be_somebody_from_here(reader, platform, here, duty, successor, says):
    fields = {"hand_over": "successor", "successor": successor, "reason": "Left"}
    jamila = reader("jamila")
    for view, values in (("right_end", {"role": "pilot_planner"}), ("user_leave", {}), ("user_deactivate", {})):
        answer = jamila.post(f"admin.{view}", fields, **values, **here)
        assert (answer.status_code, errors(answer)) == (422, {"successor": says}), view
    assert duty == []
    assert platform.get_one(Membership, here["membership_id"]).is_active


# the membership


def test_a_membership_ends_and_is_taken_up_again(reader, cast, platform, here, duty):
    badar, jamila = reader("badar"), reader("jamila")
    jamila.post("admin.right_new", {"role": "budget_review"}, **here)
    fields = {"reason": "Moved to another ministry", "hand_over": "successor", "successor": "amina"}
    assert jamila.post("admin.user_leave", fields, **here).status_code == 303
    assert duty == ["amina"]
    assert badar.browser.get("/moa/MOH/").status_code == 404
    page = jamila.get("admin.user_show", **here)
    assert "The membership in MOH has ended" in page.get_text()
    assert "End the membership" not in page.get_text()
    back = jamila.post("admin.user_resume", {"role": "pilot_viewer", "reason": "Came back"}, **here)
    assert back.status_code == 303
    assert badar.browser.get("/moa/MOH/").status_code == 200
    assert set(rights_of(platform, here["membership_id"])) == {"pilot_viewer"}, "grants from before do not come back"


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"reason": "", "hand_over": "nobody"}, "reason"), ({"reason": "Left", "hand_over": ""}, "hand_over")],
)
def test_leaving_needs_a_reason_and_a_decision(reader, platform, here, fields, field):
    for view in ("user_leave", "user_deactivate"):
        answer = reader("jamila").post(f"admin.{view}", fields, **here)
        assert answer.status_code == 422
        assert field in errors(answer)
    assert platform.get_one(Membership, here["membership_id"]).is_active


def test_an_administrator_of_another_organization_gives_nothing_here(reader, here, platform):
    for name in ("bai", "ben"):
        answer = reader(name).post("admin.right_new", {"role": "pilot_viewer"}, **here)
        assert answer.status_code == 404
        answer = reader(name).post("admin.right_new", {"role": "pilot_viewer"}, **{**here, "org": "MBHTE"})
        assert answer.status_code in (403, 404)
    assert set(rights_of(platform, here["membership_id"])) == {"pilot_planner"}


def test_a_second_administrator_makes_the_first_one_free(reader, cast, platform):
    second = make_membership(platform, make_user(platform, "zahra"), cast.moh, "pilot_admin")
    platform.commit()
    zahra = reader("zahra")
    answer = zahra.post("admin.right_end", role="pilot_admin", org="MOH", membership_id=cast.memberships["jamila"].id)
    assert answer.status_code == 303
    assert second.id
    assert rights_of(platform, cast.memberships["jamila"].id) == {}
