"""The store of uploads: rows in the database, contents under `instance/files/<organization>/<random>` (decision D44).

The row decides. A file is complete on disk before its row is committed; when the row does not come to stand, the file
goes with it; what a killed process leaves behind is swept a day later.
"""

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.files import images, names, recognition, rights
from bmms.domain.files.kinds import Kind, Refused, named
from bmms.domain.installation import installation_of
from bmms.models.organizations import StoredFile
from bmms.tenancy import ScopeError, scope_of

MOST_BYTES = 10 * 1024 * 1024
ORPHANED_AFTER = timedelta(days=1)
UNFINISHED = ".part"


@dataclass(frozen=True)
class Upload:
    """What a person chose in a form, on its way through a rule to `keep`."""

    content: BinaryIO
    name: str


def keep(
    session: Session,
    actor: Actor,
    upload: BinaryIO,
    name: str,
    purpose: str,
    *,
    allowed: Collection[Kind],
    at_most: int = MOST_BYTES,
    longest_side: int = images.LONGEST_SIDE,
) -> StoredFile:
    """Take in an upload for the organization that the session serves.

    Args:
        upload: the content, from its first byte.
        name: as the person's computer gave it; it is only shown, never trusted.
        purpose: what it hangs on; `rights.readable_when` has said who may read such files.
        at_most: bytes.
        longest_side: pixels; larger pictures are made smaller.

    Raises:
        RuleBroken: it is too large, of another kind, protected, with macros, or damaged; names file and remedy.
    """
    if not rights.is_known(purpose):
        raise LookupError(f"nobody says who may read files of the purpose {purpose!r}")
    name = names.readable(name)
    content = upload.read(at_most + 1)
    if len(content) > at_most:
        raise RuleBroken(f"{name} is larger than {_size(at_most)}. Make it smaller and upload that.", field="file")
    try:
        kind = recognition.kind_of(content)
        if kind not in allowed:
            raise Refused(f"is a file of the kind {kind.label}, which does not serve here")
        if kind.is_image:
            content = images.redraw(content, kind, longest_side)
    except Refused as refused:
        remedy = refused.remedy.format(kinds=named(allowed))
        raise RuleBroken(f"{name} {refused.what}. {remedy}", field="file") from None
    return _store(session, actor, content, names.fitting(name, kind), kind, purpose)


def keep_made(session: Session, actor: Actor, content: bytes, name: str, kind: Kind, purpose: str) -> StoredFile:
    """Keep a file that BMMS itself has made, such as a printed paper; it is what it says, so nothing is checked."""
    if not rights.is_known(purpose):
        raise LookupError(f"nobody says who may read files of the purpose {purpose!r}")
    return _store(session, actor, content, names.fitting(name, kind), kind, purpose, verb="make")


def content_of(session: Session, file: StoredFile) -> bytes:
    """The content of a file, for BMMS itself; people get theirs by `open_file`. Raises FileNotFoundError."""
    return (_folder(session) / file.storage_key).read_bytes()


def open_file(session: Session, actor: Actor, file_id: int) -> tuple[StoredFile, BinaryIO]:
    """A file that this actor may read today, and its content, which the caller closes.

    Raises:
        NotFound: there is none, or not for this actor: nobody learns which.
        RuleBroken: its content is not on this machine.
    """
    file = session.get(StoredFile, file_id)
    if file is None or not rights.may_read(session, actor, file):
        raise NotFound("There is no such file.")
    try:
        return file, (_folder(session) / file.storage_key).open("rb")
    except FileNotFoundError:
        raise RuleBroken(f"{file.name} is missing from the store. Tell the help desk: it is in the backup.") from None


def sweep_orphans(session: Session, older_than: timedelta = ORPHANED_AFTER) -> int:
    """Remove the contents without a row of the organization that the session serves; younger ones may yet get theirs.

    Returns:
        how many were removed.
    """
    before = time.time() - older_than.total_seconds()
    folder = _folder(session)
    old = [path for path in folder.iterdir() if path.stat().st_mtime < before] if folder.is_dir() else []
    named_so = StoredFile.storage_key.in_([path.name for path in old])
    known = set(session.scalars(select(StoredFile.storage_key).where(named_so)))
    orphans = [path for path in old if path.name not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _store(
    session: Session, actor: Actor, content: bytes, name: str, kind: Kind, purpose: str, verb: str = "upload"
) -> StoredFile:
    key = secrets.token_hex(16)
    _write(session, _folder(session), key, content)
    file = StoredFile(
        name=name,
        media_type=kind.media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        storage_key=key,
        purpose=purpose,
        created_by=actor.user_id,
    )
    session.add(file)
    audit.record(
        session, actor, f"stored_files:{verb}", file, label=name,
        purpose=(None, purpose), size=(None, file.size), sha256=(None, file.sha256),
    )  # fmt: skip
    return file


def _folder(session: Session) -> Path:
    organization_id = scope_of(session).organization_id
    if organization_id is None:
        raise ScopeError("a file was kept or opened outside an organization")
    return installation_of(session).config.instance / "files" / str(organization_id)


def _write(session: Session, folder: Path, key: str, content: bytes) -> None:
    """Whole or not at all: written under another name, on the disk, and only then under its own."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    unfinished = folder / f"{key}{UNFINISHED}"
    _watch(session, unfinished, folder / key)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(folder / key)
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _size(size: int) -> str:
    return f"{size // 1024**2} MB" if size >= 1024**2 else f"{size // 1024} KB"


# What a transaction has written, until it is known whether its rows stand.


def _watch(session: Session, *paths: Path) -> None:
    session.connection()  # the transaction that decides has begun
    decides = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault("new_files", []).extend((decides, path) for path in paths)


@event.listens_for(Session, "after_commit")
def _pass_on(session: Session) -> None:
    """Rows of a savepoint now stand or fall with the transaction around it; those of the outermost one stand."""
    ended = session.get_nested_transaction() or session.get_transaction()
    around = ended.parent if ended else None
    session.info["new_files"] = [
        (around if decides is ended else decides, path)
        for decides, path in session.info.get("new_files", ())
        if decides is not ended or around is not None
    ]


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What still waits for this transaction waits in vain: it was rolled back, or closed without an answer."""
    waiting = session.info.get("new_files", [])
    session.info["new_files"] = [(decides, path) for decides, path in waiting if decides is not transaction]
    for decides, path in waiting:
        if decides is transaction:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
