"""The commands of people as an operator types them: outputs, exit codes, and what stands in the database afterwards."""

import csv
import json
import stat
from dataclasses import replace

import openpyxl
import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import Engine, text

from bmms.app import create_app
from bmms.config import Pilot
from bmms.extensions import db
from tests.conftest import running

HEADER = "email,first_name,last_name,organization,role,phone,department,position,username\n"
DUTIES = ("planner", "budget_officer", "me_officer", "coordinator", "viewer")
PEOPLE = "".join(
    f"person{n}@{code.lower()}.gov.ph,Person,Number {n},{code},{role},,,,\n"
    for n, (code, role) in enumerate(
        (code, role) for code in ("MOH", "MOLE", "MAFAR") for role in DUTIES
    )
)  # fmt: skip

ROLES_HELD = (
    "SELECT o.code, r.code FROM membership_rights r JOIN organizations o ON o.id = r.organization_id ORDER BY r.id"
)


@pytest.fixture
def loaded(runner: FlaskCliRunner) -> FlaskCliRunner:
    """The pilot MOAs are there."""
    assert runner.invoke(args=["load_pilot_moas"]).exit_code == 0
    return runner


@pytest.fixture
def rows(owner: Engine):
    """`rows("SELECT …")` as the owner of the database sees it."""

    def look(query: str) -> list[tuple]:
        with owner.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    return look


def create(
    runner: FlaskCliRunner, username: str = "jdoe", *more: str, role: str = "planner", organization: str = "MOH"
):
    address = f"{username}@moh.gov.ph"
    basics = ["--username", username, "--email", address, "--organization", organization, "--role", role]
    return runner.invoke(args=["create_pilot_user", *basics, *more])


def test_load_pilot_moas_command(runner, rows):
    ran = runner.invoke(args=["load_pilot_moas"])
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "Created 3 pilot MOAs (MOH, MOLE, MAFAR)\n", "")
    assert rows("SELECT count(*) FROM organizations WHERE is_pilot") == [(3,)]


def test_create_pilot_user_command(loaded, rows):
    ran = create(loaded, "JDoe", "--first-name", "Juan", "--phone", "0917 123 4567", "--send-email")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == "User jdoe created successfully.\nWelcome email queued.\n"
    assert rows("SELECT username, email, first_name, phone, must_change_password FROM users") == [
        ("jdoe", "jdoe@moh.gov.ph", "Juan", "+639171234567", True)
    ]
    assert rows("SELECT code FROM membership_rights") == [("pilot_planner",)]
    assert rows("SELECT kind, status FROM outbox") == [("welcome", "queued")]
    labels = rows("SELECT DISTINCT actor_label FROM audit_events WHERE subject_label = 'jdoe'")
    assert [label.startswith("cli:") for (label,) in labels] == [True]

    ran = create(loaded, "second", "--no-email")
    first, second = ran.stdout.splitlines()
    assert first == "User second created successfully."
    assert second.startswith("Temporary password, shown only now: ")
    assert len(second.rsplit(" ", 1)[1]) == 16
    assert rows("SELECT count(*) FROM outbox") == [(1,)]


def test_creating_again_changes_nothing(loaded, rows):
    create(loaded)
    before = rows("SELECT id, password_hash, row_version FROM users")
    ran = create(loaded)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr.splitlines() == [
        "Email 'jdoe@moh.gov.ph' is already registered.",
        "Username 'jdoe' is already taken.",
    ]
    assert rows("SELECT id, password_hash, row_version FROM users") == before


def test_a_dry_run_of_one_user_writes_nothing(loaded, rows):
    ran = create(loaded, "jdoe", "--dry-run")
    assert (ran.exit_code, ran.stdout) == (0, "User jdoe can be created.\n")
    ran = create(loaded, "jdoe", "--dry-run", role="king")
    assert ran.exit_code == 1
    assert rows("SELECT count(*) FROM users") == [(0,)]


def test_a_person_of_another_moa_is_led_to_the_right_command_by_dry_run_and_real_run(loaded):
    create(loaded)
    told = [create(loaded, "jdoe", *more, organization="MOLE").stderr.splitlines()[0] for more in ([], ["--dry-run"])]
    assert (
        told
        == [
            "Email 'jdoe@moh.gov.ph' is already registered. For a membership in MOLE use assign_pilot_role "
            "--user jdoe@moh.gov.ph --organization MOLE --role pilot_planner --create-membership."
        ]
        * 2
    )


def test_create_pilot_user_for_machines(loaded):
    told = json.loads(create(loaded, "jdoe", "--format", "json").stdout)
    assert (told["username"], told["organization"], told["role"], told["welcome_email"]) == (
        "jdoe", "MOH", "pilot_planner", "not asked for",
    )  # fmt: skip
    assert len(told["temporary_password"]) == 16


REFUSED = {
    "unknown organization": ({"organization": "XYZ"}, "Organization 'XYZ' not found. Run load_pilot_moas first."),
    "unknown role": ({"role": "king"}, "Unknown role 'king'. Valid roles: pilot_admin, pilot_approver, "),
    "bad phone": ({"phone": "123"}, "Phone must be +63 followed by 10 digits, e.g. +639171234567."),
    "bad email": ({"email": "nowhere"}, "'nowhere' is not a valid email address."),
    "bad username": ({"username": "a b"}, "Username may contain only letters, digits, dot, underscore and hyphen"),
    "weak password": ({"password": "secret"}, "Use 12 characters or more; this has 6."),
    "text that is no text": ({"first-name": "\udcff"}, "First name contains a line break or another invisible sign."),
    "long position": ({"position": "x" * 201}, "Position is too long (max 200)."),
}
WRONG_USAGE = {
    "no username": {"username": ""},
    "blank email": {"email": "  "},
    "no organization": {"organization": ""},
    "no role": {"role": ""},
}


@pytest.mark.parametrize("case", [*REFUSED, *WRONG_USAGE, "missing option", "unknown option", "no database"])
def test_command_validation_errors(loaded, rows, config, case):
    options = {"username": "jdoe", "email": "jdoe@moh.gov.ph", "organization": "MOH", "role": "planner"}
    changed, message = REFUSED.get(case, (WRONG_USAGE.get(case, {}), "must not be empty."))
    options |= changed
    if case == "missing option":
        del options["role"]
        message = "Missing option '--role'."
    if case == "unknown option":
        options["king"] = "yes"
        message = "No such option '--king'"
    runner = loaded
    if case == "no database":
        app = create_app(replace(config, database_url="postgresql://bmms_app:x@127.0.0.1:9/none?connect_timeout=2"))
        runner, message = app.test_cli_runner(), "The database did not answer: "
    ran = runner.invoke(
        args=["create_pilot_user", *(part for name, value in options.items() for part in (f"--{name}", value))]
    )
    assert ran.exit_code == (1 if case in REFUSED or case == "no database" else 2)
    assert message in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    assert rows("SELECT count(*) FROM users") == [(0,)]
    if case == "no database":
        with app.app_context():
            db.engine.dispose()


def test_import_pilot_users_command(loaded, rows, tmp_path):
    path = tmp_path / "users.csv"
    path.write_text(HEADER + PEOPLE)
    dry = loaded.invoke(args=["import_pilot_users", "--dry-run", str(path)])
    assert (dry.exit_code, dry.stderr) == (0, "")
    lines = dry.stdout.splitlines()
    assert lines[0] == "Would create 15 users (5 MOH, 5 MOLE, 5 MAFAR)"
    assert lines[1] == "  row 2: create    person0  MOH  planner"
    assert len(lines) == 16
    assert rows("SELECT count(*) FROM users") == [(0,)]

    real = loaded.invoke(args=["import_pilot_users", str(path), "--send-emails"])
    assert (real.exit_code, real.stdout, real.stderr) == (0, "Created 15 users. Sent 15 welcome emails.\n", "")
    assert rows("SELECT count(*) FROM users") == rows("SELECT count(*) FROM outbox") == [(15,)]
    assert [name for (name,) in rows("SELECT username FROM users ORDER BY id")] == [
        line.split()[3] for line in lines[1:]
    ]

    again = loaded.invoke(args=["import_pilot_users", str(path), "--send-emails"])
    assert (again.exit_code, again.stdout) == (1, "")
    errors = again.stderr.splitlines()
    assert errors[0] == "Row 2: Email 'person0@moh.gov.ph' is already registered."
    assert errors[-1] == "Nothing was created: 15 of 15 rows have errors. Correct them, or use --skip-invalid."
    assert rows("SELECT count(*) FROM users") == [(15,)]

    known = loaded.invoke(args=["import_pilot_users", str(path), "--update-existing"])
    assert (known.exit_code, known.stdout) == (0, "Created 0 users. Updated 0 users, 15 unchanged.\n")
    assert rows("SELECT count(*) FROM outbox") == [(15,)]


ROW = "amina@moh.gov.ph,Amina,Salik,MOH,planner,,,,\n"
MANY = "".join(f"p{n}@moh.gov.ph,P,Q,MOH,planner,,,,\n" for n in range(5_001))
# Onboarding 4.3, row by row: what the file holds, the exit code, what stderr says, how many users there are afterwards.
BAD_FILES = {
    "absent": (None, 1, "CSV file not found: ", 0),
    "a directory": ("directory", 1, "Cannot read ", 0),
    "empty": ("", 1, "The file contains no users.", 0),
    "white space": (" \n\n  \n", 1, "The file contains no users.", 0),
    "header only": (HEADER, 1, "The file contains no users.", 0),
    "missing columns": ("email,first_name,last_name\na@moh.gov.ph,A,B\n", 1, "Missing columns: organization, role.", 0),
    "duplicate header": ("email,Email ,first_name,last_name,organization,role\n", 1, "Columns appear twice: email.", 0),
    "not UTF-8": (HEADER.encode() + ROW.encode() + b"\xff\xfe\n", 1, "File is not UTF-8 (line 3).", 0),
    "UTF-16": ((HEADER + ROW).encode("utf-16"), 1, "File is not UTF-8 (line 1).", 0),
    "not UTF-8 after a BOM": (b"\xef\xbb\xbf" + HEADER.encode() + b"\xe9\n", 1, "File is not UTF-8 (line 2).", 0),
    "ragged row": (HEADER + "amina@moh.gov.ph,Amina,Salik,MOH\n", 1, "Row 2: expected 9 fields, found 4", 0),
    "open quotation mark": (HEADER + '"amina@moh.gov.ph,A\n', 1, "Line 2 cannot be read: unexpected end of data.", 0),
    "monstrous field": (HEADER + "x" * 200_000 + "\n", 1, "Line 2 cannot be read: field larger than field limit", 0),
    "field errors": (
        HEADER + "nowhere,,Salik,XYZ,king,1,,,\n", 1,
        "Row 2: 'nowhere' is not a valid email address. First name is required. Unknown role 'king'. Valid roles: "
        "pilot_admin, pilot_approver, pilot_budget_officer, pilot_coordinator, pilot_me_officer, pilot_planner, "
        "pilot_viewer. Phone must be +63 followed by 10 digits, e.g. +639171234567. "
        "Organization 'XYZ' not found. Run load_pilot_moas first.", 0,
    ),
    "same address twice": (HEADER + ROW + ROW.upper(), 1, "Row 3: Email 'amina@moh.gov.ph' is already in row 2.", 0),
    "same username twice": (
        HEADER + "a@moh.gov.ph,A,B,MOH,planner,,,,amina\nb@moh.gov.ph,A,B,MOH,planner,,,,Amina\n", 1,
        "Row 3: Username 'amina' is already in row 2.", 0,
    ),
    "not a pilot": (HEADER + ROW.replace("MOH,", "OCM,"), 1, "Row 2: Organization 'OCM' not found.", 0),
    "more than 5,000 rows": (HEADER + MANY, 1, "The file has more than 5,000 rows; import it in parts.", 0),
    "one bad row": (HEADER + ROW + "b@moh.gov.ph,B,C,MOH,king,,,,\n", 1, "Nothing was created: 1 of 2 rows", 0),
    "more than 10 MB": (HEADER + "x" * (10 * 1024 * 1024), 1, "users.csv is larger than 10 MB.", 0),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_each_bad_file_has_its_answer(loaded, rows, tmp_path, case):
    content, code, message, users = BAD_FILES[case]
    path = tmp_path / "users.csv"
    if content == "directory":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for options in (["--dry-run"], []):
        ran = loaded.invoke(args=["import_pilot_users", *options, str(path)])
        assert ran.exit_code == code, ran.stderr
        if not (case == "one bad row" and options):
            assert message in ran.stderr
        assert "Traceback" not in ran.stderr
        assert ran.exception is None or isinstance(ran.exception, SystemExit)
    assert rows("SELECT count(*) FROM users") == [(users,)]
    assert rows("SELECT count(*) FROM audit_events WHERE action = 'users:import'") == [(0,)]


GOOD_FILES = {
    "a BOM": b"\xef\xbb\xbf" + (HEADER + ROW).encode(),
    "semicolons": (HEADER + ROW).replace(",", ";").encode(),
    "other line ends": (HEADER + ROW).replace("\n", "\r\n").encode(),
    "old line ends": (HEADER + ROW).replace("\n", "\r").encode(),
    "blank lines": ("\n" + HEADER + "\n\n" + ",,,,,,,,\n" + ROW + "  \n\n").encode(),
    "shouting headers": (b" Email ,FIRST NAME,Last-Name,Organization,Role\namina@moh.gov.ph,Amina,Salik,moh,Planner\n"),
    "another order": b"role,organization,last_name,first_name,email\nplanner,MOH,Salik,Amina,amina@moh.gov.ph\n",
    "quoted fields": (HEADER + '"amina@moh.gov.ph","Amina","Salik","MOH","planner","","","",""\n').encode(),
}


@pytest.mark.parametrize("case", GOOD_FILES)
def test_good_files_in_all_their_forms(loaded, rows, tmp_path, case):
    path = tmp_path / "users.csv"
    path.write_bytes(GOOD_FILES[case])
    ran = loaded.invoke(args=["import_pilot_users", str(path), "--send-emails"])
    assert (ran.exit_code, ran.stdout) == (0, "Created 1 user. Sent 1 welcome email.\n"), ran.stderr
    assert rows("SELECT username, first_name, last_name FROM users") == [("amina", "Amina", "Salik")]


def test_unknown_columns_are_left_out_with_a_warning(loaded, tmp_path):
    path = tmp_path / "users.csv"
    path.write_text(
        "email,first_name,last_name,organization,role,nickname,\namina@moh.gov.ph,Amina,Salik,MOH,planner,Am,\n"
    )
    ran = loaded.invoke(args=["import_pilot_users", str(path), "--send-emails"])
    assert (ran.exit_code, ran.stderr) == (0, "Warning: Columns that are not known were left out: 'nickname'.\n")


def test_formulas_are_texts_and_leave_neutral(loaded, rows, tmp_path):
    path, back = tmp_path / "users.csv", tmp_path / "credentials.csv"
    path.write_text(HEADER + "amina@moh.gov.ph,=1+1,@SUM(A1),MOH,planner,+639171234567,-2,+x,\n")
    ran = loaded.invoke(args=["import_pilot_users", str(path), "--credentials-out", str(back)])
    assert ran.exit_code == 0, ran.stderr
    assert rows(
        "SELECT first_name, last_name, phone, department, position FROM users JOIN memberships ON user_id = users.id"
    ) == [("=1+1", "@SUM(A1)", "+639171234567", "-2", "+x")]
    (person,) = csv.DictReader(back.read_text(encoding="utf-8-sig").splitlines())
    assert person["full name"] == "'=1+1 @SUM(A1)"


def test_the_overflow_of_a_moa_is_refused_row_by_row(loaded, rows, config, tmp_path):
    app = create_app(replace(config, pilot=Pilot(max_users=3)))
    path = tmp_path / "users.csv"
    path.write_text(HEADER + PEOPLE)
    ran = app.test_cli_runner().invoke(args=["import_pilot_users", str(path), "--skip-invalid", "--send-emails"])
    assert ran.exit_code == 3
    overflow = [line for line in ran.stderr.splitlines() if "allowed pilot users" in line]
    assert overflow[0] == "Row 5: MOH already has 3 of 3 allowed pilot users."
    assert len(overflow) == 6
    assert ran.stdout == "Created 9 users. Sent 9 welcome emails. Skipped 6 rows.\n"
    assert rows("SELECT count(*) FROM users") == [(9,)]
    with app.app_context():
        db.engine.dispose()


def test_a_moa_that_fills_up_is_warned_of_from_80_percent_on(loaded, config, tmp_path):
    path, said = tmp_path / "users.csv", []
    with running(replace(config, pilot=Pilot(max_users=10))) as app:
        full = app.test_cli_runner()
        for n in range(9):
            path.write_text(HEADER + f"person{n}@moh.gov.ph,Person,Number {n},MOH,planner,,,,\n")
            ran = full.invoke(args=["import_pilot_users", "--send-emails", *["--dry-run"] * (n == 8), str(path)])
            said.append((ran.exit_code, ran.stderr))
        single = create(full, "jdoe", "--format", "json")
    assert said[:7] == [(0, "")] * 7
    assert said[7:] == [(0, f"Warning: MOH will have {n} of 10 allowed pilot users.\n") for n in (8, 9)]
    assert json.loads(single.stdout)["warnings"] == ["MOH will have 9 of 10 allowed pilot users."]


def test_people_who_are_known_already_are_led_to_update_existing(loaded, tmp_path):
    create(loaded, "amina")
    path = tmp_path / "users.csv"
    path.write_text(HEADER + ROW)
    ran = loaded.invoke(args=["import_pilot_users", str(path)])
    assert ran.stderr.splitlines() == [
        "Row 2: Email 'amina@moh.gov.ph' is already registered.",
        "People who have an account already are brought up to date with --update-existing.",
        "Nothing was created: 1 of 1 rows have errors. Correct them, or use --skip-invalid.",
    ]


def test_skipping_the_invalid_rows_exits_3(loaded, rows, tmp_path):
    path = tmp_path / "users.csv"
    path.write_text(HEADER + ROW + "b@moh.gov.ph,B,C,MOH,king,,,,\n")
    ran = loaded.invoke(args=["import_pilot_users", "--skip-invalid", str(path)])
    assert (ran.exit_code, ran.stdout) == (3, "Created 1 user. Skipped 1 row.\n")
    assert ran.stderr.splitlines()[0].startswith("Row 3: Unknown role 'king'.")
    assert ran.stderr.splitlines()[1] == (
        "Warning: nobody has received a password. Use --send-emails or --credentials-out."
    )
    assert rows("SELECT count(*) FROM users") == [(1,)]
    dry = loaded.invoke(args=["import_pilot_users", "--skip-invalid", "--dry-run", str(path)])
    assert dry.exit_code == 1


def test_updating_existing_people(loaded, rows, tmp_path):
    create(loaded, "jdoe", "--first-name", "Juan", "--position", "Clerk", role="viewer")
    before = rows("SELECT password_hash FROM users")
    path = tmp_path / "users.csv"
    path.write_text(
        HEADER
        + "jdoe@moh.gov.ph,Juan,Doe,MOH,viewer,09171234567,Planning,,\n"
        + "new@moh.gov.ph,New,Person,MOH,planner,,,,\n"
    )
    ran = loaded.invoke(args=["import_pilot_users", "--update-existing", "--send-emails", str(path)])
    assert (ran.exit_code, ran.stdout) == (0, "Created 1 user. Updated 1 user, 0 unchanged. Sent 1 welcome email.\n")
    query = (
        "SELECT first_name, last_name, phone, position, department FROM users JOIN memberships ON user_id = users.id"
    )
    assert rows(f"{query} WHERE username = 'jdoe'") == [("Juan", "Doe", "+639171234567", "Clerk", "Planning")]
    assert rows("SELECT password_hash FROM users WHERE username = 'jdoe'") == before
    assert rows("SELECT kind, username FROM outbox JOIN users ON users.id = user_id") == [("welcome", "new")]

    path.write_text(HEADER + "jdoe@moh.gov.ph,Juan,Doe,MOLE,planner,,,,\n")
    ran = loaded.invoke(args=["import_pilot_users", "--update-existing", str(path)])
    assert (ran.exit_code, ran.stdout) == (0, "Created 0 users. Updated 1 user, 0 unchanged.\n")
    assert rows(ROLES_HELD) == [("MOH", "pilot_viewer"), ("MOH", "pilot_planner"), ("MOLE", "pilot_planner")]
    ran = loaded.invoke(args=["import_pilot_users", "--update-existing", str(path)])
    assert (ran.exit_code, ran.stdout) == (0, "Created 0 users. Updated 0 users, 1 unchanged.\n")

    path.write_text(HEADER + "jdoe@moh.gov.ph,Juan,Doe,MOLE,viewer,,,,\n")
    ran = loaded.invoke(args=["import_pilot_users", "--update-existing", "--send-emails", str(path)])
    assert (ran.exit_code, len(rows(ROLES_HELD))) == (0, 4)
    assert rows("SELECT kind, username FROM outbox JOIN users ON users.id = user_id") == [("welcome", "new")]

    path.write_text(HEADER + "jdoe@moh.gov.ph,Juan,Doe,MOH,viewer,,,,somebody\n")
    ran = loaded.invoke(args=["import_pilot_users", "--update-existing", str(path)])
    assert (ran.exit_code, ran.stderr.splitlines()[0]) == (1, "Row 2: The account's username is 'jdoe'; it stays.")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_credentials_sheet(loaded, rows, tmp_path, ending):
    path, sheet = tmp_path / "users.csv", tmp_path / f"credentials.{ending}"
    path.write_text(HEADER + ROW)
    ran = loaded.invoke(args=["import_pilot_users", "--dry-run", str(path), "--credentials-out", str(sheet)])
    assert (ran.exit_code, sheet.exists()) == (0, False)
    ran = loaded.invoke(args=["import_pilot_users", str(path), "--credentials-out", str(sheet)])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    if ending == "csv":
        header, person = csv.reader(sheet.read_text(encoding="utf-8-sig").splitlines())
    else:
        notice, header, person = openpyxl.load_workbook(sheet).active.iter_rows(values_only=True)
        assert notice[0].startswith("CONFIDENTIAL")
    assert list(header) == [
        "organization", "full name", "email", "username", "temporary password", "role", "login URL", "expires",
    ]  # fmt: skip
    assert list(person[:4]) == ["MOH", "Amina Salik", "amina@moh.gov.ph", "amina"]
    assert (len(person[4]), person[5], person[6]) == (16, "pilot_planner", "http://localhost/login")
    assert rows("SELECT subject_label, changes FROM audit_events WHERE action = 'credentials:export'") == [
        (sheet.name, {"people": [None, 1]})
    ]
    assert person[4] not in str(rows("SELECT * FROM audit_events"))


def test_the_credentials_sheet_is_never_overwritten_nor_left_behind(loaded, rows, tmp_path):
    path, sheet = tmp_path / "users.csv", tmp_path / "credentials.csv"
    path.write_text(HEADER + ROW)
    sheet.write_text("older")
    ran = loaded.invoke(args=["import_pilot_users", str(path), "--credentials-out", str(sheet)])
    assert (ran.exit_code, sheet.read_text()) == (1, "older")
    assert "exists already and is not overwritten" in ran.stderr
    ran = loaded.invoke(args=["import_pilot_users", str(path), "--credentials-out", str(tmp_path / "c.pdf")])
    assert (ran.exit_code, "must end in .csv or .xlsx" in ran.stderr) == (1, True)
    ran = loaded.invoke(args=["import_pilot_users", str(path), "--credentials-out", str(tmp_path / "no" / "c.csv")])
    assert (ran.exit_code, "cannot be written: No such file or directory" in ran.stderr) == (1, True)
    assert rows("SELECT count(*) FROM users") == [(0,)]
    path.write_text(HEADER + "nowhere,A,B,MOH,planner,,,,\n")
    other = tmp_path / "other.csv"
    assert loaded.invoke(args=["import_pilot_users", str(path), "--credentials-out", str(other)]).exit_code == 1
    assert not other.exists()


def test_an_import_for_machines(loaded, tmp_path):
    path = tmp_path / "users.csv"
    path.write_text(HEADER + ROW + "b@moh.gov.ph,B,C,MOH,king,,,,\n")
    ran = loaded.invoke(args=["import_pilot_users", "--format", "json", "--dry-run", str(path)])
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["refused"], told["created"], told["by_organization"]) == (1, True, 1, {"MOH": 1})
    assert [(row["row"], row["fate"], [one["field"] for one in row["problems"]]) for row in told["rows"]] == [
        (2, "create", []), (3, "error", ["role"]),
    ]  # fmt: skip
    ran = loaded.invoke(args=["import_pilot_users", "--format", "json", "--skip-invalid", str(path)])
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["created"], told["skipped"]) == (3, 1, 1)
    assert "password" not in ran.stdout


def test_the_template_can_be_imported(loaded, rows):
    from bmms.config import PROJECT

    ran = loaded.invoke(
        args=["import_pilot_users", str(PROJECT / "docs/deployment/pilot_users_template.csv"), "--send-emails"]
    )
    assert (ran.exit_code, ran.stdout) == (0, "Created 3 users. Sent 3 welcome emails.\n"), ran.stderr
    assert rows(ROLES_HELD) == [
        ("MOH", "pilot_planner"), ("MOLE", "pilot_budget_officer"), ("MAFAR", "pilot_me_officer"),
    ]  # fmt: skip


def assign(runner: FlaskCliRunner, role: str, *more: str, user: str = "jdoe", organization: str = "MOH"):
    return runner.invoke(
        args=["assign_pilot_role", "--user", user, "--organization", organization, "--role", role, *more]
    )


def test_assign_pilot_role_command(loaded, rows):
    create(loaded, role="viewer")
    said = [
        assign(loaded, "planner"),
        assign(loaded, "pilot_planner", user="JDOE@moh.gov.ph"),
        assign(loaded, "budget officer", "--add"),
        assign(loaded, "budget_officer", "--remove"),
        assign(loaded, "budget_officer", "--remove"),
        assign(loaded, "viewer", "--create-membership", organization="mole"),
        loaded.invoke(args=["assign_role", "jdoe", "coordinator"]),
    ]
    assert [ran.exit_code for ran in said] == [0] * 7
    assert [ran.stdout.strip() for ran in said] == [
        "Role pilot_planner assigned to jdoe at MOH (was pilot_viewer).",
        "jdoe already has role pilot_planner at MOH.",
        "Role pilot_budget_officer added to jdoe at MOH (was pilot_planner).",
        "Role pilot_budget_officer removed from jdoe at MOH (was pilot_budget_officer, pilot_planner).",
        "jdoe does not have role pilot_budget_officer at MOH.",
        "Role pilot_viewer assigned to jdoe at MOLE (was none).",
        "Role pilot_coordinator assigned to jdoe at MOH (was pilot_planner).",
    ]
    kinds = [kind for (kind,) in rows("SELECT kind FROM outbox ORDER BY id")]
    assert kinds == ["role_changed", "role_changed", "role_changed", "access_given", "role_changed"]
    assert rows("SELECT count(*) FROM audit_events WHERE action = 'membership_rights:change'") == [(6,)]


BAD_ROLES = {
    "unknown user": ({"user": "nobody"}, "User 'nobody' not found."),
    "strange user": ({"user": "\udcffx"}, "User '?x' not found."),
    "unknown organization": ({"organization": "XYZ"}, "Organization 'XYZ' not found. Run load_pilot_moas first."),
    "unknown role": ({"role": "king"}, "Unknown role 'king'. Valid roles: pilot_admin, "),
    "central role": ({"role": "superadmin"}, "superadmin is a central role"),
    "no membership": (
        {"organization": "MOLE"}, "jdoe has no active membership in MOLE. Use --create-membership to give one."
    ),
    "last administrator": ({"user": "chief"}, "chief is the last active administrator of MOH."),
    "inactive": ({"user": "away"}, "The account away is inactive."),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ROLES)
def test_each_bad_assignment_has_its_answer(loaded, owner, rows, case):
    for username, role in (("jdoe", "planner"), ("chief", "admin"), ("away", "planner")):
        create(loaded, username, role=role)
    with owner.begin() as connection:
        connection.execute(text("UPDATE users SET status = 'inactive' WHERE username = 'away'"))
    before = rows("SELECT membership_id, code FROM membership_rights ORDER BY id")
    changed, message = BAD_ROLES[case]
    ran = assign(loaded, **{"role": "viewer"} | changed)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert message in ran.stderr
    assert rows("SELECT membership_id, code FROM membership_rights ORDER BY id") == before


def test_assigning_with_contradictory_options_is_wrong_usage(loaded):
    assert assign(loaded, "viewer", "--add", "--remove").exit_code == 2
    assert assign(loaded, "").exit_code == 2
    assert loaded.invoke(args=["assign_role", "jdoe"]).exit_code == 2
