"""Lines as workbooks and as pasted cells: what is exported can be edited and imported; every rule of the form holds."""

import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from sqlalchemy import event, select, text

from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import csv_file, table
from bmms.domain.imports.checked import Fate
from bmms.domain.imports.raw import UnreadableFile
from bmms.domain.imports.texts import PASTED
from bmms.domain.proposals import figures, lines, proving, rules
from bmms.domain.proposals.sheets import checking, columns, export, steps, writing
from bmms.domain.proposals.sheets.lines import Checked
from bmms.models.audit import AuditEvent, RowHistory
from bmms.models.planning import PlanStatus, StrategicGoal, StrategicObjective, StrategicPlan
from bmms.models.proposals import BudgetLine, BudgetProposal, FundingSource, Procurement, Sphere, Tier
from bmms.models.reference import ExpenseClass, ObjectCode, Place
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemKind, WorkItem
from bmms.tenancy import bind_platform
from tests.proposals import JUSTIFICATION, OLD_OBJECT, TOWN, ask_for, line_answers

DRILL = bool(os.environ.get("BMMS_DRILL"))
PLACES = {column.heading: number for number, column in enumerate(columns.COLUMNS, 1)}
HEADINGS = [column.heading for column in columns.COLUMNS]
FIRST, SECOND, THIRD = 2, 3, 4  # rows of the lines below
NEW = 5
ROW = {
    "Program": "MOH-P01", "Object code": "5-02-03-010-00", "Description": "Bond paper", "Quantity": 100,
    "Unit": "ream", "Unit cost": "1,250.50", "Place": "Region-wide", "Justification": "For the offices.",
}  # fmt: skip


@pytest.fixture
def desk(prepared):
    """Rahma, who prepares the budget."""
    return prepared.office.rahma


@pytest.fixture
def asked(prepared, desk) -> list[BudgetLine]:
    """Three lines: a plain one, one with all that can be said, and one whose words look like formulas."""
    proposal = prepared.proposal
    support = ask_for(desk, proposal, prepared.support, object_code="5010101001", unit_cost=Decimal("1000.01"))
    full = ask_for(
        desk, proposal, prepared.immunization, object_code="5060404001", quantity=Decimal("2.5"),
        unit_cost=Decimal("100000.50"), quarter1=Decimal("250000.00"), quarter2=Decimal("1.25"), place_psgc=TOWN,
        gad_percent=Decimal("12.5"), sphere=Sphere.INFRASTRUCTURE, procurement=Procurement.COMPETITIVE_BIDDING,
        price_references="One\nTwo\nThree", procurement_entry="PPMP 2027-11",
    )  # fmt: skip
    odd = ask_for(desk, proposal, prepared.immunization, description='=HYPERLINK("http://x")', unit="@lot")
    return [support, full, odd]


def exported(desk, prepared) -> bytes:
    return export.workbook_of(desk.session, prepared.proposal, "Rahma Lim")


def edited(content: bytes, cells: dict[tuple[str, int], Any] | None = None, act: Callable | None = None) -> bytes:
    """The workbook with other values in cells named by heading and row of the sheet Lines."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (heading, row), value in (cells or {}).items():
        book["Lines"].cell(row, PLACES[heading]).value = value
    if act:
        act(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def lean(desk, prepared) -> bytes:
    """The export with the sheet Lines alone, which loads and saves in a fraction of the time."""

    def strip(book) -> None:
        del book["Lists"], book["Proposal"]
        book["Lines"].data_validations.dataValidation = []

    return edited(exported(desk, prepared), act=strip)


def added(content: bytes, *rows: dict[str, Any], at: int = NEW) -> bytes:
    """The workbook with more rows at its end."""
    return edited(content, {(head, at + n): value for n, row in enumerate(rows) for head, value in row.items()})


def pasted(*rows: dict[str, Any], header: bool = True) -> bytes:
    """Cells as a spreadsheet copies them."""
    out = [HEADINGS] if header else []
    out += [[str(row.get(heading, "")) for heading in HEADINGS] for row in rows]
    return "\r\n".join("\t".join(cells) for cells in out).encode()


def check(desk, prepared, content: bytes, name: str = "lines.xlsx") -> Checked:
    desk.session.expire_all()
    return checking.check(desk.session, prepared.proposal, table.read(content, name, columns.LAYOUT))


def imported(desk, prepared, content: bytes) -> Checked:
    """Check and write; nothing may be wrong."""
    rules.begin(desk.session, desk.actor, prepared.proposal, alone=True)
    checked = check(desk, prepared, content)
    assert checked.is_good, told(checked)
    writing.write(desk.session, desk.actor, prepared.proposal, checked, above=True)
    return checked


def told(checked: Checked) -> dict[str, str]:
    """Cell to what is wrong with it."""
    return {
        checked.table.cell(line.row, name): message for line in checked.lines for name, message in line.problems.items()
    }


def fates(checked: Checked) -> list[str]:
    return [line.fate.value for line in checked.lines]


def cell(heading: str, row: int) -> str:
    return f"Lines!{get_column_letter(PLACES[heading])}{row}"


@contextmanager
def counted(session) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(connection, cursor, statement, parameters, context, executemany) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_export_says_all_and_calculates_nothing(desk, prepared, asked):
    book = openpyxl.load_workbook(io.BytesIO(exported(desk, prepared)))
    assert book.sheetnames == ["Lines", "Lists", "Proposal"]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert not [one.coordinate for one in row if one.data_type == "f" or str(one.value)[:1] in "=+@"]
        assert not sheet.merged_cells.ranges
    sheet = book["Lines"]
    assert [one.value for one in sheet[1]] == HEADINGS
    assert sheet.max_row == 4, "no row of totals: it would be read as a line"
    found = {heading: sheet.cell(THIRD - 1, place).value for heading, place in PLACES.items()}
    assert found == found | {
        "Program": "MOH-P01", "Line no.": asked[1].id, "Object code": "5-06-04-040-01", "Class": "CO", "Quantity": 2.5,
        "Unit cost": 100000.5, "Amount": 250001.25, "Quarter 1": 250000, "Quarter 2": 1.25, "Quarter 3": 0,
        "Place": "City of Marawi, Lanao del Sur", "Paid from": "GAAB, regular", "GAD percent": 12.5, "Climate": None,
        "Endorsement": "Infrastructure (MPW)", "Ceiling": "Within the ceiling", "Procurement": "Competitive bidding",
        "Price references": "One\nTwo\nThree", "Procurement plan entry": "PPMP 2027-11",
    }  # fmt: skip
    assert sheet.cell(FIRST, PLACES["Quarter 1"]).value is None, "spread evenly"
    assert sheet.cell(THIRD, PLACES["Description"]).value == '\'=HYPERLINK("http://x")'
    assert sheet.cell(THIRD, PLACES["Unit"]).value == "'@lot"
    assert sheet.column_dimensions[get_column_letter(len(HEADINGS))].hidden
    names = [one.value for one in book["Lists"][1]]
    listed = {
        name: [row[place].value for row in book["Lists"].iter_rows(min_row=2)] for place, name in enumerate(names)
    }
    assert listed["Program"][:3] == ["MOH-GAS", "MOH-P01", None]
    assert listed["Title of the program"][1] == "Immunization"
    assert "5-02-03-010-00" in listed["Object code"]
    assert "5-02-99-070-99" not in listed["Object code"], "not in force in the year"
    assert listed["Class"][listed["Object code"].index("5-06-04-040-01")] == "CO"
    assert listed["Paid from"][:2] == ["GAAB, regular", None], "the sources of the proposal"
    about = {row[0].value: row[1].value for row in book["Proposal"].iter_rows()}
    assert (about["Lines"], about["Total (PHP)"]) == (3, 1804402.41)
    assert (about["Total in BMMS (PHP)"], about["Difference (PHP)"]) == (1804402.41, 0)


def test_the_same_lines_make_the_same_bytes(desk, prepared, asked):
    with clock.stopped_at(datetime(2026, 2, 3, 1, tzinfo=UTC)):
        assert exported(desk, prepared) == exported(desk, prepared)


def test_what_is_exported_and_imported_changes_nothing(desk, prepared, asked):
    content = exported(desk, prepared)
    history = select(RowHistory.id).where(RowHistory.table_name == "budget_lines")
    before = desk.session.scalars(history).all()
    assert fates(check(desk, prepared, content)) == ["unchanged"] * 3
    checked = imported(desk, prepared, edited(content))
    assert fates(checked) == ["unchanged"] * 3, "as another program saves it"
    assert desk.session.scalars(history).all() == before, "unchanged rows write nothing"
    assert checked.before == checked.sums.whole.total == Decimal("1804402.41")


EDITS = [  # heading, what is typed, the answer, and what it is then
    ("Object code", "5020301000", "object_code", "5020301000"),
    ("Description", "  Bond paper ", "description", "Bond paper"),
    ("Unit", "set", "unit", "set"),
    ("Quantity", "117", "quantity", Decimal(117)),
    ("Unit cost", "12,400.50", "unit_cost", Decimal("12400.50")),
    ("Place", "city of marawi", "place_psgc", TOWN),
    ("Place", TOWN, "place_psgc", TOWN),
    ("Place", None, "place_psgc", None),
    ("GAD percent", 7.25, "gad_percent", Decimal("7.25")),
    ("Climate", "adaptation", "climate", "adaptation"),
    ("Endorsement", "ict", "sphere", Sphere.ICT),
    ("Ceiling", "Above the ceiling", "tier", Tier.ABOVE),
    ("Procurement", "Negotiated procurement", "procurement", Procurement.NEGOTIATED),
    ("Justification", "One\nTwo", "justification", "One\nTwo"),
    ("Price references", "A\nB", "price_references", "A\nB"),
    ("Procurement plan entry", "PPMP", "procurement_entry", "PPMP"),
]


def test_one_cell_changes_one_answer(desk, prepared, asked):
    """And nothing else, however it was typed."""
    content = lean(desk, prepared)
    odd = asked[2]
    for heading, typed, name, value in EDITS:
        with desk.session.begin_nested() as savepoint:
            last = desk.session.scalar(select(RowHistory.id).order_by(RowHistory.id.desc()).limit(1))
            cells = {(heading, THIRD): typed}
            if name in ("quantity", "unit_cost"):
                cells["Amount", THIRD] = None
            if name == "object_code":
                cells["Class", THIRD] = None
            checked = imported(desk, prepared, edited(content, cells))
            assert fates(checked) == ["unchanged", "unchanged", "change"], (heading, typed)
            assert set(checked.lines[2].changes) == {name}, (heading, typed)
            desk.session.refresh(odd)
            assert getattr(odd, name) == value, (heading, typed)
            assert odd.row_version == 2
            row = desk.session.scalars(
                select(RowHistory).where(RowHistory.id > last, RowHistory.table_name == "budget_lines")
            ).one()
            assert row.row_id == odd.id, "only that line has a new history"
            savepoint.rollback()


WRONG = [  # heading, what is typed, the word that names it
    ("Line no.", 999999, "has no line 999999"),
    ("Line no.", "x1", "no line number"),
    ("Line no.", "\u0661\u0662", "other digits than 0 to 9"),
    ("Program", "MOH-GAS", "The line is of MOH-P01 and stays there"),
    ("Program", "MOH-P02", "no program of this proposal"),
    ("Object code", None, "Type the object code"),
    ("Object code", "50203", "ten digits"),
    ("Object code", "5-02-03-010-0O", "ten digits"),
    ("Object code", "\u0665\u0660\u0662\u0660\u0663\u0660\u0661\u0660\u0660\u0660", "other digits than 0 to 9"),
    ("Object code", "5029999999", "no such object code"),
    ("Object code", OLD_OBJECT, "not in force on 01 January 2027"),
    ("Object code", "5040101000", "no object of a budget"),
    ("Class", "CO", "5-02-02-010-00 Training Expenses is MOOE, not “CO”"),
    ("Class", "capital", "Type MOOE"),
    ("Description", None, "Say what it is for."),
    ("Description", "x" * 301, "longer than 300"),
    ("Description", "One\nTwo", "line break"),
    ("Unit", "per\nson", "line break"),
    ("Unit", "x" * 41, "longer than 40"),
    ("Unit", None, "Type the unit"),
    ("Quantity", None, "Type the quantity"),
    ("Quantity", 0, "above zero"),
    ("Quantity", -5, "above zero"),
    ("Quantity", "1.00001", "four decimals"),
    ("Quantity", "1e30", "no figure"),
    ("Quantity", "999999999999999", "goes up to 99,999,999,999,999.9999"),
    ("Quantity", "=100+16", "holds a formula"),
    ("Unit cost", None, "Type the unit cost"),
    ("Unit cost", "12400.005", "two decimals"),
    ("Unit cost", -1, "centavo or more"),
    ("Unit cost", "NaN", "no figure"),
    ("Unit cost", "Infinity", "no figure"),
    ("Unit cost", "₱ 12,400.00", "currency sign. Type the plain figure"),
    ("Unit cost", "PHP 12,400.00", "currency sign"),
    ("Unit cost", "P12,400.00", "currency sign"),
    ("Unit cost", "1,24,00.00", "commas, points or blanks"),
    ("Unit cost", "12.400,00", "commas, points or blanks"),
    ("Unit cost", "12 400", "commas, points or blanks"),
    ("Unit cost", "\u0661\u0662\u0664\u0660\u0660", "other digits than 0 to 9"),
    ("Unit cost", "1000000000000000", "goes up to 999,999,999,999,999.99"),
    ("Unit cost", "999999999999999.99", "the largest amount that is kept"),
    ("Amount", "1438400.01", "unit cost is ₱ 1,438,400.00, and this cell says ₱ 1,438,400.01"),
    ("Amount", "much", "no figure"),
    ("Amount", "=F4*H4", "holds a formula"),
    ("Quarter 1", "1438399.99", "₱ 0.01 short of the amount of ₱ 1,438,400.00"),
    ("Quarter 2", "-1", "not below zero"),
    ("Quarter 3", "359600.005", "two decimals"),
    ("Quarter 4", "₱1", "currency sign"),
    ("Place", "Maravi", "Do you mean City of Marawi"),
    ("Place", "1999999999", "PSGC code of no place"),
    ("Place", "City of\nMarawi", "line break"),
    ("Paid from", None, "from which source"),
    ("Paid from", "SDF", "not among the sources"),
    ("Paid from", "GAABB", "none of GAAB, regular"),
    ("Activity", "MOH-2026-PPA-0001", "rests on no work plan"),
    ("GAD percent", "100.01", "between 0 and 100"),
    ("GAD percent", "-1", "between 0 and 100"),
    ("GAD percent", "12.345", "two decimals"),
    ("GAD percent", "5 %", "no figure"),
    ("Climate", "adaption", "Do you mean Adaptation?"),
    ("Endorsement", "roads", "none of Infrastructure (MPW)"),
    ("Ceiling", "over", "none of Within the ceiling"),
    ("Procurement", "shopping", "none of Competitive bidding"),
    ("Justification", "x" * 8_001, "longer than 8,000"),
    ("Price references", "x" * 2_001, "longer than 2,000"),
    ("Procurement plan entry", "x" * 201, "longer than 200"),
]


def plant_more(engine) -> None:
    with desk_of_platform(engine) as session:
        session.add(ObjectCode(code="5040101000", title="Depreciation", expense_class=ExpenseClass.CO, level="account"))
        session.commit()


def desk_of_platform(engine):
    from sqlalchemy.orm import Session

    session = Session(engine)
    bind_platform(session, "tests")
    return session


def test_what_is_wrong_is_told_at_its_cell(engine, desk, prepared, asked):
    """Each mistake alone: the cell by name, the remedy, and nothing else is blamed."""
    plant_more(engine)
    content = lean(desk, prepared)
    for heading, typed, words in WRONG:
        cells = {(heading, THIRD): typed}
        if heading in ("Quantity", "Unit cost"):
            cells["Amount", THIRD] = None
        if heading == "Object code":
            cells["Class", THIRD] = None
        checked = check(desk, prepared, edited(content, cells))
        at, message = next(iter(told(checked).items()), ("", ""))
        expected = "Quarter 1" if heading.startswith("Quarter") and "short" in words else heading
        assert at == cell(expected, THIRD), (heading, typed, told(checked))
        assert words in message, (heading, typed, message)
        assert len(told(checked)) == 1, (heading, typed, told(checked))
        assert not checked.is_good
    sheet = openpyxl.load_workbook(io.BytesIO(checked.handed_back()))["Lines"]
    marked = sheet.cell(THIRD, PLACES["Procurement plan entry"])
    assert "longer than 200" in marked.comment.text
    assert marked.fill.start_color.rgb == "FFF4CCCC"
    assert sheet.cell(FIRST, PLACES["Procurement plan entry"]).comment is None


def test_a_cheap_item_is_no_capital_outlay(desk, prepared, asked):
    row = ROW | {"Object code": "5060405002", "Unit cost": "49,999.99"}
    found = told(check(desk, prepared, added(lean(desk, prepared), row)))
    assert "not capital outlay" in found[cell("Unit cost", NEW)]


def test_new_rows_need_what_the_form_needs(desk, prepared, asked):
    checked = check(desk, prepared, added(lean(desk, prepared), {"Description": "Bare"}))
    needed = ["Program", "Object code", "Quantity", "Unit", "Unit cost"]
    assert sorted(told(checked)) == sorted(cell(heading, NEW) for heading in needed)
    assert "code or its title" in told(checked)[cell("Program", NEW)]


def test_new_lines_stand_at_the_end_of_their_programs(desk, prepared, asked):
    rows = [
        ROW,
        ROW | {"Program": "General administration and support", "Class": "mooe", "Amount": "125050"},
        ROW | {"Description": "Toner", "Quarter 4": "125,050.00", "Paid from": "gaab", "Ceiling": "above"},
    ]
    checked = imported(desk, prepared, added(lean(desk, prepared), *rows))
    assert fates(checked) == ["unchanged"] * 3 + ["create"] * 3
    found = {line.description: line for line in desk.session.scalars(select(BudgetLine).order_by(BudgetLine.id))}
    toner = found["Toner"]
    assert (toner.ordinal, toner.amount, toner.q1, toner.q4) == (4, Decimal("125050.00"), 0, Decimal("125050.00"))
    assert (toner.source, toner.tier, toner.expense_class) == (FundingSource.GAAB, Tier.ABOVE, ExpenseClass.MOOE)
    assert (toner.organization_id, toner.proposal_id) == (desk.actor.organization_id, prepared.proposal.id)
    assert found["Bond paper"].proposal_program_id == prepared.support.id, "found by its title"
    assert checked.sums.whole.total == figures.sums_of(desk.session, prepared.proposal).whole.total
    assert proving.stated_of(desk.session, prepared.proposal).requested == checked.sums.whole.total
    last = desk.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert last.action == "budget_proposals:import"
    assert last.changes == last.changes | {
        "rows": [None, 6], "created": [None, 3], "changed": [None, 0], "total": ["1804402.41", "2179552.41"],
    }  # fmt: skip


def test_lines_that_are_not_listed_and_columns_that_are_missing_stay(desk, prepared, asked):
    def cut(book) -> None:
        for heading in reversed([one for one in HEADINGS if one not in ("Line no.", "Description")]):
            book["Lines"].delete_cols(PLACES[heading])
        book["Lines"].delete_rows(2, 2)
        book["Lines"].cell(2, 2).value = "Only the words"

    checked = imported(desk, prepared, edited(exported(desk, prepared), act=cut))
    assert [set(line.changes) for line in checked.lines] == [{"description"}]
    desk.session.expire_all()
    assert (asked[2].description, asked[2].unit, asked[0].amount) == ("Only the words", "@lot", Decimal("116001.16"))


def test_lines_changed_together_keep_what_their_own_cells_do_not_change(desk, prepared, asked):
    """One statement writes them all; of each only what differs in its row."""
    desk.session.execute(text("UPDATE budget_lines SET unit = ' lot\u0007' WHERE id = :id"), {"id": asked[1].id})
    cells = {("Unit", FIRST): "post", ("Description", SECOND): "Store", ("Quantity", THIRD): 117, ("Amount", THIRD): ""}
    imported(desk, prepared, edited(lean(desk, prepared), cells))
    desk.session.expire_all()
    assert [line.unit for line in asked] == ["post", " lot\u0007", "@lot"]
    assert [line.description for line in asked] == ["Training of vaccinators", "Store", '=HYPERLINK("http://x")']
    assert (asked[1].q1, asked[1].q4, asked[2].q1) == (Decimal("250000.00"), 0, Decimal("362700.00"))


def test_quarters_that_say_the_same_are_no_change(desk, prepared, asked):
    even = dict(zip(["Quarter 1", "Quarter 2", "Quarter 3", "Quarter 4"], lines.evenly(asked[2].amount), strict=True))
    content = lean(desk, prepared)
    typed = edited(content, {(heading, THIRD): float(amount) for heading, amount in even.items()})
    assert fates(check(desk, prepared, typed)) == ["unchanged"] * 3
    emptied = edited(content, {("Quarter 3", SECOND): None, ("Quarter 4", SECOND): ""})
    assert fates(check(desk, prepared, emptied)) == ["unchanged"] * 3, "beside quarters that are typed empty is zero"
    checked = imported(desk, prepared, edited(content, {(heading, SECOND): None for heading in even}))
    desk.session.expire_all()
    assert set(checked.lines[1].changes) >= {"quarter1"}
    assert (asked[1].q1, asked[1].q4) == (Decimal("62500.32"), Decimal("62500.31"))


def test_a_line_has_one_row(desk, prepared, asked):
    content = edited(lean(desk, prepared), {("Line no.", THIRD): asked[1].id, ("Program", THIRD): None})
    found = told(check(desk, prepared, content))
    assert f"Line {asked[1].id} stands in row {SECOND} already" in found[cell("Line no.", THIRD)]


def test_lines_of_another_proposal_are_strangers(desk, prepared, asked):
    from tests.proposals import begin_proposal

    other = begin_proposal(desk, kind="special", reason="Flood", legal_source="Contingent Fund", title="Other")
    found = checking.check(desk.session, other, table.read(lean(desk, prepared), "x.xlsx", columns.LAYOUT))
    assert "has no line" in told(found)[cell("Line no.", FIRST)]


def test_the_ceiling_is_told_and_no_error(desk, prepared, asked):
    row = ROW | {"Quantity": 1, "Unit cost": "60,000,000.00"}
    checked = check(desk, prepared, added(lean(desk, prepared), row))
    assert checked.is_good
    assert checked.meter is not None
    assert [(one.label, -one.left) for one in checked.meter.over] == [("All classes", Decimal("11804402.41"))]


def test_all_or_nothing(desk, prepared, asked):
    """Nothing of a list is written when one cell is wrong, nor when the database refuses the last of its lines."""
    desk.session.commit()
    content = added(lean(desk, prepared), ROW, ROW | {"Description": "Toner", "Unit cost": "free"})
    mine = steps.upload(desk.session, desk.actor, prepared.proposal, content, "lines.xlsx")
    desk.session.commit()
    steps.check(desk.session, desk.actor, prepared.proposal, mine)
    assert mine.check["outlook"] is None
    assert "Look at it again" in steps.run(desk.session, desk.actor, prepared.proposal, mine)
    desk.session.commit()
    assert len(desk.session.scalars(select(BudgetLine.id)).all()) == 3
    good = check(desk, prepared, added(lean(desk, prepared), ROW, ROW | {"Description": "Toner"}))
    good.lines[-1].after["place_psgc"] = "9999999999"
    with pytest.raises(RuleBroken, match="The database refused"):
        writing.write(desk.session, desk.actor, prepared.proposal, good, above=True)
    desk.session.rollback()
    assert len(desk.session.scalars(select(BudgetLine.id)).all()) == 3
    assert not desk.session.scalars(select(AuditEvent.id).where(AuditEvent.action == "budget_proposals:import")).all()


def test_who_else_changed_a_line_since_the_check_is_not_overwritten(desk, prepared, asked):
    proposal = prepared.proposal
    content = edited(lean(desk, prepared), {("Unit", THIRD): "set", ("Seen by BMMS", THIRD): None})
    mine = steps.upload(desk.session, desk.actor, proposal, content, "lines.xlsx")
    steps.check(desk.session, desk.actor, proposal, mine)
    assert mine.check["is_good"]
    desk.session.commit()
    nurul = prepared.office.nurul
    theirs = nurul.session.get_one(BudgetLine, asked[2].id)
    held = nurul.session.get_one(BudgetProposal, proposal.id)
    lines.change_line(nurul.session, nurul.actor, held, theirs, line_answers(description="Theirs", unit="lot"))
    nurul.session.commit()
    said = steps.run(desk.session, desk.actor, proposal, mine)
    assert said == f"Nothing was imported: line {asked[2].id} Theirs changed since the check. Look at it again."
    desk.session.commit()
    desk.session.expire_all()
    assert (asked[2].description, asked[2].unit) == ("Theirs", "lot")
    assert steps.run(desk.session, desk.actor, proposal, mine) == "The lines are imported.", "after the fresh check"
    assert steps.run(desk.session, desk.actor, proposal, mine) == "This list is imported already."


def test_what_others_changed_since_the_export_stays(desk, prepared, asked):
    """Different answers merge; over the same answer the sheet says so (law 3)."""
    content = lean(desk, prepared)
    lines.change_line(
        desk.session, desk.actor, prepared.proposal, asked[2],
        line_answers(description="Theirs", unit="@lot", quantity=Decimal(200)),
    )  # fmt: skip
    desk.session.commit()
    assert fates(check(desk, prepared, content)) == ["unchanged"] * 3, "an old file takes nothing back"
    checked = check(desk, prepared, edited(content, {("Unit", THIRD): "set"}))
    assert set(checked.lines[2].changes) == {"unit"}
    checked = check(desk, prepared, edited(content, {("Description", THIRD): "Mine"}))
    assert "changed this to “Theirs” since" in told(checked)[cell("Description", THIRD)]


def test_only_an_open_proposal_takes_lines(desk, prepared, asked):
    mine = steps.upload(desk.session, desk.actor, prepared.proposal, lean(desk, prepared), "lines.xlsx")
    steps.check(desk.session, desk.actor, prepared.proposal, mine)
    desk.session.execute(text("UPDATE budget_proposals SET status = 'submitted'"))
    desk.session.commit()
    for act in (
        lambda: steps.upload(desk.session, desk.actor, prepared.proposal, b"", "lines.xlsx"),
        lambda: steps.paste(desk.session, desk.actor, prepared.proposal, "a\tb"),
        lambda: steps.ask(desk.session, desk.actor, prepared.proposal, mine),
        lambda: steps.run(desk.session, desk.actor, prepared.proposal, mine),
    ):
        with pytest.raises(RuleBroken, match="is submitted and stays"):
            act()
        desk.session.rollback()


def test_remarks_on_what_may_stay(desk, prepared, asked):
    row = ROW | {"Description": '=hyperlink("http://x")', "Object code": "5-02-02-010-00", "GAD percent": 0.05}
    checked = check(desk, prepared, pasted(row | {"Description": '\'=hyperlink("http://x")'}), PASTED)
    assert checked.is_good, told(checked)
    remarks = " ".join(checked.warnings)
    assert f"Row 2 is new, and line {asked[2].id} buys the same" in remarks
    assert f"GAD below one percent, as typed: {get_column_letter(PLACES['GAD percent'])}2." in remarks


def hidden(book) -> None:
    book["Lines"].sheet_state = "hidden"


def hidden_beside_another(book) -> None:
    hidden(book)
    book.copy_worksheet(book["Lines"]).title = "Mine"
    book["Mine"].sheet_state = "visible"


def with_macros(content: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


def filled_to(row: int) -> Callable:
    def fill(book) -> None:
        for number in range(NEW, row + 1):
            book["Lines"].cell(number, PLACES["Description"]).value = "x"

    return fill


def heading(place: int, words: str | None) -> Callable:
    return lambda book: setattr(book["Lines"].cell(1, place), "value", words)


REFUSED = [  # what is done to the workbook, and what is said of it as a whole
    (lambda book: book["Lines"].merge_cells("C3:D4"), "The cells C3:D4 of the sheet Lines are merged. Unmerge them."),
    (hidden, "The sheet Lines of lines.xlsx is hidden. Unhide it"),
    (heading(5, "Words"), "has no column “Description”"),
    (heading(6, "description"), "Lines!F1: the column “description” appears twice"),
    (lambda book: book["Lines"].delete_rows(2, 5), "has no lines below its headings"),
    (filled_to(2_002), "has more than 2,000 rows; import it in parts"),
]


def test_workbooks_that_cannot_be_read_say_why(desk, prepared, asked):
    content = exported(desk, prepared)
    for act, said in REFUSED:
        with pytest.raises(UnreadableFile) as refused:
            check(desk, prepared, edited(content, act=act))
        assert said in str(refused.value)
    with pytest.raises(UnreadableFile, match="contains macros"):
        check(desk, prepared, with_macros(content))
    checked = check(desk, prepared, edited(content, act=hidden_beside_another))
    assert fates(checked) == ["unchanged"] * 3
    assert "the sheet Mine was read in its place" in " ".join(checked.warnings), "hidden sheets are passed over"
    named = edited(content, act=lambda book: book.move_sheet("Lists", -1))
    assert fates(check(desk, prepared, named)) == ["unchanged"] * 3
    for name, bad in {"a.csv": b"\xff\xfe", "a.xlsx": b"x", "b.csv": b""}.items():
        with pytest.raises(UnreadableFile, match=name if name != "a.csv" else "UTF-8"):
            steps.upload(desk.session, desk.actor, prepared.proposal, bad, name)


def test_a_gap_a_note_and_a_formula_beside_the_list(desk, prepared, asked):
    content = exported(desk, prepared)
    gap = edited(content, act=lambda book: book["Lines"].insert_rows(3))
    assert fates(check(desk, prepared, gap)) == ["unchanged"] * 3
    total = edited(content, {("Amount", 6): "=SUM(I2:I4)"})
    assert told(check(desk, prepared, total))[cell("Amount", 6)].startswith("Cell I6 holds a formula")


def test_pasted_cells_with_their_headings_and_without(desk, prepared, asked):
    for header, row in ((True, 2), (False, 1)):
        content = pasted(ROW, ROW | {"Description": "Toner", "Unit cost": "₱5"}, header=header)
        checked = check(desk, prepared, content, PASTED)
        assert fates(checked) == ["create", "error"]
        assert told(checked) == {
            f"H{row + 1}": "“₱5” holds a currency sign. Type the plain figure, such as 1,250.50."
        }, "by row and column"
        back = csv_file.read(checked.handed_back())
        assert back[0].cells == [*HEADINGS, "problem"]
        assert [one.cells[-1] for one in back[1:]] == [
            "",
            "Unit cost: “₱5” holds a currency sign. Type the plain figure, such as 1,250.50.",
        ]
    formula = check(desk, prepared, pasted(ROW | {"Quantity": "=2*3"}), PASTED)
    assert told(formula) == {"F2": "Cell F2 holds a formula; type the value itself."}
    quoted = pasted(ROW).replace(b"For the offices.", b'"One\r\nTwo ""2"""')
    checked = check(desk, prepared, quoted, PASTED)
    assert checked.lines[0].after["justification"] == 'One\nTwo "2"'
    few = "Program\tDescription\tObject code\tQuantity\tUnit\tUnit cost\nMOH-P01\tPens\t5020301000\t10\tbox\t99.90\n"
    checked = imported(desk, prepared, few.encode())
    assert checked.lines[0].amount == Decimal("999.00")
    assert "no column “Line no.”" in " ".join(checked.warnings)
    semicolons = few.replace("\t", ";").replace("Pens", "Pencils").encode()
    assert fates(check(desk, prepared, semicolons, "lines.csv")) == ["create"]
    for nothing in ("", "  \n ", "one column\nonly"):
        with pytest.raises(RuleBroken, match="Copy the cells of several columns"):
            steps.paste(desk.session, desk.actor, prepared.proposal, nothing)
    with pytest.raises(UnreadableFile, match="Line 1 cannot be read"):
        steps.paste(desk.session, desk.actor, prepared.proposal, 'a\t"b')
    with pytest.raises(UnreadableFile, match="Line 1 has 20001 cells; at most 60"):
        check(desk, prepared, b"=\t" * 20_000 + b"=", PASTED)


def test_an_exported_sheet_can_be_pasted_as_it_is(desk, prepared, asked):
    """All its columns with the hidden one, with headings and without."""
    sheet = openpyxl.load_workbook(io.BytesIO(exported(desk, prepared)))["Lines"]
    rows = [["" if one is None else str(one) for one in row] for row in sheet.iter_rows(values_only=True)]
    for some in (rows, rows[1:]):
        copied = "\n".join(
            "\t".join(f'"{one}"' if "\n" in one else one.replace('"', "") for one in row) for row in some
        )
        checked = check(desk, prepared, copied.encode(), PASTED)
        assert not told(checked)
        assert [set(line.changes) for line in checked.lines] == [set(), set(), {"description"}], "quotation marks went"


def test_names_that_two_places_share_are_written_as_codes(engine, desk, prepared, asked):
    with desk_of_platform(engine) as session:
        for psgc in ("1998700000", "1998800000"):
            session.add(Place(psgc=psgc, name="Upi", level="province", parent_psgc=None, in_barmm=True))
        session.commit()
    lines.change_line(
        desk.session, desk.actor, prepared.proposal, asked[0],
        line_answers(object_code="5010101001", unit_cost=Decimal("1000.01"), place_psgc="1998800000"),
    )  # fmt: skip
    desk.session.commit()
    content = lean(desk, prepared)
    assert openpyxl.load_workbook(io.BytesIO(content))["Lines"].cell(FIRST, PLACES["Place"]).value == "1998800000"
    assert fates(check(desk, prepared, content)) == ["unchanged"] * 3
    found = told(check(desk, prepared, edited(content, {("Place", FIRST): "Upi"})))
    assert "more than one Upi" in found[cell("Place", FIRST)]


def test_the_largest_amount_goes_out_and_comes_back_to_the_centavo(desk, prepared):
    largest = Decimal("999999999999999.99")
    ask_for(desk, prepared.proposal, prepared.support, quantity=Decimal(1), unit_cost=largest)
    ask_for(desk, prepared.proposal, prepared.support, quantity=Decimal("10000000.1234"), unit_cost=Decimal("0.01"))
    content = exported(desk, prepared)
    assert fates(check(desk, prepared, content)) == ["unchanged"] * 2
    assert fates(check(desk, prepared, edited(content))) == ["unchanged"] * 2


def make_activities(desk, prepared) -> WorkItem:
    """An activity of a work plan on which the proposal rests."""
    year = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}
    parent = StrategicPlan(title="Plan", start_year=2027, end_year=2027, status=PlanStatus.ACTIVE)
    desk.session.add(parent)
    desk.session.flush()
    goal = StrategicGoal(plan_id=parent.id, ordinal=1, title="Goal")
    work_plan = AnnualWorkPlan(plan_id=parent.id, fiscal_year=2027, title="Work plan", status=PlanStatus.ACTIVE)
    desk.session.add_all([goal, work_plan])
    desk.session.flush()
    served = StrategicObjective(plan_id=parent.id, goal_id=goal.id, ordinal=1, title="Objective")
    desk.session.add(served)
    desk.session.flush()
    objective = AnnualObjective(work_plan_id=work_plan.id, objective_id=served.id, ordinal=1, statement="Reach them")
    desk.session.add(objective)
    desk.session.flush()
    item = WorkItem(
        work_plan_id=work_plan.id, annual_objective_id=objective.id, ordinal=1, code="MOH-2027-PPA-0001",
        kind=ItemKind.ACTIVITY, title="Train", **year,
    )  # fmt: skip
    desk.session.add(item)
    prepared.proposal.work_plan_id = work_plan.id
    desk.session.commit()
    return item


def test_a_line_names_an_activity_of_the_work_plan(desk, prepared, asked):
    item = make_activities(desk, prepared)
    content = lean(desk, prepared)
    checked = imported(desk, prepared, edited(content, {("Activity", THIRD): "moh-2027-ppa-0001"}))
    assert checked.lines[2].changes == {"work_item_id": (None, item.id)}
    desk.session.commit()
    book = openpyxl.load_workbook(io.BytesIO(exported(desk, prepared)))
    assert book["Lines"].cell(THIRD, PLACES["Activity"]).value == "MOH-2027-PPA-0001"
    assert "Train" in [one.value for row in book["Lists"].iter_rows(max_row=2) for one in row]
    wrong = check(desk, prepared, edited(content, {("Activity", THIRD): "MOH-2027-PPA-0002"}))
    assert (
        "no activity of the work plan of this proposal. Do you mean MOH-2027-PPA-0001?"
        in told(wrong)[cell("Activity", THIRD)]
    )


NASTY = [
    "", " ", "=1/0", "'=x", "#REF!", "NULL", "nan", "-nan", "1e308", "9" * 40, "0." + "0" * 25 + "1", "-0", "0", "TRUE",
    "31/12/2026", "x" * 9_000, "\U0001f642" * 301, "\u0130", "\u0661\u0662", "50 %", "-5", "1e99", "1,250.50", "1,2,3",
    "7", "\u20b1 5", "MOH-P01", "moh-gas", "Immunization", "5020201000", "5-06-04-050-02", "5040101000", "MOOE",
    "region-wide", "1903617000", "City of Marawi", "Upi:", "gaab", "sdf", "Within the ceiling", "99999999999999.9999",
    "999999999999999.99", "0.01", "0.0001", "1" * 19, "\ud83d", "\u200b", "a\u2028b", ",;,", ".", "-", "\u00a05\u00a0",
]  # fmt: skip


def test_no_list_ends_in_a_traceback(engine, desk, prepared, asked):
    """Each wrong cell is named and handed back, or the list goes in and the database agrees to the centavo."""
    plant_more(engine)
    seen = set()
    numbers = [str(line.id) for line in asked]
    good = [str(ROW.get(heading, "")) for heading in HEADINGS]
    cells = st.tuples(st.integers(0, len(HEADINGS) - 1), st.sampled_from([*NASTY, *numbers]))

    @settings(
        max_examples=600 if DRILL else 120, derandomize=not DRILL, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.lists(st.lists(cells, max_size=3), min_size=1, max_size=4), st.booleans())
    def send(rows, header) -> None:
        typed = [list(good) for _ in rows]
        for row, changes in zip(typed, rows, strict=True):
            for place, value in changes:
                row[place] = value
        out = io.StringIO(newline="")
        csv.writer(out, delimiter="\t").writerows([HEADINGS, *typed] if header else typed)
        content = out.getvalue().encode("utf-8", "replace")
        try:
            checked = check(desk, prepared, content, PASTED)
        except UnreadableFile:
            seen.add("refused")
            return
        steps._described(checked, columns.Cells(checked.contents), checked.lines[0])
        if not checked.is_good:
            seen.add("wrong")
            assert len(csv_file.read(checked.handed_back())) == len(typed) + 1
            return
        seen.add("good")
        expected = checked.sums.whole
        steps._outlook(checked)
        with desk.session.begin_nested() as savepoint:
            writing.write(desk.session, desk.actor, prepared.proposal, checked, above=True)
            now = figures.sums_of(desk.session, prepared.proposal).whole
            assert (now.total, now.lines, now.within, now.above) == (
                expected.total, expected.lines, expected.within, expected.above,
            )  # fmt: skip
            savepoint.rollback()

    send()
    assert seen >= {"wrong", "good"}, "too tame to prove much"


def many(count: int) -> bytes:
    """A list of that many new lines, as the worker gets it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Lines"
    sheet.append(HEADINGS)
    for number in range(count):
        row = ROW | {
            "Program": ("MOH-GAS", "MOH-P01")[number % 2], "Description": f"Item {number}", "Quantity": number + 1,
            "Unit cost": 0.37, "Place": ("Region-wide", "City of Marawi")[number % 2], "Justification": JUSTIFICATION,
        }  # fmt: skip
        sheet.append([row.get(heading) for heading in HEADINGS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_two_thousand_lines_go_in_to_the_centavo_in_few_statements(desk, prepared, asked):
    """The number of statements does not grow with the lines, for new ones and for changed ones."""
    sent: dict[int, list[int]] = {}
    for count in (20, 2_000):
        with desk.session.begin_nested() as savepoint:
            read = table.read(many(count), "many.xlsx", columns.LAYOUT)
            rules.begin(desk.session, desk.actor, prepared.proposal, alone=True)
            with counted(desk.session) as statements:
                checked = checking.check(desk.session, prepared.proposal, read)
                assert checked.is_good
                checks = len(statements)
                writing.write(desk.session, desk.actor, prepared.proposal, checked, above=True)
            total = Decimal("1804402.41") + Decimal("0.37") * (count * (count + 1) // 2)
            assert checked.sums.whole.total == total
            assert figures.sums_of(desk.session, prepared.proposal).whole.total == total
            assert figures.sums_of(desk.session, prepared.proposal).whole.lines == count + 3
            changed = checking.check(
                desk.session, prepared.proposal,
                table.read(raised(exported(desk, prepared)), "many.xlsx", columns.LAYOUT),
            )  # fmt: skip
            assert len(changed.of(Fate.CHANGE)) == count
            with counted(desk.session) as again:
                writing.write(desk.session, desk.actor, prepared.proposal, changed, above=True)
            assert figures.sums_of(desk.session, prepared.proposal).whole.total == total + Decimal("0.01") * (
                count * (count + 1) // 2
            )
            sent[count] = [checks, len(statements) - checks, len(again)]
            savepoint.rollback()
    assert sent[20][0] == sent[2_000][0] <= 10, sent
    assert max(sent[2_000][1:]) <= 10, sent


def raised(content: bytes) -> bytes:
    """Every unit cost of 0.37 a centavo higher, and no other rows."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Lines"]
    for row in range(2, sheet.max_row + 1):
        cost, amount = (sheet.cell(row, PLACES[heading]) for heading in ("Unit cost", "Amount"))
        if cost.value == 0.37:
            cost.value, amount.value = 0.38, None
            continue
        for one in sheet[row]:
            one.value = None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
