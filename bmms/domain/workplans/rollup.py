"""Progress that is computed, never typed (modules 1.5): from a leaf up to the strategic plan.

The means are pure functions. `climb` follows one change up to the root and stores what it changes on the way;
`differences` computes everything again from the leaves, for the check and for a work plan that becomes active.
Deferred and cancelled things count in no mean (INV-16); a thing under which nothing counts has none (None).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, null, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bmms.domain.planning import turns
from bmms.models.planning import ObjectiveStatus, PlanStatus, StrategicGoal, StrategicObjective, StrategicPlan
from bmms.models.work import NOT_COUNTED, AnnualObjective, AnnualWorkPlan, ItemStatus, WorkItem

NONE, WHOLE, CENT = Decimal(0), Decimal(100), Decimal("0.01")
COUNTED_PLANS = (PlanStatus.ACTIVE, PlanStatus.COMPLETED)
WAITING = "figures are computed later"
OUT = (ObjectiveStatus.DEFERRED, ObjectiveStatus.CANCELLED)


@dataclass(frozen=True)
class Child:
    """What its parent needs to know of an item."""

    progress: Decimal
    starts_on: date
    ends_on: date
    cost: Decimal | None

    @property
    def days(self) -> int:
        """From the first day to the last, both counted."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True)
class Sums:
    """The counted children of a parent, added up, so that their number costs nothing."""

    count: int = 0
    with_cost: int = 0
    cost: Decimal = NONE
    by_cost: Decimal = NONE  # progress times cost
    days: int = 0
    by_days: Decimal = NONE


def add_up(children: Iterable[Child]) -> Sums:
    """The sums of some children; leave out those that do not count."""
    found = list(children)
    return Sums(
        len(found),
        sum(one.cost is not None for one in found),
        sum((one.cost or NONE for one in found), NONE),
        sum(((one.cost or NONE) * one.progress for one in found), NONE),
        sum(one.days for one in found),
        sum((one.days * one.progress for one in found), NONE),
    )


def mean_of_items(sums: Sums) -> Decimal | None:
    """The mean of items, weighed by planned cost if all have one, else by days."""
    if not sums.count:
        return None
    if sums.with_cost == sums.count and sums.cost > 0:
        return _rounded(sums.by_cost / sums.cost)
    return _rounded(sums.by_days / sums.days)


def mean_by_weight(parts: Iterable[tuple[Decimal | None, Decimal | None]]) -> Decimal | None:
    """The mean of (weight, progress); alike where a weight is missing, without those that have no progress yet."""
    counted = [(weight, progress) for weight, progress in parts if progress is not None]
    if not counted:
        return None
    weights = [weight for weight, _ in counted if weight is not None]
    if len(weights) < len(counted):
        weights = [Decimal(1)] * len(counted)
    total = sum((weight * progress for weight, (_, progress) in zip(weights, counted, strict=True)), NONE)
    return _rounded(total / sum(weights))


def of_parent(status: ItemStatus, sums: Sums) -> Decimal:
    """The progress of an item that has children: all when it is completed, nothing while nothing counts."""
    if status == ItemStatus.COMPLETED:
        return WHOLE
    return mean_of_items(sums) or NONE


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


# One change, up to the root.


@dataclass(frozen=True)
class Path:
    """What lies above an item, locked from the leaf to the root: parents from the nearest, objective, work plan."""

    parents: list[WorkItem]
    objective: AnnualObjective
    plan: AnnualWorkPlan


def lock_path(session: Session, item: WorkItem) -> Path:
    """Lock an item and all above it in its work plan, always in this order, so that no two changes wait in a ring."""
    session.flush()
    turns.side_by_side(session)
    _lock(session, WorkItem, item.id)
    parents, parent_id = [], item.parent_id
    while parent_id is not None:
        parents.append(_lock(session, WorkItem, parent_id))
        parent_id = parents[-1].parent_id
    objective = _lock(session, AnnualObjective, item.annual_objective_id)
    return Path(parents, objective, _lock(session, AnnualWorkPlan, item.work_plan_id))


@contextmanager
def all_at_once(session: Session) -> Iterator[None]:
    """Many items change in one transaction: none of them climbs, and in the end everything is computed once."""
    session.info[WAITING] = True
    try:
        yield
    finally:
        del session.info[WAITING]
    settle(session)


def climb(session: Session, path: Path) -> None:
    """After an item has changed: compute and store what lies on its path; stop where nothing changes any more."""
    session.flush()
    if session.info.get(WAITING):
        return
    for parent in path.parents:
        if not _store(session, parent, of_parent(parent.status, _sums(session, WorkItem.parent_id == parent.id))):
            return
    top = (WorkItem.annual_objective_id == path.objective.id) & WorkItem.parent_id.is_(None)
    if not _store(session, path.objective, mean_of_items(_sums(session, top))):
        return
    parts = select(AnnualObjective.weight, AnnualObjective.progress).where(AnnualObjective.work_plan_id == path.plan.id)
    _store(session, path.plan, _mean(session, parts))
    climb_strategy(session, path.objective.objective_id)


def refresh(session: Session, item: WorkItem) -> None:
    """An item that has children, after something was done with it or with them."""
    session.flush()
    _store(session, item, of_parent(item.status, _sums(session, WorkItem.parent_id == item.id)))


def climb_strategy(session: Session, objective_id: int) -> None:
    """The same from a strategic objective up to its plan."""
    objective = _lock(session, StrategicObjective, objective_id)
    _store(session, objective, _mean(session, _annual_parts(objective.id)))
    goal = _lock(session, StrategicGoal, objective.goal_id)
    parts = select(StrategicObjective.weight, StrategicObjective.progress).where(
        StrategicObjective.goal_id == goal.id, StrategicObjective.status.not_in(OUT)
    )
    if not _store(session, goal, _mean(session, parts)):
        return
    plan = _lock(session, StrategicPlan, goal.plan_id)
    goals = select(StrategicGoal.weight, StrategicGoal.progress).where(StrategicGoal.plan_id == plan.id)
    _store(session, plan, _mean(session, goals))


def _lock(session: Session, model: Any, row_id: int) -> Any:
    query = select(model).where(model.id == row_id).with_for_update(key_share=True)
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def _sums(session: Session, among: ColumnElement[bool]) -> Sums:
    days = WorkItem.ends_on - WorkItem.starts_on + 1
    totals = (func.sum(WorkItem.planned_cost), func.sum(WorkItem.planned_cost * WorkItem.progress))
    query = select(
        func.count(WorkItem.id), func.count(WorkItem.planned_cost), *(func.coalesce(one, 0) for one in totals),
        func.coalesce(func.sum(days), 0), func.coalesce(func.sum(days * WorkItem.progress), 0),
    )  # fmt: skip
    found: Any = session.execute(query.where(among, WorkItem.status.not_in(NOT_COUNTED))).one()
    return Sums(*found)


def _annual_parts(objective_id: int) -> Any:
    """What work plans in force have made of a strategic objective, year by year and alike."""
    return (
        select(null(), AnnualObjective.progress)
        .join(AnnualWorkPlan, AnnualWorkPlan.id == AnnualObjective.work_plan_id)
        .where(AnnualObjective.objective_id == objective_id, AnnualWorkPlan.status.in_(COUNTED_PLANS))
    )


def _mean(session: Session, parts: Any) -> Decimal | None:
    return mean_by_weight((weight, progress) for weight, progress in session.execute(parts))


def _store(session: Session, row: Any, progress: Decimal | None) -> bool:
    """Keep a computed figure without making the row look edited. Was it another one before?"""
    if row.progress == progress:
        return False
    model = type(row)
    session.execute(
        update(model).where(model.id == row.id).values(progress=progress, updated_at=model.updated_at),
        execution_options={"synchronize_session": False},
    )
    session.info["wrote"] = True
    set_committed_value(row, "progress", progress)
    return True


# Everything again, from the leaves.


@dataclass(frozen=True)
class Difference:
    """A stored figure that is not what its parts say."""

    row: Any
    computed: Decimal | None

    def __str__(self) -> str:
        stored = "nothing" if self.row.progress is None else f"{self.row.progress} %"
        computed = "nothing" if self.computed is None else f"{self.computed} %"
        return f"{self.row.__tablename__} {self.row.id}: {stored} is stored, {computed} follows from its parts"


def differences(session: Session) -> list[Difference]:
    """All figures of the organization that are wrong: work plans in force and the strategic plans above them."""
    plans = session.scalars(select(AnnualWorkPlan).where(AnnualWorkPlan.status.in_(COUNTED_PLANS))).all()
    ids = [plan.id for plan in plans]
    items = session.scalars(select(WorkItem).where(WorkItem.work_plan_id.in_(ids)).order_by(WorkItem.id)).all()
    annual = session.scalars(select(AnnualObjective).where(AnnualObjective.work_plan_id.in_(ids))).all()
    computed: dict[Any, Decimal | None] = {}
    tops = _compute_items(items, computed)
    for one in annual:
        computed[one] = mean_of_items(add_up(tops[one.id]))
    for plan in plans:
        computed[plan] = mean_by_weight((one.weight, computed[one]) for one in annual if one.work_plan_id == plan.id)
    _compute_strategy(session, annual, computed)
    return [Difference(row, value) for row, value in computed.items() if row.progress != value]


def settle(session: Session) -> None:
    """Store all that `differences` finds."""
    session.flush()
    for one in differences(session):
        _store(session, one.row, one.computed)


def _compute_items(items: Sequence[WorkItem], computed: dict[Any, Decimal | None]) -> dict[int, list[Child]]:
    """Fills in the items that have children; returns the counted top items of each annual objective."""
    below: dict[int | None, list[WorkItem]] = defaultdict(list)
    for item in items:
        below[item.parent_id].append(item)

    def progress(item: WorkItem) -> Decimal:
        if not below[item.id]:
            return item.progress
        value = of_parent(item.status, add_up(children(item.id)))
        computed[item] = value
        return value

    def children(parent_id: int | None) -> list[Child]:
        found = [(one, progress(one)) for one in below[parent_id]]
        return [_child(one, value) for one, value in found if one.status not in NOT_COUNTED]

    tops: dict[int, list[Child]] = defaultdict(list)
    for item in below[None]:
        value = progress(item)
        if item.status not in NOT_COUNTED:
            tops[item.annual_objective_id].append(_child(item, value))
    return tops


def _child(item: WorkItem, progress: Decimal) -> Child:
    return Child(progress, item.starts_on, item.ends_on, item.planned_cost)


def _compute_strategy(session: Session, annual: Sequence[AnnualObjective], computed: dict[Any, Decimal | None]) -> None:
    plans = session.scalars(select(StrategicPlan).where(StrategicPlan.status.in_(COUNTED_PLANS))).all()
    ids = [plan.id for plan in plans]
    goals = session.scalars(select(StrategicGoal).where(StrategicGoal.plan_id.in_(ids))).all()
    objectives = session.scalars(select(StrategicObjective).where(StrategicObjective.plan_id.in_(ids))).all()
    for objective in objectives:
        years = [computed[one] for one in annual if one.objective_id == objective.id]
        computed[objective] = mean_by_weight((None, value) for value in years)
    for goal in goals:
        inside = [one for one in objectives if one.goal_id == goal.id and one.status not in OUT]
        computed[goal] = mean_by_weight((one.weight, computed[one]) for one in inside)
    for plan in plans:
        computed[plan] = mean_by_weight((goal.weight, computed[goal]) for goal in goals if goal.plan_id == plan.id)
