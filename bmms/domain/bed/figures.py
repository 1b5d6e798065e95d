"""Rows of the program of a year beside what is appropriated: one query, from which screens and statements are made."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Select, Subquery, cast, func, literal, null, select, union_all
from sqlalchemy.types import BigInteger

from bmms.domain.statements import sums as ledger
from bmms.models.authority import BudgetAccount
from bmms.models.bed import BedFigure, BedLine
from bmms.models.ledger import LedgerEntry
from bmms.models.programs import Program

MONTHS = range(1, 13)
OBLIGATIONS = tuple(f"o{month}" for month in MONTHS)
DISBURSEMENTS = tuple(f"d{month}" for month in MONTHS)
FIGURES = ("appropriated", *OBLIGATIONS, *DISBURSEMENTS)
KEYS = ("cost_structure", "program_id", "expense_class")


def keyed(bed_id: int, entries: Sequence[ColumnElement[bool]]) -> Subquery:
    """For each program and class: FIGURES and the `line_id` of the program, null where it has no line.

    Args:
        bed_id: the program of the year; 0 for none.
        entries: which entries of the ledger say what is appropriated.
    """
    zero = cast(literal(0), Numeric(18, 2))
    given = (
        select(
            *(getattr(BudgetAccount, key) for key in KEYS), cast(null(), BigInteger).label("line_id"),
            func.sum(LedgerEntry.amount).label("appropriated"), *(zero.label(name) for name in FIGURES[1:]),
        )
        .join(BudgetAccount, BudgetAccount.id == LedgerEntry.account_id)
        .where(*entries, LedgerEntry.statement_column.in_(ledger.APPROPRIATED))
        .group_by(*(getattr(BudgetAccount, key) for key in KEYS))
    )  # fmt: skip
    programmed = (
        select(
            *(getattr(BedLine, key) for key in KEYS), BedLine.id, zero, *_months(BedFigure.obligation),
            *_months(BedFigure.disbursement),
        )
        .outerjoin(BedFigure, BedFigure.line_id == BedLine.id)
        .where(BedLine.bed_id == bed_id)
        .group_by(BedLine.id)
    )  # fmt: skip
    both = union_all(given, programmed).subquery("both_sides")
    keys = [both.c[key] for key in KEYS]
    return (
        select(*keys, func.max(both.c.line_id).label("line_id"), *(func.sum(both.c[one]).label(one) for one in FIGURES))
        .group_by(*keys)
        .having((func.sum(both.c.appropriated) != 0) | (func.max(both.c.line_id).is_not(None)))
        .subquery("keyed")
    )


def leaves(rows: Subquery) -> Subquery:
    """The same rows with what they are called and where they stand, for sub-totals by program."""
    return (
        select(
            func.concat(rows.c.cost_structure, rows.c.program_id).label("program"),
            rows.c.cost_structure.label("structure"),
            ledger.placed(ledger.STRUCTURE_ORDER, rows.c.cost_structure).label("structure_place"),
            func.coalesce(Program.title, "").label("title"), rows.c.expense_class,
            ledger.placed(ledger.CLASS_ORDER, rows.c.expense_class).label("class_place"), rows.c.line_id,
            *(rows.c[name] for name in FIGURES),
        )
        .outerjoin(Program, Program.id == rows.c.program_id)
        .subquery("leaves")
    )  # fmt: skip


def of_accounts(fiscal_year: int, is_demo: bool) -> tuple[ColumnElement[bool], ...]:
    """The entries of all accounts of a year, whatever their day."""
    return BudgetAccount.fiscal_year == fiscal_year, BudgetAccount.is_demo.is_(is_demo)


def listed(rows: Subquery) -> Select[Any]:
    """The rows with the titles of their programs, in order."""
    order = (
        ledger.placed(ledger.STRUCTURE_ORDER, rows.c.cost_structure), Program.title, rows.c.program_id,
        ledger.placed(ledger.CLASS_ORDER, rows.c.expense_class),
    )  # fmt: skip
    return select(rows, Program.title).outerjoin(Program, Program.id == rows.c.program_id).order_by(*order)


def _months(column: Any) -> list[Any]:
    return [func.coalesce(func.sum(column).filter(BedFigure.month == month), 0) for month in MONTHS]


def by_quarter(bed_id: int) -> Select[Any]:
    """quarter (1 to 4), obligation and disbursement that are programmed; zero where nothing is."""
    quarters = func.generate_series(1, 4).table_valued("quarter").render_derived()
    its = BedFigure.month.between(quarters.c.quarter * 3 - 2, quarters.c.quarter * 3)
    mine = BedFigure.line_id.in_(select(BedLine.id).where(BedLine.bed_id == bed_id))
    return (
        select(
            quarters.c.quarter,
            func.coalesce(func.sum(BedFigure.obligation), 0).label("obligation"),
            func.coalesce(func.sum(BedFigure.disbursement), 0).label("disbursement"),
        )
        .select_from(quarters)
        .outerjoin(BedFigure, its & mine)
        .group_by(quarters.c.quarter)
    )
