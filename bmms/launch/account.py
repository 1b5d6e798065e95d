"""Whom PostgreSQL runs as: ourselves, or, since it refuses root, an unprivileged user that exists already (D2)."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bmms.launch.errors import LaunchError

_PASSED_ON = ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, uid: int) -> "Account":
        """The user with this number; a number without a name is its own name."""
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return cls(str(uid), uid, os.getegid())
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    def run(self, argv: Sequence[str | Path], **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, from `/`, with a small environment, in English. Both outputs are text."""
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {"LC_ALL": "C", "HOME": "/"} | more.pop("env", {})
        switch: dict[str, Any] = {}
        if self.uid != os.geteuid():
            switch = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(
            argv,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            start_new_session=True,  # Ctrl-C is for us, not for it
            **switch,
            **more,
        )

    def can_use(self, folder: Path) -> bool:
        """Whether this user can list, write and enter the folder, the folders above included."""
        return self._test('test -r "$1" && test -w "$1" && test -x "$1"', folder)

    def can_reach(self, path: Path) -> bool:
        """Whether this user can enter the folder, or run the program."""
        return self._test('test -x "$1"', path)

    def _test(self, script: str, path: Path) -> bool:
        return self.run(["/bin/sh", "-c", script, "sh", path]).returncode == 0

    def own(self, path: Path) -> None:
        """Hand a file or folder that we have just made over to this user."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_account() -> Account:
    """Whom a new database runs as: ourselves; for root the user postgres, else nobody."""
    if os.geteuid() != 0:
        return Account.of(os.geteuid())
    for name in ("postgres", "nobody"):
        try:
            return Account.of(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise LaunchError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it as. "
        "Add one (useradd --system postgres), run as an ordinary user, or set DATABASE_URL."
    )
