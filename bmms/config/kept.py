"""The secrets that a development installation makes for itself."""

import contextlib
import secrets
from pathlib import Path


def kept_secret(instance: Path, name: str) -> str:
    """A random secret under `instance/`, 0600, made at its first use; for development only (decision D36)."""
    instance.mkdir(parents=True, exist_ok=True)
    path, mine = instance / name, instance / f".{name}.{secrets.token_hex(4)}"
    mine.touch(mode=0o600)
    mine.write_text(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(mine)  # the first of several starting processes wins, and the file is never half written
    mine.unlink()
    return path.read_text().strip()
