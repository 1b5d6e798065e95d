"""What a planner does with the work items of a draft: the tree, people, places, predecessors (modules 1.2, 1.3)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.attachments import actions as attachments
from bmms.domain.errors import RuleBroken
from bmms.domain.organizations import pilot_limits
from bmms.domain.planning import order
from bmms.domain.planning.labels import ITEM_STATUS
from bmms.domain.planning.revising import given_up
from bmms.domain.planning.subjects import WORK_ITEM
from bmms.domain.subjects import Subject
from bmms.domain.workplans import queries, rules
from bmms.domain.workplans.places import Gazetteer
from bmms.domain.workplans.rules import begin
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization
from bmms.models.work import (
    AnnualObjective,
    AnnualWorkPlan,
    ItemKind,
    ItemStatus,
    WorkItem,
    WorkItemPerson,
    WorkItemPlace,
    WorkItemPredecessor,
)
from bmms.tenancy import scope_of

Answers = Mapping[str, Any]
LINKS = ("people", "places", "predecessors")  # answers that stand in rows of their own
LEFT_OUT = "Left out by this revision."
BETWEEN_CODES = re.compile(r"[\s,;]+")


def add_item(
    session: Session,
    actor: Actor,
    plan: AnnualWorkPlan,
    objective: AnnualObjective,
    parent: WorkItem | None,
    answers: Answers,
) -> WorkItem:
    """Add a project, activity, task or milestone at the end.

    Args:
        parent: the item it lies under; None: directly under the annual objective.
        answers: columns of WorkItem, and `people` (membership ids), `places` (one text, a place a line) and
            `predecessors` (codes in one text, or only their last digits).

    Raises:
        RuleBroken: the plan is shut, the tree (PL-13), the dates (PL-12) or a figure is wrong, or the pilot is full.
    """
    begin(session, actor, plan)
    columns, links = _split(answers)
    _require_sound(session, plan, columns, parent)
    rules.require_tags(columns.get("tags") or ())
    rules.require_open_parent(parent)
    if columns["kind"] == ItemKind.ACTIVITY:
        require_room(session, plan, 1)
    siblings = _siblings(objective.id, parent.id if parent else None)
    item = WorkItem(
        **columns, work_plan_id=plan.id, annual_objective_id=objective.id, parent_id=parent.id if parent else None,
        ordinal=order.next_place(session, WorkItem, siblings), code=draw_codes(session, plan, 1)[0],
        is_demo=plan.is_demo,
    )  # fmt: skip
    session.add(item)
    if parent is not None:
        parent.has_children = True
    session.flush()
    _link(session, item, links)
    audit.record(
        session, actor, "work_items:create", item, label=f"{item.code} {item.title}", title=(None, item.title),
        kind=(None, item.kind), starts_on=(None, item.starts_on), ends_on=(None, item.ends_on),
    )  # fmt: skip
    return item


def change_item(
    session: Session, actor: Actor, plan: AnnualWorkPlan, item: WorkItem, answers: Answers, **ways: Any
) -> None:
    """Change an item; its kind and its place in the tree stay. Raises RuleBroken, Conflicts."""
    begin(session, actor, plan)
    columns, links = _split(answers)
    had = list(item.tags)
    changes = merging.save(session, item, _one_day(item.kind, columns), **ways)
    rules.require_tags(item.tags, had)
    parent = session.get(WorkItem, item.parent_id) if item.parent_id else None
    with session.no_autoflush:
        _require_sound(session, plan, {name: getattr(item, name) for name in {*columns, "kind"}}, parent)
        rules.require_room_for_children(session, item)
    now = linked(session, item)
    links = merging.save_linked(now, {name: _plain(name, value) for name, value in links.items()}, **ways)
    _link(session, item, links)
    changes |= {name: (now[name], value) for name, value in links.items()}
    if changes:
        audit.record(session, actor, "work_items:change", item, label=f"{item.code} {item.title}", **changes)


def remove_item(session: Session, actor: Actor, plan: AnnualWorkPlan, item: WorkItem) -> None:
    """Remove an item of a draft with all that lies under it; in a revision, what is in force is left out instead.

    Raises:
        RuleBroken: the plan is shut, it is closed, or items in force and new ones lie in each other.
    """
    begin(session, actor, plan)
    branch = queries.branch_of(session, item)
    _require_of_one_sort(branch)
    if item.revises_id is not None:
        _leave_out(session, actor, branch)
        return
    for one in branch:
        attachments.remove_all(session, actor, Subject(WORK_ITEM, one))
    audit.record(session, actor, "work_items:delete", plan, label=f"{item.code} {item.title}")
    parent_id = item.parent_id
    order.take_out(session, item, _siblings(item.annual_objective_id, parent_id))
    _count_children(session, parent_id)


def _leave_out(session: Session, actor: Actor, branch: Sequence[WorkItem]) -> None:
    """Mark an item of a revision as left out, with its open parts; coming into force, the revision cancels them."""
    item = branch[0]
    if item.status in (ItemStatus.COMPLETED, ItemStatus.CANCELLED):
        raise RuleBroken(f"It is {ITEM_STATUS[item.status][0].lower()} and cannot be left out.")
    for one in branch:
        if one.status != ItemStatus.COMPLETED:
            one.status, one.status_reason = ItemStatus.CANCELLED, LEFT_OUT
    audit.record(session, actor, "work_items:leave_out", item, label=f"{item.code} {item.title}")


def take_back(session: Session, actor: Actor, plan: AnnualWorkPlan, item: WorkItem) -> None:
    """What a revision has left out is part of it again, with what lies under it.

    Raises:
        RuleBroken: the plan is shut, it is not left out, or what it lies in is.
    """
    begin(session, actor, plan)
    rules.require_open_parent(session.get(WorkItem, item.parent_id) if item.parent_id else None)
    left_out = [one for one in queries.branch_of(session, item) if one.is_left_out]
    standing = select(WorkItem).where(WorkItem.id.in_([one.revises_id for one in left_out]))
    by_id: dict[int | None, WorkItem] = {one.id: one for one in session.scalars(standing)}
    taken = [one for one in left_out if _take_back(one, by_id[one.revises_id])]
    if item not in taken:
        raise RuleBroken("This is not left out by the revision.")
    audit.record(session, actor, "work_items:take_back", item, label=f"{item.code} {item.title}")


def _take_back(copy: WorkItem, standing: WorkItem) -> bool:
    """What is cancelled in the plan in force as well stays so."""
    copy.status, copy.status_reason, copy.progress = standing.status, standing.status_reason, standing.progress
    return standing.status != ItemStatus.CANCELLED


def place_item(
    session: Session, actor: Actor, plan: AnnualWorkPlan, item: WorkItem, *, objective_id: int, parent_code: str
) -> None:
    """Put an item, with what lies under it, at the end under another item or directly under an annual objective.

    Args:
        objective_id: the annual objective under which it lies if no parent is named.
        parent_code: of an item of the same work plan, or only its last digits; empty: none.

    Raises:
        RuleBroken: the plan is shut, or the tree (PL-13) or the dates (PL-12) would be wrong.
        NotFound: the work plan has no such objective.
    """
    begin(session, actor, plan)
    parent = _item_of(session, item, parent_code, "parent_code") if parent_code.strip() else None
    rules.require_place(session, plan, item, parent)
    rules.require_open_parent(parent)
    before, old_parent_id = (item.annual_objective_id, item.parent_id), item.parent_id
    objective_id = parent.annual_objective_id if parent else queries.get_objective(session, plan, objective_id).id
    if before == (objective_id, parent.id if parent else None):
        return
    order.close_gap(session, item, _siblings(*before))
    siblings = _siblings(objective_id, parent.id if parent else None)
    item.ordinal = order.next_place(session, WorkItem, siblings)
    item.parent_id = parent.id if parent else None
    for one in queries.branch_of(session, item):
        one.annual_objective_id = objective_id
    session.flush()
    for one_id in (old_parent_id, item.parent_id):
        _count_children(session, one_id)
    audit.record(
        session, actor, "work_items:place", item, label=f"{item.code} {item.title}",
        objective=(before[0], objective_id), parent=(before[1], item.parent_id),
    )  # fmt: skip


def _count_children(session: Session, parent_id: int | None) -> None:
    if parent_id is not None:
        parent = session.get_one(WorkItem, parent_id)
        parent.has_children = bool(session.scalar(select(exists().where(WorkItem.parent_id == parent_id))))
    session.flush()


def _require_of_one_sort(branch: Sequence[WorkItem]) -> None:
    """An item in force is left out and a new one is deleted; neither can take the other along."""
    for one in branch:
        if (one.revises_id is None) != (branch[0].revises_id is None):
            what = "new in this revision. Remove it" if one.revises_id is None else "in force. Move it elsewhere"
            raise RuleBroken(f"{one.code} “{one.title}”, which lies under it, is {what} first.")


def move_item(session: Session, actor: Actor, plan: AnnualWorkPlan, item: WorkItem, by: int) -> None:
    """Put an item one place up (-1) or down (1) among its siblings. Raises RuleBroken when the plan is shut."""
    begin(session, actor, plan)
    before = item.ordinal
    if order.move(session, item, _siblings(item.annual_objective_id, item.parent_id), by):
        audit.record(
            session, actor, "work_items:move", item, label=f"{item.code} {item.title}", place=(before, before + by)
        )


def linked(session: Session, item: WorkItem, gazetteer: Gazetteer | None = None) -> dict[str, Any]:
    """What stands in the rows around an item now, as the form gives and takes it, in one statement or two."""
    gazetteer, links = gazetteer or Gazetteer(session), queries.links_of(session, item)
    return {
        "people": sorted(links.team),
        "places": "\n".join(gazetteer.write(*one) for one in links.places),
        "predecessors": ", ".join(sorted(links.predecessors)),
    }


def draw_codes(session: Session, plan: AnnualWorkPlan, count: int) -> list[str]:
    """Codes such as `MOH-2026-PPA-0007`, never drawn twice; the work plan must be locked (`begin`)."""
    organization = session.get_one(Organization, scope_of(session).organization_id)
    first = plan.last_number + 1
    plan.last_number += count
    return [f"{organization.code}-{plan.fiscal_year}-PPA-{number:04d}" for number in range(first, first + count)]


def require_room(session: Session, plan: AnnualWorkPlan, adding: int) -> None:
    """Does the pilot allow so many more activities? Those of demo plans are not counted. Raises RuleBroken."""
    if plan.is_demo or not adding:
        return
    organization = session.get_one(Organization, scope_of(session).organization_id)
    pilot_limits.check_limit(session, organization, "max_activities", adding)


def _activities(session: Session, organization: Organization) -> int:
    query = select(func.count()).where(
        WorkItem.organization_id == organization.id, WorkItem.kind == ItemKind.ACTIVITY, ~WorkItem.is_demo,
        WorkItem.revises_id.is_(None),
        WorkItem.work_plan_id.not_in(select(AnnualWorkPlan.id).where(given_up(AnnualWorkPlan))),
    )  # fmt: skip
    return session.scalar(query) or 0


pilot_limits.register("max_activities", "activities", _activities)


def _split(answers: Answers) -> tuple[dict[str, Any], dict[str, Any]]:
    columns = {name: value for name, value in answers.items() if name not in LINKS}
    if "kind" in columns:
        columns = _one_day(columns["kind"], columns)
    return columns, {name: answers[name] for name in LINKS if name in answers}


def _one_day(kind: ItemKind, columns: dict[str, Any]) -> dict[str, Any]:
    """A milestone is its last day."""
    return {**columns, "starts_on": columns["ends_on"]} if kind == ItemKind.MILESTONE else columns


def _require_sound(session: Session, plan: AnnualWorkPlan, columns: Answers, parent: WorkItem | None) -> None:
    rules.require_nesting(columns["kind"], parent)
    rules.require_dates(
        plan, columns["starts_on"], columns["ends_on"], is_multi_year=columns.get("is_multi_year", False), parent=parent
    )
    rules.require_sound_figures(columns)
    rules.require_known(session, columns)


def _siblings(objective_id: int, parent_id: int | None) -> Any:
    under = WorkItem.parent_id == parent_id if parent_id else WorkItem.parent_id.is_(None)
    return (WorkItem.annual_objective_id == objective_id) & under


def _plain(name: str, value: Any) -> Any:
    """An answer in the one way in which `linked` writes it, so that the two can be compared."""
    if name == "predecessors":
        return ", ".join(sorted(part for part in BETWEEN_CODES.split(value.strip().upper()) if part))
    return value if name == "places" else sorted(set(value))


def _link(session: Session, item: WorkItem, links: Answers) -> None:
    if "people" in links:
        _link_people(session, item, links["people"])
    if "places" in links:
        _link_places(session, item, links["places"])
    if "predecessors" in links:
        _link_predecessors(session, item, links["predecessors"])
    session.flush()


def _link_people(session: Session, item: WorkItem, wanted: Sequence[int]) -> None:
    here = select(Membership.id).where(
        Membership.id.in_(wanted), Membership.organization_id == scope_of(session).organization_id
    )
    found = set(session.scalars(here))
    if found != set(wanted):
        raise RuleBroken("Choose people who work here.", field="people")
    session.execute(delete(WorkItemPerson).where(WorkItemPerson.work_item_id == item.id))
    session.add_all(WorkItemPerson(work_item_id=item.id, membership_id=one) for one in sorted(found))


def _link_places(session: Session, item: WorkItem, wanted: str) -> None:
    pairs = Gazetteer(session).read(wanted)
    session.execute(delete(WorkItemPlace).where(WorkItemPlace.work_item_id == item.id))
    for psgc, barangay in pairs:
        session.add(WorkItemPlace(work_item_id=item.id, psgc=psgc, barangay=barangay))
        session.flush()


def _item_of(session: Session, item: WorkItem, typed: str, field: str) -> WorkItem:
    """The item of the same work plan with this code, or with these last digits."""
    typed = typed.strip().upper()
    code = typed if "-" in typed else f"{item.code.rsplit('-', 1)[0]}-{typed:>04}"
    query = select(WorkItem).where(WorkItem.work_plan_id == item.work_plan_id, WorkItem.code == code)
    if (found := session.scalar(query)) is None:
        raise RuleBroken(f"This work plan has no item {typed}.", field=field)
    return found


def _link_predecessors(session: Session, item: WorkItem, codes: str) -> None:
    found: dict[int, WorkItem] = {}
    for typed in filter(None, BETWEEN_CODES.split(codes)):
        one = _item_of(session, item, typed, "predecessors")
        found[one.id] = one
    session.execute(delete(WorkItemPredecessor).where(WorkItemPredecessor.work_item_id == item.id))
    if found:
        rules.require_acyclic(session, item, found)
    session.add_all(WorkItemPredecessor(work_item_id=item.id, predecessor_id=one) for one in sorted(found))
