"""The PostgreSQL of this checkout, shared by every process that needs it: `with attach(instance) as cluster`.

Each attached process holds a shared lock on the file `users`, freed by the system even when it is killed with -9. The
last one to leave stops the server. The file `start` is locked by whoever starts, stops or changes anything.
Passwords, one for each role, lie in the file `passwords` with mode 0600 (decision D28).
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from bmms.launch.binaries import Binaries, find_binaries
from bmms.launch.errors import LaunchError
from bmms.launch.place import Address, Place, find_address, find_place, holds_socket, is_free_port, socket_folders
from bmms.launch.server import Answer, Server, greet, server_settings

SUPERUSER = "postgres"
START_SECONDS = 120


def attach(instance: Path, *, name: str = "cluster", tuning: Mapping[str, str] | None = None) -> "Cluster":
    """Attach to the database server of this instance folder, made and started first when it is not there.

    `tuning` holds PostgreSQL settings and counts for whoever starts the server. Leave with `close()` or a `with` block.
    Raises LaunchError.
    """
    cluster = Cluster(find_place(instance, name), dict(tuning or {}))
    cluster.join()
    return cluster


def stop_unused(instance: Path, *, name: str = "cluster") -> bool:
    """Stop a server that nobody is attached to, as after kill -9 of its last user. Whether none runs afterwards."""
    if not (instance / name).exists():
        return True
    cluster = Cluster(find_place(instance, name), {})
    return cluster.stop_unused()


class Cluster:
    """One attachment to the server: its address, its passwords, its continued life."""

    def __init__(self, place: Place, tuning: dict[str, str]) -> None:
        self.place = place
        self._tuning = tuning
        self._lease: int | None = None
        self._process = os.getpid()
        self._address: Address | None = None

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> Address:
        """Where the server answers."""
        if self._address is None:
            raise LaunchError("Not attached to the database server.")
        return self._address

    @property
    def server(self) -> Server:
        """The server itself."""
        return Server(self.place, self.address)

    def url(self, role: str, database: str) -> str:
        """`postgresql://role:password@/database?host=…&port=…` for psycopg and SQLAlchemy."""
        host = quote(self.address.host, safe="/")
        return f"postgresql://{role}:{self.password(role)}@/{quote(database)}?host={host}&port={self.address.port}"

    def password(self, role: str) -> str:
        """The password kept for a role, a random one from the first time it is asked for."""
        kept = self._passwords()
        if role not in kept:
            with self._alone():
                kept = self._keep_password(role)
        return kept[role]

    def join(self) -> None:
        """Take the lease and see to it that the server serves. Called by `attach`."""
        with self._alone():
            lease = self._open("users")
            try:
                fcntl.flock(lease, fcntl.LOCK_SH)
                if not (self.place.data / "PG_VERSION").exists():
                    self._create()
                self._address = self._usable_address()
                self._bring_up()
                self._write("address", json.dumps({"host": self._address.host, "port": self._address.port}))
            except BaseException:
                os.close(lease)
                raise
            self._lease = lease

    def ensure(self) -> None:
        """Start the server again if it died. Cheap when it lives; the supervisor calls this each second."""
        if greet(self.address) is not Answer.SILENT:
            return
        with self._alone():
            self._bring_up()

    def close(self) -> None:
        """Leave; the last one to leave stops the server. A second call, or one from a forked child, does nothing."""
        lease, self._lease = self._lease, None
        if lease is None or self._process != os.getpid():
            return
        try:
            with self._alone():
                if _take(lease):
                    self._stop()
        finally:
            os.close(lease)

    def stop_unused(self) -> bool:
        """See the function of this name."""
        with self._alone():
            users = self._open("users")
            try:
                if not _take(users):
                    return False
                self._stop()
                return True
            finally:
                os.close(users)

    def _stop(self) -> None:
        """Stop the server and take its folders for sockets outside its own away."""
        Server(self.place, Address("")).stop()
        for folder in socket_folders(self.place)[1:]:
            with suppress(OSError):
                folder.rmdir()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the start lock: nobody else starts or stops the server, joins or leaves."""
        lock = self._open("start")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        path = self.place.home / name
        try:
            handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LaunchError(f"{path} cannot be opened ({error.strerror}). Is the folder still there?") from error
        self.place.account.own(path)
        return handle

    def _write(self, name: str, text: str) -> None:
        """Replace a small file of the server's user, 0600, so that a reader sees the old one or the new one."""
        fresh = self.place.home / f"{name}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        self.place.account.own(fresh)
        fresh.replace(self.place.home / name)

    def _passwords(self) -> dict[str, str]:
        try:
            return json.loads((self.place.home / "passwords").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def _keep_password(self, role: str) -> dict[str, str]:
        kept = self._passwords()
        if role not in kept:
            kept[role] = secrets.token_urlsafe(24)
            self._write("passwords", json.dumps(kept, indent=1))
        return kept

    def _usable_address(self) -> Address:
        """The address of last time while it is still ours to use, else a new one."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads((self.place.home / "address").read_text(encoding="utf-8"))
            address = Address(kept["host"], kept["port"])
            if self._is_usable(address):
                return address
        return find_address(self.place)

    def _is_usable(self, address: Address) -> bool:
        """Whether a kept address is still ours: a copied checkout brings along that of the original."""
        if address.socket is None:
            return Server(self.place, address).pid() is not None or is_free_port(address.port)
        folder = Path(address.host)
        return folder in socket_folders(self.place) and holds_socket(folder, self.place.account)

    def _bring_up(self) -> None:
        if self.address.socket:
            holds_socket(self.address.socket.parent, self.place.account)
        self.server.bring_up(self._binaries, server_settings(self.address, self._tuning), START_SECONDS)

    def _binaries(self) -> Binaries:
        """Programs of the version that made the data; no others may open it."""
        try:
            version = int((self.place.data / "PG_VERSION").read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise LaunchError(f"{self.place.data} is no data directory of PostgreSQL (no PG_VERSION).") from error
        return find_binaries(version).reachable_by(self.place.account, self.place.home)

    def _create(self) -> None:
        """Make the data directory beside its name and move it there: half a directory is never taken for one."""
        if self.place.data.exists() and any(self.place.data.iterdir()):
            raise LaunchError(
                f"{self.place.data} is not empty, but is no data directory of PostgreSQL either (no PG_VERSION). "
                "Bring the rest back from a backup, or move it away to start with an empty database."
            )
        binaries = find_binaries().reachable_by(self.place.account, self.place.home)
        fresh = self.place.home / "data.new"
        options = ["-A", "scram-sha-256", f"--pwfile={self.place.home / 'superuser'}"]
        if self._tuning.get("fsync") == "off":
            options.append("--no-sync")
        self._write("superuser", self._keep_password(SUPERUSER)[SUPERUSER])
        try:
            for locale in _locales(binaries.version):
                shutil.rmtree(fresh, ignore_errors=True)
                made = self.place.account.run(
                    [binaries.folder / "initdb", "-D", fresh, "-U", SUPERUSER, "-E", "UTF8", *locale, *options]
                )
                if made.returncode == 0:
                    fresh.rename(self.place.data)
                    return
        finally:
            (self.place.home / "superuser").unlink()
        raise LaunchError(f"PostgreSQL could not make its data directory {fresh}:\n{made.stderr.strip()}")


def _locales(version: int) -> list[list[str]]:
    """Ways to ask for text in code-point order, the best first: PostgreSQL's own rules (17+), the system's, none."""
    if version >= 17:
        return [["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
    return [["--locale=C.UTF-8"], ["--locale=C"]]


def _take(users: int) -> bool:
    """Whether nobody but the holder of this handle has the file of users locked."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
