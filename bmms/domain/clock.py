"""What time it is: stored as UTC, lived in Asia/Manila (decision D13)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MANILA = ZoneInfo("Asia/Manila")
_stopped: ContextVar[datetime | None] = ContextVar("stopped clock", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _stopped.get() or datetime.now(UTC)


def today() -> date:
    """The calendar day in the Bangsamoro region; day boundaries use it (INV-71)."""
    return now().astimezone(MANILA).date()


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Let a block of code live at another moment: drills, tests, and reports as of a day."""
    token = _stopped.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _stopped.reset(token)
