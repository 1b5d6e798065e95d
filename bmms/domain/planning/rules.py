"""The rules of strategic plans that hold at every saving (modules 1.3); those of submission are in `checks.py`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bmms.domain.errors import RuleBroken
from bmms.models.indicators import Direction, Measure
from bmms.models.planning import StrategicPlan

FIRST_YEAR, LONGEST = 2020, 10


def require_years(answers: Mapping[str, Any]) -> None:
    """PL-01: from 2020 on, in order, at most ten years.

    Raises:
        RuleBroken: naming the field.
    """
    start, end = answers["start_year"], answers["end_year"]
    if start < FIRST_YEAR:
        raise RuleBroken(f"A plan begins in {FIRST_YEAR} or later.", field="start_year")
    if end < start:
        raise RuleBroken(f"The last year lies before the first. Choose {start} or later.", field="end_year")
    if end - start + 1 > LONGEST:
        message = f"A plan spans at most {LONGEST} years; {start} to {start + LONGEST - 1} would fit."
        raise RuleBroken(message, field="end_year")


def require_dates_in(plan: StrategicPlan, starts_on: date | None, target_on: date | None) -> None:
    """PL-08: the dates of an objective are in order and inside the years of the plan.

    Raises:
        RuleBroken: naming the field.
    """
    first, last = date(plan.start_year, 1, 1), date(plan.end_year, 12, 31)
    for field, day in (("starts_on", starts_on), ("target_on", target_on)):
        if day and not first <= day <= last:
            raise RuleBroken(f"{day:%d %B %Y} lies outside the plan, which runs {plan.years}.", field=field)
    if starts_on and target_on and target_on < starts_on:
        raise RuleBroken("The target date lies before the start.", field="target_on")


def require_sound_kpi(answers: Mapping[str, Any]) -> None:
    """PL-07: the target fits the direction, a percentage lies between 0 and 100.

    Raises:
        RuleBroken: with a message for each field that is wrong.
    """
    problems = dict(_kpi_problems(answers))
    if problems:
        (field, message), *others = problems.items()
        raise RuleBroken(message, field=field, **dict(others))


def _kpi_problems(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    baseline, target = answers.get("baseline"), answers.get("end_target")
    found: list[tuple[str, str]] = []
    if answers.get("baseline_pending") and baseline is not None:
        found.append(("baseline", "Either give the baseline, or say that there is none yet."))
    if baseline is not None and target is not None:
        found += _against_direction(answers["direction"], baseline, target)
    if answers["measure"] == Measure.PERCENTAGE and not answers.get("may_exceed"):
        found += [
            (field, "A percentage lies between 0 and 100, unless it may exceed 100.")
            for field, value in (("baseline", baseline), ("end_target", target))
            if value is not None and not 0 <= value <= 100
        ]
    if (answers.get("tolerance") or 0) < 0:
        found.append(("tolerance", "The tolerance is 0 or more."))
    return found


def _against_direction(direction: Direction, baseline: Decimal, target: Decimal) -> list[tuple[str, str]]:
    if direction == Direction.INCREASE and target <= baseline:
        return [
            ("end_target", f"More is better, so the target must be above the baseline of {baseline.normalize():f}.")
        ]
    if direction == Direction.DECREASE and target >= baseline:
        return [
            ("end_target", f"Less is better, so the target must be below the baseline of {baseline.normalize():f}.")
        ]
    return []
