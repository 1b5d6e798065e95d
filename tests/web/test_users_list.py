"""The list of people: search, filters, order, pages, export; and the pages about one person that only show."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.accounts import SignInLock, User
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit
from bmms.models.outbox import OutboxMessage
from bmms.tenancy import bind_scope
from tests.factories import make_membership, make_user
from tests.web.answers import csv_rows, words

SCRIPT = "<script>alert('x')</script>"


def names(page) -> list[str]:
    """The people of a list, in its order."""
    return [link.get_text() for link in page.select("#results tbody th a")]


def test_the_list_shows_who_works_here_and_nobody_else(reader):
    page = reader("jamila").get("admin.user_list", org="MOH")
    assert names(page) == ["Yusuf Karim", "Badar Lim", "Amina Salik", "Jamila Usop"]
    assert "4 people" in words(page)
    assert "Ben Cruz" not in page.get_text()


def test_a_list_of_300_people_costs_as_much_as_one_of_four(reader, cast, platform):
    for number in range(300):
        user = make_user(platform, f"person{number:03}", f"Person{number:03}", "Sample")
        make_membership(platform, user, cast.moh, "pilot_planner", position="Statistician", department="Planning")
        platform.add(
            OutboxMessage(kind="welcome", user_id=user.id, organization_id=cast.moh.id, message_id=str(number))
        )
    platform.commit()
    jamila = reader("jamila")  # the reader refuses more than 12 statements and more than 14 KB
    page = jamila.get("admin.user_list", org="MOH")
    assert len(names(page)) == 25
    assert "1 to 25 of 304" in words(page)
    last = jamila.fragment("admin.user_list", "results", org="MOH", page=13)
    assert len(names(last)) == 4
    assert "304 people" in words(reader("sitti").get("platform.user_list", organization="MOH"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "lim"}, ["Badar Lim"]),
        ({"q": "BADAR@example"}, ["Badar Lim"]),
        ({"q": "amina sal"}, ["Amina Salik"]),
        ({"q": "100%"}, []),
        ({"role": "pilot_admin"}, ["Jamila Usop"]),
        ({"role": "pilot_planner"}, ["Badar Lim", "Amina Salik"]),
        ({"role": "no such role"}, ["Yusuf Karim", "Badar Lim", "Amina Salik", "Jamila Usop"]),
        ({"account": "left"}, ["Dan Omar"]),
        ({"account": "inactive"}, ["Yusuf Karim"]),
        ({"account": "deactivated"}, []),
        ({"state": "locked"}, ["Badar Lim"]),
        ({"state": "never"}, ["Badar Lim", "Jamila Usop"]),
        ({"state": "unsent"}, ["Badar Lim"]),
        ({"state": "temporary"}, ["Amina Salik"]),
        ({"place": "department-Planning, Monitoring"}, ["Amina Salik"]),
        ({"place": "unit-x"}, ["Yusuf Karim", "Badar Lim", "Amina Salik", "Jamila Usop"]),
        ({"sort": "-name"}, ["Jamila Usop", "Amina Salik", "Badar Lim", "Yusuf Karim"]),
        ({"sort": "username"}, ["Amina Salik", "Badar Lim", "Jamila Usop", "Yusuf Karim"]),
        ({"sort": "-seen"}, ["Amina Salik", "Yusuf Karim", "Jamila Usop", "Badar Lim"]),
        ({"sort": "password_hash"}, ["Yusuf Karim", "Badar Lim", "Amina Salik", "Jamila Usop"]),
    ],
)
def test_filters_and_order(reader, cast, platform, owner, asked, found):
    jamila = reader("jamila")
    now = clock.now()
    with owner.begin() as connection:
        connection.execute(text("UPDATE users SET last_sign_in_at = NULL"))
        connection.execute(text("UPDATE users SET last_sign_in_at = now() WHERE username = 'amina'"))
        connection.execute(text("UPDATE users SET last_sign_in_at = now() - interval '1 day' WHERE username = 'yusuf'"))
        connection.execute(text("UPDATE users SET status = 'inactive' WHERE username = 'yusuf'"))
        connection.execute(text("UPDATE users SET must_change_password = true WHERE username = 'amina'"))
        connection.execute(
            text("UPDATE memberships SET department = 'Planning, Monitoring' WHERE id = :id"),
            {"id": cast.memberships["amina"].id},
        )
    lock = {"ip": "10.0.0.1", "failures": 5, "last_failure_at": now, "locked_until": now + timedelta(minutes=9)}
    platform.add(SignInLock(login_digest=b"l" * 32, user_id=cast.badar.id, **lock))
    platform.add(OutboxMessage(kind="welcome", user_id=cast.badar.id, message_id="failed", status="failed"))
    platform.commit()
    page = jamila.get("admin.user_list", org="MOH", **asked)
    assert names(page) == found
    fragment = jamila.fragment("admin.user_list", "results", org="MOH", **asked)
    assert names(fragment) == found


def test_a_unit_is_a_filter_and_stands_in_the_row(reader, cast, engine, platform):
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        unit = Unit(name="Field Office Lanao")
        session.add(unit)
        session.commit()
        unit_id = unit.id
    platform.get_one(Membership, cast.memberships["badar"].id).unit_id = unit_id
    platform.commit()
    page = reader("jamila").get("admin.user_list", org="MOH", place=f"unit-{unit_id}")
    assert names(page) == ["Badar Lim"]
    assert "Field Office Lanao" in page.select_one("#results tbody").get_text()
    assert page.select_one(f"#filter-place option[value='unit-{unit_id}'][selected]")


def test_names_are_text_wherever_they_stand(reader, cast, platform):
    user = platform.get_one(User, cast.badar.id)
    user.first_name, user.last_name = SCRIPT, "'); DROP TABLE users; --"
    membership = platform.get_one(Membership, cast.memberships["badar"].id)
    membership.position, membership.department = f"{SCRIPT}p", f"{SCRIPT}d"
    platform.commit()
    jamila = reader("jamila")
    pages = [
        jamila.get("admin.user_list", org="MOH"),
        *(
            jamila.get(f"admin.{view}", org="MOH", membership_id=cast.memberships["badar"].id)
            for view in ("user_show", "user_rights", "user_security", "user_history", "user_edit", "user_deactivate")
        ),
    ]
    for page in pages:
        assert SCRIPT in page.get_text() or page.select(f'input[value="{SCRIPT}"]')
        assert all(script.has_attr("src") for script in page.select("script"))


def test_the_department_head_reads_but_is_offered_no_acts(reader, cast):
    amina = reader("amina")
    page = amina.get("admin.user_list", org="MOH")
    assert "Add a person" not in page.get_text()
    badar = cast.memberships["badar"].id
    page = amina.get("admin.user_show", org="MOH", membership_id=badar)
    assert [tab.get_text() for tab in page.select(".tabs a")] == ["Details", "Roles"]
    for word in ("Edit", "Deactivate", "Change email address"):
        assert word not in page.get_text()
    rights = amina.get("admin.user_rights", org="MOH", membership_id=badar)
    assert "Take away" not in rights.get_text()
    for view in ("user_security", "user_history", "user_edit", "user_deactivate", "right_new"):
        assert amina.browser.get(amina.address(f"admin.{view}", org="MOH", membership_id=badar)).status_code == 403


def test_a_planner_does_not_see_people(reader, cast):
    badar = reader("badar")
    assert badar.browser.get("/moa/MOH/admin/users").status_code == 403


def test_own_memberships_elsewhere_are_not_administered_from_here(reader, cast, platform):
    """Row-level security lets people see their own memberships everywhere; the pages must not."""
    make_membership(platform, cast.jamila, cast.mbhte, "pilot_viewer", primary=False)
    platform.commit()
    elsewhere = cast.memberships["yusuf_mbhte"].id
    jamila = reader("jamila")
    own = platform.query(Membership).filter_by(user_id=cast.jamila.id, organization_id=cast.mbhte.id).one()
    for membership_id in (elsewhere, own.id, 999_999):
        jamila.get("admin.user_show", status=404, org="MOH", membership_id=membership_id)


def test_show_says_who_where_and_since_when(reader, cast, platform):
    user = platform.get_one(User, cast.badar.id)
    user.created_by = cast.jamila.id
    platform.commit()
    page = reader("jamila").get("admin.user_show", org="MOH", membership_id=cast.memberships["badar"].id)
    facts = dict(
        zip((dt.get_text() for dt in page.select("dt")), (dd.get_text() for dd in page.select("dd")), strict=True)
    )
    assert facts["Email"] == "badar@example.gov.ph"
    assert facts["Roles"] == "Planning Officer"
    assert facts["Made"].endswith("by Jamila Usop")
    assert facts["Last sign-in"] == "never"


def test_who_also_works_elsewhere_is_marked_and_offered_only_what_is_allowed(reader, cast):
    yusuf = cast.memberships["yusuf"].id
    jamila = reader("jamila")
    page = jamila.get("admin.user_show", org="MOH", membership_id=yusuf)
    assert "Also works elsewhere" in page.get_text()
    assert "End the membership" in page.get_text()
    for word in ("Deactivate", "Make inactive", "Change email address"):
        assert word not in page.get_text()
    edit = jamila.get("admin.user_edit", org="MOH", membership_id=yusuf)
    assert edit.select_one("#position")
    assert not edit.select_one("#first_name")
    security = jamila.get("admin.user_security", org="MOH", membership_id=yusuf)
    assert "New temporary password" not in security.get_text()


def test_history_tells_what_was_done_in_words(reader, cast):
    jamila = reader("jamila")
    badar = cast.memberships["badar"].id
    jamila.post("admin.user_inactivate", {"reason": "Study leave"}, org="MOH", membership_id=badar)
    page = jamila.get("admin.user_history", org="MOH", membership_id=badar)
    assert "made the account inactive" in page.get_text()
    assert "Study leave" in page.get_text()
    assert page.select_one(".log a")["href"].startswith("/moa/MOH/admin/audit/")
    jamila.fragment("admin.user_history", "results", org="MOH", membership_id=badar)


# export


def test_export_holds_the_people_found_neutral_and_recorded(reader, cast, platform, owner):
    user = platform.get_one(User, cast.badar.id)
    user.first_name, user.phone = "=cmd|' /C calc'!A0", "+639171234567"
    platform.commit()
    jamila = reader("jamila")
    answer = jamila.post("admin.user_export", {"role": "pilot_planner", "sort": "username"}, org="MOH")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    heading, amina, badar = csv_rows(answer)
    assert heading[:5] == ["Organization", "Last name", "First name", "Username", "Email"]
    assert (amina[3], badar[2]) == ("amina", "'=cmd|' /C calc'!A0")
    assert badar[heading.index("Phone")] == "+639171234567"
    with owner.connect() as connection:
        found = connection.execute(text("SELECT actor_id, note FROM audit_events WHERE action = 'users:export'")).one()
    assert tuple(found) == (cast.jamila.id, "2 of 2 people")


def test_export_asks_for_the_password_again(reader, owner):
    jamila = reader("jamila")
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET password_shown_at = now() - interval '6 minutes'"))
    answer = jamila.post("admin.user_export", {"q": "lim"}, org="MOH")
    assert answer.status_code == 403
    assert "Your password again" in answer.get_data(as_text=True)
    assert 'name="q" value="lim"' in answer.get_data(as_text=True)


# ways to the list


def test_my_work_search_and_overviews_lead_here(reader, cast):
    jamila = reader("jamila")
    targets = {link["href"] for link in jamila.get("workplace.my_work", org="MOH").select("main a")}
    assert "/moa/MOH/admin/users?state=never" in targets
    assert "/moa/MOH/admin/users?role=pilot_admin" in targets
    found = jamila.get("workplace.search_results", org="MOH", q="badar").select_one("#results a")
    assert found["href"] == f"/moa/MOH/admin/users/{cast.memberships['badar'].id}"
    cards = {card["href"] for card in jamila.get("admin.overview", org="MOH").select("a.card")}
    assert {"/moa/MOH/admin/users", "/moa/MOH/admin/users/import"} <= cards
    assert "/moa/MOH/admin/users/import" not in str(reader("amina").get("admin.overview", org="MOH"))
    sitti = reader("sitti").get("platform.overview")
    assert {"/admin/users", "/admin/users/import"} <= {card["href"] for card in sitti.select("a.card")}
    assert sitti.select_one("nav a[href='/admin/users']")


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "a\0b"},
        {"place": "department-\0"},
        {"place": "unit-99999999999999999999"},
        {"page": "x"},
        {"page": "9" * 20},
    ],
)
def test_nonsense_in_the_address_finds_nothing_and_breaks_nothing(reader, asked):
    reader("jamila").get("admin.user_list", org="MOH", **asked)
    reader("sitti").get("platform.user_list", organization="\0", **asked)
