"""What a budget officer types about calls and the budget calendar. Every function needs Permission.BUDGET_EDIT.

Calls and their extensions of an operated year are entered by MFBM in its place (decision D16). A call is changed while
it is planned; when it is open, `steps.take(…, "amend")` comes first.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.calls.queries import CEILINGS
from bmms.domain.errors import RuleBroken
from bmms.domain.files import kinds, rights, store
from bmms.domain.offices import modes
from bmms.domain.permissions import Permission
from bmms.models.budgets import Audience, BudgetCall, CalendarItem, CallExtension, CallStatus
from bmms.models.organizations import StoredFile

Answers = Mapping[str, Any]
INSTRUMENT = "budget_call"  # the purpose of the files that prove calls and extensions
CENTAVO = Decimal("0.01")


def create_call(session: Session, actor: Actor, answers: Answers, file: store.Upload | None = None) -> BudgetCall:
    """Enter the call of a fiscal year.

    Args:
        answers: columns of BudgetCall.
        file: the memorandum as PDF or picture; it may come later, but no call opens without it.

    Raises:
        RuleBroken: with a message for each wrong field; the year has its call already.
    """
    actor.require(modes.need_in(session, answers["fiscal_year"], Permission.BUDGET_EDIT))
    _require_sound(answers)
    if session.scalar(select(BudgetCall.id).where(BudgetCall.fiscal_year == answers["fiscal_year"])):
        raise RuleBroken("This year has its call already. Open that one.", field="fiscal_year")
    call = BudgetCall(**answers, entered_by=actor.user_id, entered_label=actor.signature)
    call.file_id = _kept(session, actor, file)
    session.add(call)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken("Somebody has just entered the call of this year.", field="fiscal_year") from error
    audit.record(
        session, actor, "budget_calls:create", call, label=call.title, fiscal_year=(None, call.fiscal_year),
        ceiling=(None, call.ceiling), due_on=(None, call.due_on),
    )  # fmt: skip
    return call


def change_call(
    session: Session, actor: Actor, call: BudgetCall, answers: Answers, file: store.Upload | None = None, **ways: Any
) -> None:
    """Change a call that is planned; a new file takes the place of the old one.

    Raises:
        RuleBroken: it is open or closed, or an answer is wrong.
        Conflicts: see `merging.save`.
    """
    actor.require(modes.need_of(call, Permission.BUDGET_EDIT))
    actor.require(modes.need_in(session, answers["fiscal_year"], Permission.BUDGET_EDIT))
    require_planned(call)
    _require_sound(answers)
    changes = merging.save(session, call, answers, **ways)
    require_planned(call)
    _require_sound({name: getattr(call, name) for name in answers})
    if instrument_id := _kept(session, actor, file):
        changes["instrument"] = (call.file_id, instrument_id)
        call.file_id = instrument_id
    if changes:
        call.entered_by, call.entered_label = actor.user_id, actor.signature
        audit.record(session, actor, "budget_calls:change", call, label=call.title, **changes)


def delete_call(session: Session, actor: Actor, call: BudgetCall) -> None:
    """Remove a call that was never open. Raises RuleBroken."""
    actor.require(modes.need_of(call, Permission.BUDGET_EDIT))
    session.refresh(call, with_for_update=True)
    if call.opened_at is not None or call.status != CallStatus.PLANNED:
        raise RuleBroken("This call was open. It stays, so that what was proposed under it can be understood.")
    audit.record(session, actor, "budget_calls:delete", call, label=call.title, ceiling=(call.ceiling, None))
    session.delete(call)
    session.flush()


def enter_extension(
    session: Session, actor: Actor, call: BudgetCall, *, extended_to: date, reference: str, file: store.Upload | None
) -> CallExtension:
    """Enter a later deadline; it holds once somebody else has confirmed it.

    Raises:
        RuleBroken: the call is planned still, the day is no later one, the instrument is missing, another extension
            waits.
    """
    actor.require(modes.need_of(call, Permission.BUDGET_EDIT))
    session.refresh(call, with_for_update=True)
    if call.status == CallStatus.PLANNED:
        raise RuleBroken("The call is planned still: change its deadline there.")
    if extended_to <= call.last_day:
        raise RuleBroken(
            f"The deadline is {call.last_day.isoformat()} already. Choose a later day.", field="extended_to"
        )
    if file is None:
        raise RuleBroken("Attach the instrument that extends the call.", field="file")
    waiting = select(CallExtension.id).where(CallExtension.call_id == call.id, CallExtension.confirmed_at.is_(None))
    if session.scalar(waiting):
        raise RuleBroken("An extension waits for confirmation already.")
    extension = CallExtension(
        call_id=call.id, extended_to=extended_to, reference=" ".join(reference.split()),
        file_id=_kept(session, actor, file), entered_by=actor.user_id, entered_label=actor.signature,
    )  # fmt: skip
    session.add(extension)
    audit.record(
        session, actor, "call_extensions:create", extension, label=call.title, note=extension.reference,
        extended_to=(None, extended_to),
    )  # fmt: skip
    return extension


def add_item(session: Session, actor: Actor, answers: Answers) -> CalendarItem:
    """Put a date on the budget calendar. Raises RuleBroken: it ends before it starts, or its name is there already."""
    actor.require(Permission.BUDGET_EDIT)
    _require_item(session, answers, None)
    item = CalendarItem(**answers)
    session.add(item)
    audit.record(session, actor, "budget_calendar_items:create", item, label=item.name, due_on=(None, item.due_on))
    return item


def change_item(session: Session, actor: Actor, item: CalendarItem, answers: Answers, **ways: Any) -> None:
    """Change a date. Raises RuleBroken, Conflicts."""
    actor.require(Permission.BUDGET_EDIT)
    _require_item(session, answers, item)
    if changes := merging.save(session, item, answers, **ways):
        audit.record(session, actor, "budget_calendar_items:change", item, label=item.name, **changes)


def remove_item(session: Session, actor: Actor, item: CalendarItem) -> None:
    """Take a date off the calendar."""
    actor.require(Permission.BUDGET_EDIT)
    audit.record(session, actor, "budget_calendar_items:delete", item, label=item.name, due_on=(item.due_on, None))
    session.delete(item)
    session.flush()


def add_usual_items(session: Session, actor: Actor, fiscal_year: int) -> int:
    """Put the usual dates of a budget cycle on the calendar, as far as they are not there; returns how many."""
    actor.require(Permission.BUDGET_EDIT)
    here = set(session.scalars(select(CalendarItem.name).where(CalendarItem.fiscal_year == fiscal_year)))
    missing = [answers for answers in usual_items(fiscal_year) if answers["name"] not in here]
    for answers in missing:
        add_item(session, actor, answers)
    return len(missing)


def usual_items(fiscal_year: int) -> list[dict[str, Any]]:
    """The stages of a budget cycle with the days that laws and practice give (modules 2.2); all may be moved."""
    before = fiscal_year - 1
    return [
        {
            "fiscal_year": fiscal_year, "name": name, "starts_on": date(year, *start), "due_on": date(year, *end),
            "audience": audience, "source": source,
        }
        for name, year, start, end, audience, source in (
            ("Budget Priorities Framework", before, (4, 1), (4, 30), Audience.PLANNING, "BAA No. 84, Sec. 17"),
            ("Proposed Budget to Parliament", before, (9, 1), (9, 30), Audience.EVERYBODY, "BAA No. 84, Sec. 23"),
            ("Budget execution documents (BED 1 to 4)", before, (11, 1), (11, 30), Audience.BUDGET, "MFBM practice"),
            ("First quarter report", fiscal_year, (4, 1), (4, 30), Audience.BUDGET, "yearly acts, 30 days"),
            ("Second quarter report", fiscal_year, (7, 1), (7, 30), Audience.BUDGET, "yearly acts, 30 days"),
            ("Third quarter report", fiscal_year, (10, 1), (10, 30), Audience.BUDGET, "yearly acts, 30 days"),
            ("Fourth quarter report", fiscal_year + 1, (1, 1), (1, 30), Audience.BUDGET, "yearly acts, 30 days"),
        )
    ]  # fmt: skip


def require_planned(call: BudgetCall) -> None:
    """Go on only while the call is planned. Raises RuleBroken."""
    if call.status != CallStatus.PLANNED:
        raise RuleBroken(f"This call is {call.status.value}. Take it back for changes first.")


def _require_sound(answers: Answers) -> None:
    problems: dict[str, str] = {}
    if answers["due_on"] < answers["opens_on"]:
        problems["due_on"] = "It ends before it opens. Choose a later day."
    ceiling: Decimal = answers["ceiling"]
    amounts: dict[str, Decimal | None] = {"ceiling": ceiling, **{name: answers.get(name) for name in CEILINGS}}
    for name, amount in amounts.items():
        if amount is not None and (problem := _wrong_amount(amount, least=CENTAVO if name == "ceiling" else None)):
            problems[name] = problem
    parts = sum((amounts[name] or Decimal(0) for name in CEILINGS), Decimal(0))
    if not problems and parts > ceiling:
        over = f"The classes come to ₱ {parts:,.2f}, more than the ceiling."
        problems["ceiling"] = f"{over} Lower a class or raise the ceiling."
    if problems:
        raise RuleBroken(next(iter(problems.values())), **problems)


def _wrong_amount(amount: Decimal, least: Decimal | None) -> str:
    """What is wrong with pesos that somebody typed; empty when nothing is."""
    if amount < (least or 0):
        return "Type an amount above zero." if least else "An amount is not below zero."
    if amount != amount.quantize(CENTAVO):
        return "An amount has two decimals at most."
    return "" if amount < Decimal(10) ** 15 else "Amounts go up to 999,999,999,999,999.99."


def _require_item(session: Session, answers: Answers, item: CalendarItem | None) -> None:
    if answers.get("starts_on") and answers["due_on"] < answers["starts_on"]:
        raise RuleBroken("It ends before it starts.", field="due_on")
    same = select(CalendarItem.id).where(
        CalendarItem.fiscal_year == answers["fiscal_year"], CalendarItem.name == answers["name"],
        CalendarItem.id != (item.id if item else 0),
    )  # fmt: skip
    if session.scalar(same):
        raise RuleBroken("This date is on the calendar of that year already.", field="name")


def _kept(session: Session, actor: Actor, file: store.Upload | None) -> int | None:
    if file is None:
        return None
    kept = store.keep(session, actor, file.content, file.name, INSTRUMENT, allowed=kinds.SCANS)
    session.flush()
    return kept.id


def _reads_instrument(session: Session, actor: Actor, file: StoredFile) -> bool:
    hangs = select(BudgetCall.id).where(BudgetCall.file_id == file.id)
    also = select(CallExtension.id).where(CallExtension.file_id == file.id)
    need = Permission.BUDGET_VIEW if actor.belongs else Permission.BUDGET_DECIDE
    return actor.may(need) and bool(session.scalar(hangs) or session.scalar(also))


rights.readable_when(INSTRUMENT, _reads_instrument, outside=True)
