"""Roles and grants: what the client named, who may give what to whom, and that each MOA keeps an administrator."""

import logging
import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor, command_actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.people import (
    assign_role,
    assign_to_organization,
    bulk_assign_roles,
    create_pilot_roles,
    create_pilot_user,
    get_role_permissions,
    validate_role_assignment,
)
from bmms.domain.people.central import end_central_role, give_central_role
from bmms.domain.people.memberships import end_membership
from bmms.domain.people.problems import Problem
from bmms.domain.people.role_table import available_roles
from bmms.domain.people.roles import Assignment, give_grant, remove_role, take_grant
from bmms.domain.people.status import make_inactive
from bmms.domain.permissions import RULES, permissions_of
from bmms.models.accounts import CentralRole, User
from bmms.models.audit import AuditEvent
from bmms.models.memberships import Membership, MembershipRight, Role
from bmms.models.organizations import Organization
from bmms.models.outbox import OutboxMessage
from tests.domain.people.conftest import PLAIN, data


def organization(session: Session, code: str = "MOH") -> Organization:
    return session.scalars(select(Organization).where(Organization.code == code)).one()


def codes(session: Session, user: User) -> list[str]:
    rights = select(MembershipRight.code).join(Membership, Membership.id == MembershipRight.membership_id)
    return list(session.scalars(rights.where(Membership.user_id == user.id).order_by(MembershipRight.code)))


def last_event(session: Session) -> AuditEvent:
    return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def test_assign_role(session, operator, person):
    user, moh = person("jdoe", role="pilot_viewer"), organization(session)
    change = assign_role(session, operator, user, moh, "planner", reason="New post")
    assert (change.before, change.after, change.changed) == (("pilot_viewer",), ("pilot_planner",), True)
    assert codes(session, user) == ["pilot_planner"]
    event = last_event(session)
    assert (event.action, event.subject_label, event.note, event.changes) == (
        "membership_rights:change", "jdoe", "New post", {"rights": [["pilot_viewer"], ["pilot_planner"]]},
    )  # fmt: skip
    mail = session.scalars(select(OutboxMessage)).one()
    assert (mail.kind, mail.user_id, mail.arguments) == (
        "role_changed", user.id, {"given": ["pilot_planner"], "taken": ["pilot_viewer"]},
    )  # fmt: skip
    events = session.scalar(select(func.count(AuditEvent.id)))
    assert not assign_role(session, operator, user, moh, "pilot_planner").changed
    assert session.scalar(select(func.count(AuditEvent.id))) == events


def test_a_role_is_added_or_removed_and_grants_stay(session, operator, person):
    user, moh = person("jdoe", role="pilot_viewer"), organization(session)
    give_grant(session, operator, user, moh, "accounting")
    assert assign_role(session, operator, user, moh, "pilot_planner", add=True).after == (
        "accounting", "pilot_planner", "pilot_viewer",
    )  # fmt: skip
    assert remove_role(session, operator, user, moh, "staff").after == ("accounting", "pilot_planner")
    assert not remove_role(session, operator, user, moh, "pilot_viewer").changed
    assert assign_role(session, operator, user, moh, "pilot_me_officer").after == ("accounting", "pilot_me_officer")
    assert take_grant(session, operator, user, moh, "accounting").after == ("pilot_me_officer",)


def test_a_role_for_some_days(session, operator, person):
    user, moh, today = person("jdoe"), organization(session), clock.today()
    assign_role(
        session, operator, user, moh, "pilot_budget_officer", add=True, starts_on=today, ends_on=today + timedelta(7)
    )
    right = session.scalars(select(MembershipRight).where(MembershipRight.code == "pilot_budget_officer")).one()
    assert (right.holds_on(today), right.holds_on(today + timedelta(7)), right.holds_on(today + timedelta(8))) == (
        True, True, False,
    )  # fmt: skip
    assert (
        last_event(session).changes["rights"][1][0] == f"pilot_budget_officer from {today} until {today + timedelta(7)}"
    )
    with pytest.raises(RuleBroken, match="The last day lies before the first day"):
        assign_role(session, operator, user, moh, "pilot_viewer", starts_on=today, ends_on=today - timedelta(1))
    with pytest.raises(RuleBroken, match="The last day lies in the past"):
        give_grant(session, operator, user, moh, "me_verify", ends_on=date(2020, 1, 1))


def test_create_pilot_roles(session, operator, caplog):
    assert session.scalar(select(func.count(Role.code))) == len(RULES)
    assert create_pilot_roles(session, operator).unchanged == list(RULES)
    session.execute(text("UPDATE roles SET permissions = permissions || '{old:thing:do}' WHERE code = 'pilot_viewer'"))
    session.execute(text("UPDATE roles SET permissions = '{}' WHERE code = 'pilot_admin'"))
    session.execute(text("DELETE FROM roles WHERE code = 'endorse'"))
    session.execute(text("INSERT INTO roles VALUES ('king', 'role', 'King', 'Reigns', '{}')"))
    session.expire_all()
    with caplog.at_level(logging.WARNING):
        done = create_pilot_roles(session, operator)
    assert (done.added, sorted(done.changed)) == (["endorse"], ["pilot_admin", "pilot_viewer"])
    assert [record.message for record in caplog.records] == [
        "the role pilot_viewer held old:thing:do, which is no permission; removed",
        "the table of roles holds king, which is no role",
    ]
    for code, rule in RULES.items():
        assert session.get_one(Role, code).permissions == sorted(rule.permissions)


def test_get_role_permissions():
    viewer = [
        "budgeting:act:view",
        "budgeting:proposal:view",
        "execution:ledger:view",
        "organization:designation:view",
        "organization:home:view",
        "organization:settings:view",
        "organization:unit:view",
        "planning:plan:view",
    ]
    assert get_role_permissions("viewer") == viewer == get_role_permissions("pilot_viewer")
    assert set(viewer) < set(get_role_permissions("admin"))
    assert "people:right:assign" in get_role_permissions("superadmin")
    for role in available_roles():
        assert get_role_permissions(role) == sorted(get_role_permissions(role))
        assert set(viewer) <= set(get_role_permissions(role)), "no role sees less than a viewer"
    with pytest.raises(RuleBroken, match="Unknown role 'king'"):
        get_role_permissions("king")


def test_validate_role_assignment(session, operator, person):
    user, moh, mole = person("jdoe"), organization(session), organization(session, "MOLE")
    assert validate_role_assignment(session, operator, user, moh, "approver") == []
    assert validate_role_assignment(session, operator, user, moh, "king")[0].message.startswith(
        "Unknown role 'king'. Valid"
    )
    assert validate_role_assignment(session, operator, user, moh, "ocm_viewer") == [
        Problem("role", "ocm_viewer is a central role; people of MOH cannot hold it in their organization.")
    ]
    assert validate_role_assignment(session, operator, user, mole, "planner") == [
        Problem("organization", "jdoe has no active membership in MOLE.", "Use --create-membership to give one.")
    ]
    assert validate_role_assignment(session, operator, user, mole, "planner", create_membership=True) == []
    closed = organization(session, "OOBC")
    make_inactive(session, operator, user, reason="On leave")
    found = validate_role_assignment(session, operator, user, closed, "planner", create_membership=True)
    assert [problem.message for problem in found] == [
        "Organization 'OOBC' is not active.",
        "The account jdoe is inactive.",
    ]


def test_bulk_assign_roles(session, operator, person):
    person("jdoe")
    person("nora")
    results = bulk_assign_roles(
        session,
        operator,
        [
            Assignment("jdoe", "MOH", "budget_officer"),
            Assignment("nobody", "MOH", "planner"),
            Assignment("nora@moh.gov.ph", "moh", "king"),
            Assignment("nora", "XYZ", "planner"),
            Assignment("NORA", "MOH", "viewer"),
        ],
    )
    assert [(result.change is not None, result.refused[:40]) for result in results] == [
        (True, ""),
        (False, "User 'nobody' not found."),
        (False, "Unknown role 'king'. Valid roles: pilot_"),
        (False, "Organization 'XYZ' not found. Run load_p"),
        (True, ""),
    ]
    assert results[4].change.after == ("pilot_viewer",)


def test_grants_are_checked_by_name_and_by_desk(session, operator, person):
    user, moh = person("jdoe"), organization(session)
    with pytest.raises(RuleBroken, match="Unknown grant 'pilot_admin'. Valid grants: accounting, allotment_certify"):
        give_grant(session, operator, user, moh, "pilot_admin")
    with pytest.raises(RuleBroken, match="endorse is given only to the desks: MPW, MENRE"):
        give_grant(session, operator, user, moh, "endorse")
    desk = person("desk", organization="MENRE")
    assert give_grant(session, operator, desk, organization(session, "MENRE"), "endorse").after == (
        "endorse",
        "pilot_planner",
    )
    with pytest.raises(RuleBroken, match="jdoe has no active membership in MOLE"):
        give_grant(session, operator, user, organization(session, "MOLE"), "accounting")


def test_an_administrator_gives_rights_in_the_own_organization_to_others_only(session, person, acting):
    admin, colleague = person("nora", role="pilot_admin"), person("jdoe")
    with acting(admin, "MOH") as (own, actor):
        moh, mole = organization(own), organization(own, "MOLE")
        assert give_grant(own, actor, own.get_one(User, colleague.id), moh, "me_verify").changed
        for act in (
            lambda: assign_role(own, actor, own.get_one(User, admin.id), moh, "pilot_approver", add=True),
            lambda: give_grant(own, actor, own.get_one(User, admin.id), moh, "accounting"),
            lambda: remove_role(own, actor, own.get_one(User, admin.id), moh, "pilot_admin"),
        ):
            with pytest.raises(RuleBroken, match="Nobody changes their own roles or grants"):
                act()
        with pytest.raises(NotAllowed):
            assign_to_organization(own, actor, own.get_one(User, colleague.id), mole, "pilot_viewer")
    with acting(colleague, "MOH", "pilot_planner") as (own, actor), pytest.raises(NotAllowed):
        assign_role(own, actor, own.get_one(User, admin.id), organization(own), "pilot_viewer")
    assert codes(session, admin) == ["pilot_admin"]


def test_a_deputy_changes_the_rights_of_the_principal_no_more_than_the_own(session, person, acting):
    admin, deputy = person("nora", role="pilot_admin"), person("jdoe")
    person("second", role="pilot_admin")
    with acting(deputy, "MOH") as (own, actor):
        standing_in = replace(actor, principals=(admin.id,))
        moh, principal = organization(own), own.get_one(User, admin.id)
        for act in (
            lambda: assign_role(own, standing_in, principal, moh, "pilot_approver", add=True),
            lambda: give_grant(own, standing_in, principal, moh, "accounting"),
            lambda: remove_role(own, standing_in, principal, moh, "pilot_admin"),
        ):
            with pytest.raises(RuleBroken, match="You stand in for Amina Salik"):
                act()
    assert codes(session, admin) == ["pilot_admin"]


def test_the_database_too_refuses_own_rights(session, person, acting):
    with acting(person("nora", role="pilot_admin"), "MOH") as (own, actor):
        attempt = own.begin_nested()
        with pytest.raises(DBAPIError) as refused:
            own.execute(text("UPDATE membership_rights SET code = 'pilot_approver'"))
        attempt.rollback()
        assert refused.value.orig.sqlstate == "BM001"


def test_the_last_administrator_stays(session, operator, person):
    moh, first = organization(session), person("first", role="pilot_admin")
    membership = session.scalars(select(Membership).where(Membership.user_id == first.id)).one()
    today = clock.today()
    losses = {
        "demoted": lambda: assign_role(session, operator, first, moh, "pilot_viewer"),
        "removed": lambda: remove_role(session, operator, first, moh, "pilot_admin"),
        "for some days": lambda: assign_role(session, operator, first, moh, "admin", ends_on=today),
        "later": lambda: assign_role(session, operator, first, moh, "admin", starts_on=today + timedelta(1)),
        "gone": lambda: end_membership(session, operator, membership, reason="Left"),
        "away": lambda: make_inactive(session, operator, first, reason="On leave"),
    }
    for loss in losses.values():
        with pytest.raises(RuleBroken, match=r"^first is the last active administrator of MOH\. Give another person"):
            loss()
    second = person("second", role="pilot_admin")
    make_inactive(session, operator, second, reason="On leave")
    with pytest.raises(RuleBroken, match="last active administrator"):
        losses["demoted"]()
    third = person("third")
    assign_role(session, operator, third, moh, "admin", ends_on=today + timedelta(3))
    with pytest.raises(RuleBroken, match="last active administrator"):
        losses["demoted"]()
    assign_role(session, operator, third, moh, "admin")
    third.is_demo = True
    with pytest.raises(RuleBroken, match="last active administrator"):
        losses["demoted"]()
    third.is_demo = False
    assert losses["demoted"]().after == ("pilot_viewer",)
    assert codes(session, first) == ["pilot_viewer"]


def test_two_administrators_who_demote_each_other_at_once_leave_one(platform):
    """Two connections, real transactions: the second waits for the first and then meets what it has done."""
    with platform() as session:
        ids = [
            create_pilot_user(session, command_actor(), data(name, role="admin"), demands=PLAIN).user_id
            for name in ("ana", "ben")
        ]
        session.commit()
    outcomes: dict[int, str] = {}
    both_ready = threading.Barrier(2)

    def demote(user_id: int) -> None:
        with platform() as session:
            user, moh = session.get_one(User, user_id), organization(session)
            both_ready.wait()
            try:
                assign_role(session, command_actor(), user, moh, "pilot_viewer")
                session.commit()
                outcomes[user_id] = "demoted"
            except RuleBroken as refused:
                outcomes[user_id] = str(refused)

    threads = [threading.Thread(target=demote, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert sorted(outcomes.values())[1] == "demoted"
    assert "is the last active administrator of MOH" in sorted(outcomes.values())[0]
    with platform() as session:
        held = session.scalars(select(MembershipRight.code).order_by(MembershipRight.code)).all()
    assert held == ["pilot_admin", "pilot_viewer"]


def test_who_comes_back_has_the_new_role_only(session, operator, person):
    user, moh = person("jdoe"), organization(session)
    give_grant(session, operator, user, moh, "accounting")
    membership = session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
    end_membership(session, operator, membership, reason="Left for MOLE")
    assert (membership.is_active, codes(session, user)) == (False, ["accounting", "pilot_planner"])
    with pytest.raises(RuleBroken, match="The membership of jdoe has ended already"):
        end_membership(session, operator, membership, reason="Again")
    with pytest.raises(RuleBroken, match="jdoe has no active membership in MOH"):
        assign_role(session, operator, user, moh, "viewer")
    change = assign_role(session, operator, user, moh, "viewer", create_membership=True)
    assert (change.before, change.after) == (("accounting", "pilot_planner"), ("pilot_viewer",))
    assert (codes(session, user), membership.is_active) == (["pilot_viewer"], True)


def test_central_roles_are_given_by_the_platform_team_to_people_outside_the_moas(session, operator, person, acting):
    user, admin = person("jdoe"), person("nora", role="pilot_admin")
    with pytest.raises(RuleBroken, match="ocm_executive is for people of OCM; jdoe works in MOH"):
        give_central_role(session, operator, user, "ocm_executive")
    assert give_central_role(session, operator, user, "developer", note="Bug desk")
    assert not give_central_role(session, operator, user, "developer")
    with pytest.raises(RuleBroken, match="Unknown central role 'pilot_admin'"):
        give_central_role(session, operator, user, "pilot_admin")
    superadmin = Actor(user.id, "jdoe", permissions=permissions_of({"superadmin"}))
    with pytest.raises(RuleBroken, match="Nobody changes their own roles"):
        give_central_role(session, superadmin, user, "superadmin")
    with acting(admin, "MOH") as (own, actor), pytest.raises(NotAllowed):
        give_central_role(own, actor, own.get_one(User, user.id), "bpda")
    assert end_central_role(session, operator, user, "developer")
    assert not end_central_role(session, operator, user, "developer")
    assert [row.is_active for row in session.scalars(select(CentralRole))] == [False]
    assert give_central_role(session, operator, user, "developer")
