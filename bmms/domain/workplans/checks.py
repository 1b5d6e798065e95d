"""What a work plan must be before it is submitted (PL-11, PL-12, PL-14, and the dates of the strategic plan)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session, aliased

from bmms.domain.members import working_members
from bmms.domain.planning.checks import WHOLE, Gap
from bmms.domain.workplans.rules import span_of
from bmms.models.work import CLOSED, NOT_COUNTED, AnnualObjective, AnnualWorkPlan, ItemKind, ItemStatus, WorkItem

SHOWN = 20  # gaps of one kind; the rest is a number


def gaps_of(session: Session, plan: AnnualWorkPlan) -> list[Gap]:
    """Everything that is missing, in the order of the plan; few statements, whatever the number of items.

    What a revision leaves out, also an objective with all its items, is not looked at.
    """
    is_cancelled = WorkItem.status == ItemStatus.CANCELLED
    activities = func.count(WorkItem.id).filter(WorkItem.kind == ItemKind.ACTIVITY, ~is_cancelled)
    query = (
        select(AnnualObjective, activities, func.coalesce(func.bool_and(is_cancelled), false()))
        .outerjoin(WorkItem, WorkItem.annual_objective_id == AnnualObjective.id)
        .where(AnnualObjective.work_plan_id == plan.id)
        .group_by(AnnualObjective.id)
        .order_by(AnnualObjective.ordinal)
    )
    found = [(objective, many) for objective, many, is_left_out in session.execute(query) if not is_left_out]
    if not found:
        return [Gap("PL-11", True, "There is no annual objective yet.", "planning.annual_objective_new")]
    return [
        *_without_activity(found),
        *_weights([objective for objective, _ in found]),
        *_incomplete(session, plan),
        *_out_of_time(session, plan),
        *_unbalanced(session, plan),
    ]


def _without_activity(found: list[tuple[AnnualObjective, int]]) -> Iterator[Gap]:
    for objective, activities in found:
        if not activities:
            message = f"Objective {objective.ordinal} “{objective.statement[:80]}” has no activity."
            yield Gap("PL-11", True, message, "planning.work_plan_show", {"objective": objective.id})


def _weights(objectives: list[AnnualObjective]) -> Iterator[Gap]:
    given = [objective.weight for objective in objectives if objective.weight is not None]
    if given and (len(given) < len(objectives) or sum(given) != WHOLE):
        total = sum(given, Decimal(0)).normalize()
        message = f"The weights of the annual objectives add up to {total:f}, not 100. Mend or clear them."
        yield Gap("PL-08", True, message, "planning.work_plan_show")


def _incomplete(session: Session, plan: AnnualWorkPlan) -> Iterator[Gap]:
    """Activities without officer or program, or whose officer has left; in a revision some are closed already."""
    members = set(working_members(session))
    lacking = WorkItem.officer_id.is_(None) | WorkItem.officer_id.not_in(members) | WorkItem.program_id.is_(None)
    query = select(WorkItem).where(
        WorkItem.work_plan_id == plan.id, WorkItem.kind == ItemKind.ACTIVITY, WorkItem.status.not_in(CLOSED), lacking
    )
    found = session.scalars(query.order_by(WorkItem.code)).all()
    for item in found[:SHOWN]:
        left = item.officer_id is not None and item.officer_id not in members
        missing = [
            word
            for word, is_missing in (
                ("an officer who works here" if left else "an officer", left or item.officer_id is None),
                ("a program", item.program_id is None),
            )
            if is_missing
        ]
        message = f"{item.code} “{item.title[:80]}” needs {' and '.join(missing)}."
        yield Gap("PL-11", True, message, "planning.work_item_edit", {"work_item_id": item.id})
    yield from _more("PL-11", found, "activities lack an officer or a program.")


def _out_of_time(session: Session, plan: AnnualWorkPlan) -> Iterator[Gap]:
    """PL-12 for the plan as it stands: a shift that a revision follows may leave what the revision has narrowed."""
    parent, first, last = aliased(WorkItem), date(plan.fiscal_year, 1, 1), date(plan.fiscal_year, 12, 31)
    outside = parent.status.not_in(NOT_COUNTED) & (
        (WorkItem.starts_on < parent.starts_on) | (WorkItem.ends_on > parent.ends_on)
    )
    outside_year = ~WorkItem.is_multi_year & ((WorkItem.starts_on < first) | (WorkItem.ends_on > last))
    query = (
        select(WorkItem, parent, func.coalesce(outside, false()))
        .outerjoin(parent, parent.id == WorkItem.parent_id)
        .where(WorkItem.work_plan_id == plan.id, WorkItem.status.not_in(NOT_COUNTED), outside | outside_year)
        .order_by(WorkItem.code)
    )
    found = session.execute(query).all()
    for item, above, is_outside in found[:SHOWN]:
        where = f"the fiscal year {plan.fiscal_year}"
        if is_outside:
            where = f"{above.code} “{above.title[:80]}”, which runs {span_of(above.starts_on, above.ends_on)}"
        message = f"{item.code} “{item.title[:80]}” runs {span_of(item.starts_on, item.ends_on)}, outside {where}."
        yield Gap("PL-12", True, message, "planning.work_item_edit", {"work_item_id": item.id})
    yield from _more("PL-12", found, "items lie outside what they are a part of, or outside the year.")


def _unbalanced(session: Session, plan: AnnualWorkPlan) -> Iterator[Gap]:
    """PL-14: where a parent and all its children have a planned cost, the sums are the same."""
    child = aliased(WorkItem)
    total = func.sum(child.planned_cost)
    query = (
        select(WorkItem, total)
        .join(child, child.parent_id == WorkItem.id)
        .where(WorkItem.work_plan_id == plan.id, WorkItem.planned_cost.is_not(None), child.kind != ItemKind.MILESTONE)
        .where(WorkItem.status != ItemStatus.CANCELLED, child.status != ItemStatus.CANCELLED)
        .group_by(WorkItem.id)
        .having(func.count(child.planned_cost) == func.count(child.id), total != WorkItem.planned_cost)
        .order_by(WorkItem.code)
    )
    found = session.execute(query).all()
    for item, below in found[:SHOWN]:
        message = f"{item.code} plans ₱ {item.planned_cost:,.2f}; what lies under it plans ₱ {below:,.2f}."
        yield Gap("PL-14", True, message, "planning.work_item_edit", {"work_item_id": item.id})
    yield from _more("PL-14", found, "items plan another cost than what lies under them.")


def _more(rule: str, found: Any, what: str) -> Iterator[Gap]:
    if len(found) > SHOWN:
        yield Gap(rule, True, f"{len(found) - SHOWN} more {what}", "planning.work_plan_items")
