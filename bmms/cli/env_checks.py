"""What is asked of an environment before BMMS may serve from it (onboarding 4.6). Nothing is changed, nothing is sent.

Each check answers with one line, or with none if there is nothing to say. No line holds a secret.
"""

import smtplib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bmms.config import Config, Reading, examine
from bmms.domain.errors import RuleBroken
from bmms.launch.database import Login, login_behind
from bmms.operations import copies
from tasks.smtp import ServerDown, call

FOREIGN = ("AWS_", "LC_", "PG", "PYTHON")  # read by others: boto3, the system, PostgreSQL
FOREIGN_NAMES = {"HOME", "LANG", "PATH", "SSL_CERT_FILE", "TZ"}


class Verdict(StrEnum):
    """What a check found."""

    HOLDS = "holds"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One line: a variable, and what is to be said of it."""

    name: str
    text: str
    verdict: Verdict = Verdict.HOLDS


@dataclass
class Given:
    """What is checked: the variables, what was read from them, whom to call, and who signed in."""

    environ: Mapping[str, str]
    reading: Reading
    smtp: bool
    s3: bool
    logins: dict[str, Login] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        """The settings."""
        return self.reading.config

    @property
    def serves(self) -> bool:
        """Staging and production serve people."""
        return not self.config.is_development

    def judge(self, name: str, text: str, doubt: str = "") -> Finding:
        """Missing, empty or bad; else doubtful; else as the text says."""
        if name in self.reading.missing:
            return Finding(name, "Empty" if name in self.environ else "Missing", Verdict.WRONG)
        if problems := self.reading.problems.get(name):
            return Finding(name, " ".join(one[0].upper() + one[1:] for one in problems), Verdict.WRONG)
        return Finding(name, doubt, Verdict.DOUBTFUL) if doubt else Finding(name, text)


def check(environ: Mapping[str, str], *, smtp: bool = False, s3: bool = False) -> Iterator[Finding]:
    """All findings on these variables.

    Args:
        environ: the variables, with BMMS_ENV.
        smtp: call the mail server, too.
        s3: ask the bucket for copies of backups, too.
    """
    given = Given(environ, examine(environ), smtp, s3)
    told: set[str] = set()
    for ask in CHECKS:
        if finding := ask(given):
            told.add(finding.name)
            yield finding
    for name in sorted(given.reading.problems.keys() - told):
        yield given.judge(name, "")


def unknown(names: Mapping[str, str], known: frozenset[str]) -> Iterator[Finding]:
    """Names in a file that BMMS does not read: mostly a slip of the pen."""
    for name in names:
        if name in known or name in FOREIGN_NAMES or name.startswith(FOREIGN):
            continue
        near = get_close_matches(name, known, 1, 0.8)
        meant = f"; is {near[0]} meant?" if near else ""
        yield Finding(name, f"Not a setting of BMMS{meant}", Verdict.DOUBTFUL)


def secret_key(given: Given) -> Finding:
    """Long, and no placeholder."""
    key = given.config.secret_key
    return given.judge("SECRET_KEY", f"Valid ({len(key)} characters)" if key else "Made at the first start")


def data_keys(given: Given) -> Finding:
    """The newest one encrypts."""
    keys = given.config.data_keys
    return given.judge("DATA_KEYS", f"Valid ({len(keys)}, newest first)" if keys else "Made at the first start")


def app_database(given: Given) -> Finding:
    """It answers, and row-level security binds the login."""
    name, url = "DATABASE_URL", given.config.database_url
    said = given.judge(name, "Connected successfully" if url else "Not set: BMMS starts a server of its own")
    if said.verdict == Verdict.WRONG or not url:
        return said
    if failure := meet(given, name, url):
        return failure
    login = given.logins[name]
    if login.sees_all:
        text = f"Connected as {login.name}, who is a superuser or has BYPASSRLS: BMMS refuses to serve with this login"
        return Finding(name, text, Verdict.WRONG)
    return said


def owner_database(given: Given) -> Finding | None:
    """It answers, sees all rows of the same database, and is not the application's login."""
    name = "DATABASE_OWNER_URL"
    return further_database(given, name, given.config.database_owner_url, lambda login: owner_login(given, name, login))


def owner_login(given: Given, name: str, login: Login) -> Finding | None:
    """What is wrong with it, or doubtful."""
    app = given.logins.get("DATABASE_URL")
    if app and app.name == login.name:
        return Finding(name, f"Must be another login than {app.name}, that of DATABASE_URL", Verdict.WRONG)
    if not login.sees_all:
        text = f"Connected as {login.name}, who does not see all rows: the owner is a superuser or has BYPASSRLS"
        return Finding(name, text, Verdict.WRONG)
    if app and app.database != login.database:
        return Finding(name, f"Leads to {login.database}, DATABASE_URL to {app.database}", Verdict.DOUBTFUL)
    return None


def oversight_database(given: Given) -> Finding | None:
    """It answers, and row-level security binds the login."""
    name = "DATABASE_OCM_URL"

    def judge(login: Login) -> Finding | None:
        text = f"Connected as {login.name}, who is a superuser or has BYPASSRLS: the oversight may not be"
        return Finding(name, text, Verdict.WRONG) if login.sees_all else None

    return further_database(given, name, given.config.database_ocm_url, judge)


def further_database(given: Given, name: str, url: str, judge: Callable[[Login], Finding | None]) -> Finding | None:
    """One that need not be set: if it is, it answers, and its login is judged."""
    said = given.judge(name, "Connected successfully")
    if said.verdict == Verdict.WRONG or not url:
        return said if url else None
    return meet(given, name, url) or judge(given.logins[name]) or said


def meet(given: Given, name: str, url: str) -> Finding | None:
    """Sign in there once. What failed, without the password."""
    try:
        given.logins[name] = login_behind(url)
    except (psycopg.Error, UnicodeError) as error:  # the latter of host names that cannot be looked up
        reason = " ".join(str(error).split())
        for part in ("password", "sslpassword"):
            if secret := str(conninfo_to_dict(url).get(part) or ""):
                reason = reason.replace(secret, "…")
        return Finding(name, f"Cannot connect: {reason}", Verdict.WRONG)
    return None


def allowed_hosts(given: Given) -> Finding | None:
    """The names under which BMMS answers."""
    hosts = given.config.allowed_hosts
    return given.judge("ALLOWED_HOSTS", ", ".join(hosts)) if hosts or given.serves else None


def base_url(given: Given) -> Finding:
    """People reach it, and without being overheard."""
    config, parts = given.config, urlsplit(given.config.base_url) if "BASE_URL" not in given.reading.problems else None
    doubt = ""
    if parts and given.serves and parts.scheme != "https":
        doubt = "Is not https://, so passwords would travel in clear"
    elif parts and config.allowed_hosts and parts.hostname not in config.allowed_hosts:
        doubt = f"{parts.hostname} is not one of ALLOWED_HOSTS, so links in mails would be refused"
    return given.judge("BASE_URL", f"Valid ({parts.hostname if parts else ''})", doubt)


def trusted_origins(given: Given) -> Finding | None:
    """Each with scheme, without a slash at the end."""
    origins = given.config.trusted_origins
    return given.judge("CSRF_TRUSTED_ORIGINS", ", ".join(origins)) if origins or given.serves else None


def mail_host(given: Given) -> Finding:
    """A server is named; if asked for, it answers, encrypts and takes the sign-in."""
    host = given.config.mail.host
    said = given.judge("EMAIL_HOST", "Configured" if host else "Not set: mails become files under instance/mail/")
    return call_server(given) if given.smtp and host and said.verdict != Verdict.WRONG else said


def call_server(given: Given) -> Finding:
    """No mail is sent. An authority of one's own is the one that this environment names, be it that of a file."""
    mail, authorities = given.config.mail, given.environ.get("SSL_CERT_FILE") or None
    try:
        line = call(
            mail.host, mail.port, use_tls=mail.use_tls, user=mail.user, password=mail.password, authorities=authorities
        )
    except ServerDown as down:
        return Finding("EMAIL_HOST", f"Cannot be used: {down}", Verdict.WRONG)
    with suppress(OSError, smtplib.SMTPException):
        line.quit()
    line.close()
    how, who = "with TLS" if mail.use_tls else "in clear", "signed in" if mail.user and mail.password else "no sign-in"
    return Finding("EMAIL_HOST", f"Connected {how}, {who}, nothing sent")


def mail_encryption(given: Given) -> Finding | None:
    """Passwords in welcome mails do not travel in clear."""
    if given.config.mail.use_tls or not given.serves:
        return None
    return given.judge("EMAIL_USE_TLS", "", "Is false, so mails would travel in clear")


def mail_user(given: Given) -> Finding | None:
    """Demanded in production; elsewhere only together with the password."""
    mail = given.config.mail
    if not mail.user and "EMAIL_HOST_USER" not in given.reading.missing:
        return None
    doubt = "" if mail.password else "Is set without EMAIL_HOST_PASSWORD, so nobody signs in"
    return given.judge("EMAIL_HOST_USER", "Configured", doubt)


def mail_password(given: Given) -> Finding | None:
    """Demanded in production; elsewhere only together with the user."""
    mail = given.config.mail
    if not mail.password and "EMAIL_HOST_PASSWORD" not in given.reading.missing:
        return None
    doubt = "" if mail.user else "Is set without EMAIL_HOST_USER, so nobody signs in"
    return given.judge("EMAIL_HOST_PASSWORD", "Configured", doubt)


def sender(given: Given) -> Finding:
    """Mails bear an address that exists."""
    return given.judge("DEFAULT_FROM_EMAIL", "Configured" if given.config.mail.host else "Not needed without a server")


def pilot_mode(given: Given) -> Finding:
    """On in the pilot, off in production."""
    return given.judge("PILOT_MODE", "Enabled" if given.config.pilot.mode else "Disabled")


def pilot_features(given: Given) -> Finding:
    """Known switches only."""
    return given.judge("PILOT_FEATURES", "Valid")


def pilot_limits(given: Given) -> Finding:
    """Numbers of one or more."""
    pilot = given.config.pilot
    text = f"{pilot.max_programs:,} programs, {pilot.max_activities:,} activities, {pilot.max_users:,} users for an MOA"
    return given.judge("PILOT_LIMITS", text)


def secure_cookies(given: Given) -> Finding | None:
    """A sign-in does not leave the encrypted line."""
    doubt = "" if given.config.secure_cookies else "Is false, so sign-ins would travel in clear"
    return given.judge("SESSION_COOKIE_SECURE", "Enabled", doubt) if given.serves else None


def strict_transport(given: Given) -> Finding | None:
    """Browsers insist on HTTPS."""
    doubt = "" if given.config.hsts_seconds else "Is 0, so browsers do not insist on HTTPS"
    return given.judge("SECURE_HSTS_SECONDS", f"{given.config.hsts_seconds:,}", doubt) if given.serves else None


def debugging(given: Given) -> Finding | None:
    """Pages of errors show nothing of the inside."""
    return given.judge("FLASK_DEBUG", "Off") if given.serves else None


def bench(given: Given) -> Finding | None:
    """Costs are for those who measure."""
    if not given.config.bench or not given.serves:
        return None
    return given.judge("BMMS_BENCH", "", "Is 1, so answers tell what they cost")


def backup_directory(given: Given) -> Finding:
    """Where backups lie, and how long."""
    backups = given.config.backups
    return given.judge("BACKUP_DIRECTORY", f"{backups.directory}, {backups.retention_days} days")


def backup_recipient(given: Given) -> Finding | None:
    """What leaves this machine is encrypted."""
    backups = given.config.backups
    if not backups.recipient and not backups.s3_bucket:
        return None
    doubt = "" if backups.recipient else "Not set, so copies leave this machine without encryption"
    return given.judge("BACKUP_RECIPIENT", "Valid", doubt)


def backup_bucket(given: Given) -> Finding | None:
    """Where copies go, and that they can; if asked for, the bucket answers to the keys."""
    name, bucket = "BACKUP_S3_BUCKET", copies.bucket_of(given.config.backups)
    if bucket is None:
        return None
    said = given.judge(name, f"Copies go to {bucket.address}")
    if said.verdict == Verdict.WRONG:
        return said
    if not copies.is_possible():
        return Finding(name, copies.MISSING, Verdict.WRONG)
    if given.s3:
        try:
            bucket.reach()
        except RuleBroken as broken:
            return Finding(name, f"Cannot be used: {broken}", Verdict.WRONG)
        return Finding(name, f"Reached, nothing written; copies go to {bucket.address}")
    return said


def bucket_keys(given: Given) -> Finding | None:
    """The keys for the bucket; without any, those of the machine."""
    name, backups = "AWS_ACCESS_KEY_ID", given.config.backups
    if not backups.s3_bucket:
        return None
    return given.judge(name, "Configured" if backups.s3_key_id else "Not set: the machine's profile or role holds")


CHECKS: tuple[Callable[[Given], Finding | None], ...] = (
    secret_key, data_keys, app_database, owner_database, oversight_database, allowed_hosts, base_url, trusted_origins,
    mail_host, mail_encryption, mail_user, mail_password, sender, pilot_mode, pilot_features, pilot_limits,
    secure_cookies, strict_transport, debugging, bench, backup_directory, backup_recipient, backup_bucket,
    bucket_keys,
)  # fmt: skip
