"""What both formats are read into, and how a file is refused as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bmms.domain.errors import RuleBroken

MOST_ROWS = 5_000


class UnreadableFile(RuleBroken):
    """A file that cannot be imported as a whole; nothing of it was looked at."""


@dataclass(frozen=True)
class RawRow:
    """One row that is not blank, numbered as a spreadsheet numbers it: the header is 1, blank rows count."""

    number: int
    cells: Sequence[str]
    formulas: Mapping[int, str] = field(default_factory=dict)  # place of the cell to its name, such as D7
