"""What every command does with a result, a refusal and an unreachable database."""

import json
from datetime import date

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, create_engine, text

from bmms.cli import output
from bmms.domain.errors import NotFound, RuleBroken


def command_that(act):
    @click.command()
    @output.format_option
    @output.refusals_exit_1
    def command(as_json):
        output.result({"day": date(2026, 1, 21)}, f"Done: {act()}", as_json)

    return command


def refuse(error: Exception):
    def act():
        raise error

    return act


def test_text_is_for_people_and_json_for_machines():
    command = command_that(lambda: "yes")
    assert CliRunner().invoke(command).stdout == "Done: yes\n"
    assert json.loads(CliRunner().invoke(command, ["--format", "json"]).stdout) == {"day": "2026-01-21"}
    assert CliRunner().invoke(command, ["--format", "xml"]).exit_code == 2


@pytest.mark.parametrize(
    ("refusal", "lines"),
    [
        (NotFound("There is no organization XYZ."), ["There is no organization XYZ."]),
        (RuleBroken("The name is taken.", field="name"), ["The name is taken."]),
        (
            RuleBroken("Two fields are wrong.", email="Not an address.", phone="Too long."),
            ["Two fields are wrong.", "Not an address.", "Too long."],
        ),
    ],
)
def test_a_refusal_prints_all_its_messages_to_stderr_and_exits_1(refusal, lines):
    ran = CliRunner().invoke(command_that(refuse(refusal)))
    assert (ran.exit_code, ran.stdout, ran.stderr.splitlines()) == (1, "", lines)


def test_a_refusal_is_an_object_for_machines():
    refusal = RuleBroken("Two fields are wrong.", email="Not an address.", phone="Too long.")
    ran = CliRunner().invoke(command_that(refuse(refusal)), ["--format", "json"])
    assert (ran.exit_code, len(ran.stderr.splitlines())) == (1, 3)
    assert json.loads(ran.stdout) == {
        "refused": True,
        "problems": ["Two fields are wrong.", "Not an address.", "Too long."],
        "fields": {"email": "Not an address.", "phone": "Too long."},
    }


def test_a_bug_is_not_disguised_as_a_refusal():
    ran = CliRunner().invoke(command_that(refuse(ZeroDivisionError("ours"))))
    assert isinstance(ran.exception, ZeroDivisionError)


def test_a_database_that_does_not_answer_is_a_refusal_with_its_reason():
    def act():
        nowhere = create_engine("postgresql://bmms_app:secret-word@127.0.0.1:9/none?connect_timeout=2")
        with nowhere.connect():
            return "never"

    ran = CliRunner().invoke(command_that(act))
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.startswith("The database did not answer: ")
    assert "refused" in ran.stderr
    assert "secret-word" not in ran.stderr


def test_a_database_without_tables_says_what_to_run(engine: Engine):
    def act():
        with engine.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM no_such_table"))

    ran = CliRunner().invoke(command_that(act))
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "flask db upgrade" in ran.stderr
