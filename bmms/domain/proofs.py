"""Exact-sum proof: each page and document with money says that its rows come to what their source says."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Proof:
    """So many rows with this sum against the sum of their source; pesos."""

    rows: int
    nouns: tuple[str, str]  # one of its rows and several: body, bodies
    total: Decimal
    source_total: Decimal
    source: str  # where the second sum stands
    here: int | None = None  # so many of the rows on this page, where others stand on further pages

    @property
    def difference(self) -> Decimal:
        """Zero, or something is wrong."""
        return self.total - self.source_total
