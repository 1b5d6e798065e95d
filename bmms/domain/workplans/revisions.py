"""An active work plan changes only through a revision (modules 1.7): a copy that, once approved, takes its place.

Items keep their row, so what was reported stays with them, with their actual dates, comments and files: when a revision
comes into force, each item goes over to it with what its copy says, and the copy stays behind in the archive with what
the item said before. Nothing that was in force is removed: what a revision leaves out is cancelled by it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, case, func, inspect, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.planning import news, revising
from bmms.domain.planning.labels import ITEM_STATUS
from bmms.domain.planning.revising import copy_of
from bmms.domain.workplans.copying import copy_links, levels_of
from bmms.models.collaboration import Attachment, Comment
from bmms.models.indicators import Indicator
from bmms.models.work import (
    CLOSED,
    AnnualObjective,
    AnnualWorkPlan,
    ItemStatus,
    WorkItem,
    WorkItemPerson,
    WorkItemPlace,
    WorkItemPredecessor,
)

LIFE = ("started_on", "finished_on", "progress", "progressed_at", "status", "status_reason")  # stay with the item
_SAME = {
    "id", "organization_id", "created_at", "updated_at", "row_version", "parent_id", "code", "kind", "carried_from_id",
    "revises_id", "is_demo", *LIFE,
}  # fmt: skip
_LINKS: dict[Any, tuple[str, ...]] = {
    WorkItemPerson: ("membership_id",),
    WorkItemPlace: ("psgc", "barangay"),
    WorkItemPredecessor: ("predecessor_id",),
}
_OF_ITEMS = ("work_item_id", "predecessor_id")
_DEPTH = 3  # of the tree (PL-13)


def open_revision(
    session: Session, actor: Actor, plan: AnnualWorkPlan, answers: Mapping[str, Any]
) -> AnnualWorkPlan:  # fmt: skip
    """Begin a revision of an active work plan: a draft with a copy of everything in it. Raises RuleBroken.

    Args:
        answers: revision_reason, revision_summary, revision_impact, effective_on.
    """
    draft = revising.begin(session, actor, plan, answers, "work plan")
    found = session.scalars(select(AnnualObjective).where(AnnualObjective.work_plan_id == plan.id)).all()
    objectives = {one.id: copy_of(one, work_plan_id=draft.id, revises_id=one.id) for one in found}
    session.add_all(objectives.values())
    session.flush()
    made: dict[int, WorkItem] = {}
    items = session.scalars(select(WorkItem).where(WorkItem.work_plan_id == plan.id).order_by(WorkItem.id)).all()
    for level in levels_of(items):
        for one in level:
            made[one.id] = copy_of(
                one, work_plan_id=draft.id, annual_objective_id=objectives[one.annual_objective_id].id,
                parent_id=made[one.parent_id].id if one.parent_id else None, revises_id=one.id, status=one.status,
                progress=one.progress,
            )  # fmt: skip
        session.add_all(made[one.id] for one in level)
        session.flush()
    copy_links(session, made)
    session.flush()
    return draft


def put_in_force(session: Session, actor: Actor, draft: AnnualWorkPlan) -> None:
    """An approved revision takes the place of its work plan, which goes into the archive.

    Raises:
        RuleBroken: what it revises is not active any more, or it puts open work under what is closed by now.
    """
    plan = revising.take_place(session, actor, draft, "work plan")
    had = duties(session, plan)
    _cancel_left_out(session, actor, draft)
    session.flush()
    pairs = select(WorkItem.id, WorkItem.revises_id).where(
        WorkItem.work_plan_id == draft.id, WorkItem.revises_id.is_not(None)
    )  # fmt: skip
    copies = {copy_id: item_id for copy_id, item_id in session.execute(pairs) if item_id}
    for model, columns in _LINKS.items():
        _exchange_links(session, model, columns, copies, (plan.id, draft.id))
    session.flush()
    _exchange_items(session, copies)
    _bring_along(session, draft, copies)
    session.info["wrote"] = True
    session.expire_all()
    _refuse_open_in_closed(session, draft)
    _start_what_holds_begun(session, draft)
    session.flush()
    people = {membership_id for _, membership_id in duties(session, draft) - had}
    news.tell_of_assignment(session, actor, draft, people)


def duties(session: Session, plan: AnnualWorkPlan) -> set[tuple[int, int]]:
    """(item, membership) of all who answer for an open item of a work plan, or stand in its team."""
    here = (WorkItem.work_plan_id == plan.id) & WorkItem.status.not_in(CLOSED)
    officers = select(WorkItem.id, WorkItem.officer_id).where(here, WorkItem.officer_id.is_not(None))
    team = select(WorkItem.id, WorkItemPerson.membership_id).join(
        WorkItemPerson, WorkItemPerson.work_item_id == WorkItem.id
    )
    rows: Any = session.execute(union_all(officers, team.where(here)))
    return {(row[0], row[1]) for row in rows}


def follow(session: Session, item: WorkItem, starts_on: Any, ends_on: Any) -> None:
    """An item in force has got other dates: so has its copy in an open revision, unless that has changed them itself.

    Args:
        starts_on, ends_on: what its dates were before.
    """
    revision = select(AnnualWorkPlan.id).where(
        AnnualWorkPlan.revises_id == item.work_plan_id, AnnualWorkPlan.status.in_(revising.OPEN)
    )
    query = select(WorkItem).where(
        WorkItem.revises_id == item.id, WorkItem.work_plan_id.in_(revision), WorkItem.starts_on == starts_on,
        WorkItem.ends_on == ends_on,
    )  # fmt: skip
    for copy in session.scalars(query):
        copy.starts_on, copy.ends_on = item.starts_on, item.ends_on


def _cancel_left_out(session: Session, actor: Actor, draft: AnnualWorkPlan) -> None:
    """What the revision leaves out is cancelled, unless it is done by now."""
    copy = aliased(WorkItem)
    query = select(WorkItem).join(copy, copy.revises_id == WorkItem.id).where(
        copy.work_plan_id == draft.id, copy.status == ItemStatus.CANCELLED,
        WorkItem.status.not_in((ItemStatus.COMPLETED, ItemStatus.CANCELLED)),
    )  # fmt: skip
    why, happened = f"Left out by a revision: {draft.revision_reason}", []
    for item in session.scalars(query.order_by(WorkItem.id)):
        happened.append((item, f"{item.code} {item.title}", {"status": (item.status, ItemStatus.CANCELLED)}))
        item.status, item.status_reason = ItemStatus.CANCELLED, why
    audit.record_many(session, actor, "work_items:cancel", happened, why)


def lay_aside(session: Session, actor: Actor, draft: AnnualWorkPlan) -> None:
    """A revision is given up: its codes are never drawn again, and what it carried over is left over again."""
    plan = session.get_one(AnnualWorkPlan, draft.revises_id)
    session.refresh(plan, with_for_update=True)
    plan.last_number = max(plan.last_number, draft.last_number)
    session.execute(
        update(WorkItem).where(WorkItem.work_plan_id == draft.id).values(carried_from_id=None),
        execution_options={"synchronize_session": False},
    )
    session.flush()


def _exchange_items(session: Session, copies: Mapping[int, int]) -> None:
    """Item and copy take each other's place and content, in one statement, in which each still sees what the other was.

    The copies also take what the items have come to, so that the archive tells how far the work plan was.
    """
    both = dict(copies) | {item_id: copy_id for copy_id, item_id in copies.items()}
    other, pairs, above = aliased(WorkItem), _pairs(both, "pairs"), _pairs(both, "above")
    content = [one.key for one in inspect(WorkItem).column_attrs if one.key not in _SAME]
    parent = func.coalesce(above.c.others, other.parent_id)  # what is new in the revision has no copy
    told = (
        select(pairs.c.mine, parent.label("parent_id"), *(getattr(other, name) for name in (*content, *LIFE)))
        .join(other, other.id == pairs.c.others)
        .outerjoin(above, above.c.mine == other.parent_id)
        .subquery("told")
    )
    is_copy = WorkItem.revises_id.is_not(None)
    values: dict[str, Any] = {name: told.c[name] for name in ("parent_id", *content)}
    values |= {name: case((is_copy, told.c[name]), else_=getattr(WorkItem, name)) for name in LIFE}
    values |= {"row_version": WorkItem.row_version + 1, "updated_at": WorkItem.updated_at}
    session.execute(
        update(WorkItem).where(WorkItem.id == told.c.mine).values(values),
        execution_options={"synchronize_session": False},
    )


def _exchange_links(
    session: Session, model: Any, columns: tuple[str, ...], copies: Mapping[int, int], plan_ids: tuple[int, int]
) -> None:
    """The same for people, places or predecessors; what stands in both alike stays where it is."""
    items = {item_id: copy_id for copy_id, item_id in copies.items()}
    names = ("work_item_id", *columns)

    def told(row: Any, by: Mapping[int, int]) -> tuple[Any, ...]:
        values = [(name, getattr(row, name)) for name in names]
        return tuple(by.get(value, value) if name in _OF_ITEMS else value for name, value in values)

    query = select(model).join(WorkItem, WorkItem.id == model.work_item_id).where(WorkItem.work_plan_id.in_(plan_ids))
    rows = session.scalars(query).all()
    before = {row: told(row, {}) for row in rows if row.work_item_id in items}
    after = {row: told(row, copies) for row in rows if row.work_item_id not in items}
    standing, wanted = set(before.values()), set(after.values())
    moves = {row: values for row, values in after.items() if values not in standing}
    moves |= {row: told(row, items) for row, values in before.items() if values not in wanted}
    for row, values in moves.items():
        for name, value in zip(names, values, strict=True):
            setattr(row, name, value)


def _bring_along(session: Session, draft: AnnualWorkPlan, copies: Mapping[int, int]) -> None:
    """New items lie in the items themselves; remarks and files on copies, and indicators, follow what is in force."""
    pairs = _pairs(copies, "pairs")
    statements: list[Any] = [
        update(WorkItem)
        .where(WorkItem.work_plan_id == draft.id, WorkItem.parent_id == pairs.c.mine)
        .values(parent_id=pairs.c.others),
        *(
            update(model).where(model.work_item_id == pairs.c.mine).values(work_item_id=pairs.c.others)
            for model in (Comment, Attachment)
        ),
        update(Indicator)
        .where(Indicator.annual_objective_id == AnnualObjective.revises_id, AnnualObjective.work_plan_id == draft.id)
        .values(annual_objective_id=AnnualObjective.id),
    ]
    for statement in statements:
        session.execute(statement, execution_options={"synchronize_session": False})


def _pairs(ids: Mapping[int, int], name: str) -> Any:
    """Pairs of ids as a table; the database sees how many they are and joins them accordingly."""
    columns = (literal(list(ids), ARRAY(BigInteger)), literal(list(ids.values()), ARRAY(BigInteger)))
    return func.unnest(*columns).table_valued("mine", "others").render_derived(name)


def _refuse_open_in_closed(session: Session, draft: AnnualWorkPlan) -> None:
    """A completed item has closed parts only (INV-13), also when it was completed while the revision was written."""
    part = aliased(WorkItem)
    query = select(WorkItem).join(part, part.parent_id == WorkItem.id).where(
        WorkItem.work_plan_id == draft.id, WorkItem.status.in_(CLOSED), part.status.not_in(CLOSED)
    )  # fmt: skip
    if (item := session.scalars(query.order_by(WorkItem.code).limit(1)).first()) is not None:
        what = ITEM_STATUS[item.status][0].lower()
        raise RuleBroken(
            f"{item.code} “{item.title}” is {what} by now, but the revision puts open work under it. Return it."
        )


def _start_what_holds_begun(session: Session, draft: AnnualWorkPlan) -> None:
    """What has begun may lie in something new, which then has begun as well."""
    part = aliased(WorkItem)
    query = select(WorkItem, func.min(part.started_on)).join(part, part.parent_id == WorkItem.id).where(
        WorkItem.work_plan_id == draft.id, WorkItem.status == ItemStatus.NOT_STARTED, part.started_on.is_not(None)
    )  # fmt: skip
    for _ in range(_DEPTH - 1):
        for item, first in session.execute(query.group_by(WorkItem.id)).all():
            item.status, item.started_on = ItemStatus.IN_PROGRESS, first
        session.flush()
