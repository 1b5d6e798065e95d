"""What the platform team has to be told at once, and when: once, then each hour, and when it is over.

What was told is kept in a file of the instance folder, so that it is known while the database is away.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bmms.config import Config
from bmms.config.rules import hardened
from bmms.domain import clock
from bmms.domain.platform import maintenance, operations, vital_signs
from bmms.models.operations import OperationKind, OperationOutcome

FILE = "alarms.json"
AGAIN = timedelta(hours=1)
BACKUP_AGE = timedelta(hours=26)
DRILL_AGE = timedelta(hours=50)  # two nights
PATIENCE = {"worker": timedelta(minutes=4), "database": timedelta(minutes=2), "migrations": timedelta(minutes=10)}
HELD = ("database", "migrations", "worker", "queue")  # may be away on purpose while BMMS is being maintained


@dataclass(frozen=True)
class Alarm:
    """One thing that is the matter.

    Attributes:
        text: a sentence for the platform team.
        patience: how long it may last before anybody is told.
    """

    text: str
    patience: timedelta = timedelta(0)


@dataclass(frozen=True)
class Told:
    """Since when something is the matter, and when it was told last."""

    since: datetime
    at: datetime | None = None


State = Mapping[str, Told]


def found(session: Session, config: Config) -> dict[str, Alarm]:
    """What is the matter now, by its name: worker, queue, disk, backup, drill …"""
    signs = vital_signs.readiness(session, config)
    wrong = {
        name: Alarm(text, PATIENCE.get(name, timedelta(0)))
        for name, text in signs.items()
        if text not in (vital_signs.OK, vital_signs.UNKNOWN)
    }
    if maintenance.state(config.instance):
        wrong = {name: alarm for name, alarm in wrong.items() if name not in HELD}
    if signs["migrations"] == vital_signs.OK:
        try:
            wrong |= _kept(session, config)
        except SQLAlchemyError:  # it has gone away since
            session.rollback()
    return wrong


def _kept(session: Session, config: Config) -> dict[str, Alarm]:
    """Backups and drills. In development nobody makes any; what was made is looked at everywhere."""
    last = operations.newest(session)
    wrong = {}
    if alarm := _backup(last, must=hardened(config.environment)):
        wrong["backup"] = alarm
    if alarm := _drill(last, must=hardened(config.environment)):
        wrong["drill"] = alarm
    return wrong


def _backup(last: operations.Newest, *, must: bool) -> Alarm | None:
    tried, standing = last.tried(OperationKind.BACKUP), last.standing(OperationKind.BACKUP)
    why = f" The last one failed: {tried.message}" if tried and tried.outcome == OperationOutcome.FAILED else ""
    if standing is None:
        return Alarm(f"There is no backup yet.{why}", timedelta(0) if why else BACKUP_AGE) if must or why else None
    age = clock.now() - standing.began_at
    if age > BACKUP_AGE and must:
        return Alarm(f"The newest backup is {_hours(age)} old.{why}")
    if why:
        return Alarm(f"A backup failed: {tried.message if tried else ''}")
    if standing.outcome == OperationOutcome.INCOMPLETE:
        return Alarm(f"The newest backup needs a look: {standing.message}")
    return None


def _drill(last: operations.Newest, *, must: bool) -> Alarm | None:
    tried, standing = last.tried(OperationKind.DRILL), last.standing(OperationKind.DRILL)
    if tried and tried.outcome == OperationOutcome.FAILED:
        return Alarm(f"The last restore drill failed: {tried.message}")
    if not must:
        return None
    if standing is None:
        return Alarm("There was no restore drill yet.", DRILL_AGE)
    age = clock.now() - standing.began_at
    return Alarm(f"The last restore drill was {_hours(age)} ago.") if age > DRILL_AGE else None


def _hours(age: timedelta) -> str:
    return f"{age.total_seconds() / 3600:.0f} hours"


@dataclass(frozen=True)
class News:
    """What is to be told now."""

    wrong: Mapping[str, str]
    over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wrong or self.over)


def news(alarms: Mapping[str, Alarm], state: State, now: datetime) -> tuple[News, dict[str, Told]]:
    """What to tell, and what is told then. With nothing to tell, the second still keeps since when each one lasts.

    Everything that is the matter is told together, as soon as one of it is due.
    """
    lasting = {name: state.get(name, Told(now)) for name in alarms}
    ripe = {name for name, told in lasting.items() if told.at or now - told.since >= alarms[name].patience}
    due = {name for name in ripe if (at := lasting[name].at) is None or now - at >= AGAIN}
    over = tuple(name for name, told in state.items() if told.at and name not in alarms)
    if not due and not over:
        return News({}), lasting
    wrong = {name: alarms[name].text for name in alarms if name in ripe}
    return News(wrong, over), {name: Told(told.since, now) if name in ripe else told for name, told in lasting.items()}


def read(instance: Path) -> dict[str, Told]:
    """What was told. A file that cannot be read counts as nothing told: rather twice than never."""
    try:
        kept = json.loads((instance / FILE).read_text())
        return {
            name: Told(datetime.fromisoformat(since), datetime.fromisoformat(at) if at else None)
            for name, (since, at) in kept.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write(instance: Path, state: State) -> None:
    """Keep it; whole or not at all. Raises OSError."""
    kept = {name: (told.since.isoformat(), told.at.isoformat() if told.at else None) for name, told in state.items()}
    draft = instance / f".{FILE}.{secrets.token_hex(4)}"
    draft.write_text(f"{json.dumps(kept)}\n")
    draft.replace(instance / FILE)
