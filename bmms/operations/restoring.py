"""A restore: into a new database, verified there, and only then in the place of the old one, by a rename.

Until the rename the old database is untouched; the rename is one transaction. The uploads are added to the store before
it (`contents.unpack` harms nothing that is there), so that there is no moment with the one and without the other; they
come while the database is restored, by the rows in its dump.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg import sql
from sqlalchemy.exc import SQLAlchemyError

from bmms.domain.clock import MANILA
from bmms.domain.errors import RuleBroken
from bmms.launch.roles import grant_statements
from bmms.operations import contents, counting
from bmms.operations.backing_up import DUMP, FILES
from bmms.operations.manifest import Manifest, Part, part_of, read
from bmms.operations.servers import MAINTENANCE, Server

Done = TypeVar("Done")

KEPT = "{database}_before_{stamp}"  # the name of the database whose place was taken
NEW = "{database}_restoring"
SEND_AWAY = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_roles ON pg_roles.oid = usesysid"
    " WHERE datname = ANY(%s) AND pid <> pg_backend_pid()"
    " AND (NOT rolsuper OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))"
)
PEOPLE = "SELECT count(*) FROM users"
HOLD_MAILS = (
    "UPDATE outbox SET status = 'skipped', lease_until = NULL,"
    " error = 'It waited when the backup was made that was restored, and may have left since.' WHERE status = 'queued'"
)
PILOTS = "SELECT count(*) FROM organizations WHERE is_pilot"


@dataclass(frozen=True)
class Verified:
    """What was found in the restored database."""

    pilots: int
    users: int
    files: int
    mails: int = 0  # that waited when the backup was made, and are not sent again


@dataclass(frozen=True)
class Target:
    """Where to: the owner's server, the store of uploads, and how tables are brought up to date.

    Args:
        revisions: all migrations that this BMMS knows, the oldest first.
        migrate: brings the database at an address to the newest of them.
    """

    server: Server
    files: Path
    revisions: tuple[str, ...]
    migrate: Callable[[str], None]


def check(backup: Path, revisions: tuple[str, ...]) -> Manifest:
    """Look at a backup before anything is touched.

    Raises:
        RuleBroken: a part is missing, cut short or damaged, or a newer BMMS made it.
    """
    manifest = read(backup)
    for name, part in manifest.parts.items():
        _require_part(backup / name, part)
    if manifest.revision not in revisions:
        raise RuleBroken(
            f"The backup has tables of revision {manifest.revision}, which this BMMS ({revisions[-1]}) does not know. "
            "Install the version of BMMS that made it, or a newer one."
        )
    return manifest


def bring_in(readable: Path, manifest: Manifest, target: Target, database: str) -> Verified:
    """Restore into a new database of this name and verify it; the old one goes on meanwhile.

    Args:
        readable: the folder with the parts, decrypted if need be.

    Raises:
        RuleBroken: a program failed, or what came out is not what the backup says. The new database is gone again.
    """
    drop(target.server, database)
    with target.server.connect(MAINTENANCE) as server:
        try:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(_name(database)))
        except psycopg.errors.InsufficientPrivilege:
            raise RuleBroken(
                f"The login {server.info.user} may not make databases. Let the database administrator run what "
                "`flask print_roles_sql` prints once more."
            ) from None
    try:
        with ThreadPoolExecutor(1) as beside:
            unpacking = beside.submit(_restore_contents, readable, manifest, target)
            _restore(target.server, readable / DUMP, database)
            verified = _verify(target, manifest, database)
            _migrate(target, manifest, database)
            unpacking.result()
        return replace(verified, mails=_hold_mails(target.server, database))
    except BaseException:
        drop(target.server, database)
        raise


def take_the_place(server: Server, database: str, now: datetime) -> str:
    """Swap: the new database gets the name of the old one, which is kept under another.

    Returns:
        that name; empty, where there was no old one.

    Raises:
        RuleBroken: somebody is connected all the time. Both are as they were.
    """
    kept = KEPT.format(database=server.database, stamp=f"{now.astimezone(MANILA):%Y%m%d_%H%M%S}")
    with server.connect(MAINTENANCE) as connection:
        for statement in grant_statements(database):
            connection.execute(statement)
    return _while_all_are_sent_away(server, lambda: _swap(server, database, kept), server.database, database)


def drop(server: Server, database: str) -> None:
    """Drop a database that a restore made, if it is there.

    Not WITH (FORCE), which refuses an owner while PostgreSQL itself vacuums there; without it such work is called off.
    """
    _while_all_are_sent_away(server, lambda: _drop(server, database), database)


def _drop(server: Server, database: str) -> None:
    with server.connect(MAINTENANCE) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(_name(database)))


def _restore(server: Server, dump: Path, database: str) -> None:
    options = ("--exit-on-error", "--no-owner", "--jobs=2")
    with server.running("pg_restore", *options, str(dump), database=database):
        pass


def _verify(target: Target, manifest: Manifest, database: str) -> Verified:
    with target.server.connect(database) as connection:
        wrong = counting.differing(manifest.rows, counting.rows_of(connection))
        ledger = counting.ledger_of(connection)
        if ledger != manifest.ledger:
            wrong.append(f"the ledger comes to {ledger}, not to {manifest.ledger}")
        if wrong:
            raise RuleBroken(f"The restored database is not what the backup says: {'; '.join(wrong[:5])}.")
        [(pilots,)] = connection.execute(PILOTS).fetchall()
        [(users,)] = connection.execute(PEOPLE).fetchall()
    if not users:
        raise RuleBroken("The backup has no users. It is not put in the place of the database.")
    return Verified(pilots, users, manifest.files["count"])


def _migrate(target: Target, manifest: Manifest, database: str) -> None:
    try:
        target.migrate(target.server.engine_url(database))
    except SQLAlchemyError as wrong:
        reason = str(getattr(wrong, "orig", wrong)).strip().splitlines()[0]
        raise RuleBroken(
            f"The tables of the backup could not be brought from revision {manifest.revision} to "
            f"{target.revisions[-1]}: {reason}"
        ) from wrong


def _hold_mails(server: Server, database: str) -> int:
    """What waited when the backup was made has most likely left since: nobody gets it twice. Jobs do run again."""
    with server.connect(database) as connection:
        return connection.execute(HOLD_MAILS).rowcount


def _restore_contents(readable: Path, manifest: Manifest, target: Target) -> None:
    """What the rows in the dump name, without waiting for the database that they are restored into."""
    options = ("--data-only", "--table=stored_files", "--file=-")
    with target.server.running("pg_restore", *options, str(readable / DUMP), stdout=-1) as reading:
        wanted = {one.path: one for one in contents.stored_in(reading.stdout)}  # type: ignore[arg-type]
    try:
        with (readable / FILES).open("rb") as source:
            contents.unpack(source, target.files, wanted)
    except OSError as refused:
        raise RuleBroken(f"The uploads could not be written: {refused.strerror}. The database is as it was.") from None
    if len(wanted) != len(manifest.files["missing"]):
        raise RuleBroken(f"{len(wanted)} uploads are missing in the backup, the first is {next(iter(wanted))}.")


def _require_part(path: Path, part: Part) -> None:
    try:
        found = part_of(path)
    except FileNotFoundError:
        raise RuleBroken(f"{path} is missing: the backup is not complete. Take another one.") from None
    if found != part:
        raise RuleBroken(f"{path} is damaged or cut short: its checksum is another. Take another backup.")


def _while_all_are_sent_away(server: Server, act: Callable[[], Done], *databases: str) -> Done:
    """Rename or drop: PostgreSQL lets nobody in meanwhile, and waits for five seconds until those are gone who are."""
    with server.connect(MAINTENANCE) as connection, ThreadPoolExecutor(1) as beside:
        acting = beside.submit(act)
        while not acting.done():
            _send_away(connection, *databases)
            wait([acting], 0.2)
    return acting.result()


def _send_away(connection: psycopg.Connection, *databases: str) -> None:
    """End the sessions of logins that an owner may end: not those of superusers and of PostgreSQL itself."""
    connection.execute(SEND_AWAY, [list(databases)])


def _swap(server: Server, database: str, kept: str) -> str:
    with server.connect(MAINTENANCE, autocommit=False) as connection:
        try:
            was = connection.execute("SELECT FROM pg_database WHERE datname = %s", [server.database]).rowcount
            if was:
                connection.execute(_rename(server.database, kept))
            connection.execute(_rename(database, server.database))
            return kept if was else ""
        except psycopg.errors.ObjectInUse:
            raise RuleBroken(
                "Somebody is connected to the database whom this login may not send away, such as a superuser. "
                "Nothing has changed. End that session, then try again."
            ) from None


def _rename(before: str, after: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(_name(before), _name(after))


def _name(database: str) -> sql.Identifier:
    return sql.Identifier(database)
