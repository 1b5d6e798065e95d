"""A backup and its way back, against a real server and real files."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from bmms.cli.backups import MIGRATIONS, migrate
from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.launch.tables import revisions
from bmms.operations import backing_up, counting, manifest, restoring, sealing
from bmms.operations.restoring import NEW
from bmms.operations.servers import Server
from tests.conftest import PASSWORDS
from tests.launch.machine import root_only
from tests.operations.conftest import CONTENT, everything
from tests.tasks.conftest import wait_for


def test_a_backup_holds_every_row_and_every_upload(source, shelf):
    made = backing_up.back_up(source, shelf, clock.now())
    assert made.warnings == ()
    assert shelf.all() == [made.path]
    told = manifest.read(made.path)
    with source.server.connect() as owner:
        assert told.rows == counting.rows_of(owner)
    assert told.files == {"count": 2, "size": 2 * len(CONTENT), "missing": []}
    assert sorted(each.name for each in made.path.iterdir()) == ["database.dump", "files.tar", "manifest.json"]


def as_the_application(server: Server) -> str:
    return psycopg.conninfo.make_conninfo(server.address, user="bmms_app", password=PASSWORDS["bmms_app"])


def test_a_login_that_does_not_see_all_rows_makes_no_backup(source, shelf):
    app = Server(as_the_application(source.server))
    with pytest.raises(RuleBroken, match="does not see all rows, so a backup of it would be empty"):
        backing_up.back_up(replace(source, server=app), shelf, clock.now())
    assert not list(shelf.folder.glob("*bmms*"))


def test_a_dump_with_fewer_rows_than_were_counted_is_no_backup(source, shelf, tmp_path):
    made = backing_up.back_up(source, shelf, clock.now())
    rows = dict(made.manifest.rows)
    backing_up.require_rows(source.server, made.path / "database.dump", rows)
    with pytest.raises(RuleBroken, match="users: 2 rows were counted, 1 are there. It is not kept"):
        backing_up.require_rows(source.server, made.path / "database.dump", rows | {"users": 2})
    whole = (made.path / "database.dump").read_bytes()
    (tmp_path / "cut.dump").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RuleBroken, match="pg_restore failed"):
        backing_up.require_rows(source.server, tmp_path / "cut.dump", rows)


def test_a_pg_dump_that_leaves_rows_out_makes_no_backup(source, shelf, tmp_path, monkeypatch):
    real = source.server.programs().folder
    (tmp_path / "pg_restore").symlink_to(real / "pg_restore")
    (tmp_path / "pg_dump").write_text(f'#!/bin/sh\nexec {real}/pg_dump "$@" --exclude-table-data=users\n')
    (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(RuleBroken, match="users: 1 rows were counted, 0 are there. It is not kept"):
        backing_up.back_up(source, shelf, clock.now())
    assert shelf.all() == []


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda path: path.unlink(), "one is not there"),
        (lambda path: path.write_bytes(CONTENT[::-1]), "one is damaged"),
    ],
)
def test_an_upload_that_is_lost_is_named_and_all_else_comes_back(source, shelf, store, target, harm, says):
    harm(next(store.glob("*/one")))
    made = backing_up.back_up(source, shelf, clock.now())
    [warning] = made.warnings
    assert says in warning
    assert made.manifest.files["count"] == 1
    next(store.glob("*/two")).unlink()
    assert bring_back(made.path, target).files == 1
    assert next(store.glob("*/two")).read_bytes() == CONTENT


def test_two_backups_within_a_second_have_names_of_their_own(source, shelf):
    now = clock.now()
    first, second = (backing_up.back_up(source, shelf, now).path for _ in range(2))
    assert shelf.all() == [second, first]


def test_two_backups_at_once_do_not_meet(source, shelf):
    with shelf.making(clock.now()), pytest.raises(RuleBroken, match="Another backup is being made"):
        backing_up.back_up(source, shelf, clock.now())
    assert shelf.all() == []


def test_what_is_too_old_goes_but_never_the_newest(source, shelf):
    now = clock.now()
    for days in (90, 40, 35):
        backing_up.back_up(source, shelf, now - timedelta(days=days))
    assert len(shelf.drop_old(now, 30)) == 2
    [left] = shelf.all()
    assert shelf.made_at(left) == (now - timedelta(days=35)).replace(microsecond=0)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of so many bytes at this folder."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@root_only
@pytest.mark.parametrize(("size", "says"), [("32k", "pg_dump failed: .*No space left"), ("1m", "No space left")])
def test_a_disk_that_fills_up_leaves_the_backups_as_they_were(source, shelf, tmp_path, size, says):
    path = next(source.files.glob("*/one"))
    large = CONTENT * 400  # two megabytes: more than the larger of the disks
    path.write_bytes(large)
    with source.server.connect() as owner:
        told = [len(large), sha256(large).hexdigest()]
        owner.execute("UPDATE stored_files SET size = %s, sha256 = %s WHERE storage_key = 'one'", told)
    with small_disk(shelf.folder, size):
        with pytest.raises(RuleBroken, match=says):
            backing_up.back_up(source, shelf, clock.now())
        assert [each.name for each in shelf.folder.iterdir()] == [".lock"], "nothing half-made stays"
    assert backing_up.back_up(source, shelf, clock.now()).path.is_dir(), "the next one stands"


# restore


@pytest.fixture
def target(source, store) -> restoring.Target:
    return restoring.Target(source.server, store, revisions(MIGRATIONS / "versions"), migrate)


def bring_back(backup, target) -> restoring.Verified:
    found = restoring.check(backup, target.revisions)
    verified = restoring.bring_in(backup, found, target, NEW.format(database=target.server.database))
    restoring.take_the_place(target.server, NEW.format(database=target.server.database), clock.now())
    return verified


def test_a_restore_brings_every_row_and_every_upload_back(source, shelf, target, store):
    before, made = everything(source.server), backing_up.back_up(source, shelf, clock.now())
    with source.server.connect() as owner:
        owner.execute("UPDATE users SET first_name = 'Nobody'")
    kept = next(store.glob("*/one")).read_bytes()
    next(store.glob("*/one")).write_bytes(b"damaged")
    next(store.glob("*/two")).unlink()
    assert bring_back(made.path, target) == restoring.Verified(pilots=1, users=1, files=2)
    assert everything(source.server) == before
    assert {each.read_bytes() for each in store.glob("*/*")} == {kept}


def test_the_application_reads_on_after_a_restore_as_it_may(source, shelf, target):
    made = backing_up.back_up(source, shelf, clock.now())
    bring_back(made.path, target)
    with psycopg.connect(as_the_application(source.server)) as app:
        assert app.execute("SELECT count(*) FROM organizations").fetchone() == (1,)
        assert app.execute("SELECT count(*) FROM stored_files").fetchone() == (0,), "no scope, no rows"


def test_people_who_are_connected_do_not_hold_a_restore_up(source, shelf, target):
    made = backing_up.back_up(source, shelf, clock.now())
    with psycopg.connect(source.server.address) as somebody:
        somebody.execute("SELECT 1")
        bring_back(made.path, target)
        with pytest.raises(psycopg.OperationalError):
            somebody.execute("SELECT 1")


@pytest.fixture
def vacuuming(source, server) -> Iterator[None]:
    """PostgreSQL itself is at work in the database: an autovacuum that takes its time."""
    slow = "autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 100"
    database = source.server.database
    at_work = "SELECT FROM pg_stat_activity WHERE datname = %s AND backend_type = 'autovacuum worker'"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET autovacuum_naptime = 1")
        admin.execute("SELECT pg_reload_conf()")
        try:
            with source.server.connect() as owner:
                owner.execute(f"CREATE TABLE worn WITH ({slow}, autovacuum_vacuum_cost_limit = 1) AS "
                              "SELECT n, repeat('x', 1000) AS filler FROM generate_series(1, 20000) n")  # fmt: skip
                owner.execute("DELETE FROM worn WHERE n % 2 = 0")
                owner.execute("SELECT pg_stat_force_next_flush()")
            wait_for(lambda: admin.execute(at_work, [database]).rowcount, 60, "the autovacuum")
            yield
        finally:
            admin.execute("ALTER SYSTEM RESET autovacuum_naptime")
            admin.execute("SELECT pg_reload_conf()")


def test_an_autovacuum_does_not_hold_a_restore_up(source, shelf, target, vacuuming):
    made = backing_up.back_up(source, shelf, clock.now())
    bring_back(made.path, target)
    restoring.drop(source.server, source.server.database)
    with source.server.connect("postgres") as admin:
        assert not admin.execute("SELECT FROM pg_database WHERE datname = %s", [source.server.database]).rowcount


def test_a_superuser_who_is_connected_is_named_and_nothing_has_changed(source, shelf, target, server):
    before, made = everything(source.server), backing_up.back_up(source, shelf, clock.now())
    with (
        psycopg.connect(server, dbname=source.server.database),
        pytest.raises(RuleBroken, match="may not send away, such as a superuser. Nothing has changed"),
    ):
        bring_back(made.path, target)
    assert everything(source.server) == before


@root_only
def test_a_disk_that_fills_up_leaves_the_old_database(source, shelf, target, tmp_path):
    before, made = everything(source.server), backing_up.back_up(source, shelf, clock.now())
    with (
        small_disk(tmp_path / "store", "4k"),
        pytest.raises(RuleBroken, match="uploads could not be written: No space left on device. The database is as"),
    ):
        bring_back(made.path, replace(target, files=tmp_path / "store"))
    assert everything(source.server) == before


@pytest.mark.parametrize("name", ["database.dump", "files.tar"])
@pytest.mark.parametrize("harm", [lambda whole: whole[:-100], lambda whole: b"x" + whole[1:]], ids=["cut", "changed"])
def test_a_damaged_part_is_refused_before_anything_is_touched(source, shelf, target, name, harm):
    before, made = everything(source.server), backing_up.back_up(source, shelf, clock.now())
    part = made.path / name
    part.write_bytes(harm(part.read_bytes()))
    with pytest.raises(RuleBroken, match=f"{name} is damaged or cut short"):
        bring_back(made.path, target)
    part.unlink()
    with pytest.raises(RuleBroken, match="is missing: the backup is not complete"):
        bring_back(made.path, target)
    assert everything(source.server) == before


def test_a_login_that_may_make_no_database_is_told_what_to_do(source, shelf, target):
    made = backing_up.back_up(source, shelf, clock.now())
    with pytest.raises(RuleBroken, match="bmms_app may not make databases. Let the database administrator run"):
        bring_back(made.path, replace(target, server=Server(as_the_application(source.server))))


def test_a_backup_of_a_newer_bmms_is_refused(source, shelf, target):
    made = backing_up.back_up(source, shelf, clock.now())
    older = replace(target, revisions=target.revisions[:-1])
    with pytest.raises(RuleBroken, match="does not know. Install the version of BMMS that made it"):
        bring_back(made.path, older)


def test_tables_that_cannot_be_brought_up_to_date_leave_the_old_database(source, shelf, target):
    before, made = everything(source.server), backing_up.back_up(source, shelf, clock.now())

    def fail(url: str) -> None:
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                connection.execute(text("ALTER TABLE users ADD COLUMN username text"))
        finally:
            engine.dispose()

    with pytest.raises(
        RuleBroken, match='could not be brought from revision .* "username" of relation "users" already'
    ):
        bring_back(made.path, replace(target, migrate=fail))
    assert everything(source.server) == before


def test_what_comes_out_is_compared_with_what_went_in(source, shelf, target):
    before, made = everything(source.server), backing_up.back_up(source, shelf, clock.now())
    told = manifest.read(made.path)
    for wrong in (replace(told, rows={**told.rows, "users": 9}), replace(told, ledger={"differing": "5"})):
        with pytest.raises(RuleBroken, match="is not what the backup says"):
            restoring.bring_in(made.path, wrong, target, NEW.format(database=source.server.database))
    assert everything(source.server) == before
    with source.server.connect("postgres") as admin:
        ours = f"{source.server.database}%restoring"
        names = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [ours]).fetchall()
    assert names == [], "the new database is gone again"


# encryption


@pytest.fixture
def keys(tmp_path) -> tuple[str, Path]:
    """A public key, and the file with its private one."""
    path = tmp_path / "key.txt"
    made = subprocess.run(["age-keygen", "-o", str(path)], capture_output=True, text=True, check=True)
    return made.stderr.strip().removeprefix("Public key: "), path


@pytest.mark.ops
def test_an_encrypted_backup_is_read_with_its_private_key_alone(source, shelf, target, keys, tmp_path):
    public, private = keys
    before = everything(source.server)
    made = backing_up.back_up(replace(source, recipient=public), shelf, clock.now())
    assert sorted(each.name for each in made.path.iterdir()) == ["database.dump.age", "files.tar.age", "manifest.json"]
    assert CONTENT[:30] not in (made.path / "files.tar.age").read_bytes()
    found = restoring.check(made.path, target.revisions)
    with pytest.raises(RuleBroken, match="is encrypted. Name the file with the private key"):
        sealing.readable(made.path, found, None).__enter__()
    other = tmp_path / "other.txt"
    subprocess.run(["age-keygen", "-o", str(other)], capture_output=True, check=True)
    with pytest.raises(RuleBroken, match="could not be decrypted: age: error: no identity matched"):
        sealing.readable(made.path, found, other).__enter__()
    with sealing.readable(made.path, found, private) as folder:
        new = NEW.format(database=source.server.database)
        restoring.bring_in(folder, found, target, new)
        restoring.take_the_place(source.server, new, clock.now())
    assert everything(source.server) == before
    assert not list(shelf.folder.glob(".bmms_reading*"))


@pytest.mark.ops
def test_a_key_that_is_none_makes_no_backup(source, shelf):
    with pytest.raises(RuleBroken, match="could not be encrypted"):
        backing_up.back_up(replace(source, recipient="age1nonsense"), shelf, clock.now())
    assert shelf.all() == []
