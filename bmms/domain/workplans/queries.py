"""Looking up work plans, annual objectives and work items, in the organization that the session serves."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, false, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.obligations.queries import spent_on
from bmms.domain.permissions import Permission
from bmms.domain.planning.queries import has_left_the_draft
from bmms.models.memberships import Membership
from bmms.models.organizations import StoredFile
from bmms.models.planning import PlanStatus, StrategicGoal, StrategicObjective, StrategicPlan
from bmms.models.programs import Program
from bmms.models.work import (
    CLOSED,
    AnnualObjective,
    AnnualWorkPlan,
    ItemStatus,
    ProgressUpdate,
    WorkItem,
    WorkItemPerson,
    WorkItemPlace,
    WorkItemPredecessor,
)
from bmms.tenancy import scope_of

DUE_SOON = timedelta(days=7)


def visible(actor: Actor) -> Select[AnnualWorkPlan]:
    """Work plans that this actor may see: viewers see what has left the draft."""
    query = select(AnnualWorkPlan)
    return query if actor.may(Permission.PLAN_DRAFT_VIEW) else query.where(has_left_the_draft(AnnualWorkPlan))


def list_work_plans(actor: Actor, plan_id: int | None = None) -> Select[AnnualWorkPlan]:
    """The work plans, the latest year first; of one strategic plan if named."""
    query = visible(actor).order_by(AnnualWorkPlan.fiscal_year.desc(), AnnualWorkPlan.id.desc())
    return query if plan_id is None else query.where(AnnualWorkPlan.plan_id == plan_id)


def get_work_plan(session: Session, actor: Actor, work_plan_id: int) -> AnnualWorkPlan:
    """One work plan.

    Raises:
        NotFound: there is none with this id here, or not for this actor.
    """
    found = session.scalar(visible(actor).where(AnnualWorkPlan.id == work_plan_id))
    if found is None:
        raise NotFound("There is no such work plan.")
    return found


def get_objective(session: Session, plan: AnnualWorkPlan, objective_id: int) -> AnnualObjective:
    """One annual objective of a work plan. Raises NotFound."""
    query = select(AnnualObjective).where(AnnualObjective.id == objective_id, AnnualObjective.work_plan_id == plan.id)
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no such annual objective.")
    return found


def get_item(session: Session, actor: Actor, item_id: int) -> tuple[WorkItem, AnnualWorkPlan]:
    """One work item and its work plan. Raises NotFound."""
    query = visible(actor).join(WorkItem, WorkItem.work_plan_id == AnnualWorkPlan.id).add_columns(WorkItem)
    found = session.execute(query.where(WorkItem.id == item_id)).first()
    if found is None:
        raise NotFound("There is no such work item.")
    plan, item = found
    return item, plan


def parents_for(session: Session) -> list[StrategicPlan]:
    """The strategic plans in which a work plan can be begun (PL-10)."""
    query = select(StrategicPlan).where(StrategicPlan.status.in_((PlanStatus.APPROVED, PlanStatus.ACTIVE)))
    return list(session.scalars(query.order_by(StrategicPlan.start_year.desc(), StrategicPlan.id)))


@dataclass(frozen=True)
class Group:
    """An annual objective on the board: its strategic objective in words, and its items in figures."""

    objective: AnnualObjective
    strategic: str
    items: int
    closed: int
    overdue: int


def groups_of(session: Session, plan: AnnualWorkPlan, today: date) -> list[Group]:
    """The annual objectives in their order, in one statement whatever the number of items."""
    closed = WorkItem.status.in_(CLOSED)
    counts = (
        select(
            WorkItem.annual_objective_id,
            func.count().label("items"),
            func.count().filter(closed).label("closed"),
            func.count().filter(~closed, WorkItem.ends_on < today).label("overdue"),
        )
        .where(WorkItem.work_plan_id == plan.id)
        .group_by(WorkItem.annual_objective_id)
        .subquery()
    )
    query = (
        select(
            AnnualObjective, StrategicObjective.title, *(func.coalesce(one, 0) for one in list(counts.c)[1:])
        )
        .join(StrategicObjective, StrategicObjective.id == AnnualObjective.objective_id)
        .outerjoin(counts, counts.c.annual_objective_id == AnnualObjective.id)
        .where(AnnualObjective.work_plan_id == plan.id)
        .order_by(AnnualObjective.ordinal)
    )  # fmt: skip
    return [Group(*row) for row in session.execute(query)]


def strategic_choices(session: Session, plan: AnnualWorkPlan) -> list[tuple[int, str]]:
    """The strategic objectives that an annual objective of this work plan can serve, numbered as in their plan."""
    query = (
        select(StrategicObjective.id, StrategicGoal.ordinal, StrategicObjective.ordinal, StrategicObjective.title)
        .join(StrategicGoal, StrategicGoal.id == StrategicObjective.goal_id)
        .where(StrategicObjective.plan_id == plan.plan_id)
        .order_by(StrategicGoal.ordinal, StrategicObjective.ordinal)
    )
    return [(key, f"{goal}.{place} {title}") for key, goal, place, title in session.execute(query)]


def items_under(objective: AnnualObjective, parent: WorkItem | None = None) -> Select[WorkItem]:
    """The items directly under an annual objective, or under one of its items, in their order."""
    under = WorkItem.parent_id == parent.id if parent else WorkItem.parent_id.is_(None)
    query = select(WorkItem).where(WorkItem.annual_objective_id == objective.id, under)
    return query.order_by(WorkItem.ordinal, WorkItem.id)


def find_items(
    plan: AnnualWorkPlan, *, search: str = "", status: str = "", unit_id: int | None = None,
    among: ColumnElement[bool] | None = None,
) -> Select[WorkItem]:  # fmt: skip
    """Items of a work plan by due date."""
    query = select(WorkItem).where(WorkItem.work_plan_id == plan.id).order_by(WorkItem.ends_on, WorkItem.id)
    if search:
        words = (WorkItem.title.icontains(search, autoescape=True), WorkItem.code.icontains(search, autoescape=True))
        query = query.where(or_(*words))
    if status in set(ItemStatus):
        query = query.where(WorkItem.status == status)
    if unit_id:
        query = query.where(WorkItem.unit_id == unit_id)
    return query if among is None else query.where(among)


def items_of_program(program_id: int) -> Select[WorkItem]:
    """The items of a program in work plans that are in force or completed, the latest year first."""
    plans = (PlanStatus.ACTIVE, PlanStatus.COMPLETED)
    return (
        select(WorkItem)
        .join(AnnualWorkPlan, AnnualWorkPlan.id == WorkItem.work_plan_id)
        .where(WorkItem.program_id == program_id, AnnualWorkPlan.status.in_(plans))
        .order_by(AnnualWorkPlan.fiscal_year.desc(), WorkItem.ends_on, WorkItem.id)
    )


def served_by(session: Session, plan: StrategicPlan) -> dict[int, list[tuple[int, AnnualObjective]]]:
    """For each strategic objective, the (fiscal year, annual objective) that serve it in work plans of some force."""
    plans = (PlanStatus.ACTIVE, PlanStatus.COMPLETED)
    query = (
        select(AnnualObjective, AnnualWorkPlan.fiscal_year)
        .join(AnnualWorkPlan, AnnualWorkPlan.id == AnnualObjective.work_plan_id)
        .where(AnnualWorkPlan.plan_id == plan.id, AnnualWorkPlan.status.in_(plans))
        .order_by(AnnualWorkPlan.fiscal_year.desc(), AnnualObjective.ordinal)
    )
    found: dict[int, list[tuple[int, AnnualObjective]]] = defaultdict(list)
    for objective, year in session.execute(query):
        found[objective.objective_id].append((year, objective))
    return found


def branch_of(session: Session, item: WorkItem) -> list[WorkItem]:
    """An item and all that lies under it, from the top."""
    found, level = [item], [item]
    while level:
        query = select(WorkItem).where(WorkItem.parent_id.in_([one.id for one in level])).order_by(WorkItem.id)
        level = list(session.scalars(query))
        found += level
    return found


# Somebody's own items.


def own_memberships(session: Session, actor: Actor) -> frozenset[int]:
    """The memberships here of the actor and of those for whom the actor stands in."""
    query = select(Membership.id).where(
        Membership.organization_id == scope_of(session).organization_id,
        Membership.user_id.in_(actor.persons),
        Membership.is_active,
    )
    return frozenset(session.scalars(query))


def on_team(memberships: frozenset[int]) -> ColumnElement[bool]:
    """Items in whose team one of these stands."""
    return WorkItem.id.in_(
        select(WorkItemPerson.work_item_id).where(WorkItemPerson.membership_id.in_(memberships))
    )  # fmt: skip


def assigned_to(memberships: frozenset[int]) -> ColumnElement[bool]:
    """Items for which one of these is responsible, or in whose team one of them stands."""
    return or_(WorkItem.officer_id.in_(memberships), on_team(memberships)) if memberships else false()


def in_force() -> ColumnElement[bool]:
    """Items that are worked on: open ones of active work plans."""
    active = select(AnnualWorkPlan.id).where(AnnualWorkPlan.status == PlanStatus.ACTIVE)
    return and_(WorkItem.work_plan_id.in_(active), WorkItem.status.not_in(CLOSED))


def overdue(today: date) -> ColumnElement[bool]:
    """Whose last day is past."""
    return and_(in_force(), WorkItem.ends_on < today)


def due_soon(today: date) -> ColumnElement[bool]:
    """Whose last day comes within a week."""
    return and_(in_force(), WorkItem.ends_on.between(today, today + DUE_SOON))


def stale(today: date, days: int) -> ColumnElement[bool]:
    """In progress, and nobody has said a word for so many days (modules 1.5)."""
    since = today - timedelta(days=days)
    said = func.coalesce(func.date(func.timezone("Asia/Manila", WorkItem.progressed_at)), WorkItem.started_on)
    return and_(in_force(), WorkItem.status == ItemStatus.IN_PROGRESS, ~WorkItem.has_children, said <= since)


def to_complete() -> ColumnElement[bool]:
    """Whose parts are all done, and which wait for the officer's word (PL-15)."""
    return and_(in_force(), WorkItem.has_children, WorkItem.progress == 100)


def by_due_date(among: ColumnElement[bool]) -> Select[WorkItem]:
    """Items of which a condition is true, the most urgent first."""
    return select(WorkItem).where(among).order_by(WorkItem.ends_on, WorkItem.id)


def counts(session: Session, among: ColumnElement[bool], **lists: ColumnElement[bool]) -> dict[str, int]:
    """How many items each list has, in one statement."""
    query = select(*(func.count().filter(condition).label(name) for name, condition in lists.items()))
    row = session.execute(query.select_from(WorkItem).where(among)).one()
    return dict(row._mapping)


# What hangs on an item.


@dataclass(frozen=True)
class Surroundings:
    """The objective, the parents and the program of an item, and what is obligated for it and paid; pesos."""

    objective: AnnualObjective
    parents: list[WorkItem]  # from the top
    program: str
    obligated: Decimal
    paid: Decimal


def surroundings_of(session: Session, item: WorkItem) -> Surroundings:
    """What an item lies in, in one statement."""
    near, far = aliased(WorkItem), aliased(WorkItem)
    query = (
        select(AnnualObjective, Program.title, *spent_on(item.id), far, near)
        .select_from(AnnualObjective)
        .outerjoin(Program, Program.id == item.program_id)
        .outerjoin(near, near.id == item.parent_id)
        .outerjoin(far, far.id == near.parent_id)
        .where(AnnualObjective.id == item.annual_objective_id)
    )
    objective, program, obligated, paid, *parents = session.execute(query).one()
    above = [one for one in parents if one is not None]
    return Surroundings(objective, above, program or "", obligated, paid)


@dataclass(frozen=True)
class Links:
    """What hangs on an item: memberships of its team, (PSGC code, barangay), codes of its predecessors."""

    team: list[int]
    places: list[tuple[str, str]]
    predecessors: list[str]


def links_of(session: Session, item: WorkItem) -> Links:
    """What hangs on an item, in one statement, in the order in which it was written."""
    team, place, before = WorkItemPerson, WorkItemPlace, WorkItemPredecessor
    parts = union_all(
        select(literal("team").label("kind"), cast(team.membership_id, String).label("key"),
               literal("").label("more"), team.id.label("at")).where(team.work_item_id == item.id),
        select(literal("place"), place.psgc, place.barangay, place.id).where(place.work_item_id == item.id),
        select(literal("before"), WorkItem.code, literal(""), before.id)
        .join(WorkItem, WorkItem.id == before.predecessor_id).where(before.work_item_id == item.id),
    ).subquery()  # fmt: skip
    rows = session.execute(select(parts).order_by(parts.c.at)).all()
    return Links(
        [int(row.key) for row in rows if row.kind == "team"],
        [(row.key, row.more) for row in rows if row.kind == "place"],
        [row.key for row in rows if row.kind == "before"],
    )


def linked_in(session: Session, plan: AnnualWorkPlan, model: Any, *columns: Any) -> dict[int, list[Any]]:
    """What hangs on all items of a work plan, in one statement: item id to these columns of `model`, as written."""
    found: dict[int, list[Any]] = defaultdict(list)
    of_plan = WorkItem.work_plan_id == plan.id
    query = select(model.work_item_id, *columns).join(WorkItem, WorkItem.id == model.work_item_id).where(of_plan)
    for item_id, *values in session.execute(query.order_by(model.id)):
        found[item_id].append(tuple(values))
    return found


def predecessors_of(session: Session, item: WorkItem) -> list[Row[Any]]:
    """(id, code, title, status) of what must be finished first."""
    query = (
        select(WorkItem.id, WorkItem.code, WorkItem.title, WorkItem.status)
        .join(WorkItemPredecessor, WorkItemPredecessor.predecessor_id == WorkItem.id)
        .where(WorkItemPredecessor.work_item_id == item.id)
        .order_by(WorkItem.code)
    )
    return list(session.execute(query))


def updates_of(session: Session, item: WorkItem) -> list[Row[Any]]:
    """(update, name of its photo) of the latest words about an item."""
    query = (
        select(ProgressUpdate, StoredFile.name)
        .outerjoin(StoredFile, StoredFile.id == ProgressUpdate.file_id)
        .where(ProgressUpdate.work_item_id == item.id)
        .order_by(ProgressUpdate.id.desc())
    )
    return list(session.execute(query.limit(25)))


def program_choices(session: Session) -> list[tuple[int, str]]:
    """The programs to choose from; what the planner called the same as another one is left out."""
    query = select(Program.id, Program.code, Program.title).where(Program.same_as_id.is_(None))
    return [(key, f"{code} {title}") for key, code, title in session.execute(query.order_by(Program.code))]
