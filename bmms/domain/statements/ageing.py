"""Ageing of unpaid obligations by payee and line, in the style of FAR No. 3."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Date, Subquery, and_, case, func, literal, select
from sqlalchemy.orm import Session

from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.domain.statements.statement import ALL_CLUSTERS, NAMES_PEOPLE, Statement
from bmms.domain.statements.sums import Accounts
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column as Place
from bmms.models.ledger import LedgerEntry
from bmms.models.obligations import Obligation, ObligationLine
from bmms.models.payees import Payee

AGES = {"d30": (0, 30), "d60": (31, 60), "d90": (61, 90), "older": (91, None)}  # days, both ends counted
FIGURES = ("not_yet_due", *AGES)
NO_LINE = "Not by obligation"
COLUMNS = (
    Column("title", "Payee and obligation", Look.TEXT),
    Column("day", "Obligated on", Look.DAY),
    Column("account", "Account", Look.TEXT),
    Column("not_yet_due", "Not yet due"),
    Column("d30", "30 days or less"),
    Column("d60", "31 to 60 days"),
    Column("d90", "61 to 90 days"),
    Column("older", "Over 90 days"),
    Column("aged", "Aged, in all", terms=tuple((1, name) for name in AGES)),
    Column("unpaid", "Unpaid", terms=((1, "not_yet_due"), (1, "aged"))),
)
NOTES = {
    "due": "Days since goods or services were accepted; payments settle what fell due first. What is obligated and not "
    "yet due has no age.",
    "obligated": "Days since the obligation was certified; all that is unpaid of it has that age.",
}


@dataclass(frozen=True, kw_only=True)
class Ageing(Statement):
    """Payee › line of an obligation, as far as something is unpaid."""

    kind = "ageing"
    code = "FAR3"
    name = "Ageing"
    title = "Ageing of unpaid obligations"
    style = "FAR No. 3 style"
    needs = NAMES_PEOPLE
    about = "What is obligated and unpaid, by payee and by age, in the style of FAR No. 3."
    choices = {
        "cluster": ("Fund cluster", ALL_CLUSTERS),
        "since_when": ("Age", {"due": "Days since it fell due", "obligated": "Days since it was obligated"}),
    }  # fmt: skip

    since_when: str = "due"

    def read(self, session: Session, page: int | None = None) -> Report:
        """Sub-totals by ROLLUP; the oldest due is settled first."""
        accounts = ledger.accounts_of(session, self)
        leaves = self._leaves(self._lines(accounts))
        levels = [("payee_id", "payee"), ("line_id", "ors_no", "day", "account_number")]
        found = rolling.rolled(leaves, levels, FIGURES)
        spent = LedgerEntry.statement_column
        proved = select(
            func.coalesce(func.sum(case((spent == Place.OBLIGATION, LedgerEntry.amount), else_=-LedgerEntry.amount)), 0)
        ).where(*ledger.among(self, accounts), spent.in_((Place.OBLIGATION, Place.DISBURSEMENT)))  # fmt: skip
        query = rolling.in_order(
            found, ("payee", "payee_id", "day", "line_id"), self.window(page),
            proved.scalar_subquery().label("entered"),
        )  # fmt: skip
        whole, rows = rolling.split(session, query)
        total = completed(COLUMNS, {**rolling.values_of(whole, FIGURES), "title": "Total", "account": ""})
        unpaid: Any = total["unpaid"]
        return Report(
            COLUMNS, [self._row(row) for row in rows], Row(total, is_sum=True), whole.in_all - 1,
            ledger.proof_of_entries(whole.in_all - 1, ("row", "rows"), unpaid, whole.entered), accounts.is_demo,
            first=self.window(page)[0], notes=(NOTES[self.since_when],),
        )  # fmt: skip

    def _lines(self, accounts: Accounts) -> Subquery:
        """For each line of an obligation: what is obligated, due by age, and paid; null stands for no line."""
        entry, column = LedgerEntry, LedgerEntry.statement_column

        def total(*where: Any) -> Any:
            return func.coalesce(func.sum(entry.amount).filter(*where), 0)

        return (
            select(
                entry.obligation_line_id.label("line_id"), func.min(entry.account_id).label("account_id"),
                func.min(entry.doc_date).filter(column == Place.OBLIGATION).label("day"),
                total(column == Place.OBLIGATION).label("obligated"),
                total(column == Place.DISBURSEMENT).label("paid"),
                *(
                    total(column == Place.DUE, *self._within(entry.doc_date, age)).label(f"due_{age}")
                    for age in AGES
                ),
            )
            .where(*ledger.among(self, accounts), column.in_((Place.OBLIGATION, Place.DISBURSEMENT, Place.DUE)))
            .group_by(entry.obligation_line_id)
            .subquery("lines")
        )  # fmt: skip

    def _within(self, day: Any, age: str) -> list[Any]:
        """The conditions under which a day is so many days old."""
        least, most = AGES[age]
        found = [day <= literal(self.as_of - timedelta(days=least), Date)]
        if most is not None:
            found.append(day >= literal(self.as_of - timedelta(days=most), Date))
        return found

    def _leaves(self, lines: Subquery) -> Subquery:
        """What is unpaid of each line, by age."""
        unpaid = lines.c.obligated - lines.c.paid
        has_line = lines.c.line_id.is_not(None)
        if self.since_when == "due":
            ages = self._settled(lines)
            due = sum((lines.c[f"due_{age}"] for age in AGES), literal(0))
            not_yet_due = case((has_line, lines.c.obligated - due), else_=unpaid)
        else:
            ages = {age: case((and_(*self._within(lines.c.day, age), has_line), unpaid), else_=0) for age in AGES}
            not_yet_due = case((has_line, 0), else_=unpaid)
        return (
            select(
                func.coalesce(Payee.id, 0).label("payee_id"), func.coalesce(Payee.name, NO_LINE).label("payee"),
                func.coalesce(lines.c.line_id, 0).label("line_id"),
                func.coalesce(Obligation.ors_no, "").label("ors_no"),
                lines.c.day, BudgetAccount.number.label("account_number"), not_yet_due.label("not_yet_due"),
                *(amount.label(age) for age, amount in ages.items()),
            )
            .select_from(lines)
            .join(BudgetAccount, BudgetAccount.id == lines.c.account_id)
            .outerjoin(ObligationLine, ObligationLine.id == lines.c.line_id)
            .outerjoin(Obligation, Obligation.id == ObligationLine.obligation_id)
            .outerjoin(Payee, Payee.id == Obligation.payee_id)
            .where(unpaid != 0)
            .subquery("leaves")
        )  # fmt: skip

    def _settled(self, lines: Subquery) -> dict[str, Any]:
        """What is left of each age after the payments have settled the older ones."""
        found: dict[str, Any] = {}
        older: Any = literal(0)
        for age in reversed(AGES):
            own = lines.c[f"due_{age}"]
            found[age] = func.least(func.greatest(older + own - lines.c.paid, 0), own)
            older = older + own
        return {age: found[age] for age in AGES}

    def _row(self, row: Any) -> Row:
        if row.depth == 0:
            told: dict[str, Any] = {"title": row.payee, "account": ""}
        else:
            number = f"{self.fiscal_year}-{row.account_number:03d}"
            title = f"ORS {row.ors_no}" if row.ors_no else NO_LINE
            told = {"title": title, "account": "" if not row.line_id else number, "day": row.day}
        cells = completed(COLUMNS, {**rolling.values_of(row, FIGURES), **told})
        return Row(cells, level=row.depth, is_sum=row.depth == 0)
