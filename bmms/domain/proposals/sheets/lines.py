"""The rows of a workbook of lines after the check, and the proposal as it would be with them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bmms.domain.appropriations.amounts import NONE, Amounts
from bmms.domain.imports import checked
from bmms.domain.imports.checked import Fate
from bmms.domain.proposals.figures import Asked, Measure, Meter, Sums, meter_of
from bmms.domain.proposals.labels import COLUMNS
from bmms.domain.proposals.lines import QUARTERS, amount_of, quarter_columns
from bmms.domain.proposals.sheets.contents import COLUMNS as OF_LINES
from bmms.domain.proposals.sheets.contents import Contents
from bmms.models.budgets import BudgetCall
from bmms.models.proposals import BudgetLine, Tier
from bmms.models.reference import ExpenseClass

MARKED = "Marked as above it, which this call does not allow"


@dataclass
class Line(checked.CheckedRow):
    """One row, checked.

    Attributes:
        line: the line that it changes; None for a new one.
        part_id: the program of the proposal under which it stands; 0 where that is not known.
        after: what the line would say, by the names of ANSWERS.
    """

    line: BudgetLine | None = None
    part_id: int = 0
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """A new line?"""
        return self.line is None

    @property
    def amount(self) -> Decimal:
        """What it would cost; only of a row in which nothing is wrong."""
        return amount_of(self.after["quantity"], self.after["unit_cost"])

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the line; only of a row in which nothing is wrong."""
        quarters = {name: self.after[name] for name in QUARTERS}
        return {**{name: self.after[name] for name in OF_LINES}, **quarter_columns(self.amount, quarters)}


@dataclass
class Checked(checked.Checked[Line]):
    """A whole file, checked against what the proposal says."""

    contents: Contents

    @property
    def now(self) -> Sums:
        """The proposal as it is."""
        lines = self.contents.lines
        return _summed((one.proposal_program_id, _asked(one.expense_class, one.tier, one.amount)) for one in lines)

    @property
    def before(self) -> Decimal:
        """What the proposal asks for now."""
        return self.now.whole.total

    @property
    def sums(self) -> Sums:
        """The proposal as it would be; only of a file in which nothing is wrong."""
        moved = {line.line.id: line for line in self.of(Fate.CHANGE) if line.line}
        asked: list[tuple[int, Asked]] = []
        for one in self.contents.lines:
            row = moved.get(one.id)
            if row is None:
                asked.append((one.proposal_program_id, _asked(one.expense_class, one.tier, one.amount)))
            else:
                asked.append((one.proposal_program_id, self._asked(row)))
        return _summed([*asked, *((row.part_id, self._asked(row)) for row in self.of(Fate.CREATE))])

    @property
    def changes(self) -> Decimal:
        """By how much the rows of the file raise or lower the total; only of a file in which nothing is wrong."""
        created = sum((row.amount for row in self.of(Fate.CREATE)), NONE)
        return created + sum((row.amount - row.line.amount for row in self.of(Fate.CHANGE) if row.line), NONE)

    def _asked(self, row: Line) -> Asked:
        code = self.contents.objects[row.after["object_code"]]
        return _asked(code.expense_class, row.after["tier"], row.amount)

    @property
    def meter(self) -> Meter | None:
        """How it would stand to its ceiling; only of a file in which nothing is wrong."""
        return meter_of(self.sums, self.contents.call)

    @property
    def over(self) -> list[Measure]:
        """Where it would ask for more than can be submitted (BP-07); only of a file in which nothing is wrong."""
        return [measure for measure in _measures(self.sums, self.contents.call) if measure.is_over]

    @property
    def raised(self) -> list[Measure]:
        """What of this the file itself brings about: where the proposal asks for less now."""
        now = {measure.label: measure.asked for measure in _measures(self.now, self.contents.call)}
        return [measure for measure in self.over if measure.asked > now[measure.label]]


def told(measures: Iterable[Measure]) -> str:
    """By how much each is too much, in words."""
    return "; ".join(f"{one.label}: ₱ {-one.left:,.2f} too much" for one in measures)


def _measures(sums: Sums, call: BudgetCall | None) -> list[Measure]:
    """All that the ceiling of a call is held against at the submission."""
    meter = meter_of(sums, call)
    if meter is None or call is None:
        return []
    marked = [] if call.above_ceiling else [Measure(MARKED, meter.above, NONE)]
    return [meter.whole, *meter.classes, *marked]


def _summed(lines: Iterable[tuple[int, Asked]]) -> Sums:
    found: dict[int, Asked] = {}
    for part_id, asked in lines:
        found[part_id] = found.get(part_id, Asked()) + asked
    return Sums(found)


def _asked(expense_class: ExpenseClass, tier: Tier, amount: Decimal) -> Asked:
    amounts = Amounts(**{COLUMNS[expense_class]: amount})
    return Asked(1, above=amounts) if tier == Tier.ABOVE else Asked(1, within=amounts)
