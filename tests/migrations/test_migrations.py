"""Migrations and models say the same, and every step goes both ways."""

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text

from bmms.extensions import Base
from bmms.launch.roles import create_roles
from bmms.launch.tables import are_current
from tests.conftest import PASSWORDS, PROJECT, _url


def differences(connection: Connection) -> list:
    """What the tables have and the models lack, or the other way round. The queue's own tables have no models."""

    def ours(name, kind, _parents):
        return not (kind == "table" and name.startswith("huey_"))

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours})
    return compare_metadata(context, Base.metadata)


def test_models_match_migrations(owner: Engine):
    with owner.connect() as connection:
        assert differences(connection) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE units ADD COLUMN forgotten text",
        "ALTER TABLE units DROP COLUMN code",
        "ALTER TABLE units ALTER COLUMN name TYPE varchar(7)",
        "ALTER TABLE units ALTER COLUMN name DROP NOT NULL",
        "CREATE TABLE forgotten (id bigint)",
    ],
)
def test_each_difference_is_found(owner: Engine, change: str):
    with owner.connect() as connection:
        connection.execute(text(change))
        assert len(differences(connection)) == 1
        connection.rollback()


@pytest.fixture
def empty_database(server: str, database: dict[str, str]):
    """A database of its own, without any table."""
    name = database["DATABASE_URL"].rsplit("/", 1)[1].partition("?")[0] + "_steps"
    with psycopg.connect(server, autocommit=True) as admin:
        create_roles(server, name, PASSWORDS)
        yield _url(server, "bmms_owner", name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_up_down_up(empty_database: str):
    config = Config(str(PROJECT / "migrations" / "alembic.ini"))
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.set_main_option("sqlalchemy.url", empty_database.replace("%", "%%"))
    versions, urls = PROJECT / "migrations" / "versions", {"DATABASE_OWNER_URL": empty_database}
    assert not are_current(versions, urls)
    command.upgrade(config, "head")
    assert are_current(versions, urls)
    command.downgrade(config, "-1")
    assert not are_current(versions, urls)
    command.downgrade(config, "base")
    assert not are_current(versions, urls)
    engine = create_engine(empty_database)
    with engine.connect() as connection:
        left = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        functions = connection.execute(text("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"))
        assert set(left) <= {"alembic_version"}
        assert functions.scalar_one() == 0
    engine.dispose()
    command.upgrade(config, "head")
