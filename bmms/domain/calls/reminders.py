"""Reminders of the budget calendar and of open calls: a week and a day before a date is due (modules 2.2)."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.calls.queries import with_deadlines, with_dues
from bmms.domain.holders import holders_of
from bmms.domain.members import working_members
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import Permission
from bmms.models.budgets import Audience, BudgetCall, CalendarItem, CallStatus

BEFORE = {7: "in a week", 1: "tomorrow"}
LONGEST_SHIFT = timedelta(days=14)  # a due date never moves further over weekends and holidays
CONCERNS = {
    Audience.BUDGET: Permission.BUDGET_EDIT,
    Audience.REVIEW: Permission.BUDGET_REVIEW,
    Audience.PLANNING: Permission.PLAN_EDIT,
}


def remind(session: Session, actor: Actor, today: date) -> int:
    """Tell everybody concerned what is due in a week and tomorrow, each thing once; returns how many notices."""
    told = 0
    days = {today + timedelta(days=days): words for days, words in BEFORE.items()}
    calls = session.scalars(select(BudgetCall).where(BudgetCall.status == CallStatus.OPEN)).all()
    for call, deadline in with_deadlines(session, calls):
        day = deadline.day
        if day in days:
            people = holders_of(session, Permission.BUDGET_EDIT)
            text = f"The budget call of FY {call.fiscal_year} closes {days[day]}, on {day:%d %B %Y}."
            once = f"call {call.id} {day} {days[day]}"
            told += tell(
                session, actor, people, "call_due", text, "budgeting.call_show", once=once, is_demo=call.is_demo,
                call_id=call.id,
            )  # fmt: skip
    near = CalendarItem.due_on.between(today - LONGEST_SHIFT, today + timedelta(days=max(BEFORE)))
    items = session.scalars(select(CalendarItem).where(near).order_by(CalendarItem.id)).all()
    for item, due in with_dues(session, items):
        day = due.day
        if day in days:
            text = f"“{item.name}” (FY {item.fiscal_year}) is due {days[day]}, on {day:%d %B %Y}."
            told += tell(
                session, actor, _concerned(session, item.audience), "calendar_due", text, "budgeting.calendar_show",
                once=f"calendar {item.id} {day} {days[day]}", is_demo=item.is_demo, year=item.fiscal_year,
            )  # fmt: skip
    return told


def _concerned(session: Session, audience: Audience) -> list[int]:
    need = CONCERNS.get(audience)
    return sorted(holders_of(session, need) if need else working_members(session))
