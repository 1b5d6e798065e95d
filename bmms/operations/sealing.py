"""Encryption of backups to a public key, by age: the server that makes them cannot read them again.

The private key (`age-keygen`) lies elsewhere, and is brought along to a restore.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bmms.domain.errors import RuleBroken
from bmms.launch.packages import install_command
from bmms.operations.manifest import Manifest

SUFFIX = ".age"


def seal(part: Path, recipient: str) -> Path:
    """Encrypt a part to a public key (`age1…`); the readable one goes. Raises RuleBroken."""
    sealed = part.with_name(part.name + SUFFIX)
    _age("--encrypt", "--recipient", recipient, "--output", str(sealed), str(part))
    part.unlink()
    return sealed


@contextmanager
def readable(backup: Path, manifest: Manifest, identity: Path | None) -> Iterator[Path]:
    """The folder in which the parts can be read: of an encrypted backup a temporary one, beside it.

    Raises:
        RuleBroken: it is encrypted and no private key was named, or another one than it was encrypted to.
    """
    if not manifest.encrypted:
        yield backup
        return
    if identity is None:
        raise RuleBroken(f"{backup.name} is encrypted. Name the file with the private key: --identity FILE.")
    with TemporaryDirectory(prefix=".bmms_reading_", dir=backup.parent) as folder:
        for name in manifest.parts:
            target = Path(folder, name.removesuffix(SUFFIX))
            _age("--decrypt", "--identity", str(identity), "--output", str(target), str(backup / name))
        yield Path(folder)


def _age(*arguments: str) -> None:
    program = shutil.which("age")
    if program is None:
        raise RuleBroken(f"age is missing. Install it ({install_command(['age'])}), or leave BACKUP_RECIPIENT empty.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("age: error")]
        raise RuleBroken(f"The backup could not be {arguments[0].removeprefix('--')}ed: {' '.join(lines)[:300]}")
