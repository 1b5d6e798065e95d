"""The one read of the ledger from which statements of amounts are made: sums by account, column and quarter.

PostgreSQL goes through the entries once; what comes after is a few rows for each account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    any_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    select,
)  # fmt: skip
from sqlalchemy.orm import Session

from bmms.domain.proofs import Proof
from bmms.domain.statements.statement import Statement
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column, LedgerEntry
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass

EXTENDED = 5  # the "quarter" of what is dated after the last day of the fiscal year, when a law allows it (E-8)
CLASS_ORDER = (ExpenseClass.PS, ExpenseClass.MOOE, ExpenseClass.FINEX, ExpenseClass.CO)
STRUCTURE_ORDER = (CostStructure.GAS, CostStructure.STO, CostStructure.OPERATIONS)
CLASS_NAME = {
    ExpenseClass.PS: ("Personnel services", "5 01"),
    ExpenseClass.MOOE: ("Maintenance and other operating expenses", "5 02"),
    ExpenseClass.FINEX: ("Financial expenses", "5 03"),
    ExpenseClass.CO: ("Capital outlays", "5 06"),
}
APPROPRIATED = (Column.AUTHORISED, Column.ADJUSTMENT)
ALLOTTED = (Column.RECEIVED, Column.ALLOTMENT_ADJUSTMENT, Column.TRANSFER_TO, Column.TRANSFER_FROM)
NO_STRUCTURE = "none"  # the act gives the organization a total by class alone (D22)
STRUCTURE_NAME = {
    NO_STRUCTURE: ("All programs, not broken down", ""),
    CostStructure.GAS: ("General administration and support", "1"),
    CostStructure.STO: ("Support to operations", "2"),
    CostStructure.OPERATIONS: ("Operations", "3"),
}


@dataclass(frozen=True)
class Accounts:
    """The accounts that a statement is about.

    Attributes:
        kept: what the database keeps as their totals: appropriated, allotted, obligated and disbursed together.
        last_on: the latest day in their ledgers.
    """

    ids: tuple[int, ...]
    is_demo: bool
    kept: Decimal
    last_on: date | None


def accounts_of(session: Session, asked: Statement, *, is_demo: bool | None = None) -> Accounts:
    """Those of the fiscal year and the fund cluster; all, or the real or demo ones alone."""
    account = BudgetAccount
    kept = account.appropriated + account.allotted + account.obligated + account.disbursed
    query = select(
        func.coalesce(func.array_agg(account.id), literal_column("ARRAY[]::bigint[]")),
        func.coalesce(func.bool_or(account.is_demo), False), func.coalesce(func.sum(kept), 0),
        func.max(account.last_on),
    ).where(account.fiscal_year == asked.fiscal_year)  # fmt: skip
    if asked.cluster:
        query = query.where(account.fund_cluster == asked.cluster)
    if is_demo is not None:
        query = query.where(account.is_demo.is_(is_demo))
    ids, is_demo, total, last_on = session.execute(query).one()
    return Accounts(tuple(ids), is_demo, total, last_on)


def among(asked: Statement, accounts: Accounts) -> tuple[ColumnElement[bool], ...]:
    """Which entries a statement is about: those of its accounts, dated up to the day asked for.

    The ids stand in the text of the statement: as a parameter PostgreSQL would soon plan for any number of them, and
    look each of a million entries up by itself.
    """
    ids = cast(literal(list(accounts.ids), ARRAY(BigInteger), literal_execute=True), ARRAY(BigInteger))
    return LedgerEntry.account_id == any_(ids), LedgerEntry.doc_date <= asked.as_of


def sums_of(asked: Statement, accounts: Accounts, *keys: Any) -> CTE:
    """Sums of the entries of these accounts up to the day asked for.

    The keys are plain columns and yes-or-no, so that PostgreSQL knows how few groups there are and hashes them.

    Args:
        keys: further columns to group by.

    Returns:
        rows of account_id, statement_column, quarter, is_extended (dated after the fiscal year), is_named (names a
        line of an obligation), and amount.
    """
    entry, last_day = LedgerEntry, date(asked.fiscal_year, 12, 31)
    is_named = entry.obligation_line_id.is_not(None).label("is_named")
    grouped = [entry.account_id, entry.statement_column, entry.quarter, is_named, *keys]
    is_extended: Any = false().label("is_extended")
    if asked.as_of > last_day:  # else nothing can be, and each key costs time
        is_extended = (entry.doc_date > last_day).label("is_extended")
    return (
        select(*grouped, is_extended, func.sum(entry.amount).label("amount"))
        .where(*among(asked, accounts))
        .group_by(*grouped, *([is_extended] if asked.as_of > last_day else ()))
        .cte("sums")
    )


def part(sums: CTE, *wanted: Column, period: int | None = None) -> ColumnElement[Decimal]:
    """What stands in these columns of FAR No. 1; in one quarter, or in the extended period, where one is named."""
    where: list[Any] = [sums.c.statement_column.in_(wanted)]
    if period is not None:
        where.append(sums.c.is_extended if period == EXTENDED else ~sums.c.is_extended & (sums.c.quarter == period))
    return func.coalesce(func.sum(sums.c.amount).filter(*where), 0)


def due(sums: CTE) -> ColumnElement[Decimal]:
    """Due and demandable and not paid: what is due, less the payments that name a line of an obligation."""
    paid = func.sum(sums.c.amount).filter(sums.c.statement_column == Column.DISBURSEMENT, sums.c.is_named)
    return part(sums, Column.DUE) - func.coalesce(paid, 0)


def four(sums: CTE) -> list[ColumnElement[Decimal]]:
    """What is appropriated, allotted, obligated and disbursed."""
    return [
        part(sums, *APPROPRIATED).label("appropriated"), part(sums, *ALLOTTED).label("allotted"),
        part(sums, Column.OBLIGATION).label("obligated"), part(sums, Column.DISBURSEMENT).label("disbursed"),
    ]  # fmt: skip


def entered(sums: CTE) -> ColumnElement[Decimal]:
    """All entries but those that say what is due, for the proof."""
    query = select(func.coalesce(func.sum(sums.c.amount), 0)).where(sums.c.statement_column != Column.DUE)
    return query.scalar_subquery()


def proof_of(asked: Statement, accounts: Accounts, count: int, total: Decimal, entries: Decimal) -> Proof:
    """Appropriations, allotments, obligations and disbursements together, against a second way of adding up (INV-42).

    As of any day from the last entry on that is what the database keeps for each account (INV-28); as of an earlier
    day, the entries up to it. The words are the same, so that a statement as of a past day never changes (INV-38).
    """
    is_last = accounts.last_on is None or accounts.last_on <= asked.as_of
    return proof_of_entries(count, ("account", "accounts"), total, accounts.kept if is_last else entries)


def proof_of_entries(count: int, nouns: tuple[str, str], total: Decimal, entries: Decimal) -> Proof:
    """The sum of rows against the ledger that they come from."""
    return Proof(count, nouns, total, entries, "the ledger up to this day")


def placed(order: Sequence[Any], column: Any) -> ColumnElement[int]:
    """The place of a word in a fixed order, for sorting."""
    return case(*((column == word, place) for place, word in enumerate(order)), else_=len(order))
