"""The checks of an environment, as an operator runs them: real servers, files and programs, and no secret printed."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import conninfo_to_dict

from bmms.cli.environment import validate_env
from bmms.cli.main import main
from bmms.config import PROJECT
from tests.conftest import PASSWORDS
from tests.operations.conftest import bucket, objects
from tests.operations.objects import contents_of
from tests.tasks.post import PostOffice, make_certificate

SCRIPT = PROJECT / "scripts" / "validate_env.py"
SECRET_KEY, DATA_KEY, MAIL_PASSWORD = "k9" * 25, "d4" * 20, "w8-r5-t2"
NOWHERE = "127.0.0.1:9"
__all__ = ["bucket", "objects"]

Check = Callable[..., Result]


@pytest.fixture
def good(database: dict[str, str]) -> dict[str, str]:
    """An environment for staging in which everything holds."""
    return {
        **database,
        "BMMS_ENV": "staging",
        "SECRET_KEY": SECRET_KEY,
        "DATA_KEYS": DATA_KEY,
        "ALLOWED_HOSTS": "staging.bmms.gov.ph",
        "CSRF_TRUSTED_ORIGINS": "https://staging.bmms.gov.ph",
        "BASE_URL": "https://staging.bmms.gov.ph",
        "EMAIL_HOST": "mail.bmms.gov.ph",
        "EMAIL_HOST_USER": "bmms",
        "EMAIL_HOST_PASSWORD": MAIL_PASSWORD,
        "DEFAULT_FROM_EMAIL": "BMMS <no-reply@staging.bmms.gov.ph>",
        "PILOT_MODE": "true",
        "PILOT_LIMITS": '{"max_users": 50}',
    }


@pytest.fixture
def write(tmp_path: Path, good: dict[str, str]) -> Callable[..., Path]:
    """Write the good environment to a file, changed; a value of None leaves its variable out."""

    def to_file(**changes: str | None) -> Path:
        path = tmp_path / "env"
        values = {name: value for name, value in {**good, **changes}.items() if value is not None}
        path.write_text("".join(f"{name}={quoted(value)}\n" for name, value in values.items()))
        return path

    return to_file


@pytest.fixture
def check(write: Callable[..., Path]) -> Check:
    """Check the good environment, changed. Whatever comes of it, no secret is printed."""

    def run(*options: str, expected: int = 0, **changes: str | None) -> Result:
        path = write(**changes)
        ran = CliRunner().invoke(validate_env, [str(path), *options])
        assert ran.exit_code == expected, ran.output
        assert ran.exception is None or isinstance(ran.exception, SystemExit)
        assert leaked(ran.output, *passwords(changes)) == []
        return ran

    return run


def passwords(values: Mapping[str, str | None]) -> list[str]:
    """The passwords in addresses of databases that can be read."""
    urls = [value for value in values.values() if value and value.startswith("postgresql://")]
    with suppress(psycopg.Error):
        return [str(found) for url in urls if (found := conninfo_to_dict(url).get("password"))]
    return []


def quoted(value: str) -> str:
    """As it stands in a file."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def leaked(output: str, *more: str) -> list[str]:
    """The secrets that stand in an output."""
    secrets = (SECRET_KEY, DATA_KEY, MAIL_PASSWORD, "hunter2", *PASSWORDS.values(), *more)
    return [one for one in secrets if one in output]


def line(ran: Result, name: str) -> str:
    """The one line about a variable."""
    [found] = [each for each in ran.stdout.splitlines() if each.split(" ", 1)[1].startswith(f"{name}: ")]
    return found


class TestWhatHolds:
    def test_each_check_is_a_line_with_a_tick(self, check):
        ran = check()
        lines = ran.stdout.splitlines()
        assert lines[0] == "✓ BMMS_ENV: staging"
        assert lines[-1] == "All checks passed"
        assert all(each.startswith("✓ ") for each in lines[:-1])
        for told in (
            "✓ SECRET_KEY: Valid (50 characters)",
            "✓ DATABASE_URL: Connected successfully",
            "✓ DATABASE_OWNER_URL: Connected successfully",
            "✓ DATABASE_OCM_URL: Connected successfully",
            "✓ EMAIL_HOST: Configured",
            "✓ PILOT_MODE: Enabled",
        ):
            assert told in lines
        assert ran.stderr == ""

    def test_it_changes_nothing_and_says_the_same_again(self, check, owner):
        before = rows(owner)
        assert check().output == check().output
        assert rows(owner) == before

    def test_strict_changes_nothing_where_all_holds(self, check):
        assert check("--strict").stdout.endswith("All checks passed\n")

    def test_development_needs_nothing(self, tmp_path):
        empty = tmp_path / "env"
        empty.write_text("BMMS_ENV=development\n")
        ran = CliRunner().invoke(validate_env, [str(empty)])
        assert ran.exit_code == 0, ran.output
        assert line(ran, "DATABASE_URL") == "✓ DATABASE_URL: Not set: BMMS starts a server of its own"

    def test_for_machines(self, check):
        told = json.loads(check("--format", "json", PILOT_MODE="maybe", expected=1).stdout)
        assert told["passed"] is False
        assert {"name": "PILOT_MODE", "verdict": "wrong", "text": "Must be true or false, not 'maybe'."} in told[
            "checks"
        ]

    def test_production(self, check):
        ran = check("--profile", "production", BMMS_ENV="production", PILOT_MODE="false")
        assert line(ran, "PILOT_MODE") == "✓ PILOT_MODE: Disabled"


def rows(owner) -> list[tuple]:
    """How many rows were ever written, by table."""
    with owner.connect() as connection:
        query = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables ORDER BY relname"
        return [tuple(row) for row in connection.exec_driver_sql(query)]


class TestWhatIsWrong:
    def test_an_empty_environment(self, tmp_path):
        empty = tmp_path / "env"
        empty.write_text("")
        ran = CliRunner().invoke(validate_env, [str(empty)])
        assert ran.exit_code == 1
        for name in ("SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "EMAIL_HOST", "PILOT_MODE", "BASE_URL"):
            assert line(ran, name) == f"✗ {name}: Missing"
        assert "All checks passed" not in ran.output
        assert ran.stderr == "9 of 16 checks failed, 1 warning\n"

    def test_missing_and_empty_are_told_apart(self, check):
        ran = check(EMAIL_HOST="", SECRET_KEY=None, expected=1)
        assert line(ran, "EMAIL_HOST") == "✗ EMAIL_HOST: Empty"
        assert line(ran, "SECRET_KEY") == "✗ SECRET_KEY: Missing"

    @pytest.mark.parametrize(
        ("name", "value", "says"),
        [
            ("SECRET_KEY", "hunter2", "Must be 50 or more random characters; this one has 7."),
            ("SECRET_KEY", "change-me-" * 6, "Is a placeholder; it must be 50 or more random characters."),
            ("DATABASE_URL", "mysql://bmms_app:hunter2@db/bmms", "Must start with postgresql://."),
            ("DATABASE_URL", "postgresql://bmms_app:zq7@hunter2@127.0.0.1/bmms", "Cannot be read."),
            ("BASE_URL", "staging.bmms.gov.ph", "Must start with http:// or https:// and name a host."),
            ("CSRF_TRUSTED_ORIGINS", "https://staging.bmms.gov.ph/", "Need a scheme and no slash at the end"),
            ("DEFAULT_FROM_EMAIL", "BMMS <no-reply@example.org>", "Is a placeholder"),
            ("PILOT_MODE", "yes", "Must be true or false, not 'yes'."),
            ("PILOT_FEATURES", '{"chat": true}', "Has unknown keys: chat."),
            ("PILOT_LIMITS", '{"max_users": 0}', "Need a positive whole number for max_users."),
            ("SESSION_IDLE_MINUTES", "long", "Must be a whole number of 1 or more, not 'long'."),
            ("BMMS_ENV", "prod", "Must be one of development, staging, production; checked as staging"),
        ],
    )
    def test_a_bad_value(self, check, name, value, says):
        found = line(check(expected=1, **{name: value}), name)
        assert found.startswith(f"✗ {name}: {says}")

    def test_the_pilot_in_production(self, check):
        ran = check("--profile", "production", expected=1)
        assert line(ran, "PILOT_MODE") == "✗ PILOT_MODE: Must be false in production."

    def test_several_at_once(self, check):
        ran = check(PILOT_MODE="yes", BASE_URL="x", LOG_LEVEL="LOUD", expected=1)
        assert ran.stdout.count("✗") == 3
        assert "3 of " in ran.stderr


class TestTheDatabase:
    def test_one_out_of_reach(self, check):
        found = line(check(DATABASE_URL=f"postgresql://bmms_app:hunter2@{NOWHERE}/bmms", expected=1), "DATABASE_URL")
        assert found.startswith("✗ DATABASE_URL: Cannot connect: ")
        assert "efused" in found

    def test_one_that_does_not_answer_is_waited_for_five_seconds(self, check):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            begun = time.monotonic()
            url = f"postgresql://bmms_app:hunter2@127.0.0.1:{deaf.getsockname()[1]}/bmms"
            check(DATABASE_URL=url, DATABASE_OWNER_URL=None, DATABASE_OCM_URL=None, expected=1)
            assert time.monotonic() - begun < 60

    def test_a_wrong_password_is_not_printed(self, check, database):
        url = database["DATABASE_URL"].replace(PASSWORDS["bmms_app"], "hunter2")
        assert "Cannot connect" in line(check(DATABASE_URL=url, expected=1), "DATABASE_URL")

    def test_a_password_that_the_server_repeats_is_not_printed(self, check):
        url = f"postgresql://hunter2:hunter2@{NOWHERE}/hunter2"
        assert "Cannot connect" in line(check(DATABASE_URL=url, expected=1), "DATABASE_URL")

    def test_a_database_that_does_not_exist(self, check, database):
        name = conninfo_to_dict(database["DATABASE_URL"])["dbname"]
        url = database["DATABASE_URL"].replace(f"/{name}", "/bmms_nowhere")
        assert "bmms_nowhere" in line(check(DATABASE_URL=url, expected=1), "DATABASE_URL")

    @pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OCM_URL"])
    def test_a_superuser_may_not_serve(self, check, server, name):
        found = line(check(expected=1, **{name: server}), name)
        assert found.startswith(f"✗ {name}: Connected as ")
        assert "is a superuser or has BYPASSRLS" in found

    def test_nor_may_one_past_row_level_security(self, check, database):
        ran = check(DATABASE_URL=database["DATABASE_OWNER_URL"], DATABASE_OWNER_URL=None, expected=1)
        assert "Connected as bmms_owner, who is a superuser or has BYPASSRLS" in line(ran, "DATABASE_URL")

    def test_the_owner_is_another_login(self, check, database):
        ran = check(DATABASE_OWNER_URL=database["DATABASE_URL"], expected=1)
        assert "Must be another login than bmms_app" in line(ran, "DATABASE_OWNER_URL")

    def test_the_owner_sees_all_rows(self, check, database):
        ran = check(DATABASE_OWNER_URL=database["DATABASE_OCM_URL"], expected=1)
        assert "Connected as bmms_ocm, who does not see all rows" in line(ran, "DATABASE_OWNER_URL")

    def test_the_owner_of_another_database_is_a_warning(self, check, database, server):
        name = conninfo_to_dict(database["DATABASE_URL"])["dbname"]
        other = f"{name}_other"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {other} OWNER bmms_owner")
            try:
                ran = check(DATABASE_OWNER_URL=database["DATABASE_OWNER_URL"].replace(f"/{name}", f"/{other}"))
            finally:
                admin.execute(f"DROP DATABASE {other}")
        assert line(ran, "DATABASE_OWNER_URL") == f"! DATABASE_OWNER_URL: Leads to {other}, DATABASE_URL to {name}"

    def test_sqlalchemys_spelling_is_understood(self, check, database):
        url = database["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
        assert line(check(DATABASE_URL=url), "DATABASE_URL") == "✓ DATABASE_URL: Connected successfully"


class TestWarnings:
    def test_they_pass_and_strict_makes_them_errors(self, check):
        ran = check(BASE_URL="http://staging.bmms.gov.ph")
        assert line(ran, "BASE_URL") == "! BASE_URL: Is not https://, so passwords would travel in clear"
        assert ran.stdout.endswith("All checks passed, 1 warning\n")
        ran = check("--strict", BASE_URL="http://staging.bmms.gov.ph", expected=1)
        assert "All checks passed" not in ran.output
        assert ran.stderr == f"0 of {len(ran.stdout.splitlines())} checks failed, 1 warning\n"

    @pytest.mark.parametrize(
        ("name", "value", "says"),
        [
            ("BASE_URL", "https://bmms.gov.ph", "bmms.gov.ph is not one of ALLOWED_HOSTS"),
            ("SESSION_COOKIE_SECURE", "false", "sign-ins would travel in clear"),
            ("SECURE_HSTS_SECONDS", "0", "do not insist on HTTPS"),
            ("EMAIL_USE_TLS", "false", "mails would travel in clear"),
            ("EMAIL_HOST_USER", "", None),
            ("BMMS_BENCH", "1", "tell what they cost"),
            ("BMMS_ENV", None, "BMMS starts as development; checked as staging"),
            ("EMAIL_PROT", "587", "Not a setting of BMMS; is EMAIL_PORT meant?"),
            ("REDIS_URL", "redis://:hunter2@cache", "Not a setting of BMMS"),
        ],
    )
    def test_what_is_doubtful(self, check, name, value, says):
        ran = check(**{name: value})
        if says is None:
            name, says = "EMAIL_HOST_PASSWORD", "Is set without EMAIL_HOST_USER"
        found = line(ran, name)
        assert found.startswith(f"! {name}: ")
        assert says in found

    def test_copies_that_leave_without_encryption(self, check):
        ran = check(BACKUP_S3_BUCKET="bmms-backups")
        assert line(ran, "BACKUP_RECIPIENT").startswith("! BACKUP_RECIPIENT: Not set")
        assert line(ran, "BACKUP_S3_BUCKET") == "✓ BACKUP_S3_BUCKET: Copies go to s3://bmms-backups/staging/"

    def test_another_profile_than_the_file_says(self, check):
        ran = check("--profile", "development")
        assert line(ran, "BMMS_ENV") == "! BMMS_ENV: Says staging; checked as development"

    def test_variables_of_other_programs_are_none(self, check):
        assert "AWS_ACCESS_KEY_ID" not in check(AWS_ACCESS_KEY_ID="hunter2", TZ="Asia/Manila").stdout


class TestTheMailServer:
    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        return make_certificate(tmp_path)

    @pytest.fixture
    def office(self, certificate: Path) -> Iterator[PostOffice]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        with PostOffice(tls=context, users={"bmms": MAIL_PASSWORD}) as office:
            yield office

    def test_it_is_called_only_if_asked_for(self, check, office):
        assert line(check(**where(office)), "EMAIL_HOST") == "✓ EMAIL_HOST: Configured"
        assert office.lines == 0

    def test_encrypted_and_signed_in_and_nothing_sent(self, check, office, certificate, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        ran = check("--check-smtp", **where(office))
        assert line(ran, "EMAIL_HOST") == "✓ EMAIL_HOST: Connected with TLS, signed in, nothing sent"
        assert office.signed_in == ["bmms"]
        assert office.begun == 0

    def test_the_authority_may_be_named_in_the_file(self, check, office, certificate):
        ran = check("--check-smtp", **where(office), SSL_CERT_FILE=str(certificate))
        assert line(ran, "EMAIL_HOST") == "✓ EMAIL_HOST: Connected with TLS, signed in, nothing sent"

    def test_an_authority_that_is_not_there(self, check, office):
        ran = check("--check-smtp", **where(office), SSL_CERT_FILE="/nowhere/authority.pem", expected=1)
        assert line(ran, "EMAIL_HOST") == "✗ EMAIL_HOST: Cannot be used: FileNotFoundError"

    def test_a_wrong_password(self, check, office, certificate, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        ran = check("--check-smtp", **where(office), EMAIL_HOST_PASSWORD="hunter2", expected=1)
        assert line(ran, "EMAIL_HOST").startswith("✗ EMAIL_HOST: Cannot be used: SMTPAuthenticationError 535")
        assert office.signed_in == []

    def test_a_certificate_that_nobody_vouches_for(self, check, office):
        ran = check("--check-smtp", **where(office), expected=1)
        assert line(ran, "EMAIL_HOST") == "✗ EMAIL_HOST: Cannot be used: SSLCertVerificationError"

    def test_a_server_without_encryption_gets_no_password(self, check):
        with PostOffice() as office:
            ran = check("--check-smtp", **where(office), expected=1)
        assert line(ran, "EMAIL_HOST") == "✗ EMAIL_HOST: Cannot be used: SMTPNotSupportedError"

    def test_one_out_of_reach(self, check):
        ran = check("--check-smtp", EMAIL_HOST="127.0.0.1", EMAIL_PORT="9", expected=1)
        assert line(ran, "EMAIL_HOST") == "✗ EMAIL_HOST: Cannot be used: ConnectionRefusedError"


class TestTheBucket:
    @pytest.fixture
    def copies(self, bucket) -> dict[str, str]:
        """The variables that lead to a bucket."""
        return {
            "BACKUP_RECIPIENT": "age1" + "q3z0" * 14 + "lx",
            "BACKUP_S3_BUCKET": bucket.settings.s3_bucket,
            "BACKUP_S3_ENDPOINT": bucket.settings.s3_endpoint,
            "AWS_ACCESS_KEY_ID": bucket.settings.s3_key_id,
            "AWS_SECRET_ACCESS_KEY": bucket.settings.s3_secret_key,
        }

    def test_it_is_asked_only_if_wished_and_nothing_is_written(self, check, copies, bucket):
        where = f"opies go to {bucket.address}"
        away = {**copies, "BACKUP_S3_ENDPOINT": f"http://{NOWHERE}"}
        assert line(check(**away), "BACKUP_S3_BUCKET") == f"✓ BACKUP_S3_BUCKET: C{where}"
        ran = check("--check-s3", **copies)
        assert line(ran, "BACKUP_S3_BUCKET") == f"✓ BACKUP_S3_BUCKET: Reached, nothing written; c{where}"
        assert line(ran, "AWS_ACCESS_KEY_ID") == "✓ AWS_ACCESS_KEY_ID: Configured"
        assert contents_of(bucket) == {}

    def test_one_that_cannot_be_used(self, check, copies):
        ran = check("--check-s3", **{**copies, "BACKUP_S3_BUCKET": "bmms-nowhere"}, expected=1)
        assert "Cannot be used: s3://bmms-nowhere/staging/ refuses. There is no" in line(ran, "BACKUP_S3_BUCKET")
        ran = check("--check-s3", **{**copies, "BACKUP_S3_ENDPOINT": f"http://{NOWHERE}"}, expected=1)
        assert "cannot be reached at 127.0.0.1" in line(ran, "BACKUP_S3_BUCKET")

    def test_without_boto3(self, check, copies, monkeypatch):
        monkeypatch.setitem(sys.modules, "boto3", None)
        told = "✗ BACKUP_S3_BUCKET: boto3 is missing, without which no copy is sent. Install it: python3 bmms/launch/"
        assert line(check(**copies, expected=1), "BACKUP_S3_BUCKET").startswith(told)

    def test_half_a_key(self, check, copies):
        ran = check(**{**copies, "AWS_SECRET_ACCESS_KEY": ""}, expected=1)
        assert line(ran, "AWS_SECRET_ACCESS_KEY").endswith("Must be set where AWS_ACCESS_KEY_ID is.")
        ran = check(**{**copies, "AWS_ACCESS_KEY_ID": ""}, expected=1)
        assert line(ran, "AWS_ACCESS_KEY_ID").endswith("Must be set where AWS_SECRET_ACCESS_KEY is.")

    def test_the_keys_of_the_machine(self, check, copies):
        ran = check(**{**copies, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
        assert line(ran, "AWS_ACCESS_KEY_ID") == "✓ AWS_ACCESS_KEY_ID: Not set: the machine's profile or role holds"


def where(office: PostOffice) -> dict[str, str]:
    """The variables that lead to a mail server."""
    return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(office.port)}


class TestTheFile:
    def test_one_that_is_not_there(self, tmp_path):
        ran = CliRunner().invoke(validate_env, [str(tmp_path / "nowhere")])
        assert (ran.exit_code, ran.stdout) == (1, "")
        assert ran.stderr == f"{tmp_path / 'nowhere'} cannot be read: No such file or directory.\n"

    @pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.write_bytes(b"A=\xff\xfe\n")])
    def test_one_that_is_no_text(self, tmp_path, make):
        make(tmp_path / "env")
        ran = CliRunner().invoke(validate_env, [str(tmp_path / "env")])
        assert ran.exit_code == 1
        assert "cannot be read: " in ran.stderr

    def test_a_line_that_cannot_be_read_is_named_by_its_number_alone(self, write):
        path = write()
        lines = path.read_text().count("\n")
        path.write_text(path.read_text() + "\n# comment\nhunter2\nEMAIL_PORT='587\n")
        ran = CliRunner().invoke(validate_env, [str(path)])
        assert ran.exit_code == 1
        for number in (lines + 3, lines + 4):
            assert f"✗ Line {number}: Cannot be read" in ran.stdout
        assert leaked(ran.output) == []

    def test_only_the_file_counts(self, check, monkeypatch):
        monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
        assert line(check(SECRET_KEY=None, expected=1), "SECRET_KEY") == "✗ SECRET_KEY: Missing"

    def test_the_environment_without_a_file(self, good):
        ran = CliRunner().invoke(validate_env, [], env=good)
        assert ran.exit_code == 0, ran.output
        assert "All checks passed" in ran.stdout


@pytest.mark.parametrize("arguments", [["--profile", "test"], ["--nonsense"], ["one", "two"], ["--format", "xml"]])
def test_wrong_usage(arguments):
    assert CliRunner().invoke(validate_env, arguments).exit_code == 2


@pytest.mark.parametrize("name", ["validate_env", "validate-env"])
def test_neither_spelling_makes_the_application(name, write, monkeypatch):
    monkeypatch.setenv("BMMS_ENV", "no such thing")
    ran = CliRunner().invoke(main, [name, str(write())])
    assert ran.exit_code == 0, ran.output


def environ(**more: str) -> dict[str, str]:
    """The environment of a program that knows nothing of ours but where our code lies."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)} | more


def program(*argv: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program."""
    return subprocess.run(
        [str(each) for each in argv], env=environ(**more), cwd="/", capture_output=True, encoding="utf-8", check=False
    )


class TestThePrograms:
    def test_the_script_runs_with_a_python_that_has_none_of_our_packages(self, write):
        bare = Path(sys.base_prefix) / "bin" / "python3"
        ran = program(bare, "-I", SCRIPT, write())
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.endswith("All checks passed\n")
        assert leaked(ran.stdout) == []

    @pytest.mark.parametrize(("arguments", "code"), [(["--nonsense"], 2), (["/nowhere"], 1), ([], 1)])
    def test_it_hands_over_arguments_and_exit_code(self, arguments, code):
        assert program(SCRIPT, *arguments).returncode == code

    def test_settings_too_bad_to_start_with(self):
        ran = program(SCRIPT, BMMS_ENV="production", SECRET_KEY="hunter2", DATABASE_URL="hunter2", PORT="hunter")
        assert ran.returncode == 1
        assert "✗ SECRET_KEY: Must be 50 or more" in ran.stdout
        assert "✗ DATABASE_URL: Must start with postgresql://." in ran.stdout
        assert leaked(ran.stdout + ran.stderr) == []

    def test_ticks_where_they_cannot_be_shown(self):
        ran = program(SCRIPT, PYTHONIOENCODING="latin-1")
        assert "WRONG SECRET_KEY: Missing" in ran.stdout

    def test_without_a_venv_it_says_what_to_do(self, tmp_path):
        copy = tmp_path / "scripts" / SCRIPT.name
        copy.parent.mkdir()
        shutil.copy(SCRIPT, copy)
        ran = program(sys.executable, copy)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert f"BMMS is not set up in {tmp_path}" in ran.stderr
        assert "make setup" in ran.stderr

    def test_a_venv_without_our_program_runs_the_module(self, tmp_path, write):
        copy = tmp_path / "scripts" / SCRIPT.name
        copy.parent.mkdir()
        shutil.copy(SCRIPT, copy)
        (tmp_path / ".venv/bin").mkdir(parents=True)
        (tmp_path / ".venv/bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (tmp_path / ".venv/bin/python").chmod(0o755)
        assert program(sys.executable, copy, write()).returncode == 0

    def test_a_broken_venv_says_so(self, tmp_path):
        copy = tmp_path / "scripts" / SCRIPT.name
        copy.parent.mkdir()
        shutil.copy(SCRIPT, copy)
        (tmp_path / ".venv/bin").mkdir(parents=True)
        (tmp_path / ".venv/bin/bmms").write_text("#!/nowhere/python\n")
        (tmp_path / ".venv/bin/bmms").chmod(0o755)
        ran = program(sys.executable, copy)
        assert ran.returncode == 1
        assert "make setup" in ran.stderr

    def test_flask_finds_it_without_the_application(self, tmp_path, write):
        """As installed: the entry points of pyproject.toml, in a distribution of their own."""
        points = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["entry-points"]["flask.commands"]
        info = tmp_path / "commands-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: commands\nVersion: 1\n")
        told = "".join(f"{name} = {place}\n" for name, place in points.items())
        (info / "entry_points.txt").write_text(f"[flask.commands]\n{told}")
        path = f"{tmp_path}{os.pathsep}{PROJECT}"
        ran = program(sys.executable, "-m", "flask", "validate_env", write(), PYTHONPATH=path, BMMS_ENV="no such thing")
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.endswith("All checks passed\n")
