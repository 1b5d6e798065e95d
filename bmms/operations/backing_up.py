"""A backup: the database, the uploads and what both must come to, made beside its name, verified, and then named.

The rows are counted in the very snapshot that is dumped; what was dumped is read back and counted again. So a dump that
saw fewer rows than there are, or was cut short, never becomes a backup. Each upload is compared with the checksum of
its row before it is taken; that the disk keeps them is for the drill to see, which reads all of it later in the night.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from bmms.domain.errors import RuleBroken
from bmms.operations import contents, counting, sealing
from bmms.operations.manifest import Manifest, Part, part_of
from bmms.operations.servers import Server
from bmms.operations.shelf import LEAST_FREE, Shelf, settle

DUMP, FILES = "database.dump", "files.tar"


@dataclass(frozen=True)
class Made:
    """A backup that stands, and what its maker should look at."""

    path: Path
    manifest: Manifest
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What is backed up: the owner's server, the store of uploads, and words for the manifest."""

    server: Server
    files: Path
    environment: str
    version: str
    data_keys: tuple[str, ...] = ()
    recipient: str = ""  # the public key to which the backup is encrypted


def back_up(source: Source, shelf: Shelf, now: datetime, note: str = "") -> Made:
    """Make a backup and put it on the shelf.

    Raises:
        RuleBroken: the login does not see all rows, a program failed, the disk is full, what was written is not what
            was counted. Nothing half-made stays.
    """
    source.server.require_all_rows()
    with shelf.making(now) as (half, name):
        warnings = [] if shelf.free() >= LEAST_FREE else [f"Only {shelf.free() / 1024**3:.1f} GB are free."]
        try:
            manifest, missing = _fill(source, half, now, note)
            manifest.write(half)
            settle(half)
        except OSError as refused:
            raise RuleBroken(f"The backup could not be written: {refused.strerror}. Nothing of it stays.") from None
        target = shelf.folder / name
        half.rename(target)
        settle(shelf.folder, deep=False)
    return Made(target, manifest, (*warnings, *missing))


def _fill(source: Source, half: Path, now: datetime, note: str) -> tuple[Manifest, list[str]]:
    with source.server.connect(autocommit=False) as snapshot, ThreadPoolExecutor(1) as beside:
        snapshot.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        [(token,)] = snapshot.execute("SELECT pg_export_snapshot()").fetchall()
        packing = beside.submit(_pack, source.files, half / FILES, _seeing_the_same(source.server, token))
        _dump(source.server, half / DUMP, token)
        rows, ledger = counting.rows_of(snapshot), counting.ledger_of(snapshot)
        [(revision,)] = snapshot.execute("SELECT version_num FROM alembic_version").fetchall()
        version = snapshot.info.server_version
        require_rows(source.server, half / DUMP, rows)
        outcome, packed = packing.result()
    parts = {DUMP: part_of(half / DUMP), FILES: packed}
    if source.recipient:
        sealed = [sealing.seal(half / name, source.recipient) for name in parts]
        parts = {path.name: part_of(path) for path in sealed}
    manifest = Manifest(
        made_at=now, environment=source.environment, bmms=source.version, postgresql=version, revision=revision,
        database=source.server.database, rows=rows, ledger=ledger,
        files={"count": outcome.count, "size": outcome.size, "missing": outcome.missing},
        parts=parts, data_keys=source.data_keys,
        encrypted=bool(source.recipient), note=note,
    )  # fmt: skip
    return manifest, [f"An upload is not in the backup: {one}." for one in outcome.missing]


def _seeing_the_same(server: Server, token: str) -> psycopg.Connection:
    """A further connection that sees what another one sees."""
    connection = server.connect(autocommit=False)
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute(f"SET TRANSACTION SNAPSHOT '{token}'")
    return connection


def require_rows(server: Server, dump: Path, rows: Mapping[str, int]) -> None:
    """Read a dump back. Raises RuleBroken: it cannot be read, or has other rows than were counted."""
    with server.running("pg_restore", "--data-only", "--file=-", str(dump), stdout=-1) as reading:
        found = counting.rows_dumped(reading.stdout)  # type: ignore[arg-type]
    if wrong := counting.differing(rows, found):
        raise RuleBroken(f"The backup is not what the database holds: {'; '.join(wrong[:5])}. It is not kept.")


def _dump(server: Server, target: Path, token: str) -> None:
    options = ("--format=custom", "--compress=1", "--no-owner", f"--snapshot={token}", f"--file={target}")
    with server.running("pg_dump", *options, database=server.database):
        pass


def _pack(folder: Path, target: Path, snapshot: psycopg.Connection) -> tuple[contents.Outcome, Part]:
    with snapshot, target.open("wb") as file:
        hashing = contents.Hashing(file)
        outcome = contents.pack(folder, contents.stored(snapshot), hashing)
        file.flush()
        os.fsync(file.fileno())
    return outcome, Part(hashing.size, hashing.hexdigest())
