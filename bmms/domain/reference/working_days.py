"""Working days: the one place that counts them (Monday to Friday, less the non-working holidays).

`holidays` are the non-working days, national and Bangsamoro, as `queries.non_working_days` gives them; special working
days are no part of it. All functions count days as periods are counted in law: the first day is left out, the last one
counts. "Reply within 3 working days" of a letter that came on `day` ends on `add_working_days(day, 3, holidays)`,
whether or not the letter came on a working day.
"""

from collections.abc import Container
from datetime import date, timedelta

SATURDAY = 5
ONE_DAY = timedelta(days=1)


def is_working_day(day: date, holidays: Container[date]) -> bool:
    """Is this a day on which offices work?"""
    return day.weekday() < SATURDAY and day not in holidays


def add_working_days(start: date, n: int, holidays: Container[date]) -> date:
    """The working day that lies n working days away from `start`.

    Args:
        n: 1 is the first working day after `start`, -1 the last one before it. 0 is `start` itself, or when that is no
            working day the first one after it: a due date that falls on a holiday moves forward.
    """
    step = ONE_DAY if n >= 0 else -ONE_DAY
    day, left = start, abs(n)
    while left:
        day += step
        left -= is_working_day(day, holidays)
    while not is_working_day(day, holidays):
        day += step
    return day


def working_days_between(start: date, end: date, holidays: Container[date]) -> int:
    """How many working days lie after `start`, up to and including `end`.

    Negative when `end` lies before `start`: then from `end` up to, but without, `start`. So it undoes
    `add_working_days`: `working_days_between(day, add_working_days(day, n, holidays), holidays) == n` for each n but 0.
    """
    if end < start:
        return -working_days_between(start=end - ONE_DAY, end=start - ONE_DAY, holidays=holidays)
    days = (start + timedelta(days=passed) for passed in range(1, (end - start).days + 1))
    return sum(is_working_day(day, holidays) for day in days)


def next_working_day(day: date, holidays: Container[date]) -> date:
    """The first working day after this one."""
    return add_working_days(day, 1, holidays)
