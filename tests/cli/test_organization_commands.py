"""The commands for organizations and reference data, as an operator runs them: output, exit codes, what is stored."""

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import Engine, text

from bmms.app import create_app
from bmms.cli import organizations, reference
from bmms.config import Config, Pilot
from bmms.extensions import db

PILOTS_MADE = "Created 3 pilot MOAs (MOH, MOLE, MAFAR)\n"


@pytest.fixture
def runner_with(config: Config, emptied: None) -> Iterator[Callable[..., FlaskCliRunner]]:
    """Runners of applications with other settings."""
    with ExitStack() as stack:
        yield lambda **changed: stack.enter_context(_running(replace(config, **changed)))


@contextmanager
def _running(config: Config) -> Iterator[FlaskCliRunner]:
    app = create_app(config)
    yield app.test_cli_runner()
    with app.app_context():
        db.engine.dispose()


def run(runner: FlaskCliRunner, line: str, expected: int = 0):
    ran = runner.invoke(args=line.split())
    assert ran.exit_code == expected, ran.output
    return ran


def rows_of(owner: Engine, query: str) -> list[tuple]:
    with owner.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(owner: Engine, statement: str) -> None:
    with owner.begin() as connection:
        connection.execute(text(statement))


def insert(owner: Engine, code: str, kind: str = "office", *, pilot: bool = False) -> None:
    change(
        owner, f"INSERT INTO organizations (code, name, kind, is_pilot) VALUES ('{code}', '{code}', '{kind}', {pilot})"
    )


class TestLoadPilotMoas:
    def test_the_first_run_says_what_it_created(self, runner, owner):
        ran = run(runner, "load_pilot_moas")
        assert (ran.stdout, ran.stderr) == (PILOTS_MADE, "")
        on = "is_active, is_pilot, enable_planning, enable_budgeting, enable_coordination, enable_monitoring"
        assert rows_of(owner, f"SELECT code, acronym, kind, {on}, enable_mana FROM organizations ORDER BY id") == [
            (code, code, "ministry", True, True, True, True, True, True, False) for code in ("MOH", "MOLE", "MAFAR")
        ]

    def test_it_never_duplicates_and_later_counts(self, runner, owner):
        run(runner, "load_pilot_moas")
        assert run(runner, "load_pilot_moas").stdout == "Pilot MOAs: 0 created, 0 updated, 3 unchanged\n"
        change(owner, "UPDATE organizations SET enable_mana = true, email = 'desk@moh.example.org' WHERE code = 'MOH'")
        assert run(runner, "load-pilot-moas").stdout == "Pilot MOAs: 0 created, 1 updated, 2 unchanged\n"
        assert rows_of(owner, "SELECT email, enable_mana FROM organizations WHERE code = 'MOH'") == [
            ("desk@moh.example.org", False)
        ]
        assert rows_of(owner, "SELECT count(*) FROM organizations") == [(3,)]

    def test_every_change_is_recorded_under_the_name_of_the_operator(self, runner, owner):
        run(runner, "load_pilot_moas")
        run(runner, "load_pilot_moas")
        assert rows_of(owner, "SELECT DISTINCT action, actor_label, count(*) OVER () FROM audit_events") == [
            ("organizations:create", f"cli:{getpass.getuser()}", 3)
        ]

    def test_for_machines(self, runner):
        assert json.loads(run(runner, "load_pilot_moas --format json").stdout) == {
            "created": ["MOH", "MOLE", "MAFAR"],
            "updated": [],
            "unchanged": [],
            "warnings": [],
        }

    def test_an_extra_argument_is_wrong_usage(self, runner, owner):
        assert "unexpected extra argument (MSSD)" in run(runner, "load_pilot_moas MSSD", 2).stderr
        assert rows_of(owner, "SELECT count(*) FROM organizations") == [(0,)]

    def test_a_database_out_of_reach_is_exit_1_with_the_reason(self, runner_with):
        away = runner_with(database_url="postgresql://bmms_app:hidden@127.0.0.1:9/bmms?connect_timeout=3")
        ran = run(away, "load_pilot_moas", 1)
        assert ran.stdout == ""
        assert ran.stderr.startswith("The database did not answer: ")
        assert "hidden" not in ran.stderr

    def test_a_code_in_use_by_another_kind_is_updated_with_a_warning(self, runner, owner):
        insert(owner, "MOH", "office")
        ran = run(runner, "load_pilot_moas")
        assert ran.stdout == "Pilot MOAs: 2 created, 1 updated, 0 unchanged\n"
        assert ran.stderr == "Warning: MOH was registered as office; it is now ministry.\n"
        assert rows_of(owner, "SELECT kind FROM organizations WHERE code = 'MOH'") == [("ministry",)]

    def test_other_pilots_are_listed_in_a_warning(self, runner, owner):
        insert(owner, "OLD", pilot=True)
        insert(owner, "ANCIENT", pilot=True)
        ran = run(runner, "load_pilot_moas")
        assert ran.stdout == PILOTS_MADE
        assert ran.stderr == "Warning: Other organizations are flagged as pilots too: ANCIENT, OLD.\n"

    def test_the_setting_names_the_pilots(self, runner_with):
        chosen = runner_with(pilot=Pilot(organization_codes=("MSSD",)))
        assert run(chosen, "load_pilot_moas").stdout == "Created 1 pilot MOA (MSSD)\n"

    def test_a_code_that_is_no_moa_is_refused_and_nothing_is_made(self, runner_with, owner):
        wrong = runner_with(pilot=Pilot(organization_codes=("MOH", "XYZ")))
        ran = run(wrong, "load_pilot_moas", 1)
        assert ran.stdout == ""
        assert ran.stderr.startswith("PILOT_ORGANIZATION_CODES names codes that moas.csv does not know: XYZ.")
        assert rows_of(owner, "SELECT count(*) FROM organizations") == [(0,)]


class TestSeedOrganizations:
    def test_all_are_made_once(self, runner, owner):
        ran = run(runner, "seed_organizations")
        assert ran.stdout.splitlines() == [
            "Created: 45",
            "Updated: 0",
            "Unchanged: 0",
            "Total: 45 organizations, of which 44 MOAs",
            "Pilots: 3 (MAFAR, MOH, MOLE)",
        ]
        assert ran.stderr == ""
        assert run(runner, "create_all_moas").stdout.splitlines()[:3] == ["Created: 0", "Updated: 0", "Unchanged: 45"]
        assert rows_of(owner, "SELECT count(*), count(*) FILTER (WHERE is_active) FROM organizations") == [(45, 3)]

    def test_a_dry_run_changes_nothing(self, runner, owner):
        ran = run(runner, "seed_organizations --dry-run")
        assert ran.stdout.splitlines()[:2] == ["Dry run: nothing was changed.", "Created: 45"]
        for table in ("organizations", "audit_events", "row_history"):
            assert rows_of(owner, f"SELECT count(*) FROM {table}") == [(0,)]

    def test_what_is_not_in_the_list_is_told_and_closed_only_on_demand(self, runner, owner):
        insert(owner, "OLD")
        assert run(runner, "seed_organizations").stderr.splitlines() == [
            "Warning: Not in moas.csv: OLD. Correct the file, or run again with --deactivate-missing.",
            "Warning: There are 45 MOAs, not 44.",
        ]
        ran = run(runner, "seed_organizations --deactivate-missing")
        assert "Deactivated: OLD" in ran.stdout.splitlines()
        assert ran.stderr == ""
        assert rows_of(owner, "SELECT is_active FROM organizations WHERE code = 'OLD'") == [(False,)]

    def test_other_than_three_pilots_are_warned_of(self, runner_with):
        two = runner_with(pilot=Pilot(organization_codes=("MOH", "MOLE")))
        assert run(two, "seed_organizations").stderr == "Warning: There are 2 pilot MOAs, not 3: MOH, MOLE.\n"

    def test_for_machines(self, runner):
        told = json.loads(run(runner, "seed_organizations --dry-run --format json").stdout)
        assert (told["dry_run"], len(told["created"]), told["moas"], told["pilots"]) == (
            True, 45, 44, ["MAFAR", "MOH", "MOLE"],
        )  # fmt: skip

    def test_an_unknown_option_is_wrong_usage(self, runner):
        assert "--force" in run(runner, "seed_organizations --force", 2).stderr


class TestListOrganizations:
    def test_a_table_for_people(self, runner, owner):
        assert run(runner, "list_organizations").stdout == "No organizations.\n"
        run(runner, "load_pilot_moas")
        change(owner, "INSERT INTO users (username, email) VALUES ('amina', 'amina@example.org')")
        change(
            owner,
            "INSERT INTO memberships (user_id, organization_id) "
            "SELECT users.id, organizations.id FROM users, organizations WHERE organizations.code = 'MOH'",
        )
        lines = run(runner, "list_organizations --search ministry").stdout.splitlines()
        assert lines[0].split() == ["Code", "Name", "Type", "Active", "Pilot", "Modules", "Members"]
        cells = [part.strip() for part in lines[2].split("  ") if part.strip()]
        assert cells == [
            "MOH", "Ministry of Health", "ministry", "yes", "yes",
            "Planning, Budgeting, M&E, Coordination, Policies", "1",
        ]  # fmt: skip
        assert len(lines) == 4

    def test_filters_and_machines(self, runner):
        run(runner, "seed_organizations")

        def codes(line: str) -> list[str]:
            told = json.loads(run(runner, f"list_organizations {line} --format json").stdout)
            return [row["code"] for row in told["organizations"]]

        assert codes("--kind board") == ["BEB", "BHB", "BSDB"]
        assert set(codes("--pilot")) == set(codes("--active")) == {"MOH", "MOLE", "MAFAR"}
        assert len(codes("--no-pilot")) == len(codes("--inactive")) == 42
        assert codes("--search nowhere") == []
        assert "is not one of 'ministry'" in run(runner, "list_organizations --kind bureau", 2).stderr


class TestLoadReference:
    def test_it_loads_once(self, runner, owner):
        assert run(runner, "load_reference").stdout.splitlines() == [
            "Holidays: 152 created, 0 updated, 0 unchanged",
            "Places: 135 created, 0 updated, 0 unchanged",
            "Object codes: 255 created, 0 updated, 0 unchanged",
            "Themes: 5 created, 0 updated, 0 unchanged",
            "Units of measure: 37 created, 0 updated, 0 unchanged",
            "Items of the compliance checklist: 32 created, 0 updated, 0 unchanged",
        ]
        told = json.loads(run(runner, "load-reference --format json").stdout)
        assert [count["unchanged"] for count in told.values()] == [152, 135, 255, 5, 37, 32]
        assert rows_of(owner, "SELECT action, actor_label FROM audit_events") == [
            ("reference:load", f"cli:{getpass.getuser()}")
        ]

    def test_rows_that_vanished_are_told(self, runner, owner):
        run(runner, "load_reference")
        change(
            owner,
            "INSERT INTO places (psgc, name, level, in_barmm, source) VALUES "
            "('1997700000', 'Old Province', 'province', true, 'an older file'), "
            "('1997800000', 'Other Province', 'province', true, 'an older file'); "
            "INSERT INTO places (psgc, name, level, in_barmm, parent_psgc) "
            "VALUES ('1997701000', 'Typed Town', 'city', true, '1997700000')",
        )
        ran = run(runner, "load_reference")
        assert ran.stdout.splitlines()[1] == "Places: 0 created, 0 updated, 135 unchanged, 1 removed (1997800000)"
        assert ran.stderr == ("Warning: places.csv has 1997700000 no more, but other rows refer to it: it was kept.\n")


def test_every_command_of_these_files_explains_itself_and_can_answer_machines(runner):
    for command in (*organizations.COMMANDS, *reference.COMMANDS):
        told = run(runner, f"{command.name} --help").stdout
        assert "--format [text|json]" in told
        assert command.help
