"""Allotment orders as screens list them, and the accounts that an order can name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.allotments.actions import COMPREHENSIVE, room_of
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import NotFound
from bmms.domain.ledger import accounts
from bmms.domain.ledger.accounts import Shown
from bmms.domain.permissions import P
from bmms.domain.proofs import Proof
from bmms.models.allotments import AllotmentLine, AllotmentOrder, OrderKind, OrderStatus
from bmms.models.ledger import LedgerEntry, Measure
from bmms.models.ledger import LedgerPosting as Posting


@dataclass(frozen=True)
class Ordered:
    """A line of an order with its account."""

    line: AllotmentLine
    account: Shown


def sees_drafts(actor: Actor) -> bool:
    """Whoever works on documents of execution, or confirms them."""
    return any(map(actor.may, (P.LEDGER_EDIT, P.LEDGER_PAY, P.BUDGET_REVIEW, P.BUDGET_DRAFT_VIEW, P.BUDGET_DECIDE)))


def list_orders(actor: Actor, *, fiscal_year: int | None = None, status: OrderStatus | None = None) -> Select:
    """The orders, the latest first."""
    query = select(AllotmentOrder).order_by(AllotmentOrder.dated.desc(), AllotmentOrder.id.desc())
    if not sees_drafts(actor):
        query = query.where(AllotmentOrder.status == OrderStatus.RELEASED)
    if fiscal_year:
        query = query.where(AllotmentOrder.fiscal_year == fiscal_year)
    return query.where(AllotmentOrder.status == status) if status else query


def get_order(session: Session, actor: Actor, order_id: int) -> AllotmentOrder:
    """One. Raises NotFound, also for a draft that the actor may not see."""
    order = session.get(AllotmentOrder, order_id)
    if order is None or (order.status != OrderStatus.RELEASED and not sees_drafts(actor)):
        raise NotFound("There is no such allotment order.")
    return order


def lines_of(session: Session, order: AllotmentOrder) -> list[Ordered]:
    """The lines of an order in the order of accounts."""
    query = select(AllotmentLine).where(AllotmentLine.order_id == order.id)
    rows = session.scalars(query.order_by(AllotmentLine.account_id, AllotmentLine.id)).all()
    shown = accounts.shown_by_id(session, {line.account_id for line in rows})
    return [Ordered(line, shown[line.account_id]) for line in rows]


def proof_of_order(order: AllotmentOrder, lines: Sequence[Ordered]) -> Proof:
    """The lines against the total that the order states."""
    total = sum((one.line.amount * one.line.direction for one in lines), NONE)
    return Proof(len(lines), ("line", "lines"), abs(total), order.total, "the total of the order")


def allottable(session: Session, kind: OrderKind, fiscal_year: int) -> list[Shown]:
    """The accounts of a year that an order of this kind can still move."""
    found = [one for one in accounts.chargeable(session) if one.account.fiscal_year == fiscal_year]
    if kind == OrderKind.COMPREHENSIVE:
        found = [one for one in found if one.account.expense_class in COMPREHENSIVE]
    return [one for one in found if kind == OrderKind.TRANSFER or room_of(one.account, kind) > 0]


def proof_of_list(session: Session, actor: Actor, fiscal_year: int | None) -> Proof:
    """Released orders, withdrawals taken off, against the entries of the ledger in those columns."""
    signed = AllotmentLine.amount * AllotmentLine.direction
    rows = (
        select(func.count(func.distinct(AllotmentOrder.id)), func.coalesce(func.sum(signed), 0))
        .join(AllotmentLine, AllotmentLine.order_id == AllotmentOrder.id)
        .where(AllotmentOrder.status == OrderStatus.RELEASED)
    )
    entries = (
        select(func.coalesce(func.sum(LedgerEntry.amount), 0))
        .join(Posting, Posting.id == LedgerEntry.posting_id)
        .where(LedgerEntry.measure == Measure.ALLOTMENT, Posting.document_kind == "allotment_order")
    )
    if fiscal_year:
        rows = rows.where(AllotmentOrder.fiscal_year == fiscal_year)
        ids = select(AllotmentOrder.id).where(AllotmentOrder.fiscal_year == fiscal_year)
        entries = entries.where(Posting.document_id.in_(ids))
    count, total = session.execute(rows).one()
    return Proof(count, ("order", "orders"), total or NONE, session.scalar(entries) or NONE, "allotments in the ledger")
