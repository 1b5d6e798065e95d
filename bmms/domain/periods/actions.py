"""Closing a month and opening it again: asked for by accounting, confirmed by somebody else (E-13, modules 8.10)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.periods import queries
from bmms.domain.periods.queries import name_of
from bmms.domain.permissions import P
from bmms.domain.workflow import LEAST_REMARK, require_words
from bmms.models.ledger import AccountingPeriod
from bmms.tenancy import scope_of

CLOSE, REOPEN = "close", "reopen"


def ask_close(session: Session, actor: Actor, month: date) -> AccountingPeriod:
    """Ask that a month be closed.

    Args:
        month: its first day.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is closed or asked for already, or something hinders (`queries.hindrances`), named.
    """
    actor.require(P.LEDGER_PAY)
    period = _held(session, month)
    _require_free(period)
    _require_open(session, period)
    _require_ready(session, month)
    _ask(period, actor, CLOSE, "")
    audit.record(session, actor, "accounting_periods:ask_close", period, label=name_of(month))
    return period


def ask_reopen(session: Session, actor: Actor, month: date, reason: str) -> AccountingPeriod:
    """Ask that the last closed month be opened again.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the reason is too short, the month is not closed, or a later one is.
    """
    actor.require(P.LEDGER_PAY)
    require_words(reason, LEAST_REMARK)
    period = _held(session, month)
    _require_free(period)
    _require_last(session, period)
    _ask(period, actor, REOPEN, reason.strip())
    audit.record(session, actor, "accounting_periods:ask_reopen", period, label=name_of(month), note=reason.strip())
    return period


def withdraw(session: Session, actor: Actor, month: date) -> None:
    """Take back what was asked for a month. Raises NotAllowed; RuleBroken: nothing is asked."""
    actor.require(P.LEDGER_PAY)
    period = _held(session, month)
    if not period.asked:
        raise RuleBroken(f"Nothing is asked for {name_of(month)} any more. Look at it again.")
    asked, period.asked = period.asked, ""
    audit.record(session, actor, "accounting_periods:withdraw", period, label=name_of(month), asked=(asked, ""))


def close(session: Session, actor: Actor, month: date) -> None:
    """Close a month that somebody else asked to close. Postings that have begun come in before, or are refused.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: nobody asked, the actor did, or something hinders, named.
    """
    actor.require(P.BUDGET_REVIEW)
    queries.hold_postings(session)
    period = _held(session, month)
    _require_asked(actor, period, CLOSE)
    _require_open(session, period)
    _require_ready(session, month)
    _settle(period, actor, is_closed=True)
    audit.record(session, actor, "accounting_periods:close", period, label=name_of(month), is_closed=(False, True))


def reopen(session: Session, actor: Actor, month: date) -> None:
    """Open the last closed month again, as somebody else asked for. Raises NotAllowed, RuleBroken."""
    actor.require(P.BUDGET_APPROVE)
    queries.hold_postings(session)
    period = _held(session, month)
    _require_asked(actor, period, REOPEN)
    _require_last(session, period)
    _settle(period, actor, is_closed=False)
    audit.record(
        session, actor, "accounting_periods:reopen", period, label=name_of(month), is_closed=(True, False),
        note=period.reason,
    )  # fmt: skip


def _held(session: Session, month: date) -> AccountingPeriod:
    """The row of a month, made where there is none, and locked."""
    made = insert(AccountingPeriod).values(month=month, organization_id=scope_of(session).organization_id)
    session.execute(made.on_conflict_do_nothing(index_elements=["organization_id", "month"]))
    query = select(AccountingPeriod).where(AccountingPeriod.month == month).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _ask(period: AccountingPeriod, actor: Actor, what: str, reason: str) -> None:
    period.asked, period.reason, period.is_demo = what, reason, False
    period.asked_by, period.asked_label, period.asked_at = actor.user_id, actor.signature, clock.now()
    period.confirmed_by, period.confirmed_label, period.confirmed_at = None, "", None


def _settle(period: AccountingPeriod, actor: Actor, *, is_closed: bool) -> None:
    period.is_closed, period.asked = is_closed, ""
    period.confirmed_by, period.confirmed_label, period.confirmed_at = actor.user_id, actor.signature, clock.now()


def _require_free(period: AccountingPeriod) -> None:
    if period.asked:
        what = "closing" if period.asked == CLOSE else "reopening"
        raise RuleBroken(f"{period.asked_label} has asked for the {what} of {name_of(period.month)} already.")


def _require_asked(actor: Actor, period: AccountingPeriod, what: str) -> None:
    if period.asked != what:
        raise RuleBroken(f"Nobody asks to {what} {name_of(period.month)} any more. Look at it again.")
    if period.asked_by in actor.persons:
        raise RuleBroken("You asked for this. Somebody else looks at the month and confirms.")


def _require_open(session: Session, period: AccountingPeriod) -> None:
    if period.is_closed:
        raise RuleBroken(f"{name_of(period.month)} is closed already.")
    shut = queries.last_closed(session)
    if shut is not None and period.month < shut:
        raise RuleBroken(f"{name_of(period.month)} is shut: {name_of(shut)} is closed, and with it all months before.")


def _require_last(session: Session, period: AccountingPeriod) -> None:
    if not period.is_closed:
        raise RuleBroken(f"{name_of(period.month)} is not closed.")
    shut = queries.last_closed(session)
    if shut is not None and shut > period.month:
        raise RuleBroken(f"Only the last closed month is opened again. Open {name_of(shut)} first.")


def _require_ready(session: Session, month: date) -> None:
    if found := queries.hindrances(session, month):
        raise RuleBroken(" ".join(found))
