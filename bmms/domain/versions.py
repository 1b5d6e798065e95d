"""Two people who save the same row: the second is told, never overwritten silently (law 3)."""

from bmms.domain.errors import Stale
from bmms.models.base import Versioned


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
