"""Reminders of work items: each thing once, to whom it concerns; and what of work plans waits on my work."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.planning.waiting import matters_of
from bmms.domain.workplans import reminders
from bmms.models.collaboration import Notification
from bmms.models.memberships import Membership
from bmms.models.work import AnnualWorkPlan, ItemStatus, WorkItem
from tests import planning as strategic
from tests.workplans import bring_to, make_tree


@pytest.fixture
def desks(engine, app, cast):
    """Badar, who plans, and Amina, who approves."""
    found = [strategic.desk_of(engine, app, cast, name) for name in ("badar", "amina")]
    yield found
    for desk in found:
        desk.session.close()


@pytest.fixture
def plan(engine, cast, desks):
    """A complete draft work plan in an active strategic plan, Badar's all."""
    badar_id = cast.memberships["badar"].id
    parent = strategic.make_plan(desks[0], *strategic.make_lists(engine), badar_id)
    strategic.bring_to(parent, *desks, "submit", "approve", "activate")
    task = make_tree(desks[0], parent, badar_id)["task"]
    desks[0].session.commit()
    return desks[0].session.get_one(AnnualWorkPlan, task.work_plan_id)


def remind(desk, today: date) -> list[str]:
    """What is told on a day."""
    session = desk.session
    before = set(session.scalars(select(Notification.id)))
    reminders.remind(session, system_actor("calendar", desk.actor.organization_id), today, escalate_days=30)
    return [one.text for one in session.scalars(select(Notification)) if one.id not in before]


def waiting(desk, cast, name: str) -> list[tuple[str, str]]:
    """(title, word) of what waits for somebody."""
    desk.session.expire_all()
    membership = desk.session.get_one(Membership, cast.memberships[name].id)
    return [(one.title, one.word) for one in matters_of(desk.session, desk.actor, membership)]


def test_a_week_and_a_day_before_and_each_once(desks, plan):
    bring_to(plan, *desks, "submit", "approve", "activate")
    badar, end = desks[0], date(2026, 6, 30)
    assert remind(badar, end - timedelta(days=8)) == []
    assert remind(badar, end - timedelta(days=7)) == ["“Write the course” is due in a week."]
    assert remind(badar, end - timedelta(days=7)) == []
    assert remind(badar, end - timedelta(days=1)) == ["“Write the course” is due tomorrow."]


def test_overdue_on_mondays_and_silence_to_the_planners(desks, plan):
    bring_to(plan, *desks, "submit", "approve", "activate")
    badar = desks[0]
    assert remind(badar, date(2026, 7, 7)) == []
    assert remind(badar, date(2026, 7, 6)) == ["Work items of yours are overdue."]
    assert remind(badar, date(2026, 7, 6)) == []
    item = badar.session.scalars(select(WorkItem).where(WorkItem.title == "Write the course")).one()
    item.status, item.started_on = ItemStatus.IN_PROGRESS, date(2026, 1, 2)
    badar.session.flush()
    told = remind(badar, date(2026, 7, 13))
    assert sorted(set(told)) == [
        "Nobody has said a word about some work items for 30 days.",
        "Work items of yours are overdue.",
    ]


def test_nobody_is_reminded_of_a_plan_that_is_not_in_force(desks, plan):
    assert remind(desks[0], date(2026, 6, 23)) == []


def test_what_waits_on_my_work(desks, cast, plan):
    badar, amina = desks
    assert waiting(amina, cast, "amina") == []
    bring_to(plan, *desks, "submit")
    assert waiting(amina, cast, "amina") == [(plan.title, "Waits for your approval")]
    assert waiting(badar, cast, "badar") == []
    bring_to(plan, *desks, "return")
    assert waiting(badar, cast, "badar") == [(plan.title, "Returned to you")]
    bring_to(plan, *desks, "submit", "approve", "activate")
    with clock.stopped_at(datetime(2026, 7, 1, tzinfo=UTC)):
        assert [word for _, word in waiting(badar, cast, "badar")] == ["Due"]
        assert waiting(amina, cast, "amina") == []


def test_approvers_and_authors_are_told(desks, plan):
    bring_to(plan, *desks, "submit", "return")
    desks[0].session.expire_all()
    told = desks[0].session.execute(select(Notification.kind, Notification.endpoint).order_by(Notification.id)).all()
    assert ("plan_submit", "planning.work_plan_show") in told
    assert ("plan_return", "planning.work_plan_show") in told
