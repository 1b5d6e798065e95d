"""A server that speaks like S3, as a process of its own, and what tests put into it and look up there."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3

from bmms.domain import clock
from bmms.operations.copies import Bucket
from bmms.operations.manifest import NAME, Manifest, part_of
from bmms.operations.shelf import STAMP, Shelf

KEY_ID, SECRET_KEY = "AKIAOFTESTS", "hunter2-of-the-bucket"
DAY = clock.now().replace(hour=2, minute=0, second=0)


@contextmanager
def serving(log: Path) -> Iterator[str]:
    """Its address."""
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with log.open("wb") as file, subprocess.Popen(argv, stdout=file, stderr=file) as process:
        try:
            for _ in range(600):
                if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", log.read_text()):
                    break
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            assert found, log.read_text()
            yield found[1]
        finally:
            process.terminate()


@contextmanager
def client_of(endpoint: str, service: str = "s3") -> Iterator[Any]:
    """A client with every right."""
    made = boto3.client(
        service, "us-east-1", endpoint_url=endpoint, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET_KEY
    )
    with closing(made) as client:
        yield client


def contents_of(bucket: Bucket, backup: str = "") -> dict[str, bytes]:
    """What lies below a folder of the bucket, by its name there."""
    folder = f"{bucket.settings.s3_prefix}{backup}/" if backup else ""
    with client_of(bucket.settings.s3_endpoint) as s3:
        listed = s3.list_objects_v2(Bucket=bucket.settings.s3_bucket, Prefix=folder).get("Contents", [])
        keys = [each["Key"] for each in listed]
        return {
            key.removeprefix(folder): s3.get_object(Bucket=bucket.settings.s3_bucket, Key=key)["Body"].read()
            for key in keys
        }


def empty(bucket: Bucket) -> None:
    """Remove everything in it."""
    with client_of(bucket.settings.s3_endpoint) as s3:
        for key in contents_of(bucket):
            s3.delete_object(Bucket=bucket.settings.s3_bucket, Key=key)


def standing(shelf: Shelf, day: int, size: int = 1000) -> Path:
    """A backup on the shelf, made so many days after the first, with parts of so many bytes and no database in them."""
    made = DAY + timedelta(days=day)
    folder = shelf.folder / f"bmms_{shelf.environment}_{made:{STAMP}}"
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(("database.dump", "files.tar"), 1):
        (folder / name).write_bytes(bytes([day, number]) * (size // 2))
    parts = {path.name: part_of(path) for path in folder.iterdir() if path.name != NAME}
    Manifest(made, shelf.environment, "0.6.0", 150000, "none", "none", {}, {}, {}, parts).write(folder)
    return folder
