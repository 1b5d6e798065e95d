"""A restore drill: a backup is restored into a database that nobody uses, verified as a restore is, and dropped.

So it is known every night that there is a way back, and how long it takes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bmms.operations import backing_up, restoring, sealing
from bmms.operations.backing_up import Source
from bmms.operations.manifest import Manifest
from bmms.operations.restoring import Target, Verified
from bmms.operations.shelf import Shelf

SCRATCH = "{database}_drill"
SEALED = (
    "It is encrypted, and its private key is not here: its checksums were compared, and a backup that was made for "
    "the drill was restored in its place."
)


@dataclass(frozen=True)
class Drilled:
    """What came out of a drill."""

    manifest: Manifest
    verified: Verified
    note: str = ""


def drill(backup: Path, source: Source, target: Target, shelf: Shelf, now: datetime, identity: Path | None) -> Drilled:
    """Restore a backup, its uploads too, beside everything that is in use, and take it away again.

    Args:
        identity: the private key of an encrypted backup. Without it the drill makes a backup of its own.

    Raises:
        RuleBroken: another drill is running, the backup is damaged, or what came out is not what it says.
    """
    database = SCRATCH.format(database=target.server.database)
    with shelf.held(".drill", "Another restore drill is running."):
        manifest = restoring.check(backup, target.revisions)
        with TemporaryDirectory(prefix=".bmms_drill_", dir=shelf.folder) as folder:
            aside = replace(target, files=Path(folder, "files"))
            with _readable(backup, manifest, identity, source, Path(folder), now) as (readable, told):
                try:
                    verified = restoring.bring_in(readable, told, aside, database)
                finally:
                    restoring.drop(target.server, database)
    return Drilled(manifest, verified, SEALED if told is not manifest else "")


@contextmanager
def _readable(
    backup: Path, manifest: Manifest, identity: Path | None, source: Source, folder: Path, now: datetime
) -> Iterator[tuple[Path, Manifest]]:
    if manifest.encrypted and identity is None:
        made = backing_up.back_up(replace(source, recipient=""), Shelf(folder / "backup", source.environment), now)
        yield made.path, made.manifest
        return
    with sealing.readable(backup, manifest, identity) as readable:
        yield readable, manifest
