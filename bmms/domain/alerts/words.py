"""What an alert says in plain words, with its figures and what they are measured against."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bmms.models.alerts import AlertKind as K
from bmms.models.alerts import BudgetAlert


class Facts:
    """The figures of an alert as people read them."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.raw = facts

    def pesos(self, name: str) -> str:
        """₱ 1,250.00"""
        return f"₱ {Decimal(self.raw[name]):,.2f}"

    def share(self, name: str) -> str:
        """12.5 %"""
        return f"{Decimal(self.raw[name]).normalize():,f} %"

    def day(self, name: str) -> str:
        """5 May 2026"""
        day = date.fromisoformat(self.raw[name])
        return f"{day.day} {day:%B %Y}"

    def has(self, name: str) -> bool:
        """Is it there, and not zero?"""
        return bool(Decimal(self.raw.get(name, 0)))


def said_of(alert: BudgetAlert) -> str:
    """One or two sentences."""
    return _SAID[alert.kind](Facts(alert.facts))


def _near(facts: Facts) -> str:
    return (
        f"{facts.pesos('obligated')} of an allotment of {facts.pesos('allotted')} are obligated, {facts.share('rate')}."
    )


def _slow(facts: Facts) -> str:
    return (
        f"On {facts.day('ends_on')} {facts.pesos('obligated')} of an appropriation of {facts.pesos('appropriated')} "
        f"were obligated, {facts.share('rate')}. The target is {facts.share('target')}; less than "
        f"{facts.share('limit')} is slow."
    )


def _idle(facts: Facts) -> str:
    return (
        f"Nothing of {facts.pesos('unpaid')} was paid within {facts.raw['limit']} days after "
        f"{facts.day('expected_on')}, when payment was expected."
    )


def _validity(facts: Facts) -> str:
    told = []
    if facts.has("unobligated"):
        told.append(f"{facts.pesos('unobligated')} of {facts.pesos('appropriated')} appropriated are not obligated")
    if facts.has("unpaid"):
        told.append(f"{facts.pesos('unpaid')} of {facts.pesos('obligated')} obligated are not paid")
    return f"{' and '.join(told)}; the last day for it is {facts.day('ends_on')}."


def _unreleased(facts: Facts) -> str:
    return (
        f"{facts.pesos('unreleased')} of an appropriation of {facts.pesos('appropriated')} are not released, "
        f"{facts.share('rate')}. After June not more than {facts.share('limit')} should be left."
    )


def _off(facts: Facts) -> str:
    month = f"{date.fromisoformat(facts.raw['month']):%B %Y}"
    if not facts.has("programmed"):
        return f"In {month} {facts.pesos('obligated')} were obligated; nothing was programmed for it."
    return (
        f"In {month} {facts.pesos('obligated')} were obligated of {facts.pesos('programmed')} programmed, "
        f"{facts.share('rate')}. More than {facts.share('limit')} away is too far."
    )


def _differs(facts: Facts) -> str:
    told = ". ".join(facts.raw["told"])
    more = int(facts.raw["differences"]) - len(facts.raw["told"])
    return f"{told}. {f'And {more} more. ' if more else ''}The platform team looks into it."


def _ahead(facts: Facts) -> str:
    return (
        f"{facts.pesos('paid')} of a planned cost of {facts.pesos('planned_cost')} are paid, {facts.share('rate')}; "
        f"physical progress is {facts.share('progress')}. The gap is more than {facts.share('limit')[:-2]} points."
    )


def _refused(facts: Facts) -> str:
    return (
        f"{facts.raw['times']} requests or postings were refused for lack of room on {facts.day('ends_on')}. "
        f"The last one asked for {facts.pesos('asked')}; there were {facts.pesos('available')}."
    )


_SAID: Mapping[K, Callable[[Facts], str]] = {
    K.NEAR_LIMIT: _near,
    K.SLOW: _slow,
    K.IDLE: _idle,
    K.VALIDITY: _validity,
    K.UNRELEASED: _unreleased,
    K.PROGRAM: _off,
    K.RECONCILIATION: _differs,
    K.GAP: _ahead,
    K.REFUSED: _refused,
}
