"""Reminders of work items: a week and a day before the end, and once a week what is overdue (modules 1.8)."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import Permission
from bmms.domain.workplans import queries
from bmms.models.work import WorkItem

BEFORE = {7: "is due in a week", 1: "is due tomorrow"}
MONDAY = 0


def remind(session: Session, actor: Actor, today: date, *, escalate_days: int) -> int:
    """Tell the officers what comes up, each thing once; on Mondays what is overdue, and the planners who is silent.

    Returns:
        how many notices were written.
    """
    told = sum(_due(session, actor, today, days) for days in BEFORE)
    if today.weekday() == MONDAY:
        told += _overdue(session, actor, today) + _silent(session, actor, today, escalate_days)
    return told


def _due(session: Session, actor: Actor, today: date, days: int) -> int:
    day = today + timedelta(days=days)
    query = select(WorkItem).where(queries.in_force(), WorkItem.officer_id.is_not(None), WorkItem.ends_on == day)
    return sum(
        tell(
            session, actor, [item.officer_id], "item_due", f"“{item.title}” {BEFORE[days]}.", "planning.work_item_show",
            once=f"due {days} {item.id} {day}", is_demo=item.is_demo, work_item_id=item.id,
        )
        for item in session.scalars(query.order_by(WorkItem.id)).all()
        if item.officer_id is not None
    )  # fmt: skip


def _overdue(session: Session, actor: Actor, today: date) -> int:
    officers = _officers(session, queries.overdue(today))
    return tell(
        session, actor, list(officers), "items_overdue", "Work items of yours are overdue.", "planning.my_items",
        once=f"overdue {today}", list="overdue",
    )  # fmt: skip


def _silent(session: Session, actor: Actor, today: date, days: int) -> int:
    if not any(_officers(session, queries.stale(today, days))):
        return 0
    text = f"Nobody has said a word about some work items for {days} days."
    planners = holders_of(session, Permission.PLAN_EDIT)
    return tell(
        session, actor, planners, "items_silent", text, "planning.my_items", once=f"silent {today}", list="stale",
        whose="all",
    )  # fmt: skip


def _officers(session: Session, among: ColumnElement[bool]) -> Iterable[int]:
    query = select(WorkItem.officer_id).where(among, WorkItem.officer_id.is_not(None)).distinct()
    return [one for one in session.scalars(query) if one is not None]
