"""How an item does against its dates: expected progress and the schedule light (modules 1.5). Pure functions."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from bmms.models.work import ItemStatus, WorkItem

GREEN_FROM, AMBER_FROM = Decimal("0.90"), Decimal("0.70")


class Light(StrEnum):
    """Actual progress against what the calendar expects."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"  # nothing is expected yet, or nothing any more
    BLUE = "blue"  # completed


def expected(starts_on: date, ends_on: date, today: date) -> Decimal:
    """Which part of its days is over, from 0 to 100; a day counts once it is over."""
    days = (ends_on - starts_on).days + 1
    return Decimal(100) * min(max((today - starts_on).days, 0), days) / days


def light(status: ItemStatus, progress: Decimal, starts_on: date, ends_on: date, today: date) -> Light:
    """The schedule light."""
    if status == ItemStatus.COMPLETED:
        return Light.BLUE
    due = expected(starts_on, ends_on, today)
    if due == 0 or status in (ItemStatus.DEFERRED, ItemStatus.CANCELLED):
        return Light.GREY
    ratio = progress / due
    return Light.GREEN if ratio >= GREEN_FROM else (Light.AMBER if ratio >= AMBER_FROM else Light.RED)


def light_of(item: WorkItem, today: date) -> Light:
    """The schedule light of an item."""
    return light(item.status, item.progress, item.starts_on, item.ends_on, today)


def is_overdue(item: WorkItem, today: date) -> bool:
    """Is its last day past, and is it not closed? Computed, never stored."""
    return item.ends_on < today and not item.is_closed
