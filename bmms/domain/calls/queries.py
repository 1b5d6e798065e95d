"""Calls, their deadlines and the budget calendar of the organization that the session serves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound
from bmms.domain.reference.queries import non_working_days
from bmms.domain.reference.working_days import add_working_days
from bmms.models.audit import RowHistory
from bmms.models.budgets import BudgetCall, CalendarItem, CallExtension, CallStatus
from bmms.models.organizations import StoredFile

CEILINGS = {"ceiling_ps": "PS", "ceiling_mooe": "MOOE", "ceiling_finex": "FinEx", "ceiling_co": "CO"}


@dataclass(frozen=True)
class Due:
    """A date as it was set, and the working day on which it falls due (decision D12: offices are closed otherwise)."""

    set_for: date
    day: date

    @property
    def has_moved(self) -> bool:
        """Does it fall on a day on which offices are closed?"""
        return self.day != self.set_for


def dues(session: Session, days: Iterable[date]) -> dict[date, Due]:
    """Due dates that fall on a weekend or holiday move to the next working day; all of them in one statement."""
    wanted = set(days)
    holidays = non_working_days(session, *{year for day in wanted for year in (day.year, day.year + 1)})
    return {day: Due(day, add_working_days(day, 0, holidays)) for day in wanted}


def due(session: Session, day: date) -> Due:
    """One due date."""
    return dues(session, [day])[day]


def deadline_of(session: Session, call: BudgetCall) -> Due:
    """The last day for proposals."""
    return due(session, call.last_day)


def with_deadlines(session: Session, calls: Sequence[BudgetCall]) -> list[tuple[BudgetCall, Due]]:
    """Calls with their last days."""
    found = dues(session, [call.last_day for call in calls])
    return [(call, found[call.last_day]) for call in calls]


def with_dues(session: Session, items: Sequence[CalendarItem]) -> list[tuple[CalendarItem, Due]]:
    """Dates of the calendar with the days on which they fall due."""
    found = dues(session, [item.due_on for item in items])
    return [(item, found[item.due_on]) for item in items]


def list_calls(session: Session) -> Sequence[BudgetCall]:
    """All calls, the latest year first."""
    return session.scalars(select(BudgetCall).order_by(BudgetCall.fiscal_year.desc())).all()


def get_call(session: Session, call_id: int) -> BudgetCall:
    """One call. Raises NotFound."""
    call = session.get(BudgetCall, call_id)
    if call is None:
        raise NotFound("There is no such budget call.")
    return call


def open_call(session: Session, fiscal_year: int) -> BudgetCall | None:
    """The call of a year if it is open now."""
    here = (BudgetCall.fiscal_year == fiscal_year, BudgetCall.status == CallStatus.OPEN)
    return session.scalar(select(BudgetCall).where(*here))


def extensions_of(session: Session, call: BudgetCall) -> Sequence[CallExtension]:
    """All extensions, the first one first; one of them at most waits for confirmation."""
    order = select(CallExtension).where(CallExtension.call_id == call.id).order_by(CallExtension.id)
    return session.scalars(order).all()


def get_extension(session: Session, call: BudgetCall, extension_id: int) -> CallExtension:
    """One extension of a call. Raises NotFound."""
    extension = session.get(CallExtension, extension_id)
    if extension is None or extension.call_id != call.id:
        raise NotFound("There is no such extension.")
    return extension


def file_of(session: Session, file_id: int | None) -> StoredFile | None:
    """The instrument, if there is one."""
    return session.get(StoredFile, file_id) if file_id else None


def preparers_of(session: Session, call: BudgetCall) -> set[int]:
    """Everybody who has typed anything into the call: none of them opens it. Steps are no typing."""
    typed = or_(RowHistory.operation == "insert", ~RowHistory.new.has_any(array(["status", "extended_to"])))  # type: ignore[union-attr]
    rows = select(RowHistory.actor_id).where(
        RowHistory.table_name == BudgetCall.__tablename__, RowHistory.row_id == call.id, typed
    )
    found = {actor_id for actor_id in session.scalars(rows.distinct()) if actor_id}
    return found | ({call.entered_by} if call.entered_by else set())


def calendar_of(session: Session, fiscal_year: int) -> Sequence[CalendarItem]:
    """The dates of a year, in their order."""
    query = select(CalendarItem).where(CalendarItem.fiscal_year == fiscal_year)
    return session.scalars(query.order_by(CalendarItem.due_on, CalendarItem.id)).all()


def get_item(session: Session, item_id: int) -> CalendarItem:
    """One date. Raises NotFound."""
    item = session.get(CalendarItem, item_id)
    if item is None:
        raise NotFound("There is no such date.")
    return item
