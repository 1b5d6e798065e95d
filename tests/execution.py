"""The treasury of Health: who spends, certifies and pays there, and accounts with money in them; last year's.

The days of the tests lie in the year before this one, because no document is dated in the future.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.allotments import actions as allotments
from bmms.domain.allotments import steps as releases
from bmms.domain.authority import actions as authority
from bmms.domain.authority import steps as in_force
from bmms.domain.ledger import posting
from bmms.domain.ledger.numbers import Series
from bmms.models.accounts import User
from bmms.models.allotments import AllotmentOrder, OrderKind
from bmms.models.authority import Appropriation, BudgetAccount, LawKind
from bmms.models.disbursements import Disbursement, DisbursementLine, DisbursementStatus, PaymentMode
from bmms.models.ledger import DocumentKind
from bmms.models.memberships import Membership
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus, ObligationType
from bmms.models.organizations import Organization
from bmms.models.payees import Payee
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass, ObjectCode
from bmms.tenancy import bind_platform
from tests.cast import Cast
from tests.factories import make_membership, make_user
from tests.ground import Ground
from tests.planning import Desk, desk_of
from tests.proposals import make_register

YEAR = clock.today().year - 1
STAFF = {
    "rahma": ("pilot_budget_officer",),  # encodes: orders, requests, vouchers
    "idris": ("pilot_viewer", "budget_review"),  # confirms what central offices decided
    "salma": ("pilot_viewer", "allotment_certify"),  # Box B
    "omar": ("pilot_viewer", "accounting"),  # pays
    "nurul": ("pilot_budget_officer", "budget_review", "allotment_certify", "accounting"),  # may all, never twice
    "hadji": ("pilot_approver",),  # head of the ministry
}
PAPER, TRAVEL, SALARY, MACHINE = "5020301000", "5020101000", "5010101001", "5060405003"
_keys = itertools.count(1)


def on(month: int, day: int) -> date:
    """A day of the year of these tests."""
    return date(YEAR, month, day)


def key() -> str:
    """Of a button that nobody has pressed yet."""
    return f"test-{next(_keys)}"


def pesos(text: str | int) -> Decimal:
    """`6M` is six million."""
    told = str(text)
    return Decimal(told[:-1]) * 1_000_000 if told.endswith("M") else Decimal(told)


@dataclass
class Treasury:
    """The desks by name, and the accounts of Immunization: 10 M each of PS, MOOE and CO, 5 M of MOOE for support."""

    rahma: Desk
    idris: Desk
    salma: Desk
    omar: Desk
    nurul: Desk
    hadji: Desk
    mooe: int
    ps: int
    co: int
    support: int
    payee: int

    def account(self, account_id: int) -> BudgetAccount:
        """As it stands now."""
        session = self.rahma.session
        session.commit()
        return session.get_one(BudgetAccount, account_id, populate_existing=True)

    def state(self, account_id: int) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Appropriated, allotted, obligated, disbursed."""
        row = self.account(account_id)
        return row.appropriated, row.allotted, row.obligated, row.disbursed


def hire_staff(engine: Engine, cast: Cast) -> dict[str, tuple[int, int]]:
    """The staff works in Health from now on."""
    with Session(engine, expire_on_commit=False) as session:
        bind_platform(session, "tests")
        for name, rights in STAFF.items():
            setattr(cast, name, make_user(session, name))
            cast.memberships[name] = make_membership(session, getattr(cast, name), cast.moh, *rights)
        session.commit()
    return {name: (getattr(cast, name).id, cast.memberships[name].id) for name in STAFF}


def make_objects(session: Session) -> None:
    """A few objects of expenditure, unless the real list is loaded."""
    there = set(session.scalars(select(ObjectCode.code)))
    for code, title, kind in (
        (PAPER, "Office supplies expenses", ExpenseClass.MOOE),
        (TRAVEL, "Traveling expenses, local", ExpenseClass.MOOE),
        (SALARY, "Basic salary, civilian", ExpenseClass.PS),
        (MACHINE, "Information and communication technology equipment", ExpenseClass.CO),
    ):
        if code not in there:
            session.add(ObjectCode(code=code, title=title, expense_class=kind, level="object"))
    session.flush()


def set_up_treasury(engine: Engine, app: Flask, cast: Cast, ground: Ground) -> dict[str, int]:
    """Staff, register, an appropriation in force, a payee; made once, then brought back. Returns ids by name."""

    def make() -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
        hired = hire_staff(engine, cast)
        with opened(engine, app, cast) as desks:
            with Session(engine) as session:
                bind_platform(session, "tests")
                make_objects(session)
                session.commit()
            return hired, _fill(desks)

    hired, ids = ground.stage("treasury", make)
    with Session(engine, expire_on_commit=False) as session:
        bind_platform(session, "tests")
        for name, (user_id, membership_id) in hired.items():
            setattr(cast, name, session.get_one(User, user_id))
            cast.memberships[name] = session.get_one(Membership, membership_id)
    return ids


@contextmanager
def opened(
    engine: Engine, app: Flask, cast: Cast, organization: Organization | None = None
) -> Iterator[dict[str, Desk]]:
    """The desks of the staff."""
    desks = {name: desk_of(engine, app, cast, name, organization) for name in STAFF}
    try:
        yield desks
    finally:
        for desk in desks.values():
            desk.session.close()


def _fill(desks: dict[str, Desk]) -> dict[str, int]:
    rahma = desks["rahma"]
    support, immunization = make_register(rahma.session)
    appropriate(desks["rahma"], desks["idris"], {
        (CostStructure.OPERATIONS, immunization.id, ExpenseClass.MOOE): pesos("10M"),
        (CostStructure.OPERATIONS, immunization.id, ExpenseClass.PS): pesos("10M"),
        (CostStructure.OPERATIONS, immunization.id, ExpenseClass.CO): pesos("10M"),
        (CostStructure.GAS, support.id, ExpenseClass.MOOE): pesos("5M"),
    })  # fmt: skip
    payee = Payee(name="Regional Medical Supply Depot", address="Cotabato City")
    rahma.session.add(payee)
    rahma.session.commit()
    rows = {(row.program_id, row.expense_class): row.id for row in rahma.session.scalars(select(BudgetAccount))}
    return {
        "mooe": rows[immunization.id, ExpenseClass.MOOE], "ps": rows[immunization.id, ExpenseClass.PS],
        "co": rows[immunization.id, ExpenseClass.CO], "support": rows[support.id, ExpenseClass.MOOE],
        "payee": payee.id,
    }  # fmt: skip


def appropriate(
    enters: Desk,
    confirms: Desk,
    amounts: dict[Any, Decimal],
    *,
    year: int = YEAR,
    law: str = "BAA No. 99",
    **other: Any,
) -> Appropriation:
    """An appropriation entered and put in force; committed."""
    row = authority.enter(
        enters.session, enters.actor, fiscal_year=year, kind=LawKind.GAAB, reference=law, dated=date(year - 1, 12, 20),
        effective_on=date(year, 1, 1), total=sum(amounts.values(), Decimal(0)), amounts=amounts, **other,
    )  # fmt: skip
    enters.session.commit()
    theirs = confirms.session.get_one(Appropriation, row.id)
    in_force.put_in_force(confirms.session, confirms.actor, theirs, key=key())
    confirms.session.commit()
    return row


def allot(
    office: Treasury, account_id: int, amount: str | int, *, day: date | None = None,
    kind: OrderKind = OrderKind.SPECIAL, **other: Any,
) -> AllotmentOrder:  # fmt: skip
    """An allotment order for one account, entered by Rahma and released by Idris; committed."""
    rahma, idris = office.rahma, office.idris
    answers = {
        "fiscal_year": YEAR, "number": f"2026-{next(_keys)}", "kind": kind, "dated": day or on(1, 15),
        "legal_basis": "GAAB", "request": "SBR 1", "counterpart": "Region" if kind == OrderKind.TRANSFER else "",
        "total": pesos(amount), **other,
    }  # fmt: skip
    order = allotments.enter(rahma.session, rahma.actor, answers, [allotments.Line(account_id, pesos(amount))])
    rahma.session.commit()
    theirs = idris.session.get_one(AllotmentOrder, order.id)
    releases.release(idris.session, idris.actor, theirs, key=key())
    idris.session.commit()
    return order


def obligate(
    office: Treasury, account_id: int, amount: str | int, *, day: date | None = None, object_code: str = PAPER,
    **other: Any,
) -> Obligation:  # fmt: skip
    """An obligation of one line, requested by Rahma and certified by Salma; committed."""
    rahma, salma = office.rahma, office.salma
    row = Obligation(
        fiscal_year=YEAR, dated=day or on(2, 1), payee_id=office.payee, kind=ObligationType.PURCHASE_ORDER,
        particulars="Supplies", total=pesos(amount), entered_by=rahma.actor.user_id,
        requested_by=rahma.actor.user_id, requested_label=rahma.actor.label, status=ObligationStatus.DRAFT, **other,
    )  # fmt: skip
    rahma.session.add(row)
    rahma.session.flush()
    rahma.session.add(
        ObligationLine(obligation_id=row.id, account_id=account_id, object_code=object_code, amount=pesos(amount))
    )
    rahma.session.flush()
    row.status = ObligationStatus.REQUESTED
    rahma.session.commit()
    posting.post(salma.session, salma.actor, posting.Order(
        DocumentKind.OBLIGATION, row.id, {ObligationStatus.REQUESTED},
        {"status": ObligationStatus.OBLIGATED, "certified_by": salma.actor.user_id},
        label="ORS {number}", doc_date=row.dated, key=key(),
        series=Series("ors-01", YEAR, f"01-{YEAR}-{row.dated.month:02d}-{{:04d}}", "ors_no"),
    ))  # fmt: skip
    salma.session.commit()
    rahma.session.refresh(row)
    return row


def line_of(office: Treasury, obligation: Obligation) -> ObligationLine:
    """Its only line, as it stands now."""
    office.rahma.session.commit()
    query = select(ObligationLine).where(ObligationLine.obligation_id == obligation.id)
    return office.rahma.session.scalars(query.execution_options(populate_existing=True)).one()


def pay(office: Treasury, obligation: Obligation, amount: str | int, *, day: date | None = None) -> Disbursement:
    """A voucher for its only line, submitted by Rahma and paid by Omar; committed."""
    rahma, omar = office.rahma, office.omar
    row = Disbursement(
        fiscal_year=YEAR, dated=day or on(3, 1), payee_id=office.payee, mode=PaymentMode.CHECK, gross=pesos(amount),
        tax=0, net=pesos(amount), status=DisbursementStatus.DRAFT, submitted_by=rahma.actor.user_id,
    )  # fmt: skip
    rahma.session.add(row)
    rahma.session.flush()
    part = DisbursementLine(disbursement_id=row.id, line_id=line_of(office, obligation).id, amount=pesos(amount))
    rahma.session.add(part)
    rahma.session.flush()
    row.status = DisbursementStatus.FOR_APPROVAL
    rahma.session.commit()
    posting.post(omar.session, omar.actor, posting.Order(
        DocumentKind.DISBURSEMENT, row.id, {DisbursementStatus.FOR_APPROVAL},
        {"status": DisbursementStatus.PAID, "paid_by": omar.actor.user_id},
        label="DV {number}", doc_date=row.dated, key=key(),
        series=Series("dv", YEAR, f"{YEAR}-{row.dated.month:02d}-{{:04d}}", "dv_no"),
    ))  # fmt: skip
    omar.session.commit()
    rahma.session.refresh(row)
    return row


def tried(desk: Desk, act: Callable[[], object]) -> Exception | None:
    """Do it and commit; what refuses is given back, and nothing of the act stays."""
    try:
        act()
        desk.session.commit()
    except Exception as refusal:
        desk.session.rollback()
        return refusal
    return None
