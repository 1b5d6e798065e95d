"""The order of the parts of a plan: places from 1 on, without gaps. Lock the whole before you change it."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def next_place(session: Session, model: Any, siblings: Any) -> int:
    """The place at the end.

    Args:
        siblings: the condition that makes rows of `model` parts of one whole.
    """
    return (session.scalar(select(func.max(model.ordinal)).where(siblings)) or 0) + 1


def take_out(session: Session, row: Any, siblings: Any) -> None:
    """Remove a part; those behind it move up."""
    session.delete(row)
    session.flush()
    close_gap(session, row, siblings)


def close_gap(session: Session, row: Any, siblings: Any) -> None:
    """Those behind a part that goes elsewhere move up."""
    model, place = type(row), row.ordinal
    for after in session.scalars(select(model).where(siblings, model.ordinal > place).order_by(model.ordinal)):
        after.ordinal -= 1
    session.flush()


def move(session: Session, row: Any, siblings: Any, by: int) -> bool:
    """Put a part one place up (-1) or down (1). False at the edge, where nothing happens."""
    model = type(row)
    other = session.scalar(select(model).where(siblings, model.ordinal == row.ordinal + by))
    if other is None:
        return False
    row.ordinal, other.ordinal = other.ordinal, row.ordinal
    return True
