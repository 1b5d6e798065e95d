"""The platform's people: all organizations, memberships, central roles. For superadmins alone."""

import pytest
from sqlalchemy import text

from bmms.models.accounts import CentralRole, User
from bmms.models.memberships import Membership
from tests.client import Reader
from tests.factories import make_organization
from tests.web.answers import csv_rows, errors, hidden, summary
from tests.web.test_users_list import names
from tests.web.test_users_new import NEW

ALL = [
    "Ben Cruz",
    "Yusuf Karim",
    "Badar Lim",
    "Sitti Musa",
    "Dan Omar",
    "Carla Reyes",
    "Amina Salik",
    "Bai Santos",
    "Jamila Usop",
]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ALL),
        ({"organization": "MBHTE"}, ["Ben Cruz", "Yusuf Karim", "Bai Santos"]),
        ({"organization": "mbhte", "role": "pilot_admin"}, ["Bai Santos"]),
        ({"organization": "NONE"}, []),
        ({"role": "superadmin"}, ["Sitti Musa"]),
        ({"role": "pilot_viewer"}, ["Yusuf Karim"]),
        ({"account": "left"}, ["Dan Omar"]),
        ({"q": "carla"}, ["Carla Reyes"]),
    ],
)
def test_the_list_over_all_organizations(reader, asked, found):
    assert names(reader("sitti").get("platform.user_list", **asked)) == found


def test_rows_tell_organizations_and_central_roles(reader):
    page = reader("sitti").get("platform.user_list")
    rows = {row.select_one("a").get_text(): row.get_text(" ") for row in page.select("tbody tr")}
    assert "MOH: Viewer" in rows["Yusuf Karim"]
    assert "MBHTE: Viewer" in rows["Yusuf Karim"]
    assert "Platform administrator" in rows["Sitti Musa"]
    assert "MOH: ended" in rows["Dan Omar"]


@pytest.mark.parametrize("name", ["jamila", "carla", "ben", "dan"])
def test_nobody_else_comes_in(app, reader, cast, name):
    """Whatever the route and method: an administrator of one organization is nobody here."""
    person = reader(name)
    token = person.token()
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("platform.") and "/users" in rule.rule
    ]
    assert len(rules) > 15
    ids = {"user_id": cast.badar.id, "membership_id": cast.memberships["badar"].id, "role": "superadmin"}
    for rule in rules:
        values = {name: ids[name] for name in rule.arguments if name in ids}
        if rule.arguments - values.keys():
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            data = {"csrf_token": token} if method == "POST" else None
            answer = person.browser.open(person.address(rule.endpoint, **values), method=method, data=data)
            assert answer.status_code == 403, f"{method} {rule}"


def test_export_over_organizations(reader):
    _, *people = csv_rows(reader("sitti").post("platform.user_export", {"organization": "MBHTE"}))
    assert [row[3] for row in people] == ["ben", "yusuf", "bai"]
    assert people[1][0] == "MOH; MBHTE"


def test_a_new_person_in_a_chosen_organization(reader, cast, platform):
    sitti = reader("sitti")
    answer = sitti.post("platform.user_new", {**NEW, "organization": "MBHTE"})
    user = platform.query(User).filter_by(username="nora.pendatun").one()
    assert (answer.status_code, answer.location) == (303, f"/admin/users/{user.id}")
    assert platform.query(Membership).filter_by(user_id=user.id).one().organization_id == cast.mbhte.id
    without = sitti.post("platform.user_new", {**NEW, "email": "b@moh.gov.ph", "organization": ""})
    assert errors(without) == {"organization": "Choose an organization."}


def test_the_platform_changes_the_account_that_two_organizations_share(app, reader, cast, platform):
    sitti, yusuf = reader("sitti"), cast.yusuf.id
    page = sitti.get("platform.user_edit", user_id=yusuf)
    fields = {**hidden(page), "first_name": "Joseph", "last_name": "Karim", "phone": ""}
    assert sitti.post("platform.user_edit", fields, user_id=yusuf).status_code == 303
    assert sitti.post("platform.user_email", {"email": "j.karim@moh.gov.ph"}, user_id=yusuf).status_code == 303
    platform.expire_all()
    assert platform.get_one(User, yusuf).full_name == "Joseph Karim"
    assert Reader(app).sign_in("j.karim@moh.gov.ph").status_code == 303


# memberships


def test_a_membership_in_another_organization(reader, cast, platform):
    badar, sitti = reader("badar"), reader("sitti")
    assert badar.browser.get("/moa/MBHTE/").status_code == 404
    fields = {"organization": "MBHTE", "role": "pilot_viewer", "reason": "Liaison"}
    assert sitti.post("platform.membership_new", fields, user_id=cast.badar.id).status_code == 303
    assert badar.browser.get("/moa/MBHTE/").status_code == 200
    made = platform.query(Membership).filter_by(user_id=cast.badar.id, organization_id=cast.mbhte.id).one()
    assert not made.is_primary
    first = sitti.post("platform.membership_primary", user_id=cast.badar.id, membership_id=made.id)
    assert first.status_code == 303
    assert badar.browser.get("/").location == "/moa/MBHTE/"
    end = {"reason": "Over", "hand_over": "nobody"}
    answer = sitti.post("platform.membership_end", end, user_id=cast.badar.id, membership_id=made.id)
    assert answer.status_code == 303
    assert badar.browser.get("/moa/MBHTE/").status_code == 404
    again = sitti.post("platform.membership_primary", user_id=cast.badar.id, membership_id=made.id)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"organization": "", "role": "pilot_viewer"}, "organization", "Choose an organization."),
        ({"organization": "OOBC", "role": "pilot_viewer"}, "organization", "Not a valid choice."),
        ({"organization": "MBHTE", "role": ""}, "role", "Choose a role."),
        ({"organization": "MBHTE", "role": "superadmin"}, "role", "Not a valid choice."),
    ],
)
def test_a_wrong_membership_is_refused_at_its_field(reader, cast, platform, fields, field, says):
    make_organization(platform, "OOBC", is_active=False)
    platform.commit()
    answer = reader("sitti").post("platform.membership_new", fields, user_id=cast.badar.id)
    assert (answer.status_code, errors(answer)) == (422, {field: says})


def test_a_membership_of_somebody_else_is_not_found(reader, cast):
    sitti = reader("sitti")
    for view in ("membership_end", "membership_primary"):
        other = {"user_id": cast.badar.id, "membership_id": cast.memberships["ben"].id}
        assert sitti.post(f"platform.{view}", {"reason": "x", "hand_over": "nobody"}, **other).status_code == 404
    sitti.get("platform.user_show", status=404, user_id=999_999)


# central roles


def test_a_central_role_opens_and_closes_its_pages_at_the_next_request(app, reader, cast, platform, owner):
    sitti, ben = reader("sitti"), reader("ben")
    assert ben.browser.get("/admin/users").status_code == 403
    fields = {"role": "superadmin", "note": "Order 5"}
    assert sitti.post("platform.central_new", fields, user_id=cast.ben.id).status_code == 303
    assert ben.browser.get("/admin/users").status_code == 200
    shown = sitti.get("platform.user_memberships", user_id=cast.ben.id)
    assert "Order 5" in shown.get_text()
    assert sitti.post("platform.central_end", user_id=cast.ben.id, role="superadmin").status_code == 303
    assert ben.browser.get("/admin/users").status_code == 403
    with owner.connect() as connection:
        acts = text("SELECT action FROM audit_events WHERE action LIKE 'central_roles%' ORDER BY id")
        assert connection.execute(acts).scalars().all() == ["central_roles:give", "central_roles:end"]


def test_oversight_is_not_for_staff_of_an_moa(reader, cast, platform):
    answer = reader("sitti").post("platform.central_new", {"role": "ocm_viewer"}, user_id=cast.badar.id)
    assert (answer.status_code, errors(answer)) == (
        422,
        {"role": "ocm_viewer is for people of OCM; badar works in MOH."},
    )
    assert platform.query(CentralRole).filter_by(user_id=cast.badar.id).count() == 0


def test_the_own_central_roles_stay(reader, cast, platform):
    sitti, own = reader("sitti"), cast.sitti.id
    page = sitti.get("platform.user_memberships", user_id=own)
    assert "Nobody changes their own roles." in page.get_text()
    assert not page.select("main a[href*=central-roles], main form")
    for view, values in (("central_new", {}), ("central_end", {"role": "superadmin"})):
        answer = sitti.post(f"platform.{view}", {"role": "developer"}, user_id=own, **values)
        assert answer.status_code == 422, view
        assert "Nobody changes their own roles" in summary(answer)
    assert [held.role for held in platform.query(CentralRole).filter_by(user_id=own, is_active=True)] == ["superadmin"]


@pytest.mark.parametrize(
    ("view", "values"),
    [
        ("membership_new", {}),
        ("central_new", {}),
        ("central_end", {"role": "ocm_viewer"}),
        ("user_password", {}),
        ("user_export", None),
    ],
)
def test_grave_acts_ask_for_the_password_again(reader, cast, owner, view, values):
    sitti = reader("sitti")
    with owner.begin() as connection:
        connection.execute(text("UPDATE user_sessions SET password_shown_at = now() - interval '6 minutes'"))
    where = {} if values is None else {"user_id": cast.carla.id, **values}
    assert "Your password again" in sitti.post(f"platform.{view}", **where).get_data(as_text=True)


def test_deactivation_ends_everything_everywhere(app, reader, cast, platform):
    yusuf, sitti = reader("yusuf"), reader("sitti")
    fields = {"reason": "Retired", "hand_over": "successor", "successor": "amina"}
    assert sitti.post("platform.user_deactivate", fields, user_id=cast.yusuf.id).status_code == 303
    assert yusuf.browser.get("/moa/MBHTE/").status_code == 303
    assert Reader(app).sign_in("yusuf").status_code == 422
    assert {one.is_active for one in platform.query(Membership).filter_by(user_id=cast.yusuf.id)} == {False}
    stranger = {**fields, "successor": "ben"}
    answer = sitti.post("platform.user_deactivate", stranger, user_id=cast.badar.id)
    assert errors(answer) == {"successor": "ben does not work in the same organization."}
