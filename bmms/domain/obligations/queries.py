"""Looking up obligation requests, their lines, adjustments and due notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from bmms.domain import activity
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import NotFound
from bmms.domain.ledger import accounts
from bmms.domain.obligations.labels import Stage
from bmms.domain.obligations.rules import Line
from bmms.domain.permissions import P
from bmms.domain.proofs import Proof
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import LedgerEntry, Measure
from bmms.models.obligations import (
    DueNote,
    Obligation,
    ObligationAdjustment,
    ObligationAdjustmentLine,
    ObligationLine,
    RequestBatch,
)
from bmms.models.obligations import ObligationStatus as S
from bmms.models.payees import Payee
from bmms.models.reference import ObjectCode
from bmms.models.work import WorkItem

POSTED = (S.OBLIGATED, S.CLOSED)
LATEST = 15  # acts on the page of a request


@dataclass(frozen=True)
class Sums:
    """What has become of an obligation; pesos."""

    requested: Decimal = NONE
    adjusted: Decimal = NONE
    due: Decimal = NONE
    paid: Decimal = NONE

    @property
    def current(self) -> Decimal:
        """With all adjustments."""
        return self.requested + self.adjusted

    @property
    def unpaid(self) -> Decimal:
        """What may still be paid, or cancelled."""
        return self.current - self.paid


@dataclass(frozen=True)
class ShownLine:
    """A line with the names of what it charges."""

    line: ObligationLine
    number: int
    account: str
    account_row: BudgetAccount
    object: str
    item: str

    @property
    def id(self) -> int:
        """Of the line."""
        return self.line.id

    @property
    def current(self) -> Decimal:
        """Its amount with all adjustments."""
        return self.line.amount + self.line.adjusted


@dataclass(frozen=True)
class ShownAdjustment:
    """A notice of adjustment with its lines: number of the line to amount."""

    adjustment: ObligationAdjustment
    parts: Sequence[tuple[ShownLine, Decimal]]

    @property
    def total(self) -> Decimal:
        """Below zero: a decrease."""
        return sum((amount for _, amount in self.parts), NONE)


def visible(actor: Actor) -> ColumnElement[bool]:
    """What has left the draft once; drafts for those who enter them. What an opening brings shows once it is posted."""
    here = or_(Obligation.is_opening.is_(False), Obligation.status.in_(POSTED))
    if actor.may(P.LEDGER_EDIT):
        return here
    return and_(here, or_(Obligation.requested_at.is_not(None), Obligation.status.not_in((S.DRAFT, S.CANCELLED))))


def get_obligation(
    session: Session, actor: Actor, obligation_id: int, batch: RequestBatch | None = None
) -> Obligation:  # fmt: skip
    """One request with its payee, of this list if one is named.

    Raises:
        NotFound: there is none here, or not for this actor.
    """
    query = (
        select(Obligation)
        .join(Payee, Payee.id == Obligation.payee_id)
        .options(contains_eager(Obligation.payee))
        .where(Obligation.id == obligation_id, visible(actor))
        .execution_options(populate_existing=True)
    )
    if batch is not None:
        query = query.where(Obligation.batch_id == batch.id)
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no such obligation request.")
    return found


def lines_of(session: Session, obligation: Obligation) -> list[ShownLine]:
    """Its lines in their order, with names."""
    query = (
        select(ObligationLine, ObjectCode, WorkItem.code, WorkItem.title)
        .join(ObjectCode, ObjectCode.code == ObligationLine.object_code)
        .outerjoin(WorkItem, WorkItem.id == ObligationLine.item_id)
        .where(ObligationLine.obligation_id == obligation.id)
        .order_by(ObligationLine.id)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(query).all()
    named = accounts.named(session, {row[0].account_id for row in rows})
    return [
        ShownLine(
            line, number, named[line.account_id][1], named[line.account_id][0], f"{one.dashed} {one.title}",
            f"{code} {title}" if code else "",
        )
        for number, (line, one, code, title) in enumerate(rows, start=1)
    ]  # fmt: skip


def lines_to_check(session: Session, obligation: Obligation) -> list[Line]:
    """Its lines as rules look at them."""
    query = select(ObligationLine).where(ObligationLine.obligation_id == obligation.id).order_by(ObligationLine.id)
    rows = session.scalars(query.execution_options(populate_existing=True))
    return [
        Line(one.account_id, one.object_code, one.amount, one.item_id, row) for row, one in enumerate(rows, start=1)
    ]


def as_lines(lines: Sequence[ShownLine]) -> list[Line]:
    """Shown lines as rooms look at them."""
    return [Line(one.line.account_id, one.line.object_code, one.line.amount, row=one.number) for one in lines]


def sums_of(lines: Sequence[ShownLine]) -> Sums:
    """What these lines come to."""
    rows = [one.line for one in lines]
    return Sums(*(sum((getattr(row, name) for row in rows), NONE) for name in ("amount", "adjusted", "due", "paid")))


def adjustments_of(
    session: Session, obligation: Obligation, lines: Sequence[ShownLine]
) -> list[ShownAdjustment]:  # fmt: skip
    """All adjustments of a request, the latest first."""
    query = (
        select(ObligationAdjustment, ObligationAdjustmentLine)
        .join(ObligationAdjustmentLine, ObligationAdjustmentLine.adjustment_id == ObligationAdjustment.id)
        .where(ObligationAdjustment.obligation_id == obligation.id)
        .order_by(ObligationAdjustment.id.desc(), ObligationAdjustmentLine.line_id)
        .execution_options(populate_existing=True)
    )
    by_id = {one.line.id: one for one in lines}
    found: dict[int, tuple[ObligationAdjustment, list[tuple[ShownLine, Decimal]]]] = {}
    for adjustment, part in session.execute(query):
        found.setdefault(adjustment.id, (adjustment, []))[1].append((by_id[part.line_id], part.amount))
    return [ShownAdjustment(*one) for one in found.values()]


def obligation_of_adjustment(session: Session, adjustment_id: int) -> int | None:
    """The id of the obligation that a notice of adjustment changes."""
    return session.scalar(select(ObligationAdjustment.obligation_id).where(ObligationAdjustment.id == adjustment_id))


def due_notes_of(session: Session, lines: Sequence[ShownLine]) -> list[tuple[DueNote, ShownLine]]:
    """What was noted as due and demandable, the latest first."""
    by_id = {one.line.id: one for one in lines}
    query = select(DueNote).where(DueNote.line_id.in_(by_id)).order_by(DueNote.id.desc())
    return [(note, by_id[note.line_id]) for note in session.scalars(query)]


def latest_acts(session: Session, actor: Actor, obligation: Obligation) -> Sequence[Any]:
    """What happened to it and its adjustments, the latest first."""
    adjustments = select(ObligationAdjustment.id).where(ObligationAdjustment.obligation_id == obligation.id)
    rows = activity.merged(
        activity.events(actor, Obligation.__tablename__, obligation.id),
        activity.events(actor, ObligationAdjustment.__tablename__, adjustments),
    )
    return session.execute(rows.limit(LATEST)).all()


@dataclass(frozen=True)
class Filters:
    """What a list shows."""

    stage: Stage | None = None
    search: str = ""
    account_id: int | None = None
    fiscal_year: int | None = None
    item_id: int | None = None  # the work item that it pays for


_SUMS = (
    select(
        ObligationLine.obligation_id.label("id"),
        func.sum(ObligationLine.amount + ObligationLine.adjusted).label("current"),
        func.sum(ObligationLine.due).label("due"),
        func.sum(ObligationLine.paid).label("paid"),
    )
    .group_by(ObligationLine.obligation_id)
    .subquery()
)


def list_obligations(actor: Actor, filters: Filters) -> Select[Any]:
    """(obligation, payee's name, current, due, paid), the latest first."""
    query = (
        select(Obligation, Payee.name.label("payee"), _SUMS.c.current, _SUMS.c.due, _SUMS.c.paid)
        .join(Payee, Payee.id == Obligation.payee_id)
        .join(_SUMS, _SUMS.c.id == Obligation.id)
        .where(*_conditions(actor, filters))
    )
    return query.order_by(Obligation.dated.desc(), Obligation.id.desc())


def proof_of_list(session: Session, actor: Actor, filters: Filters, here: int | None = None) -> Proof:
    """What the listed obligations come to against their entries in the ledger (INV-28); requests count nothing yet."""
    listed = (
        select(Obligation.id)
        .join(Payee, Payee.id == Obligation.payee_id)
        .join(_SUMS, _SUMS.c.id == Obligation.id)
        .where(*_conditions(actor, filters), Obligation.status.in_(POSTED))
    ).subquery()
    of_lines = (
        select(func.sum(ObligationLine.amount + ObligationLine.adjusted))
        .where(ObligationLine.obligation_id.in_(select(listed.c.id)))
        .scalar_subquery()
    )
    of_ledger = (
        select(func.sum(LedgerEntry.amount))
        .join(ObligationLine, ObligationLine.id == LedgerEntry.obligation_line_id)
        .where(
            LedgerEntry.measure == Measure.OBLIGATION, ObligationLine.obligation_id.in_(select(listed.c.id))
        )
        .scalar_subquery()
    )  # fmt: skip
    count = select(func.count()).select_from(listed).scalar_subquery()
    rows, total, source = session.execute(select(count, of_lines, of_ledger)).one()
    return Proof(
        rows, ("posted obligation", "posted obligations"), total or NONE, source or NONE, "obligations in the ledger",
        here,
    )  # fmt: skip


def spent_on(item_id: int) -> list[ScalarSelect[Decimal]]:
    """What is obligated for a work item and what of that is paid, for a query about the item; pesos."""
    posted = (ObligationLine.item_id == item_id, Obligation.status.in_(POSTED))
    return [
        select(func.coalesce(func.sum(column), 0))
        .join(Obligation, Obligation.id == ObligationLine.obligation_id)
        .where(*posted)
        .scalar_subquery()
        for column in (ObligationLine.amount + ObligationLine.adjusted, ObligationLine.paid)
    ]


def years_of(session: Session) -> Sequence[int]:
    """The fiscal years in which there are requests, the latest first."""
    query = select(Obligation.fiscal_year).distinct().order_by(Obligation.fiscal_year.desc())
    return session.scalars(query).all()


def _conditions(actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    found = [visible(actor)]
    if filters.fiscal_year:
        found.append(Obligation.fiscal_year == filters.fiscal_year)
    if filters.stage:
        found.append(_in_stage(filters.stage))
    if filters.account_id:
        charged = select(ObligationLine.obligation_id).where(ObligationLine.account_id == filters.account_id)
        found.append(Obligation.id.in_(charged))
    if filters.item_id:
        paying = select(ObligationLine.obligation_id).where(ObligationLine.item_id == filters.item_id)
        found.append(Obligation.id.in_(paying))
    if filters.search:
        columns = (Obligation.ors_no, Obligation.particulars, Obligation.reference, Obligation.office, Payee.name)
        found.append(or_(*(column.icontains(filters.search, autoescape=True) for column in columns)))
    return found


def _in_stage(stage: Stage) -> ColumnElement[bool]:
    obligated = Obligation.status == S.OBLIGATED
    conditions: dict[Stage, ColumnElement[bool]] = {
        Stage.DRAFT: and_(Obligation.status == S.DRAFT, Obligation.remarks == ""),
        Stage.RETURNED: and_(Obligation.status == S.DRAFT, Obligation.remarks != ""),
        Stage.OBLIGATED: and_(obligated, _SUMS.c.paid == 0),
        Stage.PARTLY_PAID: and_(obligated, _SUMS.c.paid > 0, _SUMS.c.paid < _SUMS.c.current),
        Stage.PAID: and_(obligated, _SUMS.c.paid > 0, _SUMS.c.paid >= _SUMS.c.current),
    }
    return conditions.get(stage) if stage in conditions else Obligation.status == S(stage.value)  # type: ignore[return-value]
