"""A backup of an earlier version comes back by the command, and its tables are those of today."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config as Alembic
from psycopg import sql

from bmms.cli.backups import MIGRATIONS
from bmms.domain import clock
from bmms.launch.roles import create_roles
from bmms.launch.tables import revisions
from bmms.operations import backing_up, manifest
from bmms.operations.servers import Server
from bmms.operations.shelf import Shelf
from tests.conftest import PASSWORDS, _url

EARLIER = ["0016", "0028"]  # when the ledger was new; before backups were on record


@pytest.fixture(params=EARLIER)
def earlier(request, server, tmp_path) -> Iterator[backing_up.Source]:
    """An installation of that time, with a person and an organization."""
    name = f"bmms_older_{secrets.token_hex(4)}"
    create_roles(server, name, PASSWORDS)
    there = Server(_url(server, "bmms_owner", name).replace("+psycopg", ""))
    config = Alembic(str(MIGRATIONS / "alembic.ini"))
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", there.engine_url(name).replace("%", "%%"))
    command.upgrade(config, request.param)
    with there.connect() as owner:
        owner.execute(
            "INSERT INTO users (username, email, first_name, last_name, phone, password_hash, status)"
            " VALUES ('yusuf', 'yusuf@mole.invalid', 'Yusuf', 'Ali', '', '', 'active')"
        )
        owner.execute(
            "INSERT INTO organizations (code, name, kind, is_pilot) VALUES ('MOLE', 'Labor', 'ministry', true)"
        )
    yield backing_up.Source(there, tmp_path / "none", "test", "0.4.0")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def tables_of(server: Server, path: Path) -> list[str]:
    """What pg_dump says of the tables and of who may do what with them, without the types that PostgreSQL adds in two
    ways to the rules of a column: as they are made, and as they come back from a dump."""
    with path.open("wb") as file, server.running("pg_dump", "--schema-only", database=server.database, stdout=file):
        pass
    said = [line for line in path.read_text().splitlines() if line and not line.startswith(("--", "\\"))]
    plain = [re.sub(r"::(character varying|text)|\[\]|[()]", "", line) for line in said]
    return sorted(
        line for line in plain if not line.startswith("ALTER SCHEMA public")
    )  # of the database's owner anyway


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(earlier, source, commands, tmp_path):
    made = backing_up.back_up(earlier, Shelf(tmp_path / "backups", "test"), clock.now())
    assert manifest.read(made.path).revision < revisions(MIGRATIONS / "versions")[-1]
    today = tables_of(source.server, tmp_path / "today.sql")
    ran = commands("restore", "--yes", made.path.name)
    assert ran.exit_code == 0, ran.output
    assert tables_of(source.server, tmp_path / "restored.sql") == today
    with source.server.connect() as owner:
        assert owner.execute("SELECT username FROM users").fetchall() == [("yusuf",)]
        last = "SELECT kind, outcome FROM operation_runs ORDER BY ended_at DESC LIMIT 1"
        assert owner.execute(last).fetchall() == [("restore", "done")]
