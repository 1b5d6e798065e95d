"""Every cell of the workbook, and what its rows come to together: the rules of the ledger before it is posted."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.imports import table, workbook
from bmms.domain.imports.table import Table
from bmms.domain.imports.values import Unreadable
from bmms.domain.openings import queries
from bmms.domain.openings.labels import TOTALS
from bmms.domain.openings.quarters import day_of, quarter_of, quarters_until
from bmms.domain.openings.sheets.columns import NEEDED, UNPAID, Cells
from bmms.domain.openings.sheets.contents import Contents, folded
from bmms.domain.openings.sheets.rows import Checked, Key, Line, Position, Unpaid, pay_in_quarters
from bmms.models.openings import OpeningPosition

SHARED = {"dated": "date", "payee": "payee"}  # what the rows of one obligation say alike
Kind = TypeVar("Kind", bound=Line)


def check(session: Session, opening: OpeningPosition, read: Table) -> Checked:
    """Check both sheets, in a number of statements that does not grow with their rows.

    Raises:
        UnreadableFile: the sheet Unpaid is missing or cannot be read.
    """
    return _Check(session, opening, read).done()


def unpaid_table(content: bytes, file_name: str) -> Table | None:
    """The sheet Unpaid; none where it has no rows. Raises UnreadableFile."""
    if len(workbook.read(content, file_name, UNPAID.choose).rows) < 2:
        return None
    return table.read(content, file_name, UNPAID)


class _Check:
    def __init__(self, session: Session, opening: OpeningPosition, read: Table) -> None:
        self.session, self.opening, self.table = session, opening, read
        self.contents = Contents(session, opening)
        self.cells = Cells(self.contents.accounts, self.contents.objects, opening.cut_over)
        self.position: list[Position] = []
        self.unpaid: list[Unpaid] = []

    def done(self) -> Checked:
        below = unpaid_table(self.table.content, self.table.file_name)
        self.position = [row for row in self._rows(Position, self.table) if not _says_nothing(row)]
        self.unpaid = self._rows(Unpaid, below) if below else []
        taken: dict[tuple[int, str | None, int], int] = {}
        for row in self.position:
            self._check_position(row, taken)
        for one in self.unpaid:
            self._check_unpaid(one)
        self._check_documents()
        lines: list[Line] = [*self.position, *self.unpaid]
        if not any(line.problems for line in lines):
            self._check_sums()
        warnings = [*self.table.warnings, *(below.warnings if below else ())]
        found = Checked(self.table, lines, warnings, self.contents, below, refusals=[])
        found.refusals += self._refusals()
        return found

    def _rows(self, kind: type[Kind], read: Table) -> list[Kind]:
        rows = []
        for row in read.rows:
            line = kind(row, read)
            shown = {column.field for column in read.layout.columns if column.is_shown}
            for name, text in row.texts.items():
                if name in shown:
                    continue
                if name in row.formulas:
                    line.blame(name, f"Cell {row.formulas[name]} holds a formula; type the value itself.")
                    continue
                try:
                    line.values[name] = self.cells.read(name, text)
                except Unreadable as problem:
                    line.blame(name, str(problem))
            rows.append(line)
        return rows

    def _require(self, line: Line, *names: str) -> bool:
        """Blame what is missing; is all of it there and readable?"""
        for name in names:
            if line.values.get(name) is None:
                line.blame(name, NEEDED[name])
        return not any(name in line.problems for name in names)

    def _check_class(self, line: Line) -> None:
        account_id, code = line.key
        account = self.contents.accounts[account_id].account
        if code is not None and self.contents.objects[code].expense_class != account.expense_class:
            its_class = self.contents.objects[code].expense_class
            line.blame("object_code", f"This is an object of {its_class}, the account is of {account.expense_class}.")

    def _check_position(self, row: Position, taken: dict[tuple[int, str | None, int], int]) -> None:
        sound = self._require(row, "account", "quarter")
        if (row.amount("obligated") or row.amount("disbursed")) and "object_code" not in row.problems:
            sound = self._require(row, "object_code") and sound
        if not sound or "object_code" in row.problems:
            return
        self._check_class(row)
        earlier = taken.setdefault((*row.key, row.quarter), row.row.number)
        if earlier != row.row.number:
            row.blame("quarter", f"Row {earlier} says this account, object and quarter already. Add the two up.")

    def _check_unpaid(self, one: Unpaid) -> None:
        self._require(one, "ors_no", "dated", "payee", "particulars", "amount")
        if self._require(one, "account", "object_code"):
            self._check_class(one)
        if len(self.contents.payees.get(folded(one.values.get("payee") or ""), ())) > 1:
            one.blame("payee", "Two payees of the register are called so. Tell their names apart there first.")
        dated: date | None = one.values.get("dated")
        if dated is not None:
            one.quarter = quarter_of(dated)
            if dated.year != self.opening.fiscal_year or dated > self.opening.cut_over:
                one.blame(
                    "dated",
                    f"Obligations of this position are dated from 1 January {self.opening.fiscal_year} to the "
                    f"cut-over of {self.opening.cut_over:%d %B %Y}.",
                )
        self._check_amounts(one)

    @staticmethod
    def _check_amounts(one: Unpaid) -> None:
        if not one.problems.keys().isdisjoint({"amount", "paid", "due"}):
            return
        amount, paid, due = one.amount("amount"), one.amount("paid"), one.values.get("due")
        if amount <= 0:
            one.blame("amount", "The amount of an obligation is above zero.")
        elif paid < 0:
            one.blame("paid", "What is paid is zero or more.")
        elif paid >= amount:
            one.blame("paid", "It is paid in full. Leave this row out: the sheet Position holds it already.")
        elif due is not None and not paid <= due <= amount:
            one.blame("due", f"What is due lies between what is paid, ₱ {paid:,.2f}, and the amount, ₱ {amount:,.2f}.")

    def _check_documents(self) -> None:
        """Rows of one obligation agree; its number is not in use, and belongs to one fund cluster."""
        first: dict[str, Unpaid] = {}
        parts: set[tuple[str, int, str | None]] = set()
        for one in self.unpaid:
            number = one.values.get("ors_no")
            if number is None or "account" not in one.values or one.values["account"] is None:
                continue
            cluster = self._cluster(one)
            if (cluster, number) in self.contents.numbers:
                one.blame("ors_no", f"There is an obligation {number} in BMMS already.")
            before = first.setdefault(number, one)
            if (part := (number, *one.key)) in parts:
                one.blame("object_code", "This obligation has a row of this account and object already. Add them up.")
            parts.add(part)
            if before is one:
                continue
            for name, word in SHARED.items():
                if one.values.get(name) != before.values.get(name):
                    one.blame(name, f"Row {before.row.number} gives {number} another {word}. Rows of one agree.")
            if self._cluster(before) != cluster:
                one.blame("account", f"Row {before.row.number} gives {number} an account of another fund cluster.")

    def _cluster(self, one: Unpaid) -> str:
        return self.contents.accounts[one.values["account"]].account.fund_cluster

    # What the rows come to together; only of rows in which nothing is wrong.

    def _check_sums(self) -> None:
        by_key: dict[Key, list[Position]] = defaultdict(list)
        by_account: dict[int, list[Position]] = defaultdict(list)
        for row in self.position:
            by_key[row.key].append(row)
            by_account[row.key[0]].append(row)
        for account_id, rows in by_account.items():
            self._check_days(account_id, rows)
        for (account_id, code), rows in by_key.items():
            self._check_object(account_id, code, rows)
        self._check_unpaid_sums(by_key)
        for one in pay_in_quarters(self.position, self.unpaid):
            one.blame(
                "paid",
                f"The sheet Position has too little paid for this account and object in quarter {one.quarter} and "
                "after. Correct the one or the other, or the date.",
            )

    def _check_days(self, account_id: int, rows: Sequence[Position]) -> None:
        """E-1 to E-4 at the end of each quarter."""
        name, sums = self.contents.accounts[account_id].name, dict.fromkeys(TOTALS, NONE)
        for quarter in quarters_until(self.opening.cut_over):
            mine = [row for row in rows if row.quarter == quarter]
            for row in mine:
                for total in TOTALS:
                    sums[total] += row.amount(total)
            day = day_of(quarter, self.opening.cut_over)
            most = self.contents.appropriated_on(account_id, day)
            before, label = most, "the appropriation"
            for total, told in TOTALS.items():
                if not 0 <= sums[total] <= before:
                    wrong = mine[-1] if mine else rows[-1]
                    wrong.blame(
                        total,
                        f"{name}: up to {day:%d %B %Y} {told.lower()} come to ₱ {sums[total]:,.2f}; they are between "
                        f"zero and {label}, ₱ {before:,.2f}.",
                    )
                    break
                before, label = sums[total], told.lower()

    def _check_object(self, account_id: int, code: str | None, rows: Sequence[Position]) -> None:
        """E-4 and, where it is controlled, E-6 of an object up to the cut-over."""
        sums = {name: sum((row.amount(name) for row in rows), NONE) for name in TOTALS}
        if sums["disbursed"] > sums["obligated"] or min(sums["disbursed"], sums["obligated"]) < 0:
            rows[-1].blame(
                "disbursed",
                f"In this object payments come to ₱ {sums['disbursed']:,.2f} and obligations to "
                f"₱ {sums['obligated']:,.2f}; payments are between zero and these.",
            )
        if code is None:
            return
        account = self.contents.accounts[account_id].account
        if (account.by_object or self.contents.objects[code].is_controlled) and sums["obligated"] > sums["allotted"]:
            rows[-1].blame(
                "allotted",
                f"This object is controlled (E-6): obligations come to ₱ {sums['obligated']:,.2f}, its own allotment "
                f"to ₱ {sums['allotted']:,.2f}. Type the allotment in rows that name the object.",
            )

    def _check_unpaid_sums(self, by_key: dict[Key, list[Position]]) -> None:
        """What is obligated and not paid is what the unpaid obligations come to, account by account and object."""
        listed: dict[Key, list[Unpaid]] = defaultdict(list)
        for one in self.unpaid:
            listed[one.key].append(one)
        for key in {*by_key, *listed}:
            rows, ones = by_key.get(key, []), listed.get(key, [])
            left = _sum(rows, "obligated") - _sum(rows, "disbursed")
            unpaid = _sum(ones, "amount") - _sum(ones, "paid")
            where: Line = ones[-1] if ones else rows[-1]
            if left != unpaid:
                where.blame(
                    "amount" if ones else "obligated",
                    f"In this account and object the sheet Position leaves ₱ {left:,.2f} unpaid, the sheet Unpaid "
                    f"lists ₱ {unpaid:,.2f}; the difference is ₱ {left - unpaid:,.2f}. List every unpaid obligation: "
                    "what is not listed could never be paid.",
                )
            elif _sum(ones, "amount") > _sum(rows, "obligated"):
                where.blame(
                    "amount", f"The sheet Position has only ₱ {_sum(rows, 'obligated'):,.2f} of obligations here."
                )

    def _refusals(self) -> list[str]:
        ids = {row.values["account"] for row in [*self.position, *self.unpaid] if row.values.get("account")}
        if not ids:
            return [] if self.position else ["The sheet Position has no amounts. Fill it in and upload it again."]
        quarters = [row.quarter for row in self.position if row.values.get("quarter")]
        first = day_of(min(quarters, default=1), self.opening.cut_over)
        return queries.in_the_way(self.session, self.opening, ids, first)


def _says_nothing(row: Position) -> bool:
    """A row of the template that was left as it came."""
    return not row.problems and not any(row.amount(name) for name in TOTALS)


def _sum(rows: Sequence[Line], name: str) -> Decimal:
    return sum((row.amount(name) for row in rows), NONE)
