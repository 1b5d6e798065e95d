"""Copies of backups in a bucket: what is sent, what counts as complete, what comes back, and every way to fail."""

import os
import socket
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.request import Request, urlopen

import pytest

from bmms.config import Backups
from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.operations import backing_up, copies, manifest
from bmms.operations.copies import Bucket, send_missing
from bmms.operations.shelf import Shelf
from tests.operations.conftest import everything
from tests.operations.objects import SECRET_KEY, client_of, contents_of, empty, standing

MIB = 1024**2
NOWHERE = "http://127.0.0.1:9"


def changed(bucket: Bucket, **settings: str) -> Bucket:
    return replace(bucket, settings=replace(bucket.settings, **settings))


def content(backup) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in backup.iterdir()}


def put(bucket: Bucket, name: str, body: bytes | None) -> None:
    """Change what lies there; None removes it."""
    place = {"Bucket": bucket.settings.s3_bucket, "Key": f"{bucket.settings.s3_prefix}{name}"}
    with client_of(bucket.settings.s3_endpoint) as s3:
        if body is None:
            s3.delete_object(**place)
        else:
            s3.put_object(**place, Body=body)


@pytest.fixture
def elsewhere(tmp_path) -> Shelf:
    """The shelf of a new server."""
    return Shelf(tmp_path / "elsewhere", "test")


# sending


def test_a_copy_is_what_the_backup_is_and_encrypted_there(bucket, shelf):
    backup = standing(shelf, 1)
    assert bucket.send(backup) == f"s3://{bucket.settings.s3_bucket}/staging/{backup.name}"
    assert contents_of(bucket, backup.name) == content(backup)
    assert bucket.names(shelf) == [backup.name]
    with client_of(bucket.settings.s3_endpoint) as s3:
        for name in content(backup):
            head = s3.head_object(Bucket=bucket.settings.s3_bucket, Key=f"staging/{backup.name}/{name}")
            assert head["ServerSideEncryption"] == "AES256"


def test_a_large_part_goes_in_pieces_one_at_a_time(bucket, shelf):
    backup = standing(shelf, 1, size=21 * MIB)
    bucket.reach()  # what boto3 loads at first is not counted
    tracemalloc.start()
    replace(bucket, piece=5 * MIB).send(backup)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 15 * MIB
    assert contents_of(bucket, backup.name) == content(backup)
    with client_of(bucket.settings.s3_endpoint) as s3:
        head = s3.head_object(Bucket=bucket.settings.s3_bucket, Key=f"staging/{backup.name}/files.tar")
    assert head["ETag"].endswith('-5"'), "five pieces"


def test_sent_again_it_is_the_same(bucket, shelf):
    backup = standing(shelf, 1)
    assert bucket.send(backup) == bucket.send(backup)
    assert contents_of(bucket, backup.name) == content(backup)
    assert bucket.names(shelf) == [backup.name]


@pytest.mark.parametrize("harm", [lambda whole: whole[:-1], lambda whole: b"x" + whole[1:], lambda whole: whole + b"x"])
def test_a_backup_that_is_damaged_on_the_disk_is_no_copy(bucket, shelf, harm):
    backup = standing(shelf, 1)
    (backup / "files.tar").write_bytes(harm((backup / "files.tar").read_bytes()))
    with pytest.raises(RuleBroken, match=r"files\.tar is damaged or cut short, so it is not sent"):
        bucket.send(backup)
    assert bucket.names(shelf) == []
    assert set(contents_of(bucket, backup.name)) == {"database.dump"}
    with client_of(bucket.settings.s3_endpoint) as s3:
        assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket.settings.s3_bucket), "no pieces are left"
    (backup / "files.tar").unlink()
    with pytest.raises(RuleBroken, match=f"{backup} cannot be read: No such file"):
        bucket.send(backup)


def test_what_was_not_sent_at_its_time_is_sent_by_the_next_run(bucket, shelf):
    first, second = standing(shelf, 1), standing(shelf, 2)
    away = send_missing(changed(bucket, s3_endpoint=NOWHERE), shelf, first)
    assert (away.places, "cannot be reached" in away.problem) == ((), True)
    sent = send_missing(bucket, shelf, second)
    assert sent == copies.Sent(tuple(f"{bucket.address}{each.name}" for each in (second, first)))
    put(bucket, f"{first.name}/manifest.json", None)
    assert send_missing(bucket, shelf, second).places[1:] == (f"{bucket.address}{first.name}",)
    assert contents_of(bucket, first.name) == content(first)


def test_of_many_that_are_missing_the_newest_seven_are_sent(bucket, shelf):
    backups = [standing(shelf, day) for day in range(9)]
    assert len(send_missing(bucket, shelf, backups[-1]).places) == 7
    assert bucket.names(shelf) == [each.name for each in reversed(backups[2:])]


def test_one_that_cannot_be_sent_holds_the_others_not_up(bucket, shelf):
    first, second, third = (standing(shelf, day) for day in (1, 2, 3))
    (second / "database.dump").write_bytes(b"x")
    sent = send_missing(bucket, shelf, third)
    assert bucket.names(shelf) == [third.name, first.name]
    assert "database.dump is damaged" in sent.problem


def test_without_a_bucket_nothing_is_sent(shelf):
    assert send_missing(copies.bucket_of(Backups()), shelf, standing(shelf, 1)) == copies.Sent()


# failing


@contextmanager
def rights(endpoint: str) -> Iterator[None]:
    """Keys and rights count from here on."""

    def count(after: str) -> None:
        asked = Request(f"{endpoint}/moto-api/reset-auth", after.encode(), {"Content-Type": "text/plain"})
        with urlopen(asked):
            pass

    count("0")
    try:
        yield
    finally:
        count("inf")


def refused(bucket: Bucket, shelf: Shelf) -> str:
    """Why a copy was not sent. The backup stands, and no key is told."""
    backup = standing(shelf, 1)
    before = content(backup)
    sent = send_missing(bucket, shelf, backup)
    assert (sent.places, content(backup), shelf.all()) == ((), before, [backup])
    assert SECRET_KEY not in sent.problem
    return sent.problem


def test_a_server_that_is_away(bucket, shelf):
    told = refused(changed(bucket, s3_endpoint=NOWHERE), shelf)
    assert told.endswith(
        "cannot be reached at 127.0.0.1: EndpointConnectionError. Look at the network and at BACKUP_S3_ENDPOINT."
    )


def test_a_name_that_leads_nowhere(bucket, shelf):
    for address in ("http://nowhere.invalid", "http://a..b", "https://127.0.0.1:9"):
        assert "cannot be reached at" in refused(changed(bucket, s3_endpoint=address), shelf)


def test_a_server_that_hangs_up(bucket, shelf):
    with socket.create_server(("127.0.0.1", 0)) as rude:

        def hang_up() -> None:
            for _ in range(3):
                rude.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        address = f"http://127.0.0.1:{rude.getsockname()[1]}"
        assert "cannot be reached at 127.0.0.1: " in refused(changed(bucket, s3_endpoint=address), shelf)
        thread.join()


def test_no_such_bucket(bucket, shelf):
    told = refused(changed(bucket, s3_bucket="bmms-nowhere"), shelf)
    assert told == (
        "s3://bmms-nowhere/staging/ refuses. There is no such bucket: make it, or set BACKUP_S3_BUCKET to another."
    )


def test_keys_that_are_not_known(bucket, shelf):
    with rights(bucket.settings.s3_endpoint):
        assert "refuses. The keys are not accepted: set AWS_ACCESS_KEY_ID" in refused(bucket, shelf)


def test_keys_of_somebody_else(bucket, shelf):
    with client_of(bucket.settings.s3_endpoint, "iam") as iam:
        iam.create_user(UserName="reader")
        made = iam.create_access_key(UserName="reader")["AccessKey"]
    theirs = changed(bucket, s3_key_id=made["AccessKeyId"], s3_secret_key=made["SecretAccessKey"])
    wrong = changed(theirs, s3_secret_key=SECRET_KEY)
    with rights(bucket.settings.s3_endpoint):
        told = refused(theirs, shelf)
        assert "refuses. The keys may not do that" in told
        assert made["SecretAccessKey"] not in told
        assert "refuses. The keys are not accepted" in refused(wrong, shelf)


def test_no_keys_at_all(bucket, shelf, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("AWS_ACCESS", "AWS_SECRET"))]:
        monkeypatch.delenv(name)
    told = refused(changed(bucket, s3_key_id="", s3_secret_key=""), shelf)
    assert told == f"There are no keys for {bucket.address}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."


def test_boto3_that_is_not_installed(bucket, shelf, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert refused(bucket, shelf).endswith("Install it: python3 bmms/launch/setup.py --s3")


def test_what_the_server_says_otherwise_is_told(bucket):
    said = bucket._refusal({"Code": "InvalidArgument", "Message": "Server side encryption\n specified but KMS is not."})
    assert said == f"{bucket.address} refuses. InvalidArgument Server side encryption specified but KMS is not."


# listing and fetching


def test_the_complete_copies_of_this_environment_are_listed(bucket, shelf, elsewhere):
    names = [standing(shelf, day).name for day in (1, 3, 2)]
    for name in names:
        bucket.send(shelf.folder / name)
    bucket.send(standing(Shelf(shelf.folder, "production"), 4))
    put(bucket, f"{names[0]}/manifest.json", None)
    for strange in ("manifest.json", "notes/manifest.json", "bmms_test_1/manifest.json", f"{names[0]}/x/manifest.json"):
        put(bucket, strange, b"{}")
    assert bucket.names(shelf) == [names[1], names[2]]
    assert bucket.names(elsewhere) == [names[1], names[2]]
    empty(bucket)
    assert bucket.names(shelf) == []


def test_a_copy_comes_back_as_it_was(bucket, shelf, elsewhere):
    backup = standing(shelf, 1)
    bucket.send(backup)
    fetched = bucket.fetch(backup.name, elsewhere, clock.now())
    assert (elsewhere.all(), content(fetched)) == ([fetched], content(backup))
    with pytest.raises(RuleBroken, match="is there already"):
        bucket.fetch(backup.name, elsewhere, clock.now())
    with elsewhere.making(clock.now()), pytest.raises(RuleBroken, match="Another backup is being made"):
        bucket.fetch(backup.name, elsewhere, clock.now())


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("database.dump", b"x" * 1000, "database.dump of .* is damaged or cut short. Fetch another copy"),
        ("files.tar", b"", "files.tar of .* is damaged or cut short"),
        ("files.tar", None, "refuses. A part of the copy is missing"),
        ("manifest.json", b"{", "is damaged or of a newer BMMS"),
        ("manifest.json", None, "There is no complete copy"),
    ],
)
def test_a_damaged_copy_is_refused_and_nothing_of_it_stays(bucket, shelf, elsewhere, name, body, says):
    backup = standing(shelf, 1)
    bucket.send(backup)
    put(bucket, f"{backup.name}/{name}", body)
    with pytest.raises(RuleBroken, match=says):
        bucket.fetch(backup.name, elsewhere, clock.now())
    assert [path.name for path in elsewhere.folder.glob("*") if path.name != ".lock"] == []


def test_a_manifest_that_names_files_elsewhere_writes_none_there(bucket, shelf, elsewhere, tmp_path):
    backup = standing(shelf, 1)
    told = (backup / "manifest.json").read_text()
    bucket.send(backup)
    put(bucket, f"{backup.name}/manifest.json", told.replace("files.tar", "../../stolen").encode())
    with pytest.raises(RuleBroken, match="is damaged or of a newer BMMS"):
        bucket.fetch(backup.name, elsewhere, clock.now())
    assert not (tmp_path / "stolen").exists()
    assert elsewhere.all() == []


@pytest.mark.parametrize("name", ["bmms_test_20260101_020000", "../backups", "", "bmms_production_20260101_020000"])
def test_a_name_that_is_none_is_refused(bucket, elsewhere, name):
    with pytest.raises(RuleBroken, match="There is no complete copy"):
        bucket.fetch(name, elsewhere, clock.now())


def test_a_full_disk_leaves_nothing_half_made(bucket, shelf, elsewhere):
    backup = standing(shelf, 1)
    bucket.send(backup)
    told = manifest.read(backup)
    huge = replace(told, parts={**told.parts, "files.tar": manifest.Part(10**18, "0" * 64)})
    huge.write(backup)
    put(bucket, f"{backup.name}/manifest.json", (backup / "manifest.json").read_bytes())
    with pytest.raises(RuleBroken, match="bytes free, the copy takes .* Make room"):
        bucket.fetch(backup.name, elsewhere, clock.now())
    assert elsewhere.all() == []


def test_a_real_backup_goes_there_and_back(bucket, source, shelf, elsewhere):
    made = backing_up.back_up(source, shelf, clock.now())
    before = everything(source.server)
    bucket.send(made.path)
    fetched = bucket.fetch(made.path.name, elsewhere, clock.now())
    backing_up.require_rows(source.server, fetched / "database.dump", {k: len(v) for k, v in before.items()})
