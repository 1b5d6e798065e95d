"""Of the audit extract: every entry of a period with its document and who posted it; nothing is cut (R-20)."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger.labels import DOCUMENT
from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.period import Period
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column as Place
from bmms.models.ledger import LedgerEntry, LedgerPosting, PostingVerb

WANTED = {
    "appropriation": ledger.APPROPRIATED, "allotment": ledger.ALLOTTED, "obligation": (Place.OBLIGATION,),
    "due": (Place.DUE,), "disbursement": (Place.DISBURSEMENT,),
}  # fmt: skip
FIGURES = tuple(WANTED)
COLUMNS = (
    Column("title", "Document", Look.TEXT),
    Column("document", "Kind", Look.TEXT),
    Column("day", "Date", Look.DAY),
    Column("entry", "Entry no.", Look.COUNT, adds=False),
    Column("person", "Posted by", Look.TEXT),
    Column("posted", "Posted at (UTC+8)", Look.TEXT),
    Column("account", "Account", Look.TEXT),
    Column("object", "Object", Look.TEXT),
    Column("appropriation", "Appropriation"),
    Column("allotment", "Allotment"),
    Column("obligation", "Obligation"),
    Column("due", "Due and demandable"),
    Column("disbursement", "Disbursement"),
)


def read(session: Session, asked: Period, page: int | None) -> Report:
    """One row an entry, in the order of posting."""
    accounts = ledger.accounts_of(session, asked)
    entry, posting, account = LedgerEntry, LedgerPosting, BudgetAccount
    within = (*ledger.among(asked, accounts), entry.doc_date >= asked.since)
    first, most = asked.window(page)
    query = (
        select(
            entry.id, entry.doc_date, entry.object_code, entry.statement_column, entry.amount, posting.label,
            posting.document_kind, posting.verb, posting.posted_label, account.number,
            func.to_char(func.timezone("Asia/Manila", posting.posted_at), "YYYY-MM-DD HH24:MI").label("posted"),
        )
        .join(posting, posting.id == entry.posting_id)
        .join(account, account.id == entry.account_id)
        .where(*within)
        .order_by(entry.id)
    )  # fmt: skip
    found = session.execute(query.limit(most).offset(first) if most is not None else query).all()
    sums = [
        func.coalesce(func.sum(entry.amount).filter(entry.statement_column.in_(columns)), 0).label(name)
        for name, columns in WANTED.items()
    ]
    every = func.coalesce(func.sum(entry.amount), 0).label("entered")
    whole: Any = session.execute(select(func.count().label("entries"), every, *sums).where(*within)).one()
    values = rolling.values_of(whole, FIGURES)
    total = completed(COLUMNS, {**values, "title": "Total"})
    return Report(
        COLUMNS, [_row(asked, row) for row in found], Row(total, is_sum=True), whole.entries,
        ledger.proof_of_entries(
            whole.entries, ("entry", "entries"), sum(values.values(), NONE), whole.entered
        ),
        accounts.is_demo, first=first,
        notes=("A correction is a later entry of its own: no entry is ever changed or removed.",),
    )  # fmt: skip


def _row(asked: Period, row: Any) -> Row:
    kind = DOCUMENT[row.document_kind]
    cells: dict[str, Any] = dict.fromkeys(FIGURES, NONE)
    cells[next(name for name, columns in WANTED.items() if row.statement_column in columns)] = row.amount
    return Row(completed(COLUMNS, {
        **cells, "title": row.label, "document": kind if row.verb == PostingVerb.POST else f"{kind}, taken back",
        "day": row.doc_date, "entry": row.id, "person": row.posted_label, "posted": row.posted,
        "account": f"{asked.fiscal_year}-{row.number:03d}", "object": row.object_code or "",
    }))  # fmt: skip
