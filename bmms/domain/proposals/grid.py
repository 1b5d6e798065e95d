"""Program by class beside the acts of two years: the table of a proposal, on its pages and on paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bmms.domain.appropriations.amounts import Amounts, known_sum
from bmms.domain.proposals.comparatives import Before
from bmms.domain.proposals.figures import Sums
from bmms.domain.proposals.programs import Figures
from bmms.domain.proposals.queries import Chosen


@dataclass(frozen=True)
class GridRow:
    """One program, what lies outside the proposal, or all of it; pesos."""

    program: Chosen | None
    before: tuple[Decimal, ...]  # what the acts gave, the earlier year first
    planned: Decimal | None  # None as long as no class has a planning figure
    asked: Amounts

    @property
    def change(self) -> Decimal | None:
        """Against the act of the year before."""
        return change_of(self.asked.total, self.before[-1])


@dataclass(frozen=True)
class Grid:
    """The rows in their rank, at the end what belongs to no program of the proposal; and all of them together."""

    rows: tuple[GridRow, ...]
    whole: GridRow


def grid_of(programs: Sequence[Chosen], years: Sequence[Before], sums: Sums, figures: Mapping[int, Figures]) -> Grid:
    """The table of a proposal."""
    rows = []
    for one in programs:
        part_id = one.part.id
        planned = known_sum([row.planning_figure for row in figures.get(part_id, {}).values()])
        before = tuple(year.of(part_id).total for year in years)
        rows.append(GridRow(one, before, planned, sums.of(part_id).amounts))
    if any(year.outside for year in years):
        rows.append(GridRow(None, tuple(year.outside.total for year in years), None, Amounts()))
    before, planned = tuple(year.whole.total for year in years), known_sum([row.planned for row in rows])
    return Grid(tuple(rows), GridRow(None, before, planned, sums.whole.amounts))


def change_of(asked: Decimal, last: Decimal) -> Decimal | None:
    """As a fraction of what the act of the year before gave; None where it gave nothing."""
    return (asked - last) / last if last else None
