"""What happens in an invented year besides obligations and payments, so that every statement shows something (D19).

Each step goes through the same rules as everybody's. Amounts are shares of what is there; the same acts and the same
day always give the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.allotments import actions as allotments
from bmms.domain.allotments import steps as releases
from bmms.domain.authority import extensions
from bmms.domain.bed import actions as programs
from bmms.domain.bed import steps as program_steps
from bmms.domain.cash import actions as cash
from bmms.domain.changes import actions as changes
from bmms.domain.changes import queries as changed
from bmms.domain.changes import steps as change_steps
from bmms.domain.changes.rules import Line, Way, group_of
from bmms.domain.disbursements import steps
from bmms.domain.files.demo import demo_paper
from bmms.domain.ledger import room
from bmms.domain.ledger.accounts import Shown
from bmms.domain.obligations import adjustments, due
from bmms.domain.periods import actions as months
from bmms.models.allotments import OrderKind
from bmms.models.authority import Appropriation, BudgetAccount
from bmms.models.disbursements import Disbursement, DisbursementLine, DisbursementStatus
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus, ObligationType
from bmms.models.reference import ExpenseClass
from bmms.models.work import WorkItem

REASON = (
    "Invented for training: the offices in the provinces need other means than were planned, and the money for them "
    "is there because deliveries came cheaper than expected."
)
INSTRUMENT = "MFBM instrument (demo)"
SMALL = Decimal("0.04")  # of what is not obligated
AGES = (10, 45, 75, 120)  # days since goods were accepted that nobody has paid yet


@dataclass(frozen=True)
class Desk:
    """Who works in the treasury of an organization: prepares, certifies and confirms, pays, approves."""

    session: Session
    officer: Actor
    certifier: Actor
    accountant: Actor
    head: Actor | None
    payees: dict[ObligationType, int]
    items: Sequence[WorkItem]


def part(amount: Decimal, share: Decimal) -> Decimal:
    """A share of an amount, in whole thousands where that leaves anything; pesos."""
    found = amount * share
    whole = (found / 1000).quantize(Decimal(1), ROUND_DOWN) * 1000
    return amount if share == 1 else whole or found.quantize(Decimal("0.01"), ROUND_DOWN)


def program_the_year(desk: Desk, year: int) -> None:
    """What is to be obligated and paid by month: an approved program, which the year then keeps to or not."""
    session = desk.session
    bed = programs.begin(session, desk.officer, year, is_demo=True)
    programs.propose(session, desk.officer, bed, pattern="rising", lag=1)
    program_steps.take(session, desk.officer, bed, "submit")
    program_steps.take(session, desk.certifier, bed, "approve")


def receive_cash(desk: Desk, year: int) -> None:
    """A cash authority for each quarter that has begun: together what is allotted."""
    session = desk.session
    query = select(func.sum(BudgetAccount.allotted)).where(BudgetAccount.is_demo, BudgetAccount.fiscal_year == year)
    amount = part(session.scalar(query) or Decimal(0), Decimal("0.25"))
    for quarter in range(4):
        day = date(year, 3 * quarter + 1, 2)
        if amount and day <= clock.today():
            number = f"Demo {year}-{quarter + 1}"
            authority = cash.enter(
                session, desk.accountant, number=number, fund_cluster="01", received_on=day, amount=amount,
                file=demo_paper("Cash authority (demo)", "Cash for a quarter, invented for training", number),
                is_demo=True,
            )  # fmt: skip
            cash.confirm(session, desk.certifier, authority)


def change_the_budget(desk: Desk, busy: Sequence[Shown], year: int, *, after: int) -> None:
    """What changes in the months after the obligations of a quarter began.

    Args:
        busy: the accounts in which something happens.
        after: the month in which that quarter's obligations are dated.
    """
    if not busy:
        return
    first, last = busy[0].account, busy[-1].account
    if after == 1:
        _change(desk, Way.SUPPLEMENT, date(year, 3, 20), [(first, part(first.appropriated, Decimal("0.01")))])
    elif after == 4:
        _realign(desk, busy, date(year, 6, 10))
    elif after == 7:
        _order(desk, OrderKind.WITHDRAWAL, date(year, 8, 6), last, 1)
        _order(desk, OrderKind.TRANSFER, date(year, 9, 3), first, -1)
        _order(desk, OrderKind.TRANSFER, date(year, 9, 10), last, 1)


def _realign(desk: Desk, busy: Sequence[Shown], day: date) -> None:
    """From operating expenses into capital outlays of one program that has both."""
    for shown in busy:
        giver = shown.account
        if giver.expense_class == ExpenseClass.MOOE:
            query = select(BudgetAccount).where(
                BudgetAccount.appropriation_id == giver.appropriation_id,
                BudgetAccount.expense_class == ExpenseClass.CO,
            )  # fmt: skip
            for taker in desk.session.scalars(query.order_by(BudgetAccount.number)):
                if group_of(taker) == group_of(giver):
                    amount = _spare(desk, giver, day)
                    _change(desk, Way.CLASSES, day, [(giver, -amount), (taker, amount)])
                    return


def _change(desk: Desk, way: Way, day: date, amounts: Sequence[tuple[BudgetAccount, Decimal]]) -> None:
    """Requested by the officer, approved by the head, posted; the money is released with it."""
    if desk.head is None or day > clock.today() or any(not amount for _, amount in amounts):
        return
    session, year = desk.session, amounts[0][0].fiscal_year
    answers = {
        "fiscal_year": year, "reference": f"Demo {year}-{way.value}", "dated": day, "reason": REASON,
        "authority": INSTRUMENT, "is_demo": True,
    }  # fmt: skip
    lines = [
        Line(account.id, amount, amount if way == Way.CLASSES else Decimal(0)) for account, amount in amounts
    ]  # fmt: skip
    row = changes.enter(session, desk.officer, way, answers, lines)
    change_steps.request(session, desk.officer, row)
    seen = change_steps.mark_of(changed.balances_of(session, row))
    change_steps.approve(session, desk.head, row, seen=seen)
    said = change_steps.Instrument(day, INSTRUMENT)
    change_steps.post(session, desk.officer, row, said, key=f"demo change {row.id}")


def _order(desk: Desk, kind: OrderKind, day: date, account: BudgetAccount, direction: int) -> None:
    """A small order of MFBM: money withdrawn, or authority that goes to a regional office or comes from one."""
    desk.session.refresh(account)
    takes = kind == OrderKind.WITHDRAWAL or direction < 0
    amount = _spare(desk, account, day) if takes else part(account.unreleased, SMALL)
    if amount <= 0 or day > clock.today():
        return
    year = account.fiscal_year
    answers: dict[str, Any] = {
        "fiscal_year": year, "number": f"Demo {year}-{kind.value}-{day:%m%d}", "kind": kind, "dated": day,
        "legal_basis": "Invented for training", "total": amount, "request": "",
        "counterpart": "Regional office (demo)" if kind == OrderKind.TRANSFER else "",
    }  # fmt: skip
    lines = [allotments.Line(account.id, amount, direction=direction)]
    order = allotments.enter(desk.session, desk.officer, answers, lines)
    releases.release(desk.session, desk.certifier, order, key=f"demo order {order.id}")


def _spare(desk: Desk, account: BudgetAccount, day: date) -> Decimal:
    desk.session.refresh(account)
    return part(room.available(desk.session, account, day).unobligated, SMALL)


def amend(desk: Desk, year: int) -> None:
    """An adjustment, goods accepted and not paid yet, and a voucher that was paid by mistake and is void."""
    lines = desk.session.execute(
        select(Obligation, ObligationLine)
        .join(ObligationLine, ObligationLine.obligation_id == Obligation.id)
        .join(BudgetAccount, BudgetAccount.id == ObligationLine.account_id)
        .where(Obligation.is_demo, BudgetAccount.fiscal_year == year, Obligation.status == ObligationStatus.OBLIGATED)
        .order_by(Obligation.dated, ObligationLine.id)
    ).all()
    unpaid = [(row, line) for row, line in lines if not line.paid]
    if unpaid:
        _adjust(desk, *unpaid[0])
    for number, age in enumerate(AGES):
        day = min(clock.today(), date(year, 12, 31)) - timedelta(days=age)
        known = [(row, line) for row, line in unpaid if row.dated <= day]
        if known:
            row, line = known[number % len(known)]
            desk.session.refresh(line)
            amount = part(line.amount + line.adjusted - line.due, Decimal("0.15"))
            due.mark_due(
                desk.session, desk.accountant, row, line.id, dated=day, amount=amount,
                basis=f"Acceptance report {number + 1} (demo)", key=f"demo due {line.id} {age}",
            )  # fmt: skip
    _void(desk, year)


def _adjust(desk: Desk, obligation: Obligation, line: ObligationLine) -> None:
    day = obligation.dated + timedelta(days=20)
    if day > clock.today():
        return
    row = adjustments.enter(
        desk.session, desk.officer, obligation, dated=day, reason="Fewer boxes were delivered (invented)",
        changes={line.id: -part(line.amount, Decimal("0.02"))},
    )  # fmt: skip
    adjustments.certify(
        desk.session, desk.certifier, obligation, row, certified=True, key=f"demo adjustment {row.id}"
    )  # fmt: skip


def _void(desk: Desk, year: int) -> None:
    voucher = desk.session.scalar(
        select(Disbursement)
        .join(DisbursementLine, DisbursementLine.disbursement_id == Disbursement.id)
        .join(ObligationLine, ObligationLine.id == DisbursementLine.line_id)
        .join(BudgetAccount, BudgetAccount.id == ObligationLine.account_id)
        .where(Disbursement.is_demo, BudgetAccount.fiscal_year == year, Disbursement.status == DisbursementStatus.PAID)
        .order_by(Disbursement.gross, Disbursement.id)
        .limit(1)
    )
    if voucher is not None:
        note = "Paid to the wrong account of the payee (invented)"
        steps.ask_void(desk.session, desk.accountant, voucher, voided_on=voucher.dated, note=note)
        steps.void(desk.session, desk.certifier, voucher, key=f"demo void {voucher.id}")


def extend(desk: Desk, year: int) -> None:
    """A law lets the money of a year be charged until March of the next, and paid until June."""
    row = desk.session.scalars(
        select(Appropriation).where(Appropriation.is_demo, Appropriation.fiscal_year == year).order_by(Appropriation.id)
    ).first()
    if row is not None:
        extension = extensions.enter(
            desk.session, desk.officer, row, law="Extension of validity (demo)", effective_on=date(year, 12, 15),
            obligate_until=date(year + 1, 3, 31), pay_until=date(year + 1, 6, 30),
            file=demo_paper("Extension (demo)", "A law that extends the validity, invented for training"),
        )  # fmt: skip
        extensions.confirm(desk.session, desk.certifier, row, extension)


def close_months(desk: Desk, year: int) -> None:
    """December, and with it all before; January waits for somebody to confirm. Only what is long over."""
    session = desk.session
    if date(year + 1, 12, 31) > clock.today():
        return
    for month in range(1, 13):
        period = months.ask_close(session, desk.accountant, date(year, month, 1))
        months.close(session, desk.certifier, period.month)
        period.is_demo = True
    months.ask_close(session, desk.accountant, date(year + 1, 1, 1)).is_demo = True
    session.flush()
