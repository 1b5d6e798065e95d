"""The list of allotments and sub-allotments by class, in the style of FAR No. 1-B."""

from dataclasses import dataclass

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.domain.statements.statement import Statement
from bmms.models.allotments import AllotmentOrder
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import DocumentKind, LedgerEntry, LedgerPosting

CLASSES = {kind.value.lower(): kind for kind in ledger.CLASS_ORDER}
FIGURES = tuple(CLASSES)
COLUMNS = (
    Column("title", "Document", Look.TEXT),
    Column("day", "Date", Look.DAY),
    Column("basis", "Legal basis, conditions or counterpart", Look.TEXT),
    *(Column(name, kind.value) for name, kind in CLASSES.items()),
    Column("total", "Total", terms=tuple((1, name) for name in FIGURES)),
)


@dataclass(frozen=True, kw_only=True)
class Allotments(Statement):
    """One row for each posting that moves allotments: orders, transfers, withdrawals, changes, opening positions."""

    kind = "allotments"
    code = "FAR1B"
    name = "List of allotments"
    title = "List of allotments and sub-allotments"
    style = "FAR No. 1-B style"
    about = "Each allotment order by class, in the style of FAR No. 1-B."

    def read(self, session: Session, page: int | None = None) -> Report:
        """One row a posting, added up by class."""
        accounts = ledger.accounts_of(session, self)
        entry, posting, order = LedgerEntry, LedgerPosting, AllotmentOrder
        moves = (*ledger.among(self, accounts), entry.statement_column.in_(ledger.ALLOTTED))
        by_class = [
            func.coalesce(func.sum(entry.amount).filter(BudgetAccount.expense_class == kind), 0).label(name)
            for name, kind in CLASSES.items()
        ]
        leaves = (
            select(
                posting.id.label("posting_id"), posting.label.label("title"), entry.doc_date.label("day"),
                func.coalesce(func.concat_ws(
                    "; ", func.nullif(order.legal_basis, ""), func.nullif(order.counterpart, ""),
                    func.nullif(order.conditions, ""), func.nullif(order.request, ""),
                ), "").label("basis"), *by_class,
            )
            .select_from(entry)
            .join(BudgetAccount, BudgetAccount.id == entry.account_id)
            .join(posting, posting.id == entry.posting_id)
            .outerjoin(order, (order.id == posting.document_id)
                       & (cast(posting.document_kind, String) == DocumentKind.ALLOTMENT_ORDER.value))
            .where(*moves)
            .group_by(posting.id, posting.label, entry.doc_date, order.legal_basis, order.counterpart, order.conditions,
                      order.request)
            .subquery("leaves")
        )  # fmt: skip
        found = rolling.rolled(leaves, [("posting_id", "day", "title", "basis")], FIGURES)
        proved = select(func.coalesce(func.sum(entry.amount), 0)).where(*moves).scalar_subquery()
        query = rolling.in_order(found, ("day", "posting_id"), self.window(page), proved.label("entered"))
        whole, rows = rolling.split(session, query)
        total = completed(COLUMNS, {**rolling.values_of(whole, FIGURES), "title": "Total", "basis": ""})
        return Report(
            COLUMNS,
            [
                Row(completed(COLUMNS, {
                    **rolling.values_of(row, FIGURES), "title": row.title, "day": row.day, "basis": row.basis,
                }))
                for row in rows
            ],
            Row(total, is_sum=True), whole.in_all - 1,
            ledger.proof_of_entries(
                whole.in_all - 1, ("document", "documents"), total["total"], whole.entered  # type: ignore[arg-type]
            ),
            accounts.is_demo, first=self.window(page)[0],
        )  # fmt: skip
