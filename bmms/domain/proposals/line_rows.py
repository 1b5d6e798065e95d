"""A line of a proposal as pages print it: names instead of codes, the quarters as shares."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from bmms.domain.appropriations.amounts import shares
from bmms.domain.proposals.entries import Known
from bmms.domain.proposals.labels import SOURCE
from bmms.domain.proposals.lines import COLUMNS_OF_QUARTERS
from bmms.models.proposals import BudgetLine, Tier
from bmms.models.reference import ExpenseClass


@dataclass(frozen=True)
class LineRow:
    """What a row says of a line; pesos."""

    id: int
    proposal_id: int
    part_id: int
    description: str
    object: str
    kind: ExpenseClass
    place: str  # empty as long as nobody has said where
    source: str
    is_above: bool  # the ceiling
    gender: Decimal | None  # as a fraction of the amount; None where nothing of it is for gender and development
    quantity: Decimal
    unit: str
    unit_cost: Decimal
    amount: Decimal
    quarters: tuple[tuple[str, Decimal | None], ...]


def row_of(line: BudgetLine, known: Known) -> LineRow:
    """One line."""
    return LineRow(
        id=line.id,
        proposal_id=line.proposal_id,
        part_id=line.proposal_program_id,
        description=line.description,
        object=known.object_code(line.object_code),
        kind=line.expense_class,
        place=known.place(line.place_psgc),
        source=SOURCE[line.source],
        is_above=line.tier == Tier.ABOVE,
        gender=line.gad_percent / 100 if line.gad_percent else None,
        quantity=line.quantity,
        unit=line.unit,
        unit_cost=line.unit_cost,
        amount=line.amount,
        quarters=quarter_shares(line),
    )


def rows_of(lines: Iterable[BudgetLine], known: Known) -> list[LineRow]:
    """Lines in their order."""
    return [row_of(line, known) for line in lines]


def quarter_shares(line: BudgetLine) -> tuple[tuple[str, Decimal | None], ...]:
    """Q1 to Q4 as fractions of the amount, without those in which nothing falls; the shown percentages come to 100."""
    amounts = {f"Q{number}": getattr(line, column) for number, column in enumerate(COLUMNS_OF_QUARTERS, 1)}
    return tuple((name, share) for name, share in shares(amounts).items() if amounts[name])
