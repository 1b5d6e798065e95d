"""Demo data: made to a target, exported, removed as the owner; and the demo that a fresh installation starts with."""

import csv
import io
import json
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bmms.app import create_app
from bmms.config import Pilot
from bmms.domain import clock
from bmms.domain.accounts import passwords
from bmms.domain.people import demo
from bmms.domain.people.demo import CAST
from bmms.domain.reference.rows import FOLDER
from bmms.extensions import db


@pytest.fixture
def rows(owner: Engine):
    """`rows("SELECT …")` as the owner of the database sees it."""

    def look(query: str) -> list[tuple]:
        with owner.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    return look


@pytest.fixture
def owner_runner(config, database, emptied):
    """Commands for which the owner's address is set."""
    app = create_app(replace(config, database_owner_url=database["DATABASE_OWNER_URL"]))
    yield app.test_cli_runner()
    with app.app_context():
        db.engine.dispose()


NOT_BUILT = (
    "Not built yet, so counted 0: partnerships.\n"
    "No appropriation act is loaded, so no budget year was made. Load them with import_appropriations.\n"
)


def test_generate_pilot_data_command(runner, rows):
    ran = runner.invoke(args=["generate_pilot_data", "--moa", "moh", "--users", "15", "--seed", "7"])
    assert (ran.exit_code, ran.stdout) == (
        0,
        "Generated 15 users, 5 programs, 100 activities, 1 proposals, 0 budget years, 0 partnerships for MOH\n",
    )
    assert ran.stderr == "load_pilot_moas ran first: it created MOH, MOLE, MAFAR.\n" + NOT_BUILT
    made = rows("SELECT username, email, is_demo FROM users ORDER BY id")
    assert made[0] == ("moh_pilot_1", "moh_pilot_1@moh.pilot.bmms.gov.ph", True)
    assert [one[2] for one in made] == [True] * 15
    assert rows("SELECT DISTINCT department FROM memberships") == [("DEMO DATA - DELETE AFTER TRAINING",)]
    assert rows("SELECT count(DISTINCT code), count(*) FROM membership_rights") == [(10, 18)]
    assert rows("SELECT count(*) FROM outbox WHERE kind <> 'notice'") == [(0,)]

    again = runner.invoke(args=["generate_pilot_data", "--moa", "MOH", "--users", "15"])
    assert again.stdout.splitlines() == [
        "Generated 0 users, 0 programs, 0 activities, 0 proposals, 0 budget years, 0 partnerships for MOH",
        "MOH has all of it already.",
    ]
    more = runner.invoke(args=["generate_pilot_data", "--moa", "MOH", "--users", "17", "--format", "json"])
    kinds = ("programs", "activities", "proposals", "budget_years", "partnerships")
    assert json.loads(more.stdout)["MOH"]["made"] == {"users": 2, **dict.fromkeys(kinds, 0)}


def test_the_same_seed_gives_the_same_names(runner, owner, rows):
    names = []
    for _ in range(2):
        runner.invoke(args=["generate_pilot_data", "--moa", "ALL", "--users", "9", "--activities", "0", "--seed", "42"])
        names.append(rows("SELECT username, first_name, last_name FROM users ORDER BY username"))
        with owner.begin() as connection:
            connection.execute(text("TRUNCATE users CASCADE"))
    assert names[0] == names[1]
    assert len(names[0]) == 27
    assert len({name[1:] for name in names[0]}) > 20


def test_demo_people_take_no_seats(runner, config, rows):
    app = create_app(replace(config, pilot=Pilot(max_users=1)))
    few = ["--users", "20", "--activities", "0"]
    ran = app.test_cli_runner().invoke(args=["generate_pilot_data", "--moa", "MOH", *few])
    assert (ran.exit_code, rows("SELECT count(*) FROM users")) == (0, [(20,)])
    with app.app_context():
        db.engine.dispose()


BAD_GENERATIONS = {
    "unknown MOA": (["--moa", "XYZ"], 1, "Organization 'XYZ' not found. Run load_pilot_moas first."),
    "not a pilot": (["--moa", "OCM"], 1, "Organization 'OCM' is not a pilot organization."),
    "negative": (["--moa", "MOH", "--users", "-1"], 2, "-1 is not in the range 0<=x<=200."),
    "above the bound": (["--moa", "MOH", "--users", "201"], 2, "201 is not in the range 0<=x<=200."),
    "too many programs": (["--moa", "MOH", "--programs", "101"], 2, "101 is not in the range"),
    "too many activities": (["--moa", "MOH", "--activities", "501"], 2, "501 is not in the range"),
    "too many partnerships": (["--moa", "MOH", "--partnerships", "51"], 2, "51 is not in the range"),
    "no number": (["--moa", "MOH", "--users", "ten"], 2, "'ten' is not a valid integer range."),
    "no MOA": ([], 2, "Missing option '--moa'."),
    "blank MOA": (["--moa", " "], 2, "must not be empty."),
}


@pytest.mark.parametrize("case", BAD_GENERATIONS)
def test_each_bad_generation_has_its_answer(runner, rows, case):
    assert runner.invoke(args=["seed_organizations"]).exit_code == 0
    options, code, message = BAD_GENERATIONS[case]
    ran = runner.invoke(args=["generate_pilot_data", *options])
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert message in ran.stderr
    assert rows("SELECT count(*) FROM users") == [(0,)]


def test_demo_data_is_refused_after_the_pilot(runner, config, rows, tmp_path):
    app = create_app(replace(config, pilot=Pilot(mode=False)))
    for command in (["generate_pilot_data", "--moa", "MOH"], ["load_demo", "--signins", str(tmp_path / "s.csv")]):
        ran = app.test_cli_runner().invoke(args=command)
        assert (ran.exit_code, ran.stderr) == (1, "PILOT_MODE is off: demo data is refused here.\n")
    assert rows("SELECT count(*) FROM users") == rows("SELECT count(*) FROM organizations") == [(0,)]
    assert list(tmp_path.iterdir()) == []
    with app.app_context():
        db.engine.dispose()


def test_export_pilot_data_command(runner, tmp_path):
    runner.invoke(args=["generate_pilot_data", "--moa", "MOH", "--users", "3"])
    path = tmp_path / "moh.json"
    ran = runner.invoke(args=["export_pilot_data", "--moa", "moh", "--output", str(path)])
    assert (ran.exit_code, ran.stdout) == (0, f"Exported 3 people of MOH to {path}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    exported = json.loads(path.read_text())
    assert exported["organization"]["code"] == "MOH"
    first = exported["people"][0]
    assert (first["username"], first["is_demo"], first["rights"]) == ("moh_pilot_1", True, ["pilot_admin"])
    assert "argon2" not in path.read_text()
    ran = runner.invoke(args=["export_pilot_data", "--moa", "MOH", "--output", str(path)])
    assert (ran.exit_code, "exists already and is not overwritten" in ran.stderr) == (1, True)
    ran = runner.invoke(args=["export_pilot_data", "--moa", "XYZ", "--output", str(tmp_path / "x.json")])
    assert (ran.exit_code, (tmp_path / "x.json").exists()) == (1, False)


def furnish(runner, owner: Engine) -> None:
    """Three demo people, of whom one has signed in and one has made another; and one real person."""
    runner.invoke(args=["generate_pilot_data", "--moa", "MOH", "--users", "3"])
    real = ["--username", "real", "--email", "real@moh.gov.ph", "--organization", "MOH", "--role", "planner"]
    assert runner.invoke(args=["create_pilot_user", *real]).exit_code == 0
    with owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_events (actor_id, action) SELECT id, 'sessions:start' FROM users "
                "WHERE username = 'moh_pilot_2'"
            )
        )
        connection.execute(
            text(
                "UPDATE users SET created_by = (SELECT id FROM users WHERE username = 'moh_pilot_1') "
                "WHERE username = 'moh_pilot_3'"
            )
        )


def test_demo_plans_are_made_once_and_go_with_the_rest(owner_runner, rows):
    for year in ("2026", "2026", "2027"):  # `make run` starts with this year's plans, a later command asks for others
        with clock.stopped_at(datetime(2026, 9, 15, 4, tzinfo=UTC)):
            few = ["--users", "7", "--programs", "4", "--activities", "7"]
            ran = owner_runner.invoke(args=["generate_pilot_data", "--moa", "MAFAR", *few, "--year", year])
        assert ran.exit_code == 0, ran.stderr
        assert rows("SELECT fiscal_year, status, is_demo FROM annual_work_plans") == [(2026, "active", True)]
        assert rows("SELECT count(*) FROM work_items WHERE kind = 'activity'") == [(28,)]
        assert rows("SELECT status, is_demo FROM strategic_plans ORDER BY status") == [
            ("active", True), ("archived", True), ("completed", True), ("draft", True),
        ]  # fmt: skip
    assert owner_runner.invoke(args=["check_rollups"]).exit_code == 0
    statuses = {status for (status,) in rows("SELECT DISTINCT status FROM work_items")}
    assert statuses == {"not_started", "in_progress", "blocked", "deferred", "completed"}
    assert rows(
        "SELECT count(DISTINCT officer_id) > 1, count(*) FILTER (WHERE kind = 'task') > 5, "
        "count(*) FILTER (WHERE kind = 'milestone') > 5, "
        "count(*) FILTER (WHERE status = 'in_progress' AND ends_on < '2026-09-15') > 1, "
        "(SELECT count(*) > 9 FROM work_item_people), (SELECT count(*) > 9 FROM work_item_places), "
        "(SELECT count(*) > 9 FROM work_item_predecessors) FROM work_items"
    ) == [(True,) * 7]
    assert rows("SELECT count(*) > 4, max(day) <= '2026-09-15', max(at) <= '2026-09-15 04:00Z' FROM progress_updates")[
        0
    ] == (True, True, True)
    assert rows("SELECT count(DISTINCT code_id), count(DISTINCT plan_id) FROM plan_alignments") == [(3, 4)]
    ran = owner_runner.invoke(args=["cleanup_pilot_data", "--confirm"], input="DELETE PILOT DATA\n")
    assert ran.exit_code == 0, ran.stderr
    for table in (
        "strategic_plans", "strategic_goals", "indicators", "plan_versions", "programs", "work_items",
        "alignment_lists",
    ):  # fmt: skip
        assert rows(f"SELECT count(*) FROM {table}") == [(0,)]


PROPOSALS = (
    "budget_calls", "budget_calendar_items", "budget_proposals", "proposal_programs", "budget_lines",
    "proposal_amounts", "proposal_indicators", "indicators", "compliance_answers", "proposal_endorsements",
    "proposal_versions", "proposal_decisions", "notifications", "stored_files",
)  # fmt: skip


EXECUTION = (
    "appropriations", "budget_accounts", "budget_account_objects", "ledger_postings", "ledger_entries",
    "allotment_orders", "allotment_lines", "obligations", "obligation_lines", "obligation_adjustments", "due_notes",
    "disbursements", "disbursement_lines", "budget_changes", "budget_change_lines", "validity_extensions",
    "accounting_periods", "payees", "number_series", "bed_programs", "bed_lines", "bed_figures", "cash_authorities",
)  # fmt: skip
EACH_YEAR = """
    SELECT o.code, a.fiscal_year,
      bool_or(e.statement_column = 'adjustment'), bool_or(e.statement_column = 'allotment_adjustment'),
      bool_or(e.statement_column = 'transfer_to'), bool_or(e.statement_column = 'transfer_from'),
      bool_or(e.statement_column = 'due'), bool_or(p.verb = 'reverse'),
      bool_or(p.document_kind = 'obligation_adjustment'), bool_or(p.document_kind = 'due_note')
    FROM ledger_entries e JOIN budget_accounts a ON a.id = e.account_id JOIN ledger_postings p ON p.id = e.posting_id
    JOIN organizations o ON o.id = e.organization_id GROUP BY 1, 2 ORDER BY 1, 2
"""


SHORT_OF_CASH = """
    SELECT organization_id, day, balance FROM (
      SELECT organization_id, day, sum(sum(amount)) OVER (PARTITION BY organization_id ORDER BY day) AS balance FROM (
        SELECT organization_id, received_on AS day, amount FROM cash_authorities WHERE confirmed_at IS NOT NULL
        UNION ALL
        SELECT organization_id, doc_date, -amount FROM ledger_entries WHERE measure = 'disbursement'
      ) AS moves GROUP BY organization_id, day
    ) AS days WHERE balance < 0
"""


def test_generate_pilot_data_makes_a_budget_year_of_each_act(runner, rows):
    """Through the same rules as everybody's, in any pilot MOA, and once."""
    assert runner.invoke(args=["load_reference"]).exit_code == 0
    runner.invoke(args=["load_pilot_moas"])
    assert runner.invoke(args=["import_appropriations", str(FOLDER / "gaab_2026.csv")]).exit_code == 0
    few = ["--moa", "MOH", "--users", "13", "--programs", "2", "--activities", "3"]
    with clock.stopped_at(datetime(2026, 11, 20, 4, tzinfo=UTC)):
        ran = runner.invoke(args=["generate_pilot_data", *few, "--year", "2026"])
        assert (ran.exit_code, "1 budget years" in ran.stdout) == (0, True), ran.stderr
        again = runner.invoke(args=["generate_pilot_data", *few, "--year", "2026"])
        assert "0 budget years" in again.stdout
    assert rows(EACH_YEAR) == [("MOH", 2026, *[True] * 8)]
    assert rows("SELECT count(*) FROM ledger_postings WHERE NOT is_demo") == [(0,)]
    assert rows("SELECT count(*) > 3 FROM obligation_lines WHERE item_id IS NOT NULL") == [(True,)]
    assert rows(
        "SELECT count(*) FROM ledger_postings p JOIN obligations o ON o.id = p.document_id "
        "WHERE p.document_kind = 'obligation' AND p.posted_by IN (o.entered_by, o.requested_by)"
    ) == [(0,)]
    assert runner.invoke(args=["reconcile_ledger"]).exit_code == 0


def test_demo_proposals_stand_in_three_states_and_go_with_the_rest(owner_runner, rows, tmp_path):
    assert owner_runner.invoke(args=["load_demo", "--signins", str(tmp_path / "signins.csv")]).exit_code == 0
    year = clock.today().year + 1
    asked = (
        "SELECT o.code, p.status, p.is_demo, c.is_demo, c.status, p.fiscal_year, p.plan_id IS NULL, "
        "(SELECT count(*) FROM proposal_programs x WHERE x.proposal_id = p.id), "
        "(SELECT count(*) FROM budget_lines l WHERE l.proposal_id = p.id), "
        "(SELECT sum(amount) FROM budget_lines l WHERE l.proposal_id = p.id) < c.ceiling "
        "FROM budget_proposals p JOIN budget_calls c ON c.id = p.call_id JOIN organizations o "
        "ON o.id = p.organization_id ORDER BY o.code"
    )
    states = {"MAFAR": "returned", "MOH": "under_review", "MOLE": "draft"}
    found = rows(asked)
    assert [one[:7] for one in found] == [
        (code, status, True, True, "open", year, False) for code, status in states.items()
    ]
    assert all(3 <= programs <= 5 and 20 <= lines <= 40 and fits for *_, programs, lines, fits in found), found
    assert rows("SELECT count(*) FROM budget_lines WHERE amount <> round(amount)") == [(0,)]
    assert rows("SELECT count(*) FROM indicators WHERE NOT is_demo") == [(0,)]
    assert rows("SELECT count(*) > 5 FROM compliance_answers") == [(True,)]
    assert rows("SELECT count(DISTINCT place_psgc) > 5, count(DISTINCT object_code) > 15 FROM budget_lines") == [
        (True, True)
    ]
    for moa in states:  # nobody begins a second one
        ran = owner_runner.invoke(args=["generate_pilot_data", "--moa", moa, "--users", "0", "--activities", "0"])
        assert (ran.exit_code, "0 proposals" in ran.stdout) == (0, True), ran.stderr
    assert rows(asked) == found
    assert [one[:2] for one in rows(EACH_YEAR)] == [(moa, made) for moa in states for made in (2024, 2025, 2026)]
    assert all(all(one[2:]) for one in rows(EACH_YEAR)), rows(EACH_YEAR)
    assert rows("SELECT count(*), count(*) FILTER (WHERE is_closed), bool_and(is_demo) FROM accounting_periods") == [
        (39, 36, True)
    ]
    assert rows("SELECT count(*) > 3 FROM ledger_entries WHERE extract(year FROM doc_date) = 2025 AND account_id IN "
                "(SELECT id FROM budget_accounts WHERE fiscal_year = 2024)") == [(True,)]  # fmt: skip
    assert rows("SELECT fiscal_year, count(*) FROM bed_programs WHERE is_demo AND status = 'approved' GROUP BY 1 "
                "ORDER BY 1") == [(made, 3) for made in (2024, 2025, 2026)]  # fmt: skip
    assert rows("SELECT count(*) FROM cash_authorities WHERE is_demo AND confirmed_at IS NOT NULL") == [(36,)]
    assert rows(SHORT_OF_CASH) == [], "no demo payment is beyond the demo cash"
    dry = owner_runner.invoke(args=["cleanup_pilot_data", "--dry-run"])
    assert "budget proposals: 3" in dry.stdout, dry.stderr
    assert rows(asked) == found
    ran = owner_runner.invoke(args=["cleanup_pilot_data", "--confirm"], input="DELETE PILOT DATA\n")
    assert ran.exit_code == 0, ran.stderr
    gone = (*PROPOSALS, *EXECUTION)
    assert {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in gone} == dict.fromkeys(gone, 0)
    assert rows("SELECT count(*) > 9 FROM programs WHERE NOT is_demo") == [(True,)]


def test_a_demo_proposal_uses_no_object_code_that_is_not_in_force(runner, owner, rows):
    assert runner.invoke(args=["load_reference"]).exit_code == 0
    with owner.begin() as connection:
        connection.execute(text("UPDATE object_codes SET valid_to = '2020-12-31' WHERE code = '5010216001'"))
    ran = runner.invoke(args=["generate_pilot_data", "--moa", "MOH", "--activities", "0"])
    assert ran.exit_code == 0, ran.stderr
    assert rows("SELECT status, is_demo FROM budget_proposals") == [("draft", True)], "no act is loaded (C-07)"
    codes = {code for (code,) in rows("SELECT object_code FROM budget_lines")}
    assert ("5010216001" in codes, "5010214001" in codes) == (False, True)
    assert rows("SELECT ceiling, ceiling_ps, status FROM budget_calls") == [(240_000_000, 120_000_000, "open")]


def test_cleanup_pilot_data_removes_demo_rows_and_nothing_else(owner_runner, owner, rows):
    furnish(owner_runner, owner)
    before = rows("SELECT max(id), count(*) FROM audit_events")
    dry = owner_runner.invoke(args=["cleanup_pilot_data", "--dry-run"])
    assert (dry.exit_code, dry.stdout) == (
        0,
        "Would remove users: 2, accounts emptied: 1, memberships: 3, programs: 5.\n",
    )
    assert rows("SELECT count(*) FROM users WHERE is_demo") == [(3,)]
    assert rows("SELECT max(id), count(*) FROM audit_events") == before

    ran = owner_runner.invoke(args=["cleanup_pilot_data", "--confirm", "--export-first"], input="DELETE PILOT DATA\n")
    assert ran.exit_code == 0, ran.stderr
    first, second = ran.stdout.splitlines()
    assert first == "Removed users: 2, accounts emptied: 1, memberships: 3, programs: 5."
    export = json.loads(Path(second.removeprefix("Exported to ")).read_text())
    assert [one["username"] for one in export["MOH"]["people"]] == ["moh_pilot_1", "moh_pilot_2", "moh_pilot_3", "real"]
    left = rows("SELECT username, email, status, is_demo, password_hash = '' FROM users ORDER BY username")
    assert [(one[0].rstrip("0123456789"), *one[2:]) for one in left] == [
        ("real", "active", False, False), ("removed-", "deactivated", False, True),
    ]  # fmt: skip
    assert rows("SELECT count(*) FROM pending_credentials") == [(1,)]
    event = rows("SELECT action, changes FROM audit_events ORDER BY id DESC LIMIT 1")[0]
    assert event == (
        "pilot_data:cleanup",
        {"memberships": [None, 3], "programs": [None, 5], "users": [None, 2], "accounts_emptied": [None, 1]},
    )
    assert rows("SELECT count(*) FROM audit_events WHERE action = 'sessions:start'") == [(1,)]
    again = owner_runner.invoke(args=["cleanup_pilot_data", "--dry-run", "--demo-only"])
    assert (again.exit_code, again.stdout) == (0, "Would remove nothing.\n")


def test_cleanup_pilot_data_wants_to_be_sure(owner_runner, owner, runner, rows):
    furnish(runner, owner)
    for options, typed, code, message in (
        ([], "", 1, "Nothing was removed. Look with --dry-run first, then use --confirm."),
        (["--dry-run", "--confirm"], "", 2, "Choose --dry-run or --confirm."),
        (["--confirm"], "delete pilot data\n", 1, "That was something else. Nothing was removed."),
        (["--confirm"], "", 1, "Aborted!"),
    ):
        ran = owner_runner.invoke(args=["cleanup_pilot_data", *options], input=typed)
        assert (ran.exit_code, ran.stdout) == (code, "")
        assert message in ran.stderr
    ran = runner.invoke(args=["cleanup_pilot_data", "--dry-run"])
    assert (ran.exit_code, ran.stderr) == (
        1, "cleanup_pilot_data works as the owner of the database. Set DATABASE_OWNER_URL for this one command.\n",
    )  # fmt: skip
    assert rows("SELECT count(*) FROM users") == [(4,)]


def sign_ins(path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


def test_load_demo_furnishes_an_empty_installation_once(runner, owner, rows, tmp_path):
    path = tmp_path / "demo-signins.csv"
    ran = runner.invoke(args=["load_demo", "--signins", str(path), "--years", "1"])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == f"39 demo people were made; their passwords are in {path}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().splitlines()[0] == "organization,username,password,role"
    assert rows("SELECT DISTINCT fiscal_year FROM appropriations") == rows(
        "SELECT max(fiscal_year) FROM appropriation_acts"
    )
    listed = sign_ins(path)
    assert [one["username"] for one in listed] == [person.username for person in CAST]
    assert len({one["password"] for one in listed}) == 39
    counts = rows(
        "SELECT (SELECT count(*) FROM organizations WHERE counts_as_moa), (SELECT count(*) FROM holidays) > 0"
    )
    assert counts == [(44, True)]
    assert (
        rows("SELECT count(*) FROM users WHERE NOT is_demo")
        == rows("SELECT count(*) FROM outbox WHERE kind <> 'notice'")
        == [(0,)]
    )
    hashes = dict(rows("SELECT username, password_hash FROM users"))
    for one in listed[::6]:
        assert passwords.matches(hashes[one["username"]], one["password"])
    assert rows("SELECT username FROM users WHERE must_change_password") == [("mafar_newcomer",)]
    assert rows("SELECT username FROM users u JOIN pending_credentials p ON p.user_id = u.id") == [("mafar_newcomer",)]
    assert rows("SELECT count(*) FROM users WHERE privacy_accepted_at IS NOT NULL") == [(0,)]

    def rights(username: str) -> list[tuple]:
        return rows(
            "SELECT o.code, r.code FROM users u JOIN memberships m ON m.user_id = u.id JOIN organizations o "
            "ON o.id = m.organization_id JOIN membership_rights r ON r.membership_id = m.id "
            f"WHERE username = '{username}' ORDER BY o.code, r.code"
        )

    assert rights("moh_certifier") == [
        ("MOH", "allotment_certify"), ("MOH", "budget_review"), ("MOH", "pilot_budget_officer"),
    ]  # fmt: skip
    assert rights("mole_accountant") == [("MOLE", "accounting"), ("MOLE", "pilot_viewer")]
    assert rights("mafar_verifier") == [("MAFAR", "me_verify"), ("MAFAR", "pilot_viewer")]
    assert rights("moh_mole_planner") == [("MOH", "pilot_planner"), ("MOLE", "pilot_viewer")]
    central = [role for (role,) in rows("SELECT role FROM central_roles ORDER BY id")]
    assert central == ["ocm_viewer", "ocm_analyst", "ocm_executive", "mfbm", "bpda", "uat_coordinator", "superadmin"]

    before, text_before = rows("SELECT count(*) FROM audit_events"), path.read_text()
    ran = runner.invoke(args=["load_demo", "--signins", str(path)])
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "The demo is loaded already.\n", "")
    assert (rows("SELECT count(*) FROM audit_events"), path.read_text()) == (before, text_before)

    mended = tmp_path / "mended.csv"
    mended.write_text((FOLDER / "gaab_2026.csv").read_text().replace("only the total was taken", "read again"))
    assert runner.invoke(args=["remove_act", "2026", "--yes"]).exit_code == 0
    assert runner.invoke(args=["import_appropriations", str(mended)]).exit_code == 0

    path.unlink()
    ran = runner.invoke(args=["load_demo", "--signins", str(path)])
    assert (ran.exit_code, path.exists()) == (0, False), "an act that was mended is no hindrance"
    assert ran.stderr.endswith(f"For new passwords: bmms load_demo --signins {path} --reset-passwords\n")
    ran = runner.invoke(args=["load_demo", "--signins", str(path), "--reset-passwords"])
    assert (ran.exit_code, len(sign_ins(path))) == (0, 39)
    assert {one["password"] for one in sign_ins(path)}.isdisjoint(one["password"] for one in listed)
    assert rows("SELECT count(*) FROM users") == [(39,)]


def test_load_demo_leaves_nothing_when_it_fails(runner, rows, tmp_path, owner):
    assert runner.invoke(args=["load_pilot_moas"]).exit_code == 0
    taken = ["--username", "moh_planner", "--email", "real@moh.gov.ph", "--organization", "MOH", "--role", "planner"]
    assert runner.invoke(args=["create_pilot_user", *taken]).exit_code == 0
    ran = runner.invoke(args=["load_demo", "--signins", str(tmp_path / "signins.csv")])
    assert (ran.exit_code, ran.stderr) == (1, "Username 'moh_planner' is already taken.\n")
    assert list(tmp_path.iterdir()) == []
    assert rows("SELECT count(*) FROM users") == [(1,)]
    assert rows("SELECT count(*) FROM organizations") == [(3,)]


def test_every_duty_of_the_pilot_has_its_person():
    for moa in demo.MOAS:
        roles = {person.role for person in CAST if person.desk == moa}
        grants = {grant for person in CAST if person.desk == moa for grant in person.grants}
        assert len(roles) == 7
        assert grants == {"allotment_certify", "budget_review", "accounting", "me_verify"}
