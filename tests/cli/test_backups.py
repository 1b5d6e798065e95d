"""`flask backup` and `flask restore` as the engineer of the server types them."""

import json
import os
import subprocess
from dataclasses import replace

import pytest

from bmms.config import PROJECT, Backups
from bmms.operations.shelf import Shelf
from tests.conftest import running
from tests.operations.conftest import commands, everything, installation, server_of, source, store

__all__ = ["commands", "installation", "server_of", "source", "store"]


def names(source) -> list[str]:
    """The databases of this installation."""
    with source.server.connect("postgres") as admin:
        rows = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{source.server.database}%"])
        return sorted(name for (name,) in rows.fetchall())


def test_a_backup_names_itself_and_a_restore_what_it_found(commands, source, tmp_path):
    made = commands("backup")
    assert made.exit_code == 0, made.output
    shelf = Shelf(tmp_path / "backups", "test")
    [backup] = shelf.all()
    assert made.stdout == f"Backup created: {backup}\n"
    before = everything(source.server)
    with source.server.connect() as owner:
        owner.execute("DELETE FROM stored_files")
    back = commands("restore", backup.name, "--yes")
    assert back.exit_code == 0, back.output
    assert f"Restored database from {backup}" in back.stdout
    assert "Database verification: 1 pilot MOAs, 1 users" in back.stdout
    assert everything(source.server) == before
    assert len(shelf.all()) == 2, "what was there before is backed up, too"
    [_, kept] = names(source)
    assert f"The former database is kept as {kept}" in back.stdout


@pytest.mark.parametrize(
    "accident", ["DROP DATABASE {}", "DROP DATABASE {}; CREATE DATABASE {}"], ids=["gone", "empty"]
)
def test_after_an_accident_there_is_nothing_to_save_and_all_comes_back(commands, source, tmp_path, accident):
    commands("backup")
    [backup] = Shelf(tmp_path / "backups", "test").all()
    before = everything(source.server)
    with source.server.connect("postgres") as admin:
        for statement in accident.replace("DATABASE {}", f"DATABASE {source.server.database}").split("; "):
            admin.execute(statement + (" WITH (FORCE)" if statement.startswith("DROP") else ""))
    back = commands("restore", backup.name, "--yes")
    assert back.exit_code == 0, back.output
    assert "nothing to save first" in back.stdout
    assert everything(source.server) == before
    assert ("The former database is kept" in back.stdout) == (len(names(source)) == 2)


def test_a_key_that_is_missing_here_is_told(commands, config, source, tmp_path):
    commands("backup")
    [backup] = Shelf(tmp_path / "backups", "test").all()
    owner = source.server.engine_url(source.server.database)
    app_url = owner.replace("bmms_owner:test-owner", "bmms_app:test-app")
    mine = replace(
        config, database_url=app_url, database_owner_url=owner, instance=tmp_path,
        backups=Backups(tmp_path / "backups"), data_keys=("another key of tests, not that of the backup",),
    )  # fmt: skip
    with running(mine) as app:
        told = app.test_cli_runner().invoke(args=["restore", backup.name], input="no\n")
    assert "DATA_KEYS lacks" in told.stderr


def test_a_restore_without_a_name_lists_what_there_is_and_asks(commands, source, tmp_path):
    assert commands("backup", "--format", "json").exit_code == 0
    [backup] = Shelf(tmp_path / "backups", "test").all()
    before, database = everything(source.server), source.server.database
    declined = commands("restore", typed="1\nno\n")
    assert declined.exit_code == 0
    assert f"1  {backup.name}" in declined.stdout
    assert "Cancelled. Nothing has changed." in declined.stdout
    assert names(source) == [database]
    assert commands("restore", typed=f"1\n{database}\n").exit_code == 0
    assert everything(source.server) == before


def test_refusals_are_told_with_exit_code_1(commands, source, tmp_path):
    nothing = commands("restore", "bmms_test_20260101_020000")
    assert (nothing.exit_code, "There is no backup bmms_test_20260101_020000" in nothing.stderr) == (1, True)
    empty = commands("restore")
    assert (empty.exit_code, "There is no backup in" in empty.stderr) == (1, True)
    (tmp_path / "locked").write_text("a file, no folder")
    shut = commands("backup", str(tmp_path / "locked" / "below"))
    assert (shut.exit_code, "cannot be written" in shut.stderr) == (1, True)
    assert "test-owner" not in nothing.output + empty.output + shut.output


def test_production_is_restored_with_an_explicit_word_only(config, source, tmp_path):
    owner = source.server.engine_url(source.server.database)
    app_url = owner.replace("bmms_owner:test-owner", "bmms_app:test-app")
    mine = replace(config, database_url=app_url, database_owner_url=owner, instance=tmp_path, environment="production")
    with running(mine) as app:
        refused = app.test_cli_runner().invoke(args=["restore", "any", "--yes"])
    assert (refused.exit_code, "This is production" in refused.stderr) == (1, True)


def test_an_upload_that_is_missing_is_told_with_exit_code_3(commands, source, store):
    next(store.glob("*/one")).unlink()
    made = commands("backup", "--format", "json")
    assert (made.exit_code, "one is not there" in made.stderr) == (3, True)
    assert json.loads(made.stdout)["rows"] > 0


def test_the_scripts_for_cron_do_the_same(config, source, tmp_path):
    owner = source.server.engine_url(source.server.database)
    environ = {
        **os.environ, "PYTHONPATH": "", "BMMS_ENV": "development", "BMMS_INSTANCE": str(tmp_path),
        "DATABASE_URL": owner.replace("bmms_owner:test-owner", "bmms_app:test-app"), "DATABASE_OWNER_URL": owner,
    }  # fmt: skip

    def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [str(PROJECT / "scripts" / script), *arguments]
        return subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, cwd="/")

    made = run("backup_pilot_db.sh", str(tmp_path / "elsewhere"))
    assert made.returncode == 0, made.stderr
    [backup] = Shelf(tmp_path / "elsewhere", "development").all()
    assert made.stdout == f"Backup created: {backup}\n"
    back = run("restore_pilot_db.sh", str(backup), "--yes")
    assert back.returncode == 0, back.stderr
    assert f"Restored database from {backup}" in back.stdout
    assert run("restore_pilot_db.sh", "--nonsense").returncode == 2
