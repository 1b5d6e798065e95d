"""The quick update on the phone: how far a leaf of the tree is, since when, and a word about it (modules 1.5)."""

from datetime import date
from decimal import Decimal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.files import kinds, rights, store
from bmms.domain.permissions import Permission
from bmms.domain.planning.labels import ITEM_STATUS
from bmms.domain.workplans import itemsteps, rollup
from bmms.domain.workplans.duty import Duty, duty_of
from bmms.domain.workplans.queries import predecessors_of
from bmms.domain.workplans.updates import note_update
from bmms.models.organizations import Module, Organization, StoredFile
from bmms.models.planning import PlanStatus
from bmms.models.work import ItemStatus, ProgressUpdate, WorkItem

LEAST_NOTE = 10  # characters
PHOTO = "progress"  # the purpose of the photos
HUNDREDTH = Decimal("0.01")


def can_report(duty: Duty, item: WorkItem, plan_status: PlanStatus) -> bool:
    """Is there anything that this person may say about the item now?"""
    return plan_status == PlanStatus.ACTIVE and duty.may_report and not item.has_children and not item.is_closed


def report(
    session: Session,
    actor: Actor,
    item: WorkItem,
    *,
    percent: Decimal,
    day: date,
    note: str,
    drop_reason: str = "",
    photo: store.Upload | None = None,
) -> ProgressUpdate:
    """Say how far an item is. The first word starts it, 100 completes it (PL-15); what lies above is computed anew.

    Raises:
        NotAllowed: the item is not assigned to this actor.
        RuleBroken: with the field that is wrong; or the item is closed, computed from its parts, or not in force.
    """
    actor.require(Permission.PROGRESS_REPORT)
    duty = duty_of(session, actor, item)
    if not duty.may_report:
        raise NotAllowed("Progress is reported by the responsible officer and the team of an item.")
    path = rollup.lock_path(session, item)
    itemsteps.require_in_force(path)
    _require_leaf(item)
    percent = percent.quantize(HUNDREDTH) if -1 < percent < 101 else percent
    _require_sound(session, item, percent, day, note, drop_reason)
    before, status = item.progress, item.status
    taking = itemsteps.Taking(session, actor, item, path, note.strip())
    if percent == before and status == ItemStatus.COMPLETED:
        raise RuleBroken("The item is completed already.")
    if percent > 0 and status == ItemStatus.NOT_STARTED:
        _require_nothing_first(session, item)
        itemsteps.start(taking, day)
    kept = store.keep(session, actor, photo.content, photo.name, PHOTO, allowed=kinds.IMAGES) if photo else None
    if percent == rollup.WHOLE:
        _complete(taking, duty, day, has_photo=kept is not None)
    else:
        item.progress = percent
    session.flush()
    update = note_update(
        session, actor, item, before, note.strip(), day, drop_reason=drop_reason.strip(),
        file_id=kept.id if kept else None,
    )  # fmt: skip
    rollup.climb(session, path)
    audit.record(
        session, actor, "work_items:report", item, label=f"{item.code} {item.title}", note=note.strip(),
        progress=(before, item.progress), status=(status, item.status),
    )  # fmt: skip
    return update


def _require_leaf(item: WorkItem) -> None:
    if item.has_children:
        raise RuleBroken("Its progress is computed from what lies under it. Report there.")
    if item.is_closed:
        raise RuleBroken(f"The item is {ITEM_STATUS[item.status][0].lower()}. A planner can take it up again.")


def _require_sound(
    session: Session, item: WorkItem, percent: Decimal, day: date, note: str, drop_reason: str
) -> None:  # fmt: skip
    problems: dict[str, str] = {}
    if not 0 <= percent <= 100:
        problems["percent"] = "Progress lies between 0 and 100."
    elif percent < item.progress and len(" ".join(drop_reason.split())) < LEAST_NOTE:
        problems["drop_reason"] = (
            f"It was {item.progress.normalize():f} % before. Say in at least {LEAST_NOTE} characters why it is less."
        )
    if len(" ".join(note.split())) < LEAST_NOTE:
        problems["note"] = f"Write at least {LEAST_NOTE} characters about what was done."
    if day > clock.today():
        problems["day"] = "This day is still to come."
    if not problems:
        last = session.scalar(select(func.max(ProgressUpdate.day)).where(ProgressUpdate.work_item_id == item.id))
        if last is not None and day < last:
            problems["day"] = f"There is a later word of {last.day} {last:%B %Y}. Choose that day or a later one."
    if problems:
        raise RuleBroken(next(iter(problems.values())), **problems)


def _require_nothing_first(session: Session, item: WorkItem) -> None:
    waiting = [one for one in predecessors_of(session, item) if one.status != ItemStatus.COMPLETED]
    if waiting:
        raise RuleBroken(
            f"{waiting[0].code} “{waiting[0].title}” should be finished first. Press Start and say why you begin."
        )


def _complete(taking: itemsteps.Taking, duty: Duty, day: date, *, has_photo: bool) -> None:
    if not duty.is_officer:
        raise RuleBroken("The responsible officer completes the item. Report up to 99 %.", field="percent")
    if taking.item.status == ItemStatus.BLOCKED:
        raise RuleBroken("The item is blocked. Press Go on before you complete it.", field="percent")
    itemsteps.complete(taking, day, has_photo=has_photo)


def _reads_photo(session: Session, actor: Actor, file: StoredFile) -> bool:
    """Whoever may see the item, while the module is on (INV-4)."""
    hangs = session.scalar(select(exists().where(ProgressUpdate.file_id == file.id)))
    organization = session.get_one(Organization, file.organization_id)
    return bool(hangs) and organization.has(Module.PLANNING) and actor.may(Permission.PLAN_VIEW)


rights.readable_when(PHOTO, _reads_photo)
