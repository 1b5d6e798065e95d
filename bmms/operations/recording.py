"""The record of backups, drills and restores: a row for each, also for one that failed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg

from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.models.operations import OperationKind, OperationOutcome
from bmms.operations.manifest import Manifest
from bmms.operations.servers import Server

_INSERT = (
    "INSERT INTO operation_runs (kind, outcome, began_at, ended_at, backup, size, rows, message)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass
class Run:
    """What is to be recorded; whoever does the work fills it in.

    Attributes:
        size, rows: of the backup, in bytes and rows of all tables.
        message: what needs a look; if there is something, the run counts as incomplete.
    """

    kind: OperationKind
    began_at: datetime
    backup: str = ""
    size: int = 0
    rows: int = 0
    message: str = ""

    def tell_of(self, name: str, manifest: Manifest) -> None:
        """This is the backup that it is about."""
        self.backup, self.rows = name, sum(manifest.rows.values())
        self.size = sum(part.size for part in manifest.parts.values())

    def look_at(self, *warnings: str) -> None:
        """Something of it needs a look."""
        self.message = " ".join(filter(None, (self.message, *warnings)))


@contextmanager
def recorded(server: Server, kind: OperationKind, tell: Callable[[str], None]) -> Iterator[Run]:
    """Record what is done in this block, also when it is refused or breaks.

    Args:
        tell: is given a sentence when the record cannot be written; what was done stands all the same.
    """
    run = Run(kind, clock.now())
    try:
        yield run
    except BaseException as broken:
        run.message = str(broken) if isinstance(broken, RuleBroken) else f"It broke off: {type(broken).__name__}."
        _write(server, run, OperationOutcome.FAILED, clock.now(), tell)
        raise
    outcome = OperationOutcome.INCOMPLETE if run.message else OperationOutcome.DONE
    _write(server, run, outcome, clock.now(), tell)


def remember(server: Server, name: str, manifest: Manifest, tell: Callable[[str], None]) -> None:
    """Record a backup of which a restored database cannot know: it was made after what it holds."""
    run = Run(OperationKind.BACKUP, manifest.made_at)
    run.tell_of(name, manifest)
    _write(server, run, OperationOutcome.DONE, manifest.made_at, tell)


def _write(
    server: Server, run: Run, outcome: OperationOutcome, ended_at: datetime, tell: Callable[[str], None]
) -> None:
    values = (run.kind, outcome, run.began_at, ended_at, run.backup, run.size, run.rows, run.message)
    try:
        with server.connect() as owner:
            owner.execute(_INSERT, values)
    except (RuleBroken, psycopg.Error) as refused:
        tell(f"This {run.kind} stands in no record: {str(refused).strip().splitlines()[0]}")
