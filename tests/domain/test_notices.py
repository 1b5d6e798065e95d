"""Notices: who is told what by the steps of a plan, and when mail about it goes out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.errors import NotFound
from bmms.domain.holders import holders_of
from bmms.domain.installation import Installation
from bmms.domain.notices import digests, reading
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import Permission
from bmms.models.accounts import User
from bmms.models.collaboration import Notification
from bmms.models.memberships import Designation, DesignationKind
from bmms.models.organizations import MailMode, Organization
from bmms.models.outbox import OutboxMessage
from bmms.tenancy import bind_platform
from tests.planning import bring_to, make_lists, make_plan

MONDAY_AT_NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def ids(cast) -> dict[str, int]:
    """Membership ids by name."""
    return {name: membership.id for name, membership in cast.memberships.items()}


def chooses(engine, user: User, mode: str) -> None:
    with Session(engine) as session:
        bind_platform(session, "tests")
        session.get_one(User, user.id).mail_mode = mode
        session.commit()


def notices(desk) -> list[Notification]:
    return list(desk.session.scalars(select(Notification).order_by(Notification.id)))


def mails(desk) -> list[tuple[str, int]]:
    return [(one.kind, one.user_id) for one in desk.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]


def test_the_steps_of_a_plan_tell_those_whom_they_concern(engine, cast, desks, ids) -> None:
    theme_id, hours_id = make_lists(engine)
    badar, amina = desks["badar"], desks["amina"]
    plan = make_plan(badar, theme_id, hours_id, ids["badar"], lead_officer_id=ids["jamila"])
    bring_to(plan, badar, amina, "submit")
    assert [(one.membership_id, one.kind) for one in notices(badar)] == [(ids["amina"], "plan_submit")]
    assert mails(badar) == [("notice", cast.amina.id)]
    (one,) = notices(badar)
    assert (one.endpoint, one.values) == ("planning.plan_show", {"plan_id": plan.id})
    bring_to(plan, badar, amina, "return")
    assert {(one.membership_id, one.kind) for one in notices(badar)[1:]} == {
        (ids["badar"], "plan_return"), (ids["jamila"], "plan_return"),
    }  # fmt: skip
    bring_to(plan, badar, amina, "submit", "approve", "activate")
    assert [one.kind for one in notices(badar)] == [
        "plan_submit", "plan_return", "plan_return", "plan_submit", "plan_approve", "plan_approve",
    ]  # fmt: skip


def test_deputies_hold_what_their_principal_holds(desks, ids) -> None:
    session = desks["badar"].session
    assert holders_of(session, Permission.PLAN_APPROVE) == {ids["amina"]}
    order = Designation(
        deputy_id=ids["badar"], principal_id=ids["amina"], kind=DesignationKind.OIC, instrument_number="SO 1",
        starts_on=clock.today(), ends_on=clock.today(),
    )  # fmt: skip
    session.add(order)
    session.flush()
    assert holders_of(session, Permission.PLAN_APPROVE) == {ids["amina"], ids["badar"]}
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        assert holders_of(session, Permission.PLAN_APPROVE) == {ids["amina"]}
    assert ids["dan"] not in holders_of(session, Permission.PLAN_EDIT), "a suspended membership holds nothing"
    assert holders_of(desks["ben"].session, Permission.PLAN_APPROVE) == {ids["bai"]}


def test_nobody_is_told_what_he_or_she_did_nor_who_left_nor_foreigners(desks, ids) -> None:
    badar = desks["badar"]
    wanted = [ids[name] for name in ("badar", "amina", "dan", "ben")]
    assert tell(badar.session, badar.actor, wanted, "test", "Look.") == 1
    assert [one.membership_id for one in notices(badar)] == [ids["amina"]]


def test_a_reminder_goes_out_once(desks, ids) -> None:
    badar = desks["badar"]
    for _ in range(2):
        tell(badar.session, badar.actor, [ids["amina"], ids["jamila"]], "due", "It is due.", once="item 7 due in 7")
    assert len(notices(badar)) == 2
    assert len(mails(badar)) == 2
    assert tell(badar.session, badar.actor, [ids["amina"]], "due", "It is due.", once="item 7 due in 1") == 1
    assert tell(badar.session, badar.actor, [ids["amina"]], "news", "News.") == 1
    assert tell(badar.session, badar.actor, [ids["amina"]], "news", "News.") == 1


def test_values_may_bear_any_name(desks, ids) -> None:
    badar = desks["badar"]
    tell(badar.session, badar.actor, [ids["amina"]], "x", "Look.", "planning.discussion_show", kind="plans", text="t")
    assert notices(badar)[0].values == {"kind": "plans", "text": "t"}


def test_a_rollback_takes_notice_and_mail_along(desks, ids) -> None:
    badar = desks["badar"]
    tell(badar.session, badar.actor, [ids["amina"]], "test", "Look.")
    badar.session.rollback()
    assert (notices(badar), mails(badar)) == ([], [])


def test_without_mail_notices_are_in_the_application_only(app, engine, cast, desks, ids) -> None:
    badar = desks["badar"]
    config = app.extensions["installation"].config
    silent = replace(config, pilot=replace(config.pilot, email_notifications=False))
    badar.session.info["installation"] = Installation(silent)
    chooses(engine, cast.jamila, "daily")
    with clock.stopped_at(MONDAY_AT_NINE - timedelta(hours=1)):
        tell(badar.session, badar.actor, [ids["amina"], ids["jamila"]], "test", "Look.")
    with clock.stopped_at(MONDAY_AT_NINE):
        assert digests.write_digests(badar.session) == 0
    assert (len(notices(badar)), mails(badar)) == (2, [])


def test_news_about_demo_data_is_not_mailed(engine, cast, desks, ids) -> None:
    badar = desks["badar"]
    chooses(engine, cast.jamila, "daily")
    with clock.stopped_at(MONDAY_AT_NINE - timedelta(hours=1)):
        tell(badar.session, badar.actor, [ids["amina"], ids["jamila"]], "test", "Look.", is_demo=True)
    with clock.stopped_at(MONDAY_AT_NINE):
        assert digests.write_digests(badar.session) == 0
    assert ([one.is_demo for one in notices(badar)], mails(badar)) == ([True, True], [])


@pytest.mark.parametrize(
    ("hour", "mode", "turn"),
    [
        (MONDAY_AT_NINE, MailMode.DAILY, MONDAY_AT_NINE),
        (MONDAY_AT_NINE - timedelta(minutes=1), MailMode.DAILY, MONDAY_AT_NINE - timedelta(days=1)),
        (MONDAY_AT_NINE, MailMode.WEEKLY, MONDAY_AT_NINE),
        (MONDAY_AT_NINE - timedelta(minutes=1), MailMode.WEEKLY, MONDAY_AT_NINE - timedelta(days=7)),
        (MONDAY_AT_NINE + timedelta(days=6, hours=23), MailMode.WEEKLY, MONDAY_AT_NINE),
    ],
)
def test_when_a_digest_was_due(hour, mode, turn) -> None:
    assert digests.last_turn(mode, hour) == turn


def test_a_digest_gathers_what_is_unread_and_goes_out_once(engine, cast, desks, ids) -> None:
    badar = desks["badar"]
    chooses(engine, cast.amina, "daily")
    chooses(engine, cast.jamila, "weekly")
    both = [ids["amina"], ids["jamila"]]
    tuesday = MONDAY_AT_NINE + timedelta(days=1)
    with clock.stopped_at(tuesday - timedelta(hours=3)):
        tell(badar.session, badar.actor, both, "test", "One.")
        tell(badar.session, badar.actor, both, "test", "Two.")
        assert mails(badar) == []
    with clock.stopped_at(tuesday - timedelta(minutes=1)):
        assert digests.write_digests(badar.session) == 0
    with clock.stopped_at(tuesday + timedelta(minutes=40)):
        tell(badar.session, badar.actor, both, "test", "Too late for this turn.")
        assert digests.write_digests(badar.session) == 1
        assert digests.write_digests(badar.session) == 0
    assert mails(badar) == [("digest", cast.amina.id)]
    found, more = digests.of_mail(badar.session, cast.amina.id, tuesday + timedelta(minutes=40))
    assert ([one.text for one in found], more) == (["One.", "Two."], 0)
    with clock.stopped_at(MONDAY_AT_NINE + timedelta(days=7)):
        assert digests.write_digests(badar.session) == 2
        assert digests.write_digests(badar.session) == 0
    assert ("digest", cast.jamila.id) in mails(badar)


def test_what_was_read_is_in_no_digest(engine, cast, desks, ids) -> None:
    badar, amina = desks["badar"], desks["amina"]
    chooses(engine, cast.amina, "daily")
    with clock.stopped_at(MONDAY_AT_NINE - timedelta(hours=1)):
        tell(badar.session, badar.actor, [ids["amina"]], "test", "Read at once.")
        badar.session.commit()
        assert reading.mark_all_read(amina.session, cast.memberships["amina"]) == 1
        amina.session.commit()
    with clock.stopped_at(MONDAY_AT_NINE):
        assert digests.write_digests(badar.session) == 0


def test_the_organization_decides_where_nobody_has_chosen(desks, cast, ids) -> None:
    badar = desks["badar"]
    badar.session.get_one(Organization, cast.moh.id).mail_mode = MailMode.DAILY
    badar.session.flush()
    tell(badar.session, badar.actor, [ids["amina"]], "test", "Look.")
    assert mails(badar) == []


def test_reading_is_for_the_person_alone(desks, cast, ids) -> None:
    badar, amina, ben = desks["badar"], desks["amina"], desks["ben"]
    tell(badar.session, badar.actor, [ids["amina"], ids["jamila"]], "test", "Look.")
    badar.session.commit()
    mine, hers = notices(badar)
    with pytest.raises(NotFound):
        reading.mark_read(amina.session, cast.memberships["amina"], hers.id)
    seen = reading.mark_read(amina.session, cast.memberships["amina"], mine.id).read_at
    assert reading.mark_read(amina.session, cast.memberships["amina"], mine.id).read_at == seen
    with pytest.raises(NotFound):
        reading.get_notice(ben.session, cast.memberships["ben"], mine.id)
    assert ben.session.scalars(select(Notification)).all() == []
    assert ben.session.execute(delete(Notification).returning(Notification.id)).all() == []
