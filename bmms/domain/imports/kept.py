"""Uploaded lists between the steps of an import: a folder each, for one person, for a day.

A list is no document of an organization: it belongs to whoever uploaded it, the platform uploads lists of people
without any organization, and nothing of it may last. So it has no row. The folder `instance/imports/<random>` holds the
list, whose it is, what the check found and what the import did. Its name is a random 122-bit number that stands in the
address; whoever asks must also be the person, in the organization, whom the folder names. Folders are removed after 24
hours.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.installation import installation_of

KEPT_FOR = timedelta(hours=24)
LIST, FACTS, CHECK, CORRECTIONS, OUTCOME, SHEET_TAKEN = (
    "list",
    "facts.json",
    "check.json",
    "corrections",
    "outcome.json",
    "sheet_taken",
)


@dataclass
class Facts:
    """Whose list it is and what is being done with it."""

    owner_id: int | None
    organization_id: int | None
    file_name: str
    about: str = ""  # what it goes into, such as `work plan 7`; a list of people goes into nothing
    update_existing: bool = False  # a wish that goes with lists of people
    job_id: int | None = None  # the job that checks or runs it; small lists need none


@dataclass(frozen=True)
class KeptList:
    """One uploaded list."""

    import_id: UUID
    folder: Path

    @property
    def facts(self) -> Facts:
        """Whose it is."""
        return Facts(**self._read(FACTS))

    def change(self, **facts: Any) -> None:
        """Set named facts."""
        self._write(FACTS, asdict(self.facts) | facts)

    @property
    def content(self) -> bytes:
        """The list as it was uploaded."""
        return (self.folder / LIST).read_bytes()

    @property
    def check(self) -> dict[str, Any] | None:
        """What the latest check found; None before it."""
        return self._read(CHECK)

    @property
    def corrections(self) -> bytes:
        """The list with what is wrong written into it.

        Raises:
            NotFound: nothing is wrong, or it was not checked yet.
        """
        try:
            return (self.folder / CORRECTIONS).read_bytes()
        except FileNotFoundError:
            raise NotFound from None

    def keep_check(self, check: dict[str, Any], corrections: bytes) -> None:
        """Keep what a check found; an earlier check is forgotten."""
        if corrections:
            _write_whole(self.folder / CORRECTIONS, corrections)
        else:
            (self.folder / CORRECTIONS).unlink(missing_ok=True)
        self._write(CHECK, {**check, "checked_at": clock.now().isoformat()})

    @property
    def outcome(self) -> dict[str, Any] | None:
        """What the import did; None before it."""
        return self._read(OUTCOME)

    def keep_outcome(self, outcome: dict[str, Any]) -> None:
        """Keep what the import did."""
        self._write(OUTCOME, outcome)

    def take_sheet(self) -> bool:
        """Is this the first time that somebody takes the credentials sheet? Of several at once only one is told so."""
        try:
            os.close(os.open(self.folder / SHEET_TAKEN, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        return True

    @property
    def sheet_is_taken(self) -> bool:
        """Has the credentials sheet been taken?"""
        return (self.folder / SHEET_TAKEN).exists()

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None

    def _write(self, name: str, value: dict[str, Any]) -> None:
        _write_whole(self.folder / name, json.dumps(value).encode())


def keep_list(session: Session, actor: Actor, content: bytes, file_name: str, **facts: Any) -> KeptList:
    """Keep an uploaded list for this actor, and remove those that are older than a day.

    Args:
        facts: further fields of Facts.
    """
    sweep(session)
    import_id = uuid4()
    kept = KeptList(import_id, _root(session) / import_id.hex)
    kept.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept.folder.mkdir(mode=0o700)
    _write_whole(kept.folder / LIST, content)
    kept._write(FACTS, asdict(Facts(actor.user_id, actor.organization_id, file_name, **facts)))
    return kept


def find_list(session: Session, actor: Actor, import_id: UUID, about: str = "") -> KeptList:
    """The actor's own list, for what it goes into.

    Raises:
        NotFound: there is none, it is somebody else's or was uploaded elsewhere, or its day is over.
    """
    kept = KeptList(import_id, _root(session) / import_id.hex)
    try:
        facts, age = kept.facts, _age(kept.folder)
    except (FileNotFoundError, TypeError):  # no folder, or one without facts
        raise NotFound from None
    is_own = facts.owner_id == actor.user_id and facts.organization_id == actor.organization_id
    if not is_own or facts.about != about or age > KEPT_FOR:
        raise NotFound
    return kept


def forget(kept: KeptList) -> None:
    """Remove a list and all that is known about it."""
    shutil.rmtree(kept.folder, ignore_errors=True)


def sweep(session: Session) -> int:
    """Remove all lists whose day is over. Returns how many there were."""
    root = _root(session)
    old = [folder for folder in (root.iterdir() if root.is_dir() else ()) if _age(folder) > KEPT_FOR]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Act once the outermost transaction stands; never when it is rolled back.

    Should the process die between the two, the database has the people and the folder does not know it: the list is
    offered again, and refused row by row because all addresses are registered by then.
    """

    waits = [act]

    def when_it_stands(committed: Session) -> None:
        if waits and not committed.in_nested_transaction():
            waits.pop()()

    event.listen(session, "after_commit", when_it_stands)


def _root(session: Session) -> Path:
    return installation_of(session).config.instance / "imports"


def _age(folder: Path) -> timedelta:
    """How long ago a list was uploaded; a folder that never got its list counts from its own making."""
    path = folder / LIST
    made = (path if path.exists() else folder).stat().st_mtime
    return clock.now() - datetime.fromtimestamp(made, UTC)


def _write_whole(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by the service alone."""
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    unfinished.rename(path)
