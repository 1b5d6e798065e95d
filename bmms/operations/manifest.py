"""What a backup says of itself: versions, how many rows each table has, what the ledger comes to, its parts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bmms.domain.errors import RuleBroken

NAME, FORMAT = "manifest.json", 1


@dataclass(frozen=True)
class Part:
    """One file of a backup."""

    size: int  # bytes
    sha256: str


def part_of(path: Path) -> Part:
    """What a file comes to. Raises OSError."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.stat().st_size, digest)


@dataclass(frozen=True)
class Manifest:
    """Everything that a restore compares.

    Attributes:
        rows: of each table, counted in the snapshot that was dumped.
        ledger: sum of the entries by measure, pesos as text, and how many totals differ from their entries.
        files: how many uploads there are and their bytes; `missing` names rows whose content was not on disk.
        data_keys: the ids of the keys with which values at rest are encrypted: without them these cannot be read.
        encrypted: are the parts encrypted to a public key?
    """

    made_at: datetime
    environment: str
    bmms: str
    postgresql: int
    revision: str
    database: str
    rows: Mapping[str, int]
    ledger: Mapping[str, str]
    files: Mapping[str, Any]
    parts: Mapping[str, Part]
    data_keys: tuple[str, ...] = ()
    encrypted: bool = False
    format: int = FORMAT
    note: str = field(default="")

    def write(self, folder: Path) -> None:
        """Put it into a folder."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True, default=str)
        (folder / NAME).write_text(f"{text}\n", encoding="utf-8")


def read(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        RuleBroken: there is none, it is damaged, or a newer BMMS wrote it.
    """
    try:
        told = json.loads((folder / NAME).read_text(encoding="utf-8"))
        told["parts"] = {name: Part(**part) for name, part in told["parts"].items()}
        told["made_at"] = datetime.fromisoformat(told["made_at"])
        found = Manifest(**told)
        if any(Path(name).name != name for name in found.parts):
            raise ValueError("a part lies outside the folder")
    except FileNotFoundError:
        raise RuleBroken(f"{folder} is no backup of BMMS: it has no {NAME}.") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RuleBroken(f"{folder / NAME} is damaged or of a newer BMMS. Take another backup.") from None
    if found.format != FORMAT:
        raise RuleBroken(f"{folder} was written in format {found.format}; this BMMS reads format {FORMAT}.")
    return found
