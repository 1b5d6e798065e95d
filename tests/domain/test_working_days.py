"""Working days against a slow oracle: the list of all working days around, counted by position."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bmms.domain.reference.working_days import (
    add_working_days,
    is_working_day,
    next_working_day,
    working_days_between,
)

DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
HOLIDAYS = st.frozensets(DAYS, max_size=60)
EVERY_DAY = [date(2024, 1, 1) + timedelta(days=n) for n in range(6 * 366)]
WEEKDAYS = [day for day in EVERY_DAY if day.strftime("%A") not in ("Saturday", "Sunday")]
patient = settings(deadline=None)  # the oracle is slow, and the machine may be busy

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 1, day) for day in (16, 17, 18, 19))
WEDNESDAY_OFF, THURSDAY = date(2026, 1, 21), date(2026, 1, 22)  # Bangsamoro Foundation Day
OFF = frozenset({WEDNESDAY_OFF})


def all_working_days(holidays: frozenset[date]) -> list[date]:
    return [day for day in WEEKDAYS if day not in holidays]


@patient
@given(DAYS, st.integers(1, 120), HOLIDAYS)
def test_forward_is_the_nth_working_day_after_the_start(start, n, holidays):
    after = [day for day in all_working_days(holidays) if day > start]
    assert add_working_days(start, n, holidays) == after[n - 1]


@patient
@given(DAYS, st.integers(1, 120), HOLIDAYS)
def test_backward_is_the_nth_working_day_before_the_start(start, n, holidays):
    before = [day for day in all_working_days(holidays) if day < start]
    assert add_working_days(start, -n, holidays) == before[-n]


@patient
@given(DAYS, HOLIDAYS)
def test_zero_is_the_first_working_day_from_the_start_on(start, holidays):
    assert add_working_days(start, 0, holidays) == next(day for day in all_working_days(holidays) if day >= start)


@patient
@given(DAYS, DAYS, HOLIDAYS)
def test_between_counts_the_working_days_after_the_start_up_to_the_end(one, other, holidays):
    start, end = sorted((one, other))
    working = all_working_days(holidays)
    assert working_days_between(start, end, holidays) == sum(start < day <= end for day in working)
    assert working_days_between(end, start, holidays) == -sum(start <= day < end for day in working)


@patient
@given(DAYS, st.integers(-120, 120).filter(bool), HOLIDAYS)
@example(SATURDAY, 1, OFF)
@example(WEDNESDAY_OFF, -1, OFF)
def test_between_undoes_adding(start, n, holidays):
    assert working_days_between(start, add_working_days(start, n, holidays), holidays) == n


@patient
@given(DAYS, HOLIDAYS)
def test_the_next_working_day_lies_after_the_day(day, holidays):
    found = next_working_day(day, holidays)
    assert found > day
    assert is_working_day(found, holidays)
    assert not any(is_working_day(day + timedelta(days=n), holidays) for n in range(1, (found - day).days))


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (FRIDAY, 1, MONDAY),
        (SATURDAY, 1, MONDAY),
        (MONDAY, 2, THURSDAY),  # over the holiday
        (WEDNESDAY_OFF, 1, THURSDAY),  # a letter that came on a holiday
        (WEDNESDAY_OFF, 0, THURSDAY),  # a due date on a holiday moves forward
        (MONDAY, 0, MONDAY),
        (SATURDAY, 0, MONDAY),
        (THURSDAY, -1, date(2026, 1, 20)),
        (SUNDAY, -1, FRIDAY),
        (MONDAY, -1, FRIDAY),
    ],
)
def test_examples_as_an_officer_counts_them(start, n, end):
    assert add_working_days(start, n, OFF) == end


def test_only_weekdays_that_are_no_holidays_are_working_days():
    week = [date(2026, 1, 19) + timedelta(days=n) for n in range(7)]
    assert [is_working_day(day, OFF) for day in week] == [True, True, False, True, True, False, False]
