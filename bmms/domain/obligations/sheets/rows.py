"""The rows of a list after the check, and the requests that they make."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.imports import checked
from bmms.domain.obligations.rules import Line
from bmms.domain.obligations.sheets.contents import Contents
from bmms.models.obligations import Obligation


@dataclass
class Row(checked.CheckedRow):
    """One row: a line of a request. `values` by the fields of the layout, only what could be read."""

    values: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """All rows are."""
        return True

    @property
    def line(self) -> Line:
        """As rules look at it; faults are told at the number of its row."""
        return Line(
            self.values.get("account"), self.values.get("object"), self.values.get("amount"), self.values.get("item"),
            self.row.number,
        )  # fmt: skip


@dataclass
class Request:
    """One request: the rows that name it, and the document, once all that it needs could be read."""

    name: str
    rows: list[Row]
    document: Obligation | None = None

    @property
    def lines(self) -> list[Line]:
        """Its lines."""
        return [one.line for one in self.rows]


@dataclass
class Checked(checked.Checked[Row]):
    """A whole list, checked."""

    contents: Contents
    requests: Sequence[Request] = ()
    odd: dict[int, str] = field(default_factory=dict)  # number of a row to what needs a consent

    @property
    def total(self) -> Decimal:
        """What could be read of the amounts; pesos."""
        return sum((one.values.get("amount") or NONE for one in self.lines), NONE)
