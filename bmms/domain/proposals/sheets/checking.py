"""What an import would do to each line: the rules of the form, and what only a sheet can get wrong."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain import merging
from bmms.domain.imports.table import Row, Table
from bmms.domain.imports.values import Unreadable, clean, plain_figure_of, some
from bmms.domain.money import MOST
from bmms.domain.proposals.line_rules import LEAST_OF_CAPITAL
from bmms.domain.proposals.lines import QUARTERS, amount_of, evenly, problems_of, quarter_problem
from bmms.domain.proposals.sheets.columns import NEEDED, NOTHING, SEEN, Cells, as_text, line_number
from bmms.domain.proposals.sheets.contents import ANSWERS, Contents
from bmms.domain.proposals.sheets.lines import Checked, Line
from bmms.models.proposals import BudgetProposal

ONE_PERCENT = Decimal(1)


def check(session: Session, proposal: BudgetProposal, table: Table) -> Checked:
    """Check every row against the proposal, in a number of statements that does not grow with them."""
    return _Check(session, proposal, table).done()


class _Check:
    def __init__(self, session: Session, proposal: BudgetProposal, table: Table) -> None:
        self.proposal, self.table = proposal, table
        self.contents = Contents(session, proposal)
        self.cells = Cells(self.contents)
        self.taken: dict[int, int] = {}  # number of the line to the row that has it
        self.standing = {
            _likeness(line.proposal_program_id, line.object_code, line.description): line.id
            for line in self.contents.lines
        }
        self.twins: list[str] = []
        self.shares: list[str] = []

    def done(self) -> Checked:
        lines = [self._checked(row) for row in self.table.rows]
        warnings = [*self.table.warnings, *self.twins]
        if self.shares:
            warnings.append(f"GAD below one percent, as typed: {some(self.shares)}. Half of it is typed 50, not 0.5.")
        return Checked(self.table, lines, warnings, self.contents)

    def _checked(self, row: Row) -> Line:
        line, typed = Line(row), dict[str, Any]()
        self._find(line)
        now = self.contents.standing(line.line) if line.line else {}
        for name, text in row.texts.items():
            if name in row.formulas:
                line.blame(name, f"Cell {row.formulas[name]} holds a formula; type the value itself.")
            elif name in ANSWERS:
                self._read(line, name, text, now, typed)
        self._spread(typed)
        if line.line is None:
            self._begin(line, typed)
        else:
            self._merge(line, now, typed)
        if line.is_new or line.changes or line.problems:
            self._ask_rules(line)
        self._compare(line, typed)
        self._remark(line)
        return line

    def _find(self, line: Line) -> None:
        """Which line a row is about, and under which program it stands."""
        try:
            number = line_number(line.row.texts.get("id", ""))
        except Unreadable as problem:
            line.blame("id", str(problem))
            return
        if number is not None:
            line.line = self.contents.by_id.get(number)
            if line.line is None:
                line.blame("id", f"This proposal has no line {number}. Leave the cell empty for a new line.")
            elif (earlier := self.taken.setdefault(number, line.row.number)) != line.row.number:
                line.blame("id", f"Line {number} stands in row {earlier} already. Each line has one row.")
        self._place(line)

    def _place(self, line: Line) -> None:
        text = line.row.texts.get("program", "")
        if line.line is not None:
            line.part_id = line.line.proposal_program_id
            if not text.strip():
                return
        elif line.problems:
            return
        try:
            if "program" not in line.row.formulas:
                wanted = self.cells.read("program", text, line.part_id or None)
                if line.part_id not in (0, wanted):
                    stays = self.cells.write("program", line.part_id)
                    line.blame(
                        "program", f"The line is of {stays} and stays there. Strike it, and add it as a new one."
                    )
                line.part_id = line.part_id or wanted
        except Unreadable as problem:
            line.blame("program", str(problem))

    def _read(self, line: Line, name: str, text: str, now: Mapping[str, Any], typed: dict[str, Any]) -> None:
        if name == "source" and line.is_new and not text.strip() and len(self.proposal.sources) == 1:
            text = self.proposal.sources[0]
        try:
            typed[name] = self.cells.read(name, text, now.get(name))
        except Unreadable as problem:
            line.blame(name, str(problem))

    @staticmethod
    def _spread(typed: dict[str, Any]) -> None:
        """Four quarters that are what spreading evenly gives say nothing; beside one that is typed, empty is zero."""
        quarters = [typed[name] for name in QUARTERS if name in typed]
        if len(quarters) < len(QUARTERS) or not any(value is not None for value in quarters):
            return
        values = tuple(value or Decimal(0) for value in quarters)
        quantity, unit_cost = typed.get("quantity") or Decimal(0), typed.get("unit_cost") or Decimal(0)
        is_even = abs(quantity * unit_cost) <= MOST and values == evenly(amount_of(quantity, unit_cost))
        typed |= dict.fromkeys(QUARTERS) if is_even else dict(zip(QUARTERS, values, strict=True))

    def _begin(self, line: Line, typed: dict[str, Any]) -> None:
        for name, message in NEEDED.items():
            if name not in line.row.texts and not (name == "source" and len(self.proposal.sources) == 1):
                line.blame(name, message)
        nothing: dict[str, Any] = dict.fromkeys(ANSWERS) | NOTHING
        if len(self.proposal.sources) == 1:
            nothing["source"] = self.proposal.sources[0]
        line.after = nothing | typed

    def _merge(self, line: Line, now: dict[str, Any], typed: dict[str, Any]) -> None:
        """Three ways: what the file said when it was made, what was typed, what stands now (see `merging`)."""
        assert line.line is not None
        seen = SEEN.read(clean(line.row.texts.get("seen", "")), str(line.line.id))
        try:
            answers = merging.save_linked(now, typed, seen=seen)
        except merging.Conflicts as conflicts:
            for name, conflict in conflicts.conflicts.items():
                stands = as_text(self.cells.write(name, conflict.theirs)) or "empty"
                line.blame(
                    name,
                    f"Somebody else has changed this to “{stands[:80]}” since the file was made. "
                    "Type the same to agree, or export the lines again and make your change there.",
                )
            rest = {name: value for name, value in typed.items() if name not in conflicts.conflicts}
            answers = merging.save_linked(now, rest, seen=seen)
        line.changes = {name: (now[name], value) for name, value in answers.items()}
        line.after = now | answers

    def _ask_rules(self, line: Line) -> None:
        """The rules of the form, for all that could be read; sound values stand for the rest."""
        sound = {
            "quantity": Decimal(1), "unit_cost": LEAST_OF_CAPITAL, "source": self.proposal.sources[0],
            "gad_percent": Decimal(0), "object_code": None,
        }  # fmt: skip
        wanted = line.after | {name: value for name, value in sound.items() if name in line.problems}
        code = self.contents.objects.get(wanted["object_code"] or "")
        for name, message in problems_of(self.proposal, wanted, code).items():
            line.blame(name, message)
        if line.problems.keys().isdisjoint({"quantity", "unit_cost", *QUARTERS}):
            quarters = {name: line.after[name] for name in QUARTERS}
            if problem := quarter_problem(line.amount, quarters):
                line.blame(*problem)

    def _compare(self, line: Line, typed: Mapping[str, Any]) -> None:
        """What a sheet says twice has to agree: class and object code, amount and quantity × unit cost."""
        texts, formulas = line.row.texts, line.row.formulas
        told = {name: clean(texts.get(name, "")) for name in ("expense_class", "amount")}
        for name in told.keys() & formulas.keys():
            told[name] = ""  # blamed already
        code = self.contents.objects.get(line.after.get("object_code") or "")
        if told["expense_class"] and code and told["expense_class"].casefold() != code.expense_class.casefold():
            line.blame(
                "expense_class",
                f"{code.dashed} {code.title} is {code.expense_class}, not “{told['expense_class'][:20]}”. "
                f"Type {code.expense_class}, leave the cell empty, or choose another object code.",
            )
        if not told["amount"]:
            return
        try:
            amount = plain_figure_of(told["amount"])
        except Unreadable as problem:
            line.blame("amount", str(problem))
            return
        if line.problems.keys().isdisjoint({"quantity", "unit_cost"}):
            factors = [typed.get(name, line.after[name]) for name in ("quantity", "unit_cost")]
            if amount != (product := amount_of(*factors)):
                line.blame(
                    "amount",
                    f"Quantity × unit cost is ₱ {product:,.2f}, and this cell says ₱ {amount:,}. "
                    "Correct one of the three, or leave this cell empty.",
                )

    def _remark(self, line: Line) -> None:
        """What may stay and is often a mistake."""
        if 0 < (line.after.get("gad_percent") or 0) < ONE_PERCENT and (line.is_new or "gad_percent" in line.changes):
            self.shares.append(self.table.cell(line.row, "gad_percent"))
        if line.is_new and not line.problems:
            likeness = _likeness(line.part_id, line.after["object_code"], line.after["description"])
            if twin := self.standing.get(likeness):
                self.twins.append(
                    f"Row {line.row.number} is new, and line {twin} buys the same: “{line.after['description'][:60]}”."
                )


def _likeness(part_id: int, object_code: str, description: str) -> tuple[int, str, str]:
    return part_id, object_code, description.casefold()
