"""The registry of allotments and obligations of one account (RAOD), with running balances."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import accounts as budget_accounts
from bmms.domain.statements import rolling
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.shape import Column, Look, Report, Row, completed
from bmms.domain.statements.statement import Choices, Statement
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import Column as Place
from bmms.models.ledger import LedgerEntry, LedgerPosting

LONGEST_ID = 18  # digits
FIGURES = ("allotment", "obligation", "disbursement")
COLUMNS = (
    Column("title", "Document", Look.TEXT),
    Column("day", "Date", Look.DAY),
    Column("object", "Object", Look.TEXT),
    Column("allotment", "Allotment"),
    Column("obligation", "Obligation"),
    Column("unobligated", "Unobligated balance", adds=False),
    Column("disbursement", "Disbursement"),
    Column("unpaid", "Unpaid balance", adds=False),
)


@dataclass(frozen=True, kw_only=True)
class Register(Statement):
    """Documents of one account in the order of their days, each with what is left after it."""

    kind = "register"
    code = "RAOD"
    name = "Registry (RAOD)"
    title = "Registry of allotments and obligations"
    about = "Every document of one account with the running unobligated balance."
    choices: ClassVar[Mapping[str, tuple[str, Choices]]] = {}

    account_id: int = 0

    def read(self, session: Session, page: int | None = None) -> Report:
        """Running balances by window functions; one row a document and object."""
        shown = budget_accounts.get_account(session, self.account_id)
        entry, posting = LedgerEntry, LedgerPosting
        wanted = {
            "allotment": ledger.ALLOTTED, "obligation": (Place.OBLIGATION,), "disbursement": (Place.DISBURSEMENT,)
        }  # fmt: skip
        moves = (
            entry.account_id == self.account_id, entry.doc_date <= self.as_of,
            entry.statement_column.in_([column for columns in wanted.values() for column in columns]),
        )  # fmt: skip
        rows = (
            select(
                func.min(entry.id).label("id"), entry.doc_date.label("day"), posting.label.label("title"),
                func.coalesce(entry.object_code, "").label("object"),
                *(
                    func.coalesce(func.sum(entry.amount).filter(entry.statement_column.in_(columns)), 0).label(name)
                    for name, columns in wanted.items()
                ),
            )
            .join(posting, posting.id == entry.posting_id)
            .where(*moves)
            .group_by(posting.id, entry.doc_date, posting.label, entry.object_code)
            .subquery("documents")
        )  # fmt: skip
        order = (rows.c.day, rows.c.id)
        first, most = self.window(page)
        query = select(
            rows,
            func.sum(rows.c.allotment - rows.c.obligation).over(order_by=order).label("unobligated"),
            func.sum(rows.c.obligation - rows.c.disbursement).over(order_by=order).label("unpaid"),
        ).order_by(*order)
        found = session.execute(query.limit(most).offset(first) if most is not None else query).all()
        entered = select(func.coalesce(func.sum(entry.amount), 0)).where(*moves)
        whole = session.execute(
            select(
                func.count().label("in_all"),
                entered.scalar_subquery().label("entered"),
                *(func.coalesce(func.sum(rows.c[name]), 0).label(name) for name in FIGURES),
            )
        ).one()
        account = shown.account
        return self._report(found, whole, account, first)

    def _report(self, found: Any, whole: Any, account: Any, first: int) -> Report:
        values = rolling.values_of(whole, FIGURES)
        left = {
            "unobligated": values["allotment"] - values["obligation"],
            "unpaid": values["obligation"] - values["disbursement"],
        }
        total = completed(COLUMNS, {**values, **left, "title": "Posted to this day", "object": ""})
        together = sum(values.values(), NONE)
        is_last = account.last_on is None or account.last_on <= self.as_of
        kept = account.allotted + account.obligated + account.disbursed
        source = kept if is_last else whole.entered
        proof = ledger.proof_of_entries(whole.in_all, ("row", "rows"), together, source)
        return Report(
            COLUMNS, [Row(completed(COLUMNS, _cells(row))) for row in found], Row(total, is_sum=True), whole.in_all,
            proof, account.is_demo, first=first,
            notes=("Posted documents only; brackets are decreases.",),
        )  # fmt: skip

    def in_words(self, session: Session) -> list[tuple[str, str]]:
        """With the account."""
        name = budget_accounts.get_account(session, self.account_id).name
        return [*super().in_words(session), ("Account", name)]

    @classmethod
    def field_of(cls, session: Session, name: str, asked: Statement | None) -> tuple[str, Choices]:
        """The accounts of the year that is asked for."""
        label, choices = super().field_of(session, name, asked)
        if name == "account_id":
            listed = budget_accounts.list_accounts(session, asked.fiscal_year) if asked else ()
            choices = {str(one.account.id): one.name for one in listed} or {"": "None yet"}
        return label, choices

    @classmethod
    def refine(cls, session: Session, given: dict[str, str]) -> None:
        """The account is one of the year; the first one unless another is asked for. Raises RuleBroken."""
        if not given["account_id"]:
            first = budget_accounts.list_accounts(session, int(given["fiscal_year"]))[0]
            given["account_id"] = str(first.account.id)
            return
        found = as_known(session, given["account_id"])
        if found is None:
            raise RuleBroken("Choose an account from the list.", field="account_id")
        if str(found.fiscal_year) != given["fiscal_year"]:
            raise RuleBroken(f"This account is one of fiscal year {found.fiscal_year}.", field="account_id")


def as_known(session: Session, text: str) -> BudgetAccount | None:
    """The account that an address names, or None."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        return None
    return session.scalar(select(BudgetAccount).where(BudgetAccount.id == int(text)))


def _cells(row: Any) -> dict[str, Any]:
    names = ("title", "day", "object", *FIGURES, "unobligated", "unpaid")
    return {name: row._mapping[name] for name in names}
