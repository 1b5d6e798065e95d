"""Reversion: what is not obligated when the time of an account is over goes back (modules 2.8, BAA No. 84 Sec. 35).

BMMS proposes it from the days of the accounts; the budget review posts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.authority import lapsing
from bmms.domain.changes import steps
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.ledger import accounts, posting, room
from bmms.domain.ledger.accounts import Shown
from bmms.domain.permissions import P
from bmms.models.authority import Appropriation, BudgetAccount, ValidityExtension
from bmms.models.changes import BudgetChange, BudgetChangeLine, ChangeKind, ChangeStatus
from bmms.models.ledger import LedgerPosting

REASON = (
    "The time in which the money of {law} may be obligated and paid ended on {last:%d %B %Y}. What is not obligated "
    "lapses and returns to the Treasury (BAA No. 84, Sec. 35)."
)


@dataclass(frozen=True)
class Lapsed:
    """An account whose time is over, with what is left of it; pesos."""

    account: Shown
    last_day: date
    allotment: Decimal  # released and not obligated
    appropriation: Decimal  # in all not obligated


@dataclass(frozen=True)
class Proposal:
    """What goes back of one law."""

    law_id: int
    law: str
    lapsed: Sequence[Lapsed]

    @property
    def last_day(self) -> date:
        """When the time of the last of its accounts ended."""
        return max(one.last_day for one in self.lapsed)

    @property
    def appropriation(self) -> Decimal:
        """Over the accounts."""
        return sum((one.appropriation for one in self.lapsed), NONE)

    @property
    def allotment(self) -> Decimal:
        """Over the accounts."""
        return sum((one.allotment for one in self.lapsed), NONE)


def proposals(session: Session) -> list[Proposal]:
    """What would go back today, by law."""
    today, found = clock.today(), accounts.chargeable(session, or_lapsed=True)
    last = {one.account.id: one.account.pay_until for one in found}
    for law in session.scalars(select(ValidityExtension).where(ValidityExtension.confirmed_at.is_not(None))):
        for one in found:
            mine = one.account.appropriation_id == law.appropriation_id
            if mine and law.expense_class in (None, one.account.expense_class):
                last[one.account.id] = max(last[one.account.id], law.pay_until)
    by_law: dict[int, list[Lapsed]] = {}
    for one in found:
        account = one.account
        if last[account.id] < today and account.unreleased + account.headroom > 0:
            lapsed = Lapsed(one, last[account.id], account.headroom, account.unreleased + account.headroom)
            by_law.setdefault(account.appropriation_id, []).append(lapsed)
    return [Proposal(law_id, rows[0].account.law, rows) for law_id, rows in by_law.items()]


def proposal_of(session: Session, appropriation_id: int) -> Proposal:
    """What would go back of one law. Raises NotFound."""
    for one in proposals(session):
        if one.law_id == appropriation_id:
            return one
    raise NotFound("Of this law nothing has to go back.")


def revert(
    session: Session, actor: Actor, appropriation_id: int, *, reference: str, dated: date, key: str
) -> BudgetChange:  # fmt: skip
    """Post the reversion of one law: allotments are withdrawn, appropriations taken out.

    Raises:
        NotAllowed: the permission is missing.
        NotFound: nothing has to go back.
        RuleBroken: the day is not after the end, the reference is taken, a rule of the ledger refuses.
    """
    actor.require(P.BUDGET_REVIEW)
    before = select(BudgetChange).join(LedgerPosting, LedgerPosting.document_id == BudgetChange.id)
    if row := session.scalar(before.where(LedgerPosting.key == key, LedgerPosting.document_kind == "budget_change")):
        return row
    law = session.get(Appropriation, appropriation_id, with_for_update=True)
    if law is None:
        raise NotFound("There is no such appropriation.")
    _lock(session, appropriation_id)
    found = proposal_of(session, appropriation_id)
    _require_sound(session, law, reference, dated, found.last_day)
    row = BudgetChange(
        fiscal_year=law.fiscal_year, kind=ChangeKind.REVERSION, reference=reference.strip(), dated=dated,
        reason=REASON.format(law=law.reference, last=found.last_day), requested_label="BMMS, at the end of validity",
        requested_at=clock.now(), is_demo=law.is_demo,
    )  # fmt: skip
    session.add(row)
    session.flush()
    gaps = room.available_in(session, [one.account.account for one in found.lapsed], dated)
    for one in found.lapsed:
        left = gaps[one.account.account.id]
        if left.unobligated + left.unreleased > 0:
            session.add(BudgetChangeLine(
                change_id=row.id, account_id=one.account.account.id, allotment=-left.unobligated,
                appropriation=-left.unobligated - left.unreleased,
            ))  # fmt: skip
    session.flush()
    row.status, row.approved_by, row.approved_label = ChangeStatus.APPROVED, actor.user_id, actor.signature
    row.approved_at = clock.now()
    audit.record(session, actor, "budget_changes:approve", row, label=row.reference)
    posting.post(session, actor, steps.order_of(row, key))
    session.refresh(row)
    lapsing.lapse_if_over(session, actor, law)
    return row


def _lock(session: Session, appropriation_id: int) -> None:
    query = select(BudgetAccount.id).where(BudgetAccount.appropriation_id == appropriation_id)
    session.execute(query.order_by(BudgetAccount.id).with_for_update(key_share=True)).all()
    session.expire_all()


def _require_sound(session: Session, law: Appropriation, reference: str, dated: date, last: date) -> None:
    wrong: dict[str, str] = {}
    if not reference.strip():
        wrong["reference"] = "Type a number or a short name."
    elif session.scalar(
        select(BudgetChange.id).where(
            BudgetChange.fiscal_year == law.fiscal_year, BudgetChange.reference == reference.strip(),
            BudgetChange.is_demo == law.is_demo,
        )
    ):  # fmt: skip
        wrong["reference"] = "There is a change with this reference in this year already."
    if dated <= last:
        wrong["dated"] = f"Give a day after {last:%d %B %Y}: until then the money can be used."
    elif dated > clock.today():
        wrong["dated"] = "The day lies in the future."
    if wrong:
        (field, message), *rest = wrong.items()
        raise RuleBroken(message, field=field, **dict(rest))
