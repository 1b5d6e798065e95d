"""The register of one account (RAOD): one row for each posting, in the order of its days, with running balances."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.proofs import Proof
from bmms.models.authority import BudgetAccount
from bmms.models.ledger import DocumentKind, LedgerEntry, LedgerPosting, Measure


@dataclass(frozen=True)
class Stage:
    """One link of the chain: what it comes to, what is left to the next one, its rate and of what."""

    label: str
    amount: Decimal
    left: Decimal | None
    rate: Decimal | None  # None also where there is no whole to divide by (INV-39)
    whole: str = ""


def rows_of(account: BudgetAccount) -> Select:
    """posting_id, kind, document_id, label, doc_date, allotment, obligation, disbursement, balance (unobligated)."""
    entry = LedgerEntry

    def total(measure: Measure):  # type: ignore[no-untyped-def]
        return func.sum(entry.amount).filter(entry.measure == measure)

    allotment, obligation = total(Measure.ALLOTMENT), total(Measure.OBLIGATION)
    running = func.sum(func.coalesce(allotment, 0) - func.coalesce(obligation, 0)).over(
        order_by=(entry.doc_date, LedgerPosting.id)
    )
    return (
        select(
            LedgerPosting.id.label("posting_id"), LedgerPosting.document_kind.label("kind"), LedgerPosting.document_id,
            LedgerPosting.label, entry.doc_date, allotment.label("allotment"), obligation.label("obligation"),
            total(Measure.DISBURSEMENT).label("disbursement"), running.label("balance"),
        )
        .join(LedgerPosting, LedgerPosting.id == entry.posting_id)
        .where(entry.account_id == account.id, entry.measure.not_in([Measure.DUE, Measure.AUTHORISED]))
        .group_by(LedgerPosting.id, entry.doc_date)
        .order_by(entry.doc_date, LedgerPosting.id)
    )  # fmt: skip


def stages_of(account: BudgetAccount) -> Sequence[Stage]:
    """From the appropriation to the payment."""
    return [
        Stage("Appropriation, adjusted", account.appropriated, None, None),
        Stage("Allotment", account.allotted, account.unreleased, _rate(account.allotted, account.appropriated),
              "of the appropriation"),
        Stage("Obligations", account.obligated, account.headroom, _rate(account.obligated, account.allotted),
              "of the allotment"),
        Stage("Disbursements", account.disbursed, account.unpaid, _rate(account.disbursed, account.obligated),
              "of the obligations"),
    ]  # fmt: skip


def proof_of(session: Session, account: BudgetAccount) -> Proof:
    """What the entries leave unobligated, against the totals of the account (INV-28)."""
    entry = LedgerEntry
    signed = func.sum(entry.amount).filter(entry.measure == Measure.ALLOTMENT)
    taken = func.sum(entry.amount).filter(entry.measure == Measure.OBLIGATION)
    rows, allotted, obligated = session.execute(
        select(func.count(func.distinct(entry.posting_id)), signed, taken).where(
            entry.account_id == account.id,
            entry.measure.in_([Measure.ALLOTMENT, Measure.OBLIGATION, Measure.DISBURSEMENT]),
        )
    ).one()
    left = (allotted or NONE) - (obligated or NONE)
    return Proof(rows, ("posting", "postings"), left, account.headroom, "unobligated balance of the account")


def documents_of(session: Session, kind: DocumentKind, document_id: int) -> Sequence[LedgerPosting]:
    """The postings of one document, the first one first."""
    query = select(LedgerPosting).where(LedgerPosting.document_kind == kind, LedgerPosting.document_id == document_id)
    return session.scalars(query.order_by(LedgerPosting.id)).all()


def _rate(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None
