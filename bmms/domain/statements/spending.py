"""Obligations and payments one by one, for budget and accounting (R-13): lines of obligations, lines of vouchers."""

from abc import ABC
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.ageing import NO_LINE
from bmms.domain.statements.period import Period
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.domain.statements.statement import NAMES_PEOPLE
from bmms.domain.statements.sums import Accounts
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column as Place
from bmms.models.ledger import LedgerEntry, LedgerPosting
from bmms.models.obligations import Obligation, ObligationLine
from bmms.models.payees import Payee
from bmms.models.programs import Program
from bmms.models.reference import ObjectCode

PRIVATE = "Names of payees are personal data; this list is for those who work on the budget and its accounts."
YEAR = "The fiscal year is that of the accounts which are charged."
FIGURES = ("amount", "paid", "due")
CHARGED = (
    Column("payee", "Payee", Look.TEXT),
    Column("program", "Program", Look.TEXT),
    Column("expense_class", "Class", Look.TEXT),
    Column("object", "Object", Look.TEXT),
)
OBLIGATIONS = (
    Column("title", "Obligation", Look.TEXT),
    Column("day", "Date", Look.DAY),
    *CHARGED,
    Column("amount", "Amount, as adjusted"),
    Column("paid", "Paid"),
    Column("due", "Due and demandable"),
    Column("not_yet_due", "Not yet due", terms=((1, "amount"), (-1, "paid"), (-1, "due"))),
    Column("age", "Days since due", Look.COUNT, adds=False),
)
DISBURSEMENTS = (
    Column("title", "Voucher", Look.TEXT),
    Column("day", "Date", Look.DAY),
    Column("obligation", "Obligation", Look.TEXT),
    *CHARGED,
    Column("amount", "Amount"),
)


@dataclass(frozen=True, kw_only=True)
class Spending(Period, ABC):
    """What names payees one by one: for budget officers, certifiers, accountants, reviewers and the head."""

    is_wide = True
    needs = NAMES_PEOPLE


@dataclass(frozen=True, kw_only=True)
class Obligations(Spending):
    """The lines of the obligations that were incurred in the period, as they stand on its last day."""

    kind = "obligations"
    code = "OBLIGATIONS"
    name = "Obligations"
    title = "List of obligations"
    about = "Each line of an obligation with payee, program and object; what is paid, due, not yet due, and since when."

    def read(self, session: Session, page: int | None = None) -> Report:
        """One row a line, by the days of the obligations; the ledger is added up by PostgreSQL."""
        accounts = ledger.accounts_of(session, self)
        listed, (first, most) = self._lines(accounts), self.window(page)
        whole: Any = session.execute(
            select(
                func.count().label("in_all"), self._entered(accounts).label("entered"),
                *(func.coalesce(func.sum(listed.c[name]), 0).label(name) for name in FIGURES),
            ).select_from(listed)
        ).one()  # fmt: skip
        query = self._named(listed)
        found = session.execute(query.limit(most).offset(first) if most is not None else query)
        values = rolling.values_of(whole, FIGURES)
        return Report(
            OBLIGATIONS, [self._row(row) for row in found],
            Row(completed(OBLIGATIONS, {**values, "title": "Total"}), is_sum=True), whole.in_all,
            ledger.proof_of_entries(whole.in_all, ("line", "lines"), whole.amount, whole.entered),
            accounts.is_demo, first=first,
            notes=(
                "Obligations incurred in the period, each as it stands on its last day. Payments settle what fell due "
                "first; the days are counted from the oldest that is due and unpaid. What an opening position brought "
                "stands on the last day of its quarter.", YEAR, PRIVATE,
            ),
        )  # fmt: skip

    def _lines(self, accounts: Accounts) -> Subquery:
        """What is obligated, paid, and due and unpaid of each line; what names no line, by account and object."""
        entry, column = LedgerEntry, LedgerEntry.statement_column

        def total(place: Place) -> Any:
            return func.coalesce(func.sum(entry.amount).filter(column == place), 0)

        paid, line = total(Place.DISBURSEMENT), entry.obligation_line_id
        return (
            select(
                line.label("line_id"), entry.account_id, entry.object_code, func.min(entry.doc_date).label("day"),
                total(Place.OBLIGATION).label("amount"), paid.label("paid"),
                case((line.is_not(None), total(Place.DUE) - paid), else_=0).label("due"),
            )
            .where(
                *ledger.among(self, accounts), column.in_((Place.OBLIGATION, Place.DISBURSEMENT, Place.DUE))
            )
            .group_by(line, entry.account_id, entry.object_code)
            .having(func.min(entry.doc_date) >= self.since)
            .subquery("listed")
        )  # fmt: skip

    def _entered(self, accounts: Accounts) -> ScalarSelect[Any]:
        """What is obligated by the entries themselves, without those of what began before the period, for the proof."""
        entry, before = LedgerEntry, aliased(LedgerEntry)
        spent = (Place.OBLIGATION, Place.DISBURSEMENT)
        began = exists().where(
            before.account_id == entry.account_id, before.doc_date < self.since, before.statement_column.in_(spent),
            *(
                func.coalesce(getattr(before, name), nothing) == func.coalesce(getattr(entry, name), nothing)
                for name, nothing in (("obligation_line_id", 0), ("object_code", ""))
            ),
        )  # fmt: skip
        query = select(func.coalesce(func.sum(entry.amount), 0))
        return query.where(
            *ledger.among(self, accounts), entry.statement_column == Place.OBLIGATION, ~began
        ).scalar_subquery()  # fmt: skip

    def _named(self, listed: Subquery) -> Select[Any]:
        query = select(
            listed, *_names(), Obligation.ors_no, self._due_since(listed).label("due_since")
        ).select_from(listed)  # fmt: skip
        query = _with_names(query, listed.c.account_id, listed.c.object_code, listed.c.line_id)
        order = (Obligation.ors_no, listed.c.line_id, listed.c.account_id, listed.c.object_code)
        return query.order_by(listed.c.day, *order)

    def _due_since(self, listed: Subquery) -> ScalarSelect[Any]:
        """The day of the oldest that is due of a line and that payments have not settled; null without any."""
        entry = LedgerEntry
        together = func.sum(entry.amount).over(order_by=entry.doc_date)
        dues = (
            select(entry.doc_date, together.label("together"))
            .where(
                entry.obligation_line_id == listed.c.line_id, entry.statement_column == Place.DUE,
                entry.doc_date <= self.as_of,
            )
            .correlate(listed)
            .subquery("dues")
        )  # fmt: skip
        query = select(func.min(dues.c.doc_date)).where(dues.c.together > listed.c.paid)
        return query.correlate(listed).scalar_subquery()

    def _row(self, row: Any) -> Row:
        age = (self.as_of - row.due_since).days if row.due_since else None
        cells = {**rolling.values_of(row, FIGURES), **_charged(row), "day": row.day, "age": age}
        return Row(completed(OBLIGATIONS, {**cells, "title": f"ORS {row.ors_no}" if row.ors_no else NO_LINE}))


@dataclass(frozen=True, kw_only=True)
class Disbursements(Spending):
    """The payments of the period; one that was made void is taken back on the day on which it was."""

    kind = "disbursements"
    code = "DISBURSEMENTS"
    name = "Disbursements"
    title = "List of disbursements"
    about = "Each line of a paid voucher with payee, obligation, program and object."

    def read(self, session: Session, page: int | None = None) -> Report:
        """One row a payment of a line, in the order of their days."""
        accounts = ledger.accounts_of(session, self)
        entry, (first, most) = LedgerEntry, self.window(page)
        query = select(
            entry.doc_date, entry.amount, LedgerPosting.label, Obligation.ors_no, *_names()
        ).select_from(entry).join(LedgerPosting, LedgerPosting.id == entry.posting_id)  # fmt: skip
        within = self._within(accounts)
        query = _with_names(query, entry.account_id, entry.object_code, entry.obligation_line_id).where(*within)
        listed = query.with_only_columns(entry.amount).order_by(None).subquery("listed")
        entered = select(func.coalesce(func.sum(entry.amount), 0)).where(*within).scalar_subquery()
        whole: Any = session.execute(
            select(
                func.count().label("in_all"), func.coalesce(func.sum(listed.c.amount), 0).label("amount"),
                entered.label("entered"),
            ).select_from(listed)
        ).one()  # fmt: skip
        query = query.order_by(entry.doc_date, entry.id)
        found = session.execute(query.limit(most).offset(first) if most is not None else query)
        total = completed(DISBURSEMENTS, {"title": "Total", "amount": whole.amount or NONE})
        return Report(
            DISBURSEMENTS, [_payment(row) for row in found], Row(total, is_sum=True), whole.in_all,
            ledger.proof_of_entries(whole.in_all, ("payment", "payments"), whole.amount, whole.entered),
            accounts.is_demo, first=first,
            notes=(
                "A voucher that was made void has a second row with the amount in brackets, on the day on which it "
                "was.", YEAR, PRIVATE,
            ),
        )  # fmt: skip

    def _within(self, accounts: Accounts) -> tuple[ColumnElement[bool], ...]:
        entry = LedgerEntry
        is_paid = entry.statement_column == Place.DISBURSEMENT
        return (*ledger.among(self, accounts), entry.doc_date >= self.since, is_paid)


def _names() -> tuple[Any, ...]:
    account = BudgetAccount
    return (
        Payee.name.label("payee"), Program.title.label("program"), account.cost_structure, account.expense_class,
        ObjectCode.code.label("code"), ObjectCode.title.label("object"),
    )  # fmt: skip


def _with_names(query: Select[Any], account_id: Any, object_code: Any, line_id: Any) -> Select[Any]:
    """The query with account, object, obligation and its payee; what an opening position brings may name none."""
    return (
        query.join(BudgetAccount, BudgetAccount.id == account_id)
        .outerjoin(Program, Program.id == BudgetAccount.program_id)
        .outerjoin(ObjectCode, ObjectCode.code == object_code)
        .outerjoin(ObligationLine, ObligationLine.id == line_id)
        .outerjoin(Obligation, Obligation.id == ObligationLine.obligation_id)
        .outerjoin(Payee, Payee.id == Obligation.payee_id)
    )


def _charged(row: Any) -> dict[str, Any]:
    """Payee, program, class and object of a row."""
    return {
        "payee": row.payee or "", "program": row.program or NOT_BROKEN_DOWN[row.cost_structure],
        "expense_class": row.expense_class.value,
        "object": f"{ObjectCode(code=row.code).dashed} {row.object}" if row.code else "",
    }  # fmt: skip


def _payment(row: Any) -> Row:
    told = {"title": row.label, "day": row.doc_date, "obligation": f"ORS {row.ors_no}" if row.ors_no else NO_LINE}
    return Row(completed(DISBURSEMENTS, {**_charged(row), **told, "amount": row.amount}))
