"""From environment variables to settings: all of them are read, and all that is wrong is told at once."""

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bmms.config import rules
from bmms.config.reader import Reader
from bmms.config.settings import (
    ENVIRONMENTS,
    PROJECT,
    Backups,
    Config,
    ConfigError,
    Limits,
    Mail,
    Pilot,
    Planning,
    Reporting,
    Sessions,
)

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_SERVING = (
    "ALLOWED_HOSTS",
    "BASE_URL",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_URL",
    "DATA_KEYS",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_HOST",
    "SECRET_KEY",
)
REQUIRED: dict[str, tuple[str, ...]] = {
    "development": (),
    "test": (),
    "staging": (*_SERVING, "PILOT_MODE"),
    "production": (*_SERVING, "EMAIL_HOST_PASSWORD", "EMAIL_HOST_USER"),
}


@dataclass(frozen=True)
class Reading:
    """What an environment says, whether or not BMMS may start with it.

    Attributes:
        config: the settings; where a value is bad, the default.
        missing: required variables that are not set, or empty; sorted.
        problems: variable -> what is wrong with it, in words that go on after its name.
        known: every variable that BMMS reads.
    """

    config: Config
    missing: tuple[str, ...]
    problems: Mapping[str, list[str]]
    known: frozenset[str]

    def refusal(self) -> str:
        """Why BMMS does not start, a line for each problem; empty if it may."""
        lines = [f"{name} {text}" for name, texts in self.problems.items() for text in texts]
        if self.missing:
            lines.insert(0, f"Missing in {self.config.environment}: {', '.join(self.missing)}.")
        return "\n".join(lines)


def from_environ(environ: Mapping[str, str] | None = None) -> Config:
    """Read and check all settings.

    Raises:
        ConfigError: with a line for each problem; in staging and production also for each missing variable (D21).
    """
    reading = examine(os.environ if environ is None else environ)
    if refusal := reading.refusal():
        raise ConfigError(refusal)
    return reading.config


def examine(environ: Mapping[str, str]) -> Reading:
    """Read all settings and collect what is wrong with them. An unknown BMMS_ENV is read on as development."""
    read = Reader(environ)
    environment = read.one_of("BMMS_ENV", ENVIRONMENTS, "development")
    missing = tuple(sorted(name for name in REQUIRED[environment] if not read.text(name)))
    instance = Path(read.text("BMMS_INSTANCE", str(PROJECT / "instance"))).resolve()
    _refuse_debugging(read, environment)
    config = Config(
        environment=environment,
        instance=instance,
        **_secrets(read, environment),
        database_url=rules.database(read, "DATABASE_URL", environment),
        database_owner_url=rules.database(read, "DATABASE_OWNER_URL", environment),
        database_ocm_url=rules.database(read, "DATABASE_OCM_URL", environment),
        base_url=rules.base_url(read, _local_address(read, instance)),
        allowed_hosts=rules.hosts(read, "ALLOWED_HOSTS"),
        trusted_origins=rules.origins(read, "CSRF_TRUSTED_ORIGINS"),
        trusted_proxies=read.number("TRUSTED_PROXIES", 0),
        secure_cookies=_secure_cookies(read, environment),
        hsts_seconds=read.number(
            "SECURE_HSTS_SECONDS", {"production": 31_536_000, "staging": 604_800}.get(environment, 0)
        ),
        log_level=read.one_of("LOG_LEVEL", LOG_LEVELS, "INFO"),
        bench=read.one_of("BMMS_BENCH", ("0", "1"), "0") == "1",
        ready_least_disk_gb=read.number("READY_LEAST_DISK_GB", 5),
        pilot=_pilot(read, environment),
        mail=_mail(read, environment),
        limits=_limits(read),
        sessions=_sessions(read),
        planning=_planning(read),
        reporting=_reporting(read),
        backups=_backups(read, environment, instance),
    )
    return Reading(config, missing, read.problems, frozenset(read.asked))


def _refuse_debugging(read: Reader, environment: str) -> None:
    """Flask itself reads FLASK_DEBUG."""
    if read.text("FLASK_DEBUG").lower() not in ("", "0", "false", "no") and rules.hardened(environment):
        read.complain("FLASK_DEBUG", f"must be false in {environment}: pages of errors would show what is inside.")


def _secrets(read: Reader, environment: str) -> dict[str, Any]:
    """Only the newest data key is measured: the older ones are what they are until all is encrypted anew."""
    secret, data_keys = read.text("SECRET_KEY"), read.words("DATA_KEYS")
    rules.key(read, "SECRET_KEY", secret, rules.SECRET_LENGTH, environment)
    rules.key(read, "DATA_KEYS", next(iter(data_keys), ""), rules.DATA_KEY_LENGTH, environment)
    return {
        "secret_key": secret,
        "secret_key_fallbacks": read.words("SECRET_KEY_FALLBACKS"),
        "data_keys": data_keys,
    }


def _local_address(read: Reader, instance: Path) -> str:
    """Without BASE_URL: by HOST and PORT; a command in a second terminal knows neither, but `make run` noted them."""
    host, port = read.text("HOST"), read.number("PORT", 0, least=1, most=65_535)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if not host and not port:
            return str(json.loads((instance / "run").read_bytes())["url"])
    return f"http://{host or '127.0.0.1'}:{port or 8000}"


def _secure_cookies(read: Reader, environment: str) -> bool:
    secure = read.switch("SESSION_COOKIE_SECURE", rules.hardened(environment))
    if environment == "production" and not secure:
        read.complain("SESSION_COOKIE_SECURE", "must be true in production.")
    return secure


def _pilot(read: Reader, environment: str) -> Pilot:
    features = read.table("PILOT_FEATURES", ("advanced_reporting", "data_export", "email_notifications", "in_app_chat"))
    limits = read.table("PILOT_LIMITS", ("max_programs", "max_activities", "max_users"))
    for name in [name for name, value in features.items() if not isinstance(value, bool)]:
        read.complain("PILOT_FEATURES", f"must be true or false for {name}.")
        del features[name]
    for name in [name for name, value in limits.items() if type(value) is not int or value < 1]:
        read.complain("PILOT_LIMITS", f"need a positive whole number for {name}.")
        del limits[name]
    features.pop("in_app_chat", None)  # accepted and ignored (decision D51)
    chosen: dict[str, Any] = features | limits
    pilot = Pilot(
        mode=read.switch("PILOT_MODE", environment != "production"),
        starts_on=read.day("PILOT_START_DATE"),
        ends_on=read.day("PILOT_END_DATE"),
        organization_codes=tuple(
            code.upper() for code in read.words("PILOT_ORGANIZATION_CODES", Pilot.organization_codes)
        ),
        password_length=read.number("PILOT_DEFAULT_PASSWORD_LENGTH", 16, least=12, most=128),
        **chosen,
    )
    if pilot.starts_on and pilot.ends_on and pilot.ends_on < pilot.starts_on:
        read.complain("PILOT_END_DATE", "lies before PILOT_START_DATE.")
    if environment == "production" and pilot.mode:
        read.complain("PILOT_MODE", "must be false in production.")
    return pilot


def _mail(read: Reader, environment: str) -> Mail:
    support = rules.mail_address(read, "PILOT_SUPPORT_EMAIL", Mail.support, environment)
    return Mail(
        host=read.text("EMAIL_HOST"),
        port=read.number("EMAIL_PORT", 587, least=1, most=65_535),
        use_tls=read.switch("EMAIL_USE_TLS", True),
        user=read.text("EMAIL_HOST_USER"),
        password=rules.password(read, "EMAIL_HOST_PASSWORD", environment),
        sender=rules.mail_address(read, "DEFAULT_FROM_EMAIL", Mail.sender, environment),
        support=support,
        support_phone=read.text("PILOT_SUPPORT_PHONE"),
        alerts=rules.mail_addresses(read, "ALERT_RECIPIENTS", (support,), environment),
    )


def _limits(read: Reader) -> Limits:
    rates = {
        each.name: rules.rate(read, f"LIMIT_{each.name.upper()}", str(each.default))
        for each in fields(Limits)
        if each.name != "storage"
    }
    return Limits(**rates, storage=rules.storage(read, "LIMIT_STORAGE", Limits.storage))


def _sessions(read: Reader) -> Sessions:
    return Sessions(
        idle_minutes=read.number("SESSION_IDLE_MINUTES", 30, least=1),
        absolute_minutes=read.number("SESSION_ABSOLUTE_MINUTES", 480, least=1),
    )


def _planning(read: Reader) -> Planning:
    asked = {
        each.name: read.number(f"PLAN_{each.name.upper()}", getattr(Planning, each.name), least=1)
        for each in fields(Planning)
    }
    return Planning(**asked)


def _reporting(read: Reader) -> Reporting:
    asked = {
        each.name: read.number(f"REPORT_{each.name.upper()}", getattr(Reporting, each.name), least=1)
        for each in fields(Reporting)
    }
    if asked["monthly_day"] > 28:
        read.complain(
            "REPORT_MONTHLY_DAY", f"must be 28 or less, so that each month has it; it is {asked['monthly_day']}."
        )
    return Reporting(**asked)


def _backups(read: Reader, environment: str, instance: Path) -> Backups:
    """Production does not put its copies beside those of staging unless it is told to."""
    usual = Path("/var/backups/bmms/pilot") if rules.hardened(environment) else instance / "backups"
    directory = Path(read.text("BACKUP_DIRECTORY", str(usual)))
    if not directory.is_absolute():
        read.complain("BACKUP_DIRECTORY", "must be a whole path that begins with a slash.")
    recipient = read.text("BACKUP_RECIPIENT")
    if recipient and not re.fullmatch(r"age1[0-9a-z]{58,}", recipient):
        read.complain("BACKUP_RECIPIENT", "must be an age public key, age1…; the private one stays away from here.")
    bucket = read.text("BACKUP_S3_BUCKET")
    if bucket and not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        read.complain("BACKUP_S3_BUCKET", "must be the name of a bucket alone, without s3:// and folders.")
    prefix = read.text("BACKUP_S3_PREFIX", "production/" if environment == "production" else Backups.s3_prefix)
    key_id = read.text("AWS_ACCESS_KEY_ID")
    secret_key = rules.password(read, "AWS_SECRET_ACCESS_KEY", environment)
    if bucket and bool(key_id) != bool(secret_key):
        lacking, there = ("SECRET_ACCESS_KEY", "ACCESS_KEY_ID") if key_id else ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
        read.complain(f"AWS_{lacking}", f"must be set where AWS_{there} is.")
    return Backups(
        directory=directory,
        retention_days=read.number("BACKUP_RETENTION_DAYS", Backups.retention_days, least=1),
        recipient=recipient,
        s3_bucket=bucket,
        s3_prefix=f"{prefix.strip('/')}/".lstrip("/"),
        s3_endpoint=rules.endpoint(read, "BACKUP_S3_ENDPOINT"),
        s3_region=read.text("AWS_DEFAULT_REGION"),
        s3_key_id=key_id,
        s3_secret_key=secret_key,
        s3_session_token=read.text("AWS_SESSION_TOKEN"),
    )
