"""Every cell of a list of requests, by the rules of the form, and what its requests take together."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.imports.table import Row as Raw
from bmms.domain.imports.table import Table
from bmms.domain.imports.values import Unreadable
from bmms.domain.obligations import headroom, rules
from bmms.domain.obligations.choices import Choices
from bmms.domain.obligations.rules import Line
from bmms.domain.obligations.sheets.columns import LAYOUT, NEEDED, SHARED, Cells
from bmms.domain.obligations.sheets.contents import Contents, folded, likeness_of
from bmms.domain.obligations.sheets.rows import Checked, Request, Row
from bmms.models.obligations import Obligation, RequestBatch

OF_DOCUMENT = ("dated", "payee_id", "office", "kind", "particulars")
OF_LINE = ("account", "object", "amount")


def check(session: Session, batch: RequestBatch, read: Table) -> Checked:
    """Check every row, in a number of statements that grows with the days that the list names, not with its rows."""
    return _Check(session, batch, read).done()


class _Check:
    def __init__(self, session: Session, batch: RequestBatch, read: Table) -> None:
        self.session, self.batch, self.table = session, batch, read
        self.contents = Contents(session, batch)
        self.cells = Cells(self.contents)
        self.odd: dict[int, str] = {}
        self.told: list[str] = []

    def done(self) -> Checked:
        rows = [self._row(one) for one in self.table.rows]
        requests = self._requests(rows)
        for one in requests:
            self._agree(one)
            self._require(one)
            self._document(one)
        known = rules.look_up(self.session, [(one.document, one.lines) for one in requests if one.document])
        for one in requests:
            if one.document is not None:
                self._blame(one, rules.wrong_of(one.document, one.lines, known))
        if not any(row.problems for row in rows):
            self._doubles(requests)
            self._room(rows)
        return Checked(
            self.table, rows, [*self.table.warnings, *self.told], self.contents, requests=requests, odd=self.odd
        )

    def _row(self, raw: Raw) -> Row:
        row = Row(raw)
        for name, text in raw.texts.items():
            if name in raw.formulas:
                row.blame(name, f"Cell {raw.formulas[name]} holds a formula; type the value itself.")
                continue
            try:
                row.values[name] = self.cells.read(name, text)
            except Unreadable as problem:
                row.blame(name, str(problem))
        return row

    def _requests(self, rows: list[Row]) -> list[Request]:
        """Rows with the same name are one request, wherever they stand; a row without a name is one of its own."""
        found: dict[str, Request] = {}
        for row in rows:
            name = row.values.get("request") or ""
            key = folded(name) if name else f"\n{row.row.number}"
            found.setdefault(key, Request(name, [])).rows.append(row)
        return list(found.values())

    @staticmethod
    def _agree(request: Request) -> None:
        """What the first row says of the request the others may leave out; what they say is the same."""
        first, *others = request.rows
        for row in others:
            for name in SHARED:
                own, before = row.values.get(name), first.values.get(name)
                if own is None or name in first.problems:
                    continue
                if own != before:
                    row.blame(
                        name,
                        f"Row {first.row.number} gives request {request.name} another "
                        f"{LAYOUT.by_field[name].heading.lower()}. Leave this cell empty, or give the row to another "
                        "request.",
                    )

    @staticmethod
    def _require(request: Request) -> None:
        for name in OF_DOCUMENT:
            if request.rows[0].values.get(name) is None:
                request.rows[0].blame(name, NEEDED[name])
        for row in request.rows:
            for name in OF_LINE:
                if row.values.get(name) is None:
                    row.blame(name, NEEDED[name])

    def _document(self, request: Request) -> None:
        """What the rules of the form are asked about; sound values stand for what could not be read."""
        first = request.rows[0].values
        dated = first.get("dated")
        if dated is None:
            return
        if dated.year != self.batch.fiscal_year:
            request.rows[0].blame(
                "dated",
                f"This list is of {self.batch.fiscal_year}. Import requests of {dated.year} in a list of theirs.",
            )
        account = next((row.values["account"] for row in request.rows if row.values.get("account")), None)
        shown = self.contents.accounts[account].account if account else None
        amounts = [row.values["amount"] for row in request.rows if row.values.get("amount")]
        request.document = Obligation(
            fiscal_year=self.batch.fiscal_year, fund_cluster=shown.fund_cluster if shown else "01", dated=dated,
            payee_id=first.get("payee_id"), office=first.get("office") or "", kind=first.get("kind"),
            reference=first.get("reference") or "", particulars=first.get("particulars") or "",
            expected_on=first.get("expected_on"), total=sum(amounts, NONE), is_demo=shown.is_demo if shown else False,
            batch_id=self.batch.id,
        )  # fmt: skip

    @staticmethod
    def _blame(request: Request, wrong: dict[str, str]) -> None:
        """Faults of the form at the cells that they are about: amount_17 is in row 17. The first word stands."""
        by_number = {row.row.number: row for row in request.rows}
        for field, message in wrong.items():
            name, _, number = field.rpartition("_")
            row = by_number.get(int(number)) if number.isdecimal() else None
            if field == "account_1" and row is None:  # too many lines
                request.rows[rules.MOST_LINES].blame("request", message)
            elif row is not None:
                row.blame(name, message)
            else:
                request.rows[0].blame(field, message)

    # What needs a consent; only of a list in which nothing is wrong.

    def _doubles(self, requests: list[Request]) -> None:
        here: dict[tuple[str, int, Decimal], int] = {}
        for one in requests:
            assert one.document is not None
            likeness, number = likeness_of(one.document), one.rows[0].row.number
            there, earlier = self.contents.standing.get(likeness), here.setdefault(likeness, number)
            if there is not None:
                self._remark(number, f"{there.title} has the same reference, payee and amount")
            elif earlier != number:
                self._remark(number, f"row {earlier} has the same reference, payee and amount")

    def _room(self, rows: list[Row]) -> None:
        """What each row finds in its account, and in its controlled object, after the rows above it."""
        by_day: dict[date, list[Line]] = defaultdict(list)
        day_of: dict[int, date] = {}
        for request in self._requests(rows):
            for row in request.rows:
                day_of[row.row.number] = request.rows[0].values["dated"]
                by_day[day_of[row.row.number]].append(row.line)
        choices = Choices(self.session, self.batch.fiscal_year)
        left = {
            (day, room.account.id, room.object_code): (room.available, room.name)
            for day, lines in by_day.items()
            for room in headroom.rooms_of(self.session, lines, day, choices)
        }
        taken: dict[tuple[int | None, str], Decimal] = defaultdict(lambda: NONE)
        for row in rows:
            line, day = row.line, day_of[row.row.number]
            for code in ("", line.object_code or ""):
                taken[line.account_id, code] += line.amount or NONE
                found = left.get((day, line.account_id or 0, code))
                if found is None:
                    continue
                available, name = found
                if (short := taken[line.account_id, code] - available) > 0:
                    self._remark(
                        row.row.number,
                        f"{name} has ₱ {max(available, NONE):,.2f}, and the list takes ₱ {short:,.2f} more up to this "
                        "row: it cannot be certified",
                    )

    def _remark(self, number: int, what: str) -> None:
        if number not in self.odd:
            self.told.append(f"Row {number}: {what}.")
        self.odd.setdefault(number, what)
