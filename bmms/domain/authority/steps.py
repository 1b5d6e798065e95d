"""An appropriation comes into force: its accounts open, and the ledger has their first entries."""

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import news, posting
from bmms.domain.ledger.labels import SPECIAL_PURPOSE
from bmms.domain.offices import modes
from bmms.domain.permissions import P
from bmms.models.authority import Appropriation, AppropriationLine, AppropriationStatus, BudgetAccount
from bmms.models.ledger import DocumentKind
from bmms.models.programs import Program


def may_enter(session: Session, actor: Actor, fiscal_year: int) -> bool:
    """May the actor enter laws of this year: of a recorded one for the organization, of an operated one for MFBM?"""
    return actor.may(modes.need_in(session, fiscal_year, P.LEDGER_EDIT))


def who_enters(row: Appropriation) -> P:
    """The permission of those who enter, change and drop it, and enter extensions."""
    return modes.need_of(row, P.LEDGER_EDIT)


def who_confirms(row: Appropriation) -> P:
    """The permission of those who put it and its extensions in force."""
    return modes.need_of(row, P.BUDGET_REVIEW)


def put_in_force(session: Session, actor: Actor, row: Appropriation, *, key: str) -> None:
    """Open one budget account for each amount, and post what is authorised.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is in force already, or the actor entered it.
    """
    actor.require(who_confirms(row))
    session.refresh(row, with_for_update=True)
    if row.entered_by in actor.persons:
        raise RuleBroken("You entered this appropriation. Somebody else compares it with the law and confirms.")
    if row.status == AppropriationStatus.DRAFT:
        open_accounts(session, row)
    order = posting.Order(
        DocumentKind.APPROPRIATION, row.id, {AppropriationStatus.DRAFT},
        {
            "status": AppropriationStatus.IN_FORCE, "confirmed_by": actor.user_id, "confirmed_label": actor.signature,
            "confirmed_at": clock.now(),
        },
        label=row.reference, doc_date=row.effective_on, key=key, called="in force",
    )  # fmt: skip
    if posting.post(session, actor, order) is not None:
        news.tell_of(session, actor, row, "law_in_force")
    session.refresh(row)


def open_accounts(session: Session, row: Appropriation) -> None:
    """One account for each line of the appropriation, numbered in the order of programs."""
    lines = session.execute(
        select(AppropriationLine, Program.code)
        .outerjoin(Program, Program.id == AppropriationLine.program_id)
        .where(AppropriationLine.appropriation_id == row.id)
        .order_by(AppropriationLine.cost_structure, Program.code.nulls_first(), AppropriationLine.expense_class)
    ).all()
    last = session.scalar(select(func.max(BudgetAccount.number)).where(BudgetAccount.fiscal_year == row.fiscal_year))
    rows = [
        {
            "organization_id": row.organization_id, "fiscal_year": row.fiscal_year, "number": number,
            "appropriation_id": row.id, "source": line.source, "fund_cluster": line.fund_cluster,
            "cost_structure": line.cost_structure, "program_id": line.program_id, "expense_class": line.expense_class,
            "obligate_until": row.obligate_until, "pay_until": row.pay_until,
            "by_object": line.source in SPECIAL_PURPOSE, "is_demo": row.is_demo,
        }
        for number, (line, _) in enumerate(lines, (last or 0) + 1)
    ]  # fmt: skip
    session.execute(insert(BudgetAccount), rows)
