"""An invented year of spending on real appropriations, for training: allotted, obligated, partly paid (D19).

What a law gives is real, and each appropriation says which law; what is done with it is invented and says so. Each
step goes through the same rules as everybody's, by the demo people whose turn it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.allotments import actions as allotments
from bmms.domain.allotments import queries as orders
from bmms.domain.allotments import steps as releases
from bmms.domain.appropriations.queries import list_acts
from bmms.domain.attachments import actions as attachments
from bmms.domain.authority import actions as authority
from bmms.domain.authority import steps as in_force
from bmms.domain.authority.sources import from_act
from bmms.domain.disbursements import actions, steps
from bmms.domain.files.demo import demo_paper
from bmms.domain.ledger import room
from bmms.domain.ledger.accounts import Shown
from bmms.domain.obligations import actions as obligations
from bmms.domain.obligations import steps as obligation_steps
from bmms.domain.obligations.rules import Line
from bmms.domain.obligations.subjects import OBLIGATION
from bmms.domain.planning.demo import somebody
from bmms.domain.subjects import Subject
from bmms.models.allotments import OrderKind
from bmms.models.appropriations import AppropriationAct
from bmms.models.authority import Appropriation, LawKind
from bmms.models.collaboration import FileCategory, Notification
from bmms.models.disbursements import PaymentMode
from bmms.models.obligations import Obligation, ObligationLine, ObligationType
from bmms.models.organizations import Organization
from bmms.models.payees import Payee, PayeeKind
from bmms.models.reference import ExpenseClass
from bmms.models.work import AnnualWorkPlan, ItemKind, WorkItem

LARGEST = 4  # accounts of a year in which anything happens
QUARTERS = ((1, 22), (4, 18), (7, 15), (10, 20))
SHARES = (Decimal("0.21"), Decimal("0.26"), Decimal("0.24"), Decimal("0.22"))  # of the allotment, by quarter
PAID = Decimal("0.85")  # of an obligation, five weeks later
RELEASED = Decimal("0.60")  # of capital outlay, by a special order
WARES = {
    ExpenseClass.PS: ("5010101001", ObligationType.PAYROLL, "Salaries of the quarter (invented)"),
    ExpenseClass.MOOE: ("5020301000", ObligationType.PURCHASE_ORDER, "Supplies for the provincial offices (invented)"),
    ExpenseClass.CO: ("5060405003", ObligationType.CONTRACT, "Computers for the municipalities (invented)"),
    ExpenseClass.FINEX: ("5030104000", ObligationType.OTHER, "Bank charges (invented)"),
}
PAYEES = {
    ObligationType.PAYROLL: ("Employees, by payroll (demo)", PayeeKind.EMPLOYEE),
    ObligationType.PURCHASE_ORDER: ("Rio Hondo Office Supply (demo)", PayeeKind.SUPPLIER),
    ObligationType.CONTRACT: ("Lanao Computer Center (demo)", PayeeKind.SUPPLIER),
    ObligationType.OTHER: ("Bank of the region (demo)", PayeeKind.OTHER),
}


@dataclass(frozen=True)
class _Desk:
    """Who works in the treasury of an organization: prepares, certifies and confirms, pays."""

    session: Session
    officer: Actor
    certifier: Actor
    accountant: Actor
    payees: dict[ObligationType, int]
    items: Sequence[WorkItem]


def furnish(session: Session, organization: Organization) -> int:
    """Make the demo execution of one organization for the acts of all years that give it amounts by class.

    Returns:
        how many years were made; 0 when there is demo execution already, or nobody to do it.
    """
    if session.scalar(select(Appropriation.id).where(Appropriation.is_demo).limit(1)) is not None:
        return 0
    desk = _desk(session, organization)
    if desk is None:
        return 0
    made, last = 0, session.scalar(select(func.max(Notification.id))) or 0
    for act in reversed(list_acts(session)):
        made += _spend(desk, organization, act)
    session.execute(delete(Notification).where(Notification.id > last))  # nobody is told of what happened long ago
    return made


def _desk(session: Session, organization: Organization) -> _Desk | None:
    officer, certifier, accountant = (
        somebody(session, organization, right) for right in ("pilot_budget_officer", "allotment_certify", "accounting")
    )
    if not (officer and certifier and accountant) or len({officer[1], certifier[1], accountant[1]}) < 3:
        return None
    payees = {}
    for kind, (name, what) in PAYEES.items():
        payee = Payee(name=name, kind=what, address="Cotabato City", is_demo=True)
        session.add(payee)
        session.flush()
        payees[kind] = payee.id
    items = session.scalars(
        select(WorkItem)
        .join(AnnualWorkPlan, AnnualWorkPlan.id == WorkItem.work_plan_id)
        .where(AnnualWorkPlan.is_demo, WorkItem.kind == ItemKind.ACTIVITY)
        .order_by(WorkItem.id)
    ).all()
    return _Desk(session, officer[0], certifier[0], accountant[0], payees, items)


def _spend(desk: _Desk, organization: Organization, act: AppropriationAct) -> int:
    given, year = from_act(desk.session, act, organization.code), act.fiscal_year
    if not given.amounts:
        return 0
    row = authority.enter(
        desk.session, desk.officer, fiscal_year=year, kind=LawKind.GAAB, reference=f"{act.title} (demo)",
        dated=date(year - 1, 12, 20), effective_on=date(year, 1, 1), total=given.total, amounts=given.amounts,
        act_id=act.id, is_demo=True,
    )  # fmt: skip
    in_force.put_in_force(desk.session, desk.certifier, row, key=f"demo appropriation {row.id}")
    _allot(desk, year, OrderKind.COMPREHENSIVE, date(year, 1, 8), Decimal(1))
    _allot(desk, year, OrderKind.SPECIAL, date(year, 3, 12), RELEASED)
    busy = sorted(orders.allottable(desk.session, OrderKind.TRANSFER, year), key=lambda one: -one.account.allotted)
    for quarter, share in zip(QUARTERS, SHARES, strict=True):
        day = date(year, *quarter)
        for number, shown in enumerate(one for one in busy[:LARGEST] if one.account.is_demo):
            if day <= clock.today() - timedelta(days=7):
                _obligate_and_pay(desk, shown, day, share, number)
    return 1


def _allot(desk: _Desk, year: int, kind: OrderKind, day: date, share: Decimal) -> None:
    shown = [one for one in orders.allottable(desk.session, kind, year) if one.account.is_demo]
    lines = [
        allotments.Line(one.account.id, amount) for one in shown if (amount := _part(one.account.unreleased, share)) > 0
    ]
    if not lines or day > clock.today():
        return
    answers = {
        "fiscal_year": year, "number": f"Demo {year}-{kind.value}", "kind": kind, "dated": day,
        "legal_basis": "Invented for training", "total": sum((line.amount for line in lines), Decimal(0)),
        "request": "Demo request" if kind == OrderKind.SPECIAL else "",
    }  # fmt: skip
    order = allotments.enter(desk.session, desk.officer, answers, lines)
    releases.release(desk.session, desk.certifier, order, key=f"demo order {order.id}")


def _obligate_and_pay(desk: _Desk, shown: Shown, day: date, share: Decimal, number: int) -> None:
    session, account = desk.session, shown.account
    session.refresh(account)
    code, kind, what = WARES[account.expense_class]
    left = room.available(session, account, day).unobligated
    amount = min(_part(account.allotted, share), left)
    if amount <= 0:
        return
    item = desk.items[number % len(desk.items)] if desk.items and account.fiscal_year == day.year else None
    answers = {
        "dated": day, "payee_id": desk.payees[kind], "office": "Finance division", "kind": kind,
        "particulars": what, "expected_on": day + timedelta(days=35), "fund_cluster": account.fund_cluster,
    }  # fmt: skip
    item_id = item.id if item and item.starts_on.year == day.year else None
    obligation = obligations.enter(session, desk.officer, answers, [Line(account.id, code, amount, item_id)])
    paper = demo_paper("Contract (demo)", what, shown.name)
    attachments.attach(session, desk.officer, Subject(OBLIGATION, obligation), paper, FileCategory.INSTRUMENT)
    obligation_steps.take(session, desk.officer, obligation, "request", certified=True)
    is_last = (day.month, day.day) == QUARTERS[-1] and day.year == clock.today().year
    if is_last and number == 1:  # it waits: something for the certifier to do
        return
    obligation_steps.take(
        session, desk.certifier, obligation, "certify", certified=True, key=f"demo obligation {obligation.id}"
    )
    _pay(desk, obligation, day + timedelta(days=35), number)


def _pay(desk: _Desk, obligation: Obligation, day: date, number: int) -> None:
    """Of one obligation nothing is paid, so that something is unpaid."""
    session = desk.session
    if day > min(clock.today(), date(obligation.fiscal_year, 12, 31)) or number == 2:
        return
    line = session.scalars(select(ObligationLine).where(ObligationLine.obligation_id == obligation.id)).one()
    answers = {
        "dated": day, "mode": PaymentMode.BANK, "instrument": f"ADA {obligation.ors_no}", "tax": Decimal(0),
        "particulars": obligation.particulars,
    }  # fmt: skip
    voucher = actions.create_voucher(session, desk.officer, obligation, answers, {line.id: _part(line.amount, PAID)})
    steps.take(session, desk.officer, voucher, "submit")
    steps.pay(session, desk.accountant, voucher, key=f"demo voucher {voucher.id}")


def _part(amount: Decimal, share: Decimal) -> Decimal:
    """A share of an amount, in whole thousands where that leaves anything."""
    part = amount * share
    whole = (part / 1000).quantize(Decimal(1), ROUND_DOWN) * 1000
    return amount if share == 1 else whole or part.quantize(Decimal("0.01"), ROUND_DOWN)
