"""Of the audit extract: each account of a period against the same share of its appropriation (R-20, modules 2.9)."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, cast, func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.period import Period
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.domain.statements.sums import CLASS_NAME
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column as Place
from bmms.models.ledger import LedgerEntry
from bmms.models.programs import Program

FIGURES = ("appropriated", "share", "allotted", "obligated", "disbursed")
COLUMNS = (
    Column("title", "Program", Look.TEXT),
    Column("account", "Account", Look.TEXT),
    Column("expense_class", "Class", Look.TEXT),
    Column("appropriated", "Appropriation to the last day"),
    Column("share", "Its share of the period"),
    Column("allotted", "Allotted in the period"),
    Column("obligated", "Obligated in the period"),
    Column("disbursed", "Disbursed in the period"),
    Column("variance", "Variance: obligated less the share", terms=((1, "obligated"), (-1, "share"))),
    Column("variance_rate", "Variance ÷ the share", Look.SHARE, over=("variance", "share")),
    Column("remarks", "Remarks", Look.TEXT),
)
BANDS = ((Decimal("0.05"), "within 5 %"), (Decimal("0.10"), "within 10 %"), (Decimal("0.20"), "within 20 %"))
CRITICAL = "critical, over 20 %"


def band_of(share: Decimal | None) -> str:
    """The band in which a variance lies (modules 2.9); nothing where there is no share to measure by."""
    if share is None:
        return ""
    return next((words for edge, words in BANDS if abs(share) <= edge), CRITICAL)


def read(session: Session, asked: Period, page: int | None) -> Report:
    """One row an account, added up by PostgreSQL."""
    accounts = ledger.accounts_of(session, asked)
    entry, account = LedgerEntry, BudgetAccount
    within = entry.doc_date >= asked.since

    def total(*where: Any) -> Any:
        return func.coalesce(func.sum(entry.amount).filter(*where), 0)

    approved = total(entry.statement_column.in_(ledger.APPROPRIATED))
    leaves = (
        select(
            account.id.label("account_id"), account.number, account.expense_class, account.cost_structure,
            Program.title.label("program"), approved.label("appropriated"),
            func.round(cast(approved * asked.months / 12, Numeric), 2).label("share"),
            total(entry.statement_column.in_(ledger.ALLOTTED), within).label("allotted"),
            total(entry.statement_column == Place.OBLIGATION, within).label("obligated"),
            total(entry.statement_column == Place.DISBURSEMENT, within).label("disbursed"),
        )
        .select_from(entry)
        .join(account, account.id == entry.account_id)
        .outerjoin(Program, Program.id == account.program_id)
        .where(*ledger.among(asked, accounts))
        .group_by(account.id, Program.title)
        .subquery("leaves")
    )  # fmt: skip
    counted = entry.statement_column.in_(ledger.APPROPRIATED) | (within & (entry.statement_column != Place.DUE))
    proved = select(func.coalesce(func.sum(entry.amount), 0)).where(*ledger.among(asked, accounts), counted)
    levels = [("account_id", "number", "expense_class", "cost_structure", "program")]
    found = rolling.rolled(leaves, levels, FIGURES)
    query = rolling.in_order(
        found, ("number", "account_id"), asked.window(page), proved.scalar_subquery().label("entered")
    )
    whole, rows = rolling.split(session, query)
    together = sum((whole._mapping[name] for name in FIGURES if name != "share"), NONE)
    return Report(
        COLUMNS, [_row(asked, row) for row in rows],
        Row(_told({**rolling.values_of(whole, FIGURES), "title": "Total", "account": "", "expense_class": ""}),
            is_sum=True),
        whole.in_all - 1,
        ledger.proof_of_entries(whole.in_all - 1, ("account", "accounts"), together, whole.entered), accounts.is_demo,
        first=asked.window(page)[0],
        notes=(
            f"The share of the period is {asked.months} of 12 months of the appropriation. A share without a "
            "denominator is shown as —.",
        ),
    )  # fmt: skip


def _row(asked: Period, row: Any) -> Row:
    return Row(_told({
        **rolling.values_of(row, FIGURES), "title": row.program or NOT_BROKEN_DOWN[row.cost_structure],
        "account": f"{asked.fiscal_year}-{row.number:03d}", "expense_class": CLASS_NAME[row.expense_class][0],
    }))  # fmt: skip


def _told(base: dict[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = completed(COLUMNS, base)
    return {**cells, "remarks": band_of(cells["variance_rate"])}
