"""All settings, read once from the environment. A bad or missing value stops the start and is named."""

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("development", "test", "staging", "production")
PLACEHOLDERS = ("change", "secret", "example", "placeholder", "xxxx")
REQUIRED = {
    "development": (),
    "test": (),
    "staging": (
        "ALLOWED_HOSTS",
        "BASE_URL",
        "CSRF_TRUSTED_ORIGINS",
        "DATABASE_URL",
        "DEFAULT_FROM_EMAIL",
        "EMAIL_HOST",
        "PILOT_MODE",
        "SECRET_KEY",
    ),
    "production": (
        "ALLOWED_HOSTS",
        "BASE_URL",
        "CSRF_TRUSTED_ORIGINS",
        "DATABASE_URL",
        "DEFAULT_FROM_EMAIL",
        "EMAIL_HOST",
        "EMAIL_HOST_PASSWORD",
        "EMAIL_HOST_USER",
        "SECRET_KEY",
    ),
}
SECRET_NAMES = ("secret", "password", "key", "database", "dsn")


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
    pilot: Pilot = field(default_factory=Pilot)
    mail: Mail = field(default_factory=Mail)
    limits: Limits = field(default_factory=Limits)
    sessions: Sessions = field(default_factory=Sessions)
    planning: Planning = field(default_factory=Planning)

    @property
    def is_development(self) -> bool:
        """Development and test show what production hides: the style guide, tracebacks in the log."""
        return self.environment in ("development", "test")

    def redacted(self) -> dict[str, object]:
        """All settings for `flask show_config`; of secrets only the length."""
        return {name: _redact(name, value) for name, value in vars(self).items()}


def _redact(name: str, value: object) -> object:
    if any(word in name for word in SECRET_NAMES) and value:
        return f"set ({len(str(value))} characters)"
    if hasattr(value, "__dataclass_fields__"):
        return {inner: _redact(inner, its) for inner, its in vars(value).items()}
    return str(value) if isinstance(value, Path | date) else value


class _Reader:
    """Reads typed values and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def words(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        found = tuple(word.strip() for word in self.environ.get(name, "").split(",") if word.strip())
        return found or default

    def switch(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value in ("", "true", "false"):
            return value == "true" if value else default
        self.problems.append(f"{name} must be true or false, not {value!r}.")
        return default

    def number(self, name: str, default: int, *, least: int = 0) -> int:
        value = self.text(name)
        if not value:
            return default
        if not value.isascii() or not value.isdigit() or int(value) < least:
            self.problems.append(f"{name} must be a whole number of {least} or more, not {value!r}.")
            return default
        return int(value)

    def day(self, name: str) -> date | None:
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.problems.append(f"{name} must be a date like 2026-01-15, not {value!r}.")
            return None

    def table(self, name: str, known: tuple[str, ...]) -> dict[str, object]:
        """A JSON object such as PILOT_LIMITS={"max_users": 50}."""
        value = self.text(name)
        try:
            found = json.loads(value) if value else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.problems.append(f"{name} must be a JSON object.")
            return {}
        if unknown := sorted(set(found) - set(known)):
            self.problems.append(f"{name} has unknown keys: {', '.join(unknown)}. Known: {', '.join(known)}.")
        return found


def _pilot(read: _Reader, environment: str) -> Pilot:
    features = read.table("PILOT_FEATURES", ("advanced_reporting", "data_export", "email_notifications", "in_app_chat"))
    limits = read.table("PILOT_LIMITS", ("max_programs", "max_activities", "max_users"))
    read.problems += [
        f"PILOT_FEATURES.{name} must be true or false."
        for name, value in features.items()
        if not isinstance(value, bool)
    ]
    read.problems += [
        f"PILOT_LIMITS.{name} must be a positive whole number."
        for name, value in limits.items()
        if type(value) is not int or value < 1
    ]
    features.pop("in_app_chat", None)  # accepted and ignored (decision D51)
    pilot = Pilot(
        mode=read.switch("PILOT_MODE", environment != "production"),
        starts_on=read.day("PILOT_START_DATE"),
        ends_on=read.day("PILOT_END_DATE"),
        organization_codes=tuple(
            code.upper() for code in read.words("PILOT_ORGANIZATION_CODES", Pilot.organization_codes)
        ),
        password_length=read.number("PILOT_DEFAULT_PASSWORD_LENGTH", 16, least=12),
        **(features | limits if not read.problems else {}),  # type: ignore[arg-type]
    )
    if pilot.starts_on and pilot.ends_on and pilot.ends_on < pilot.starts_on:
        read.problems.append("PILOT_END_DATE lies before PILOT_START_DATE.")
    if environment == "production" and pilot.mode:
        read.problems.append("PILOT_MODE must be false in production.")
    return pilot


def _local_address(read: _Reader, instance: Path) -> str:
    """Without BASE_URL: by HOST and PORT; a command in a second terminal knows neither, but `make run` noted them."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if not read.text("HOST") and not read.text("PORT"):
            return str(json.loads((instance / "run").read_bytes())["url"])
    return f"http://{read.text('HOST', '127.0.0.1')}:{read.text('PORT', '8000')}"


def _limits(read: _Reader) -> Limits:
    return Limits(**{each.name: read.text(f"LIMIT_{each.name.upper()}", str(each.default)) for each in fields(Limits)})


def _planning(read: _Reader) -> Planning:
    asked = {
        each.name: read.number(f"PLAN_{each.name.upper()}", getattr(Planning, each.name), least=1)
        for each in fields(Planning)
    }
    return Planning(**asked)


def _check_secret(read: _Reader, secret: str, environment: str) -> None:
    if environment in ("development", "test"):
        return
    if secret and (len(secret) < 50 or any(word in secret.lower() for word in PLACEHOLDERS)):
        read.problems.append(f"SECRET_KEY must be 50 or more random characters; this one has {len(secret)}.")


def from_environ(environ: Mapping[str, str] | None = None) -> Config:
    """Read and check all settings.

    Raises:
        ConfigError: with a line for each problem; in staging and production also for each missing variable (D21).
    """
    read = _Reader(os.environ if environ is None else environ)
    environment = read.text("BMMS_ENV", "development").lower()
    if environment not in ENVIRONMENTS:
        raise ConfigError(f"BMMS_ENV must be one of {', '.join(ENVIRONMENTS)}, not {environment!r}.")
    if missing := [name for name in REQUIRED[environment] if not read.text(name)]:
        read.problems.append(f"Missing in {environment}: {', '.join(sorted(missing))}.")
    secure = environment in ("staging", "production")
    instance = Path(read.text("BMMS_INSTANCE", str(PROJECT / "instance"))).resolve()
    base_url = read.text("BASE_URL", _local_address(read, instance)).rstrip("/")
    if urlsplit(base_url).scheme not in ("http", "https"):
        read.problems.append("BASE_URL must start with http:// or https://.")
    origins = read.words("CSRF_TRUSTED_ORIGINS")
    if bad := [origin for origin in origins if "://" not in origin or origin.endswith("/")]:
        read.problems.append(f"CSRF_TRUSTED_ORIGINS need a scheme and no slash at the end: {', '.join(bad)}.")
    _check_secret(read, read.text("SECRET_KEY"), environment)
    config = Config(
        environment=environment,
        instance=instance,
        secret_key=read.text("SECRET_KEY"),
        secret_key_fallbacks=read.words("SECRET_KEY_FALLBACKS"),
        data_keys=read.words("DATA_KEYS"),
        database_url=read.text("DATABASE_URL"),
        database_owner_url=read.text("DATABASE_OWNER_URL"),
        database_ocm_url=read.text("DATABASE_OCM_URL"),
        base_url=base_url,
        allowed_hosts=read.words("ALLOWED_HOSTS"),
        trusted_origins=origins,
        trusted_proxies=read.number("TRUSTED_PROXIES", 0),
        secure_cookies=read.switch("SESSION_COOKIE_SECURE", secure),
        hsts_seconds=read.number(
            "SECURE_HSTS_SECONDS", {"production": 31_536_000, "staging": 604_800}.get(environment, 0)
        ),
        log_level=read.text("LOG_LEVEL", "INFO").upper(),
        bench=read.text("BMMS_BENCH") == "1",
        pilot=_pilot(read, environment),
        mail=Mail(
            host=read.text("EMAIL_HOST"),
            port=read.number("EMAIL_PORT", 587, least=1),
            use_tls=read.switch("EMAIL_USE_TLS", True),
            user=read.text("EMAIL_HOST_USER"),
            password=read.text("EMAIL_HOST_PASSWORD"),
            sender=read.text("DEFAULT_FROM_EMAIL", Mail.sender),
            support=read.text("PILOT_SUPPORT_EMAIL", Mail.support),
            support_phone=read.text("PILOT_SUPPORT_PHONE"),
        ),
        limits=_limits(read),
        sessions=Sessions(
            idle_minutes=read.number("SESSION_IDLE_MINUTES", 30, least=1),
            absolute_minutes=read.number("SESSION_ABSOLUTE_MINUTES", 480, least=1),
        ),
        planning=_planning(read),
    )
    if read.problems:
        raise ConfigError("\n".join(read.problems))
    return config


def kept_secret(instance: Path, name: str) -> str:
    """A random secret under `instance/`, 0600, made at its first use; for development only (decision D36)."""
    instance.mkdir(parents=True, exist_ok=True)
    path, mine = instance / name, instance / f".{name}.{secrets.token_hex(4)}"
    mine.touch(mode=0o600)
    mine.write_text(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(mine)  # the first of several starting processes wins, and the file is never half written
    mine.unlink()
    return path.read_text().strip()
