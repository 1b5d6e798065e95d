"""The restore drill and the record of what was done, by the commands, against a real server."""

import subprocess
from dataclasses import replace

import pytest

from bmms.config import Backups
from bmms.operations.shelf import Shelf
from tests.conftest import running
from tests.operations.conftest import everything


def record(source) -> list[tuple]:
    with source.server.connect() as owner:
        return owner.execute("SELECT kind, outcome, backup, message FROM operation_runs ORDER BY began_at").fetchall()


def databases(source) -> list[str]:
    with source.server.connect("postgres") as admin:
        rows = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{source.server.database}%"])
        return [name for (name,) in rows.fetchall()]


def test_a_drill_restores_beside_everything_and_leaves_nothing(commands, source, store, tmp_path):
    commands("backup")
    [backup] = Shelf(tmp_path / "backups", "test").all()
    before, contents = everything(source.server), {each: each.read_bytes() for each in store.glob("*/*")}
    done = commands("drill")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{backup.name} can be restored: 1 pilot MOAs, 1 users, 2 uploads.\n"
    assert everything(source.server) == before
    assert {each: each.read_bytes() for each in store.glob("*/*")} == contents
    assert databases(source) == [source.server.database]
    assert sorted(each.name for each in backup.parent.iterdir()) == [".drill", ".lock", backup.name]
    assert record(source) == [("backup", "done", backup.name, ""), ("drill", "done", backup.name, "")]


def test_a_damaged_backup_fails_the_drill_and_that_is_on_record(commands, source, tmp_path):
    nothing = commands("drill")
    assert (nothing.exit_code, "There is no backup in" in nothing.stderr) == (1, True)
    commands("backup")
    [backup] = Shelf(tmp_path / "backups", "test").all()
    (backup / "files.tar").write_bytes(b"nothing")
    failed = commands("drill")
    assert (failed.exit_code, "files.tar is damaged or cut short" in failed.stderr) == (1, True)
    [first, _, third] = record(source)
    assert first[:3] == ("drill", "failed", "")
    assert third[:3] == ("drill", "failed", backup.name)
    assert "files.tar is damaged or cut short" in third[3]
    assert databases(source) == [source.server.database]


def test_rows_that_are_lost_on_the_way_fail_the_drill(commands, source, tmp_path):
    commands("backup")
    [backup] = Shelf(tmp_path / "backups", "test").all()
    told = (backup / "manifest.json").read_text()
    assert '"users": 1' in told
    (backup / "manifest.json").write_text(told.replace('"users": 1', '"users": 2'))
    failed = commands("drill")
    assert "users: 2 rows were counted, 1 are there" in failed.stderr
    assert databases(source) == [source.server.database], "the scratch database is gone"


def test_two_drills_do_not_meet(commands, tmp_path):
    commands("backup")
    with Shelf(tmp_path / "backups", "test").held(".drill", "other"):
        refused = commands("drill")
    assert (refused.exit_code, "Another restore drill is running" in refused.stderr) == (1, True)


def test_a_backup_that_was_refused_and_one_that_needs_a_look_are_on_record(commands, source, store, tmp_path):
    (tmp_path / "backups").write_text("a file, no folder")
    assert commands("backup").exit_code == 1
    (tmp_path / "backups").unlink()
    next(store.glob("*/one")).unlink()
    assert commands("backup").exit_code == 3
    [(_, failed, nothing, why), (_, incomplete, name, look)] = record(source)
    assert (failed, nothing, "cannot be written" in why) == ("failed", "", True)
    assert (incomplete, name != "", "one is not there" in look) == ("incomplete", True, True)


def test_after_a_restore_the_backups_are_known_that_it_could_not_hold(commands, source, tmp_path):
    commands("backup")
    [backup] = Shelf(tmp_path / "backups", "test").all()
    assert commands("restore", backup.name, "--yes").exit_code == 0
    [safety] = [each.name for each in Shelf(tmp_path / "backups", "test").all() if each != backup]
    assert sorted(run[:3] for run in record(source)) == [
        ("backup", "done", backup.name), ("backup", "done", safety), ("restore", "done", backup.name),
    ]  # fmt: skip


def test_mails_that_waited_in_the_backup_are_not_sent_twice(commands, source, tmp_path):
    with source.server.connect() as owner:
        owner.execute(
            "INSERT INTO outbox (kind, user_id, message_id, status) SELECT 'welcome', id, n, n FROM users,"
            " unnest(ARRAY['queued', 'sent', 'failed']) n"
        )
    commands("backup")
    [backup] = Shelf(tmp_path / "backups", "test").all()
    restored = commands("restore", backup.name, "--yes")
    assert "Mails that waited when it was made, and are not sent again: 1 (see the mail log)." in restored.stdout
    with source.server.connect() as owner:
        stand = owner.execute("SELECT message_id, status FROM outbox ORDER BY message_id").fetchall()
    assert stand == [("failed", "failed"), ("queued", "skipped"), ("sent", "sent")]


def test_a_record_that_cannot_be_written_undoes_nothing(commands, source, tmp_path):
    with source.server.connect() as owner:
        owner.execute("ALTER TABLE operation_runs RENAME TO was")
    made = commands("backup")
    assert (made.exit_code, "This backup stands in no record" in made.stderr) == (0, True)
    assert len(Shelf(tmp_path / "backups", "test").all()) == 1


@pytest.mark.ops
def test_a_drill_without_the_private_key_restores_what_is_as_good(installation, source, tmp_path):
    key = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    [public] = [line.split(": ")[1] for line in key.splitlines() if line.startswith("# public key")]
    (tmp_path / "key.txt").write_text(key)
    sealed = replace(installation, backups=Backups(tmp_path / "backups", recipient=public))
    with running(sealed) as app:
        run = app.test_cli_runner().invoke
        assert run(args=["backup"]).exit_code == 0
        without, with_key = run(args=["drill"]), run(args=["drill", "--identity", str(tmp_path / "key.txt")])
    assert (without.exit_code, with_key.exit_code) == (0, 0)
    assert "its private key is not here" in without.stderr
    assert with_key.stderr == ""
    assert len(Shelf(tmp_path / "backups", "test").all()) == 1, "that of the drill is gone"
