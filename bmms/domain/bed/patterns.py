"""How an amount is laid over twelve months. Pure figures: pesos in, pesos out, exact to the centavo."""

from collections.abc import Sequence
from decimal import Decimal

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.money import CENTAVO

SHARES = {
    "equal": (25, 25, 25, 25),
    "front": (40, 30, 20, 10),
    "back": (10, 20, 30, 40),
    "rising": (20, 30, 30, 20),
}  # percent of the year in each quarter (modules 2.6)
IN_QUARTER = 3  # months


def over_months(whole: Decimal, quarters: Sequence[Decimal | int]) -> list[Decimal]:
    """Twelve amounts that come to the whole, each quarter by its weight and evenly over its months.

    Args:
        quarters: four weights; amounts that come to the whole are kept as they are. All zero: equal quarters.
    """
    weights = [_centavos(one) for one in quarters] if any(quarters) else [1] * 4
    total, together = _centavos(whole), sum(weights)
    found, before, weight = list[Decimal](), 0, 0
    for quarter in weights:
        for month in range(1, IN_QUARTER + 1):
            upto = total * (weight * IN_QUARTER + quarter * month) // (together * IN_QUARTER)
            found.append((upto - before) * CENTAVO)
            before = upto
        weight += quarter
    return found


def _centavos(amount: Decimal | int) -> int:
    return int(amount * 100)


def paid_later(obligations: Sequence[Decimal], lag: int) -> list[Decimal]:
    """What is obligated is paid so many months later; what falls behind December is left for the next year."""
    return [NONE] * lag + list(obligations[: len(obligations) - lag])


def by_quarter(months: Sequence[Decimal]) -> list[Decimal]:
    """Four sums."""
    return [sum(months[at : at + IN_QUARTER], NONE) for at in range(0, len(months), IN_QUARTER)]


def first_unpaid_month(obligations: Sequence[Decimal], disbursements: Sequence[Decimal]) -> int | None:
    """The first month (1 to 12) by whose end more is paid than obligated."""
    left = NONE
    for month, (obligated, paid) in enumerate(zip(obligations, disbursements, strict=True), 1):
        left += obligated - paid
        if left < 0:
            return month
    return None
