"""Amounts of an act by class, and the classes themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

NONE = Decimal("0.00")
CLASSES = {
    "ps": "PS",
    "mooe": "MOOE",
    "finex": "FinEx",
    "co": "CO",
    "unclassed": "Class not stated",
}  # the columns of every table of acts, in the order in which acts print them


@dataclass(frozen=True)
class Amounts:
    """Pesos by class; `unclassed` is what an act gives without naming a class."""

    ps: Decimal = NONE
    mooe: Decimal = NONE
    finex: Decimal = NONE
    co: Decimal = NONE
    unclassed: Decimal = NONE

    @property
    def total(self) -> Decimal:
        """The sum over the classes."""
        return self.ps + self.mooe + self.finex + self.co + self.unclassed

    @property
    def columns(self) -> dict[str, Decimal]:
        """By the names of the columns, the total with them."""
        return {**{name: getattr(self, name) for name in CLASSES}, "total": self.total}

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(*(getattr(self, name) + getattr(other, name) for name in CLASSES))

    def __sub__(self, other: "Amounts") -> "Amounts":
        return Amounts(*(getattr(self, name) - getattr(other, name) for name in CLASSES))

    def only(self, names: Iterable[str]) -> "Amounts":
        """These classes, nothing in the others."""
        return Amounts(**{name: getattr(self, name) for name in names})

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in CLASSES)


def summed(parts: Iterable[Amounts]) -> Amounts:
    """The sum of all."""
    total = Amounts()
    for part in parts:
        total += part
    return total


def known_sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the amounts that anybody has said; None, and no zero, where nobody has."""
    said = [amount for amount in amounts if amount is not None]
    return sum(said, NONE) if said else None


def shares(amounts: Mapping[str, Decimal], places: int = 1) -> dict[str, Decimal | None]:
    """The share of each in the whole, as a fraction of one; the shown percentages add up to 100 exactly.

    What rounding leaves goes to those with the largest remainders. None for each where there is no whole to divide.

    Args:
        amounts: pesos, none of them negative.
        places: of the percentage.
    """
    whole = sum(amounts.values(), NONE)
    if whole <= 0:
        return dict.fromkeys(amounts)
    units = 100 * 10**places
    exact = {key: amount * units / whole for key, amount in amounts.items()}
    floors = {key: int(value) for key, value in exact.items()}
    left = units - sum(floors.values())
    for key in sorted(exact, key=lambda one: exact[one] - floors[one], reverse=True)[:left]:
        floors[key] += 1
    return {key: Decimal(count) / units for key, count in floors.items()}
