"""Rows with sub-totals: PostgreSQL adds up at every depth (ROLLUP), puts them in order and gives one page of them."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

WHOLE = -1  # the depth of the sum of all


def rolled(leaves: Subquery, levels: Sequence[Sequence[str]], figures: Sequence[str]) -> Subquery:
    """The leaves, their sub-totals and the whole, each with its `depth`: from 0 for the first level, WHOLE for all.

    Args:
        levels: the keys of each level, the one that is never null first.
        figures: what is added up; every other column of the leaves is a key.
    """
    deepest = len(levels) - 1
    bits = func.grouping(*(leaves.c[level[0]] for level in levels))
    depth = case(*((bits == 2 ** (deepest - at) - 1, at) for at in range(WHOLE, deepest + 1)))
    keys = [leaves.c[key] for level in levels for key in level]
    sums = [func.coalesce(func.sum(leaves.c[name]), 0).label(name) for name in figures]
    grouped = func.rollup(*(tuple_(*(leaves.c[key] for key in level)) for level in levels))
    return select(*keys, depth.label("depth"), *sums).group_by(grouped).subquery("rolled")


def in_order(
    found: Subquery,
    order: Sequence[str],
    window: tuple[int, int | None],
    *beside: Any,
    only: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """Rows in order with `place` and `in_all`, sub-totals before their parts; the whole is always among them.

    Args:
        order: keys from the first level on; a sub-total has null for those of deeper levels.
        window: place of the first row and how many there are at most (`Statement.window`).
        beside: scalars to give along.
        only: which rows are shown at all.
    """
    keys = [found.c[key].nulls_first() for key in order]
    numbered = select(
        found, func.row_number().over(order_by=[found.c.depth != WHOLE, *keys]).label("place"),
        func.count().over().label("in_all"),
    )  # fmt: skip
    if only is not None:
        numbered = numbered.where(only)
    placed = numbered.subquery("placed")
    first, most = window
    query = select(placed, *beside).order_by(placed.c.place)
    if most is None:
        return query
    return query.where(or_(placed.c.depth == WHOLE, placed.c.place.between(first + 2, first + 1 + most)))


def split(session: Session, query: Select[Any]) -> tuple[Row[Any], list[Row[Any]]]:
    """The whole, and the rows of the page."""
    whole, *rows = session.execute(query).all()
    return whole, rows


def values_of(row: Row[Any], figures: Sequence[str]) -> dict[str, Any]:
    """The figures of a row by name."""
    return dict(zip(figures, attrgetter(*figures)(row), strict=True))
