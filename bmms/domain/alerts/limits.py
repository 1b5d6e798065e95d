"""From when on an organization wants to be alerted: the defaults of modules 2.9, or what its administrator set."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.models.alerts import AlertKind as K
from bmms.models.alerts import AlertLimits

Limits = Mapping[str, Decimal | int]
PER_CENT, POINTS, DAYS, TIMES = "%", "points", "days", "times"


@dataclass(frozen=True)
class Limit:
    """One figure that can be set: of which alert, what it says, in which unit, from and to what."""

    kind: K
    label: str
    unit: str
    least: int
    most: int

    @property
    def is_whole(self) -> bool:
        """Is it a number of days or times?"""
        return self.unit in (DAYS, TIMES)


LIMITS: Mapping[str, Limit] = {
    "near_info": Limit(K.NEAR_LIMIT, "For information from this share of the allotment obligated", PER_CENT, 1, 99),
    "near_warning": Limit(K.NEAR_LIMIT, "Warning from this share (critical at 100 %)", PER_CENT, 1, 99),
    "target_q1": Limit(K.SLOW, "To be obligated of the appropriation by the end of March", PER_CENT, 1, 100),
    "target_q2": Limit(K.SLOW, "By the end of June", PER_CENT, 1, 100),
    "target_q3": Limit(K.SLOW, "By the end of September", PER_CENT, 1, 100),
    "target_q4": Limit(K.SLOW, "By the end of December", PER_CENT, 1, 100),
    "slow_below": Limit(K.SLOW, "Warning from so far below the target, in per cent of the target", PER_CENT, 0, 100),
    "least_q2": Limit(K.SLOW, "Critical below this share at mid-year", PER_CENT, 0, 100),
    "least_q3": Limit(K.SLOW, "Critical below this share after the third quarter", PER_CENT, 0, 100),
    "idle_days": Limit(K.IDLE, "Without payment for so many days after the expected date", DAYS, 1, 1000),
    "validity_info": Limit(K.VALIDITY, "For information so many days before the end", DAYS, 2, 365),
    "validity_warning": Limit(K.VALIDITY, "Warning so many days before", DAYS, 1, 364),
    "validity_critical": Limit(K.VALIDITY, "Critical so many days before", DAYS, 0, 363),
    "unreleased": Limit(K.UNRELEASED, "Not released after June: more than this share", PER_CENT, 0, 100),
    "program": Limit(K.PROGRAM, "Obligated in a month: off by more than this share of the program", PER_CENT, 0, 999),
    "gap": Limit(K.GAP, "Share paid above physical progress: more than so many points", POINTS, 0, 100),
    "refusals": Limit(K.REFUSED, "Refused on one account in a day at least", TIMES, 1, 1000),
}  # fmt: skip
ORDERED = (
    ("near_info", "near_warning", True), ("target_q1", "target_q2", False), ("target_q2", "target_q3", False),
    ("target_q3", "target_q4", False), ("validity_warning", "validity_info", True),
    ("validity_critical", "validity_warning", True),
)  # fmt: skip  # the first is below the second, or where it is not strict, the same


def default_of(name: str) -> Decimal | int:
    """What counts where nothing is set."""
    told = Decimal(AlertLimits.__table__.c[name].server_default.arg)
    return int(told) if LIMITS[name].is_whole else told


def stored(session: Session) -> AlertLimits | None:
    """What the organization has set; None as long as the defaults count."""
    return session.scalar(select(AlertLimits))


def limits_of(session: Session) -> Limits:
    """The figures that count."""
    row = stored(session)
    return {name: getattr(row, name) if row else default_of(name) for name in LIMITS}


def wrong_in(values: Mapping[str, Any]) -> dict[str, str]:
    """Field name to what is wrong with its figure, and what to type."""
    wrong = {}
    for name, limit in LIMITS.items():
        value = values.get(name)
        if value is None or not limit.least <= value <= limit.most:
            wrong[name] = f"Type a figure from {limit.least} to {limit.most}."
        elif value != round(value, 0 if limit.is_whole else 2):
            wrong[name] = "Type a whole number." if limit.is_whole else "Type two decimals at most."
    for lower, upper, strict in ORDERED:
        if lower in wrong or upper in wrong:
            continue
        if values[lower] > values[upper] or (strict and values[lower] == values[upper]):
            wrong[upper] = f"This is {'above' if strict else 'not below'} “{LIMITS[lower].label}” ({values[lower]:g})."
    return wrong
