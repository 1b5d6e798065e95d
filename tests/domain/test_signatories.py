"""Who signs which document: named in order, resolved on a day, the officer-in-charge where there is one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.designations.actions import designate, revoke
from bmms.domain.errors import NotAllowed, RuleBroken, Stale
from bmms.domain.permissions import permissions_of
from bmms.domain.signatories.actions import MOST_LINES, Line, change_block
from bmms.domain.signatories.kinds import RULES, DocumentKind, kind_at
from bmms.domain.signatories.queries import SignedLine, block_for, blocks, get_block
from bmms.models.audit import AuditEvent
from bmms.models.memberships import DesignationKind, Membership
from bmms.tenancy import bind_platform, bind_scope

PLAN = DocumentKind.WORK_PLAN


@pytest.fixture
def health(engine, cast, app):
    """A session that serves the Ministry of Health; Amina heads planning there."""
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_scope(session, cast.moh.id)
        session.get_one(Membership, cast.memberships["amina"].id).position = "Chief, Planning Division"
        yield session


@pytest.fixture
def jamila(cast) -> Actor:
    """The administrator of Health."""
    return Actor(cast.jamila.id, "Jamila Usop", cast.moh.id, permissions=permissions_of({"pilot_admin"}))


@pytest.fixture
def lines(cast) -> list[Line]:
    """A member with her own position, a member under another title, and somebody from outside."""
    return [
        Line("Prepared by", cast.memberships["badar"].id, title="Planning officer"),
        Line("Reviewed by", cast.memberships["amina"].id),
        Line(" Approved  by ", name="Hon. Datu Omar Sinsuat", title="Minister"),
    ]


def test_a_block_prints_names_and_titles_in_order(health, jamila, lines):
    change_block(health, jamila, PLAN, lines)
    assert block_for(health, PLAN) == [
        SignedLine("Prepared by", "Badar Lim", "Planning officer"),
        SignedLine("Reviewed by", "Amina Salik", "Chief, Planning Division"),
        SignedLine("Approved by", "Hon. Datu Omar Sinsuat", "Minister"),
    ]
    assert block_for(health, DocumentKind.REPORT) == []


def test_the_order_is_the_one_that_was_given(health, jamila, lines):
    change_block(health, jamila, PLAN, lines)
    change_block(health, jamila, PLAN, lines[::-1])
    assert [line.caption for line in block_for(health, PLAN)] == ["Approved by", "Reviewed by", "Prepared by"]
    change_block(health, jamila, PLAN, [])
    assert block_for(health, PLAN) == []


def stand_in(session, actor, cast, kind=DesignationKind.OIC, first=0, last=10):
    """Yusuf stands in for Amina."""
    return designate(
        session, actor, deputy_id=cast.memberships["yusuf"].id, principal_id=cast.memberships["amina"].id, kind=kind,
        starts_on=clock.today() + timedelta(first), ends_on=clock.today() + timedelta(last), instrument_number="SO 12",
    )  # fmt: skip


def test_an_officer_in_charge_signs_in_the_place_of_the_principal(health, jamila, cast, lines):
    change_block(health, jamila, PLAN, lines)
    designation = stand_in(health, jamila, cast, first=1)
    oic = SignedLine("Reviewed by", "Yusuf Karim", "OIC, Chief, Planning Division")
    amina = SignedLine("Reviewed by", "Amina Salik", "Chief, Planning Division")
    for days, signs in ((0, amina), (1, oic), (10, oic), (11, amina)):
        assert block_for(health, PLAN, clock.today() + timedelta(days))[1] == signs, days
    revoke(health, jamila, designation)
    assert block_for(health, PLAN, clock.today() + timedelta(1))[1] == amina


def test_an_officer_in_charge_of_somebody_without_title_prints_oic(health, jamila, cast):
    change_block(health, jamila, PLAN, [Line("Approved by", cast.memberships["yusuf"].id)])
    designate(
        health, jamila, deputy_id=cast.memberships["badar"].id, principal_id=cast.memberships["yusuf"].id,
        kind=DesignationKind.OIC, starts_on=clock.today(), ends_on=clock.today(), instrument_number="SO 13",
    )  # fmt: skip
    assert block_for(health, PLAN) == [SignedLine("Approved by", "Badar Lim", "OIC")]


def test_a_deputy_does_not_replace_the_principal_in_print(health, jamila, cast, lines):
    change_block(health, jamila, PLAN, lines)
    stand_in(health, jamila, cast, kind=DesignationKind.DEPUTY)
    assert block_for(health, PLAN)[1].name == "Amina Salik"


def test_somebody_who_has_left_leaves_the_line_to_be_signed_by_hand(health, jamila, cast, lines):
    change_block(health, jamila, PLAN, lines)
    health.get_one(Membership, cast.memberships["amina"].id).is_active = False
    health.flush()
    assert block_for(health, PLAN)[1] == SignedLine("Reviewed by", "", "")
    kept = get_block(health, PLAN).lines[1]
    assert (kept.name, kept.gone) == ("Amina Salik", True), "the administrator sees who it was"
    with pytest.raises(RuleBroken, match="who works here now") as broken:
        change_block(health, jamila, PLAN, lines)
    assert set(broken.value.fields) == {"lines-1-membership_id"}


def test_a_changed_name_or_position_is_printed_without_anybody_changing_the_block(engine, health, jamila, cast, lines):
    change_block(health, jamila, PLAN, lines)
    health.get_one(Membership, cast.memberships["amina"].id).position = "Director"
    health.commit()
    assert block_for(health, PLAN)[1].position == "Director"
    with Session(engine) as platform:
        bind_platform(platform, "tests")
        platform.get_one(type(cast.badar), cast.badar.id).last_name = "Lim-Santos"
        platform.commit()
    assert block_for(health, PLAN)[0].name == "Badar Lim-Santos"


WRONG = {
    "no caption": (Line("", name="Somebody"), "caption", "Prepared by"),
    "nobody": (Line("Prepared by"), "name", "Choose a member, or type a name"),
    "too long": (Line("Prepared by", name="x" * 151), "name", "At most 150"),
    "control signs": (Line("Prepared by", name="A\0B"), "name", "At most 150"),
    "a title too long": (Line("Prepared by", name="A", title="x" * 151), "title", "At most 150"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_by_line_and_field(health, jamila, what):
    line, field, said = WRONG[what]
    with pytest.raises(RuleBroken, match=said) as broken:
        change_block(health, jamila, PLAN, [Line("Prepared by", name="Fine"), line])
    assert set(broken.value.fields) == {f"lines-1-{field}"}
    assert get_block(health, PLAN).lines == ()


def test_a_member_and_a_typed_name_exclude_each_other(health, jamila, cast):
    line = Line("Prepared by", cast.memberships["badar"].id, name="Somebody else")
    with pytest.raises(RuleBroken, match="not both"):
        change_block(health, jamila, PLAN, [line])


@pytest.mark.parametrize("name", ["ben", "dan", "yusuf_mbhte"])
def test_members_of_other_ministries_and_suspended_ones_are_refused(health, jamila, cast, name):
    with pytest.raises(RuleBroken, match="who works here now"):
        change_block(health, jamila, PLAN, [Line("Prepared by", cast.memberships[name].id)])


def test_at_most_eight_sign(health, jamila):
    line = Line("Noted by", name="Somebody")
    change_block(health, jamila, PLAN, [line] * MOST_LINES)
    with pytest.raises(RuleBroken, match="At most 8 people sign. Take 1 out."):
        change_block(health, jamila, PLAN, [line] * (MOST_LINES + 1))


def test_who_saves_second_is_told(health, jamila, lines):
    assert get_block(health, PLAN).row_version == 0
    change_block(health, jamila, PLAN, lines, row_version=0)
    with pytest.raises(Stale, match="who signs: work plan"):
        change_block(health, jamila, PLAN, [], row_version=0)
    seen = get_block(health, PLAN).row_version
    change_block(health, jamila, PLAN, lines[:1], row_version=seen)
    with pytest.raises(Stale):
        change_block(health, jamila, PLAN, lines, row_version=seen)


def test_a_block_that_vanished_is_told_too(health, jamila, lines):
    with pytest.raises(Stale, match="Open it again"):
        change_block(health, jamila, PLAN, lines, row_version=3)


def test_a_change_is_recorded_in_words_and_nothing_changed_is_not(health, jamila, lines):
    change_block(health, jamila, PLAN, lines[:1])
    change_block(health, jamila, PLAN, lines[:1])
    change_block(health, jamila, PLAN, lines[1:2])
    events = health.scalars(
        select(AuditEvent).where(AuditEvent.action == "signatory_blocks:change").order_by(AuditEvent.id)
    ).all()
    assert [event.changes["lines"] for event in events] == [
        ["", "Prepared by: Badar Lim, Planning officer"],
        ["Prepared by: Badar Lim, Planning officer", "Reviewed by: Amina Salik"],
    ]
    assert events[0].subject_label == "Work plan"


def test_only_who_may_change_signatories_does(health, cast, jamila, lines):
    with pytest.raises(NotAllowed):
        change_block(health, replace(jamila, permissions=permissions_of({"pilot_approver"})), PLAN, lines)


def test_each_ministry_has_blocks_of_its_own(engine, health, jamila, cast, lines):
    change_block(health, jamila, PLAN, lines)
    health.commit()
    with Session(engine) as education:
        bind_scope(education, cast.mbhte.id)
        assert [block.lines for block in blocks(education)] == [()] * len(DocumentKind)


def test_every_kind_says_who_usually_signs_and_has_an_address():
    assert set(RULES) == set(DocumentKind)
    assert all(rule.usual for rule in RULES.values())
    assert [kind_at(kind.in_address) for kind in DocumentKind] == list(DocumentKind)
    assert kind_at("work_plan") is None
