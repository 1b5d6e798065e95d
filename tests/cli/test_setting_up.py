"""The commands that an engineer needs once: the logins with their passwords, and the first administrator."""

import pytest
from flask.testing import FlaskCliRunner
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, text

from bmms.config import Config
from tests.client import Reader

WHO = ["--username", "Operator", "--email", "operator@ict.gov.ph", "--first-name", "Omar", "--last-name", "Ali"]


def test_the_first_administrator_of_the_platform(runner: FlaskCliRunner, owner: Engine, app) -> None:
    ran = runner.invoke(args=["create_superadmin", *WHO])
    assert (ran.exit_code, ran.stderr) == (0, "")
    first, second = ran.stdout.splitlines()
    assert first == "Platform administrator operator created."
    with owner.connect() as connection:
        rows = connection.execute(text("SELECT username, role, must_change_password, is_demo FROM users"
                                       " JOIN central_roles ON user_id = users.id")).all()  # fmt: skip
        acts = connection.execute(text("SELECT action FROM audit_events WHERE subject_label = 'operator'")).scalars()
        assert set(acts) == {"users:create", "central_roles:give"}
    assert rows == [("operator", "superadmin", True, False)]
    password = second.removeprefix("Temporary password, shown only now: ")
    answer = Reader(app).sign_in("operator", password)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--username", "a", "Username may contain only letters"),
        ("--email", "nobody", "'nobody' is not a valid email address."),
        ("--first-name", " ", "must not be empty"),
    ],
)
def test_an_administrator_who_cannot_be_made(runner, owner: Engine, option: str, value: str, said: str) -> None:
    words = [*WHO]
    words[words.index(option) + 1] = value
    ran = runner.invoke(args=["create_superadmin", *words])
    assert ran.exit_code in (1, 2)
    assert said in ran.stderr
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 0


def test_a_name_or_an_address_is_given_once(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["create_superadmin", *WHO]).exit_code == 0
    ran = runner.invoke(args=["create_superadmin", *WHO])
    assert ran.exit_code == 1
    assert ran.stderr.splitlines() == [
        "Username 'operator' is already taken.", "Email 'operator@ict.gov.ph' is already registered.",
    ]  # fmt: skip


def test_the_logins_are_made_with_the_passwords_of_the_settings(runner: FlaskCliRunner, config: Config) -> None:
    ran = runner.invoke(args=["print_roles_sql", "--with-passwords"])
    assert ran.exit_code == 0
    assert ran.stdout.count("PASSWORD 'SCRAM-SHA-256$") == 2, "the tests know the owner's by another way"
    assert "\\password bmms_owner" in ran.stdout
    for address in (config.database_url, config.database_ocm_url):
        assert conninfo_to_dict(address)["password"] not in ran.stdout
    assert "SCRAM" not in runner.invoke(args=["print_roles_sql"]).stdout
