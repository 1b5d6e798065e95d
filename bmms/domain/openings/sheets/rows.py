"""The rows of the workbook after the check, and what becomes of them: remainders, and unpaid obligations."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.imports import checked
from bmms.domain.imports.table import Table
from bmms.domain.openings.labels import TOTALS
from bmms.domain.openings.sheets.contents import Contents

Key = tuple[int, str | None]  # account and object


@dataclass
class Line(checked.CheckedRow):
    """One row of either sheet; `values` by the fields of its layout, only what could be read."""

    table: Table
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """All rows are: the workbook takes the place of what was imported before."""
        return True

    @property
    def key(self) -> Key:
        """Account and object; only of a row in which these could be read."""
        return self.values["account"], self.values.get("object_code")

    def amount(self, name: str) -> Decimal:
        """Pesos; nothing is zero."""
        return self.values.get(name) or NONE


@dataclass
class Position(Line):
    """An account and object in one quarter."""

    @property
    def quarter(self) -> int:
        """1 to 4."""
        return self.values["quarter"]


@dataclass
class Unpaid(Line):
    """A line of an obligation that is not paid in full.

    Attributes:
        quarter: in which it was incurred.
        payments: quarter to what of `paid` was paid in it.
    """

    quarter: int = 0
    payments: dict[int, Decimal] = field(default_factory=dict)

    @property
    def due(self) -> Decimal:
        """Due and demandable, paid or not; what is paid was due."""
        return max(self.amount("due"), self.amount("paid"))


@dataclass
class Checked(checked.Checked[Line]):
    """The whole workbook, checked. `unpaid_table` is none where the sheet Unpaid has no rows."""

    contents: Contents
    unpaid_table: Table | None = None

    @property
    def position(self) -> list[Position]:
        """The rows of the sheet Position."""
        return [line for line in self.lines if isinstance(line, Position)]

    @property
    def unpaid(self) -> list[Unpaid]:
        """The rows of the sheet Unpaid."""
        return [line for line in self.lines if isinstance(line, Unpaid)]

    @property
    def totals(self) -> dict[str, Decimal]:
        """What the sheet Position comes to: allotted, obligated, disbursed."""
        return {name: sum((line.amount(name) for line in self.position), NONE) for name in TOTALS}

    def handed_back(self) -> bytes:
        """The workbook with what is wrong written into both sheets; empty when nothing is."""
        content = b""
        for table in (self.table, self.unpaid_table):
            wrong = {one.row.number: one.problems for one in self.lines if one.problems and one.table is table}
            if table is not None and wrong:
                content = replace(table, content=content or table.content).handed_back(wrong)
        return content


@dataclass(frozen=True)
class Entry:
    """A line of the opening position: of a document where `unpaid` says which; pesos."""

    account_id: int
    object_code: str | None
    quarter: int
    allotted: Decimal = NONE
    obligated: Decimal = NONE
    due: Decimal = NONE
    disbursed: Decimal = NONE
    unpaid: Unpaid | None = None

    @property
    def is_nothing(self) -> bool:
        """Is there no amount in it?"""
        return not (self.allotted or self.obligated or self.due or self.disbursed)


def pay_in_quarters(position: Iterable[Position], unpaid: Iterable[Unpaid]) -> list[Unpaid]:
    """Find out in which quarters the paid parts were paid: each in the earliest from its own on that has payments left.

    Returns:
        those for which the payments of the sheet Position do not suffice.
    """
    left: dict[Key, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: NONE))
    for row in position:
        left[row.key][row.quarter] += row.amount("disbursed")
    short = []
    for one in sorted(unpaid, key=lambda each: each.quarter):
        wanted, one.payments = one.amount("paid"), {}
        for quarter in range(one.quarter, 5):
            taken = min(wanted, max(left[one.key][quarter], NONE))
            if taken:
                one.payments[quarter] = taken
                left[one.key][quarter] -= taken
                wanted -= taken
        if wanted:
            short.append(one)
    return short


def entries_of(position: Iterable[Position], unpaid: Iterable[Unpaid], last: int) -> list[Entry]:
    """What is posted: each unpaid line by itself, and what the rows of the sheet Position say beside them.

    Args:
        last: the quarter of the cut-over, in which what is due became so at the latest.
    """
    rest: dict[tuple[int, str | None, int], dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(TOTALS, NONE))
    for row in position:
        for name in TOTALS:
            rest[(*row.key, row.quarter)][name] += row.amount(name)
    found = []
    for one in unpaid:
        rest[(*one.key, one.quarter)]["obligated"] -= one.amount("amount")
        for quarter, paid in one.payments.items():
            rest[(*one.key, quarter)]["disbursed"] -= paid
        found += _of_line(one, last)
    plain = [
        Entry(*key, allotted=one["allotted"], obligated=one["obligated"], disbursed=one["disbursed"])
        for key, one in sorted(rest.items(), key=lambda each: str(each[0]))
    ]
    return [one for one in [*plain, *found] if not one.is_nothing]


def _of_line(one: Unpaid, last: int) -> list[Entry]:
    """The line quarter by quarter. What is due and not paid became due by the cut-over."""
    entries = []
    for quarter in sorted({one.quarter, *one.payments, last}):
        paid = one.payments.get(quarter, NONE)
        due = paid + (one.due - one.amount("paid") if quarter == last else NONE)
        obligated = one.amount("amount") if quarter == one.quarter else NONE
        entries.append(Entry(*one.key, quarter, obligated=obligated, due=due, disbursed=paid, unpaid=one))
    return entries
