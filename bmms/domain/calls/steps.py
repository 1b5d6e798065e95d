"""The life of a budget call: planned, open, closed; what one person enters another one puts into effect (D16)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.calls.labels import CALL_STATUS
from bmms.domain.calls.queries import deadline_of, due, preparers_of, with_deadlines
from bmms.domain.errors import RuleBroken
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.offices import modes
from bmms.domain.permissions import P
from bmms.domain.workflow import Step, Steps
from bmms.models.budgets import BudgetCall, CallExtension
from bmms.models.budgets import CallStatus as S

CALL_STEPS = {
    step.verb: step
    for step in (
        Step("open", frozenset({S.PLANNED}), S.OPEN, P.BUDGET_REVIEW, "Open the call",
             "The call is open. The budget officers are told.",
             follows="You confirm that deadline, ceilings and instrument are those of MFBM."),
        Step("amend", frozenset({S.OPEN}), S.PLANNED, P.BUDGET_EDIT, "Take back for changes",
             "The call is planned again. Somebody else opens it.", asks="Why it changes", least=workflow.LEAST_REMARK,
             tone="plain", follows="Until it is open again, no proposal can be submitted."),
        Step("close", frozenset({S.OPEN}), S.CLOSED, P.BUDGET_REVIEW, "Close the call", "The call is closed.",
             asks="Why it closes before its deadline", least=workflow.LEAST_REMARK, tone="danger"),
    )
}  # fmt: skip


def steps_of(call: BudgetCall) -> Steps:
    """The steps as they are taken in the fiscal year of the call: by its organization, or by MFBM."""
    return modes.steps_of(call, CALL_STEPS)


def who_confirms(call: BudgetCall) -> P:
    """The permission of those who open the call and confirm its extensions."""
    return modes.need_of(call, P.BUDGET_REVIEW)


def take(session: Session, actor: Actor, call: BudgetCall, verb: str, *, note: str = "") -> Step:
    """Take one step with a call.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, words are missing, the instrument is missing, the deadline is over, or the
            actor entered the call.
    """
    session.refresh(call, with_for_update=True)
    step = workflow.require(actor, steps_of(call), verb, call.status, note, CALL_STATUS[call.status][0])
    if verb == "open":
        _require_ready(session, actor, call)
        call.opened_by, call.opened_label, call.opened_at = actor.user_id, actor.signature, clock.now()
    before, call.status = call.status, S(step.target)
    session.flush()
    audit.record(
        session, actor, f"budget_calls:{verb}", call, label=call.title, note=note, status=(before, call.status)
    )
    if verb == "open":
        text = f"The budget call of FY {call.fiscal_year} is open until {deadline_of(session, call).day:%d %B %Y}."
        _tell(session, actor, call, "call_open", text)
    return step


def confirm_extension(session: Session, actor: Actor, call: BudgetCall, extension: CallExtension) -> None:
    """Put a later deadline into force; a closed call is open again (BP-14).

    Raises:
        RuleBroken: it is confirmed already, the actor entered it, or the day is over.
    """
    actor.require(who_confirms(call))
    session.refresh(call, with_for_update=True)
    session.refresh(extension, with_for_update=True)
    if extension.confirmed_at is not None:
        raise RuleBroken("This extension is confirmed already.")
    if extension.entered_by in actor.persons:
        raise RuleBroken("You entered this extension. Somebody else confirms it.")
    if due(session, extension.extended_to).day < clock.today():
        raise RuleBroken("The new deadline is over. Withdraw the extension and enter a later day.")
    if call.status == S.PLANNED:
        raise RuleBroken("The call was taken back for changes. Open it first.")
    extension.confirmed_by, extension.confirmed_label = actor.user_id, actor.signature
    extension.confirmed_at = clock.now()
    before, call.status = call.status, S.OPEN
    was, call.extended_to = call.last_day, extension.extended_to
    audit.record(
        session, actor, "call_extensions:confirm", extension, label=call.title, note=extension.reference,
        deadline=(was, call.extended_to), status=(before, call.status),
    )  # fmt: skip
    text = f"The budget call of FY {call.fiscal_year} is extended to {deadline_of(session, call).day:%d %B %Y}."
    _tell(session, actor, call, "call_extended", text)


def withdraw_extension(session: Session, actor: Actor, call: BudgetCall, extension: CallExtension) -> None:
    """Take back an extension that nobody has confirmed. Raises RuleBroken."""
    actor.require(modes.need_of(call, P.BUDGET_EDIT))
    session.refresh(extension, with_for_update=True)
    if extension.confirmed_at is not None:
        raise RuleBroken("This extension is in force.")
    audit.record(
        session, actor, "call_extensions:delete", extension, label=call.title, note=extension.reference,
        extended_to=(extension.extended_to, None),
    )  # fmt: skip
    session.delete(extension)
    session.flush()


def close_due(session: Session, actor: Actor, today: date) -> int:
    """Close the calls whose deadline is over; returns how many."""
    closed = 0
    still_open = select(BudgetCall).where(BudgetCall.status == S.OPEN).with_for_update()
    calls = session.scalars(still_open.execution_options(populate_existing=True)).all()
    for call, deadline in with_deadlines(session, calls):
        if deadline.day < today:
            call.status = S.CLOSED
            audit.record(session, actor, "budget_calls:close", call, label=call.title, status=(S.OPEN, S.CLOSED))
            closed += 1
    return closed


def _require_ready(session: Session, actor: Actor, call: BudgetCall) -> None:
    if preparers_of(session, call) & actor.persons:  # nobody opens what he or she typed, as a deputy neither (INV-7)
        raise RuleBroken("You entered a part of this call. Somebody else opens it.")
    if call.file_id is None:
        raise RuleBroken("The memorandum is not attached yet. Whoever entered the call adds it.")
    if deadline_of(session, call).day < clock.today():
        raise RuleBroken("The deadline of this call is over. Give it a later one first.")


def _tell(session: Session, actor: Actor, call: BudgetCall, kind: str, text: str) -> None:
    people = holders_of(session, P.BUDGET_EDIT)
    tell(session, actor, people, kind, text, "budgeting.call_show", is_demo=call.is_demo, call_id=call.id)
