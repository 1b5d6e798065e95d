"""Opening positions as screens show them: against what the last statement says, by account, by unpaid obligation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.allotments.queries import sees_drafts
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import NotFound
from bmms.domain.imports.values import some
from bmms.domain.ledger import accounts
from bmms.domain.ledger.accounts import Shown
from bmms.domain.openings.labels import TOTALS
from bmms.domain.periods import queries as periods
from bmms.domain.proofs import Proof
from bmms.models.authority import Appropriation, BudgetAccount
from bmms.models.ledger import LedgerEntry, LedgerPosting, Measure
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus
from bmms.models.openings import OpeningLine, OpeningPosition, OpeningStatus
from bmms.models.payees import Payee

REMEDY = "Correct the workbook and import it again, or correct what was typed."


@dataclass(frozen=True)
class Compared:
    """One total: as the signed statement gives it, and as the workbook comes to; pesos."""

    name: str  # of TOTALS
    stated: Decimal
    sheet: Decimal

    @property
    def label(self) -> str:
        """As screens name it."""
        return TOTALS[self.name]

    @property
    def difference(self) -> Decimal:
        """Zero before it can be confirmed."""
        return self.sheet - self.stated


@dataclass(frozen=True)
class OfAccount:
    """What the workbook says of one account up to the cut-over; pesos."""

    account: Shown
    first: date  # the earliest day under which something is posted
    allotted: Decimal
    obligated: Decimal
    disbursed: Decimal

    @property
    def unpaid(self) -> Decimal:
        """What the unpaid obligations come to."""
        return self.obligated - self.disbursed


def list_openings(actor: Actor) -> Select:
    """The opening positions, the latest first."""
    query = select(OpeningPosition).order_by(OpeningPosition.cut_over.desc(), OpeningPosition.id.desc())
    return query if sees_drafts(actor) else query.where(OpeningPosition.status == OpeningStatus.POSTED)


def get_opening(session: Session, actor: Actor, opening_id: int) -> OpeningPosition:
    """One. Raises NotFound, also for a draft that the actor may not see."""
    row = session.get(OpeningPosition, opening_id)
    if row is None or (row.status != OpeningStatus.POSTED and not sees_drafts(actor)):
        raise NotFound("There is no such opening position.")
    return row


def compared(opening: OpeningPosition, rows: Sequence[OfAccount]) -> list[Compared]:
    """The three totals: stated, and of the accounts (`by_account`)."""
    return compare(opening, {name: sum((getattr(row, name) for row in rows), NONE) for name in TOTALS})


def compare(opening: OpeningPosition, sheet: Mapping[str, Decimal]) -> list[Compared]:
    """The same for totals that are known."""
    return [Compared(name, getattr(opening, f"stated_{name}"), sheet[name]) for name in TOTALS]


def by_account(session: Session, opening: OpeningPosition) -> list[OfAccount]:
    """What it says of each account, in the order of their numbers."""
    sums = [func.sum(getattr(OpeningLine, name)) for name in TOTALS]
    query = select(OpeningLine.account_id, func.min(OpeningLine.dated), *sums).where(
        OpeningLine.opening_id == opening.id
    )
    rows = {row[0]: row[1:] for row in session.execute(query.group_by(OpeningLine.account_id))}
    shown = accounts.shown_by_id(session, rows)
    found = [OfAccount(shown[key], *amounts) for key, amounts in rows.items()]
    return sorted(found, key=lambda one: (one.account.account.fiscal_year, one.account.account.number))


def unpaid_of(opening: OpeningPosition) -> Select:
    """obligation_id, ors_no, dated, payee, particulars, status, amount, due, paid of each unpaid obligation."""
    return (
        select(
            Obligation.id.label("obligation_id"), Obligation.ors_no, Obligation.dated, Payee.name.label("payee"),
            Obligation.particulars, Obligation.status, func.sum(OpeningLine.obligated).label("amount"),
            func.sum(OpeningLine.due).label("due"), func.sum(OpeningLine.disbursed).label("paid"),
        )
        .join(ObligationLine, ObligationLine.obligation_id == Obligation.id)
        .join(OpeningLine, OpeningLine.line_id == ObligationLine.id)
        .join(Payee, Payee.id == Obligation.payee_id)
        .where(OpeningLine.opening_id == opening.id)
        .group_by(Obligation.id, Payee.id)
        .order_by(Obligation.ors_no)
    )  # fmt: skip


def unpaid_sums(session: Session, opening: OpeningPosition) -> tuple[int, Decimal]:
    """How many unpaid obligations there are, and what is unpaid of them."""
    inner = unpaid_of(opening).subquery()
    count, unpaid = session.execute(select(func.count(), func.sum(inner.c.amount - inner.c.paid))).one()
    return count, unpaid or NONE


def proof_of(opening: OpeningPosition, rows: Sequence[OfAccount]) -> Proof:
    """What the accounts come to in obligations, against the statement."""
    total = sum((row.obligated for row in rows), NONE)
    return Proof(
        len(rows), ("account", "accounts"), total, opening.stated_obligated, "obligations of the signed statement"
    )


def obstacles(session: Session, opening: OpeningPosition, rows: Sequence[OfAccount]) -> list[str]:
    """Why it cannot be confirmed now, each with its remedy; empty when it can. `rows`: `by_account`."""
    if not rows:
        return ["Nothing is imported yet. Export the workbook, fill it in, and import it."]
    found = [] if opening.file_id else ["The signed statement is not attached. Attach it."]
    found += [
        f"{one.label}: the workbook comes to ₱ {one.sheet:,.2f}, the statement says ₱ {one.stated:,.2f}; the "
        f"difference is ₱ {one.difference:,.2f}. {REMEDY}"
        for one in compared(opening, rows)
        if one.difference
    ]
    first = min(row.first for row in rows)
    found += in_the_way(session, opening, {row.account.account.id for row in rows}, first)
    if _broken(session, opening):
        found.append("An unpaid obligation is not what was imported any more. Import the workbook again.")
    return found


def in_the_way(session: Session, opening: OpeningPosition, account_ids: set[int], first: date) -> list[str]:
    """What of the ledger does not allow an opening position of these accounts: it comes first, once for each law.

    Args:
        first: the earliest day under which something is posted.
    """
    return [
        *_posted_before(session, opening, account_ids), *_opened_before(session, opening, account_ids),
        *_closed_before(session, first),
    ]  # fmt: skip


def _posted_before(session: Session, opening: OpeningPosition, account_ids: set[int]) -> list[str]:
    query = (
        select(LedgerPosting.label, LedgerPosting.doc_date)
        .where(
            LedgerPosting.id.in_(
                select(LedgerEntry.posting_id).where(
                    LedgerEntry.account_id.in_(account_ids), LedgerEntry.doc_date <= opening.cut_over,
                    LedgerEntry.measure.not_in([Measure.AUTHORISED, Measure.ADJUSTMENT]),
                )
            )
        )
        .order_by(LedgerPosting.id)
    )  # fmt: skip
    rows = [f"{label} of {dated:%d %B %Y}" for label, dated in session.execute(query)]
    if not rows:
        return []
    return [
        f"Its accounts have postings up to the cut-over already: {some(rows)}. An opening position holds everything up "
        "to that day, so it is posted before anything else of that time, and never beside it."
    ]


def _opened_before(session: Session, opening: OpeningPosition, account_ids: set[int]) -> list[str]:
    mine, theirs = BudgetAccount, BudgetAccount.__table__.alias("theirs")
    query = (
        select(Appropriation.reference, OpeningPosition.reference)
        .join(theirs, theirs.c.appropriation_id == Appropriation.id)
        .join(OpeningLine, OpeningLine.account_id == theirs.c.id)
        .join(OpeningPosition, OpeningPosition.id == OpeningLine.opening_id)
        .where(
            OpeningPosition.id != opening.id, OpeningPosition.status == OpeningStatus.POSTED,
            OpeningPosition.fiscal_year == opening.fiscal_year,
            Appropriation.id.in_(select(mine.appropriation_id).where(mine.id.in_(account_ids))),
        )
        .distinct()
    )  # fmt: skip
    return [
        f"{law} has its opening position already: {other}. There is one for each fiscal year and law."
        for law, other in session.execute(query)
    ]


def _closed_before(session: Session, first: date) -> list[str]:
    shut = periods.last_closed(session)
    if shut is None or periods.last_day(shut) < first:
        return []
    return [f"{periods.name_of(shut)} is closed, and nothing is posted under its days. Have it opened again first."]


def leaves_months_open(session: Session, opening: OpeningPosition) -> bool:
    """Is it in the ledger, while documents can still be dated in a month that it covers as a whole?"""
    if opening.status != OpeningStatus.POSTED:
        return False
    month = opening.cut_over.replace(day=1)
    if periods.last_day(month) > opening.cut_over:
        month = (month - timedelta(days=1)).replace(day=1)
    shut = periods.last_closed(session)
    return month.year == opening.fiscal_year and (shut is None or shut < month)


def _broken(session: Session, opening: OpeningPosition) -> bool:
    """Is one of its obligations changed since the import, or its lines not what the position says?"""
    said = func.sum(OpeningLine.obligated)
    query: Select[Any] = (
        select(ObligationLine.id)
        .join(OpeningLine, OpeningLine.line_id == ObligationLine.id)
        .join(Obligation, Obligation.id == ObligationLine.obligation_id)
        .where(OpeningLine.opening_id == opening.id)
        .group_by(ObligationLine.id, Obligation.id)
        .having(
            (said != ObligationLine.amount) | Obligation.is_opening.is_(False)
            | (Obligation.status != ObligationStatus.DRAFT)
        )
        .limit(1)
    )  # fmt: skip
    return session.scalar(query) is not None
