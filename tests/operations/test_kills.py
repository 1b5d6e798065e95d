"""Kill -9 at any step of a backup or a restore: what was there is there, and the next one works.

At three steps and the last in `make test`; by `make drill` at the first call of every line of ours that calls anything,
and at a hundred others (`BMMS_SEED` repeats which).
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from bmms.config import PROJECT
from bmms.domain import clock
from bmms.operations import backing_up, manifest
from bmms.operations.copies import send_missing
from bmms.operations.shelf import Shelf
from tests.operations.conftest import everything
from tests.operations.objects import contents_of, empty, standing

DYING = Path(__file__).with_name("dying.py")
FULL = bool(os.environ.get("BMMS_DRILL"))
SEED = int(os.environ.get("BMMS_SEED") or random.SystemRandom().randrange(10**6))
NEVER = 10**9

pytestmark = [pytest.mark.drill, pytest.mark.timeout(7200 if FULL else 1800)]


def start(step: int, act: str, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(DYING), str(step), act, *map(str, arguments)]
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)} | more
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=environ)


def run(step: int, act: str, source, shelf, *backup: str) -> subprocess.CompletedProcess[str]:
    return start(step, act, source.server.address, source.files, shelf.folder, *backup)


def steps_of(act: str, source, shelf, *backup: str) -> list[int]:
    """Where to kill."""
    return drawn(act, run(NEVER, act, source, shelf, *backup))


def drawn(act: str, lived: subprocess.CompletedProcess[str]) -> list[int]:
    assert lived.returncode == 0, lived.stderr
    lines, steps = ([int(word) for word in said.split()] for said in lived.stdout.splitlines())
    chosen = random.Random(SEED).sample(range(1, steps[0] + 1), 100 if FULL else 3)
    found = sorted({*chosen, steps[0], *(lines if FULL else ())})
    print(f"{act}: {steps[0]} steps on {len(lines)} lines, killed at {len(found)}, seed {SEED}")
    return found


def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(source, shelf):
    before = everything(source.server)
    for step in steps_of("backup", source, shelf):
        whole = set(shelf.all())
        assert run(step, "backup", source, shelf).returncode == -9, step
        for fresh in set(shelf.all()) - whole:
            backing_up.require_rows(source.server, fresh / "database.dump", manifest.read(fresh).rows)
        assert everything(source.server) == before
    assert backing_up.back_up(source, shelf, clock.now()).path.is_dir(), "the next one is not held up"


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(source, shelf, store):
    made = backing_up.back_up(source, shelf, clock.now())
    backed_up = everything(source.server)
    steps = steps_of("restore", source, shelf, str(made.path))
    for step in steps:
        with psycopg.connect(source.server.address) as owner:
            owner.execute("UPDATE users SET first_name = 'Changed' || %s", [step])
        changed, contents = everything(source.server), {each: each.read_bytes() for each in store.glob("*/*")}
        assert run(step, "restore", source, shelf, str(made.path)).returncode == -9, step
        assert everything(source.server) in (changed, backed_up), step
        assert {each: each.read_bytes() for each in store.glob("*/*") if each.suffix != ".part"} == contents
    assert run(NEVER, "restore", source, shelf, str(made.path)).returncode == 0
    assert everything(source.server) == backed_up


def test_a_copy_that_is_killed_is_not_taken_for_one_and_sent_by_the_next_run(bucket, shelf, tmp_path):
    backup = standing(shelf, 1)
    keys = {"AWS_ACCESS_KEY_ID": bucket.settings.s3_key_id, "AWS_SECRET_ACCESS_KEY": bucket.settings.s3_secret_key}
    told = bucket.settings.s3_endpoint, bucket.settings.s3_bucket, shelf.folder, backup
    for step in drawn("send", start(NEVER, "send", *told, **keys)):
        empty(bucket)
        assert start(step, "send", *told, **keys).returncode == -9, step
        whole = {path.name: path.read_bytes() for path in backup.iterdir()}
        assert bucket.names(shelf) == [] or contents_of(bucket, backup.name) == whole, step
        assert send_missing(bucket, shelf, standing(shelf, 2)).problem == ""
        assert bucket.names(shelf) == [each.name for each in shelf.all()], step
        assert contents_of(bucket, backup.name) == whole
        assert bucket.fetch(backup.name, Shelf(tmp_path / f"at_{step}", "test"), clock.now()).is_dir()
