"""The workbook in which requests are logged: an empty list, with the accounts, objects and payees of the year."""

import io
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from bmms.domain import clock, exports
from bmms.domain.actors import Actor
from bmms.domain.imports.book import OPTIONS, ROOM, Book, Cell
from bmms.domain.obligations import batches
from bmms.domain.obligations.labels import TYPE
from bmms.domain.obligations.sheets.columns import ABOUT, ACCOUNTS, COLUMNS, LAYOUT, OBJECTS, PAYEES
from bmms.domain.obligations.sheets.contents import Contents
from bmms.domain.organizations.queries import organization_by_id
from bmms.models.obligations import RequestBatch

TASK = "export_requests"
HINTS = (
    "Fill in the sheet Requests, save the file as .xlsx, and upload it. The other sheets are for reading.",
    "One row for each line of a request. Rows with the same word in the column Request form one request; a row "
    "without one is a request of its own.",
    "What all rows of a request share (reference, date, payee, office, particulars) may stand in its first row only.",
    "Payee: the name or the number on the sheet Payees. Who is not there is entered in the register first.",
    f"Rests on: {', '.join(TYPE.values())}.",
    "Amounts in PHP. Type values, no formulas.",
    "The import makes drafts. Somebody requests them (Box A), somebody else certifies them (Box B).",
)


def name_of(session: Session, batch: RequestBatch) -> str:
    """`BMMS_Requests_MOH_FY2026_2026-11-24.xlsx` (modules 7.1)."""
    organization = organization_by_id(session, batch.organization_id)
    return f"BMMS_Requests_{organization.code}_FY{batch.fiscal_year}_{clock.today().isoformat()}.xlsx"


def workbook_of(session: Session, batch: RequestBatch, prepared_by: str) -> bytes:
    """The workbook, in a number of statements that does not grow with its rows."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        book.set_properties({"created": clock.now().replace(tzinfo=None, microsecond=0)})
        _Writer(session, batch, book).write(prepared_by)
    return target.getvalue()


class _Writer(Book):
    def __init__(self, session: Session, batch: RequestBatch, book: xlsxwriter.Workbook) -> None:
        super().__init__(book)
        self.session, self.batch, self.contents = session, batch, Contents(session, batch)

    def write(self, prepared_by: str) -> None:
        contents, year = self.contents, self.batch.fiscal_year
        sheet = self.table(LAYOUT.sheet, [(one.heading, one.width) for one in COLUMNS], [], {})
        kinds = [one.field for one in COLUMNS].index("kind")
        sheet.data_validation(
            1, kinds, ROOM, kinds, {"validate": "list", "source": list(TYPE.values()), "error_type": "warning"}
        )
        accounts: list[list[Cell]] = [
            [one.number, one.title, one.law, one.account.fund_cluster, one.account.obligate_until, one.account.headroom]
            for one in contents.accounts.values()
        ]
        heads = [("Account", 18), ("What it is for", 44), ("Law", 20), ("Fund cluster", 13), ("Until", 13)]
        self.table(ACCOUNTS, [*heads, ("Left of its allotment", 20)], accounts, {4: "day", 5: "money"})
        objects: list[list[Cell]] = [
            [one.dashed, one.title, one.expense_class.value]
            for one in contents.objects.values()
            if one.is_valid_in(year)
        ]
        self.table(OBJECTS, [("Object code", 17), ("Object of expenditure", 50), ("Class", 8)], objects, {})
        payees: list[list[Cell]] = [[key, one.name] for key, one in contents.payees.items()]
        self.table(PAYEES, [("Number", 10), ("Payee", 50)], payees, {})
        self._about(prepared_by)

    def _about(self, prepared_by: str) -> None:
        organization = organization_by_id(self.session, self.batch.organization_id)
        rows: list[tuple[str, Cell]] = [
            ("Organization", f"{organization.name} ({organization.code})"),
            ("List", batches.title_of(self.batch)),
            ("Fiscal year", self.batch.fiscal_year),
            ("Prepared by", prepared_by),
            ("As of", f"{clock.now().astimezone(clock.MANILA):%Y-%m-%d %H:%M} PHT"),
        ]
        self.about(ABOUT, rows, HINTS, {})


def _find(session: Session, actor: Actor, arguments: dict[str, Any]) -> RequestBatch:
    return batches.get_batch(session, actor, arguments["batch_id"])


exports.declare(TASK, _find)
