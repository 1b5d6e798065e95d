"""Nothing of BMMS works with a login that row-level security does not bind (decision D3); it says so and ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import URL

from bmms.config import PROJECT, Config
from tests.conftest import running

SAID = "DATABASE_URL signs in past row-level security. Use the application's login, such as bmms_app.\n"


@pytest.fixture(params=["the superuser", "the owner"])
def address(request, server: str, database: dict[str, str]) -> str:
    """The tests' database by somebody who sees all rows."""
    if request.param == "the owner":
        return database["DATABASE_OWNER_URL"]
    parts = conninfo_to_dict(server)
    query, name = {"host": str(parts["host"]), "port": str(parts.get("port", 5432))}, database["DATABASE_URL"]
    name = name.rpartition("/")[2].partition("?")[0]
    url = URL.create("postgresql", str(parts["user"]), str(parts.get("password", "")), database=name, query=query)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def privileged(config: Config, address: str) -> Iterator[Flask]:
    with running(replace(config, database_url=address)) as app:
        yield app


@pytest.mark.parametrize("words", ["seed_organizations", "run_once", "worker", "watch --once", "load_reference"])
def test_commands_say_so_and_end_with_1(privileged: Flask, words: str) -> None:
    ran = privileged.test_cli_runner().invoke(args=words.split())
    assert (ran.exit_code, ran.stderr) == (1, SAID)


def test_the_web_server_does_not_start(address: str, config: Config) -> None:
    environ = {
        "BMMS_ENV": "test", "BMMS_INSTANCE": str(config.instance), "SECRET_KEY": "s" * 60, "DATA_KEYS": "a key",
        "DATABASE_URL": address, "BASE_URL": "http://localhost", "PYTHONPATH": str(PROJECT),
        "PATH": os.environ["PATH"],
    }  # fmt: skip
    argv = [sys.executable, "-c", "import wsgi"]
    ran = subprocess.run(argv, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, SAID)
