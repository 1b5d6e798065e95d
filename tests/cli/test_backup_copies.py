"""`flask backup` with a bucket and `flask fetch_backup`, as the engineer of the server types them."""

import json
from dataclasses import replace

import pytest

from bmms.operations.copies import Bucket
from bmms.operations.shelf import Shelf
from tests.conftest import running
from tests.operations.conftest import bucket, everything, objects, server_of, source, store
from tests.operations.objects import SECRET_KEY, contents_of

__all__ = ["bucket", "objects", "server_of", "source", "store"]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def commands(config, source, tmp_path, bucket):
    """commands("backup") runs it in an installation with a bucket; no output holds a secret."""
    owner = source.server.engine_url(source.server.database)
    app_url = owner.replace("bmms_owner:test-owner", "bmms_app:test-app")
    mine = replace(config, database_url=app_url, database_owner_url=owner, instance=tmp_path, backups=bucket.settings)

    def run(*words: str, expected: int = 0, **settings: str):
        with running(replace(mine, backups=replace(bucket.settings, **settings))) as app:
            ran = app.test_cli_runner().invoke(args=list(words))
        assert ran.exit_code == expected, ran.output
        assert not any(secret in ran.output for secret in (SECRET_KEY, "test-owner"))
        return ran

    return run


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    return Shelf(tmp_path / "backups", "test")


def lying(bucket: Bucket, shelf: Shelf) -> list[bool]:
    """Of each backup on the shelf: is its copy the same?"""
    return [
        contents_of(bucket, backup.name) == {path.name: path.read_bytes() for path in backup.iterdir()}
        for backup in shelf.all()
    ]


def test_a_backup_is_sent(commands, bucket, shelf):
    made = commands("backup")
    [backup] = shelf.all()
    place = f"{bucket.address}{backup.name}"
    assert made.stdout == f"Backup created: {backup}\nUploaded to S3: {place}\n"
    assert lying(bucket, shelf) == [True]
    told = json.loads(commands("backup", "--format", "json").stdout)
    assert (told["copies"], told["copy_problem"]) == ([f"{bucket.address}{shelf.all()[0].name}"], "")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"s3_endpoint": NOWHERE}, "cannot be reached at 127.0.0.1"),
        ({"s3_bucket": "bmms-nowhere"}, "There is no such bucket"),
    ],
)
def test_one_that_is_not_sent_stands_and_goes_with_the_next(commands, bucket, shelf, settings, says):
    made = commands("backup", expected=3, **settings)
    [backup] = shelf.all()
    assert made.stdout == f"Backup created: {backup}\n"
    assert says in made.stderr
    told = json.loads(commands("backup", "--format", "json", expected=3, **settings).stdout)
    assert (told["copies"], says in told["copy_problem"]) == ([], True)
    assert commands("backup").stdout.count("Uploaded to S3: ") == 3
    assert lying(bucket, shelf) == [True, True, True]


def test_a_copy_becomes_the_database_of_a_new_server(commands, bucket, shelf, source, store, tmp_path):
    commands("backup")
    [backup] = shelf.all()
    before = everything(source.server)
    with source.server.connect("postgres") as admin:
        admin.execute(f"DROP DATABASE {source.server.database} WITH (FORCE)")
    for upload in store.glob("*/*"):
        upload.unlink()
    new = {"directory": tmp_path / "new"}
    assert commands("fetch_backup", **new).stdout == f"{backup.name}\n"
    fetched = tmp_path / "new" / backup.name
    assert f"Fetched from S3: {fetched}\n" in commands("fetch_backup", backup.name, **new).stdout
    assert f"Restored database from {fetched}" in commands("restore", backup.name, "--yes", **new).stdout
    assert everything(source.server) == before
    assert len(list(store.glob("*/*"))) == 2


def test_what_fetch_backup_says(commands, bucket, shelf, tmp_path):
    assert commands("fetch_backup").stdout == f"There is no copy in {bucket.address}.\n"
    commands("backup")
    [backup] = shelf.all()
    assert json.loads(commands("fetch_backup", "--format", "json").stdout) == {"copies": [backup.name]}
    there = tmp_path / "there"
    told = commands("fetch-backup", backup.name, "--directory", str(there), "--format", "json")
    assert json.loads(told.stdout) == {"backup": str(there / backup.name)}
    assert "is there already" in commands("fetch_backup", backup.name, expected=1).stderr
    assert "There is no complete copy none" in commands("fetch_backup", "none", expected=1).stderr
    assert "cannot be reached" in commands("fetch_backup", expected=1, s3_endpoint=NOWHERE).stderr
    assert "BACKUP_S3_BUCKET is not set" in commands("fetch_backup", expected=1, s3_bucket="").stderr
    commands("fetch_backup", "one", "two", expected=2)


def test_the_keys_are_not_shown_among_the_settings(commands):
    assert "s3_key_id" in commands("config").stdout
