"""The uploads of a backup: one tar of all that the database names, and back into the store, never over what is whole.

The contents never change and their names are random (decision D44). So a restore only adds: it cannot harm the files of
the database that it takes the place of, and what nobody names any more is swept a day later.
"""

import hashlib
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg

from bmms.domain.errors import RuleBroken
from bmms.domain.files.store import UNFINISHED

BLOCK = 1 << 18  # bytes that are read at once; four times as many take twice as long
COPY = re.compile(rb"COPY public\.stored_files \(([^)]*)\) FROM")
STORED = "SELECT organization_id, storage_key, size, sha256 FROM stored_files ORDER BY id"


@dataclass(frozen=True)
class Stored:
    """A row of `stored_files`, as far as its content is concerned."""

    path: str  # below the folder of files
    size: int
    sha256: str


@dataclass
class Outcome:
    """How many contents were taken, how many bytes, and which were not there."""

    count: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)


class Hashing:
    """A file that is written and hashed at once."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, block: bytes) -> int:
        """As of a file."""
        self._digest.update(block)
        self.size += len(block)
        return self._target.write(block)

    def tell(self) -> int:
        """As of a file."""
        return self.size

    def hexdigest(self) -> str:
        """Of all that was written."""
        return self._digest.hexdigest()


def stored(connection: psycopg.Connection) -> Iterator[Stored]:
    """Every upload that the database names."""
    with connection.cursor(name="stored") as cursor:
        for organization_id, key, size, sha256 in cursor.execute(STORED):
            yield Stored(f"{organization_id}/{key}", size, sha256)


def stored_in(script: IO[bytes]) -> Iterator[Stored]:
    """The same, of what pg_restore writes as SQL of that table."""
    columns: list[str] = []
    for line in script:
        if not columns:
            begins = COPY.match(line)
            columns = begins[1].decode().split(", ") if begins else []
        elif line == b"\\.\n":
            columns = []
        else:
            row = dict(zip(columns, line.decode().rstrip("\n").split("\t"), strict=True))
            yield Stored(f"{row['organization_id']}/{row['storage_key']}", int(row["size"]), row["sha256"])


def pack(folder: Path, wanted: Iterable[Stored], target: Hashing) -> Outcome:
    """Write the contents into one tar. One that is missing or damaged is named and left out, and the rest goes on."""
    outcome = Outcome()
    with tarfile.open(fileobj=target, mode="w", copybufsize=BLOCK, format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
        for one in wanted:
            if wrong := damaged(folder, [one]):
                outcome.missing += wrong
                continue
            with (folder / one.path).open("rb") as content:
                member = tar.gettarinfo(arcname=one.path, fileobj=content)
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                tar.addfile(member, content)
            outcome.count += 1
            outcome.size += one.size
    return outcome


def unpack(source: IO[bytes], folder: Path, wanted: dict[str, Stored]) -> int:
    """Put the contents that the restored database names into the store; what lies there whole stays.

    Returns:
        how many were written.

    Raises:
        RuleBroken: a content is not what its row says.
    """
    written = 0
    with tarfile.open(fileobj=source, mode="r:") as tar:
        for member in tar:
            one = wanted.pop(member.name, None)
            if one is None or not member.isfile():
                raise RuleBroken(f"The backup holds {member.name}, which its database does not name.")
            content = tar.extractfile(member)
            written += content is not None and _put(content, folder / one.path, one)
    return written


def damaged(folder: Path, wanted: Iterable[Stored]) -> list[str]:
    """The contents in the store that are missing or are not what their rows say, each with what is the matter."""
    found = []
    for one in wanted:
        try:
            with (folder / one.path).open("rb") as content:
                if hashlib.file_digest(content, "sha256").hexdigest() != one.sha256:
                    found.append(f"{one.path} is damaged")
        except FileNotFoundError:
            found.append(f"{one.path} is not there")
    return found


def _put(content: IO[bytes], path: Path, one: Stored) -> bool:
    if path.is_file() and not damaged(path.parent.parent, [one]):
        return False
    for place in (path.parent.parent, path.parent):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}{UNFINISHED}")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        hashing: Any = Hashing(target)
        while block := content.read(BLOCK):
            hashing.write(block)
        target.flush()
        os.fsync(target.fileno())
    if hashing.hexdigest() != one.sha256:
        half.unlink()
        raise RuleBroken(f"{one.path} in the backup is not what the database says of it.")
    half.replace(path)
    return True
