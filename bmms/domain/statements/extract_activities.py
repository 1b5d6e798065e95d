"""Of the audit extract: what was obligated and paid for each work item in a period (R-20)."""

from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from bmms.domain.statements import physical, rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.period import Period
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.models.ledger import Column as Place
from bmms.models.ledger import LedgerEntry
from bmms.models.obligations import ObligationLine
from bmms.models.programs import Program
from bmms.models.work import WorkItem

NO_ITEM = "No work item"
FIGURES = ("obligated", "disbursed")
COLUMNS = (
    Column("title", "Activity", Look.TEXT),
    Column("code", "Code", Look.TEXT),
    Column("program", "Program", Look.TEXT),
    Column("planned", "Planned cost", adds=False),
    Column("obligated", "Obligated in the period"),
    Column("disbursed", "Disbursed in the period"),
    Column("unpaid", "Unpaid of the period", terms=((1, "obligated"), (-1, "disbursed"))),
    Column("cost_rate", "Obligated ÷ planned", Look.SHARE, over=("obligated", "planned")),
    Column("progress", "Progress to the last day", Look.SHARE),
)


def read(session: Session, asked: Period, page: int | None) -> Report:
    """One row a work item that something was obligated or paid for, and one for all that names none."""
    accounts = ledger.accounts_of(session, asked)
    entry = LedgerEntry
    spent = entry.statement_column.in_((Place.OBLIGATION, Place.DISBURSEMENT))
    within = (*ledger.among(asked, accounts), entry.doc_date >= asked.since, spent)

    def total(column: Place) -> Any:
        return func.coalesce(func.sum(entry.amount).filter(entry.statement_column == column), 0)

    leaves = (
        select(
            func.coalesce(WorkItem.id, 0).label("item_id"), func.coalesce(WorkItem.title, NO_ITEM).label("title"),
            func.coalesce(WorkItem.code, literal("")).label("code"), WorkItem.planned_cost.label("planned"),
            Program.title.label("program"), total(Place.OBLIGATION).label("obligated"),
            total(Place.DISBURSEMENT).label("disbursed"),
        )
        .select_from(entry)
        .outerjoin(ObligationLine, ObligationLine.id == entry.obligation_line_id)
        .outerjoin(WorkItem, WorkItem.id == ObligationLine.item_id)
        .outerjoin(Program, Program.id == WorkItem.program_id)
        .where(*within)
        .group_by(WorkItem.id, WorkItem.title, WorkItem.code, WorkItem.planned_cost, Program.title)
        .subquery("leaves")
    )  # fmt: skip
    found = rolling.rolled(leaves, [("item_id", "title", "code", "planned", "program")], FIGURES)
    proved = select(func.coalesce(func.sum(entry.amount), 0)).where(*within).scalar_subquery().label("entered")
    whole, rows = rolling.split(session, rolling.in_order(found, ("code", "item_id"), asked.window(page), proved))
    said = physical.of_items(session, [row.item_id for row in rows if row.item_id], asked.as_of)
    total_cells = completed(COLUMNS, {
        **rolling.values_of(whole, FIGURES), "title": "Total", "code": "", "program": ""
    })  # fmt: skip
    return Report(
        COLUMNS, [_row(row, said) for row in rows], Row(total_cells, is_sum=True), whole.in_all - 1,
        ledger.proof_of_entries(
            whole.in_all - 1, ("row", "rows"), whole.obligated + whole.disbursed, whole.entered
        ),
        accounts.is_demo, first=asked.window(page)[0],
        notes=(physical.NOTE, "Planned cost is that of the work plan as it stands today."),
    )  # fmt: skip


def _row(row: Any, said: dict[int, Any]) -> Row:
    return Row(completed(COLUMNS, {
        **rolling.values_of(row, FIGURES), "title": row.title, "code": row.code, "program": row.program or "",
        "planned": row.planned, "progress": said.get(row.item_id),
    }))  # fmt: skip
