"""The workbook as it is handed out: every account with its quarters to fill in, or what was imported before."""

import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import clock, exports
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.imports.book import OPTIONS, Book, Cell
from bmms.domain.imports.table import Layout
from bmms.domain.openings import queries
from bmms.domain.openings.labels import TOTALS
from bmms.domain.openings.quarters import quarter_of, quarters_until
from bmms.domain.openings.sheets.columns import ABOUT, AMOUNTS, POSITION, UNPAID
from bmms.domain.openings.sheets.contents import Contents
from bmms.domain.organizations.queries import organization_by_id
from bmms.models.obligations import Obligation, ObligationLine
from bmms.models.openings import OpeningLine, OpeningPosition
from bmms.models.payees import Payee

TASK = "export_opening_position"
HINTS = (
    "Fill in the sheets Position and Unpaid, save the file as .xlsx, and upload it. The other sheets are for reading.",
    "Position: one row for each account, object and quarter, with everything up to the cut-over, also what is unpaid.",
    "Allotments may stand in a row without an object; obligations and payments need one. Rows without amounts are "
    "left out.",
    "Unpaid: one row for each obligation that is not paid in full, for each account and object that it charges.",
    "Obligations minus payments of the sheet Position come to what the sheet Unpaid lists, for each account and "
    "object.",
    "Due: what is accepted and demandable, paid or not. Left empty, it is what is paid.",
    "Amounts in PHP. Type values, no formulas.",
)


def name_of(session: Session, opening: OpeningPosition) -> str:
    """`BMMS_Opening-Position_MOH_FY2026_2026-11-24.xlsx` (modules 7.1)."""
    organization = organization_by_id(session, opening.organization_id)
    return f"BMMS_Opening-Position_{organization.code}_FY{opening.fiscal_year}_{clock.today().isoformat()}.xlsx"


def workbook_of(session: Session, opening: OpeningPosition, prepared_by: str) -> bytes:
    """The workbook, in a number of statements that does not grow with its rows."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        book.set_properties({"created": clock.now().replace(tzinfo=None, microsecond=0)})
        _Writer(session, opening, book).write(prepared_by)
    return target.getvalue()


class _Writer(Book):
    def __init__(self, session: Session, opening: OpeningPosition, book: xlsxwriter.Workbook) -> None:
        super().__init__(book)
        self.session, self.opening = session, opening
        self.contents = Contents(session, opening)

    def write(self, prepared_by: str) -> None:
        self._sheet(POSITION, self._position())
        self._sheet(UNPAID, self._unpaid())
        rows: list[list[Cell]] = [
            [one.number, one.title, one.law, one.account.fund_cluster, one.account.appropriated]
            for one in self.contents.accounts.values()
        ]
        heads = [("Account", 18), ("What it is for", 44), ("Law", 20), ("Fund cluster", 13), ("Appropriation", 20)]
        self.table("Accounts", heads, rows, {4: "money"})
        self._about(prepared_by)

    def _sheet(self, layout: Layout, rows: list[list[Cell]]) -> None:
        heads = [(one.heading, one.width) for one in layout.columns]
        kinds = {place: "money" for place, one in enumerate(layout.columns) if one.field in AMOUNTS}
        self.table(layout.sheet, heads, rows, kinds)

    def _position(self) -> list[list[Cell]]:
        """What was imported, and an empty row for each account and quarter of which nothing was."""
        line = OpeningLine
        query = select(line.account_id, line.object_code, line.dated, *(func.sum(getattr(line, one)) for one in TOTALS))
        query = query.where(line.opening_id == self.opening.id).group_by(line.account_id, line.object_code, line.dated)
        said: dict[tuple[int, int], list[tuple[str, list[Decimal]]]] = defaultdict(list)
        for account_id, code, dated, *amounts in self.session.execute(query.order_by(line.object_code.nulls_first())):
            said[account_id, quarter_of(dated)].append((code or "", amounts))
        rows: list[list[Cell]] = []
        for key, one in self.contents.accounts.items():
            for quarter in quarters_until(self.opening.cut_over):
                for code, amounts in said.get((key, quarter), [("", [])]):
                    dashed = self.contents.objects[code].dashed if code else ""
                    told: list[Cell] = [amount if amount else "" for amount in amounts] or ["", "", ""]
                    rows.append([one.number, one.title, dashed, quarter, *told])
        return rows

    def _unpaid(self) -> list[list[Cell]]:
        sums = [func.sum(getattr(OpeningLine, name)) for name in ("obligated", "disbursed", "due")]
        query = (
            select(Obligation, Payee.name, ObligationLine.account_id, ObligationLine.object_code, *sums)
            .join(ObligationLine, ObligationLine.obligation_id == Obligation.id)
            .join(OpeningLine, OpeningLine.line_id == ObligationLine.id)
            .join(Payee, Payee.id == Obligation.payee_id)
            .where(OpeningLine.opening_id == self.opening.id)
            .group_by(Obligation.id, Payee.id, ObligationLine.id)
            .order_by(Obligation.ors_no, ObligationLine.id)
        )
        return [
            [
                row.ors_no, row.dated, payee, self.contents.accounts[account_id].number,
                self.contents.objects[code].dashed, row.particulars, amount, paid or NONE, due or NONE,
            ]
            for row, payee, account_id, code, amount, paid, due in self.session.execute(query)
        ]  # fmt: skip

    def _about(self, prepared_by: str) -> None:
        organization, opening = organization_by_id(self.session, self.opening.organization_id), self.opening
        stated: dict[str, Cell] = {
            f"{label} stated (PHP)": getattr(opening, f"stated_{name}") for name, label in TOTALS.items()
        }
        rows: list[tuple[str, Cell]] = [
            ("Organization", f"{organization.name} ({organization.code})"),
            ("Opening position", opening.reference),
            ("Fiscal year", opening.fiscal_year),
            ("Cut-over", opening.cut_over),
            *stated.items(),
            ("Prepared by", prepared_by),
            ("As of", f"{clock.now().astimezone(clock.MANILA):%Y-%m-%d %H:%M} PHT"),
        ]
        self.about(ABOUT, rows, HINTS, {"Cut-over": "day", **dict.fromkeys(stated, "money")})


def _find(session: Session, actor: Actor, arguments: dict[str, Any]) -> OpeningPosition:
    return queries.get_opening(session, actor, arguments["opening_id"])


exports.declare(TASK, _find)
