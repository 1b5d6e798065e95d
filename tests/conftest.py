"""The ground of all tests: a real PostgreSQL, one database per worker, cloned from a migrated template."""

import hashlib
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask
from hypothesis import settings
from playwright.sync_api import Playwright, sync_playwright
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from bmms.app import create_app
from bmms.config import Config, Limits
from bmms.extensions import db
from bmms.launch.cluster import SUPERUSER, attach
from bmms.launch.roles import create_roles
from bmms.models.locks import Lock
from bmms.tenancy import bind_platform
from tasks.queue import init_queue
from tests.cast import Cast, make_cast
from tests.client import Reader
from tests.ground import Ground, Rows

PROJECT = Path(__file__).resolve().parent.parent
# `make test` draws the same examples each time: a change is judged by what it changed. `make drill` draws new ones.
settings.register_profile("test", derandomize=not os.environ.get("BMMS_DRILL"))
settings.load_profile("test")
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
PASSWORDS = {"bmms_owner": "test-owner", "bmms_app": "test-app", "bmms_ocm": "test-ocm"}


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A workbook holds the second in which it was made: as the name of a test it differs from process to process."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives Chromium: one in each process, for its loop bears no second one."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A superuser's address: the server that BMMS_TEST_SERVER names, else a private one of the launcher."""
    if address := os.environ.get("BMMS_TEST_SERVER"):
        yield address
        return
    with attach(PROJECT / "instance", name="test-cluster", tuning=FAST) as cluster:
        yield cluster.url(SUPERUSER, "postgres")


def _url(server: str, user: str, database: str) -> str:
    parts = conninfo_to_dict(server)
    host = parts.get("host") or "127.0.0.1"
    query = {"host": host} if host.startswith("/") else {}
    return URL.create(
        "postgresql",
        username=user,
        password=PASSWORDS[user],
        host=None if query else host,
        port=int(parts.get("port") or 5432),
        database=database,
        query=query,
    ).render_as_string(hide_password=False)


def _fingerprint() -> str:
    roles = PROJECT / "bmms" / "launch" / "roles.py"
    files = sorted([*PROJECT.glob("migrations/**/*.py"), *PROJECT.glob("bmms/models/*.py"), roles])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def _make_template(server: str, admin: psycopg.Connection, template: str) -> None:
    """Migrate an empty database once for all workers; of the templates of earlier states of the code five stay."""
    known = "SELECT datname FROM pg_database WHERE datname ~ '^bmms_template_[0-9a-f]+$' ORDER BY oid DESC OFFSET 5"
    for (old,) in admin.execute(known).fetchall():
        admin.execute(f"DROP DATABASE IF EXISTS {old}")
    create_roles(server, f"{template}_making", PASSWORDS)
    config = AlembicConfig(str(PROJECT / "migrations" / "alembic.ini"))
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.set_main_option("sqlalchemy.url", _url(server, "bmms_owner", f"{template}_making").replace("%", "%%"))
    command.upgrade(config, "head")
    admin.execute(f"ALTER DATABASE {template}_making RENAME TO {template}")


@pytest.fixture(scope="session")
def database(server: str) -> Iterator[dict[str, str]]:
    """The three addresses of this worker's own database: DATABASE_URL, DATABASE_OWNER_URL, DATABASE_OCM_URL."""
    worker = f"{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
    template, name = f"bmms_template_{_fingerprint()}", f"bmms_test_{worker}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", (Lock.TEST_TEMPLATE,))
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,)).fetchone():
            admin.execute(f"DROP DATABASE IF EXISTS {template}_making")
            _make_template(server, admin, template)
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER bmms_owner")
        admin.execute("SELECT pg_advisory_unlock(%s)", (Lock.TEST_TEMPLATE,))
        yield {
            "DATABASE_URL": _url(server, "bmms_app", name),
            "DATABASE_OWNER_URL": _url(server, "bmms_owner", name),
            "DATABASE_OCM_URL": _url(server, "bmms_ocm", name),
        }
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def engine(database: dict[str, str]) -> Iterator[Engine]:
    """The application's login."""
    engine = create_engine(database["DATABASE_URL"])
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def owner(database: dict[str, str]) -> Iterator[Engine]:
    """The owner's login, which row-level security does not bind."""
    engine = create_engine(database["DATABASE_OWNER_URL"])
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """An unbound session whose work is rolled back after the test; bind it as the test needs."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        transaction.rollback()


MANY = "100000 per minute"


@pytest.fixture(scope="session")
def config(database: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The settings of tests: everything on, limits out of the way, costs told."""
    return Config(
        environment="test",
        instance=tmp_path_factory.mktemp("instance"),
        secret_key="tests " * 12,
        data_keys=("a key of tests",),
        database_url=database["DATABASE_URL"],
        database_ocm_url=database["DATABASE_OCM_URL"],
        base_url="http://localhost",
        bench=True,
        log_level="ERROR",
        limits=Limits(*([MANY] * 8)),
    )


@contextmanager
def running(config: Config) -> Iterator[Flask]:
    """The whole application with these settings, its connections closed afterwards."""
    app = create_app(config)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def app(config: Config) -> Iterator[Flask]:
    """The whole application on this worker's database."""
    with running(config) as app:
        yield app


@pytest.fixture
def queue(app: Flask) -> None:
    """What is asked for is signed for the application of the tests, whichever was made or served last."""
    init_queue(app)


@pytest.fixture(scope="session")
def ground(server: str, database: dict[str, str]) -> Iterator[Ground]:
    """All rows of this worker's database, to remove and to bring back."""
    name = conninfo_to_dict(database["DATABASE_URL"])["dbname"]
    with psycopg.connect(server, dbname=name, autocommit=True) as connection:
        yield Ground(connection)


@pytest.fixture
def emptied(ground: Ground) -> Iterator[None]:
    """For tests that commit: every table is empty again afterwards."""
    yield
    ground.empty()


@pytest.fixture(scope="session")
def cast_rows(app: Flask, engine: Engine, ground: Ground) -> tuple[Rows, bytes]:
    """The cast as it is made in an empty database: its rows, and the pickled cast."""
    with Session(engine, expire_on_commit=False, info={"installation": app.extensions["installation"]}) as session:
        bind_platform(session, "tests")
        made = make_cast(session)
        session.commit()
    rows = ground.keep()
    ground.empty()
    return rows, pickle.dumps(made)


@pytest.fixture
def cast(ground: Ground, cast_rows: tuple[Rows, bytes], emptied: None) -> Cast:
    """The cast in an otherwise empty database, committed, so that requests see it."""
    rows, made = cast_rows
    ground.bring_back(rows)
    return pickle.loads(made)  # noqa: S301 (fresh objects for each test, our own bytes)


@pytest.fixture
def reader(app: Flask, cast: Cast):
    """reader("amina") is a browser in which Amina is signed in; reader() one in which nobody is."""
    return lambda username="": Reader(app, username)
