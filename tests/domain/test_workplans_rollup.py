"""Roll-ups: bounded, equal to a naive recomputation, and only the path to the root is touched; the schedule light."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bmms.domain.workplans.rollup import Child, add_up, mean_by_weight, mean_of_items, of_parent
from bmms.domain.workplans.schedule import Light, expected, light
from bmms.models.work import ItemStatus

percents = st.decimals(0, 100, places=2)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@st.composite
def children(draw, *, with_cost=None):
    start = draw(days)
    has_cost = draw(st.booleans()) if with_cost is None else with_cost
    return Child(
        draw(percents), start, start + timedelta(days=draw(st.integers(0, 400))),
        draw(st.decimals(0, 10**9, places=2)) if has_cost else None,
    )  # fmt: skip


def naive(found: list[Child]) -> Decimal | None:
    """By the words of the rule: cost if all have one, else days."""
    if not found:
        return None
    weights = [child.cost for child in found]
    if None in weights or not sum(weights):
        weights = [Decimal(child.days) for child in found]
    mean = sum(w * child.progress for w, child in zip(weights, found, strict=True)) / sum(weights)
    return mean.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(st.lists(st.one_of(children(), children(with_cost=True)), max_size=12))
def test_the_mean_of_items_is_bounded_and_as_the_rule_says(found):
    mean = mean_of_items(add_up(found))
    assert mean == naive(found)
    assert mean is None or min(one.progress for one in found) <= mean + Decimal("0.01")
    assert mean is None or 0 <= mean <= 100


@given(st.lists(children(with_cost=True), min_size=1, max_size=12))
def test_planned_cost_weighs_if_all_have_one(found):
    assert mean_of_items(add_up(found)) == naive(found)


@given(st.lists(st.tuples(st.decimals("0.01", 100, places=2), st.none() | percents), max_size=8))
def test_weighted_means_are_bounded_and_skip_what_has_no_progress(parts):
    mean = mean_by_weight(parts)
    counted = [(weight, progress) for weight, progress in parts if progress is not None]
    if not counted:
        assert mean is None
        return
    total = sum(w * p for w, p in counted) / sum(w for w, _ in counted)
    assert mean == total.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert min(p for _, p in counted) <= mean <= max(p for _, p in counted)


def test_without_weights_all_count_alike():
    assert mean_by_weight([(None, Decimal(0)), (None, Decimal(100)), (Decimal(90), Decimal(50))]) == 50


def test_a_90_percent_child_does_not_count_as_nothing():
    first = Child(Decimal(90), date(2026, 1, 1), date(2026, 1, 10), None)
    second = Child(Decimal(0), date(2026, 1, 1), date(2026, 1, 30), None)
    assert mean_of_items(add_up([first, second])) == Decimal("22.50")


@pytest.mark.parametrize(("status", "progress"), [(ItemStatus.COMPLETED, 100), (ItemStatus.IN_PROGRESS, 0)])
def test_a_parent_under_which_nothing_counts(status, progress):
    assert of_parent(status, add_up([])) == progress


@given(days, st.integers(0, 400), days)
def test_expected_progress_is_bounded_and_grows(start, length, today):
    end = start + timedelta(days=length)
    assert 0 <= expected(start, end, today) <= expected(start, end, today + timedelta(days=1)) <= 100


FIRST, LAST = date(2026, 1, 1), date(2026, 4, 10)  # 100 days


@pytest.mark.parametrize(
    ("progress", "after", "wanted"),
    [
        (0, 0, Light.GREY),
        (0, 1, Light.RED),
        (45, 50, Light.GREEN),
        ("44.99", 50, Light.AMBER),
        (35, 50, Light.AMBER),
        ("34.99", 50, Light.RED),
        (99, 500, Light.GREEN),
        (60, 500, Light.RED),
    ],
)
def test_the_schedule_light(progress, after, wanted):
    today = FIRST + timedelta(days=after)
    assert light(ItemStatus.IN_PROGRESS, Decimal(progress), FIRST, LAST, today) == wanted


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (ItemStatus.COMPLETED, Light.BLUE),
        (ItemStatus.DEFERRED, Light.GREY),
        (ItemStatus.CANCELLED, Light.GREY),
        (ItemStatus.BLOCKED, Light.RED),
    ],
)
def test_the_light_of_what_is_not_going_on(status, wanted):
    assert light(status, Decimal(10), FIRST, LAST, LAST) == wanted
