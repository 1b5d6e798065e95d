"""The paper ledger of Health up to the end of May: what is typed of it, and its workbook filled in."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

from bmms.domain.files.store import Upload
from bmms.domain.imports import table
from bmms.domain.openings import actions, steps
from bmms.domain.openings.sheets import checking, export, writing
from bmms.domain.openings.sheets.columns import POSITION, UNPAID
from bmms.domain.openings.sheets.rows import Checked
from bmms.models.openings import OpeningPosition
from tests import uploads
from tests.execution import MACHINE, PAPER, YEAR, Treasury, key, on, pesos
from tests.planning import Desk

CUT_OVER = on(5, 31)
HEADINGS = {
    layout.sheet: {column.field: place for place, column in enumerate(layout.columns, 1)}
    for layout in (POSITION, UNPAID)
}
Rows = Sequence[Mapping[str, Any]]


def answers(**other: Any) -> dict[str, Any]:
    """What is typed: the totals of `position`."""
    return {
        "fiscal_year": YEAR, "reference": "FAR No. 1 as of May", "cut_over": CUT_OVER, "stated_allotted": pesos("11M"),
        "stated_obligated": pesos("6M"), "stated_disbursed": pesos("4M"), **other,
    }  # fmt: skip


def number_of(office: Treasury, account_id: int) -> str:
    """MOH-2025-001."""
    return f"MOH-{YEAR}-{office.account(account_id).number:03d}"


def position(office: Treasury) -> list[dict[str, Any]]:
    """Of MOOE 6 M allotted, 3 M and 1 M obligated, 1 M and 1 M paid; of CO 5 M, 2 M, 2 M in the second quarter."""
    mooe, co = number_of(office, office.mooe), number_of(office, office.co)
    return [
        {"account": mooe, "quarter": 1, "allotted": 6_000_000},
        {"account": mooe, "object_code": PAPER, "quarter": 1, "obligated": 3_000_000, "disbursed": 1_000_000},
        {"account": mooe, "object_code": PAPER, "quarter": 2, "obligated": 1_000_000, "disbursed": 1_000_000},
        {"account": co, "quarter": 2, "allotted": 5_000_000},
        {"account": co, "object_code": MACHINE, "quarter": 2, "obligated": 2_000_000, "disbursed": 2_000_000},
    ]


def unpaid(office: Treasury) -> list[dict[str, Any]]:
    """2 M of February, of which 1.25 M are paid and 1.5 M due, and 1.25 M of April: 2 M unpaid together."""
    mooe = number_of(office, office.mooe)
    common = {"account": mooe, "object_code": PAPER, "particulars": "Vaccine carriers"}
    return [
        {"ors_no": f"01-{YEAR}-02-0007", "dated": on(2, 10), "payee": "regional medical  supply DEPOT",
         "amount": 2_000_000, "paid": 1_250_000, "due": 1_500_000, **common},
        {"ors_no": f"01-{YEAR}-04-0031", "dated": on(4, 5), "payee": "Maluso Trading", "amount": 1_250_000, **common},
    ]  # fmt: skip


def filled(content: bytes, rows: Rows, below: Rows) -> bytes:
    """The workbook that was handed out, with these rows in its two sheets."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name, given in (("Position", rows), ("Unpaid", below)):
        sheet, places = book[name], HEADINGS[name]
        sheet.delete_rows(2, sheet.max_row)
        for number, row in enumerate(given, 2):
            for field, value in row.items():
                sheet.cell(number, places[field]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def scan() -> Upload:
    """The signed statement."""
    return Upload(io.BytesIO(uploads.PDF), "far1.pdf")


def entered(office: Treasury, **other: Any) -> OpeningPosition:
    """Entered by Rahma; committed."""
    rahma = office.rahma
    row = actions.enter(rahma.session, rahma.actor, answers(**other), scan())
    rahma.session.commit()
    return row


def checked(office: Treasury, opening: OpeningPosition, rows: Rows | None = None, below: Rows | None = None) -> Checked:
    """The workbook with these rows, checked."""
    session = office.rahma.session
    content = filled(
        export.workbook_of(session, opening, "Rahma"), position(office) if rows is None else rows,
        unpaid(office) if below is None else below,
    )  # fmt: skip
    return checking.check(session, opening, table.read(content, "opening.xlsx", POSITION))


def imported(office: Treasury, rows: Rows | None = None, below: Rows | None = None, **other: Any) -> OpeningPosition:
    """Entered and imported by Rahma; committed."""
    rahma, opening = office.rahma, entered(office, **other)
    found = checked(office, opening, rows, below)
    assert found.is_good, [line.problems for line in found.lines if line.problems] or found.refusals
    writing.write(rahma.session, rahma.actor, opening, found)
    rahma.session.commit()
    return opening


def confirm(desk: Desk, opening: OpeningPosition, **other: str) -> None:
    """By whoever sits there; committed."""
    theirs = desk.session.get_one(OpeningPosition, opening.id, populate_existing=True)
    steps.confirm(desk.session, desk.actor, theirs, key=other.get("key") or key())
    desk.session.commit()
