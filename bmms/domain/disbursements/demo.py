"""Invented years of spending on real appropriations, for training: allotted, obligated, partly paid, changed (D19).

What a law gives is real, and each appropriation says which law; what is done with it is invented and says so. Each
step goes through the same rules as everybody's, by the demo people whose turn it is.
"""

from datetime import date, timedelta
from decimal import Decimal

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
from bmms.domain.disbursements import actions, demo_events, steps
from bmms.domain.disbursements.demo_events import Desk, part
from bmms.domain.files.demo import demo_paper
from bmms.domain.ledger import room
from bmms.domain.ledger.accounts import Shown
from bmms.domain.obligations import actions as obligations
from bmms.domain.obligations import steps as obligation_steps
from bmms.domain.obligations.rules import Line
from bmms.domain.obligations.subjects import OBLIGATION
from bmms.domain.people import pilot_data
from bmms.domain.people.pilot_data import Wanted
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
OF_ITEM = Decimal("0.40")  # of what a work item is planned to cost, each time
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


def furnish(session: Session, organization: Organization, years: int | None = None) -> int:
    """Make the demo execution of one organization for the acts of all years that give it amounts by class.

    Args:
        years: of how many fiscal years, the latest ones; None: of all.

    Returns:
        how many years were made; 0 when there is demo execution already, or nobody to do it.
    """
    acts = sorted(list_acts(session), key=lambda one: one.fiscal_year)
    if not acts or session.scalar(select(Appropriation.id).where(Appropriation.is_demo).limit(1)) is not None:
        return 0
    desk = _desk(session, organization)
    if desk is None:
        return 0
    if years is not None:
        acts = acts[max(len(acts) - years, 0) :]
    made, last = 0, session.scalar(select(func.max(Notification.id))) or 0
    for act in acts:
        if _spend(desk, organization, act):
            made += 1
            if made == 1:
                _end_a_year(desk, act.fiscal_year)
    session.execute(delete(Notification).where(Notification.id > last))  # nobody is told of what happened long ago
    return made


def _desk(session: Session, organization: Organization) -> Desk | None:
    officer, certifier, accountant = (
        somebody(session, organization, right) for right in ("pilot_budget_officer", "allotment_certify", "accounting")
    )
    if not (officer and certifier and accountant) or len({officer[1], certifier[1], accountant[1]}) < 3:
        return None
    payees = {}
    for kind, (name, what) in PAYEES.items():
        payee = session.scalar(select(Payee).where(Payee.name == name, Payee.is_demo))
        if payee is None:
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
    head = somebody(session, organization, "pilot_approver")
    return Desk(session, officer[0], certifier[0], accountant[0], head[0] if head else None, payees, items)


def _spend(desk: Desk, organization: Organization, act: AppropriationAct) -> int:
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
    demo_events.program_the_year(desk, year)
    demo_events.receive_cash(desk, year)
    busy = _busy(desk, year)
    for (month, day), share in zip(QUARTERS, SHARES, strict=True):
        when = date(year, month, day)
        for number, shown in enumerate(busy):
            if when <= clock.today() - timedelta(days=7):
                _obligate_and_pay(desk, shown, when, share, number)
        demo_events.change_the_budget(desk, busy, year, after=month)
    demo_events.amend(desk, year)
    return 1


def _busy(desk: Desk, year: int) -> list[Shown]:
    """The largest demo accounts of a year, the largest first."""
    shown = [one for one in orders.allottable(desk.session, OrderKind.TRANSFER, year) if one.account.is_demo]
    return sorted(shown, key=lambda one: -one.account.allotted)[:LARGEST]


def _end_a_year(desk: Desk, year: int) -> None:
    """A law extends the year, something is charged in the time that it gives, and the months of the year are closed."""
    if clock.today() < date(year + 1, 4, 30):
        return
    demo_events.extend(desk, year)
    for number, shown in enumerate(_busy(desk, year)[:2]):
        _obligate_and_pay(desk, shown, date(year + 1, 1, 15), Decimal("0.02"), number)
    demo_events.close_months(desk, year)


def _allot(desk: Desk, year: int, kind: OrderKind, day: date, share: Decimal) -> None:
    shown = [one for one in orders.allottable(desk.session, kind, year) if one.account.is_demo]
    lines = [
        allotments.Line(one.account.id, amount) for one in shown if (amount := part(one.account.unreleased, share)) > 0
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


def _obligate_and_pay(desk: Desk, shown: Shown, day: date, share: Decimal, number: int) -> None:
    session, account = desk.session, shown.account
    session.refresh(account)
    code, kind, what = WARES[account.expense_class]
    left = room.available(session, account, day).unobligated
    amount = min(part(account.allotted, share), left)
    if amount <= 0:
        return
    item = (
        desk.items[(number + day.month) % len(desk.items)] if desk.items and account.fiscal_year == day.year else None
    )
    answers = {
        "dated": day, "payee_id": desk.payees[kind], "office": "Finance division", "kind": kind,
        "particulars": what, "expected_on": day + timedelta(days=35), "fund_cluster": account.fund_cluster,
    }  # fmt: skip
    lines = [Line(account.id, code, amount)]
    if item and item.starts_on.year == day.year:
        own = min(part(item.planned_cost or amount, OF_ITEM), part(amount, OF_ITEM))
        lines = [Line(account.id, code, own, item.id), Line(account.id, code, amount - own)]
    obligation = obligations.enter(session, desk.officer, answers, lines)
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


def _pay(desk: Desk, obligation: Obligation, day: date, number: int) -> None:
    """Of one obligation nothing is paid, so that something is unpaid."""
    session = desk.session
    if day > min(clock.today(), date(obligation.fiscal_year, 12, 31)) or number == 2:
        return
    lines = session.scalars(select(ObligationLine).where(ObligationLine.obligation_id == obligation.id)).all()
    amounts = {line.id: part(line.amount, PAID) for line in lines}
    answers = {
        "dated": day, "mode": PaymentMode.BANK, "instrument": f"ADA {obligation.ors_no}", "tax": Decimal(0),
        "particulars": obligation.particulars,
    }  # fmt: skip
    voucher = actions.create_voucher(session, desk.officer, obligation, answers, amounts)
    steps.take(session, desk.officer, voucher, "submit")
    steps.pay(session, desk.accountant, voucher, key=f"demo voucher {voucher.id}")


def generate(session: Session, actor: Actor, organization: Organization, wanted: Wanted) -> int:
    """Demo execution of all loaded acts, for `generate_pilot_data`; returns how many years were made."""
    return furnish(session, organization)


pilot_data.register("budget_years", generate)
