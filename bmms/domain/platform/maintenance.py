"""Maintenance: while the file `maintenance` stands in the instance folder, pages wait.

A file, so that all processes see it at once and while the database is away. It holds what people are told, as JSON;
one that was made by hand (`touch instance/maintenance`) counts as well.
"""

import contextlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from bmms.domain import clock
from bmms.domain.errors import RuleBroken

FILE = "maintenance"
LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class Maintenance:
    """What people are told: the operator's words, and when it is expected to end."""

    message: str = ""
    until: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The expected end, unless it is over: then nobody knows."""
        return self.until if self.until and self.until > clock.now() else None


def state(instance: Path) -> Maintenance | None:
    """Is BMMS being maintained? None: no."""
    try:
        told = json.loads((instance / FILE).read_text())
        until = datetime.fromisoformat(told["until"]).astimezone(clock.MANILA) if told.get("until") else None
        return Maintenance(str(told.get("message", "")), until)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError):
        return Maintenance()


def switch_on(instance: Path, message: str = "", until: datetime | None = None) -> Maintenance:
    """From now on pages wait. Said again, the new words take the place of the old.

    Raises:
        RuleBroken: the message is longer than 300 signs, or the folder cannot be written.
    """
    if len(message) > LONGEST_MESSAGE:
        raise RuleBroken(f"The message has {len(message)} signs; {LONGEST_MESSAGE} are possible.")
    begun = Maintenance(message, until)
    draft = instance / f".{FILE}.{secrets.token_hex(4)}"
    try:
        draft.write_text(json.dumps({"message": message, "until": until.isoformat() if until else None}) + "\n")
        draft.chmod(0o644)  # the web processes may run as another user
        draft.replace(instance / FILE)  # never half written
    except OSError as wrong:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise RuleBroken(f"{instance / FILE} cannot be written: {wrong.strerror}.") from wrong
    return begun


def switch_off(instance: Path) -> bool:
    """Pages are open again. False: they were.

    Raises:
        RuleBroken: the file cannot be removed.
    """
    try:
        (instance / FILE).unlink()
    except FileNotFoundError:
        return False
    except OSError as wrong:
        raise RuleBroken(f"{instance / FILE} cannot be removed: {wrong.strerror}.") from wrong
    return True


def next_moment(at: time) -> datetime:
    """When a clock in Manila next shows this time."""
    now = clock.now().astimezone(clock.MANILA)
    today = datetime.combine(now.date(), at, clock.MANILA)
    return today if today > now else today + timedelta(days=1)
