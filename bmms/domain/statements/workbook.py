"""A statement as a workbook: real numbers and days; sums and rates are formulas that carry the server's figures.

Or as CSV: the same table alone, in plain values.
"""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from bmms.domain import clock, exports
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.files import kinds
from bmms.domain.imports import csv_file
from bmms.domain.imports.book import OPTIONS, Book, Cell
from bmms.domain.organizations.queries import organization_by_id
from bmms.domain.statements import papers, shape
from bmms.domain.statements.catalogue import statement_at
from bmms.domain.statements.shape import Column, Look, Report, Row
from bmms.domain.statements.statement import Statement

TASK = "export_statement"
FORM = "form"  # the argument that says which file a job makes; without it, a workbook
FORMS = {"xlsx": kinds.XLSX, "csv": kinds.CSV}
ABOUT = "About"
MOST_ROWS = 100_000  # of one sheet (modules 7.1)
NO_WHOLE = "—"
KINDS = {Look.MONEY: "money", Look.SHARE: "share", Look.DAY: "day", Look.COUNT: "count"}
WIDTHS = {Look.TEXT: 16, Look.MONEY: 17, Look.SHARE: 12, Look.DAY: 12, Look.COUNT: 10}
HINTS = ("System-generated; the signed copy prevails.",)


def asked_of(arguments: dict[str, Any]) -> Statement:
    """The question that a job answers. Raises NotFound."""
    return statement_at(arguments["kind"]).of(arguments["asked"])


def form_of(arguments: dict[str, Any]) -> str:
    """Which of FORMS a job makes."""
    return str(arguments.get(FORM, "xlsx"))


def name_of(session: Session, organization_id: int, asked: Statement, form: str = "xlsx") -> str:
    """`BMMS_Far-1_MOH_FY2026_2026-09-30.xlsx` (modules 7.1); the day is the one asked for."""
    code = organization_by_id(session, organization_id).code
    return f"BMMS_{asked.kind.title()}_{code}_FY{asked.fiscal_year}_{asked.as_of.isoformat()}.{form}"


def csv_of(session: Session, asked: Statement) -> bytes:
    """All rows of a statement and its total as CSV: pesos as `1250.00`, shares as `0.7180`, days as `2026-09-30`.

    Raises:
        RuleBroken: it has more rows than a file takes.
    """
    report = _read(session, asked)
    every = [*report.rows, *([report.total] if report.total else [])]
    rows = [[shape.plain(row.cells.get(column.key)) for column in report.columns] for row in every]
    return csv_file.written([[_heading(column) for column in report.columns], *rows])


def workbook_of(session: Session, organization_id: int, asked: Statement, prepared_by: str) -> bytes:
    """All rows of a statement, each of its parts on a sheet of its own.

    Raises:
        RuleBroken: a sheet has more than one takes.
    """
    sheets = [(name, part == asked, _read(session, part)) for name, part in asked.parts(session)]
    report = next(found for _, is_asked, found in sheets if is_asked)
    organization = organization_by_id(session, organization_id)
    rows: list[tuple[str, Cell]] = [
        ("Organization", f"{organization.name} ({organization.code})"),
        ("Statement", asked.title),
        *asked.in_words(session),
        ("Rows", report.count),
        ("Report", papers.mark_of(session, organization_id, asked, report)),
        ("Prepared by", prepared_by),
        ("Made", f"{clock.now().astimezone(clock.MANILA):%Y-%m-%d %H:%M} PHT"),
    ]
    if report.proof:
        rows += [
            ("Total (PHP)", report.proof.total),
            ("In the ledger (PHP)", report.proof.source_total),
            ("Difference (PHP)", report.proof.difference),
        ]
    if len(sheets) > 1:
        rows += [(f"Rows in “{name}”", found.count) for name, _, found in sheets]
    if report.is_demo:
        rows.append(("Demo", "Contains demo figures"))
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        book.set_properties({"created": clock.now().replace(tzinfo=None, microsecond=0)})
        writer = _Writer(book)
        for name, _, found in sheets:
            writer.statement(name, found)
        money = [label for label, _ in rows if label.endswith("(PHP)")]
        notes = dict.fromkeys(note for _, _, found in sheets for note in found.notes)
        writer.about(ABOUT, rows, [*notes, *HINTS], dict.fromkeys(money, "money"))
    return target.getvalue()


def _read(session: Session, asked: Statement) -> Report:
    report = asked.read(session)
    if report.count > MOST_ROWS:
        raise RuleBroken(f"This statement has {report.count:,} rows; a file takes {MOST_ROWS:,}. Ask for less.")
    return report


class _Writer(Book):
    def statement(self, name: str, report: Report) -> None:
        """The table; below it the total. The row n of the report stands in row n + 2 of the sheet."""
        columns = report.columns
        heads = [(_heading(column), WIDTHS[column.look] if place else 50) for place, column in enumerate(columns)]
        every = [*report.rows, *([report.total] if report.total else [])]
        kinds = {place: KINDS.get(column.look, "") for place, column in enumerate(columns)}
        values = [[_value(column, row) for column in columns] for row in every]
        sheet = self.table(name, heads, values, kinds)
        sheet.freeze_panes(1, 1)
        letters = {column.key: xl_col_to_name(place) for place, column in enumerate(columns)}
        ends = _ends(report.rows)
        for number, row in enumerate(every, 1):
            is_total = row is report.total
            for place, column in enumerate(columns):
                letter = letters[column.key]
                below = f"{letter}2:{letter}{len(report.rows) + 1}" if is_total else ""
                if row.is_sum and not is_total:
                    below = f"{letter}{number + 2}:{letter}{ends[number - 1] + 1}"
                if formula := _formula(column, letters, number + 1, below):
                    self._write_formula(sheet, number, place, column, formula, row)
            if row.level:
                indented = self.book.add_format({"valign": "top", "indent": row.level})
                sheet.write_string(number, 0, str(values[number - 1][0]), indented)

    def _write_formula(self, sheet: Worksheet, number: int, place: int, column: Column, formula: str, row: Row) -> None:
        value = row.cells[column.key]
        form = self.formats[KINDS[column.look]]
        sheet.write_formula(number, place, formula, form, NO_WHOLE if value is None else value)  # type: ignore[arg-type]


def _heading(column: Column) -> str:
    words = f"{column.group}: {column.heading}" if column.group else column.heading
    number = f" [{column.number}]" if column.number else ""
    return f"{words}{number}{' (PHP)' if column.look == Look.MONEY else ''}"


def _value(column: Column, row: Row) -> Cell:
    value = row.cells.get(column.key)
    if value is None:
        return NO_WHOLE if column.look == Look.SHARE else ""
    return value


def _ends(rows: Sequence[Row]) -> list[int]:
    """For each row, how many rows there are up to the end of what stands deeper below it."""
    ends, open_rows = [0] * len(rows), list[int]()
    for at, row in enumerate(rows):
        while open_rows and rows[open_rows[-1]].level >= row.level:
            ends[open_rows.pop()] = at
        open_rows.append(at)
    for at in open_rows:
        ends[at] = len(rows)
    return ends


def _formula(column: Column, letters: dict[str, str], line: int, below: str) -> str:
    """What a cell is worked out from; nothing for what is entered as it is."""
    if column.over:
        part, whole = (f"{letters[key]}{line}" for key in column.over)
        return f'=IF({whole}=0,"{NO_WHOLE}",ROUND({part}/{whole},4))'
    if column.terms:
        signs = "".join(f"{'+' if sign > 0 else '-'}{letters[key]}{line}" for sign, key in column.terms)
        return f"={signs.removeprefix('+')}"
    if below and column.look == Look.MONEY and column.adds:
        return f"=SUBTOTAL(9,{below})"
    return ""


def _find(session: Session, actor: Actor, arguments: dict[str, Any]) -> object:
    asked = asked_of(arguments)
    if not asked.is_open_to(actor):
        raise NotFound("There is no such statement.")
    return asked


exports.declare(TASK, _find)
