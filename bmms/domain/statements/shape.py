"""What every statement comes to: columns, rows, a total, and the proof of the sum.

Screen, PDF and XLSX are made from the same `Report`; `told` writes it as plain values for a snapshot (D33).
Amounts are pesos, shares are fractions of one with four places; None is a share without a whole (INV-39).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.canonical import fingerprint
from bmms.domain.proofs import Proof

Cell = str | int | Decimal | date | None
Cells = Mapping[str, Cell]
FOUR_PLACES = Decimal("0.0001")


class Look(StrEnum):
    """How a cell is written."""

    TEXT = "text"
    MONEY = "money"
    SHARE = "share"
    DAY = "day"
    COUNT = "count"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        group: what stands above it and its neighbours.
        number: in the official form.
        terms: sign and key of the columns that it is the sum of.
        over: numerator and denominator of a rate.
        adds: its rows add up to those that stand above them.
    """

    key: str
    heading: str
    look: Look = Look.MONEY
    group: str = ""
    number: str = ""
    terms: tuple[tuple[int, str], ...] = ()
    over: tuple[str, str] | None = None
    adds: bool = True

    @property
    def is_sum(self) -> bool:
        """Worked out from other columns of its row."""
        return bool(self.terms)


@dataclass(frozen=True)
class Row:
    """One row with a cell for each column.

    Attributes:
        level: how deep it stands, from 0 on.
        is_sum: the sum of the deeper rows that follow it.
    """

    cells: Cells
    level: int = 0
    is_sum: bool = False


@dataclass(frozen=True)
class Report:
    """A statement as it stands.

    Attributes:
        first: place of the first row given, from 0; `count` rows there are in all.
        total: of all rows, not only of those given; None where rows do not add up.
        notes: sentences below it, among them which denominator each rate has.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None
    count: int
    proof: Proof | None
    is_demo: bool
    first: int = 0
    notes: tuple[str, ...] = ()
    figures: tuple[tuple[str, Decimal, str, Decimal | None], ...] = ()  # name, pesos, share of what, the share


def completed(columns: Sequence[Column], base: Mapping[str, Any]) -> dict[str, Cell]:
    """A row with its sums and rates worked out from the columns that they name."""
    cells: dict[str, Any] = {column.key: base.get(column.key) for column in columns}
    for column in columns:
        if column.terms:
            cells[column.key] = sum((sign * cells[key] for sign, key in column.terms), NONE)
    for column in columns:
        if column.over:
            cells[column.key] = rate(cells[column.over[0]], cells[column.over[1]])
    return cells


def rate(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """The share of a whole with four places; None where there is no whole (INV-39)."""
    if not whole or part is None:
        return None
    return (part / whole).quantize(FOUR_PLACES, ROUND_HALF_UP)


def plain(cell: Cell) -> str:
    """As a snapshot keeps it: `1250.00`, `0.7180`, `2026-09-30`; nothing is an empty text."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def told(report: Report) -> dict[str, Any]:
    """The statement in plain values, for screens and snapshots."""
    proof = report.proof
    return {
        "columns": [
            {
                "key": one.key, "heading": one.heading, "look": one.look.value, "group": one.group,
                "number": one.number, "is_sum": "yes" if one.is_sum else "",
            }
            for one in report.columns
        ],
        "rows": [
            {"level": str(row.level), "is_sum": "yes" if row.is_sum else "", "cells": _cells(report, row)}
            for row in report.rows
        ],
        "groups": groups_of([column.group for column in report.columns]),
        "total": _cells(report, report.total) if report.total else [],
        "count": str(report.count),
        "notes": list(report.notes),
        "proof": {
            "rows": str(proof.rows), "nouns": list(proof.nouns), "total": plain(proof.total),
            "source": proof.source, "source_total": plain(proof.source_total), "difference": plain(proof.difference),
        } if proof else {},
    }  # fmt: skip


def groups_of(names: Sequence[str]) -> list[list[Any]]:
    """What stands above neighbouring columns, and how many they are; nothing where no column has such a head."""
    found: list[list[Any]] = []
    for name in names:
        if found and name and found[-1][0] == name:
            found[-1][1] += 1
        else:
            found.append([name, 1])
    return found if any(names) else []


def mark_of(asked: str, report: Report) -> str:
    """Eight digits that name what a statement says: the same question with the same totals has the same mark."""
    content = {"asked": asked, "count": report.count, "total": _cells(report, report.total) if report.total else []}
    return fingerprint(content)[:8]


def _cells(report: Report, row: Row) -> list[str]:
    return [plain(row.cells.get(column.key)) for column in report.columns]
