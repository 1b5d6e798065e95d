"""Settings: strict, complete, and never printed in full."""

import re
from dataclasses import fields

import pytest

from bmms.config import PROJECT, Config, ConfigError, Pilot, from_environ, kept_secret

STAGING = {
    "BMMS_ENV": "staging",
    "SECRET_KEY": "k9" * 30,
    "DATA_KEYS": "d4" * 20,
    "DATABASE_URL": "postgresql://x@y/z",
    "ALLOWED_HOSTS": "staging.bmms.gov.ph",
    "CSRF_TRUSTED_ORIGINS": "https://staging.bmms.gov.ph",
    "EMAIL_HOST": "mail.example",
    "DEFAULT_FROM_EMAIL": "BMMS <bmms@example.gov.ph>",
    "BASE_URL": "https://staging.bmms.gov.ph/",
    "PILOT_MODE": "true",
}


def test_development_needs_nothing(tmp_path):
    config = from_environ({"BMMS_INSTANCE": str(tmp_path)})
    assert config.environment == "development"
    assert config.base_url == "http://127.0.0.1:8000"
    assert config.pilot.max_users == 50
    assert config.limits.sign_in_address == "120 per minute"


@pytest.mark.parametrize(
    ("note", "environ", "address"),
    [
        ('{"pid": 1, "url": "http://localhost:8123/"}', {}, "http://localhost:8123"),
        ('{"pid": 1, "url": "http://localhost:8123/"}', {"PORT": "9000"}, "http://127.0.0.1:9000"),
        ('{"pid": 1, "url": "http://localhost:8123/"}', {"BASE_URL": "https://bmms.example"}, "https://bmms.example"),
        ("half a no", {}, "http://127.0.0.1:8000"),
        ("[]", {}, "http://127.0.0.1:8000"),
    ],
)
def test_commands_in_a_second_terminal_name_the_address_of_the_run(tmp_path, note, environ, address):
    (tmp_path / "run").write_text(note)
    assert from_environ({"BMMS_INSTANCE": str(tmp_path)} | environ).base_url == address


def test_staging_is_read_and_hardened():
    config = from_environ(STAGING)
    assert config.secure_cookies
    assert config.hsts_seconds == 604_800
    assert config.base_url == "https://staging.bmms.gov.ph"
    assert config.pilot.mode


def test_missing_variables_are_named_sorted():
    with pytest.raises(ConfigError) as refused:
        from_environ({"BMMS_ENV": "staging", "SECRET_KEY": "k9" * 30})
    assert "Missing in staging: ALLOWED_HOSTS, BASE_URL, CSRF_TRUSTED_ORIGINS, DATABASE_URL" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BMMS_ENV", "prod", "BMMS_ENV must be one of"),
        ("PILOT_MODE", "yes", "PILOT_MODE must be true or false"),
        ("EMAIL_PORT", "smtp", "EMAIL_PORT must be a whole number"),
        ("EMAIL_PORT", "٢٥", "EMAIL_PORT must be a whole number"),
        ("PILOT_START_DATE", "15 January", "must be a date like"),
        ("PILOT_LIMITS", "{max_users: 3}", "must be a JSON object"),
        ("PILOT_LIMITS", '{"max_user": 3}', "unknown keys: max_user"),
        ("PILOT_LIMITS", '{"max_users": 0}', "positive whole number"),
        ("PILOT_LIMITS", '{"max_users": true}', "positive whole number"),
        ("PILOT_FEATURES", '{"data_export": "no"}', "must be true or false"),
        ("SECRET_KEY", "short", "50 or more random characters"),
        ("SECRET_KEY", "change-me-" * 6, "50 or more random characters"),
        ("BASE_URL", "staging.bmms.gov.ph", "must start with http"),
        ("CSRF_TRUSTED_ORIGINS", "https://x/", "no slash at the end"),
        ("PILOT_DEFAULT_PASSWORD_LENGTH", "8", "12 or more"),
    ],
)
def test_a_bad_value_stops_the_start_and_is_named(name, value, says):
    with pytest.raises(ConfigError, match=says):
        from_environ({**STAGING, name: value})


def test_dates_of_the_pilot_are_ordered():
    with pytest.raises(ConfigError, match="lies before"):
        from_environ({"PILOT_START_DATE": "2026-02-01", "PILOT_END_DATE": "2026-01-01"})


def test_the_pilot_is_off_in_production():
    production = {**STAGING, "BMMS_ENV": "production", "EMAIL_HOST_USER": "u", "EMAIL_HOST_PASSWORD": "p"}
    with pytest.raises(ConfigError, match="PILOT_MODE must be false"):
        from_environ(production)
    assert from_environ({**production, "PILOT_MODE": "false"}).hsts_seconds == 31_536_000


def test_an_ignored_feature_is_accepted():
    assert from_environ({"PILOT_FEATURES": '{"in_app_chat": true, "data_export": false}'}).pilot.data_export is False


def test_secrets_are_printed_as_their_length_only():
    shown = str(Config(secret_key="hidden words", database_url="postgresql://u:hidden@h/d").redacted())
    assert "hidden" not in shown
    assert "12 characters" in shown


def test_a_kept_secret_stays_and_is_private(tmp_path):
    first = kept_secret(tmp_path, "secret_key")
    assert kept_secret(tmp_path, "secret_key") == first
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def undocumented(page: str) -> list[str]:
    """Switches and numbers of the pilot that a page does not name; the variables are in test_config_values.py."""
    source = (PROJECT / "bmms/config/environment.py").read_text()
    switches = {one.name for one in fields(Pilot)} & set(re.findall(r'"(\w+)"', source))
    assert {"max_users", "data_export"} <= switches
    return sorted(name for name in switches if name not in page)


def test_every_switch_of_the_pilot_is_documented():
    page = (PROJECT / "docs/settings.md").read_text()
    assert undocumented(page.replace("max_users", "")) == ["max_users"]
    assert undocumented(page) == []
