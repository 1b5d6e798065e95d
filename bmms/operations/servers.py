"""The database server as its owner sees it, and PostgreSQL's programs for it; no password is in a command line."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import URL

from bmms.domain.errors import RuleBroken
from bmms.launch.binaries import Binaries, find_client
from bmms.launch.database import login_behind
from bmms.launch.errors import LaunchError

MAINTENANCE = "postgres"  # the database from which others are made, renamed and dropped


@dataclass(frozen=True)
class Server:
    """An address of the owner; `database` is the one that the application uses."""

    address: str

    @property
    def database(self) -> str:
        """The name in the address."""
        return str(conninfo_to_dict(self.address).get("dbname", "bmms"))

    def url(self, database: str) -> str:
        """The same login for another database of the server."""
        return make_conninfo(self.address, dbname=database)

    def engine_url(self, database: str) -> str:
        """The same as SQLAlchemy and Alembic write it."""
        parts = {name: str(value) for name, value in conninfo_to_dict(self.url(database)).items()}
        user, password, _ = parts.pop("user", None), parts.pop("password", None), parts.pop("dbname")
        url = URL.create("postgresql+psycopg", user, password, database=database, query=parts)
        return url.render_as_string(hide_password=False)

    def connect(self, database: str | None = None, *, autocommit: bool = True) -> psycopg.Connection:
        """A connection of the owner.

        Raises:
            RuleBroken: the server does not answer, or refuses.
        """
        try:
            return psycopg.connect(self.url(database or self.database), autocommit=autocommit, connect_timeout=10)
        except psycopg.OperationalError as refused:
            raise RuleBroken(f"The database does not answer: {str(refused).strip().splitlines()[0]}") from None

    def programs(self) -> Binaries:
        """`pg_dump` and `pg_restore` that know this server. Raises RuleBroken."""
        with self.connect(MAINTENANCE) as connection:
            version = connection.info.server_version // 10_000
        try:
            return find_client(version)
        except LaunchError as missing:
            raise RuleBroken(str(missing)) from None

    def require_all_rows(self) -> None:
        """Raises RuleBroken unless the login sees every row: a dump under row-level security would be empty."""
        self.connect().close()  # tells why it cannot
        login = login_behind(self.address)
        if not login.sees_all:
            raise RuleBroken(
                f"The login {login.name} does not see all rows, so a backup of it would be empty. "
                "Set DATABASE_OWNER_URL to the owner's login (BYPASSRLS); `flask print_roles_sql` prints how."
            )

    def holds_tables(self) -> bool:
        """Is there a database of BMMS to lose? After an accident there may be none, or an empty one."""
        with self.connect(MAINTENANCE) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [self.database]).rowcount:
                return False
        with self.connect() as connection:
            return bool(connection.execute("SELECT FROM pg_tables WHERE tablename = 'alembic_version'").rowcount)

    @contextmanager
    def running(
        self, program: str, *arguments: str, database: str | None = None, stdout: int | IO[bytes] = subprocess.DEVNULL
    ) -> Iterator[subprocess.Popen[bytes]]:
        """One of PostgreSQL's programs at work.

        Args:
            database: the one that it connects to; none, where it only reads a file.

        Raises:
            RuleBroken: it failed; with its last words.
        """
        argv, environ = [str(self.programs().program(program)), *arguments], dict(os.environ)
        if database is not None:
            parts = conninfo_to_dict(self.url(database))
            environ["PGPASSWORD"] = str(parts.pop("password", "") or environ.get("PGPASSWORD", ""))
            argv.append(f"--dbname={make_conninfo('', **parts)}")
        with subprocess.Popen(argv, env=environ, stdout=stdout, stderr=subprocess.PIPE) as process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise
            errors = process.stderr.read().decode(errors="replace") if process.stderr else ""
            if process.wait():
                raise RuleBroken(f"{program} failed: {_last_words(errors)}")


def _last_words(errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"
