"""A new account, and what is known about somebody: forms that keep what was typed and name what is wrong."""

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bmms.config import Limits
from bmms.models.accounts import User
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit
from bmms.tenancy import bind_scope
from tests.client import Reader
from tests.conftest import MANY, running
from tests.web.answers import errors, hidden, summary

NEW = {
    "first_name": "Nora",
    "last_name": "Pendatun",
    "email": "Nora.Pendatun@MOH.gov.ph",
    "username": "",
    "role": "pilot_budget_officer",
    "position": "Budget Officer II",
    "department": "",
    "phone": "0917 123 4567",
    "hand_over": "mail",
}


def count(owner: Engine, query: str) -> int:
    """The one number that a query gives."""
    with owner.connect() as connection:
        return connection.execute(text(query)).scalar_one()


@pytest.mark.parametrize("htmx", [False, True])
def test_a_new_person_by_mail(reader, cast, platform, owner, htmx):
    answer = reader("jamila").post("admin.user_new", NEW, htmx=htmx, org="MOH")
    user = platform.query(User).filter_by(username="nora.pendatun").one()
    membership = platform.query(Membership).filter_by(user_id=user.id).one()
    target = f"/moa/MOH/admin/users/{membership.id}"
    got = (answer.status_code, answer.headers.get("HX-Redirect") if htmx else answer.location)
    assert got == ((204, target) if htmx else (303, target))
    assert (user.email, user.phone, user.must_change_password) == ("nora.pendatun@moh.gov.ph", "+639171234567", True)
    assert (membership.position, membership.organization_id) == ("Budget Officer II", cast.moh.id)
    assert count(owner, "SELECT count(*) FROM outbox WHERE kind = 'welcome'") == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_a_new_person_whose_password_is_shown_once(app, reader, owner, htmx):
    jamila = reader("jamila")
    answer = jamila.post("admin.user_new", {**NEW, "hand_over": "show"}, htmx=htmx, org="MOH")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    soup = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    password = soup.select_one("code").get_text()
    assert len(password) == 16
    assert soup.select_one("#form [data-focus]")
    assert count(owner, "SELECT count(*) FROM outbox") == 0
    nora = Reader(app)
    assert nora.sign_in("nora.pendatun", password).status_code == 303
    assert nora.browser.get("/").location == "/account/password"
    again = jamila.post("admin.user_new", {**NEW, "hand_over": "show"}, org="MOH")
    assert errors(again) == {"email": "Email 'nora.pendatun@moh.gov.ph' is already registered."}


BAD = [
    ({"first_name": " "}, "first_name", "First name is required."),
    ({"last_name": ""}, "last_name", "Last name is required."),
    ({"email": ""}, "email", "Email is required."),
    ({"email": "nora@moh,gov"}, "email", "'nora@moh,gov' is not a valid email address."),
    ({"email": "Badar@example.gov.ph"}, "email", "Email 'badar@example.gov.ph' is already registered."),
    ({"email": "ben@example.gov.ph"}, "email", "Email 'ben@example.gov.ph' is already registered."),
    ({"username": "BADAR"}, "username", "Username 'badar' is already taken."),
    ({"username": "a b"}, "username", "Username may contain only letters"),
    ({"role": ""}, "role-0", None),
    ({"role": "superadmin"}, "role", "Not a valid choice"),
    ({"phone": "12"}, "phone", "Phone must be +63 followed by 10 digits, e.g. +639171234567."),
    ({"position": "x" * 201}, "position", "Position is too long (max 200)."),
    ({"hand_over": ""}, "hand_over", "Say how the password reaches the person."),
]


@pytest.mark.parametrize(("wrong", "field", "message"), BAD)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(reader, owner, wrong, field, message, htmx):
    before = count(owner, "SELECT count(*) FROM users")
    data = {**NEW, **wrong}
    answer = reader("jamila").post("admin.user_new", data, htmx=htmx, org="MOH")
    assert answer.status_code == 422
    said = errors(answer)
    found = said.get(field) or said["role"]
    assert found.startswith(message or "Choose a role."), said
    assert "1 answer" in summary(answer) or "one answer" in summary(answer)
    soup = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    kept = {box["name"]: box.get("value", "") for box in soup.select("#form input:not([type=radio], [type=hidden])")}
    typed = {name: value for name, value in data.items() if name in kept}
    assert {name: value.strip() for name, value in kept.items()} == {n: v.strip() for n, v in typed.items()}
    if data["role"].startswith("pilot"):
        assert soup.select_one(f"input[value={data['role']}][checked]")
    assert count(owner, "SELECT count(*) FROM users") == before


def test_a_second_person_who_is_wrong_in_several_ways_hears_all_at_once(reader):
    wrong = {**NEW, "first_name": "", "email": "nowhere", "username": "badar", "phone": "1"}
    answer = reader("jamila").post("admin.user_new", wrong, org="MOH")
    assert set(errors(answer)) >= {"first_name"}
    wrong["first_name"] = "Nora"
    assert set(errors(reader("jamila").post("admin.user_new", wrong, org="MOH"))) == {"email", "username", "phone"}


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "badar@example.gov.ph", "already registered"),
        ("username", "badar", "already taken"),
        ("phone", "12345", "+63 followed by 10 digits"),
        ("first_name", "", "First name is required."),
        ("email", "nora@moh.gov.ph", ""),
    ],
)
def test_a_field_is_checked_when_it_changes(reader, owner, field, value, says):
    jamila = reader("jamila")
    answer = jamila.post(f"/moa/MOH/admin/users/new?check={field}", {**NEW, field: value}, htmx=True)
    assert answer.status_code == 200
    slot = BeautifulSoup(answer.get_data(as_text=True), "html.parser").select_one(f"#{field}-error")
    assert says in slot.get_text()
    assert bool(slot.get_text()) == bool(says)
    assert count(owner, "SELECT count(*) FROM users WHERE first_name = 'Nora'") == 0


def test_seats_are_counted(config, cast):
    with running(replace(config, pilot=replace(config.pilot, max_users=4))) as small:
        answer = Reader(small, "jamila").post("admin.user_new", NEW, org="MOH")
    assert answer.status_code == 422
    assert "MOH already has 4 of 4 allowed pilot users." in summary(answer)


def test_seats_that_run_out_are_told_before_they_are_gone(config, cast):
    with running(replace(config, pilot=replace(config.pilot, max_users=5))) as small:
        jamila = Reader(small, "jamila")
        assert "MOH has 4 of 5 allowed pilot users." in jamila.get("admin.overview", org="MOH").get_text()
        assert "allowed pilot users" not in Reader(small, "amina").get("admin.overview", org="MOH").get_text()
        assert jamila.post("admin.user_new", NEW, org="MOH").status_code == 303
        assert "MOH will have 5 of 5 allowed pilot users." in jamila.get("admin.overview", org="MOH").get_text()
    with running(replace(config, pilot=replace(config.pilot, max_users=7))) as roomy:
        assert "allowed" not in Reader(roomy, "jamila").get("admin.overview", org="MOH").get_text()


def test_thirty_new_people_an_hour(config, cast):
    with running(replace(config, limits=Limits(*([MANY] * 6), "2 per hour"))) as slow:
        jamila = Reader(slow, "jamila")
        for number in range(2):
            answer = jamila.post("admin.user_new", {**NEW, "email": f"nora{number}@moh.gov.ph"}, org="MOH")
            assert answer.status_code == 303
        answer = jamila.post("admin.user_new", {**NEW, "email": "nora3@moh.gov.ph"}, org="MOH")
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 3000


def test_a_department_head_adds_nobody(reader):
    assert reader("amina").post("admin.user_new", NEW, org="MOH").status_code == 403


# edit


def test_details_are_changed_and_recorded(reader, cast, engine, platform, owner):
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        session.add_all([Unit(name="Planning Division"), Unit(name="Closed Division", is_active=False)])
        session.commit()
    jamila, badar = reader("jamila"), cast.memberships["badar"].id
    page = jamila.get("admin.user_edit", org="MOH", membership_id=badar)
    units = {option.get_text(): option["value"] for option in page.select("#unit option")}
    assert set(units) == {"none", "Planning Division"}
    data = {
        **hidden(page), "first_name": "Badar", "last_name": "Lim-Cruz", "phone": "+63 917 555 0000",
        "position": "Planning Officer III", "department": "Planning", "unit": units["Planning Division"],
    }  # fmt: skip
    answer = jamila.post("admin.user_edit", data, org="MOH", membership_id=badar)
    assert (answer.status_code, answer.location) == (303, f"/moa/MOH/admin/users/{badar}")
    user, membership = platform.get_one(User, cast.badar.id), platform.get_one(Membership, badar)
    assert (user.last_name, user.phone) == ("Lim-Cruz", "+639175550000")
    assert (membership.position, str(membership.unit_id)) == ("Planning Officer III", units["Planning Division"])
    with owner.connect() as connection:
        acts = (
            connection.execute(text("SELECT action FROM audit_events WHERE right(action, 6) = 'change' ORDER BY id"))
            .scalars()
            .all()
        )
    assert acts == ["users:change", "memberships:change"]


def test_wrong_details_stand_at_their_fields_all_at_once(reader, cast):
    jamila, badar = reader("jamila"), cast.memberships["badar"].id
    fields = hidden(jamila.get("admin.user_edit", org="MOH", membership_id=badar))
    data = {
        **fields,
        "first_name": "B",
        "last_name": "L",
        "phone": "7",
        "position": "Head\x07",
        "department": "",
        "unit": "",
    }
    answer = jamila.post("admin.user_edit", data, org="MOH", membership_id=badar)
    assert answer.status_code == 422
    said = errors(answer)
    assert "+63 followed by 10 digits" in said["phone"]
    assert "invisible sign" in said["position"]
    assert 'value="7"' in answer.get_data(as_text=True)
    data = {**data, "phone": "", "position": "", "unit": "999999"}
    assert "unit" in errors(jamila.post("admin.user_edit", data, org="MOH", membership_id=badar))


def test_the_second_of_two_who_save_is_told(reader, cast, platform):
    jamila, badar = reader("jamila"), cast.memberships["badar"].id
    fields = hidden(jamila.get("admin.user_edit", org="MOH", membership_id=badar))
    platform.get_one(User, cast.badar.id).phone = "+639170000001"
    platform.commit()
    data = {
        **fields,
        "first_name": "Mine",
        "last_name": "Lim",
        "phone": "",
        "position": "",
        "department": "",
        "unit": "",
    }
    answer = jamila.post("admin.user_edit", data, org="MOH", membership_id=badar)
    assert answer.status_code == 422
    assert "Somebody else changed badar meanwhile" in summary(answer)
    assert 'value="Mine"' in answer.get_data(as_text=True)


def test_who_works_elsewhere_too_keeps_name_and_phone(reader, cast, platform):
    jamila, yusuf = reader("jamila"), cast.memberships["yusuf"].id
    fields = hidden(jamila.get("admin.user_edit", org="MOH", membership_id=yusuf))
    data = {
        **fields,
        "first_name": "Other",
        "last_name": "Name",
        "phone": "",
        "position": "Liaison",
        "department": "",
        "unit": "",
    }
    assert jamila.post("admin.user_edit", data, org="MOH", membership_id=yusuf).status_code == 303
    platform.expire_all()
    assert platform.get_one(User, cast.yusuf.id).first_name == "Yusuf"
    assert platform.get_one(Membership, yusuf).position == "Liaison"


# email


def test_the_page_warns_first_that_the_sign_in_changes(app, reader, cast):
    jamila, badar = reader("jamila"), cast.memberships["badar"].id
    page = jamila.get("admin.user_email", org="MOH", membership_id=badar)
    assert "This changes the sign-in" in page.select_one(".note").get_text()
    answer = jamila.post("admin.user_email", {"email": "B.Lim@moh.gov.ph"}, org="MOH", membership_id=badar)
    assert answer.status_code == 303
    assert "from now on it is b.lim@moh.gov.ph" in jamila.browser.get(answer.location).get_data(as_text=True)
    assert Reader(app).sign_in("badar@example.gov.ph").status_code == 422
    assert Reader(app).sign_in("b.lim@moh.gov.ph").status_code == 303


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "Email is required."),
        ("b.lim", "'b.lim' is not a valid email address."),
        ("ben@example.gov.ph", "Email 'ben@example.gov.ph' is already registered."),
    ],
)
def test_a_wrong_address_is_refused_at_the_field(reader, cast, address, says):
    answer = reader("jamila").post(
        "admin.user_email", {"email": address}, org="MOH", membership_id=cast.memberships["badar"].id
    )
    assert (answer.status_code, errors(answer)) == (422, {"email": says})


def test_the_address_of_somebody_who_works_elsewhere_too_stays(reader, cast, platform):
    answer = reader("jamila").post(
        "admin.user_email", {"email": "new@moh.gov.ph"}, org="MOH", membership_id=cast.memberships["yusuf"].id
    )
    assert answer.status_code == 422
    assert re.search("Yusuf Karim also works elsewhere", summary(answer))
    assert platform.get_one(User, cast.yusuf.id).email == "yusuf@example.gov.ph"
