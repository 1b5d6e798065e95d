"""The rules of work plans and work items that hold at every saving (modules 1.3); those of submission: `checks.py`."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning.labels import ITEM_STATUS
from bmms.domain.workplans.labels import TAGS
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.programs import Program
from bmms.models.work import AnnualWorkPlan, ItemKind, WorkItem, WorkItemPredecessor
from bmms.tenancy import scope_of

MOST_PEOPLE, MOST_PESOS, CENTAVO = 1_000_000_000, Decimal(10**13), Decimal("0.01")
K = ItemKind
Waits = Mapping[Hashable, Collection[Hashable]]
NESTING = {
    None: (K.PROJECT, K.ACTIVITY),
    K.PROJECT: (K.ACTIVITY, K.MILESTONE),
    K.ACTIVITY: (K.TASK, K.MILESTONE),
    K.TASK: (),
    K.MILESTONE: (),
}  # PL-13: each kind lies deeper than its parent's, so the tree has no cycles and is three deep at most


def require_open(plan: AnnualWorkPlan) -> None:
    """Content changes only in a draft or returned work plan (PL-16).

    Raises:
        RuleBroken: it has been submitted.
    """
    if not plan.is_open:
        raise RuleBroken(
            "This work plan is submitted and cannot be changed. Withdraw it, or open a revision once it is active."
        )


def begin(session: Session, actor: Actor, plan: AnnualWorkPlan) -> None:
    """One at a time changes the order and the number of parts and draws codes. Raises RuleBroken: the plan is shut."""
    actor.require(Permission.PLAN_EDIT)
    session.refresh(plan, with_for_update={"key_share": True})
    require_open(plan)


def require_year(session: Session, plan: StrategicPlan, fiscal_year: int, own: AnnualWorkPlan | None = None) -> None:
    """PL-10: inside the years of an approved or active strategic plan, and the only one of its year.

    Raises:
        RuleBroken: naming the field.
    """
    if plan.status not in (PlanStatus.APPROVED, PlanStatus.ACTIVE):
        raise RuleBroken("A work plan is begun in an approved or active strategic plan.", field="plan_id")
    if not plan.start_year <= fiscal_year <= plan.end_year:
        raise RuleBroken(f"The strategic plan runs {plan.years}. Choose one of these years.", field="fiscal_year")
    twin = select(AnnualWorkPlan.title).where(
        AnnualWorkPlan.fiscal_year == fiscal_year,
        AnnualWorkPlan.status != PlanStatus.ARCHIVED,
        AnnualWorkPlan.revises_id.is_(None) | AnnualWorkPlan.status.in_((PlanStatus.ACTIVE, PlanStatus.COMPLETED)),
        AnnualWorkPlan.id.not_in({own.id, own.revises_id} - {None} if own else ()),
    )
    if (title := session.scalar(twin.limit(1))) is not None:
        raise RuleBroken(f"{fiscal_year} has its work plan already: {title}. Go on with that one.", field="fiscal_year")


def require_nesting(kind: ItemKind, parent: WorkItem | None) -> None:
    """PL-13: what can lie under what.

    Raises:
        RuleBroken: naming the field.
    """
    if kind not in NESTING[parent.kind if parent else None]:
        where = f"under a {parent.kind.value}" if parent else "directly under an annual objective"
        article = "An" if kind == ItemKind.ACTIVITY else "A"
        raise RuleBroken(f"{article} {kind.value} cannot lie {where}.", field="kind")


def require_place(session: Session, plan: AnnualWorkPlan, item: WorkItem, parent: WorkItem | None) -> None:
    """PL-12 and PL-13 for an item that is put under another one (None: directly under an annual objective).

    Raises:
        RuleBroken: naming the field.
    """
    try:
        require_nesting(item.kind, parent)
        require_dates(plan, item.starts_on, item.ends_on, is_multi_year=item.is_multi_year, parent=parent)
    except RuleBroken as broken:
        raise RuleBroken(str(broken), field="parent_code") from broken
    if parent is None:
        return
    mine, above = _below(session, item) | {item.id}, _above(session, parent) | {parent.id}
    link = WorkItemPredecessor
    tied = exists().where(
        (link.work_item_id.in_(mine) & link.predecessor_id.in_(above))
        | (link.work_item_id.in_(above) & link.predecessor_id.in_(mine))
    )
    if session.scalar(select(tied)):
        raise RuleBroken(
            "It waits for what it would be a part of, or the other way round. Take out that predecessor first.",
            field="parent_code",
        )


def require_open_parent(parent: WorkItem | None) -> None:
    """Only in a revision are there closed items; nothing is put under them (INV-13).

    Raises:
        RuleBroken: naming the item above.
    """
    if parent is not None and parent.is_closed:
        what = "left out" if parent.is_left_out else ITEM_STATUS[parent.status][0].lower()
        raise RuleBroken(f"{parent.code} “{parent.title}” is {what}; nothing goes under it.")


def require_dates(
    plan: AnnualWorkPlan, starts_on: date, ends_on: date, *, is_multi_year: bool, parent: WorkItem | None
) -> None:
    """PL-12: in order, inside the parent, and inside the fiscal year unless it spans several.

    Raises:
        RuleBroken: naming the field.
    """
    if ends_on < starts_on:
        raise RuleBroken("The end lies before the start.", field="ends_on")
    if parent is not None:
        _require_within(starts_on, ends_on, parent.starts_on, parent.ends_on, f"“{parent.title}”, which runs")
    if not is_multi_year:
        year = plan.fiscal_year
        called = f"the fiscal year {year}. Say that it spans several years, or stay within"
        _require_within(starts_on, ends_on, date(year, 1, 1), date(year, 12, 31), called)


def _require_within(starts_on: date, ends_on: date, first: date, last: date, called: str) -> None:
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if not first <= day <= last:
            raise RuleBroken(f"{day.day} {day:%B %Y} lies outside {called} {span_of(first, last)}.", field=field)


def span_of(first: date, last: date) -> str:
    """`1 January 2026 to 30 June 2026`."""
    return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"


def require_room_for_children(session: Session, item: WorkItem) -> None:
    """PL-12 from above: who shortens an item may not cut off what lies under it.

    Raises:
        RuleBroken: naming the field.
    """
    query = select(func.min(WorkItem.starts_on), func.max(WorkItem.ends_on)).where(WorkItem.parent_id == item.id)
    require_room_between(item, *session.execute(query).one())


def require_room_between(item: WorkItem, first: date | None, last: date | None) -> None:
    """The same where the first start and the last end of what lies under it are known. Raises RuleBroken."""
    if first is not None and first < item.starts_on:
        raise RuleBroken(f"Something under it starts on {first.day} {first:%B %Y} already.", field="starts_on")
    if last is not None and last > item.ends_on:
        raise RuleBroken(f"Something under it ends on {last.day} {last:%B %Y} only.", field="ends_on")


def require_sound_figures(answers: Mapping[str, Any]) -> None:
    """People and pesos are not negative, and women and men are not more than all.

    Raises:
        RuleBroken: naming the field.
    """
    total, female, male = (answers.get(name) for name in ("beneficiaries", "female", "male"))
    for name in ("beneficiaries", "female", "male"):
        if not 0 <= (answers.get(name) or 0) <= MOST_PEOPLE:
            raise RuleBroken(f"This lies between 0 and {MOST_PEOPLE:,}.", field=name)
    cost = answers.get("planned_cost")
    if cost is not None and not 0 <= cost < MOST_PESOS:
        raise RuleBroken("A cost is 0 or more, and below ten trillion pesos.", field="planned_cost")
    if cost is not None and cost != cost.quantize(CENTAVO):
        raise RuleBroken("A cost has two places for centavos, not more.", field="planned_cost")
    if total is None and (female is not None or male is not None):
        raise RuleBroken("Type how many there are in all.", field="beneficiaries")
    if total is not None and (female or 0) + (male or 0) > total:
        raise RuleBroken(f"Women and men are more than the {total} in all.", field="beneficiaries")


def require_tags(tags: Collection[str], had: Collection[str] = ()) -> None:
    """Tags come from the list; what an item has already may stay.

    Raises:
        RuleBroken: naming the field.
    """
    if strange := sorted(set(tags) - set(had) - set(TAGS)):
        raise RuleBroken(f"There is no tag “{strange[0][:40]}”. Choose from the list.", field="tags")


_KNOWN = (
    ("officer_id", Membership, "Choose somebody who works here."),
    ("owner_id", Membership, "Choose somebody who works here."),
    ("unit_id", Unit, "Choose a unit of this organization."),
    ("program_id", Program, "Choose a program of the register."),
)


def require_known(session: Session, answers: Mapping[str, Any]) -> None:
    """Whoever and whatever is named belongs to this organization.

    Raises:
        RuleBroken: naming the field.
    """
    for name, model, message in _KNOWN:
        if answers.get(name) is None:
            continue
        here = exists().where(model.id == answers[name], model.organization_id == scope_of(session).organization_id)
        if not session.scalar(select(here)):
            raise RuleBroken(message, field=name)


def require_acyclic(session: Session, item: WorkItem, predecessors: Mapping[int, WorkItem]) -> None:
    """PL-13: nothing waits for itself, not even over others; and no item waits for what it is a part of.

    Raises:
        RuleBroken: naming the field and the item that closes the ring.
    """
    kin = _below(session, item) | _above(session, item)
    require_strangers(item.id, {one.id: one.code for one in predecessors.values()}, kin)
    waits = select(WorkItemPredecessor.predecessor_id.label("id")).where(
        WorkItemPredecessor.work_item_id.in_(predecessors)
    )
    before = waits.cte(recursive=True)
    further = select(WorkItemPredecessor.predecessor_id).join(before, before.c.id == WorkItemPredecessor.work_item_id)
    before = before.union(further)
    if session.scalar(select(before.c.id).where(before.c.id == item.id).limit(1)):
        raise in_a_ring()


def in_a_ring() -> RuleBroken:
    """What to say where an item would wait for itself over others."""
    return RuleBroken("These wait for this item already, over one or more steps. Take one out.", field="predecessors")


def require_strangers(item: Hashable, predecessors: Mapping[Any, str], kin: Collection[Hashable]) -> None:
    """Nothing waits for itself, nor for what lies above or below it.

    Args:
        item: whatever names it.
        predecessors: what names each of them, to its code.
        kin: what names everything above and below the item.

    Raises:
        RuleBroken: naming the field.
    """
    for one, code in predecessors.items():
        if one == item:
            raise RuleBroken("An item cannot wait for itself.", field="predecessors")
        if one in kin:
            raise RuleBroken(f"{code} is part of this or holds it; it cannot come before it.", field="predecessors")


def on_rings(waits: Waits) -> set[Hashable]:
    """Of a whole work plan: what waits for itself over others, or lies between two such rings. Linear in the plan.

    Args:
        waits: what names an item, to what names its predecessors.
    """
    followers: dict[Hashable, list[Hashable]] = defaultdict(list)
    for item, before in waits.items():
        for one in before:
            followers[one].append(item)
    return _left_over(_left_over(set(waits), waits, followers), followers, waits)


def _left_over(
    items: set[Hashable],
    ahead: Mapping[Hashable, Collection[Hashable]],
    behind: Mapping[Hashable, Collection[Hashable]],
) -> set[Hashable]:
    """Without those that have nothing ahead, again and again."""
    counts = {item: sum(one in items for one in ahead.get(item, ())) for item in items}
    free = [item for item, count in counts.items() if not count]
    while free:
        item = free.pop()
        for one in behind.get(item, ()):
            if one in counts:
                counts[one] -= 1
                if not counts[one]:
                    free.append(one)
    return {item for item, count in counts.items() if count}


def _below(session: Session, item: WorkItem) -> set[int]:
    found: set[int] = set()
    level = [item.id]
    while level := list(session.scalars(select(WorkItem.id).where(WorkItem.parent_id.in_(level)))):
        found.update(level)
    return found


def _above(session: Session, item: WorkItem) -> set[int]:
    found: set[int] = set()
    parent_id = item.parent_id
    while parent_id is not None:
        found.add(parent_id)
        parent_id = session.scalar(select(WorkItem.parent_id).where(WorkItem.id == parent_id))
    return found
