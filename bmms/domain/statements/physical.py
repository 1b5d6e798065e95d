"""What was reported of work up to a day: the physical side of statements (modules 1.5). Shares of one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from bmms.domain.statements.shape import rate
from bmms.domain.workplans.rollup import COUNTED_PLANS, WHOLE, Child, add_up, mean_of_items
from bmms.models.work import NOT_COUNTED, AnnualWorkPlan, ProgressUpdate, WorkItem

NOTE = "Physical progress is what was reported of work items up to this day; without any, —."


def of_items(session: Session, items: Sequence[int], as_of: date) -> dict[int, Decimal | None]:
    """What was last said of each of these work items; those of which nothing was said are left out."""
    if not items:
        return {}
    said = ProgressUpdate
    query = select(said.work_item_id, said.after).where(said.work_item_id.in_(items), said.day <= as_of)
    last = query.distinct(said.work_item_id).order_by(said.work_item_id, said.day.desc(), said.id.desc())
    return {row.work_item_id: rate(row.after, WHOLE) for row in session.execute(last)}


def of_programs(session: Session, year: int, as_of: date) -> dict[int | None, Decimal]:
    """The progress of each program of a year, and under None of all together.

    The mean of the work items without parts, weighed as work plans do; an item of which nothing was said by that day
    has not begun. Programs of which nothing at all was reported are left out.
    """
    said, item = ProgressUpdate, WorkItem
    above, top = aliased(WorkItem), aliased(WorkItem)
    last = (
        select(said.after).where(said.work_item_id == item.id, said.day <= as_of)
        .order_by(said.day.desc(), said.id.desc()).limit(1).correlate(item).scalar_subquery()
    )  # fmt: skip
    program = func.coalesce(item.program_id, above.program_id, top.program_id).label("program_id")
    query = (
        select(program, item.starts_on, item.ends_on, item.planned_cost, last.label("progress"))
        .join(AnnualWorkPlan, AnnualWorkPlan.id == item.work_plan_id)
        .outerjoin(above, above.id == item.parent_id)
        .outerjoin(top, top.id == above.parent_id)
        .where(
            AnnualWorkPlan.fiscal_year == year, AnnualWorkPlan.status.in_(COUNTED_PLANS),
            item.has_children.is_(False), item.status.not_in(NOT_COUNTED), program.element.is_not(None),
        )
    )  # fmt: skip
    found: Mapping[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        found[row.program_id].append(row)
    told = {key: rows for key, rows in found.items() if any(row.progress is not None for row in rows)}
    means: dict[int | None, Decimal | None] = {key: _mean(rows) for key, rows in told.items()}
    means[None] = _mean([row for rows in told.values() for row in rows])
    return {key: mean for key, mean in means.items() if mean is not None}


def _mean(rows: Sequence[Any]) -> Decimal | None:
    children = [Child(row.progress or Decimal(0), row.starts_on, row.ends_on, row.planned_cost) for row in rows]
    return rate(mean_of_items(add_up(children)), WHOLE)
