"""What is typed about appropriations. One person enters an appropriation, another one puts it in force (D16)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.authority.sources import Key, from_proposal
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import news
from bmms.domain.money import is_pesos
from bmms.domain.offices import modes
from bmms.domain.permissions import P
from bmms.domain.versions import put_back_if_refused, require_unchanged
from bmms.models.authority import Appropriation, AppropriationLine, AppropriationStatus, LawKind
from bmms.models.proposals import BudgetProposal, CentralAct, FundingSource
from bmms.models.reference import ExpenseClass


def first_day(fiscal_year: int) -> date:
    """By default an appropriations act takes effect with its fiscal year."""
    return date(fiscal_year, 1, 1)


def last_day(fiscal_year: int) -> date:
    """By default an appropriation is obligated and paid until 31 December (modules 2.8)."""
    return date(fiscal_year, 12, 31)


def enter(
    session: Session, actor: Actor, *, fiscal_year: int, kind: LawKind, reference: str, dated: date, effective_on: date,
    total: Decimal, amounts: Mapping[Key, Decimal], source: FundingSource = FundingSource.GAAB,
    fund_cluster: str = "01",
    obligate_until: date | None = None, pay_until: date | None = None, act_id: int | None = None,
    proposal_id: int | None = None, file_id: int | None = None, is_demo: bool = False,
) -> Appropriation:  # fmt: skip
    """Enter what a law gives, to be put in force by somebody else.

    Args:
        amounts: pesos by structure, program and class.
        total: as the law states it, as far as it names a class.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the law is entered already, the days or amounts are wrong, or they do not come to the total.
    """
    actor.require(modes.need_in(session, fiscal_year, P.LEDGER_EDIT))
    until = obligate_until or last_day(fiscal_year)
    row = Appropriation(
        fiscal_year=fiscal_year, kind=kind, reference=reference.strip(), dated=dated, effective_on=effective_on,
        obligate_until=until, pay_until=pay_until or until, total=total, act_id=act_id, proposal_id=proposal_id,
        file_id=file_id, entered_by=actor.user_id, entered_label=actor.signature, is_demo=is_demo,
    )  # fmt: skip
    _require_sound(row, amounts)
    if session.scalar(_same(row)):
        raise RuleBroken("This law is entered for this fiscal year already. Open that one.", field="reference")
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken("Somebody has just entered this law.", field="reference") from error
    _write_lines(session, row, amounts, source, fund_cluster)
    audit.record(
        session, actor, "appropriations:create", row, label=row.reference, fiscal_year=(None, fiscal_year),
        total=(None, total),
    )  # fmt: skip
    news.tell_of(session, actor, row, "law_entered")
    return row


def change(
    session: Session, actor: Actor, row: Appropriation, answers: Mapping[str, Any], amounts: Mapping[Key, Decimal], *,
    source: FundingSource, fund_cluster: str, version: int | None = None,
) -> None:  # fmt: skip
    """Change what was typed of a law that is not in force.

    Args:
        answers: columns of Appropriation.
        amounts: pesos by structure, program and class; they take the place of those before.
        version: the row_version that the person looked at.

    Raises:
        NotAllowed: the permission is missing.
        Stale: somebody else has changed it meanwhile.
        RuleBroken: it is in force already, or as for `enter`.
    """
    actor.require(modes.need_of(row, P.LEDGER_EDIT))
    session.refresh(row, with_for_update=True)
    if row.status != AppropriationStatus.DRAFT:
        raise RuleBroken("This appropriation is in force and stays. A later law changes it.")
    require_unchanged(row, version, "this appropriation")
    with put_back_if_refused(session, row):
        for name, value in answers.items():
            setattr(row, name, value)
        row.entered_by, row.entered_label = actor.user_id, actor.signature
        _require_sound(row, amounts)
        _require_new(session, row)
        changes = audit.changed_fields(row, *answers)
    session.flush()
    _write_lines(session, row, amounts, source, fund_cluster)
    audit.record(session, actor, "appropriations:change", row, label=row.reference, **changes)


def draft_of_enacted(session: Session, actor: Actor, proposal: BudgetProposal, act: CentralAct) -> Appropriation | None:
    """The appropriation that an enactment brings, to be put in force; None where its law is entered already.

    It counts as entered by whoever entered the enactment, so that somebody else puts it in force.
    """
    given, year = from_proposal(session, proposal), proposal.fiscal_year
    row = Appropriation(
        fiscal_year=year, kind=LawKind.GAAB, reference=proposal.law, dated=act.issued_on, effective_on=first_day(year),
        obligate_until=last_day(year), pay_until=last_day(year), total=given.total, proposal_id=proposal.id,
        entered_by=act.entered_by, entered_label=act.entered_label, is_demo=proposal.is_demo,
    )  # fmt: skip
    if session.scalar(_same(row)) or not given.total:
        return None
    session.add(row)
    session.flush()
    _write_lines(session, row, given.amounts, FundingSource.GAAB, "01")
    audit.record(
        session, actor, "appropriations:create", row, label=row.reference, fiscal_year=(None, year),
        total=(None, row.total),
    )  # fmt: skip
    return row


def drop(session: Session, actor: Actor, row: Appropriation) -> None:
    """Remove an appropriation that is not in force. Raises RuleBroken."""
    actor.require(modes.need_of(row, P.LEDGER_EDIT))
    session.refresh(row, with_for_update=True)
    if row.status != AppropriationStatus.DRAFT:
        raise RuleBroken("This appropriation is in force and stays.")
    audit.record(session, actor, "appropriations:delete", row, label=row.reference, total=(row.total, None))
    session.delete(row)
    session.flush()


def _write_lines(
    session: Session, row: Appropriation, amounts: Mapping[Key, Decimal], source: FundingSource, fund_cluster: str
) -> None:
    """Put these amounts in the place of those before."""
    session.execute(delete(AppropriationLine).where(AppropriationLine.appropriation_id == row.id))
    session.add_all(
        AppropriationLine(
            appropriation_id=row.id, source=source, fund_cluster=fund_cluster, cost_structure=structure,
            program_id=program_id, expense_class=kind, amount=amount,
        )
        for (structure, program_id, kind), amount in amounts.items() if amount
    )  # fmt: skip
    session.flush()


def _require_sound(row: Appropriation, amounts: Mapping[Key, Decimal]) -> None:
    """The days follow each other, the amounts are pesos and come to the total. Raises RuleBroken."""
    wrong: dict[str, str] = {}
    if not row.reference:
        wrong["reference"] = "Type the number of the law."
    if row.effective_on.year != row.fiscal_year:
        wrong["effective_on"] = f"Give a day of {row.fiscal_year}: from then on its money can be allotted."
    if row.obligate_until < row.effective_on:
        wrong["obligate_until"] = "Give a day after the law takes effect."
    if row.pay_until < row.obligate_until:
        wrong["pay_until"] = "Payments go on at least as long as obligations."
    if row.kind == LawKind.REENACTED and any(kind == ExpenseClass.CO for _, _, kind in amounts):
        wrong["kind"] = "A reenacted budget has no capital outlay (BAA No. 84, Sec. 33). Leave CO empty."
    if any(amount < 0 or not is_pesos(amount) for amount in amounts.values()):
        wrong["total"] = "An amount is not below zero and has two decimals at most."
    given = sum(amounts.values(), Decimal(0))
    if given != row.total or row.total <= 0:
        off = given - row.total
        way = "above" if off > 0 else "short of"
        wrong["total"] = f"The amounts come to ₱ {given:,.2f}, which is ₱ {abs(off):,.2f} {way} the total of the law."
        if not off:
            wrong["total"] = "An appropriation gives more than nothing."
    if wrong:
        (field, message), *others = wrong.items()
        raise RuleBroken(message, field=field, **dict(others))


def _require_new(session: Session, row: Appropriation) -> None:
    if session.scalar(_same(row)):
        raise RuleBroken("This law is entered for this fiscal year already. Open that one.", field="reference")


def _same(row: Appropriation) -> Any:
    query = select(Appropriation.id).where(
        Appropriation.fiscal_year == row.fiscal_year, Appropriation.reference == row.reference,
        Appropriation.is_demo == row.is_demo,
    )  # fmt: skip
    return query.where(Appropriation.id != row.id) if row.id else query
