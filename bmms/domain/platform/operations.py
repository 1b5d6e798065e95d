"""The record of backups, restore drills and restores, as the platform team reads it."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from bmms.domain.clock import MANILA
from bmms.domain.platform.vital_signs import UNKNOWN
from bmms.models.operations import OperationKind, OperationOutcome, OperationRun

LABELS = {OperationKind.BACKUP: "Backup", OperationKind.DRILL: "Restore drill", OperationKind.RESTORE: "Restore"}
NEVER = "never"


@dataclass(frozen=True)
class Newest:
    """The newest run of each kind that failed, and that did not."""

    runs: tuple[OperationRun, ...]

    def tried(self, kind: OperationKind) -> OperationRun | None:
        """The newest one, however it went."""
        return max((run for run in self.runs if run.kind == kind), key=lambda run: run.began_at, default=None)

    def standing(self, kind: OperationKind) -> OperationRun | None:
        """The newest one of which something stands."""
        stand = [run for run in self.runs if run.kind == kind and run.outcome != OperationOutcome.FAILED]
        return max(stand, key=lambda run: run.began_at, default=None)

    def told(self, kind: OperationKind) -> str:
        """`2026-11-30 02:00, done`, by the clock in Manila; `never`. For strangers, too: without the reason."""
        run = self.tried(kind)
        return f"{run.began_at.astimezone(MANILA):%Y-%m-%d %H:%M}, {run.outcome}" if run else NEVER


def newest(session: Session) -> Newest:
    """The newest runs of each kind; one statement."""
    order = (OperationRun.kind, OperationRun.outcome, OperationRun.began_at.desc(), OperationRun.id.desc())
    query = select(OperationRun).ext(distinct_on(OperationRun.kind, OperationRun.outcome)).order_by(*order)
    return Newest(tuple(session.scalars(query)))


def last_runs(session: Session, *, known: bool) -> dict[str, str]:
    """The last backup and the last restore drill, in words for strangers.

    Args:
        known: whether the table can be asked at all.
    """
    if not known:
        return {"backup": UNKNOWN, "drill": UNKNOWN}
    last = newest(session)
    return {"backup": last.told(OperationKind.BACKUP), "drill": last.told(OperationKind.DRILL)}


def runs(kind: OperationKind | None = None) -> Select[OperationRun]:
    """All of them, the newest first."""
    query = select(OperationRun).order_by(OperationRun.began_at.desc(), OperationRun.id.desc())
    return query.where(OperationRun.kind == kind) if kind else query
