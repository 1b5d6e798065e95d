"""The folder with the backups: names, what is complete, what is too old, and the lock against two at once.

A backup is a folder `bmms_staging_20261129_020000`. While it is made its name begins with a dot; only a whole and
verified one gets its name, by a rename. So what has a name is complete.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bmms.domain.clock import MANILA
from bmms.domain.errors import RuleBroken

LEAST_FREE = 5 * 1024**3  # bytes: below that a backup is warned of
STAMP = "%Y%m%d_%H%M%S"


@dataclass(frozen=True)
class Shelf:
    """A folder with backups of one environment."""

    folder: Path
    environment: str

    @property
    def _name(self) -> re.Pattern[str]:
        return re.compile(rf"bmms_{self.environment}_(\d{{8}}_\d{{6}})")

    def all(self) -> list[Path]:
        """The complete ones, the newest first."""
        found = [each for each in self.folder.glob("bmms_*") if self._name.fullmatch(each.name) and each.is_dir()]
        return sorted(found, key=lambda each: each.name, reverse=True)

    def newest(self) -> Path:
        """The newest complete one. Raises RuleBroken: there is none."""
        if found := self.all():
            return found[0]
        raise RuleBroken(f"There is no backup in {self.folder}.")

    def find(self, name: str) -> Path:
        """One by its path, or by its bare name here. Raises RuleBroken."""
        for path in (Path(name), self.folder / name):
            if path.is_dir():
                return path
        raise RuleBroken(f"There is no backup {name}, neither here nor in {self.folder}.")

    def knows(self, name: str) -> bool:
        """Is this the name of a backup of this environment?"""
        return self._name.fullmatch(name) is not None

    def made_at(self, backup: Path) -> datetime:
        """By its name."""
        found = self._name.fullmatch(backup.name)
        if found is None:
            raise RuleBroken(f"{backup.name} is not named like a backup.")
        return datetime.strptime(found[1], STAMP).replace(tzinfo=MANILA)

    @contextmanager
    def making(self, now: datetime) -> Iterator[tuple[Path, str]]:
        """A place for a new one: the folder to fill, and the name that it gets. What is left unfinished is removed.

        Raises:
            RuleBroken: another one is being made, or the folder cannot be written.
        """
        with self.held(".lock", "Another backup is being made. Wait until it has ended."):
            for left in self.folder.glob(".bmms_*.part"):
                shutil.rmtree(left, ignore_errors=True)
            name = self._free_name(now)
            half = self.folder / f".{name}.part"
            try:
                half.mkdir(mode=0o700)
                yield half, name
            finally:
                shutil.rmtree(half, ignore_errors=True)

    @contextmanager
    def held(self, name: str, refusal: str) -> Iterator[None]:
        """Hold a lock of this folder; it ends with its process, however that ends.

        Raises:
            RuleBroken: with these words, somebody else holds it; or the folder cannot be written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.folder / name).open("w")
        except OSError as refused:
            raise RuleBroken(f"{self.folder} cannot be written: {refused.strerror}. Set BACKUP_DIRECTORY.") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RuleBroken(refusal) from None
            yield

    def _free_name(self, now: datetime) -> str:
        """By the second; when two are made within one, the later one takes the next."""
        while (self.folder / (name := f"bmms_{self.environment}_{now.astimezone(MANILA):{STAMP}}")).exists():
            now += timedelta(seconds=1)
        return name

    def free(self) -> int:
        """Bytes that are free there."""
        return shutil.disk_usage(self.folder).free

    def drop_old(self, now: datetime, days: int) -> list[Path]:
        """Remove those older than so many days, but never the newest. Returns what went."""
        old = [each for each in self.all()[1:] if self.made_at(each) < now - timedelta(days=days)]
        for each in old:
            dying = each.with_name(f".{each.name}.part")  # a name that nobody takes for a complete one
            each.rename(dying)
            shutil.rmtree(dying)
        return old


def settle(folder: Path, *, deep: bool = True) -> None:
    """Have it on the disk, not only in memory."""
    for path in (*(folder.iterdir() if deep else ()), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
