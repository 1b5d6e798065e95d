"""The settings of BMMS by group, with their defaults."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("development", "test", "staging", "production")
SECRET_NAMES = ("secret", "password", "key", "token", "database", "dsn", "storage")


class ConfigError(ValueError):
    """The environment does not describe a BMMS that may start. The text lists every problem, a line each."""


@dataclass(frozen=True)
class Pilot:
    """The settings of the pilot (onboarding 5.1)."""

    mode: bool = True
    starts_on: date | None = None
    ends_on: date | None = None
    advanced_reporting: bool = False
    data_export: bool = True
    email_notifications: bool = True
    max_programs: int = 100
    max_activities: int = 1_000
    max_users: int = 50
    organization_codes: tuple[str, ...] = ("MOH", "MOLE", "MAFAR")
    password_length: int = 16


@dataclass(frozen=True)
class Mail:
    """How mails leave. Without a host each becomes a file under `instance/mail/`."""

    host: str = ""
    port: int = 587
    use_tls: bool = True
    user: str = ""
    password: str = ""
    sender: str = "BMMS <no-reply@bmms.invalid>"
    support: str = "bmms-uat-support@barmm.gov.ph"
    support_phone: str = ""
    alerts: tuple[str, ...] = ("bmms-uat-support@barmm.gov.ph",)  # whom the watch alarms


@dataclass(frozen=True)
class Limits:
    """Rate limits (decision D30), in Flask-Limiter's words."""

    sign_in_account: str = "5 per minute"
    sign_in_address: str = "120 per minute"
    person: str = "600 per minute"
    reset_mail: str = "5 per hour"
    imports: str = "30 per hour"
    exports: str = "60 per hour"
    new_users: str = "30 per hour"
    verify: str = "30 per minute"
    storage: str = "memory://"


@dataclass(frozen=True)
class Sessions:
    """How long a sign-in lasts (rule S9), in minutes, and how many one person may have."""

    idle_minutes: int = 30
    absolute_minutes: int = 480
    step_up_minutes: int = 5
    at_most: int = 3


@dataclass(frozen=True)
class Planning:
    """What a plan must hold, and when a work item counts as forgotten (modules 1.3, 1.5)."""

    least_goals: int = 3
    most_goals: int = 7  # more are a warning
    least_objectives: int = 2  # of a goal
    most_kpis: int = 5  # of an objective
    stale_days: int = 14  # without an update: listed to the officer
    escalate_days: int = 30  # to the planner
    shift_days: int = 30  # by so many the dates of an item in force move without a revision


@dataclass(frozen=True)
class Reporting:
    """When reports of execution are due, and when that is called to mind (modules 2.10)."""

    quarterly_days: int = 30  # after the last day of the quarter; of the year for the annual report
    monthly_day: int = 10  # of the next month
    remind_days: int = 7  # before


@dataclass(frozen=True)
class Backups:
    """Where backups lie, how long, for whom they are encrypted, and where a copy goes (onboarding 4.7)."""

    directory: Path = PROJECT / "instance" / "backups"
    retention_days: int = 30
    recipient: str = ""  # an age public key; without one backups are not encrypted
    s3_bucket: str = ""  # without one no copy goes anywhere
    s3_prefix: str = "staging/"
    s3_endpoint: str = ""  # of another provider than Amazon
    s3_region: str = ""
    s3_key_id: str = ""  # without one boto3 looks for keys by itself: a profile, the role of the machine
    s3_secret_key: str = field(default="", repr=False)
    s3_session_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Config:
    """Everything BMMS reads from its environment."""

    environment: str = "development"
    instance: Path = PROJECT / "instance"
    secret_key: str = ""
    secret_key_fallbacks: tuple[str, ...] = ()
    data_keys: tuple[str, ...] = ()
    database_url: str = ""
    database_owner_url: str = field(default="", repr=False)
    database_ocm_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    allowed_hosts: tuple[str, ...] = ()
    trusted_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    secure_cookies: bool = False
    hsts_seconds: int = 0
    log_level: str = "INFO"
    bench: bool = False
    ready_least_disk_gb: int = 5  # less free space in the instance folder makes `/ready/` say so
    pilot: Pilot = field(default_factory=Pilot)
    mail: Mail = field(default_factory=Mail)
    limits: Limits = field(default_factory=Limits)
    sessions: Sessions = field(default_factory=Sessions)
    planning: Planning = field(default_factory=Planning)
    reporting: Reporting = field(default_factory=Reporting)
    backups: Backups = field(default_factory=Backups)

    @property
    def is_development(self) -> bool:
        """Development and test show what production hides: the style guide, tracebacks in the log."""
        return self.environment in ("development", "test")

    def redacted(self) -> dict[str, object]:
        """All settings for `flask config`; of secrets only the length."""
        return {name: _redact(name, value) for name, value in vars(self).items()}


def _redact(name: str, value: object) -> object:
    if any(word in name for word in SECRET_NAMES) and value:
        return f"set ({len(str(value))} characters)"
    if hasattr(value, "__dataclass_fields__"):
        return {inner: _redact(inner, its) for inner, its in vars(value).items()}
    return str(value) if isinstance(value, Path | date) else value
