"""An account's life: deactivated, inactive and back, unlocked; changed details; and whose account it is."""

import pytest
from sqlalchemy import select

from bmms.domain import clock
from bmms.domain.accounts import credentials
from bmms.domain.errors import NotFound, RuleBroken, Stale
from bmms.domain.people import assign_to_organization, handover, set_temporary_password
from bmms.domain.people.central import give_central_role
from bmms.domain.people.details import change_email, change_membership, change_person
from bmms.domain.people.status import deactivate, make_inactive, reactivate, unlock
from bmms.models.accounts import CentralRole, SignInLock, User, UserSession
from bmms.models.audit import AuditEvent
from bmms.models.memberships import Membership, MembershipRight
from bmms.models.organizations import Organization, Unit
from tests.domain.people.test_roles import last_event, organization


def open_session(session, user: User, token: bytes = b"t" * 32) -> None:
    now = clock.now()
    session.add(
        UserSession(user_id=user.id, token_digest=token, started_at=now, last_seen_at=now, password_shown_at=now)
    )
    session.flush()


def membership_of(session, user: User, code: str = "MOH") -> Membership:
    query = select(Membership).join(Organization, Organization.id == Membership.organization_id)
    return session.scalars(query.where(Membership.user_id == user.id, Organization.code == code)).one()


@pytest.fixture
def drafts(monkeypatch):
    """A module that hands over three drafts; it remembers to whom."""
    to = []

    def hand_over(session, actor, user, successor):
        to.append(successor.username if successor else None)
        return 3

    monkeypatch.setattr(handover, "_duties", {})
    handover.register(handover.Duty("draft plans", lambda session, user: 3, hand_over))
    return to


def test_deactivating_ends_everything_and_keeps_the_record(session, operator, person, drafts):
    user, successor = person("jdoe"), person("nora")
    give_central_role(session, operator, user, "developer")
    open_session(session, user)
    assert handover.held_by(session, user) == {"draft plans": 3}
    assert deactivate(session, operator, user, reason=" Resigned ", successor=successor) == {"draft plans": 3}
    session.expire_all()
    assert (user.status, user.deactivation_reason, user.successor_id) == ("deactivated", "Resigned", successor.id)
    assert user.deactivated_at is not None
    assert drafts == ["nora"]
    assert session.scalars(select(UserSession.end_reason)).one() == "deactivate"
    assert not membership_of(session, user).is_active
    assert not session.scalars(select(CentralRole)).one().is_active
    assert session.scalars(
        select(MembershipRight.code).where(MembershipRight.membership_id == membership_of(session, user).id)
    ).one()
    assert credentials.waiting_password(session, user.id) is None
    event = last_event(session)
    assert (event.action, event.note, event.changes) == (
        "users:deactivate", "Resigned", {"status": ["active", "deactivated"], "sessions_ended": [None, 1]},
    )  # fmt: skip
    with pytest.raises(RuleBroken, match="jdoe was deactivated for good. Make a new account with another email"):
        reactivate(session, operator, user)
    with pytest.raises(RuleBroken, match="jdoe is deactivated already"):
        deactivate(session, operator, user, reason="Again")


def test_deactivating_asks_for_a_reason_and_a_sensible_successor(session, operator, person, drafts):
    user, elsewhere = person("jdoe"), person("ben", organization="MOLE")
    with pytest.raises(RuleBroken) as refused:
        deactivate(session, operator, user, reason="  ")
    assert refused.value.fields == {"reason": "Say why."}
    with pytest.raises(RuleBroken, match="ben does not work in the same organization"):
        deactivate(session, operator, user, reason="Left", successor=elsewhere)
    with pytest.raises(RuleBroken, match="jdoe cannot take over"):
        deactivate(session, operator, user, reason="Left", successor=user)
    assert deactivate(session, operator, user, reason="Left") == {"draft plans": 3}
    assert drafts == [None]


def test_inactive_and_back(session, operator, person):
    user = person("jdoe")
    open_session(session, user)
    make_inactive(session, operator, user, reason="Maternity leave")
    assert (user.status, membership_of(session, user).is_active) == ("inactive", True)
    assert session.scalars(select(UserSession.ended_at)).one() is not None
    with pytest.raises(RuleBroken, match="jdoe is inactive already"):
        make_inactive(session, operator, user, reason="Again")
    reactivate(session, operator, user)
    with pytest.raises(RuleBroken, match="jdoe is active already"):
        reactivate(session, operator, user)
    assert user.status == "active"


def test_nobody_shuts_the_own_account(person, acting):
    admin = person("nora", role="pilot_admin")
    person("second", role="pilot_admin")
    with acting(admin, "MOH") as (own, actor):
        oneself = own.get_one(User, admin.id)
        for act in (deactivate, make_inactive):
            with pytest.raises(RuleBroken, match="You cannot do this to your own account"):
                act(own, actor, oneself, reason="Tired")
        with pytest.raises(RuleBroken, match="Change your own password in your profile"):
            set_temporary_password(own, actor, oneself)


def test_unlocking_needs_a_note_and_removes_the_locks(session, operator, person):
    user, other = person("jdoe"), person("nora")
    for n, owner in enumerate((user, user, other)):
        session.add(
            SignInLock(
                login_digest=bytes([n]) * 32,
                ip="10.0.0.1",
                user_id=owner.id,
                failures=5,
                last_failure_at=clock.now(),
                locked_until=clock.now(),
            )  # fmt: skip
        )
    session.flush()
    with pytest.raises(RuleBroken) as refused:
        unlock(session, operator, user, note="")
    assert refused.value.fields == {"note": "Say how you know that it is this person."}
    assert unlock(session, operator, user, note="Called back on the office line")
    assert session.scalars(select(SignInLock.user_id)).all() == [other.id]
    assert last_event(session).note == "Called back on the office line"
    assert not unlock(session, operator, user, note="Again")


def test_details_change_with_their_record(session, operator, person):
    user = person("jdoe")
    assert change_person(session, operator, user, {"first_name": "Nora", "last_name": "Lim", "phone": "09171234567"})
    event = last_event(session)
    assert (event.action, event.changes) == (
        "users:change",
        {"first_name": ["Amina", "Nora"], "last_name": ["Salik", "Lim"], "phone": ["", "+639171234567"]},
    )
    assert not change_person(
        session, operator, user, {"first_name": "Nora", "last_name": "Lim", "phone": "0917 1234567"}
    )
    with pytest.raises(RuleBroken) as refused:
        change_person(session, operator, user, {"first_name": "", "last_name": "x" * 151, "phone": "1"})
    assert list(refused.value.fields) == ["first_name", "last_name", "phone"]
    with pytest.raises(Stale, match="Somebody else changed jdoe meanwhile"):
        change_person(session, operator, user, {"first_name": "N", "last_name": "L"}, seen=user.row_version - 1)


def test_the_address_is_the_sign_in(session, operator, person):
    user = person("jdoe")
    person("nora")
    assert change_email(session, operator, user, " J.Doe@Example.org ") == [
        "This changes the sign-in: from now on it is j.doe@example.org.",
        "j.doe@example.org: not a .gov.ph address.",
    ]
    assert change_email(session, operator, user, "j.doe@example.org") == []
    for address, message in {
        "": "Email is required.",
        "nowhere": "'nowhere' is not a valid email address.",
        "NORA@moh.gov.ph": "Email 'nora@moh.gov.ph' is already registered.",
    }.items():
        with pytest.raises(RuleBroken) as refused:
            change_email(session, operator, user, address)
        assert refused.value.fields == {"email": message}
    assert user.email == "j.doe@example.org"


def test_position_department_and_unit_belong_to_the_membership(session, person, acting):
    admin, colleague = person("nora", role="pilot_admin"), person("jdoe")
    with acting(admin, "MOH") as (own, actor):
        unit, closed = Unit(name="Planning Division"), Unit(name="Old Division", is_active=False)
        own.add_all([unit, closed])
        own.flush()
        membership = own.get_one(Membership, membership_of(own, colleague).id)
        details = {"position": "Planner  III", "department": "Planning"}
        assert change_membership(own, actor, membership, details, unit_id=unit.id)
        assert (membership.position, membership.department, membership.unit_id) == ("Planner III", "Planning", unit.id)
        for unit_id in (closed.id, 10**9):
            with pytest.raises(RuleBroken) as refused:
                change_membership(own, actor, membership, details, unit_id=unit_id)
            assert refused.value.fields == {"unit": "There is no such unit."}
        assert not change_membership(own, actor, membership, details, unit_id=unit.id)


def test_an_account_that_works_elsewhere_is_the_platforms(session, operator, person, acting):
    admin, second, shared, central = (
        person("nora", role="pilot_admin"), person("deputy", role="pilot_admin"), person("shared"), person("central"),
    )  # fmt: skip
    assign_to_organization(session, operator, shared, organization(session, "MOLE"), "pilot_admin")
    give_central_role(session, operator, central, "superadmin")
    acts = {
        "password": lambda own, actor, user: set_temporary_password(own, actor, user),
        "address": lambda own, actor, user: change_email(own, actor, user, "mine@moh.gov.ph"),
        "names": lambda own, actor, user: change_person(own, actor, user, {"first_name": "A", "last_name": "B"}),
        "end": lambda own, actor, user: deactivate(own, actor, user, reason="Left"),
        "away": lambda own, actor, user: make_inactive(own, actor, user, reason="Leave"),
    }
    for user in (shared, central):
        with acting(admin, "MOH") as (own, actor):
            for act in acts.values():
                with pytest.raises(
                    RuleBroken, match="also works elsewhere; only the platform team changes this account"
                ):
                    act(own, actor, own.get_one(User, user.id))
    with acting(admin, "MOH") as (own, actor):
        acts["password"](own, actor, own.get_one(User, second.id))
    acts["password"](session, operator, shared)
    acts["end"](session, operator, second)


def test_people_of_other_organizations_are_out_of_reach(session, person, acting):
    stranger = person("ben", organization="MOLE")
    with acting(person("nora", role="pilot_admin"), "MOH") as (own, actor):
        assert own.get(User, stranger.id) is None
        with pytest.raises(NotFound):
            set_temporary_password(own, actor, stranger)
    assert session.scalars(select(AuditEvent).where(AuditEvent.action == "users:temporary_password")).all() == []
