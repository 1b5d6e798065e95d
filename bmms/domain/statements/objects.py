"""Allotments, obligations and disbursements by object of expenditure, in the style of FAR No. 1-A."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.statements import far1, rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.shape import Column, Report, Row, completed
from bmms.domain.statements.statement import Statement
from bmms.domain.statements.sums import CLASS_NAME, EXTENDED
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column as Place
from bmms.models.ledger import LedgerEntry
from bmms.models.reference import ObjectCode

QUARTERS = (*far1.QUARTERS, EXTENDED)
FIGURES = (
    "allotted", *(f"{name}{period}" for name in ("obligated", "disbursed") for period in QUARTERS), "due", "extended",
)  # fmt: skip
NO_OBJECT = "Not by object"


def columns_of(*, extended: bool) -> list[Column]:
    """Those of FAR No. 1 from the allotments on."""
    wanted = ("title", "code", "allotted", "obligated", "disbursed", "unobligated", "due", "not_yet_due")
    columns = [
        column for column in far1.columns_of(extended=extended)
        if column.key in wanted or column.key.startswith(("obligated", "disbursed"))
    ]  # fmt: skip
    plain = Column("allotted", "Adjusted allotment", group=far1.ALLOTMENTS)
    return [
        plain if column.key == "allotted"
        else Column(column.key, column.heading.removesuffix(" 10−15"), column.look, column.group, "", column.terms)
        for column in columns
    ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ByObject(Statement):
    """Class › object; what orders allot without naming an object stands in a row of its own."""

    kind = "by-object"
    code = "FAR1A"
    name = "By object"
    title = "Statement of allotments, obligations and disbursements by object of expenditure"
    about = "Each object of expenditure quarter by quarter, in the style of FAR No. 1-A."
    is_wide = by_quarter = True
    per_page = 36  # rows of 26 amounts that fit into the first round trip of a page
    style = "FAR No. 1-A style"

    def read(self, session: Session, page: int | None = None) -> Report:
        """Sub-totals by ROLLUP."""
        accounts = ledger.accounts_of(session, self)
        sums, account = ledger.sums_of(self, accounts, LedgerEntry.object_code), BudgetAccount
        code, title = func.coalesce(sums.c.object_code, ""), func.coalesce(ObjectCode.title, NO_OBJECT)
        place = ledger.placed(ledger.CLASS_ORDER, account.expense_class)
        leaves = (
            select(
                account.expense_class, place.label("class_place"), code.label("code"), title.label("title"),
                *_figures(sums),
            )
            .select_from(sums)
            .join(account, account.id == sums.c.account_id)
            .outerjoin(ObjectCode, ObjectCode.code == sums.c.object_code)
            .where(sums.c.statement_column.not_in(ledger.APPROPRIATED))
            .group_by(account.expense_class, sums.c.object_code, ObjectCode.title)
            .subquery("leaves")
        )  # fmt: skip
        found = rolling.rolled(leaves, [("expense_class", "class_place"), ("code", "title")], FIGURES)
        proved = select(func.coalesce(func.sum(sums.c.amount), 0)).where(
            sums.c.statement_column.not_in((*ledger.APPROPRIATED, Place.DUE))
        )
        query = rolling.in_order(
            found, ("class_place", "code"), self.window(page), proved.scalar_subquery().label("entered")
        )
        whole, rows = rolling.split(session, query)
        columns = columns_of(extended=bool(whole.extended))
        total = completed(columns, {**rolling.values_of(whole, FIGURES), "title": "Total", "code": ""})
        cells: Any = total
        together = sum((cells[name] for name in ("allotted", "obligated", "disbursed")), NONE)
        return Report(
            columns, [_row(columns, row) for row in rows], Row(total, is_sum=True), whole.in_all - 1,
            ledger.proof_of_entries(whole.in_all - 1, ("row", "rows"), together, whole.entered), accounts.is_demo,
            first=self.window(page)[0],
            notes=(f"“{NO_OBJECT}” is what orders allot to a class without naming an object.",),
        )  # fmt: skip


def _figures(sums: CTE) -> list[Any]:
    return [
        ledger.part(sums, *ledger.ALLOTTED).label("allotted"),
        *(
            ledger.part(sums, column, period=period).label(f"{name}{period}")
            for name, column in (("obligated", Place.OBLIGATION), ("disbursed", Place.DISBURSEMENT))
            for period in QUARTERS
        ),
        ledger.due(sums).label("due"),
        func.count().filter(
            sums.c.is_extended, sums.c.statement_column.in_((Place.OBLIGATION, Place.DISBURSEMENT))
        ).label("extended"),
    ]  # fmt: skip


def _row(columns: list[Column], row: Any) -> Row:
    title, code = CLASS_NAME[row.expense_class] if row.depth == 0 else (row.title, _dashed(row.code))
    cells = completed(columns, {**rolling.values_of(row, FIGURES), "title": title, "code": code})
    return Row(cells, level=row.depth + 1, is_sum=row.depth == 0)


def _dashed(code: str) -> str:
    return ObjectCode(code=code).dashed if code else ""
