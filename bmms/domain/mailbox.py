"""Mails that are files: without a mail server, and always for demo people, under `<instance>/mail/`."""

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import cast

SECRETS = "X-BMMS-Secrets"  # so that a reader can black them out; this header exists in files only
MASK = "••••••••"


@dataclass(frozen=True)
class StoredMail:
    """One mail as the administration shows it."""

    subject: str
    recipient: str
    text: str
    sent_at: datetime


def mailbox(instance: Path) -> Path:
    """The folder, made at its first use; for the owner of the process alone."""
    folder = instance / "mail"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_mail(instance: Path, outbox_id: int, kind: str, content: bytes, secrets: list[str]) -> Path:
    """Keep one mail as `<outbox id>-<kind>.eml`, 0600. It appears whole or not at all; a second try replaces it.

    Args:
        content: the message as it would leave by SMTP.
        secrets: temporary passwords and tokens in it.
    """
    told = base64.b64encode(json.dumps(secrets).encode()).decode()
    path = mailbox(instance) / f"{outbox_id}-{kind}.eml"
    growing = path.with_name(f".{path.name}.{os.getpid()}")
    growing.unlink(missing_ok=True)
    with os.fdopen(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(f"{SECRETS}: {told}\r\n".encode() + content)
    growing.replace(path)
    return path


def read_mail(instance: Path, outbox_id: int, *, mask: str | None = MASK) -> StoredMail | None:
    """One mail of the mailbox; None when it left by SMTP, was not sent yet, or was cleared away.

    Args:
        mask: stands in the place of each temporary password and token. None shows them: for the operator's own
            command line only, never for a page.
    """
    path = next(mailbox(instance).glob(f"{int(outbox_id)}-*.eml"), None)
    if path is None:
        return None
    with path.open("rb") as file:
        message = cast(EmailMessage, BytesParser(policy=policy.default).parse(file))
    body = message.get_body(preferencelist=("plain",))
    text = body.get_content() if body is not None else ""
    if mask is not None:
        for secret in json.loads(base64.b64decode(message.get(SECRETS, "W10="))):
            text = text.replace(secret, mask)
    return StoredMail(message["Subject"], message["To"], text, parsedate_to_datetime(message["Date"]))
