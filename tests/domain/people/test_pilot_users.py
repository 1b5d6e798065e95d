"""Making accounts: what the client named, and what happens to each field, name, password, record and mail."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bmms.domain import clock
from bmms.domain.accounts import credentials, passwords
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.people import (
    assign_to_organization,
    bulk_create_users,
    create_pilot_user,
    generate_welcome_email,
    import_users_from_csv,
    set_temporary_password,
    validate_user_data,
)
from bmms.domain.people.checking import Demands
from bmms.domain.people.problems import Problem
from bmms.models.accounts import PendingCredential, User, UserSession
from bmms.models.audit import AuditEvent
from bmms.models.memberships import Membership, MembershipRight
from bmms.models.organizations import Organization
from bmms.models.outbox import OutboxMessage
from tests.domain.people.conftest import data, installation

PILOT = Demands(names=False, username=True, pilot=True)


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model))


def actions(session) -> list[str]:
    return list(
        session.scalars(select(AuditEvent.action).where(AuditEvent.subject_label != "").order_by(AuditEvent.id))
    )


def test_create_pilot_user(session, operator):
    before = clock.now()
    new = create_pilot_user(
        session, operator,
        data("jdoe", email=" JDoe@MOH.gov.ph ", phone="0917-123 4567", position="Planner III", role="planner"),
        demands=PILOT, send_email=True,
    )  # fmt: skip
    user = session.get_one(User, new.user_id)
    membership = session.get_one(Membership, new.membership_id)
    right = session.scalars(select(MembershipRight)).one()
    assert (user.username, user.email, user.phone, user.full_name) == (
        "jdoe", "jdoe@moh.gov.ph", "+639171234567", "Amina Salik",
    )  # fmt: skip
    assert (user.must_change_password, user.status, user.is_demo, user.created_by) == (True, "active", False, None)
    assert before + timedelta(days=14) <= user.temporary_until <= clock.now() + timedelta(days=14)
    assert (membership.is_primary, membership.is_active, membership.position) == (True, True, "Planner III")
    assert (right.membership_id, right.code, right.starts_on, right.ends_on) == (
        membership.id, "pilot_planner", None, None,
    )  # fmt: skip
    assert len(new.password) == 16
    assert passwords.matches(user.password_hash, new.password)
    assert credentials.waiting_password(session, user.id) == new.password
    mail = session.scalars(select(OutboxMessage)).one()
    assert (mail.kind, mail.user_id, mail.organization_id) == ("welcome", user.id, membership.organization_id)
    assert new.password not in str(mail.arguments)
    assert actions(session)[-3:] == ["users:create", "memberships:create", "membership_rights:change"]


def test_an_unknown_role_leaves_nothing_behind(session, operator):
    with pytest.raises(RuleBroken) as refused:
        create_pilot_user(session, operator, data("jdoe", role="king"), demands=PILOT)
    assert refused.value.fields == {
        "role": "Unknown role 'king'. Valid roles: pilot_admin, pilot_approver, pilot_budget_officer, "
        "pilot_coordinator, pilot_me_officer, pilot_planner, pilot_viewer."
    }
    assert [count(session, model) for model in (User, Membership, MembershipRight, PendingCredential)] == [0, 0, 0, 0]


def test_all_problems_are_told_together(session, operator):
    wrong = data("x", email="nowhere", organization="XYZ", role="", phone="12", first_name="", last_name="")
    with pytest.raises(RuleBroken) as refused:
        create_pilot_user(session, operator, wrong, demands=Demands(username=True, pilot=True))
    assert refused.value.fields == {
        "first_name": "First name is required.",
        "last_name": "Last name is required.",
        "role": "Role is required.",
        "username": "Username may contain only letters, digits, dot, underscore and hyphen (3-150 characters).",
        "email": "'nowhere' is not a valid email address.",
        "phone": "Phone must be +63 followed by 10 digits, e.g. +639171234567.",
        "organization": "Organization 'XYZ' not found. Run load_pilot_moas first.",
    }


def test_an_explicit_password_follows_the_policy_and_is_still_temporary(session, operator):
    with pytest.raises(RuleBroken) as refused:
        create_pilot_user(session, operator, data("jdoe", password="short"), demands=PILOT)
    assert refused.value.fields["password"] == (
        "Use 12 characters or more; this has 5. Add an upper-case letter. Add a digit. "
        "Add a sign that is neither letter nor digit."
    )
    new = create_pilot_user(session, operator, data("jdoe", password="Boat-under-7-stars"), demands=PILOT)
    user = session.get_one(User, new.user_id)
    assert new.password == "Boat-under-7-stars"
    assert user.must_change_password
    assert "m=65536" in user.password_hash  # a chosen password has the full profile


def test_validate_user_data(session, operator, person):
    assert validate_user_data(session, operator, data("jdoe")) == []
    person("jdoe")
    assert validate_user_data(session, operator, data("JDOE", email="JDOE@moh.gov.ph")) == [
        Problem("email", "Email 'jdoe@moh.gov.ph' is already registered."),
        Problem("username", "Username 'jdoe' is already taken."),
    ]
    assert count(session, User) == 1


USERNAME_RULE = "Username may contain only letters, digits, dot, underscore and hyphen (3-150 characters)."
BAD_FIELDS = [
    ({"username": ""}, "username", "Username is required."),
    ({"username": "ab"}, "username", USERNAME_RULE),
    ({"username": "j doe"}, "username", USERNAME_RULE),
    ({"username": ".jdoe"}, "username", USERNAME_RULE),
    ({"username": "jdöe"}, "username", USERNAME_RULE),
    ({"username": "x" * 151}, "username", USERNAME_RULE),
    ({"email": ""}, "email", "Email is required."),
    ({"email": "   "}, "email", "Email is required."),
    ({"email": "amina@"}, "email", "'amina@' is not a valid email address."),
    ({"email": "amina@moh,example"}, "email", "'amina@moh,example' is not a valid email address."),
    ({"email": "åmina@moh.gov.ph"}, "email", "'åmina@moh.gov.ph' is not a valid email address."),
    ({"email": f"{'a' * 250}@moh.gov.ph"}, "email", "is not a valid email address."),
    ({"first_name": ""}, "first_name", "First name is required."),
    ({"last_name": " "}, "last_name", "Last name is required."),
    ({"first_name": "x" * 151}, "first_name", "First name is too long (max 150)."),
    ({"last_name": "Sa\x00lik"}, "last_name", "Last name contains a line break or another invisible sign."),
    ({"last_name": "Sa\nlik"}, "last_name", "Last name contains a line break or another invisible sign."),
    ({"first_name": "\udcff"}, "first_name", "First name contains a line break or another invisible sign."),
    ({"first_name": "a\u202eb"}, "first_name", "First name contains a line break or another invisible sign."),
    ({"first_name": "Amina\u200b"}, "first_name", "First name contains a line break or another invisible sign."),
    ({"organization": ""}, "organization", "Organization is required."),
    ({"organization": "XYZ"}, "organization", "Organization 'XYZ' not found. Run load_pilot_moas first."),
    ({"organization": "\x00"}, "organization", "Organization contains a line break or another invisible sign."),
    ({"organization": "oobc"}, "organization", "Organization 'OOBC' is not active."),
    ({"organization": "menre"}, "organization", "Organization 'MENRE' is not a pilot organization."),
    ({"role": ""}, "role", "Role is required."),
    ({"role": "finance clerk"}, "role", "Unknown role 'finance clerk'. Valid roles: pilot_admin, pilot_approver, "),
    ({"role": "ocm_viewer"}, "role", "Unknown role 'ocm_viewer'. Valid roles: "),
    ({"phone": "12345"}, "phone", "Phone must be +63 followed by 10 digits, e.g. +639171234567."),
    ({"phone": "+6391712345678"}, "phone", "Phone must be +63"),
    ({"phone": "٠٩١٧١٢٣٤٥٦٧"}, "phone", "Phone must be +63"),
    ({"department": "x" * 201}, "department", "Department is too long (max 200)."),
    ({"position": "x" * 201}, "position", "Position is too long (max 200)."),
    ({"password": "password1234"}, "password", "Add an upper-case letter. Add a sign that is neither letter nor"),
    ({"password": "Jdoe-2026-Jdoe!"}, "password", "Do not use your name, username or email in it."),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "field", "message"), BAD_FIELDS)
def test_each_bad_field_has_its_message(session, operator, wrong, field, message):
    found = validate_user_data(session, operator, data("jdoe") | wrong, Demands(username=True, pilot=True))
    assert [problem.field for problem in found] == [field]
    assert message in str(found[0])


GOOD_FIELDS = [
    ({"username": "J.Doe-1_x"}, "username", "j.doe-1_x"),
    ({"email": "  AMINA@MOH.GOV.PH"}, "email", "amina@moh.gov.ph"),
    ({"first_name": "  Amina   Bai "}, "first_name", "Amina Bai"),
    ({"last_name": "Dela Cruz-Ñuñez"}, "last_name", "Dela Cruz-Ñuñez"),
    ({"last_name": "سليك"}, "last_name", "سليك"),
    ({"phone": "(0917) 123.45-67"}, "phone", "+639171234567"),
    ({"phone": "+63 917 123 4567"}, "phone", "+639171234567"),
    ({"phone": ""}, "phone", ""),
    ({"first_name": "=2+5"}, "first_name", "=2+5"),
]


@pytest.mark.parametrize(("typed", "field", "stored"), GOOD_FIELDS)
def test_each_good_field_is_stored_in_its_clean_form(session, operator, typed, field, stored):
    new = create_pilot_user(session, operator, data("jdoe") | typed, demands=PILOT)
    assert getattr(session.get_one(User, new.user_id), field) == stored


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("planner", "pilot_planner"),
        ("PILOT_PLANNER", "pilot_planner"),
        ("Planning Officer", "pilot_planner"),
        ("m&e officer", "pilot_me_officer"),
        ("coordination-officer", "pilot_coordinator"),
        ("department_head", "pilot_approver"),
        ("staff", "pilot_viewer"),
        ("moa_admin", "pilot_admin"),
        ("budget_officer", "pilot_budget_officer"),
    ],
)
def test_roles_are_known_under_their_other_names(session, operator, typed, role):
    assert create_pilot_user(session, operator, data("jdoe", role=typed), demands=PILOT).role == role


def test_an_address_outside_the_government_is_a_warning(session, operator):
    new = create_pilot_user(session, operator, data("jdoe", email="jdoe@example.org"), demands=PILOT)
    assert new.warnings == ("jdoe@example.org: not a .gov.ph address.",)


def test_a_role_whose_module_is_off_is_a_warning(session, operator):
    session.scalars(select(Organization).where(Organization.code == "MOH")).one().enable_budgeting = False
    new = create_pilot_user(session, operator, data("jdoe", role="budget_officer"), demands=PILOT)
    assert new.warnings == ("pilot_budget_officer: the module budgeting is switched off in MOH.",)


def test_a_known_address_elsewhere_gets_a_hint_only_from_the_operator(session, operator, person, acting):
    person("jdoe", organization="MOLE")
    again = data("jdoe2", email="jdoe@moh.gov.ph")
    with pytest.raises(
        RuleBroken, match=r"already registered\. For a membership in MOH use assign_pilot_role --user jdoe"
    ):
        create_pilot_user(session, operator, again, demands=PILOT)
    with acting(person("nora", role="pilot_admin"), "MOH") as (own, admin):
        with pytest.raises(RuleBroken) as refused:
            create_pilot_user(own, admin, again)
        assert str(refused.value) == "Email 'jdoe@moh.gov.ph' is already registered."


def test_an_administrator_creates_people_of_the_own_organization_only(session, person, acting):
    with acting(person("nora", role="pilot_admin"), "MOH") as (own, admin):
        new = create_pilot_user(own, admin, data("jdoe"), send_email=True)
        with pytest.raises(RuleBroken, match="This row belongs to another organization, MOLE; you administer MOH"):
            create_pilot_user(own, admin, data("other", organization="MOLE"))
    user = session.get_one(User, new.user_id)
    assert (user.username, user.created_by) == ("jdoe", admin.user_id)


def test_only_who_may_create_people_does(person, acting):
    with acting(person("nora"), "MOH", "pilot_planner") as (own, planner), pytest.raises(NotAllowed):
        create_pilot_user(own, planner, data("jdoe"))


def test_seats_are_counted_and_demo_people_take_none(session, operator, person):
    session.info["installation"] = installation(max_users=2)
    person("first")
    create_pilot_user(session, operator, data("demo"), demands=Demands(demo=True))
    person("second")
    with pytest.raises(RuleBroken, match=r"^MOH already has 2 of 2 allowed pilot users\.$"):
        create_pilot_user(session, operator, data("third"), demands=PILOT)
    assert (
        create_pilot_user(session, operator, data("third", organization="MOLE"), demands=PILOT).organization == "MOLE"
    )


def test_bulk_create_users(session, operator):
    people = [data(f"person{n}", organization=["MOH", "MOLE", "MAFAR"][n % 3]) for n in range(120)]
    seen = []
    result = bulk_create_users(session, operator, people, send_emails=True, watch=lambda *how_far: seen.append(how_far))
    assert not result.refused
    assert [person.username for person in result.created] == [f"person{n}" for n in range(120)]
    assert seen[-1] == (120, 120)
    tables = (User, Membership, MembershipRight, PendingCredential, OutboxMessage)
    assert [count(session, table) for table in tables] == [120] * 5
    assert len({person.password for person in result.created}) == 120
    last = result.created[-1]
    assert passwords.matches(session.get_one(User, last.user_id).password_hash, last.password)


def test_one_wrong_person_stops_the_whole_list_unless_told_otherwise(session, operator):
    people = [data("first"), data("second", role="king"), data("third", email="first@moh.gov.ph")]
    refused = bulk_create_users(session, operator, people)
    assert (refused.refused, refused.created, count(session, User)) == (True, [], 0)
    assert [(checked.number, str(checked.problems[0])[:40]) for checked in refused.batch.wrong] == [
        (2, "Unknown role 'king'. Valid roles: pilot_"),
        (3, "Email 'first@moh.gov.ph' is already in r"),
    ]
    done = bulk_create_users(session, operator, people, skip_invalid=True)
    assert ([person.username for person in done.created], done.refused, len(done.batch.wrong)) == (["first"], False, 2)


def test_import_users_from_csv(session, operator, tmp_path):
    path = tmp_path / "users.csv"
    path.write_text(
        "email,first_name,last_name,organization,role,phone\n"
        "amina@moh.gov.ph,Amina,Salik,MOH,planner,09171234567\n"
        "amina@mole.gov.ph,Amina,Usop,mole,budget officer,\n"
    )
    result = import_users_from_csv(session, operator, path)
    assert [(person.username, person.organization, person.role) for person in result.created] == [
        ("amina", "MOH", "pilot_planner"),
        ("mole_amina", "MOLE", "pilot_budget_officer"),
    ]
    assert (result.updated, result.unchanged, result.mails, result.skipped) == (0, 0, 0, 0)
    summary = session.scalars(select(AuditEvent).where(AuditEvent.action == "users:import")).one()
    assert (summary.subject_label, summary.changes["created"]) == ("users.csv", [None, 2])
    assert len(summary.changes["sha256"][1]) == 64


def test_generate_welcome_email(session, person):
    user = person("jdoe")
    home = session.scalars(select(Organization).where(Organization.code == "MOH")).one()
    mail = generate_welcome_email(session, user, home)
    session.flush()
    assert (mail.kind, mail.user_id, mail.organization_id, mail.status) == ("welcome", user.id, home.id, "queued")
    assert ("send_mail", None) in session.info["to_queue"]
    assert mail.arguments == {}


def test_set_temporary_password(session, operator, person):
    user = person("jdoe")
    now = clock.now()
    session.add(
        UserSession(user_id=user.id, token_digest=b"t" * 32, started_at=now, last_seen_at=now, password_shown_at=now)
    )
    session.flush()
    earlier = credentials.waiting_password(session, user.id)
    given = set_temporary_password(session, operator, user)
    assert given != earlier
    assert credentials.waiting_password(session, user.id) == given
    assert passwords.matches(user.password_hash, given)
    assert user.must_change_password
    assert session.scalars(select(UserSession.end_reason)).one() == "temporary_password"
    assert actions(session)[-1] == "users:temporary_password"
    with pytest.raises(RuleBroken, match="Do not use your name"):
        set_temporary_password(session, operator, user, "Amina-Salik-2026")


def test_assign_to_organization(session, operator, person):
    user = person("jdoe")
    mole = session.scalars(select(Organization).where(Organization.code == "MOLE")).one()
    membership = assign_to_organization(session, operator, user, mole, "pilot_viewer", position="Liaison")
    assert (membership.is_primary, membership.is_active, membership.position) == (False, True, "Liaison")
    assert [right.code for right in membership.rights] == ["pilot_viewer"]
    assert assign_to_organization(session, operator, user, mole, "pilot_viewer") is membership
    mails = session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert mails == ["access_given"]
