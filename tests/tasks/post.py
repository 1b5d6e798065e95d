"""Mail servers for tests: real ones, on this machine, each with a temper."""

import asyncio
import email
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from aiosmtpd.smtp import Session as Talk
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1, signed by itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    signed = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostOffice:
    """Takes mail and keeps it. What it does otherwise is set per recipient.

    Attributes:
        mails: (recipients, message) in the order of their coming.
        answers: recipient -> the answer to RCPT, for example "550 5.1.1 unknown".
        silent: recipients at whose message the line is cut without a word.
        slow: seconds that the office takes over each message.
        one_a_line: take one mail a line and be done with it, as busy servers do.
        users: user -> password; if there are any, nobody posts without signing in, and that after STARTTLS only.
        signed_in: who did.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, port: int = 0, users: dict[str, str] | None = None
    ) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.begun = 0
        self.answers: dict[str, str] = {}
        self.silent: set[str] = set()
        self.slow = 0.0
        self.one_a_line = False
        self.lines = 0
        self.users = users or {}
        self.signed_in: list[str] = []
        self.port, self._tls = port or _free_port(), tls

    def __enter__(self) -> "PostOffice":
        guarded: dict[str, Any] = {"authenticator": self._admit, "auth_required": True} if self.users else {}
        self._controller: Controller | None = Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=self._tls, **guarded
        )
        self._controller.start()
        return self

    def __exit__(self, kind: type | None, wrong: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Shut the office; its port then refuses. A second time changes nothing."""
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    def _admit(self, server: SMTP, session: Talk, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        user = data.login.decode()
        right = self.users.get(user) == data.password.decode()
        self.signed_in += [user] if right else []
        return AuthResult(success=right, handled=False)

    async def handle_EHLO(
        self, server: SMTP, session: Talk, envelope: Envelope, hostname: str, responses: list
    ) -> list:
        self.lines += 1
        session.host_name = hostname
        return responses

    def _used_up(self, session: Talk) -> bool:
        return self.one_a_line and getattr(session, "served", False)

    async def handle_NOOP(self, server: SMTP, session: Talk, envelope: Envelope, arg: str) -> str:
        return "421 enough for this line" if self._used_up(session) else "250 OK"

    async def handle_MAIL(self, server: SMTP, session: Talk, envelope: Envelope, address: str, options: list) -> str:
        if self._used_up(session):
            return "421 enough for this line"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Talk, envelope: Envelope, address: str, options: list) -> str:
        if answer := self.answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Talk, envelope: Envelope) -> str:
        self.begun += 1
        await asyncio.sleep(self.slow)
        if self.silent & set(envelope.rcpt_tos):
            server.transport.abort()
            return "451 gone"
        message = email.message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[arg-type]
        self.mails.append((envelope.rcpt_tos, message))
        session.served = True  # type: ignore[attr-defined]
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails of one recipient."""
        return [message for recipients, message in self.mails if recipients == [address]]
