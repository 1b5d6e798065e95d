"""The life of a work item: the whole diagram of modules 8.10, and the one function that takes a step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.permissions import P
from bmms.domain.planning import turns
from bmms.domain.planning.labels import ITEM_STATUS
from bmms.domain.workflow import LEAST_REMARK, Step
from bmms.domain.workplans import revisions, rollup, rules
from bmms.domain.workplans.duty import Duty, duty_of
from bmms.domain.workplans.queries import predecessors_of
from bmms.domain.workplans.updates import note_update
from bmms.models.collaboration import Attachment, FileCategory
from bmms.models.indicators import Indicator, IndicatorLevel
from bmms.models.planning import PlanStatus
from bmms.models.work import CLOSED, ItemStatus, ProgressUpdate, WorkItem
from bmms.models.work import ItemStatus as S

OPEN = frozenset({S.NOT_STARTED, S.IN_PROGRESS, S.BLOCKED})
ITEM_STEPS = {
    step.verb: step
    for step in (
        Step("start", frozenset({S.NOT_STARTED}), S.IN_PROGRESS, P.PROGRESS_REPORT, "Start", "The item is in progress.",
             asks="Reason, if something that should come first is not finished"),
        Step("block", frozenset({S.IN_PROGRESS}), S.BLOCKED, P.PROGRESS_REPORT, "Mark as blocked",
             "The item is blocked.", asks="What is in the way", least=LEAST_REMARK, tone="plain"),
        Step("unblock", frozenset({S.BLOCKED}), S.IN_PROGRESS, P.PROGRESS_REPORT, "Go on",
             "The item is in progress again.", asks="What has changed"),
        Step("complete", frozenset({S.IN_PROGRESS}), S.COMPLETED, P.PROGRESS_REPORT, "Complete",
             "The item is completed.", asks="Closing words", tone="plain"),
        Step("defer", OPEN, S.DEFERRED, P.PLAN_EDIT, "Defer", "The item is deferred.", asks="Reason",
             least=LEAST_REMARK, tone="plain"),
        Step("cancel", OPEN, S.CANCELLED, P.PLAN_EDIT, "Cancel item", "The item is cancelled.", asks="Reason",
             least=LEAST_REMARK, tone="danger"),
        Step("resume", frozenset({S.DEFERRED}), S.IN_PROGRESS, P.PLAN_EDIT, "Resume", "The item is taken up again.",
             asks="Note", tone="plain"),
        Step("reopen", frozenset({S.COMPLETED}), S.IN_PROGRESS, P.PLAN_EDIT, "Reopen", "The item is open again.",
             asks="Reason", least=LEAST_REMARK, tone="plain"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Taking:
    """One step on its way: what its rules look at."""

    session: Session
    actor: Actor
    item: WorkItem
    path: rollup.Path
    note: str
    starts_on: date | None = None
    ends_on: date | None = None


def take(
    session: Session,
    actor: Actor,
    item: WorkItem,
    verb: str,
    *,
    note: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Step:
    """Take one step with an item: lock it and all above it, check, change, compute anew what lies above.

    Args:
        starts_on, ends_on: the new dates of an item that is resumed.

    Raises:
        NotAllowed: the step is not this actor's.
        RuleBroken: the status has moved on, words or dates are missing, a rule of the step refuses.
    """
    step = ITEM_STEPS[verb]
    actor.require(step.need)
    require_duty(duty_of(session, actor, item), verb)
    below = _lock_below(session, item) if verb in ("defer", "cancel") else []
    path = rollup.lock_path(session, item)
    require_in_force(path)
    workflow.require(actor, ITEM_STEPS, verb, item.status, note, ITEM_STATUS[item.status][0])
    taking = Taking(session, actor, item, path, note.strip(), starts_on, ends_on)
    before = item.status
    _RULES[verb](taking)
    for one in below:
        was, one.status, one.status_reason = one.status, S(step.target), taking.note
        _record(taking, one, f"work_items:{verb}", was)
    if item.has_children:
        rollup.refresh(session, item)
    rollup.climb(session, path)
    _record(taking, item, f"work_items:{verb}", before)
    return step


def may_take(duty: Duty, verb: str) -> bool:
    """Is this step among those of the person, as far as duty goes?"""
    if verb in ("block", "unblock"):
        return duty.is_officer
    if verb in ("start", "complete"):
        return duty.is_officer or duty.is_planner
    return duty.is_planner


def require_duty(duty: Duty, verb: str) -> None:
    """Raises NotAllowed: somebody else's step."""
    if not may_take(duty, verb):
        raise NotAllowed("This step is for the responsible officer of the item, or for a planner.")


def offered(actor: Actor, duty: Duty, item: WorkItem, plan_status: PlanStatus) -> list[Step]:
    """The steps that this actor may take with the item now."""
    if plan_status != PlanStatus.ACTIVE:
        return []
    return [step for step in workflow.offered(actor, ITEM_STEPS, item.status) if may_take(duty, step.verb)]


def require_in_force(path: rollup.Path) -> None:
    """Work is reported and steered while the work plan is active. Raises RuleBroken."""
    if path.plan.status != PlanStatus.ACTIVE:
        raise RuleBroken("This happens while the work plan is active.")


def start(taking: Taking, day: date) -> None:
    """Set an item to work, and with it all that it lies in."""
    for one in (taking.item, *taking.path.parents):
        if one.status == S.NOT_STARTED:
            one.status, one.started_on = S.IN_PROGRESS, day


def complete(taking: Taking, day: date, *, has_photo: bool = False) -> None:
    """An item is done: all of it, with closed children, and with evidence where an output is measured."""
    item, session = taking.item, taking.session
    still_open = session.scalar(
        select(func.count()).where(WorkItem.parent_id == item.id, WorkItem.status.not_in(CLOSED))
    )  # fmt: skip
    if still_open:
        many = f"{still_open} items" if still_open > 1 else "One item"
        raise RuleBroken(f"{many} under it {'are' if still_open > 1 else 'is'} still open. Close them first.")
    if not has_photo and _lacks_evidence(session, item):
        raise RuleBroken("It has an output indicator, so evidence is needed: attach a photo or a document first.")
    item.status, item.status_reason, item.progress = S.COMPLETED, "", rollup.WHOLE
    item.finished_on = max(day, item.started_on or day)


def _lacks_evidence(session: Session, item: WorkItem) -> bool:
    output = exists().where(Indicator.work_item_id == item.id, Indicator.level == IndicatorLevel.OUTPUT)
    photo = exists().where(ProgressUpdate.work_item_id == item.id, ProgressUpdate.file_id.is_not(None))
    paper = exists().where(Attachment.work_item_id == item.id, Attachment.category == FileCategory.EVIDENCE)
    return bool(session.scalar(select(output & ~photo & ~paper)))


def _start(taking: Taking) -> None:
    waiting = [one for one in predecessors_of(taking.session, taking.item) if one.status != S.COMPLETED]
    if waiting and len(taking.note) < LEAST_REMARK:
        raise RuleBroken(
            f"{waiting[0].code} “{waiting[0].title}” should be finished first. Say in at least {LEAST_REMARK} "
            "characters why you start all the same.",
            field="note",
        )
    start(taking, clock.today())
    taking.item.status_reason = taking.note


def _block(taking: Taking) -> None:
    taking.item.status, taking.item.status_reason = S.BLOCKED, taking.note


def _unblock(taking: Taking) -> None:
    taking.item.status, taking.item.status_reason = S.IN_PROGRESS, ""


def _complete(taking: Taking) -> None:
    item, before = taking.item, taking.item.progress
    complete(taking, clock.today())
    if not item.has_children:
        note_update(taking.session, taking.actor, item, before, taking.note or "Completed.", clock.today())


def _defer(taking: Taking) -> None:
    taking.item.status, taking.item.status_reason = S.DEFERRED, taking.note


def _cancel(taking: Taking) -> None:
    taking.item.status, taking.item.status_reason = S.CANCELLED, taking.note


def _resume(taking: Taking) -> None:
    """With new dates, inside what it lies in; what was begun goes on, what was not waits for its start."""
    item = taking.item
    _require_open_above(taking)
    if taking.starts_on is None or taking.ends_on is None:
        raise RuleBroken("Give the new dates.", field="ends_on" if taking.starts_on else "starts_on")
    parent = taking.path.parents[0] if taking.path.parents else None
    rules.require_dates(
        taking.path.plan, taking.starts_on, taking.ends_on, is_multi_year=item.is_multi_year, parent=parent
    )
    before = item.starts_on, item.ends_on
    item.starts_on, item.ends_on, item.status_reason = taking.starts_on, taking.ends_on, ""
    if item.kind == "milestone":
        item.starts_on = item.ends_on
    rules.require_room_for_children(taking.session, item)
    item.status = S.IN_PROGRESS if item.started_on else S.NOT_STARTED
    revisions.follow(taking.session, item, *before)


def _reopen(taking: Taking) -> None:
    """As far as it was before it was completed."""
    item, session = taking.item, taking.session
    _require_open_above(taking)
    item.status, item.finished_on, item.status_reason = S.IN_PROGRESS, None, taking.note
    if item.has_children:
        return
    last = session.scalar(
        select(ProgressUpdate.before)
        .where(ProgressUpdate.work_item_id == item.id, ProgressUpdate.before < rollup.WHOLE)
        .order_by(ProgressUpdate.id.desc())
        .limit(1)
    )
    item.progress = last or Decimal(0)
    note_update(session, taking.actor, item, rollup.WHOLE, "Reopened.", clock.today(), drop_reason=taking.note)


def _require_open_above(taking: Taking) -> None:
    """A completed parent has closed children only (INV-13), and a closed one lets nothing be taken up."""
    for parent in taking.path.parents:
        if parent.is_closed:
            what = ITEM_STATUS[parent.status][0].lower()
            verb = "Reopen" if parent.status == S.COMPLETED else "Resume"
            raise RuleBroken(f"{parent.code} “{parent.title}”, in which it lies, is {what}. {verb} that one first.")


_RULES: dict[str, Callable[[Taking], None]] = {
    "start": _start,
    "block": _block,
    "unblock": _unblock,
    "complete": _complete,
    "defer": _defer,
    "cancel": _cancel,
    "resume": _resume,
    "reopen": _reopen,
}


def _lock_below(session: Session, item: WorkItem) -> list[WorkItem]:
    """The open items under an item, locked from the leaves up: what is deferred or cancelled takes them along."""
    turns.side_by_side(session)
    levels: list[list[WorkItem]] = []
    above = [item.id]
    while above:
        rows = session.scalars(select(WorkItem).where(WorkItem.parent_id.in_(above)).order_by(WorkItem.id)).all()
        levels.append(list(rows))
        above = [one.id for one in rows]
    for level in reversed(levels):
        ids = [one.id for one in level]
        query = select(WorkItem).where(WorkItem.id.in_(ids)).order_by(WorkItem.id).with_for_update(key_share=True)
        session.scalars(query, execution_options={"populate_existing": True}).all()
    return [one for level in reversed(levels) for one in level if not one.is_closed]


def _record(taking: Taking, item: WorkItem, action: str, before: ItemStatus) -> None:
    audit.record(
        taking.session, taking.actor, action, item, label=f"{item.code} {item.title}", note=taking.note,
        status=(before, item.status),
    )  # fmt: skip
