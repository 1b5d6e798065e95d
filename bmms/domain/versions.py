"""Two people who save the same row: the second is told, never overwritten silently (law 3)."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken, Stale
from bmms.models.base import Base, Versioned


def require_unchanged(row: Versioned, seen: int | None, what: str) -> None:
    """Go on only when the row is still what the person looked at.

    Two who save in the same instant both pass here; the second then fails in the database with StaleDataError.

    Args:
        seen: the row_version that the form carried; None when nobody looked before (a command).
        what: how to call the row in the message.

    Raises:
        Stale: somebody changed it meanwhile.
    """
    if seen is not None and seen != row.row_version:
        raise Stale(f"Somebody else changed {what} meanwhile. Open it again, look at the change, and repeat yours.")


@contextmanager
def put_back_if_refused(session: Session, row: Base) -> Iterator[None]:
    """Change a row and look whether it is sound: nothing is written meanwhile, and of a refused change nothing stays.

    Raises:
        RuleBroken: what the body refuses.
    """
    try:
        with session.no_autoflush:
            yield
    except RuleBroken:
        session.refresh(row)
        raise
