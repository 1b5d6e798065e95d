"""An installation of its own for each test of backups: a database with people and money, and a store of uploads."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bmms.config import Backups
from bmms.operations import backing_up, counting
from bmms.operations.copies import Bucket
from bmms.operations.servers import Server
from bmms.operations.shelf import Shelf
from tests.conftest import _fingerprint, _url, running
from tests.operations.objects import KEY_ID, SECRET_KEY, client_of, serving

EVERY_ROW = sql.SQL("SELECT t::text FROM {} t ORDER BY 1")
CONTENT = b"%PDF-1.7 a paper of Health\n" * 200


@pytest.fixture
def server_of(database, server) -> Iterator[Server]:
    """The owner's server with an empty database of BMMS under a name of its own."""
    name, template = f"bmms_ops_{secrets.token_hex(4)}", f"bmms_template_{_fingerprint()}"
    with psycopg.connect(server, autocommit=True) as admin:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER bmms_owner")
        admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        yield Server(_url(server, "bmms_owner", name).replace("+psycopg", ""))
        for (left,) in admin.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}%"]).fetchall():
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(left)))


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    return Shelf(tmp_path / "backups", "test")


@pytest.fixture
def source(server_of, store):
    """Two uploads on the disk, each with its row, and a user."""
    with server_of.connect() as owner:
        owner.execute(
            "INSERT INTO users (username, email, first_name, last_name, phone, password_hash, status)"
            " VALUES ('amina', 'amina@moh.invalid', 'Amina', 'Salik', '', '', 'active')"
        )
        owner.execute(
            "INSERT INTO organizations (code, name, kind, is_pilot) VALUES ('MOH', 'Health', 'ministry', true)"
        )
        [(organization,)] = owner.execute("SELECT id FROM organizations WHERE code = 'MOH'").fetchall()
        for key in ("one", "two"):
            owner.execute(
                "INSERT INTO stored_files (organization_id, name, media_type, size, sha256, storage_key, purpose)"
                " VALUES (%s, %s, 'application/pdf', %s, %s, %s, 'plan')",
                [organization, f"{key}.pdf", len(CONTENT), sha256(CONTENT).hexdigest(), key],
            )
            (store / str(organization)).mkdir(parents=True, exist_ok=True)
            (store / str(organization) / key).write_bytes(CONTENT)
    return backing_up.Source(server_of, store, "test", "0.6.0")


@pytest.fixture
def installation(config, source, tmp_path):
    """Settings of an installation of its own."""
    owner = source.server.engine_url(source.server.database)
    return replace(
        config, database_url=owner.replace("bmms_owner:test-owner", "bmms_app:test-app"), database_owner_url=owner,
        instance=tmp_path, backups=Backups(tmp_path / "backups"),
    )  # fmt: skip


@pytest.fixture
def commands(installation):
    """commands("backup") runs it there; `typed` is what the engineer types."""
    with running(installation) as app:
        yield lambda *words, typed="": app.test_cli_runner().invoke(args=list(words), input=typed)


@pytest.fixture(scope="session")
def objects(tmp_path_factory) -> Iterator[str]:
    """The address of a server that speaks like S3."""
    with serving(tmp_path_factory.mktemp("objects") / "log") as address:
        yield address


@pytest.fixture
def bucket(objects, tmp_path, monkeypatch) -> Bucket:
    """An empty bucket of its own; nothing of this machine's own keys and profiles is looked at."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    name = f"bmms-{secrets.token_hex(4)}"
    with client_of(objects) as s3:
        s3.create_bucket(Bucket=name)
    return Bucket(
        Backups(tmp_path / "backups", s3_bucket=name, s3_endpoint=objects, s3_key_id=KEY_ID, s3_secret_key=SECRET_KEY)
    )


def everything(server) -> dict[str, list[tuple]]:
    """Every row of every table, but for the record of backups and restores itself."""
    with server.connect() as owner:
        return {
            table: owner.execute(
                sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(table))
            ).fetchall()
            for table in counting.rows_of(owner)
            if table != "operation_runs"
        }
