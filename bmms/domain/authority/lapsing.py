"""An appropriation lapses when the time of its accounts is over and nothing is left to obligate (modules 8.10).

What is left goes back first, by the review (BAA No. 84, Sec. 35; `changes/reversions.py`). A law that gives more time
later takes it up again, so that what was obligated can still be paid.
"""

from datetime import date

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.models.authority import Appropriation, AppropriationStatus, BudgetAccount, ValidityExtension


def lapse_all(session: Session, actor: Actor) -> int:
    """Let every appropriation lapse that is over; how many did. What the calendar does each night."""
    over = session.scalars(_over(clock.today()).order_by(Appropriation.id).with_for_update()).all()
    for row in over:
        _lapse(session, actor, row)
    return len(over)


def lapse_if_over(session: Session, actor: Actor, row: Appropriation) -> None:
    """Let one lapse, if it is over: what a reversion ends with."""
    if session.scalar(_over(clock.today()).where(Appropriation.id == row.id)):
        _lapse(session, actor, row)


def take_up(session: Session, actor: Actor, row: Appropriation) -> None:
    """Put one in force again that has lapsed, because a law gives it more time."""
    session.refresh(row, with_for_update=True)
    if row.status == AppropriationStatus.LAPSED:
        _become(session, actor, row, AppropriationStatus.IN_FORCE, "appropriations:take_up")


def _over(today: date) -> Select[Appropriation]:
    account, law = BudgetAccount, ValidityExtension
    has_more_time = exists().where(
        law.appropriation_id == account.appropriation_id, law.confirmed_at.is_not(None), law.pay_until >= today,
        func.coalesce(law.expense_class, account.expense_class) == account.expense_class,
    )  # fmt: skip
    is_alive = exists().where(
        account.appropriation_id == Appropriation.id,
        or_(account.pay_until >= today, has_more_time, account.appropriated > account.obligated),
    )
    return select(Appropriation).where(Appropriation.status == AppropriationStatus.IN_FORCE, ~is_alive)


def _lapse(session: Session, actor: Actor, row: Appropriation) -> None:
    _become(session, actor, row, AppropriationStatus.LAPSED, "appropriations:lapse")


def _become(session: Session, actor: Actor, row: Appropriation, status: AppropriationStatus, act: str) -> None:
    before, row.status = row.status, status
    audit.record(session, actor, act, row, label=row.reference, status=(before, status))
    session.flush()
