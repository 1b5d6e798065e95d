"""The line to the mail server, and what its answers mean for one mail and for the round."""

import contextlib
import re
import smtplib
import ssl
from email.charset import QP, Charset
from email.mime.text import MIMEText

import flask_mail

SECONDS = 15  # for the connection and for each answer; a server that says nothing is as good as dead
_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class ServerDown(Exception):
    """The server cannot be used at present, by no fault of any mail. The text is its reason, without data."""


class Refused(Exception):
    """The server will never take this mail for this recipient."""


class NotYet(Exception):
    """This mail did not get through; a later try may."""


class Letter(flask_mail.Message):
    """Flask-Mail's message in quoted-printable, which every server passes on and no line of which is too long."""

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        charset = Charset("utf-8")
        charset.body_encoding = QP
        return MIMEText(text or "", subtype, charset)  # type: ignore[arg-type]


def call(
    server: str, port: int, *, use_tls: bool, user: str = "", password: str = "", authorities: str | None = None
) -> smtplib.SMTP:
    """Connect, encrypt and sign in.

    Args:
        authorities: the file of certificate authorities; without it that of the environment variable SSL_CERT_FILE,
            else those of the machine.

    Raises:
        ServerDown: any of it failed; in particular, nothing leaves in clear when TLS is demanded.
    """
    with contextlib.ExitStack() as stack:
        try:
            context = ssl.create_default_context(cafile=authorities) if use_tls else None
            encrypted = context is not None and port == smtplib.SMTP_SSL_PORT
            if encrypted:
                host: smtplib.SMTP = smtplib.SMTP_SSL(server, port, timeout=SECONDS, context=context)
            else:
                host = smtplib.SMTP(server, port, timeout=SECONDS)
            stack.callback(host.close)
            if context and not encrypted:
                host.starttls(context=context)
            if user and password:
                host.login(user, password)
        except (OSError, UnicodeError, smtplib.SMTPException) as wrong:
            raise ServerDown(reason(wrong)) from wrong
        stack.pop_all()
    return host


class Line(flask_mail.Connection):
    """Flask-Mail's connection with what it lacks: time limits, a checked certificate, and TLS from the start on 465."""

    def configure_host(self) -> smtplib.SMTP:
        """Call the server. Raises ServerDown."""
        mail = self.mail
        return call(
            mail.server, mail.port, use_tls=mail.use_tls, user=mail.username or "", password=mail.password or ""
        )

    def hang_up(self) -> None:
        """End the connection, however it is."""
        host, self.host = self.host, None
        if host is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                host.quit()
            host.close()

    def deliver(self, message: Letter) -> None:
        """Hand one message over, on a line that is alive.

        Raises:
            ServerDown, Refused, NotYet: it was not taken, so far as we know.
        """
        self._pick_up()
        try:
            self.send(message)
        except smtplib.SMTPRecipientsRefused as wrong:
            code, text = next(iter(wrong.recipients.values()))
            raise _verdict(code, f"recipient refused {_codes(code, text)}") from wrong
        except smtplib.SMTPDataError as wrong:
            raise _verdict(wrong.smtp_code, f"message refused {_codes(wrong.smtp_code, wrong.smtp_error)}") from wrong
        except smtplib.SMTPResponseException as wrong:  # our sender, or the session as a whole
            self.hang_up()
            raise ServerDown(reason(wrong)) from wrong
        except (OSError, smtplib.SMTPException) as wrong:
            self.hang_up()
            raise NotYet(reason(wrong)) from wrong

    def _pick_up(self) -> None:
        """Servers hang up on idle or long-used lines; asking first keeps that from looking like a failed mail."""
        if self.host is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self.host.noop()[0] == 250:
                    return
            self.hang_up()
        self.host = self.configure_host()


def _verdict(code: int, text: str) -> Exception:
    if code == 421:
        return ServerDown(text)
    of_policy = code == 530 or " 5.7." in text  # not signed in, relaying denied: mostly our settings, so worth a repair
    return Refused(text) if code >= 500 and not of_policy else NotYet(text)


def reason(wrong: Exception) -> str:
    """An error of the line without anybody's address: its class and the server's codes."""
    if isinstance(wrong, smtplib.SMTPResponseException):
        return f"{type(wrong).__name__} {_codes(wrong.smtp_code, wrong.smtp_error)}"
    return type(wrong).__name__


def _codes(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    enhanced = _ENHANCED.search(words)
    return f"{code} {enhanced[0]}" if enhanced else str(code)
