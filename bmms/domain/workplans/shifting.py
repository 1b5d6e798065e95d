"""Small shifts of dates while a work plan is in force: no revision, but a reason that is kept (modules 1.7)."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import installation_of
from bmms.domain.permissions import Permission
from bmms.domain.workflow import LEAST_REMARK
from bmms.domain.workplans import itemsteps, revisions, rollup, rules
from bmms.models.planning import PlanStatus
from bmms.models.work import AnnualWorkPlan, ItemKind, WorkItem


def can_shift(actor: Actor, item: WorkItem, plan: AnnualWorkPlan) -> bool:
    """Is this an item in force, and the actor a planner?"""
    return actor.may(Permission.PLAN_EDIT) and plan.status == PlanStatus.ACTIVE and not item.is_closed


def shift(
    session: Session, actor: Actor, item: WorkItem, *, starts_on: date | None, ends_on: date, reason: str
) -> None:  # fmt: skip
    """Move the dates of an item by some days inside their quarter; its copy in an open revision follows.

    Args:
        starts_on: None: as before; a milestone is its end.

    Raises:
        RuleBroken: naming the field: too far, outside the quarter or what it lies in (PL-12), or no reason.
    """
    actor.require(Permission.PLAN_EDIT)
    path = rollup.lock_path(session, item)
    itemsteps.require_in_force(path)
    if item.is_closed:
        raise RuleBroken("The item is closed. A planner can take it up again.")
    starts_on = ends_on if item.kind == ItemKind.MILESTONE else starts_on or item.starts_on
    before = item.starts_on, item.ends_on
    _require_small(item, starts_on, ends_on, installation_of(session).config.planning.shift_days)
    if len(" ".join(reason.split())) < LEAST_REMARK:
        raise RuleBroken(f"Give the reason in at least {LEAST_REMARK} characters.", field="reason")
    parent = path.parents[0] if path.parents else None
    rules.require_dates(path.plan, starts_on, ends_on, is_multi_year=item.is_multi_year, parent=parent)
    item.starts_on, item.ends_on = starts_on, ends_on
    rules.require_room_for_children(session, item)
    revisions.follow(session, item, *before)
    rollup.climb(session, path)
    days = {"starts_on": (before[0], starts_on), "ends_on": (before[1], ends_on)}
    moved: Any = {name: pair for name, pair in days.items() if pair[0] != pair[1]}
    audit.record(
        session, actor, "work_items:shift", item, label=f"{item.code} {item.title}", note=reason.strip(), **moved
    )


def _require_small(item: WorkItem, starts_on: date, ends_on: date, most: int) -> None:
    if (starts_on, ends_on) == (item.starts_on, item.ends_on):
        raise RuleBroken("These are its dates already.", field="ends_on")
    for field, was, day in (("starts_on", item.starts_on, starts_on), ("ends_on", item.ends_on, ends_on)):
        if abs((day - was).days) > most:
            raise RuleBroken(f"This is more than {most} days away. Open a revision for that.", field=field)
        if (day.year, quarter_of(day)) != (was.year, quarter_of(was)):
            raise RuleBroken(
                f"This leaves quarter {quarter_of(was)} of {was.year}. Open a revision for that.", field=field
            )


def quarter_of(day: date) -> int:
    """1 to 4."""
    return (day.month + 2) // 3
