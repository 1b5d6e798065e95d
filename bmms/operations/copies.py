"""Copies of backups in a bucket of S3, or of a server that speaks like it.

A copy is a folder `bmms_staging_20261129_020000/` with the parts of the backup and, last of all, its manifest: what has
a manifest there is complete. What is sent is hashed on the way, and the bucket compares each piece with its checksum;
what differs from the manifest is taken back before it becomes a file there. Sending asks for the rights to write and to
list only, so that the keys of the server that makes backups need neither read nor delete them.
"""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bmms.config import Backups
from bmms.domain.errors import RuleBroken
from bmms.operations.manifest import NAME, Part, part_of, read
from bmms.operations.shelf import Shelf, settle

PIECE = 16 * 1024**2  # bytes that are sent at once; S3 takes no smaller one than 5 MiB but the last
MOST_PIECES = 10_000  # of a file; a larger file gets larger pieces
MADE_UP_FOR = 7  # so many backups, the newest, are sent later if they were not sent at their time
LINE = {  # seconds; a request that fails is tried three times
    "connect_timeout": 10,
    "read_timeout": 60,
    "retries": {"mode": "standard", "total_max_attempts": 3},
}
MISSING = "boto3 is missing, without which no copy is sent. Install it: python3 bmms/launch/setup.py --s3"
KEYS = "The keys are not accepted: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY anew"
RIGHTS = "The keys may not do that: give them the rights that docs/runbook.md names"
REGION = "The bucket lies in another region: set AWS_DEFAULT_REGION to it"
REMEDIES = {
    "NoSuchBucket": "There is no such bucket: make it, or set BACKUP_S3_BUCKET to another",
    "InvalidAccessKeyId": KEYS,
    "SignatureDoesNotMatch": KEYS,
    "InvalidToken": KEYS,
    "ExpiredToken": KEYS,
    "AccessDenied": RIGHTS,
    "403": RIGHTS,
    "404": "A part of the copy is missing: fetch another copy",
    "PermanentRedirect": REGION,
    "AuthorizationHeaderMalformed": REGION,
    "IllegalLocationConstraintException": REGION,
    "RequestTimeTooSkewed": "The clock of this machine is wrong: set it",
}


@dataclass(frozen=True)
class Sent:
    """What came of sending copies: where they lie now, and what is the matter, if anything is."""

    places: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Bucket:
    """A folder in a bucket; `settings` name a bucket."""

    settings: Backups
    piece: int = PIECE

    @property
    def address(self) -> str:
        """`s3://bucket/folder/`."""
        return f"s3://{self.settings.s3_bucket}/{self.settings.s3_prefix}"

    def reach(self) -> None:
        """Ask whether the bucket is there and may be listed; nothing is written. Raises RuleBroken."""
        with self._line() as client:
            client.list_objects_v2(Bucket=self.settings.s3_bucket, Prefix=self.settings.s3_prefix, MaxKeys=1)

    def names(self, shelf: Shelf) -> list[str]:
        """The complete copies of the environment of a shelf, the newest first. Raises RuleBroken."""
        folder, end = self.settings.s3_prefix, f"/{NAME}"
        with self._line() as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.settings.s3_bucket, Prefix=folder)
            keys = [each["Key"].removeprefix(folder) for page in pages for each in page.get("Contents", ())]
        found = (key.removesuffix(end) for key in keys if key.endswith(end))
        return sorted(filter(shelf.knows, found), reverse=True)

    def send(self, backup: Path) -> str:
        """Send a backup, its manifest last. Once more does no harm: the same files come out.

        Returns:
            where it lies: `s3://…`.

        Raises:
            RuleBroken: the bucket refused or did not answer, or the backup is not what its manifest says.
        """
        parts = read(backup).parts
        try:
            with self._line() as client:
                for name, part in (*parts.items(), (NAME, part_of(backup / NAME))):
                    self._send_part(client, self._key(backup.name, name), backup / name, part)
        except OSError as refused:
            raise RuleBroken(f"{backup} cannot be read: {refused.strerror}.") from None
        return f"{self.address}{backup.name}"

    def fetch(self, name: str, shelf: Shelf, now: datetime) -> Path:
        """Bring a copy to the shelf; it gets its name once all of it is there and is what its manifest says.

        Raises:
            RuleBroken: there is no such copy, it is damaged, it is on the shelf already, the disk is full, the bucket
                refused or did not answer. Nothing half-made stays.
        """
        if name not in self.names(shelf):
            raise RuleBroken(f"There is no complete copy {name} in {self.address}.")
        target = shelf.folder / name
        with shelf.making(now) as (half, _):
            if target.exists():
                raise RuleBroken(f"{target} is there already.")
            try:
                self._fill(half, name, shelf)
                settle(half)
            except OSError as refused:
                raise RuleBroken(f"The copy could not be written: {refused.strerror}. Nothing of it stays.") from None
            half.rename(target)
            settle(shelf.folder, deep=False)
        return target

    def _key(self, backup: str, name: str) -> str:
        return f"{self.settings.s3_prefix}{backup}/{name}"

    def _send_part(self, client: Any, key: str, path: Path, part: Part) -> None:
        """One piece in memory at a time. A file that is not what was said of it does not come to be."""
        piece = max(self.piece, -(-part.size // MOST_PIECES))
        place = {"Bucket": self.settings.s3_bucket, "Key": key}
        begun = client.create_multipart_upload(**place, ChecksumAlgorithm="SHA256", ServerSideEncryption="AES256")
        place["UploadId"] = begun["UploadId"]
        pieces: list[dict[str, Any]] = []
        whole, size = hashlib.sha256(), 0
        try:
            with path.open("rb") as file:
                while block := file.read(piece):
                    whole.update(block)
                    size += len(block)
                    told = {
                        "PartNumber": len(pieces) + 1,
                        "ChecksumSHA256": base64.b64encode(hashlib.sha256(block).digest()).decode(),
                    }
                    # as a file, for the time that it takes to send is counted by small blocks then
                    answer = client.upload_part(**place, **told, Body=BytesIO(block))
                    pieces.append({**told, "ETag": answer["ETag"]})
            if Part(size, whole.hexdigest()) != part:
                raise RuleBroken(f"{path} is damaged or cut short, so it is not sent: its checksum is another.")
            client.complete_multipart_upload(**place, MultipartUpload={"Parts": pieces})
        except BaseException:
            with suppress(Exception):  # what went wrong first is told
                client.abort_multipart_upload(**place)
            raise

    def _fill(self, half: Path, name: str, shelf: Shelf) -> None:
        with self._line() as client:
            client.download_file(self.settings.s3_bucket, self._key(name, NAME), str(half / NAME))
            parts = read(half).parts
            size = sum(part.size for part in parts.values())
            if size > shelf.free():
                raise RuleBroken(f"{shelf.folder} has {shelf.free():,} bytes free, the copy takes {size:,}. Make room.")
            for each, part in parts.items():
                client.download_file(self.settings.s3_bucket, self._key(name, each), str(half / each))
                if part_of(half / each) != part:
                    raise RuleBroken(f"{each} of {self.address}{name} is damaged or cut short. Fetch another copy.")

    @contextmanager
    def _line(self) -> Iterator[Any]:
        """A client of S3. What it refuses becomes one sentence with its remedy, without keys."""
        if not is_possible():
            raise RuleBroken(MISSING)
        import boto3
        from boto3.exceptions import Boto3Error
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        told = self.settings
        try:
            made = boto3.client(
                "s3", region_name=told.s3_region or None, endpoint_url=told.s3_endpoint or None, config=Config(**LINE),
                aws_access_key_id=told.s3_key_id or None, aws_secret_access_key=told.s3_secret_key or None,
                aws_session_token=told.s3_session_token or None,
            )  # fmt: skip
            with closing(made) as client:
                yield client
        except ClientError as refused:
            raise RuleBroken(self._refusal(refused.response.get("Error", {}))) from None
        except (BotoCoreError, Boto3Error, ValueError) as failed:
            raise RuleBroken(self._failure(type(failed).__name__)) from None

    def _refusal(self, error: dict[str, str]) -> str:
        code = error.get("Code", "")
        remedy = REMEDIES.get(code) or f"{code} {' '.join(error.get('Message', '').split())[:200]}".rstrip(" .")
        return f"{self.address} refuses. {remedy}."

    def _failure(self, kind: str) -> str:
        if kind in ("NoCredentialsError", "PartialCredentialsError"):
            return f"There are no keys for {self.address}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        where = urlsplit(self.settings.s3_endpoint).hostname or "Amazon"
        return f"{self.address} cannot be reached at {where}: {kind}. Look at the network and at BACKUP_S3_ENDPOINT."


def is_possible() -> bool:
    """Is boto3 there?"""
    return find_spec("boto3") is not None


def bucket_of(settings: Backups) -> Bucket | None:
    """The bucket of these settings, if they name one."""
    return Bucket(settings) if settings.s3_bucket else None


def send_missing(bucket: Bucket | None, shelf: Shelf, newest: Path) -> Sent:
    """Send a backup that was just made, and those of the last ones that are not complete there. Raises nothing."""
    if bucket is None:
        return Sent()
    places, problems = [], []
    try:
        places.append(bucket.send(newest))
        there = bucket.names(shelf)
    except RuleBroken as broken:
        return Sent(tuple(places), str(broken))
    for backup in shelf.all()[:MADE_UP_FOR]:
        if backup.name not in there:
            try:
                places.append(bucket.send(backup))
            except RuleBroken as broken:
                problems.append(str(broken))
    return Sent(tuple(places), " ".join(problems))
