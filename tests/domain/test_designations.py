"""Officers-in-charge and deputies: who may stand in for whom, what it gives, and how it ends (issue, D10)."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bmms.domain import access, clock
from bmms.domain.actors import Actor, Origin
from bmms.domain.designations import queries
from bmms.domain.designations.actions import designate, revoke
from bmms.domain.designations.queries import State
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.files import store
from bmms.domain.installation import Installation
from bmms.domain.permissions import Permission, permissions_of
from bmms.models.accounts import User, UserStatus
from bmms.models.audit import AuditEvent
from bmms.models.memberships import Designation, DesignationKind, Membership
from bmms.models.outbox import OutboxMessage
from bmms.tenancy import bind_person, bind_platform, bind_scope
from tests import uploads
from tests.factories import make_membership, make_user

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today():
    """20 November 2026, noon in Manila."""
    with clock.stopped_at(NOON):
        yield


@pytest.fixture
def installation(config, tmp_path) -> Installation:
    return Installation(replace(config, instance=tmp_path / "instance"))


@pytest.fixture
def health(engine, cast, installation):
    """A session that serves the Ministry of Health; nothing of it stays."""
    with Session(engine, info={"installation": installation}) as session:
        bind_scope(session, cast.moh.id)
        yield session


@pytest.fixture
def jamila(cast) -> Actor:
    """The administrator of Health."""
    rights = frozenset({"pilot_admin"})
    return Actor(cast.jamila.id, "Jamila Usop", cast.moh.id, permissions=permissions_of(rights), rights=rights)


def stand_in(session, actor, cast, deputy="badar", principal="amina", **changes) -> Designation:
    """Badar stands in for Amina this month, unless said otherwise."""
    answers = {
        "deputy_id": cast.memberships[deputy].id,
        "principal_id": cast.memberships[principal].id,
        "kind": DesignationKind.OIC,
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=10),
        "instrument_number": "SO 12, s. 2026",
    }
    return designate(session, actor, **answers | changes)


def acting(engine, cast, name: str, session: Session | None = None) -> Actor:
    """The actor as the guard makes it: at the next request, in Health."""
    user = getattr(cast, name)
    if session is None:
        with Session(engine) as fresh:
            return acting(engine, cast, name, fresh)
    if not session.info.get("scope") or session.info["scope"].user_id is None:
        bind_person(session, user.id)
    entered = access.enter(session, user, "MOH", Origin())
    assert entered
    if session.info["scope"].organization_id is None:
        bind_scope(session, entered.organization.id)
    return access.actor_here(session, user, entered, Origin())


# what a designation gives


def test_a_deputy_acts_with_the_rights_of_the_principal_and_signs_for_her(engine, cast, health, jamila):
    before = acting(engine, cast, "badar")
    assert "plan_approve" not in before.rights
    stand_in(health, jamila, cast)
    health.commit()
    badar = acting(engine, cast, "badar")
    assert {"pilot_approver", "plan_approve", "budget_approve", "report_approve"} <= badar.rights
    assert badar.may(Permission.USER_VIEW)
    assert badar.label == "Badar Lim"
    assert badar.signature == "Badar Lim, for Amina Salik"


def test_the_principals_work_counts_as_the_deputys_own(engine, cast, health, jamila):
    stand_in(health, jamila, cast)
    health.commit()
    assert acting(engine, cast, "badar").persons == {cast.badar.id, cast.amina.id}
    assert acting(engine, cast, "amina").persons == {cast.amina.id}, "the principal keeps her own rights and work"


@pytest.mark.parametrize("kind", DesignationKind)
def test_both_kinds_give_the_same_rights(engine, cast, health, jamila, kind):
    stand_in(health, jamila, cast, kind=kind)
    health.commit()
    assert "plan_approve" in acting(engine, cast, "badar").rights


@pytest.mark.parametrize(
    ("starts", "ends", "in_force"),
    [(0, 0, True), (-5, 0, True), (0, 5, True), (1, 5, False), (-5, 1, True)],
    ids=["today only", "last day", "first day", "from tomorrow", "in the middle"],
)
def test_it_holds_from_the_first_day_to_the_last(engine, cast, health, jamila, starts, ends, in_force):
    stand_in(health, jamila, cast, starts_on=TODAY + timedelta(days=starts), ends_on=TODAY + timedelta(days=ends))
    health.commit()
    assert ("plan_approve" in acting(engine, cast, "badar").rights) is in_force


def test_it_ends_at_midnight_in_manila_without_anybody_doing_anything(engine, cast, health, jamila):
    stand_in(health, jamila, cast, ends_on=TODAY)
    health.commit()
    with clock.stopped_at(datetime(2026, 11, 20, 15, 59, tzinfo=UTC)):  # 23:59 in Manila
        assert acting(engine, cast, "badar").principals == (cast.amina.id,)
    with clock.stopped_at(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)):  # midnight
        assert acting(engine, cast, "badar").principals == ()


def test_rights_of_the_principal_that_have_ended_are_not_passed_on(engine, cast, health, jamila):
    with Session(engine) as platform:
        bind_platform(platform, "tests")
        for right in platform.get_one(
            Membership, cast.memberships["amina"].id, options=[selectinload(Membership.rights)]
        ).rights:
            right.ends_on = TODAY - timedelta(days=1)
        platform.commit()
    stand_in(health, jamila, cast)
    health.commit()
    assert "plan_approve" not in acting(engine, cast, "badar").rights


def test_revoking_works_at_the_next_request(engine, cast, health, jamila):
    designation = stand_in(health, jamila, cast)
    health.commit()
    assert "plan_approve" in acting(engine, cast, "badar").rights
    revoke(health, jamila, designation, reason="back from leave")
    health.commit()
    assert acting(engine, cast, "badar").rights == {"pilot_planner"}
    assert acting(engine, cast, "badar").signature == "Badar Lim"


def test_there_is_no_chain(engine, cast, health, jamila):
    """Yusuf stands in for Badar, Badar for Amina: Yusuf gets what is Badar's own, nothing of Amina's."""
    stand_in(health, jamila, cast)
    stand_in(health, jamila, cast, deputy="yusuf", principal="badar")
    health.commit()
    yusuf = acting(engine, cast, "yusuf")
    assert yusuf.rights == {"pilot_viewer", "pilot_planner"}
    assert yusuf.principal_names == ("Badar Lim",)
    assert yusuf.persons == {cast.yusuf.id, cast.badar.id}


@pytest.mark.parametrize("how", ["membership", "account"])
def test_nobody_acts_for_a_suspended_principal(engine, cast, health, jamila, how):
    stand_in(health, jamila, cast)
    health.commit()
    with Session(engine) as platform:
        bind_platform(platform, "tests")
        if how == "membership":
            platform.get_one(Membership, cast.memberships["amina"].id).is_active = False
        else:
            platform.get_one(User, cast.amina.id).status = UserStatus.INACTIVE
        platform.commit()
    badar = acting(engine, cast, "badar")
    assert badar.rights == {"pilot_planner"}
    assert badar.principals == ()


def test_a_deputy_of_two_signs_for_both(engine, cast, health, jamila):
    stand_in(health, jamila, cast)
    stand_in(health, jamila, cast, principal="yusuf", kind=DesignationKind.DEPUTY)
    health.commit()
    badar = acting(engine, cast, "badar")
    assert set(badar.principals) == {cast.amina.id, cast.yusuf.id}
    assert badar.signature in (
        "Badar Lim, for Amina Salik and Yusuf Karim",
        "Badar Lim, for Yusuf Karim and Amina Salik",
    )


def test_standing_in_elsewhere_gives_nothing_here(engine, cast, health, jamila, installation):
    """Yusuf works in both ministries; what he may for somebody in Education is nothing in Health."""
    with Session(engine, info={"installation": installation}) as education:
        bind_scope(education, cast.mbhte.id)
        bai = Actor(cast.bai.id, "Bai", cast.mbhte.id, permissions=permissions_of({"pilot_admin"}))
        stand_in(education, bai, cast, deputy="yusuf_mbhte", principal="ben")
        education.commit()
    assert acting(engine, cast, "yusuf").principals == ()


# the rules


def test_only_who_may_change_designations_does(cast, health):
    viewer = Actor(cast.yusuf.id, "Yusuf", cast.moh.id, permissions=permissions_of({"pilot_viewer"}))
    with pytest.raises(NotAllowed):
        stand_in(health, viewer, cast)


WRONG = {
    "the same person": ({"deputy": "badar", "principal": "badar"}, "principal_id", "two different people"),
    "a suspended deputy": ({"deputy": "dan"}, "deputy_id", "who works here now"),
    "a suspended principal": ({"principal": "dan"}, "principal_id", "who works here now"),
    "somebody of another ministry": ({"deputy": "ben"}, "deputy_id", "who works here now"),
    "a principal of another ministry": ({"principal": "bai"}, "principal_id", "who works here now"),
    "oneself": ({"deputy": "jamila"}, "deputy_id", "Nobody designates himself or herself"),
    "the wrong order": ({"ends_on": TODAY - timedelta(days=1)}, "ends_on", "lies before the first day"),
    "more than a year": ({"ends_on": date(2027, 11, 21)}, "ends_on", "until 20 November 2027"),
    "over already": ({"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 19)}, "ends_on", "This day is past"),
    "no number": ({"instrument_number": "  "}, "instrument_number", "Type the number"),
    "a long number": ({"instrument_number": "1" * 81}, "instrument_number", "at most 80"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(cast, health, jamila, what):
    changes, field, said = WRONG[what]
    with pytest.raises(RuleBroken, match=said) as broken:
        stand_in(health, jamila, cast, **changes)
    assert set(broken.value.fields) == {field}
    assert health.scalar(select(Designation)) is None
    assert health.scalar(select(OutboxMessage)) is None


def test_several_wrong_answers_are_all_named(cast, health, jamila):
    with pytest.raises(RuleBroken) as broken:
        stand_in(
            health, jamila, cast, deputy="dan", principal="ben", instrument_number="", ends_on=TODAY - timedelta(1)
        )
    assert set(broken.value.fields) == {"deputy_id", "principal_id", "ends_on", "instrument_number"}


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(date(2026, 11, 20), date(2027, 11, 20)), (date(2028, 2, 29), date(2029, 2, 28))],
    ids=["a year", "from a leap day"],
)
def test_a_year_is_allowed(cast, health, jamila, starts, ends):
    assert stand_in(health, jamila, cast, starts_on=starts, ends_on=ends).id


def test_a_deputy_of_an_administrator_cannot_designate_himself_or_her(engine, cast, health, jamila):
    stand_in(health, jamila, cast, principal="jamila")
    badar = Actor(cast.badar.id, "Badar Lim", cast.moh.id, permissions=jamila.permissions, principals=(cast.jamila.id,))
    for deputy in ("badar", "jamila"):
        with pytest.raises(RuleBroken, match="Nobody designates"):
            stand_in(health, badar, cast, deputy=deputy, principal="amina")
    assert stand_in(health, badar, cast, deputy="yusuf", principal="amina").id


@pytest.mark.parametrize(
    ("starts", "ends", "fits"),
    [(-3, 0, False), (10, 12, False), (2, 4, False), (-3, 40, False), (11, 20, True)],
    ids=["touching the first day", "touching the last day", "inside", "around", "after it"],
)
def test_one_officer_in_charge_at_a_time(cast, health, jamila, starts, ends, fits):
    stand_in(health, jamila, cast)
    days = {"starts_on": TODAY + timedelta(days=starts), "ends_on": TODAY + timedelta(days=ends)}
    if fits:
        assert stand_in(health, jamila, cast, deputy="yusuf", **days).id
        return
    said = r"Amina Salik has an officer-in-charge from 20 November 2026 to 30 November 2026 already \(SO 12, s. 2026\)"
    with pytest.raises(RuleBroken, match=said) as broken:
        stand_in(health, jamila, cast, deputy="yusuf", **days)
    assert set(broken.value.fields) == {"starts_on"}


def test_deputies_revoked_ones_and_other_principals_do_not_count_as_overlap(cast, health, jamila):
    first = stand_in(health, jamila, cast)
    assert stand_in(health, jamila, cast, deputy="yusuf", kind=DesignationKind.DEPUTY).id
    assert stand_in(health, jamila, cast, deputy="yusuf", principal="badar").id
    revoke(health, jamila, first)
    assert stand_in(health, jamila, cast, deputy="yusuf").id


def test_the_same_deputy_twice_for_the_same_days_is_one_too_many(cast, health, jamila):
    """So that a form sent twice makes one designation."""
    stand_in(health, jamila, cast, kind=DesignationKind.DEPUTY)
    with pytest.raises(RuleBroken, match="Badar Lim stands in for Amina Salik from 20 November 2026 to") as broken:
        stand_in(health, jamila, cast, kind=DesignationKind.DEPUTY)
    assert set(broken.value.fields) == {"starts_on"}
    later = {"starts_on": TODAY + timedelta(days=11), "ends_on": TODAY + timedelta(days=20)}
    assert stand_in(health, jamila, cast, kind=DesignationKind.DEPUTY, **later).id
    assert stand_in(health, jamila, cast, kind=DesignationKind.OIC).id, "a deputy may become officer-in-charge"


def test_two_administrators_at_once_cannot_make_two_officers_in_charge(engine, cast, health, jamila, installation):
    """The second waits for the first, then sees it."""
    answers: list[str] = []

    def second() -> None:
        with clock.stopped_at(NOON), Session(engine, info={"installation": installation}) as session:
            bind_scope(session, cast.moh.id)
            try:
                stand_in(session, jamila, cast, deputy="yusuf")
                session.commit()
                answers.append("made")
            except RuleBroken as broken:
                answers.append(str(broken))

    stand_in(health, jamila, cast)
    other = threading.Thread(target=second)
    other.start()
    other.join(0.5)
    assert answers == [], "the second waits"
    health.commit()
    other.join(300)
    assert len(answers) == 1
    assert "has an officer-in-charge" in answers[0]


# what it leaves behind


def test_both_people_are_told_and_the_record_says_who_for_whom(cast, health, jamila):
    designation = stand_in(health, jamila, cast)
    mails = health.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [(mail.kind, mail.user_id, mail.arguments) for mail in mails] == [
        ("role_changed", cast.badar.id, {"designation_id": designation.id}),
        ("role_changed", cast.amina.id, {"designation_id": designation.id}),
    ]
    event = health.scalars(select(AuditEvent).where(AuditEvent.action == "designations:create")).one()
    assert (event.subject_label, event.note) == ("Badar Lim for Amina Salik", "SO 12, s. 2026")
    assert event.changes["ends_on"] == [None, "2026-11-30"]
    revoke(health, jamila, designation, reason="back from leave")
    event = health.scalars(select(AuditEvent).where(AuditEvent.action == "designations:revoke")).one()
    assert event.note == "back from leave"
    assert len(health.scalars(select(OutboxMessage)).all()) == 4


def test_the_instrument_is_kept_and_read_by_whoever_sees_designations(cast, health, jamila):
    file = store.Upload(BytesIO(uploads.PDF), "SO 12.pdf")
    designation = stand_in(health, jamila, cast, file=file)
    viewer = Actor(cast.yusuf.id, "Yusuf", cast.moh.id, permissions=permissions_of({"pilot_viewer"}))
    kept, content = store.open_file(health, viewer, designation.file_id)
    with content:
        assert (kept.name, content.read()) == ("SO 12.pdf", uploads.PDF)
    with pytest.raises(NotFound):
        store.open_file(health, replace(viewer, permissions=frozenset()), designation.file_id)
    designation.file_id = None
    health.flush()
    with pytest.raises(NotFound):
        store.open_file(health, viewer, kept.id)


def test_an_instrument_that_is_no_document_is_refused_at_its_field(cast, health, jamila):
    with pytest.raises(RuleBroken, match="SO 12.docx is a file of the kind DOCX.*PDF, JPG or PNG") as broken:
        stand_in(health, jamila, cast, file=store.Upload(BytesIO(uploads.docx()), "SO 12.docx"))
    assert broken.value.field == "file"


def test_a_designation_is_revoked_once(cast, health, jamila):
    designation = stand_in(health, jamila, cast, ends_on=TODAY)
    with clock.stopped_at(NOON + timedelta(days=1)), pytest.raises(RuleBroken, match="is over already"):
        revoke(health, jamila, designation)
    revoke(health, jamila, designation)
    with pytest.raises(RuleBroken, match="is revoked already"):
        revoke(health, jamila, designation)


def test_the_lists_show_what_stands_first_and_what_is_past_apart(cast, health, jamila):
    made = {
        "now": stand_in(health, jamila, cast),
        "later": stand_in(
            health, jamila, cast, starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 9), instrument_number="SO 2"
        ),
        "revoked": stand_in(health, jamila, cast, principal="yusuf"),
        "soon over": stand_in(health, jamila, cast, principal="jamila", ends_on=TODAY),
    }
    revoke(health, jamila, made["revoked"])
    stands = [queries.listed(row) for row in health.execute(queries.list_designations())]
    assert [each.designation for each in stands] == [made["soon over"], made["now"], made["later"]]
    assert [each.state for each in stands] == [State.IN_FORCE, State.IN_FORCE, State.COMING]
    assert (stands[1].deputy, stands[1].principal, stands[1].kind) == ("Badar Lim", "Amina Salik", "Officer-in-charge")
    past = [queries.listed(row) for row in health.execute(queries.list_designations(past=True))]
    assert [(each.designation, each.state) for each in past] == [(made["revoked"], State.REVOKED)]


def test_another_ministry_finds_nothing(engine, cast, health, jamila):
    designation = stand_in(health, jamila, cast)
    health.commit()
    with Session(engine) as education:
        bind_scope(education, cast.mbhte.id)
        with pytest.raises(NotFound):
            queries.get_designation(education, designation.id)
        assert education.execute(queries.list_designations()).all() == []


def test_a_member_whose_account_is_closed_is_not_offered(engine, cast, health, jamila):
    with Session(engine) as platform:
        bind_platform(platform, "tests")
        nora = make_user(platform, "nora", "Nora", "Lim", status=UserStatus.DEACTIVATED)
        nora_here = make_membership(platform, nora, cast.moh, "pilot_viewer").id
        platform.commit()
    with pytest.raises(RuleBroken, match="who works here now"):
        stand_in(health, jamila, cast, deputy_id=nora_here)
