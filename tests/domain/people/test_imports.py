"""Files of people: previews, usernames, workbooks, files handed back, two imports at once, hostile content."""

import csv
import io
import os
import re
import subprocess
import sys
import threading
import zipfile
from datetime import date

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import func, select, text

from bmms.config import PROJECT
from bmms.domain.actors import command_actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.imports import workbook as workbooks
from bmms.domain.imports.csv_file import neutral, plain
from bmms.domain.imports.raw import UnreadableFile
from bmms.domain.people import assign_to_organization, create_pilot_user
from bmms.domain.people.imports import run as run_module
from bmms.domain.people.imports.preview import Fate, preview_import
from bmms.domain.people.imports.run import Choices, run_import
from bmms.domain.people.imports.table import read_table
from bmms.models.accounts import User
from bmms.models.audit import AuditEvent, RowHistory
from bmms.models.locks import Lock
from tests.domain.people.conftest import PLAIN, data, installation
from tests.domain.people.test_roles import organization

COLUMNS = ["email", "first_name", "last_name", "organization", "role"]
UPDATING = Choices(update_existing=True)


def csv_table(*lines: str, header: str = ",".join(COLUMNS)):
    return read_table("\n".join([header, *lines, ""]).encode(), "users.csv")


def usernames(session, operator, *lines: str, header: str = ",".join(COLUMNS)) -> list[str]:
    """What a dry run promises; a real run must keep it."""
    table = csv_table(*lines, header=header)
    promised = [row.username for row in preview_import(session, operator, table, Choices().demands).rows]
    done = run_import(session, operator, table)
    assert [person.username for person in done.created] == promised
    return promised


def test_user_names_are_derived_as_the_rule_says_and_the_dry_run_knows_them(session, operator, person):
    person("taken")
    person("mole_busy", organization="MOLE")
    person("busy")
    assert usernames(
        session, operator,
        "amina.salik@moh.gov.ph,A,B,MOH,planner",
        "amina.salik@mole.gov.ph,A,B,MOLE,planner",
        "amina.salik@other.gov.ph,A,B,MOLE,planner",
        "amina.salik@third.gov.ph,A,B,MOLE,planner",
        "taken@x.gov.ph,A,B,MOH,planner",
        "busy@x.gov.ph,A,B,MOLE,planner",
        "a+b!c@x.gov.ph,A,B,MOH,planner",
        "_x@x.gov.ph,A,B,MOH,planner",
        "--@x.gov.ph,A,B,MOH,planner",
        "jo@x.gov.ph,A,B,MAFAR,planner",
    ) == [
        "amina.salik", "mole_amina.salik", "mole_amina.salik2", "mole_amina.salik3", "moh_taken", "mole_busy2",
        "a_b_c", "moh_x", "moh_user", "mafar_jo",
    ]  # fmt: skip


def test_a_user_name_that_one_row_asks_for_is_given_to_no_other(session, operator):
    assert usernames(
        session, operator,
        "amina@moh.gov.ph,A,B,MOH,planner,",
        "other@moh.gov.ph,A,B,MOH,planner,Amina",
        header=",".join([*COLUMNS, "username"]),
    ) == ["moh_amina", "amina"]  # fmt: skip


def test_hundreds_of_equal_local_parts_get_different_names(session, operator):
    session.info["installation"] = installation(max_users=1000)
    names = usernames(session, operator, *(f"info@office{n}.gov.ph,A,B,MOH,planner" for n in range(300)))
    assert (names[:3], names[-1], len(set(names))) == (["info", "moh_info", "moh_info2"], "moh_info299", 300)


def test_a_preview_tells_everything_before_anything_happens(session, operator, person):
    session.info["installation"] = installation(max_users=3)
    person("known")
    table = csv_table(
        "new@moh.gov.ph,New,Person,MOH,planner",
        "nowhere,,Person,MOH,king",
        "new@mole.gov.ph,New,Person,MOLE,viewer",
        "known@moh.gov.ph,Amina,Salik,MOH,pilot_planner",
        "known@moh.gov.ph,Amina,Salik,MOH,planner",
        "short,row",
        "someone@example.org,A,B,MOH,viewer",
    )
    preview = preview_import(session, operator, table, UPDATING.demands)
    assert [(row.number, row.fate, row.username) for row in preview.rows] == [
        (2, Fate.CREATE, "new"),
        (3, Fate.ERROR, ""),
        (4, Fate.CREATE, "mole_new"),
        (5, Fate.UNCHANGED, "known"),
        (6, Fate.ERROR, ""),
        (7, Fate.ERROR, ""),
        (8, Fate.CREATE, "someone"),
    ]
    wrong = preview.rows[1]
    assert wrong.problem_of("email") == "'nowhere' is not a valid email address."
    assert wrong.problem_of("first_name") == "First name is required."
    assert wrong.problem_of("last_name") == ""
    assert wrong.cells["email"] == "nowhere"
    assert [str(problem) for problem in preview.rows[5].problems] == ["expected 5 fields, found 2"]
    assert [row.number for row in preview.wrong] == [3, 6, 7]
    assert [row.number for row in preview.ready] == [2, 4, 5, 8]
    assert dict(preview.new_by_organization) == {"MOH": 2, "MOLE": 1}
    assert {code: (seats.used, seats.limit, seats.left) for code, seats in preview.seats.items()} == {
        "MOH": (1, 3, 2), "MOLE": (0, 3, 3),
    }  # fmt: skip
    assert preview.warnings == [
        "someone@example.org: not a .gov.ph address.", "MOH will have 3 of 3 allowed pilot users.",
    ]  # fmt: skip
    assert session.scalar(select(func.count(User.id))) == 1


def test_what_is_wrong_comes_back_as_a_column_and_can_be_corrected(session, operator):
    lines = ["=x@moh.gov.ph,=A,B,MOH,planner,hello", "b@moh.gov.ph,B,C,MOH,king,-5", "short"]
    header = ",".join([*COLUMNS, "note"])
    preview = preview_import(session, operator, csv_table(*lines, header=header), Choices().demands)
    back = list(csv.reader(io.StringIO(preview.handed_back().decode("utf-8-sig"))))
    assert back[0] == [*COLUMNS, "note", "problem"]
    assert back[1] == ["'=x@moh.gov.ph", "'=A", "B", "MOH", "planner", "hello", ""]
    assert back[2][5] == "-5"
    assert back[2][6].startswith("Unknown role 'king'. Valid roles: ")
    assert back[3] == ["short", "", "", "", "", "", "expected 6 fields, found 1"]
    again = preview_import(session, operator, read_table(preview.handed_back(), "users.csv"), Choices().demands)
    assert again.rows[0].cells["first_name"] == "=A"
    assert again.table.warnings == ("Columns that are not known were left out: 'note', 'problem'.",)


@pytest.mark.parametrize(
    ("cell", "exported"),
    [
        ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"), ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("+639171234567", "+639171234567"), ("-5", "-5"), ("Salik", "Salik"),
        ("-1250.50", "-1250.50"), ("-1250.50.1", "'-1250.50.1"), ("-.5", "'-.5"), ("'-1.5", "''-1.5"),
        ("", ""), ("a=b", "a=b"), ("+", "'+"), ("'quoted", "'quoted"),
    ],
)  # fmt: skip
def test_nothing_that_leaves_is_calculated_by_a_spreadsheet(cell, exported):
    assert neutral(cell) == exported
    assert plain(neutral(cell)) == cell


def test_an_administrator_imports_into_the_own_organization_only(session, operator, person, acting):
    admin = person("nora", role="pilot_admin")
    person("ben", organization="MOLE")
    table = csv_table(
        "new@moh.gov.ph,New,Person,MOH,planner",
        "new@mole.gov.ph,New,Person,MOLE,planner",
        "ben@moh.gov.ph,Ben,Person,MOH,planner",
    )
    with acting(admin, "MOH") as (own, actor):
        refused = run_import(own, actor, table, UPDATING)
        assert refused.refused
        assert [str(row.problems[0]) for row in refused.preview.wrong] == [
            "This row belongs to another organization, MOLE; you administer MOH.",
            "Email 'ben@moh.gov.ph' is already registered.",
        ]
        done = run_import(own, actor, table, Choices(skip_invalid=True))
        assert ([person.username for person in done.created], done.skipped) == (["new"], 2)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "users:import")).one()
    assert (event.actor_id, event.organization_id) == (admin.id, actor.organization_id)
    with acting(person("plain"), "MOH", "pilot_planner") as (own, actor), pytest.raises(NotAllowed):
        run_import(own, actor, table)


def test_what_an_update_may_not_touch(session, operator, person, acting):
    admin, shared = person("nora", role="pilot_admin"), person("shared")
    assign_to_organization(session, operator, shared, organization(session, "MOLE"), "pilot_viewer")
    session.execute(text("UPDATE users SET status = 'deactivated' WHERE id = :id"), {"id": person("gone").id})
    table = csv_table(
        "nora@moh.gov.ph,Amina,Salik,MOH,approver",
        "shared@moh.gov.ph,Other,Name,MOH,planner",
        "gone@moh.gov.ph,Amina,Salik,MOH,planner",
        "nora@moh.gov.ph,Amina,Salik,MOH,admin",
    )
    with acting(admin, "MOH") as (own, actor):
        found = preview_import(own, actor, table, UPDATING.demands)
        assert [str(row.problems[0]) for row in found.wrong] == [
            "Nobody changes their own roles or grants. Ask another administrator.",
            "Amina Salik also works elsewhere; only the platform team changes this account. "
            "You can end the membership here.",
            "The account gone is deactivated.",
            "Email 'nora@moh.gov.ph' is already in row 2.",
        ]


def workbook(rows, *, hidden_first: bool = False, **sheets) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    if hidden_first:
        sheet.title, sheet.sheet_state = "Lists", "hidden"
        sheet.append(["not", "this"])
        sheet = book.create_sheet("People")
    for row in rows:
        sheet.append(row)
    for name, change in sheets.items():
        change(book.create_sheet(name))
    return saved(book)


def saved(book) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_workbook_is_read_like_the_same_csv(session, operator):
    content = workbook(
        [
            [None, None],
            [*COLUMNS, "phone", "position"],
            ["amina@moh.gov.ph", "Amina", "Salik", "MOH", "planner", "+639171234567", date(2026, 1, 15)],
            [None] * 7,
            ["nora@moh.gov.ph", "Nora", "Lim", "moh", "Viewer", None, 3.0],
        ],
        hidden_first=True,
        Notes=lambda sheet: sheet.merge_cells("A1:C1"),
    )
    done = run_import(session, operator, read_table(content, "people.xlsx"))
    assert [(row.number, row.fate) for row in done.preview.rows] == [(3, Fate.CREATE), (5, Fate.CREATE)]
    assert [checked.values["position"] for checked in done.preview.batch.people] == ["2026-01-15", "3"]
    assert [person.username for person in done.created] == ["amina", "nora"]


def test_a_workbook_comes_back_with_its_wrong_cells_marked(session, operator):
    content = workbook(
        [
            ["Note", *COLUMNS],
            ["keep me", "amina@moh.gov.ph", "Amina", "Salik", "MOH", "planner"],
            [1.5, "nowhere", "=A2", "Lim", "MOH", "king"],
        ],
        Other=lambda sheet: sheet.append(["stays"]),
    )
    preview = preview_import(session, operator, read_table(content, "people.xlsx"), Choices().demands)
    assert [str(problem) for problem in preview.rows[1].problems][
        0
    ] == "Cell C3 holds a formula; type the value itself."
    back = openpyxl.load_workbook(io.BytesIO(preview.handed_back()))
    sheet = back.worksheets[0]
    marked = {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}
    assert set(marked) == {"B3", "C3", "F3"}
    assert marked["B3"] == "'nowhere' is not a valid email address."
    assert marked["F3"].startswith("Unknown role 'king'.")
    assert sheet["B3"].fill.start_color.rgb == "FFF4CCCC"
    assert (sheet["A2"].value, sheet["A3"].value, sheet["C3"].value) == ("keep me", 1.5, "=A2")
    assert back["Other"]["A1"].value == "stays"


def merged() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook([COLUMNS, ["a", "b", "c", "d", "e"]])))
    book.active.merge_cells("B2:C2")
    return saved(book)


def far_away() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook([COLUMNS])))
    book.active["XFD1048576"] = "hello"
    return saved(book)


def with_macros() -> bytes:
    target = io.BytesIO(workbook([COLUMNS]))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return target.getvalue()


def many_parts() -> bytes:
    target = io.BytesIO(workbook([COLUMNS]))
    with zipfile.ZipFile(target, "a") as archive:
        for n in range(2_001):
            archive.writestr(f"xl/media/{n}", b"")
    return target.getvalue()


def bomb() -> bytes:
    target = io.BytesIO(workbook([COLUMNS]))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", b"0" * (51 * 1024 * 1024))
    return target.getvalue()


def rewritten(content: bytes, name: str, change) -> bytes:
    """The workbook with one of its parts changed."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for part in source.namelist():
            archive.writestr(part, change(source.read(part).decode()) if part == name else source.read(part))
    return target.getvalue()


def entities() -> bytes:
    declared = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    return rewritten(workbook([COLUMNS]), "xl/worksheets/sheet1.xml", lambda xml: declared + xml)


def many_cells(*first: list[str], rows: int = 3_001) -> bytes:
    """A sheet with more cells than are read; before it one with these rows, if there are any."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        if first:
            people = book.add_worksheet("People")
            for number, row in enumerate(first):
                people.write_row(number, 0, row)
        sheet = book.add_worksheet()
        for row in range(rows):
            for column in range(50):
                sheet.write_number(row, column, 1)
    return target.getvalue()


def no_visible_sheet() -> bytes:
    return rewritten(
        workbook([COLUMNS]), "xl/workbook.xml", lambda xml: xml.replace('state="visible"', 'state="hidden"')
    )


def too_many_rows() -> bytes:
    return workbook([COLUMNS, *([f"p{n}@moh.gov.ph", "A", "B", "MOH", "planner"] for n in range(5_001))])


UNREADABLE = {
    "merged cells": (merged, "The cells B2:C2 of the sheet Sheet are merged. Unmerge them."),
    "a value at the end of the world": (far_away, "holds a value in XFD1048576; at most 5,000 rows and 60 columns"),
    "macros": (with_macros, "people.xlsx contains macros. Save it as .xlsx without macros."),
    "too many parts": (many_parts, "parts; at most 2,000 are allowed."),
    "a bomb": (bomb, "people.xlsx is larger than 50 MB when unpacked."),
    "entities": (entities, "people.xlsx is no workbook that can be read."),
    "too many cells": (many_cells, "The sheet Sheet1 has more than 150,000 filled or formatted cells."),
    "no visible sheet": (no_visible_sheet, "people.xlsx has no visible sheet."),
    "too many rows": (too_many_rows, "The file has more than 5,000 rows; import it in parts."),
    "no workbook": (lambda: b"PK\x03\x04 nonsense", "people.xlsx is no workbook that can be read. Save it as .xlsx"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is no workbook that can be read."),
    "empty": (lambda: workbook([]), "The file contains no users."),
    "header only": (lambda: workbook([COLUMNS]), "The file contains no users."),
    "missing columns": (lambda: workbook([["email"], ["x"]]), "Missing columns: first_name, last_name, organization"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_each_unreadable_workbook_has_its_answer(case):
    make, message = UNREADABLE[case]
    with pytest.raises(UnreadableFile) as refused:
        read_table(make(), "people.xlsx")
    assert message in str(refused.value)


def test_other_sheets_are_not_read_and_come_back_while_there_is_room(session, operator, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_CELLS", 1_000)  # UNREADABLE tries the true limit
    content = many_cells([*COLUMNS], ["a@moh.gov.ph", "A", "", "MOH", "planner"], rows=21)
    preview = preview_import(session, operator, read_table(content, "people.xlsx"), Choices().demands)
    assert [row.cells["email"] for row in preview.rows] == ["a@moh.gov.ph"]
    for room, rows in ((workbooks.MOST_HELD, 21), (1_000, 1)):
        monkeypatch.setattr(workbooks, "MOST_HELD", room)
        book = openpyxl.load_workbook(io.BytesIO(preview.handed_back()))
        assert book["People"]["C2"].comment.text == "Last name is required."
        assert (book.sheetnames, book["Sheet2"].max_row) == (["People", "Sheet2"], rows)


def test_cells_without_names_are_counted(session, operator):
    """Some programs leave out the names of rows and cells; they stand in their order then."""
    content = workbook([COLUMNS, ["a@moh.gov.ph", "A", "B", "MOH", "planner"]])
    nameless = rewritten(
        content, "xl/worksheets/sheet1.xml", lambda xml: re.sub(r'(<row|<c) r="[A-Z0-9]+"', r"\1", xml)
    )
    preview = preview_import(session, operator, read_table(nameless, "people.xlsx"), Choices().demands)
    assert [(row.fate, row.cells["email"]) for row in preview.rows] == [(Fate.CREATE, "a@moh.gov.ph")]


def test_two_imports_of_one_file_at_once_make_each_person_once(platform):
    lines = [f"person{n}@moh.gov.ph,Person,{n},MOH,planner" for n in range(40)]
    table, both_ready = csv_table(*lines), threading.Barrier(2)
    outcomes = []

    def run() -> None:
        with platform() as session:
            both_ready.wait()
            done = run_import(session, command_actor(), table)
            outcomes.append((done.refused, len(done.created), len(done.preview.wrong)))
            session.commit()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert sorted(outcomes) == [(False, 40, 0), (True, 0, 40)]
    with platform() as session:
        assert session.scalar(select(func.count(User.id))) == 40


@pytest.mark.parametrize("skip_invalid", [False, True])
def test_a_person_created_during_an_import_is_met_with_the_same_words(platform, monkeypatch, skip_invalid):
    """Between the check and the insert somebody else takes a name: nothing is created, or all but that one."""

    def check_and_lose_the_race(session, actor, table, demands):
        preview = preview_import(session, actor, table, demands)
        assert preview.wrong == []
        with platform() as other:
            create_pilot_user(
                other, command_actor(), data("person1", email="person1@moh.gov.ph", organization="MOLE"), demands=PLAIN
            )
            other.commit()
        return preview

    monkeypatch.setattr(run_module, "preview_import", check_and_lose_the_race)
    lines = [f"person{n}@moh.gov.ph,Person,{n},MOH,planner" for n in range(3)]
    with platform() as session:
        done = run_import(session, command_actor(), csv_table(*lines), Choices(skip_invalid=skip_invalid))
        session.commit()
        assert [str(problem) for row in done.preview.wrong for problem in row.problems] == [
            "Username 'person1' is already taken.",
            "Email 'person1@moh.gov.ph' is already registered.",
        ]
        assert (done.refused, len(done.created)) == ((False, 2) if skip_invalid else (True, 0))
        assert session.scalar(select(func.count(User.id))) == (3 if skip_invalid else 1)


def test_two_people_created_at_once_under_one_name_are_one(platform):
    """The second insert waits for the first on the unique index and then hears the usual words."""
    with platform() as first, platform() as second:
        create_pilot_user(first, command_actor(), data("jdoe"), demands=PLAIN)
        outcome = []

        def create() -> None:
            try:
                create_pilot_user(second, command_actor(), data("jdoe", organization="MOLE"), demands=PLAIN)
            except RuleBroken as refused:
                outcome.append(refused.fields)

        thread = threading.Thread(target=create)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        first.commit()
        thread.join(300)
        assert outcome == [
            {"username": "Username 'jdoe' is already taken.", "email": "Email 'jdoe@moh.gov.ph' is already registered."}
        ]


def test_every_new_row_has_its_history(platform):
    with platform() as session:
        run_import(session, command_actor(), csv_table(*(f"p{n}@moh.gov.ph,A,B,MOH,planner" for n in range(5))))
        session.commit()
        counts = dict(
            session.execute(select(RowHistory.table_name, func.count()).group_by(RowHistory.table_name)).all()
        )
        hidden = session.scalars(select(RowHistory.new).where(RowHistory.table_name == "users")).all()
    assert {name: counts[name] for name in ("users", "memberships", "membership_rights")} == {
        "users": 5, "memberships": 5, "membership_rights": 5,
    }  # fmt: skip
    assert all("password_hash" not in row for row in hidden)


BIG = 5_000 if os.environ.get("BMMS_DRILL") else 1_500
BIG_IMPORT = """
import os, sys
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from bmms.domain.actors import command_actor
from bmms.domain.people.imports.run import run_import
from bmms.domain.people.imports.table import read_table
from bmms.config import Config, Pilot
from bmms.domain.installation import Installation
from bmms.tenancy import bind_platform

def peak():  # of this program alone: ru_maxrss remembers its parent
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

rows = int(sys.argv[1])
config = Config(environment="test", secret_key="k" * 60, data_keys=("d" * 60,), pilot=Pilot(max_users=6_000))
header = "email,first_name,last_name,organization,role,position\\n"
lines = "".join(f"person{n}@moh.gov.ph,Person,Number {n},MOH,planner,Officer\\n" for n in range(rows))
engine = create_engine(os.environ["DATABASE_URL"])
with Session(engine, info={"installation": Installation(config)}) as session:
    bind_platform(session, "test")
    before = peak()
    done = run_import(session, command_actor(), read_table((header + lines).encode(), "big.csv"))
    session.commit()
print(len(done.created), before, peak())
"""


def test_five_thousand_rows_stay_within_200_mb(platform, database):
    """By what each of fewer rows takes; `make drill` imports them all."""
    ran = subprocess.run(
        [sys.executable, "-c", BIG_IMPORT, str(BIG)],
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "DATABASE_URL": database["DATABASE_URL"]},
    )
    assert ran.returncode == 0, ran.stderr
    created, before, after = map(int, ran.stdout.split())
    assert created == BIG
    assert before + (after - before) * 5_000 / BIG <= 200 * 1024


def test_a_sign_that_cannot_be_stored_is_a_problem_of_its_cell(session):
    header = "email,first_name,last_name,organization,role,username\n"
    table = read_table(f"{header}a@moh.gov.ph,A,B,MOH,planner,\x00x\n".encode(), "nul.csv")
    preview = preview_import(session, command_actor(), table, Choices().demands)
    assert [problem.field for problem in preview.rows[0].problems] == ["username"]


def test_an_import_does_not_wait_for_the_worker(session, engine):
    """The worker holds the lock of the scheduler for as long as it lives."""
    table = read_table(b"email,first_name,last_name,organization,role\na@moh.gov.ph,A,B,MOH,planner\n", "one.csv")
    with engine.connect() as worker:
        worker.execute(select(func.pg_advisory_lock(Lock.SCHEDULER)))
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        assert len(run_import(session, command_actor(), table, Choices()).created) == 1
        worker.execute(select(func.pg_advisory_unlock(Lock.SCHEDULER)))
