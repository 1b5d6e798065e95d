"""The lines of a proposal as a workbook: to be edited and imported again, and what can be chosen beside them."""

import io
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from bmms.domain import clock, exports
from bmms.domain.actors import Actor
from bmms.domain.imports.book import LISTS, OPTIONS, ROOM, Book, Cell, chosen, side_by_side
from bmms.domain.imports.table import Column
from bmms.domain.organizations.queries import organization_by_id
from bmms.domain.proposals import entries, labels, proving, queries
from bmms.domain.proposals.sheets import columns
from bmms.domain.proposals.sheets.columns import BY_FIELD, COLUMNS, Cells
from bmms.domain.proposals.sheets.contents import Contents
from bmms.models.proposals import BudgetLine, BudgetProposal

TASK = "export_proposal_lines"
TOTAL = "Total (PHP)"  # of the sheet Lines, row by row
STATED, DIFFERENCE = "Total in BMMS (PHP)", "Difference (PHP)"  # the proof of the sum
DEMO = "DEMO DATA - DELETE AFTER TRAINING"
PLAIN = ("quantity", "gad_percent")  # the other figures are amounts
FROZEN = 5  # columns that stay while one moves to the right
HINTS = (
    "Edit the sheet Lines, save it as .xlsx, and upload it under Import lines. The other sheets are for reading.",
    "A row without a line number becomes a new line; a row with one changes that line. Lines not listed stay.",
    "Of a line with a number, an empty cell empties the answer. A column that you remove stays as it is.",
    "Amounts in PHP. The amount is quantity × unit cost: leave it empty, or let it agree to the centavo.",
    "Four empty quarters spread the amount evenly; otherwise they come to the amount exactly.",
    "Type values, no formulas.",
)


def name_of(session: Session, proposal: BudgetProposal) -> str:
    """`BMMS_Proposal-Lines_MOH_FY2027_2026-11-24.xlsx` (modules 7.1)."""
    organization = organization_by_id(session, proposal.organization_id)
    return f"BMMS_Proposal-Lines_{organization.code}_FY{proposal.fiscal_year}_{clock.today().isoformat()}.xlsx"


def workbook_of(session: Session, proposal: BudgetProposal, prepared_by: str) -> bytes:
    """The lines as they stand, in a number of statements that does not grow with them."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        book.set_properties({"created": clock.now().replace(tzinfo=None, microsecond=0)})
        _Writer(session, proposal, book).write(prepared_by)
    return target.getvalue()


class _Writer(Book):
    def __init__(self, session: Session, proposal: BudgetProposal, book: xlsxwriter.Workbook) -> None:
        super().__init__(book)
        self.session, self.proposal = session, proposal
        self.contents = Contents(session, proposal)
        self.cells = Cells(self.contents)

    def write(self, prepared_by: str) -> None:
        choices = columns.lists(self.contents)
        self._lines(choices)
        self._lists(choices)
        self._proposal(prepared_by)

    def _lines(self, choices: dict[str, list[Cell]]) -> None:
        rows = [[self._line_cell(column, line) for column in COLUMNS] for line in self.contents.lines]
        kinds = {place: _kind_of(column) for place, column in enumerate(COLUMNS)}
        sheet = self.table(columns.SHEET, [(one.heading, one.width) for one in COLUMNS], rows, kinds)
        last = max(len(rows), 1) + ROOM
        for place, column in enumerate(COLUMNS):
            if choices.get(column.field) and column.field != "place_psgc":
                sheet.data_validation(1, place, last, place, chosen(column.field, choices))
        sheet.freeze_panes(1, FROZEN)
        sheet.set_column(len(COLUMNS) - 1, len(COLUMNS) - 1, 10, None, {"hidden": True})

    def _line_cell(self, column: Column, line: BudgetLine) -> Cell:
        own: dict[str, Any] = {
            "id": line.id, "expense_class": line.expense_class.value, "amount": line.amount,
            "program": self.contents.programs[line.proposal_program_id].program.code,
        }  # fmt: skip
        if column.field in own:
            return own[column.field]
        now = self.contents.standing(line)
        if column.field == "seen":
            return columns.SEEN.write(str(line.id), now)
        return self.cells.write(column.field, now[column.field])

    def _lists(self, choices: dict[str, list[Cell]]) -> None:
        """Columns of choices first, as `chosen` counts them; then the objects of the year, and what codes stand for."""
        valid = entries.Known(self.session, self.proposal).object_codes()
        objects = [one for code, one in self.contents.objects.items() if code in valid]
        more: list[tuple[str, int, list[Cell]]] = [
            ("Object code", 17, [one.dashed for one in objects]),
            ("Object of expenditure", 50, [one.title for one in objects]),
            ("Class", 8, [one.expense_class.value for one in objects]),
            ("Title of the program", 50, [one.program.title for one in self.contents.programs.values()]),
            ("Title of the activity", 50, [item.title for item in self.contents.work_items.values()]),
        ]
        heads = [(BY_FIELD[field].heading, 26) for field in choices] + [(head, width) for head, width, _ in more]
        self.table(LISTS, heads, side_by_side([*choices.values(), *(each for _, _, each in more)]), {})

    def _proposal(self, prepared_by: str) -> None:
        organization, proposal = organization_by_id(self.session, self.proposal.organization_id), self.proposal
        proof = proving.of_sheet(proving.stated_of(self.session, proposal), self.contents.lines)
        rows: list[tuple[str, Cell]] = [
            ("Organization", f"{organization.name} ({organization.code})"),
            ("Proposal", proposal.title),
            ("Fiscal year", proposal.fiscal_year),
            ("Status", labels.PROPOSAL_STATUS[proposal.status][0]),
            ("Lines", proof.rows),
            (TOTAL, proof.total),
            (STATED, proof.source_total),
            (DIFFERENCE, proof.difference),
            ("Prepared by", prepared_by),
            ("As of", f"{clock.now().astimezone(clock.MANILA):%Y-%m-%d %H:%M} PHT"),
            *([("Demo", DEMO)] if proposal.is_demo else []),
        ]
        self.about(columns.ABOUT, rows, HINTS, dict.fromkeys((TOTAL, STATED, DIFFERENCE), "money"))


def _kind_of(column: Column) -> str:
    return "money" if column.field in columns.FIGURES and column.field not in PLAIN else ""


def _find(session: Session, actor: Actor, arguments: dict[str, Any]) -> BudgetProposal:
    return queries.get_proposal(session, actor, arguments["proposal_id"])


exports.declare(TASK, _find)
