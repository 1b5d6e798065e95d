"""What the ledger would refuse of a voucher, told before it is posted: as draft, at submission and at payment.

E-5 unpaid, E-8 days in which an account is charged, E-9 order of days, E-10 cash, E-13 closed months.
The ledger tests them again.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.cash import room
from bmms.domain.cash.room import Cash
from bmms.domain.disbursements import queries
from bmms.domain.disbursements.labels import told
from bmms.domain.disbursements.queries import Payable
from bmms.domain.money import is_pesos
from bmms.models.disbursements import Disbursement
from bmms.models.ledger import AccountingPeriod, LedgerEntry, Measure
from bmms.models.obligations import ObligationStatus

_NOT_CHARGED = text(
    "SELECT account.id FROM budget_accounts account"
    " WHERE account.id = ANY(:ids) AND NOT may_charge(account, :day, 'disbursement')"
)


def wrong(session: Session, dated: date, lines: Sequence[Payable]) -> dict[str, str]:
    """What is wrong with a payment of that day: field (dated, lines, or that of an amount) to message."""
    if not lines:
        return {"lines": "Give at least one line its amount."}
    found = wrong_day(session, dated, lines)
    early = max((one.obligation for one in lines), key=lambda one: one.dated)
    if "dated" not in found and dated < early.dated:
        found["dated"] = (
            f"ORS {early.ors_no} is of {told(early.dated)}. A payment cannot be dated before its obligation (E-9)."
        )
    if "dated" not in found and (later := _room_since(session, dated, lines)):
        found["dated"] = later
    if len({one.account.fund_cluster for one in lines}) > 1:
        found["lines"] = "One voucher pays out of one fund cluster. Write one voucher for each."
    return found | wrong_amounts(session, lines)


def wrong_to_pay(
    session: Session, voucher: Disbursement, lines: Sequence[Payable], cash: Cash | None = None
) -> dict[str, str]:
    """The same of a voucher that is to be paid; where the cash is controlled, it has to be there, too (E-10).

    Args:
        cash: of its fund cluster on its day, where it is known already.
    """
    found = wrong(session, voucher.dated, lines)
    if refusal := (cash or room.cash_of(session, voucher)).refusal(voucher.gross):
        found["cash"] = refusal
    return found


def _room_since(session: Session, dated: date, lines: Sequence[Payable]) -> str:
    """What is paid of a line stays within what is due, and that within what is obligated, on each day since (E-9).

    As the ledger does, the payment itself makes due what is missing to the whole (E-5).
    """
    entry = LedgerEntry
    query = select(entry.obligation_line_id, entry.doc_date, entry.measure, func.sum(entry.amount)).where(
        entry.obligation_line_id.in_([one.line.id for one in lines])
    )
    moved: dict[int, list[tuple[date, Measure, Decimal]]] = {}
    for line_id, day, measure, amount in session.execute(
        query.group_by(entry.obligation_line_id, entry.doc_date, entry.measure).order_by(entry.doc_date)
    ):
        moved.setdefault(line_id or 0, []).append((max(day, dated), measure, amount))
    for one in lines:
        since = _fits_since(one, dated, moved.get(one.line.id, []))
        if one.left >= 0 and since != dated:
            return (
                f"{one.called}: on that day less of it was due and unpaid than today. "
                f"Date the payment {told(since)} or later (E-9)."
            )
    return ""


def _fits_since(one: Payable, dated: date, moved: Sequence[tuple[date, Measure, Decimal]]) -> date:
    """The first day from which on the amount fits for good."""
    amount = one.amount or NONE
    due = max(one.line.paid + amount - one.line.due, NONE)
    running = {Measure.OBLIGATION: NONE, Measure.DUE: due, Measure.DISBURSEMENT: amount}
    fits, since = True, dated
    for day, entries in groupby(moved, key=lambda row: row[0]):
        for _, measure, moves in entries:
            running[measure] += moves
        fitted, fits = fits, running[Measure.DISBURSEMENT] <= running[Measure.DUE] <= running[Measure.OBLIGATION]
        if fits and not fitted:
            since = day
    return since


def wrong_day(session: Session, day: date, lines: Iterable[Payable], field: str = "dated") -> dict[str, str]:
    """A day in the future, in a closed month, or outside the days in which an account may be charged."""
    if day > clock.today():
        return {field: "The day lies in the future. Correct it."}
    if is_closed(session, day):
        return {field: f"{day:%B %Y} is closed (E-13). Choose a day in an open month."}
    charged = {one.account.id: one for one in lines}
    refused = session.scalars(_NOT_CHARGED, {"ids": list(charged), "day": day}).first()
    if refused is None:
        return {}
    one = charged[refused]
    return {
        field: f"{one.account_name}: payments are charged to it until {told(one.account.pay_until)} (E-8). Correct the "
        "day, or have the law recorded that extends it."
    }


def is_closed(session: Session, day: date) -> bool:
    """Is the month of that day closed, or a later one?"""
    query = exists().where(AccountingPeriod.is_closed, AccountingPeriod.month >= day.replace(day=1))
    return bool(session.scalar(select(query)))


def wrong_amounts(session: Session, lines: Sequence[Payable]) -> dict[str, str]:
    """Amounts that are none, that nothing certified stands behind, or that are more than is unpaid now."""
    found = {}
    for one in lines:
        if one.amount is None or one.amount <= 0 or not is_pesos(one.amount):
            found[one.field] = f"{one.called}: an amount is above zero and has two decimals at most."
        elif one.obligation.status != ObligationStatus.OBLIGATED:
            found[one.field] = (
                f"{one.called}: nothing is paid before the obligation is certified, nor once it is closed."
            )
    short = [one for one in lines if one.field not in found and one.left < 0]
    took = queries.payments_of_line(session, [one.line.id for one in short]) if short else {}
    for one in short:
        said = f"{one.called}: ₱ {one.amount or NONE:,.2f} is ₱ {-one.left:,.2f} more than is unpaid, "
        said += f"₱ {one.line.unpaid:,.2f} (E-5)."
        for voucher, amount in took.get(one.line.id, [])[:3]:
            said += f" DV {voucher.dv_no} of {told(voucher.dated)} took ₱ {amount:,.2f}."
        found[one.field] = said
    return found
