"""A work plan over the months: bars of projects, activities and milestones, and the same by month (modules 1.6).

Positions are percent of the time that is shown, so that a chart never has to shrink.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bmms.domain.workplans.schedule import Light, light_of
from bmms.models.reference import Holiday
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemKind, WorkItem

MOST_ROWS = 200  # more are grouped: only what lies directly under an annual objective is shown
SHOWN = (ItemKind.PROJECT, ItemKind.ACTIVITY, ItemKind.MILESTONE)
QUARTERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Span:
    """From where to where a bar goes, in percent."""

    x: Decimal
    width: Decimal


@dataclass(frozen=True)
class Window:
    """The time that is shown: a year, or one quarter of it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def at(self, day: date) -> Decimal:
        """Where the morning of a day lies, in percent."""
        return _percent(Decimal(100) * (day - self.first).days / self.days)

    def span(self, start: date, end: date) -> Span | None:
        """The part of a period that can be seen; None when nothing of it can."""
        start, end = max(start, self.first), min(end, self.last)
        if end < start:
            return None
        x = self.at(start)
        return Span(x, self.at(end + timedelta(days=1)) - x)

    @property
    def ticks(self) -> list[tuple[str, Decimal]]:
        """The months, or the weeks of a quarter: label and place."""
        if self.days > 100:
            return [(f"{date(self.first.year, n, 1):%b}", self.at(date(self.first.year, n, 1))) for n in range(1, 13)]
        monday = self.first + timedelta(days=-self.first.weekday() % 7)
        mondays = [monday + timedelta(weeks=n) for n in range(14) if monday + timedelta(weeks=n) <= self.last]
        return [(f"{day.day} {day:%b}", self.at(day)) for day in mondays]


@dataclass(frozen=True)
class Line:
    """One item as the chart and the list show it."""

    item: WorkItem
    depth: int
    light: Light
    plan: Span | None
    done: Span | None  # the part of the plan that is reached
    actual: Span | None


@dataclass(frozen=True)
class Timeline:
    """What the page shows."""

    window: Window
    lines: list[tuple[AnnualObjective, Line]]  # in the order of the tree
    today: Decimal | None
    holidays: list[Span]
    is_grouped: bool
    left_out: int  # lines beyond the most that one view shows

    @property
    def groups(self) -> list[tuple[AnnualObjective, list[Line]]]:
        """The lines by annual objective."""
        found = groupby(self.lines, key=lambda one: one[0])
        return [(objective, [line for _, line in inside]) for objective, inside in found]

    @property
    def months(self) -> list[tuple[date, list[Line]]]:
        """The lines by the month of their end, for phones and print."""
        lines = sorted((line for _, line in self.lines), key=lambda line: line.item.ends_on)
        found = groupby(lines, key=lambda line: line.item.ends_on.replace(day=1))
        return [(month, list(inside)) for month, inside in found]


def window_of(year: int, quarter: int | None) -> Window:
    """The fiscal year, or a quarter of it."""
    if quarter not in QUARTERS:
        return Window(date(year, 1, 1), date(year, 12, 31))
    after = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return Window(date(year, quarter * 3 - 2, 1), after - timedelta(days=1))


def timeline_of(
    session: Session,
    plan: AnnualWorkPlan,
    today: date,
    *,
    quarter: int | None = None,
    among: ColumnElement[bool] | None = None,
    light: Light | None = None,
    most: int | None = MOST_ROWS,
) -> Timeline:
    """The timeline in four statements: what falls into the window, in the order of the tree.

    Args:
        most: how many rows one view holds; None for all of them, as on paper.
        among: only items of which this is true.
        light: only items with this schedule light.
    """
    window = window_of(plan.fiscal_year, quarter)
    inside = (
        (WorkItem.work_plan_id == plan.id)
        & WorkItem.kind.in_(SHOWN)
        & (WorkItem.starts_on <= window.last)
        & (WorkItem.ends_on >= window.first)
    )
    inside = inside if among is None else inside & among
    count = session.scalar(select(func.count(WorkItem.id)).where(inside)) or 0
    is_grouped = most is not None and count > most
    query = select(WorkItem).where(inside).order_by(WorkItem.ordinal, WorkItem.id).limit(most)
    items = session.scalars(query.where(WorkItem.parent_id.is_(None)) if is_grouped else query).all()
    lines = [line for line in _lines(items, window, today) if light is None or line.light == light]
    objectives = {
        objective.id: objective
        for objective in session.scalars(select(AnnualObjective).where(AnnualObjective.work_plan_id == plan.id))
    }
    placed = [(objectives[line.item.annual_objective_id], line) for line in lines]
    return Timeline(
        window,
        sorted(placed, key=lambda one: one[0].ordinal),
        window.at(today) if window.first <= today <= window.last else None,
        _holidays(session, window),
        is_grouped,
        count - len(items),
    )


def _lines(items: Sequence[WorkItem], window: Window, today: date) -> list[Line]:
    """Each item behind its parent; one whose parent is not among them stands by itself."""
    ids = {item.id for item in items}
    below: dict[int | None, list[WorkItem]] = defaultdict(list)
    for item in items:
        below[item.parent_id if item.parent_id in ids else None].append(item)
    found: list[Line] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for item in below[parent_id]:
            found.append(_line(item, depth, window, today))
            walk(item.id, depth + 1)

    walk(None, 0)
    return found


def _line(item: WorkItem, depth: int, window: Window, today: date) -> Line:
    days = (item.ends_on - item.starts_on).days + 1
    reached = item.starts_on + timedelta(days=int(days * item.progress / 100) - 1)
    actual = window.span(item.started_on, item.finished_on or today) if item.started_on else None
    return Line(
        item, depth, light_of(item, today), window.span(item.starts_on, item.ends_on),
        window.span(item.starts_on, reached) if item.progress > 0 and reached >= item.starts_on else None, actual,
    )  # fmt: skip


def _holidays(session: Session, window: Window) -> list[Span]:
    query = select(Holiday.day).where(Holiday.day.between(window.first, window.last)).distinct()
    return [span for day in session.scalars(query.order_by(Holiday.day)) if (span := window.span(day, day))]


def _percent(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"))
