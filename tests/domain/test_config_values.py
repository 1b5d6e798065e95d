"""Every setting is in the example and in the manual, and a bad value of any kind is named with all the others."""

import re
import subprocess
from dataclasses import fields

import pytest

from bmms.cli.env_file import read_env_file
from bmms.config import PROJECT, Backups, Config, ConfigError, Limits, examine, from_environ
from tests.domain.test_config import STAGING

EXAMPLE = PROJECT / ".env.staging.example"
KNOWN = examine({}).known
PLACEHOLDERS = {
    "SECRET_KEY",
    "DATA_KEYS",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_OCM_URL",
    "EMAIL_HOST_PASSWORD",
}
PRODUCTION = {name: value for name, value in STAGING.items() if name != "PILOT_MODE"} | {
    "BMMS_ENV": "production",
    "EMAIL_HOST_USER": "bmms",
    "EMAIL_HOST_PASSWORD": "q7-w2-e9",
}
RECIPIENT = "age1" + "q3z0" * 14 + "lx"


def refusal(environ: dict[str, str]) -> list[str]:
    """The lines with which BMMS refuses to start."""
    with pytest.raises(ConfigError) as refused:
        from_environ(environ)
    return str(refused.value).splitlines()


class TestTheExample:
    def test_it_holds_every_setting_and_nothing_else(self):
        assert {f"LIMIT_{one.name.upper()}" for one in fields(Limits)} | {"PORT", "BACKUP_RECIPIENT"} < KNOWN
        example = read_env_file(EXAMPLE)
        assert example.unreadable == []
        assert set(example.values) == KNOWN

    def test_each_setting_has_a_comment_and_each_secret_a_note(self):
        """A comment speaks of all settings down to the next comment."""
        said, over = "", True
        for line in EXAMPLE.read_text().splitlines():
            if line.startswith("#"):
                said, over = line if over else said + line, False
            elif line:
                over = True
                assert len(said) > 10, line
                assert line.partition("=")[0] not in PLACEHOLDERS or "SECURITY" in said, line

    def test_its_dummy_values_can_be_read_and_its_placeholders_are_refused(self):
        reading = examine(read_env_file(EXAMPLE).values)
        assert reading.missing == ()
        assert set(reading.problems) == PLACEHOLDERS
        assert all("placeholder" in " ".join(texts) for texts in reading.problems.values())

    def test_filled_in_it_starts(self):
        values = read_env_file(EXAMPLE).values
        filled = {name: value.replace("change-me", "k9" * 30) for name, value in values.items()}
        config = from_environ(filled)
        usual = Config()
        assert config.pilot.max_users == 50
        assert (config.limits, config.planning, config.reporting) == (usual.limits, usual.planning, usual.reporting)

    def test_a_shell_reads_the_same(self):
        told = subprocess.run(
            ["sh", "-c", f"set -a; . {EXAMPLE}; env -0"],
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        shell = dict(entry.split("=", 1) for entry in told.split("\0") if entry)
        values = read_env_file(EXAMPLE).values
        assert {name: shell[name] for name in values} == values

    def test_filled_in_files_stay_out_of_version_control(self):
        names = [".env", ".env.staging", ".env.production", EXAMPLE.name]
        ignored = subprocess.run(
            ["git", "check-ignore", "--no-index", *names], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        assert ignored.stdout.split() == names[:3]


def undocumented(page: str) -> list[str]:
    """Settings that a page does not name."""
    return sorted(name for name in KNOWN if f"`{name}`" not in page)


def unheard_of(page: str) -> list[str]:
    """What a page calls a setting and nobody reads."""
    named = (re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1]) for row in page.splitlines() if row.startswith("| `"))
    return sorted({name for names in named for name in names} - KNOWN)


def test_the_manual_names_every_setting_and_no_other():
    page = (PROJECT / "docs/settings.md").read_text()
    assert undocumented(page.replace("EMAIL_PORT", "")) == ["EMAIL_PORT"]
    assert unheard_of("| `EMAIL_PROT` | | | | |") == ["EMAIL_PROT"]
    assert undocumented(page) == []
    assert unheard_of(page) == []


def test_everything_that_is_wrong_is_told_at_once():
    lines = refusal(
        {
            **STAGING,
            "BASE_URL": "staging.bmms.gov.ph",
            "SESSION_IDLE_MINUTES": "half an hour",
            "EMAIL_USE_TLS": "on",
            "LOG_LEVEL": "LOUD",
            "ALLOWED_HOSTS": "",
            "DATABASE_URL": "mysql://bmms_app:hunter2@db/bmms",
            "SECRET_KEY": "",
        }
    )
    assert lines[0] == "Missing in staging: ALLOWED_HOSTS, SECRET_KEY."
    assert {line.split()[0] for line in lines[1:]} == {
        "BASE_URL", "SESSION_IDLE_MINUTES", "EMAIL_USE_TLS", "LOG_LEVEL", "DATABASE_URL",
    }  # fmt: skip
    assert "hunter2" not in "\n".join(lines)


def test_an_unknown_environment_hides_no_other_problem():
    lines = refusal({"BMMS_ENV": "prod", "PILOT_MODE": "yes"})
    assert lines == [
        "BMMS_ENV must be one of development, test, staging, production, not 'prod'.",
        "PILOT_MODE must be true or false, not 'yes'.",
    ]


@pytest.mark.parametrize("word", ["yes", "no", "1", "0", "on", "off", "t", "wahr"])
@pytest.mark.parametrize("name", ["PILOT_MODE", "EMAIL_USE_TLS", "SESSION_COOKIE_SECURE"])
def test_a_switch_is_true_or_false_and_nothing_else(name, word):
    assert refusal({name: word}) == [f"{name} must be true or false, not {word!r}."]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///bmms.db", "must start with postgresql://"),
        ("postgresql+asyncpg://a:hunter2@db/bmms", "must start with postgresql://"),
        ("hunter2", "must start with postgresql://"),
        ("postgresql://bmms_app:hunter2@db", "names no database"),
        ("postgresql://bmms_app:hunter2@/bmms", "names no host"),
        ("postgresql://bmms_app:hunter2@db:port/bmms", "cannot be read"),
        ("postgresql://bmms_app:hunt@er2@db/bmms", "cannot be read"),
        ("postgresql://bmms_app:hunt/er2@db/bmms", "cannot be read"),
        ("postgresql://bmms_app:hunter2%zz@db/bmms", "cannot be read"),
        ("postgresql://db:hunter2/bmms", "cannot be read"),
        ("postgresql://bmms_app:change-me@db/bmms", "placeholder"),
    ],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_OCM_URL"])
def test_a_bad_address_of_a_database_is_refused_without_its_password(name, url, says):
    [line] = refusal({**STAGING, name: url})
    assert line.startswith(f"{name} ")
    assert says in line
    assert "hunt" not in line
    assert "er2" not in line


@pytest.mark.parametrize(
    "url",
    [
        "postgres://bmms_app:w0rd@db/bmms",
        "postgresql+psycopg://bmms_app:w0rd@db/bmms",
        "postgresql://bmms_app:w0rd@db/bmms",
    ],
)
def test_every_way_to_write_an_address_becomes_the_one_that_all_programs_read(url):
    assert from_environ({**STAGING, "DATABASE_URL": url}).database_url == "postgresql://bmms_app:w0rd@db/bmms"


def test_a_socket_needs_no_host():
    url = "postgresql://bmms_app:p%40ss@/bmms?host=/run/postgresql&port=5433"
    assert from_environ({**STAGING, "DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LOG_LEVEL", "VERBOSE", "must be one of DEBUG, INFO"),
        ("BMMS_BENCH", "yes", "must be one of 0, 1"),
        ("FLASK_DEBUG", "1", "must be false in staging"),
        ("PORT", "80000", "at most 65535"),
        ("EMAIL_PORT", "0", "whole number of 1 or more"),
        ("TRUSTED_PROXIES", "9" * 5_000, "whole number"),
        ("TRUSTED_PROXIES", "-1", "whole number"),
        ("BASE_URL", "https://", "name a host"),
        ("BASE_URL", "http://[::1", "name a host"),
        ("BASE_URL", "https://bmms:port", "name a host"),
        ("CSRF_TRUSTED_ORIGINS", "https://a, b.gov.ph", "need a scheme"),
        ("CSRF_TRUSTED_ORIGINS", "https://a.gov.ph/path", "need a scheme"),
        ("ALLOWED_HOSTS", "https://a.gov.ph", "full host names"),
        ("ALLOWED_HOSTS", "*", "full host names"),
        ("DEFAULT_FROM_EMAIL", "BMMS", "must be an address"),
        ("DEFAULT_FROM_EMAIL", "BMMS <no-reply@example.com>", "placeholder"),
        ("DEFAULT_FROM_EMAIL", "webmaster@localhost", "placeholder"),
        ("PILOT_SUPPORT_EMAIL", "the help desk", "must be an address"),
        ("DATA_KEYS", "change-me", "placeholder"),
        ("DATA_KEYS", "short", "32 or more"),
        ("SECRET_KEY", "a" * 49, "this one has 49"),
        ("EMAIL_HOST_PASSWORD", "change-me", "placeholder"),
        ("PILOT_LIMITS", '{"max_users": 1.5}', "positive whole number for max_users"),
        ("PILOT_LIMITS", '{"max_users": -1}', "positive whole number for max_users"),
        ("PILOT_LIMITS", '{"max_users": "50"}', "positive whole number for max_users"),
        ("PILOT_LIMITS", "[" * 100_000, "JSON object"),
        ("LIMIT_PERSON", "often", "must be a rate"),
        ("LIMIT_STORAGE", "redis", "must be an address"),
        ("REPORT_MONTHLY_DAY", "31", "28 or less"),
        ("BACKUP_DIRECTORY", "backups", "whole path"),
        ("BACKUP_RETENTION_DAYS", "0", "1 or more"),
        ("BACKUP_RECIPIENT", "age1short", "age public key"),
        ("BACKUP_S3_BUCKET", "s3://bmms-backups", "name of a bucket"),
        ("BACKUP_S3_ENDPOINT", "minio", "name a host"),
        ("AWS_SECRET_ACCESS_KEY", "change-me", "placeholder"),
    ],
)
def test_a_bad_value_is_named_alone(name, value, says):
    [line] = refusal({**STAGING, name: value})
    assert line.startswith(f"{name} ")
    assert says in line


@pytest.mark.parametrize("name", ["BASE_URL", "CSRF_TRUSTED_ORIGINS", "BACKUP_S3_ENDPOINT"])
def test_web_addresses_carry_no_sign_in(name):
    [line] = refusal({**STAGING, name: "https://bmms:hunter2@staging.bmms.gov.ph"})
    assert line.startswith(f"{name} ")
    assert "hunter2" not in line


def test_a_private_key_in_place_of_the_public_one_is_not_printed():
    [line] = refusal({"BACKUP_RECIPIENT": "AGE-SECRET-KEY-1QQPZRY9"})
    assert "PZRY9" not in line


def test_production_sends_cookies_over_https_only():
    [line] = refusal({**PRODUCTION, "SESSION_COOKIE_SECURE": "false"})
    assert line == "SESSION_COOKIE_SECURE must be true in production."
    assert from_environ(PRODUCTION).secure_cookies
    assert not from_environ({**STAGING, "SESSION_COOKIE_SECURE": "false"}).secure_cookies


def test_an_older_data_key_is_taken_as_it_is():
    keys = "n8" * 16 + ",short"
    assert from_environ({**STAGING, "DATA_KEYS": keys}).data_keys == ("n8" * 16, "short")


def test_backups_have_their_usual_place():
    assert from_environ({}).backups == Backups(PROJECT / "instance/backups", 30, "", "", "staging/", "")
    assert str(from_environ(STAGING).backups.directory) == "/var/backups/bmms/pilot"
    assert from_environ(PRODUCTION).backups.s3_prefix == "production/"


def test_backups_are_read():
    backups = from_environ(
        {
            **STAGING,
            "BACKUP_DIRECTORY": "/srv/backups",
            "BACKUP_RETENTION_DAYS": "7",
            "BACKUP_RECIPIENT": RECIPIENT,
            "BACKUP_S3_BUCKET": "bmms-backups",
            "BACKUP_S3_PREFIX": "/pilot/2026",
            "BACKUP_S3_ENDPOINT": "https://s3.example.org",
            "AWS_DEFAULT_REGION": "ap-southeast-1",
            "AWS_ACCESS_KEY_ID": "AKIA",
            "AWS_SECRET_ACCESS_KEY": "hunter2",
            "AWS_SESSION_TOKEN": "hunter2",
        }
    ).backups
    assert (str(backups.directory), backups.retention_days, backups.recipient) == ("/srv/backups", 7, RECIPIENT)
    assert (backups.s3_bucket, backups.s3_prefix) == ("bmms-backups", "pilot/2026/")
    assert backups.s3_endpoint == "https://s3.example.org"
    assert (backups.s3_region, backups.s3_key_id, backups.s3_secret_key) == ("ap-southeast-1", "AKIA", "hunter2")
    assert "hunter2" not in f"{backups} {Config(backups=backups).redacted()}"


def test_half_a_key_of_the_bucket_is_named_and_none_is_needed():
    assert from_environ({**STAGING, "AWS_ACCESS_KEY_ID": "AKIA"}).backups.s3_bucket == "", "no bucket, no matter"
    bucket = {**STAGING, "BACKUP_S3_BUCKET": "bmms-backups"}
    assert from_environ(bucket).backups.s3_key_id == ""
    for name, other in (("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"), ("SECRET_ACCESS_KEY", "ACCESS_KEY_ID")):
        assert refusal({**bucket, f"AWS_{name}": "hunter2"}) == [f"AWS_{other} must be set where AWS_{name} is."]


def test_the_storage_of_limits_is_not_printed_for_it_may_hold_a_password():
    config = from_environ({"LIMIT_STORAGE": "redis://:hunter2@cache/0"})
    assert "hunter2" not in str(config.redacted())
