"""Months of an organization as screens list them, and what keeps one of them from being closed."""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, String, cast, func, literal, select, text, union_all
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.errors import NotFound
from bmms.domain.imports.values import some
from bmms.domain.ledger import reconciling
from bmms.domain.periods.labels import WAITING, Stands
from bmms.models.allotments import AllotmentOrder, OrderStatus
from bmms.models.changes import BudgetChange, ChangeStatus
from bmms.models.disbursements import Disbursement, DisbursementStatus
from bmms.models.ledger import AccountingPeriod, LedgerEntry
from bmms.models.locks import Lock
from bmms.models.obligations import AdjustmentStatus, Obligation, ObligationAdjustment, ObligationStatus
from bmms.models.openings import OpeningPosition, OpeningStatus
from bmms.tenancy import scope_of

YEARS = range(2020, 2101)
_CODE = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def year_of(year: int | None) -> int:
    """The year that an address names, or this one."""
    return year if year is not None and year in YEARS else clock.today().year


@dataclass(frozen=True)
class Month:
    """A month with what is known about it."""

    first: date
    period: AccountingPeriod | None = None
    postings: int = 0
    waiting: int = 0
    shut_by: date | None = None  # the last month that is closed

    @property
    def code(self) -> str:
        """As addresses name it: 2026-03."""
        return f"{self.first:%Y-%m}"

    @property
    def name(self) -> str:
        """As people name it: March 2026."""
        return name_of(self.first)

    @property
    def stands(self) -> Stands:
        """Open, closed, or on the way."""
        if self.period is not None and self.period.asked:
            return Stands.CLOSING if self.period.asked == "close" else Stands.REOPENING
        if self.period is not None and self.period.is_closed:
            return Stands.CLOSED
        return Stands.SHUT if self.shut_by is not None and self.first < self.shut_by else Stands.OPEN

    @property
    def is_over(self) -> bool:
        """Has its last day passed?"""
        return last_day(self.first) < clock.today()


@dataclass(frozen=True)
class Waiting:
    """A document dated in a month that is not in the ledger yet."""

    kind: str  # of labels.WAITING
    document_id: int
    label: str
    dated: date

    def __str__(self) -> str:
        return f"{WAITING[self.kind]} {self.label} of {self.dated:%d %B %Y}"


def hold_postings(session: Session) -> None:
    """Wait for the postings that have begun; those that begin now wait for this transaction (migration 0016)."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(:lock, :organization_id)"),
        {"lock": Lock.PERIODS.value, "organization_id": scope_of(session).organization_id},
    )


def name_of(first: date) -> str:
    """March 2026."""
    return f"{calendar.month_name[first.month]} {first.year}"


def last_day(first: date) -> date:
    """The last day of a month."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def month_at(code: str) -> date:
    """The first day of the month that an address names, such as 2026-03. Raises NotFound."""
    found = _CODE.fullmatch(code)
    if found and int(found[1]) in YEARS and 1 <= int(found[2]) <= 12:
        return date(int(found[1]), int(found[2]), 1)
    raise NotFound("There is no such month.")


def years_of(session: Session) -> list[int]:
    """The years in which something is in the ledger, and this one, the latest first."""
    oldest, latest = session.execute(select(func.min(LedgerEntry.doc_date), func.max(LedgerEntry.doc_date))).one()
    today = clock.today().year
    return list(
        range(max(today, latest.year if latest else today), min(today, oldest.year if oldest else today) - 1, -1)
    )


def months_of(session: Session, year: int) -> list[Month]:
    """The twelve months of a year."""
    first, end = date(year, 1, 1), date(year, 12, 31)
    periods = {row.month: row for row in _periods(session, first, end)}
    postings, waiting = _postings(session, first, end), dict[date, int]()
    for one in waiting_between(session, first, end):
        month = one.dated.replace(day=1)
        waiting[month] = waiting.get(month, 0) + 1
    shut = last_closed(session)
    firsts = [date(year, month, 1) for month in range(1, 13)]
    return [Month(one, periods.get(one), postings.get(one, 0), waiting.get(one, 0), shut) for one in firsts]


def get_month(session: Session, code: str) -> Month:
    """One month; what waits in it is not counted. Raises NotFound."""
    first = month_at(code)
    query = select(AccountingPeriod).where((AccountingPeriod.month == first) | AccountingPeriod.is_closed)
    rows = {row.month: row for row in session.scalars(query.execution_options(populate_existing=True))}
    postings = _postings(session, first, last_day(first)).get(first, 0)
    shut = max((month for month, row in rows.items() if row.is_closed), default=None)
    return Month(first, rows.get(first), postings, shut_by=shut)


def last_closed(session: Session) -> date | None:
    """The latest month that is closed: nothing is dated in it or before it."""
    return session.scalar(select(func.max(AccountingPeriod.month)).where(AccountingPeriod.is_closed))


def open_before(session: Session, first: date) -> list[date]:
    """Earlier months with entries that are open, the first one first: those after the last one that is closed."""
    month = cast(func.date_trunc("month", LedgerEntry.doc_date), LedgerEntry.doc_date.type)
    shut = select(func.max(AccountingPeriod.month)).where(AccountingPeriod.is_closed).scalar_subquery()
    query = select(month).where(LedgerEntry.doc_date < first, month > func.coalesce(shut, date(YEARS[0] - 1, 1, 1)))
    return list(session.scalars(query.distinct().order_by(month)))


def waiting_in(session: Session, first: date) -> list[Waiting]:
    """The documents dated in a month that wait for their second person."""
    return waiting_between(session, first, last_day(first))


def waiting_between(session: Session, first: date, end: date) -> list[Waiting]:
    """The same for a longer time; an opening position stands in the month of its cut-over."""
    rows = session.execute(_waiting(first, end))
    return [Waiting(row.kind, row.id, row.label, row.dated) for row in rows]


def hindrances(session: Session, first: date) -> list[str]:
    """Why a month cannot be closed now, each with its remedy; empty when it can."""
    found = []
    if last_day(first) >= clock.today():
        found.append(
            f"{name_of(first)} is not over yet. It is closed from {last_day(first) + timedelta(1):%d %B %Y} on."
        )
    if earlier := open_before(session, first):
        found.append(f"Months are closed in their order. Close {some([name_of(one) for one in earlier], 12)} first.")
    if waiting := waiting_in(session, first):
        names = some([str(one) for one in waiting], 25)
        found.append(f"Documents of this month wait: {names}. Have them posted, return them, or cancel them.")
    if wrong := reconciling.differences(session):
        names = some([str(one) for one in wrong])
        found.append(f"Totals differ from the ledger (E-11): {names}. Tell the platform team; nothing is closed so.")
    return found


def _periods(session: Session, first: date, end: date) -> Sequence[AccountingPeriod]:
    query = select(AccountingPeriod).where(AccountingPeriod.month.between(first, end))
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _postings(session: Session, first: date, end: date) -> Mapping[date, int]:
    month = cast(func.date_trunc("month", LedgerEntry.doc_date), LedgerEntry.doc_date.type).label("month")
    counted = func.count(func.distinct(LedgerEntry.posting_id))
    query = select(month, counted).where(LedgerEntry.doc_date.between(first, end)).group_by(month)
    return {row[0]: row[1] for row in session.execute(query)}


def _waiting(first: date, end: date) -> CompoundSelect:
    parts: tuple[tuple[str, Any, Any, Any, list[Any]], ...] = (
        ("obligation", Obligation, Obligation.particulars, Obligation.dated, [ObligationStatus.REQUESTED]),
        ("disbursement", Disbursement, Disbursement.particulars, Disbursement.dated,
         [DisbursementStatus.FOR_APPROVAL]),
        ("allotment_order", AllotmentOrder, AllotmentOrder.number, AllotmentOrder.dated, [OrderStatus.DRAFT]),
        ("obligation_adjustment", ObligationAdjustment, ObligationAdjustment.reason, ObligationAdjustment.dated,
         [AdjustmentStatus.DRAFT]),
        ("budget_change", BudgetChange, BudgetChange.reference, BudgetChange.dated,
         [ChangeStatus.REQUESTED, ChangeStatus.APPROVED]),
        ("opening", OpeningPosition, OpeningPosition.reference, OpeningPosition.cut_over, [OpeningStatus.DRAFT]),
    )  # fmt: skip
    selects = [_waits(*part, first, end) for part in parts]
    return union_all(*selects).order_by("dated", "kind", "id")


def _waits(kind: str, model: Any, label: Any, dated: Any, statuses: list[Any], first: date, end: date) -> Any:
    return select(
        literal(kind).label("kind"), model.id.label("id"), cast(func.left(label, 60), String).label("label"),
        dated.label("dated"),
    ).where(model.status.in_(statuses), dated.between(first, end), model.is_demo.is_(False))  # fmt: skip
