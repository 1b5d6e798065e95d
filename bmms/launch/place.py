"""Where the database of a checkout lies and which address it answers at (decision D29).

The database lies under `instance/` when the user it runs as can use that folder, else in `/var/lib/bmms/<key>`, else in
`/var/tmp/bmms-<key>`. Its folder belongs to that user with mode 0700. No mode of a folder that exists is ever changed.
"""

import hashlib
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bmms.launch.account import Account, server_account
from bmms.launch.errors import LaunchError

PORT = 5432
_SOCKET_BYTES = 100


@dataclass(frozen=True)
class Place:
    """The folder of one database server and the user it runs as."""

    home: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "data"

    @property
    def key(self) -> str:
        """Twelve characters that stand for this place in short paths."""
        return _key(self.home, self.account)


@dataclass(frozen=True)
class Address:
    """What a client needs to reach the server: the folder of its socket, or an address of this machine; the port."""

    host: str
    port: int = PORT

    @property
    def socket(self) -> Path | None:
        """The socket file; None when the server listens on TCP."""
        return Path(self.host, f".s.PGSQL.{self.port}") if self.host.startswith("/") else None


def _key(home: Path, account: Account) -> str:
    return hashlib.sha256(f"{home}:{account.uid}".encode()).hexdigest()[:12]


def find_place(instance: Path, name: str) -> Place:
    """The place of the database `name` of this instance folder, made if there is none yet.

    When the data lies elsewhere, `instance/<name>` is a file that holds the address. Raises LaunchError when no folder
    can hold the data, and when the data is there but cannot be used: it never starts an empty database beside it.
    """
    here = instance.resolve() / name
    if here.is_symlink():
        raise LaunchError(f"{here} is a symbolic link. Put the folder itself there, or remove the link.")
    if here.is_file():
        return _place_elsewhere(here)
    if here.is_dir() and any(_entries(here)):
        return _place_with_data(here)
    with suppress(OSError):
        instance.mkdir(parents=True, exist_ok=True)
    return _new_place(here)


def _new_place(here: Path) -> Place:
    account = server_account()
    key = _key(here, account)
    refusals = []
    for home in (here, Path("/var/lib/bmms", key), Path(f"/var/tmp/bmms-{key}")):  # noqa: S108 - owner is verified
        if refusal := _settle(home, account):
            refusals.append(f"  {home}: {refusal}")
            continue
        if home != here:
            _leave_address(here, home)
        return Place(home, account)
    raise LaunchError(
        "No folder can hold the database:\n" + "\n".join(refusals) + "\n"
        "Move BMMS to a folder of your own, or set DATABASE_URL to a server that you have."
    )


def _settle(home: Path, account: Account) -> str:
    """Make the folder if it is not there. Answers why it cannot serve, or nothing when it can."""
    try:
        if not os.path.lexists(home) or (not home.is_symlink() and home.is_dir() and not any(_entries(home))):
            _make(home, account)
        found = home.lstat()
    except OSError as error:
        return error.strerror or str(error)
    if not stat.S_ISDIR(found.st_mode):
        return "is not a folder"
    if found.st_uid != account.uid:
        return f"belongs to user {Account.of(found.st_uid).name}"
    if stat.S_IMODE(found.st_mode) != 0o700:
        return "cannot be closed to others (mode 0700); the file system does not keep modes, or somebody opened it"
    return "" if account.can_use(home) else _closed(home, account)


def _make(home: Path, account: Account) -> None:
    """Make the folder beside its name and move it there: several processes may do so at once, each sees a whole one."""
    if home.parent == Path("/var/lib/bmms") and not home.parent.exists():
        home.parent.mkdir()
        home.parent.chmod(0o755)
    fresh = home.with_name(f".{home.name}.{os.getpid()}")
    fresh.mkdir(mode=0o700)
    try:
        account.own(fresh)
        if account.can_use(fresh):
            fresh.rename(home)
            return
    except OSError:
        if not home.is_dir():
            raise
    finally:
        if fresh.is_dir():
            fresh.rmdir()
    if not home.is_dir():
        raise PermissionError(0, _closed(fresh, account))


def _closed(folder: Path, account: Account) -> str:
    """Which folder shuts the user out, in words."""
    above = next((part for part in reversed(folder.parents) if not account.can_reach(part)), folder.parent)
    return f"user {account.name} cannot use it, because {above} is closed to that user"


def _place_elsewhere(pointer: Path) -> Place:
    home = Path(pointer.read_text(encoding="utf-8").strip())
    if not home.is_absolute() or not home.is_dir():
        raise LaunchError(
            f"{pointer} says that the database lies in {home}, but that folder is gone. "
            f"Bring it back, or delete {pointer} to start with an empty database."
        )
    return _place_with_data(home)


def _place_with_data(home: Path) -> Place:
    account = Account.of(_owner(home))
    us = os.geteuid()
    if account.uid == 0:
        raise LaunchError(
            f"{home} belongs to root, and PostgreSQL does not run as root. "
            f"Give it to another user: chown -R {server_account().name} {home}"
        )
    if us not in (0, account.uid):
        raise LaunchError(
            f"{home} belongs to user {account.name}, who made this database. Run BMMS as that user (or as root), "
            f"or move the folder away to start with an empty database."
        )
    if not account.can_use(home):
        raise LaunchError(
            f"{home} holds a database, but {_closed(home, account)}. Open that folder again, "
            f"or move the database to where the user can reach it and write the new address into {home}."
        )
    return Place(home, account)


def _leave_address(pointer: Path, home: Path) -> None:
    """Note where the data lies; an instance folder that we cannot write finds it again by its key."""
    fresh = pointer.with_name(f".{pointer.name}.{os.getpid()}.address")
    try:
        fresh.write_text(f"{home}\n", encoding="utf-8")
        fresh.replace(pointer)
    except OSError:
        return


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except PermissionError:
        yield folder


def _owner(path: Path) -> int:
    return path.lstat().st_uid


def socket_folders(place: Place) -> tuple[Path, ...]:
    """Where the socket may lie, in the order of preference: short paths when the folder's own is too long."""
    return (place.home / "socket", Path(f"/run/bmms-{place.key}"), Path(f"/tmp/bmms-{place.key}"))  # noqa: S108


def find_address(place: Place) -> Address:
    """An address for a server that is about to start: a private socket where one can be, else TCP on this machine."""
    for folder in socket_folders(place):
        if holds_socket(folder, place.account):
            return Address(str(folder))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Address("127.0.0.1", probe.getsockname()[1])


def is_free_port(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holds_socket(folder: Path, account: Account) -> bool:
    """Whether the folder, made if it is missing, can hold the server's socket: short, that user's, closed to others."""
    path = folder / f".s.PGSQL.{PORT}"
    if len(os.fsencode(path)) >= _SOCKET_BYTES or "," in str(path):  # a comma separates hosts in an address
        return False
    try:
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700)
            account.own(folder)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) & 0o077:
            return False
        probe = folder / f".probe.{os.getpid()}"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(probe))
        probe.unlink()
    except OSError:
        return False
    return account.can_use(folder)
