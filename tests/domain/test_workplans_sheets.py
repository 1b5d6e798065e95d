"""Work plans as workbooks: what is exported can be edited and imported; every rule of the form holds, cell by cell."""

import io
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from sqlalchemy import select

from bmms.domain import clock, merging
from bmms.domain.imports import table, values
from bmms.domain.imports.checked import Fate
from bmms.domain.imports.csv_file import neutral
from bmms.domain.imports.raw import UnreadableFile
from bmms.domain.workplans import actions, items, revisions, rules
from bmms.domain.workplans.labels import LIGHT, TAGS
from bmms.domain.workplans.schedule import light_of
from bmms.domain.workplans.sheets import checking, columns, export, writing
from bmms.domain.workplans.sheets.contents import Contents
from bmms.domain.workplans.sheets.lines import Checked
from bmms.models.audit import AuditEvent
from bmms.models.organizations import Unit
from bmms.models.planning import Priority
from bmms.models.work import AnnualObjective, AnnualWorkPlan, WorkItem
from tests import planning as strategic
from tests.workplans import bring_to, make_objective, make_places, make_tree

PLACES = {column.heading: number for number, column in enumerate(columns.COLUMNS, 1)}
ROWS = {"project": 2, "activity": 3, "task": 4, "other": 5, "milestone": 6, "second": 7}


def naive(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """A moment as spreadsheets keep it, without a time zone."""
    return datetime(year, month, day, hour, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture
def desk(engine, app, cast):
    """Badar, who plans; nothing of the session stays."""
    found = strategic.desk_of(engine, app, cast, "badar")
    yield found
    found.session.close()


@pytest.fixture
def approver(engine, app, cast):
    """Amina, who approves."""
    found = strategic.desk_of(engine, app, cast, "amina")
    yield found
    found.session.close()


@pytest.fixture
def tree(engine, cast, desk, approver) -> dict[str, WorkItem]:
    """A draft work plan: six items with all that can hang on them, and a second objective; committed."""
    make_places(engine)
    parent = strategic.make_plan(desk, *strategic.make_lists(engine), cast.memberships["badar"].id)
    strategic.bring_to(parent, desk, approver, "submit", "approve", "activate")
    found = make_tree(desk, parent, cast.memberships["badar"].id)
    plan = plan_of(desk, found)
    make_objective(desk, plan, statement="=SUM of all hopes")
    desk.session.add(Unit(name="Records Section", code="RS"))
    items.change_item(
        desk.session, desk.actor, plan, found["other"],
        {
            "title": "=HYPERLINK(\"http://x\")", "description": "One\nTwo\r\nThree ", "ends_on": date(2026, 12, 31),
            "starts_on": date(2026, 7, 1), "tags": ["sdg3", "gad"], "beneficiaries": 12_000, "female": 7_000,
            "planned_cost": Decimal("1250000.50"), "people": [cast.memberships["amina"].id], "on_calendar": False,
            "places": "Upi: Barangay Mirab\nSultan Mastura", "predecessors": found["task"].code,
        },
    )  # fmt: skip
    desk.session.commit()
    return found


def plan_of(desk, tree) -> AnnualWorkPlan:
    return desk.session.get_one(AnnualWorkPlan, tree["project"].work_plan_id)


def exported(desk, tree) -> bytes:
    return export.workbook_of(desk.session, plan_of(desk, tree), "Badar Lim")


def edited(content: bytes, cells: dict[tuple[str, int], Any] | None = None, *, act: Callable | None = None) -> bytes:
    """The workbook with other values in cells named by heading and row of the sheet Items."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (heading, row), value in (cells or {}).items():
        book["Items"].cell(row, PLACES[heading]).value = value
    if act:
        act(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def lean(desk, tree) -> bytes:
    """The export with the sheet Items alone, which loads and saves in a fraction of the time."""

    def strip(book) -> None:
        for name in ("Work plan", "Objectives", "Timeline", "Lists"):
            del book[name]
        book["Items"].data_validations.dataValidation = []

    return edited(exported(desk, tree), act=strip)


def check(desk, tree, content: bytes) -> Checked:
    desk.session.expire_all()
    return checking.check(desk.session, plan_of(desk, tree), table.read(content, "plan.xlsx", columns.LAYOUT))


def imported(desk, tree, content: bytes) -> Checked:
    """Check and write; nothing may be wrong."""
    plan = plan_of(desk, tree)
    rules.begin(desk.session, desk.actor, plan)
    checked = check(desk, tree, content)
    assert checked.is_good, [(line.row.number, line.problems) for line in checked.lines if line.problems]
    writing.write(desk.session, desk.actor, plan, checked)
    return checked


def told(checked: Checked) -> dict[str, str]:
    """Cell to what is wrong with it."""
    return {
        checked.table.cell(line.row, name): message for line in checked.lines for name, message in line.problems.items()
    }


def fates(checked: Checked) -> list[str]:
    return [line.fate.value for line in checked.lines]


def test_the_export_says_all_and_calculates_nothing(desk, tree):
    book = openpyxl.load_workbook(io.BytesIO(exported(desk, tree)))
    assert book.sheetnames == ["Work plan", "Objectives", "Items", "Timeline", "Lists"]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f" or str(cell.value)[:1] in "=+@"]
        assert not sheet.merged_cells.ranges
    sheet = book["Items"]
    assert [cell.value for cell in sheet[1]] == [column.heading for column in columns.COLUMNS]
    assert sheet.freeze_panes == "E2"
    assert sheet.auto_filter.ref
    found = {cell.value: sheet.cell(5, place) for place, cell in enumerate(sheet[1], 1)}
    assert found["Start"].value == naive(2026, 7, 1)
    assert found["Start"].number_format == "yyyy-mm-dd"
    assert found["Planned cost (PHP)"].value == 1250000.5
    assert found["Planned cost (PHP)"].number_format == "#,##0.00"
    assert found["Parent code"].value == tree["activity"].code
    assert (found["Team"].value, found["Officer"].value) == ("amina", "badar")
    assert found["Places"].value == "Upi, Maguindanao del Norte: Barangay Mirab\nSultan Mastura, Maguindanao del Norte"
    assert found["What comes first"].value == tree["task"].code
    light = LIGHT[light_of(tree["other"], clock.today())][0]
    assert (found["Status"].value, found["Progress"].value, found["Light"].value) == ("Not started", 0, light)
    assert sheet.column_dimensions[get_column_letter(len(columns.COLUMNS))].hidden
    assert {str(one.sqref).split("2:")[0] for one in sheet.data_validations.dataValidation} >= {"B", "F", "O"}
    assert [row[2].value for row in book["Objectives"].iter_rows(min_row=2)] == [
        "Answer calls within a day", "'=SUM of all hopes",
    ]  # fmt: skip
    assert "Average response time" in book["Objectives"].cell(2, 10).value
    shown = [[cell.value for cell in row] for row in book["Timeline"].iter_rows(min_row=2)]
    assert [row[3] for row in shown] == ["Help line", "Train the staff", "Course done", "Buy phones"]
    assert shown[2][8:] == [None] * 11 + [export.POINT]


def test_what_is_exported_and_imported_changes_nothing(desk, tree):
    content = exported(desk, tree)
    before = desk.session.scalars(select(AuditEvent.id)).all()
    assert fates(check(desk, tree, content)) == ["unchanged"] * 6
    assert fates(check(desk, tree, edited(content))) == ["unchanged"] * 6, "as another program saves it"
    assert desk.session.scalars(select(AuditEvent.id)).all() == before


EDITS = [
    ("Title", "  A new title ", "A new title"),
    ("Description", None, ""),
    ("Start", "15 Nov 2026", date(2026, 11, 15)),
    ("Start", "November 15, 2026", date(2026, 11, 15)),
    ("Start", "2026-11-15", date(2026, 11, 15)),
    ("Start", naive(2026, 11, 15, 8), date(2026, 11, 15)),
    ("Start", None, date(2026, 12, 31)),
    ("Several years", "yes", True),
    ("Officer", "Amina Salik", "amina"),
    ("Officer", None, None),
    ("Unit", "rs", "Records Section"),
    ("Team", "badar; AMINA", ["amina", "badar"]),
    ("Places", "upi", "Upi, Maguindanao del Norte"),
    ("Priority", "critical", Priority.CRITICAL),
    ("Planned cost (PHP)", "₱ 1,300,000.25", Decimal("1300000.25")),
    ("Planned cost (PHP)", None, None),
    ("Beneficiaries", "15,000", 15_000),
    ("Tags", "Climate, sdg1", ["climate", "sdg1"]),
    ("On calendar", "Yes", True),
    ("What comes first", 6, "MOH-2026-PPA-0006"),
    ("What comes first", None, ""),
]


def meant(desk, cast, tree, field: str, value: Any) -> Any:
    """Names of the table as keys of this database."""
    if field in ("officer_id", "people") and value is not None:
        keys = sorted(cast.memberships[name].id for name in ([value] if isinstance(value, str) else value))
        return keys[0] if field == "officer_id" else keys
    if field == "unit_id":
        return desk.session.scalars(select(Unit.id).where(Unit.name == value)).one()
    return value


def test_one_cell_changes_one_answer(desk, cast, tree):
    """And nothing else, however it was typed; the next export says the new answer."""
    content, fields = lean(desk, tree), {column.heading: column.field for column in columns.COLUMNS}
    for heading, typed, value in EDITS:
        with desk.session.begin_nested() as savepoint:
            checked = imported(desk, tree, edited(content, {(heading, ROWS["other"]): typed}))
            field = fields[heading]
            assert fates(checked) == ["unchanged"] * 3 + ["change"] + ["unchanged"] * 2, (heading, typed)
            assert set(checked.lines[3].changes) == {field}, (heading, typed)
            now = Contents(desk.session, plan_of(desk, tree)).standing(tree["other"])
            assert merging.word(now[field]) == merging.word(meant(desk, cast, tree, field, value)), (heading, typed)
            last = desk.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(2)).all()
            assert [event.action for event in last] == ["annual_work_plans:import", "work_items:change"]
            assert set(last[1].changes) == {field}
            savepoint.rollback()
    assert fates(check(desk, tree, content)) == ["unchanged"] * 6


WRONG = [  # heading, row, what is typed, the word that names it
    ("Title", "other", None, "Name it."),
    ("Title", "other", "x" * 301, "longer than 300"),
    ("End", "other", None, "Give the last day."),
    ("End", "other", "31 November 2026", "no day"),
    ("End", "other", "11/12/2026", "no date"),
    ("End", "other", "46341", "no date"),
    ("End", "other", date(2026, 6, 1), "before the start"),
    ("End", "other", date(2027, 1, 1), "outside"),
    ("Start", "project", date(2026, 2, 1), "starts on 1 January 2026 already"),
    ("End", "activity", date(2026, 9, 1), "ends on 31 December 2026 only"),
    ("Kind", "other", "Activity", "stays “Task”"),
    ("Kind", "other", "Tusk", "Do you mean Task?"),
    ("Parent code", "other", None, "stays “MOH-2026-PPA-0002”"),
    ("Objective", "other", 2, "stays “1”"),
    ("Objective", "other", 9, "no objective “9”"),
    ("Code", "other", "MOH-2026-PPA-0099", "no item MOH-2026-PPA-0099"),
    ("Code", "other", 4, "stands in row 4 already"),
    ("Officer", "other", "badr", "Do you mean badar?"),
    ("Officer", "other", "dan", "nobody who works here"),
    ("Team", "other", "amina, king", "“king” is nobody"),
    ("Unit", "other", "Records", "Do you mean Records Section?"),
    ("Program code", "other", "HEALTH-99", "Do you mean HEALTH-01?"),
    ("Places", "other", "Uppi", "Do you mean Upi"),
    ("Priority", "other", "urgent", "none of Critical, High"),
    ("Planned cost (PHP)", "other", "twelve", "no figure"),
    ("Planned cost (PHP)", "other", "12.5 %", "no figure"),
    ("Planned cost (PHP)", "other", -1, "0 or more"),
    ("Planned cost (PHP)", "other", 0.001, "two places"),
    ("Planned cost (PHP)", "other", "=1+1", "holds a formula"),
    ("Beneficiaries", "other", 12.5, "no whole number"),
    ("Women and girls", "other", 13_000, "more than the 12000"),
    ("Several years", "other", "perhaps", "neither Yes nor No"),
    ("Tags", "other", "Climat", "Do you mean Climate?"),
    ("What comes first", "other", 88, "no item MOH-2026-PPA-0088"),
    ("What comes first", "other", 5, "cannot wait for itself"),
    ("What comes first", "other", 2, "part of this or holds it"),
    ("What comes first", "task", 5, "wait for this item already"),
]


def test_what_is_wrong_is_told_at_its_cell(desk, tree):
    """Each mistake alone: the sheet and the cell by name, the remedy, and nothing else is blamed."""
    content = lean(desk, tree)
    codes = {name: int(item.code[-4:]) for name, item in tree.items()}
    assert codes == {"project": 1, "activity": 2, "second": 3, "task": 4, "other": 5, "milestone": 6}
    for heading, row, typed, words in WRONG:
        checked = check(desk, tree, edited(content, {(heading, ROWS[row]): typed}))
        cell, message = next(iter(told(checked).items()), ("", ""))
        at = "Beneficiaries" if heading == "Women and girls" else heading
        assert cell == f"Items!{get_column_letter(PLACES[at])}{ROWS[row]}", (heading, typed, told(checked))
        assert words in message, (heading, typed, message)
        assert len(told(checked)) == 1, (heading, typed, told(checked))
    handed = openpyxl.load_workbook(io.BytesIO(checked.handed_back()))["Items"].cell(
        ROWS["task"], PLACES["What comes first"]
    )
    assert "wait for this item" in handed.comment.text
    assert handed.fill.start_color.rgb == "FFF4CCCC"


def rows_added(content: bytes, *rows: dict[str, Any]) -> bytes:
    """The workbook with more rows at its end, cells by heading."""
    filled = openpyxl.load_workbook(io.BytesIO(content))["Items"].max_row
    cells = {(heading, filled + n): value for n, row in enumerate(rows, 1) for heading, value in row.items()}
    return edited(content, cells)


def test_new_items_lie_where_they_say_and_get_codes(desk, cast, tree):
    year = {"Start": "2026-02-01", "End": "2026-11-30"}
    content = rows_added(
        exported(desk, tree),
        {"Code": "NEW-2", "Kind": "task", "Title": "Below a new one", "Parent code": "new-1", **year},
        {"Code": "NEW-1", "Kind": "Activity", "Title": "A new activity", "Parent code": 1, "Officer": "badar", **year},
        {"Kind": "Project", "Title": "Under the second objective", "Objective": "2 hopes", "End": "2026-12-31"},
        {
            "Kind": "milestone",
            "Title": "A day",
            "Parent code": "NEW-1",
            "End": "30 Nov 2026",
            "What comes first": "NEW-2",
        },
    )
    checked = imported(desk, tree, content)
    assert fates(checked) == ["unchanged"] * 6 + ["create"] * 4
    made = {item.title: item for item in desk.session.scalars(select(WorkItem).order_by(WorkItem.code).offset(6))}
    assert [item.code[-4:] for item in made.values()] == ["0007", "0008", "0009", "0010"], "in the order of the file"
    activity, task = made["A new activity"], made["Below a new one"]
    assert (activity.parent_id, task.parent_id) == (tree["project"].id, activity.id)
    assert activity.annual_objective_id == task.annual_objective_id == tree["project"].annual_objective_id
    assert (activity.ordinal, activity.has_children, activity.officer_id) == (3, True, cast.memberships["badar"].id)
    other, day = made["Under the second objective"], made["A day"]
    assert (other.annual_objective_id != activity.annual_objective_id, other.starts_on) == (True, date(2026, 12, 31))
    assert (day.starts_on, day.priority, day.on_calendar) == (date(2026, 11, 30), Priority.MEDIUM, True)
    now = Contents(desk.session, plan_of(desk, tree))
    assert now.predecessors(day) == [task.code]
    events = desk.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(5)).all()
    assert [event.action for event in events] == ["annual_work_plans:import", *["work_items:create"] * 4]
    again = check(
        desk,
        tree,
        rows_added(exported(desk, tree), {"Kind": "Activity", "Title": "a new ACTIVITY", "Parent code": 1, **year}),
    )
    assert "has the same title" in again.warnings[0]


NEW_AND_WRONG = [  # the cells of a new row, where it is wrong, and the word that names it
    ({"Title": "x", "End": "2026-12-31", "Objective": 1}, "Kind", "Choose a kind."),
    ({"Kind": "Project", "Title": "x", "End": "2026-12-31"}, "Objective", "number of the objective"),
    ({"Kind": "Task", "Title": "x", "End": "2026-12-31", "Objective": 1}, "Kind", "directly under an annual objective"),
    ({"Kind": "Project", "Title": "x", "End": "2026-12-31", "Parent code": 1}, "Kind", "cannot lie under a project"),
    ({"Kind": "Activity", "Title": "x", "End": "2026-12-31", "Parent code": 77}, "Parent code", "no item"),
    ({"Kind": "Activity", "Title": "x", "End": "2026-12-31", "Parent code": "NEW-9"}, "Parent code", "no item NEW-9"),
    (
        {"Kind": "Activity", "Title": "x", "End": "2026-12-31", "Parent code": 1, "Objective": 2},
        "Objective",
        "objective 1",
    ),
    ({"Kind": "Activity", "Title": "x", "End": "2027-12-31", "Parent code": 1}, "End", "outside"),
    (
        {"Code": "NEW-1", "Kind": "Activity", "Title": "x", "End": "2026-12-31", "Parent code": "NEW-1"},
        "Kind",
        "under a",
    ),
]


def test_new_rows_keep_the_rules(desk, tree):
    content = lean(desk, tree)
    for cells, heading, words in NEW_AND_WRONG:
        checked = check(desk, tree, rows_added(content, cells))
        found = told(checked)
        assert words in found.get(f"Items!{get_column_letter(PLACES[heading])}8", ""), (cells, found)


def test_in_a_revision_nothing_goes_under_what_is_left_out(desk, approver, tree):
    """INV-13 holds for a file as for the form."""
    plan = plan_of(desk, tree)
    empty = desk.session.scalars(select(AnnualObjective).where(AnnualObjective.statement == "=SUM of all hopes")).one()
    actions.remove_objective(desk.session, desk.actor, plan, empty)
    bring_to(plan, desk, approver, "submit", "approve", "activate")
    why = {"revision_reason": "Less money", "revision_summary": "One project less", "revision_impact": ""}
    draft = revisions.open_revision(desk.session, desk.actor, plan, {**why, "effective_on": None})
    copies = {one.revises_id: one for one in desk.session.query(WorkItem).filter_by(work_plan_id=draft.id)}
    project = copies[tree["project"].id]
    items.remove_item(desk.session, desk.actor, draft, project)
    desk.session.commit()
    own = {"project": project}
    row = {"Kind": "Activity", "Parent code": project.code, "Title": "Late", "Start": "2026-03-01", "End": "2026-03-02"}
    file = rows_added(lean(desk, own), row)
    assert told(check(desk, own, file)) == {
        "Items!C8": f"{project.code} “{project.title}” is left out; nothing goes under it."
    }


def test_the_whole_file_is_measured_as_it_would_be_afterwards(desk, tree):
    """All move by a month together; one after the other, each would lie outside its parent."""
    content = exported(desk, tree)
    cells: dict[tuple[str, int], Any] = {}
    for name, row in ROWS.items():
        cells["Start", row] = date(2026, 8, 1) if name == "other" else date(2026, 2, 1)
        cells["End", row] = date(2026, 7, 1) if name == "task" else date(2026, 11, 30)
    checked = imported(desk, tree, edited(content, cells))
    assert len(checked.of(Fate.CHANGE)) == 6
    assert (tree["milestone"].starts_on, tree["task"].ends_on) == (date(2026, 11, 30), date(2026, 7, 1))
    swapped = {("What comes first", ROWS["other"]): None, ("What comes first", ROWS["task"]): 5}
    imported(desk, tree, edited(exported(desk, tree), swapped))
    assert Contents(desk.session, plan_of(desk, tree)).predecessors(tree["task"]) == [tree["other"].code]


def test_what_others_changed_since_the_export_stays(desk, tree):
    """Different answers merge; over the same answer the file says so (law 3)."""
    content = exported(desk, tree)
    row = ROWS["other"]
    plan = plan_of(desk, tree)
    items.change_item(
        desk.session, desk.actor, plan, tree["other"],
        {"title": "Theirs", "ends_on": date(2026, 12, 31), "starts_on": date(2026, 7, 1), "priority": Priority.HIGH},
    )  # fmt: skip
    assert fates(check(desk, tree, content)) == ["unchanged"] * 6, "an old file takes nothing back"
    checked = check(desk, tree, edited(content, {("Beneficiaries", row): 13_000}))
    assert checked.lines[3].changes == {"beneficiaries": (12_000, 13_000)}
    checked = check(desk, tree, edited(content, {("Title", row): "Mine", ("Beneficiaries", row): 13_000}))
    assert "changed this to “Theirs” since" in told(checked)[f"Items!D{row}"]
    assert checked.is_good is False
    assert fates(check(desk, tree, edited(content, {("Title", row): "Theirs"}))) == ["unchanged"] * 6
    without = edited(content, {("Seen by BMMS", row): None})
    assert set(check(desk, tree, without).lines[3].changes) == {"title", "priority"}, "without it what is typed stands"


def test_missing_columns_leave_as_it_is_and_missing_rows_too(desk, tree):
    def cut(book):
        for heading in reversed(
            [column.heading for column in columns.COLUMNS if column.field not in ("code", "title")]
        ):
            book["Items"].delete_cols(PLACES[heading])
        book["Items"].delete_rows(2, 3)
        book["Items"].cell(2, 2).value = "Only the title"

    checked = imported(desk, tree, edited(exported(desk, tree), act=cut))
    assert [set(line.changes) for line in checked.lines] == [{"title"}, set(), set()]
    assert (tree["other"].title, tree["other"].beneficiaries, tree["task"].title) == (
        "Only the title", 12_000, "Write the course",
    )  # fmt: skip


def renamed(name: str) -> Callable:
    return lambda book: setattr(book["Items"], "title", name)


def hidden(book) -> None:
    book["Items"].sheet_state = "hidden"


def removed(book) -> None:
    del book["Items"]
    book.create_sheet("First")
    book.create_sheet("Second")


def heading(place: int, text: str | None) -> Callable:
    return lambda book: setattr(book["Items"].cell(1, place), "value", text)


def filled_to(row: int) -> Callable:
    def fill(book) -> None:
        for number in range(8, row + 1):
            book["Items"].cell(number, 4).value = "x"

    return fill


def with_entities(content: bytes) -> bytes:
    """The sheet Items with a document type that blows itself up."""
    old = zipfile.ZipFile(io.BytesIO(content))
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "xl/worksheets/sheet3.xml":
                first = part.index(b"?>") + 2
                part = part[:first] + bomb + part[first:]
            new.writestr(entry, part)
    return out.getvalue()


REFUSED = [  # what is done to the workbook, and what is said of it as a whole
    (lambda book: book["Items"].merge_cells("C3:D4"), "The cells C3:D4 of the sheet Items are merged. Unmerge them."),
    (hidden, "The sheet Items of plan.xlsx is hidden. Unhide it"),
    (removed, "has no sheet “Items”; it has “Work plan”, “Objectives”, “Timeline”, “Lists”, “First”, “Second”"),
    (heading(4, "Titel"), "has no column “Title”. Its row 1, the first with anything in it, must name the columns"),
    (heading(4, "Titel"), "Items!D1 “Titel” (do you mean “Title”?)"),
    (heading(5, "title"), "Items!E1: the column “title” appears twice. Remove one of the two."),
    (lambda book: book["Items"].insert_rows(1), ""),
    (lambda book: book["Items"].delete_rows(2, 6), "has no items below its headings"),
    (lambda book: book["Items"].delete_rows(1, 7), "The sheet Items is empty"),
    (filled_to(5_002), "has more than 5,000 rows; import it in parts"),
    (filled_to(20_001), "The sheet Items holds a value in D10001; at most 5,000 rows"),
]
ODD = [  # what is done, how many rows are wrong, and a remark on it
    (renamed("items "), 0, ""),
    (renamed("My items"), 0, "There is no sheet Items; the sheet My items was read in its place."),
    (heading(5, "Descriptoin"), 0, "Items!E1 “Descriptoin” (do you mean “Description”?)"),
    (heading(1, None), 0, "There is no column “Code”, so every row is taken as a new item."),
    (lambda book: book["Items"].insert_rows(4), 0, ""),
    (lambda book: setattr(book["Items"]["AF5"], "value", "note"), 0, "without a heading were left out: Items!AF5."),
    (lambda book: setattr(book["Items"]["W3"], "value", "Completed"), 0, "Items!W3 stayed as they are: progress"),
    (lambda book: setattr(book["Items"]["H9"], "value", "=SUM(H2:H7)"), 1, ""),
    (lambda book: book["Timeline"].merge_cells("A1:B2"), 0, ""),
]


def test_workbooks_that_people_send(desk, tree):
    """What cannot be read says so with sheet, cell and remedy; what can be guessed is read, with a remark."""
    content = exported(desk, tree)
    for act, said in REFUSED:
        bad = edited(content, act=act)
        if not said:
            assert fates(check(desk, tree, bad)) == ["unchanged"] * 6, "an empty first row"
            continue
        with pytest.raises(UnreadableFile) as refused:
            check(desk, tree, bad)
        assert said in str(refused.value)
    with pytest.raises(UnreadableFile, match="is no workbook that can be read"):
        check(desk, tree, with_entities(content))
    for act, wrong, remark in ODD:
        checked = check(desk, tree, edited(content, act=act))
        if "Code" not in remark:
            assert (len(checked.of(Fate.ERROR)), len(checked.lines)) == (wrong, 6 + wrong), (remark, told(checked))
        assert remark in " ".join(checked.warnings), (remark, checked.warnings)


LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40)
TEXTS = st.one_of(
    st.sampled_from(["=1+1", "'=x", "''", "+63", "@x", "-", "_x0041_", "0007", "1e5", "TRUE", "a\nb"]), LINES
)
TYPED: dict[str, st.SearchStrategy[tuple[Any, Any]]] = {  # field to (what is typed, what it means)
    "title": TEXTS.filter(values.clean).map(lambda text: (neutral(text), values.clean(text))),
    "description": TEXTS.map(lambda text: (neutral(text), values.clean(text))),
    "priority": st.sampled_from(Priority).map(lambda word: (word.value.upper(), word)),
    "planned_cost": st.decimals(0, 10**12, places=2).map(lambda cost: (f"{cost:,}", cost)),
    "beneficiaries": st.integers(10_000, 10**8).map(lambda count: (count, count)),
    "female": st.integers(0, 5_000).map(lambda count: (str(count), count)),
    "tags": st.lists(st.sampled_from(sorted(TAGS)), unique=True).map(lambda tags: ("; ".join(tags), sorted(tags))),
    "on_calendar": st.booleans().map(lambda yes: ("yes" if yes else "NO", yes)),
    "ends_on": st.dates(date(2026, 7, 1), date(2026, 12, 31)).map(lambda day: (f"{day:%d %b %Y}", day)),
}  # fmt: skip
DRILL = bool(os.environ.get("BMMS_DRILL"))
MANY = {"derandomize": not DRILL, "deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}


def test_random_edits_and_nothing_else(desk, tree):
    """Export, edit at random, import: exactly those edits; and whatever stands in a row comes through unchanged."""
    content = lean(desk, tree)
    seen = set()

    @settings(max_examples=100 if DRILL else 12, **MANY)
    @given(
        st.data(), st.sets(st.tuples(st.sampled_from(["other", "second"]), st.sampled_from(sorted(TYPED))), min_size=3)
    )
    def edit(data, places) -> None:
        with desk.session.begin_nested() as savepoint:
            before = {name: Contents(desk.session, plan_of(desk, tree)).standing(tree[name]) for name in tree}
            cells, wanted = {}, {name: dict(now) for name, now in before.items()}
            for name, field in sorted(places):
                typed, value = data.draw(TYPED[field], label=f"{name} {field}")
                if field == "female" and name == "second":
                    continue  # nobody counted them there
                cells[columns.BY_FIELD[field].heading, ROWS[name]] = typed
                wanted[name][field] = value
                seen.add(field)
            imported(desk, tree, edited(content, cells))
            now = Contents(desk.session, plan_of(desk, tree))
            for name, item in tree.items():
                stands = now.standing(item)
                assert {key: merging.word(one) for key, one in stands.items()} == {
                    key: merging.word(one) for key, one in wanted[name].items()
                }
            assert fates(check(desk, tree, exported(desk, tree))) == ["unchanged"] * 6
            savepoint.rollback()

    edit()
    assert seen == set(TYPED), "too tame to prove much"


NASTY = [
    None, "", " ", "\t", "=1/0", "#REF!", "NULL", "nan", 1e308, -1e308, 10**18, 0.1 + 0.2, True, date(1900, 1, 1),
    naive(9999, 12, 31), "31/12/2026", "x" * 9_000, "🙂" * 301, "İ", "١٢", "50 %", "-5", "1e99", "NEW", "NEW-1",
    "7, 7, 7", "=HYPERLINK(1)", "'", ",;,", "MOH-2026-PPA-0003", "MOH-2026-PPA-0002, MOH-2026-PPA-0003", 3, 6,
    "activity", "Project", "2026-02-29", "2026-03-01", "2027-01-01", "yes", "badar", "Upi:", ":",
    "Upi: " + "x" * 500, "gad, gad",
]  # fmt: skip
DAMAGE = ["none", "none", "none", "rows", "columns", "sheets", "merge", "bytes"]


@st.composite
def nasty(draw, content: bytes) -> bytes:
    """An export with odd values in some cells, and sometimes with damage to its rows, sheets or bytes."""
    damage = draw(st.sampled_from(DAMAGE))
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Items"]
    for _ in range(draw(st.integers(0, 12))):
        row, place = draw(st.integers(2, 11)), draw(st.integers(1, len(columns.COLUMNS)))
        sheet.cell(row, place).value = draw(st.sampled_from(NASTY))
    if damage == "rows":
        sheet.insert_rows(draw(st.integers(1, 9)), 2)
        sheet.delete_rows(draw(st.integers(1, 9)))
    if damage == "columns":
        sheet.cell(1, draw(st.integers(1, 30))).value = draw(st.sampled_from(["Title", "Nonsense", None, 5, "=1"]))
        sheet.delete_cols(draw(st.integers(1, 30)), draw(st.integers(1, 20)))
    if damage == "sheets":
        sheet.title = draw(st.sampled_from(["ITEMS", "Sheet1", "Lists2"]))
        del book[draw(st.sampled_from(["Lists", "Timeline", "Work plan"]))]
    if damage == "merge":
        sheet.merge_cells(draw(st.sampled_from(["A1:B1", "C3:C9", "AA20:AB30"])))
    out = io.BytesIO()
    book.save(out)
    made = bytearray(out.getvalue())
    if damage != "bytes":
        return bytes(made)
    # Parts of a thousand: a workbook holds the time of its making, so that its length differs by bytes.
    for place in draw(st.lists(st.integers(0, 999), min_size=1, max_size=20)):
        made[place * len(made) // 1000] ^= 0xFF
    return bytes(made[: draw(st.integers(500, 1000)) * len(made) // 1000])


def test_no_workbook_ends_in_a_traceback(desk, tree):
    """It is refused as a whole, or each wrong cell is named and marked, or it goes in and the database agrees."""
    content = exported(desk, tree)
    seen = set()

    @settings(max_examples=250 if DRILL else 40, **MANY)
    @given(nasty(content))
    def send(made: bytes) -> None:
        try:
            table.require_workbook(made, "plan.xlsx")
            checked = check(desk, tree, made)
        except UnreadableFile:
            seen.add("refused")
            return
        if not checked.is_good:
            seen.add("wrong")
            marked = openpyxl.load_workbook(io.BytesIO(checked.handed_back()))
            count = sum(cell.comment is not None for sheet in marked for row in sheet.iter_rows() for cell in row)
            assert count >= len(checked.of(Fate.ERROR)) or checked.refusals
            return
        seen.add("good")
        with desk.session.begin_nested() as savepoint:
            writing.write(desk.session, desk.actor, plan_of(desk, tree), checked)
            savepoint.rollback()

    send()
    assert seen == {"refused", "wrong", "good"}, "too tame to prove much"
