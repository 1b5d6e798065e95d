"""A new year from the last one: copy the structure of its work plan, or carry over what it has not finished (1.7)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import exists, inspect, select
from sqlalchemy.orm import Session, aliased

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.members import working_members
from bmms.domain.planning import order
from bmms.domain.workplans.items import draw_codes, require_room
from bmms.domain.workplans.rules import begin
from bmms.models.planning import PlanStatus, StrategicObjective
from bmms.models.work import (
    CLOSED,
    AnnualObjective,
    AnnualWorkPlan,
    ItemKind,
    ItemStatus,
    WorkItem,
    WorkItemPerson,
    WorkItemPlace,
    WorkItemPredecessor,
)

_OF_THE_YEAR = {
    "id", "organization_id", "created_at", "updated_at", "row_version", "work_plan_id", "annual_objective_id",
    "parent_id", "code", "started_on", "finished_on", "progress", "progressed_at", "status", "status_reason",
    "carried_from_id", "revises_id", "is_demo", "has_children", "starts_on", "ends_on", "ordinal",
}  # fmt: skip
Dates = Callable[[WorkItem], tuple[date, date]]


def last_year_of(session: Session, plan: AnnualWorkPlan) -> AnnualWorkPlan | None:
    """The work plan of the year before, if there was one."""
    query = select(AnnualWorkPlan).where(
        AnnualWorkPlan.fiscal_year == plan.fiscal_year - 1,
        AnnualWorkPlan.status.in_((PlanStatus.ACTIVE, PlanStatus.COMPLETED, PlanStatus.ARCHIVED)),
        AnnualWorkPlan.active_from.is_not(None),  # what went into the archive as a draft was never worked by
    )
    return session.scalar(query.order_by(AnnualWorkPlan.id.desc()).limit(1))


def unfinished(session: Session, last: AnnualWorkPlan) -> list[WorkItem]:
    """What a work plan leaves over: open or deferred items that no later one has taken up, in the order of codes."""
    carried = aliased(WorkItem)
    query = select(WorkItem).where(
        WorkItem.work_plan_id == last.id,
        WorkItem.status.not_in(CLOSED) | (WorkItem.status == ItemStatus.DEFERRED),
        ~exists().where(carried.carried_from_id == WorkItem.id),
    )
    return list(session.scalars(query.order_by(WorkItem.code)))


def copy_last_year(session: Session, actor: Actor, plan: AnnualWorkPlan) -> int:
    """Fill an empty draft with the objectives and items of the year before, without their progress.

    What was cancelled stays behind; dates move on by a year; who has left is named no more.

    Returns:
        how many items were copied.

    Raises:
        RuleBroken: there was no work plan, or the pilot has no room.
    """
    begin(session, actor, plan)
    last = last_year_of(session, plan)
    if last is None:
        raise RuleBroken(f"There is no work plan of {plan.fiscal_year - 1} to copy.", field="copy_last")
    found = session.scalars(
        select(WorkItem)
        .where(WorkItem.work_plan_id == last.id, WorkItem.status != ItemStatus.CANCELLED)
        .order_by(WorkItem.ordinal, WorkItem.id)
    ).all()
    copy = _Copy(session, plan, lambda item: (_next_year(item.starts_on), _next_year(item.ends_on)))
    copy.take_objectives(last)
    made = copy.make(found)
    audit.record(
        session,
        actor,
        "annual_work_plans:copy",
        plan,
        label=plan.title,
        items=(None, made),
        copied_from=(None, last.id),
    )
    return made


def carry_over(session: Session, actor: Actor, plan: AnnualWorkPlan) -> int:
    """Add what the year before has not finished, each item linked to the one that it goes on with.

    They begin on the first day of the year and last as long as they were planned; the planner sets better dates.

    Returns:
        how many items were carried over.

    Raises:
        RuleBroken: the plan is shut, there was no work plan, or the pilot has no room.
    """
    begin(session, actor, plan)
    last = last_year_of(session, plan)
    if last is None:
        raise RuleBroken(f"There is no work plan of {plan.fiscal_year - 1}.")
    first, end = date(plan.fiscal_year, 1, 1), date(plan.fiscal_year, 12, 31)

    def dates(item: WorkItem) -> tuple[date, date]:
        last_day = min(first + timedelta(days=(item.ends_on - item.starts_on).days), end)
        return (last_day if item.kind == ItemKind.MILESTONE else first), last_day

    made = _Copy(session, plan, dates, is_carried=True).make(unfinished(session, last))
    audit.record(
        session, actor, "annual_work_plans:carry_over", plan, label=plan.title, items=(None, made),
        carried_from=(None, last.id),
    )  # fmt: skip
    return made


class _Copy:
    """Items of another year in the draft of a new one, level by level, in few statements."""

    def __init__(self, session: Session, plan: AnnualWorkPlan, dates: Dates, *, is_carried: bool = False) -> None:
        self.session, self.plan, self.dates, self.is_carried = session, plan, dates, is_carried
        self.members = set(working_members(session))
        self.objectives: dict[int, AnnualObjective] = {}
        self.made: dict[int, WorkItem] = {}
        self.places: dict[tuple[int, int | None], int] = {}

    def take_objectives(self, last: AnnualWorkPlan) -> None:
        """All objectives of last year, in their order, also those without items."""
        query = select(AnnualObjective.id).where(AnnualObjective.work_plan_id == last.id)
        for key in self.session.scalars(query.order_by(AnnualObjective.ordinal)).all():
            self._objective(key)

    def make(self, found: Iterable[WorkItem]) -> int:
        """Copy these; an item whose parent is not among them lies directly under its objective, if its kind may."""
        items = sorted(self._liftable(list(found)), key=lambda one: (one.ordinal, one.id))
        require_room(self.session, self.plan, sum(one.kind == ItemKind.ACTIVITY for one in items))
        codes = iter(draw_codes(self.session, self.plan, len(items)))
        parents = {one.parent_id for one in items}
        for level in levels_of(items):
            for one in level:
                self.made[one.id] = self._item(one, next(codes), has_children=one.id in parents)
            self.session.add_all(self.made[one.id] for one in level)
            self.session.flush()
        copy_links(self.session, self.made, self.members)
        self.session.flush()
        return len(self.made)

    def _liftable(self, items: list[WorkItem]) -> list[WorkItem]:
        """Without tasks and milestones that have lost their parent, which cannot stand alone (PL-13)."""
        kept = items
        while True:
            ids = {one.id for one in kept}
            fit = [one for one in kept if one.parent_id in ids or one.kind in (ItemKind.PROJECT, ItemKind.ACTIVITY)]
            if len(fit) == len(kept):
                return fit
            kept = fit

    def _item(self, old: WorkItem, code: str, *, has_children: bool) -> WorkItem:
        names = [column.key for column in inspect(WorkItem).column_attrs if column.key not in _OF_THE_YEAR]
        values = {name: getattr(old, name) for name in names}
        if values["officer_id"] not in self.members:
            values["officer_id"] = None
        parent = self.made.get(old.parent_id or 0)
        objective = self._objective(old.annual_objective_id)
        starts_on, ends_on = self.dates(old)
        return WorkItem(
            **values, work_plan_id=self.plan.id, annual_objective_id=objective.id,
            parent_id=parent.id if parent else None, ordinal=self._place(objective.id, parent), code=code,
            starts_on=starts_on, ends_on=ends_on, has_children=has_children, is_demo=self.plan.is_demo,
            carried_from_id=old.id if self.is_carried else None,
        )  # fmt: skip

    def _place(self, objective_id: int, parent: WorkItem | None) -> int:
        """At the end of its siblings; a parent that was just made has none yet."""
        key = (objective_id, parent.id if parent else None)
        if key not in self.places:
            tops = (WorkItem.annual_objective_id == objective_id) & WorkItem.parent_id.is_(None)
            self.places[key] = 1 if parent else order.next_place(self.session, WorkItem, tops)
        self.places[key] += 1
        return self.places[key] - 1

    def _objective(self, old_id: int) -> AnnualObjective:
        """The annual objective of this year for one of last year; made when it is first needed."""
        if old_id not in self.objectives:
            old = self.session.get_one(AnnualObjective, old_id)
            self.objectives[old_id] = self._same_as(old) or self._new_objective(old)
        return self.objectives[old_id]

    def _same_as(self, old: AnnualObjective) -> AnnualObjective | None:
        query = select(AnnualObjective).where(
            AnnualObjective.work_plan_id == self.plan.id, AnnualObjective.objective_id == self._strategic_id(old)
        )
        return self.session.scalar(query.order_by(AnnualObjective.ordinal).limit(1)) if self.is_carried else None

    def _new_objective(self, old: AnnualObjective) -> AnnualObjective:
        place = order.next_place(self.session, AnnualObjective, AnnualObjective.work_plan_id == self.plan.id)
        made = AnnualObjective(
            work_plan_id=self.plan.id, objective_id=self._strategic_id(old), ordinal=place, statement=old.statement,
            q1=old.q1, q2=old.q2, q3=old.q3, q4=old.q4, weight=None if self.is_carried else old.weight,
            owner_id=old.owner_id if old.owner_id in self.members else None,
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made

    def _strategic_id(self, old: AnnualObjective) -> int:
        """The same objective, or the one of the same title where another strategic plan has followed."""
        was = self.session.get_one(StrategicObjective, old.objective_id)
        if was.plan_id == self.plan.plan_id:
            return was.id
        query = select(StrategicObjective.id).where(StrategicObjective.plan_id == self.plan.plan_id)
        same = self.session.scalar(query.where(StrategicObjective.title == was.title).limit(1))
        first = self.session.scalar(query.order_by(StrategicObjective.id).limit(1))
        if same is None and first is None:
            raise RuleBroken("The strategic plan has no objective to which the items could belong.")
        return same or first  # type: ignore[return-value]


def levels_of(items: Sequence[WorkItem]) -> Iterator[list[WorkItem]]:
    """Items from the top down; on top are those whose parent is not among them."""
    below: dict[int | None, list[WorkItem]] = defaultdict(list)
    for one in items:
        below[one.parent_id].append(one)
    ids = {one.id for one in items}
    level = [one for one in items if one.parent_id not in ids]
    while level:
        yield level
        level = [child for one in level for child in below[one.id]]


def copy_links(session: Session, made: Mapping[int, WorkItem], members: Collection[int] | None = None) -> None:
    """What hangs on the old items hangs on the new ones too.

    Args:
        made: the new item for the id of the old one; predecessors are copied among them.
        members: the people to be named again; None: all.
    """
    links: tuple[tuple[Any, str, Collection[int] | None], ...] = (
        (WorkItemPerson, "membership_id", members),
        (WorkItemPlace, "psgc", None),
        (WorkItemPredecessor, "predecessor_id", made),
    )
    for model, column, among in links:
        for link in session.scalars(select(model).where(model.work_item_id.in_(list(made))).order_by(model.id)).all():
            value = getattr(link, column)
            if among is None or value in among:
                more = {"barangay": link.barangay} if model is WorkItemPlace else {}
                kept = made[value].id if model is WorkItemPredecessor else value
                session.add(model(work_item_id=made[link.work_item_id].id, **{column: kept}, **more))


def _next_year(day: date) -> date:
    last = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return last.replace(year=day.year + 1)
