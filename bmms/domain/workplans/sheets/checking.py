"""What an import would do to each item: the rules of the form, for what the whole work plan would be afterwards."""

from collections.abc import Hashable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from bmms.domain import merging
from bmms.domain.errors import RuleBroken
from bmms.domain.imports.checked import Fate
from bmms.domain.imports.table import Row, Table
from bmms.domain.imports.values import Unreadable, some
from bmms.domain.workplans import rules
from bmms.domain.workplans.items import require_room
from bmms.domain.workplans.sheets.columns import BY_FIELD, NEEDED, NEW, SEEN, Cells, as_text
from bmms.domain.workplans.sheets.contents import ANSWERS, COLUMNS, PLACE, Contents
from bmms.domain.workplans.sheets.lines import DATES, Checked, Line
from bmms.models.planning import Priority
from bmms.models.work import AnnualWorkPlan, ItemKind, WorkItem

OF_NEW = {"priority": Priority.MEDIUM, "is_multi_year": False, "on_calendar": True, "description": "", "tags": []}


def check(session: Session, plan: AnnualWorkPlan, table: Table) -> Checked:
    """Check every row against the work plan as it would be after the import; linear in the plan and the file."""
    return _Check(session, plan, table).done()


class _Check:
    def __init__(self, session: Session, plan: AnnualWorkPlan, table: Table) -> None:
        self.session, self.plan, self.table = session, plan, table
        self.contents = Contents(session, plan)
        self.cells = Cells(self.contents)
        self.warnings = list(table.warnings)
        self.taken: dict[str, int] = {}  # key to the row that has it
        self.lines = [self._line(row) for row in table.rows]
        self.by_key = {line.key: line for line in self.lines}
        self.objectives = {number: key for key, number in self.contents.ordinals.items()}

    def done(self) -> Checked:
        for line in self.lines:
            self._read(line)
            self._place(line)
        self._warn_of_shown()
        for line in self.lines:
            self._dates(line)
            line.keep(rules.require_sound_figures, self._after(line))
        self._rooms()
        self._sequence()
        checked = Checked(self.table, self.lines, self.warnings, self.contents)
        try:
            new = [line for line in checked.of(Fate.CREATE) if line.wanted.kind == ItemKind.ACTIVITY]
            require_room(self.session, self.plan, len(new))
        except RuleBroken as broken:
            checked.refusals.append(str(broken))
        return checked

    def _line(self, row: Row) -> Line:
        """Which item a row is about."""
        code = self.cells.code(row.texts.get("code", ""))
        item = self.contents.by_code.get(code)
        is_new = not code or NEW.fullmatch(code) is not None
        line = Line(row, code if item or (code and is_new and code != "NEW") else f"row {row.number}", item)
        if item is None and not is_new:
            line.blame("code", f"This work plan has no item {code[:40]}. Leave the cell empty for a new item.")
        earlier = self.taken.setdefault(line.key, row.number)
        if earlier != row.number:
            line.blame("code", f"{code} stands in row {earlier} already. Each item has one row.")
            line.key = f"row {row.number}"
        return line

    def _read(self, line: Line) -> None:
        """The typed cells as values; of an item that exists, merged with what it says now."""
        now = self.contents.standing(line.item) if line.item else {}
        typed: dict[str, Any] = {}
        for name, text in line.row.texts.items():
            if name in line.row.formulas:
                line.blame(name, f"Cell {line.row.formulas[name]} holds a formula; type the value itself.")
            elif name in ANSWERS or name in PLACE:
                self._read_cell(line, name, text, now, typed)
        if line.item is None:
            self._read_new(line, typed)
        else:
            self._merge(line, now, typed)
        kind = line.item.kind if line.item else typed.get("kind")
        line.wanted = WorkItem(
            kind=kind, **{name: self._after(line).get(name) for name in ("title", *DATES)}, code=line.key
        )  # fmt: skip

    def _read_cell(self, line: Line, name: str, text: str, now: Mapping[str, Any], typed: dict[str, Any]) -> None:
        if name == "parent":
            typed[name] = self.cells.code(text)
            return
        if line.item is None and not text.strip() and (name in OF_NEW or name == "objective"):
            return
        try:
            typed[name] = self.cells.read(name, text, now.get(name))
            if name == "predecessors":
                typed[name] = ", ".join(self.cells.codes(text))
        except Unreadable as problem:
            line.blame(name, str(problem))

    def _read_new(self, line: Line, typed: dict[str, Any]) -> None:
        for name, message in NEEDED.items():
            if name not in typed and name not in OF_NEW:
                line.blame(name, message)
        typed.setdefault("starts_on", None)
        _one_day(typed.get("kind"), typed, typed.get("ends_on"))
        line.answers = OF_NEW | {name: value for name, value in typed.items() if name in ANSWERS}
        line.answers["kind"], line.parent_key = typed.get("kind"), typed.get("parent", "")
        line.objective_id = self.objectives.get(typed.get("objective") or 0, 0)

    def _merge(self, line: Line, now: Mapping[str, Any], typed: dict[str, Any]) -> None:
        """Three ways: what the file said when it was made, what was typed, what stands now (see `merging`)."""
        assert line.item is not None
        for name in PLACE:
            if name in typed and typed[name] != now[name]:
                stays = as_text(self.cells.write(name, now[name])) or "empty"
                why = f"{BY_FIELD[name].heading} of an item that exists stays “{stays}”"
                line.blame(name, f"{why}. Move it on its own page, then export again.")
        _one_day(line.item.kind, typed, typed.get("ends_on", now["ends_on"]))
        mine = {name: value for name, value in typed.items() if name in ANSWERS}
        seen = SEEN.read(line.row.texts.get("seen", ""), line.item.code)
        try:
            line.answers = merging.save_linked(now, mine, seen=seen)
        except merging.Conflicts as conflicts:
            for name, conflict in conflicts.conflicts.items():
                stands = as_text(self.cells.write(name, conflict.theirs)) or "empty"
                line.blame(
                    name,
                    f"Somebody else has changed this to “{stands[:80]}” since the file was made. "
                    "Type the same to agree, or export the work plan again and make your change there.",
                )
            rest = {name: value for name, value in mine.items() if name not in conflicts.conflicts}
            line.answers = merging.save_linked(now, rest, seen=seen)
        line.changes = {name: (now[name], value) for name, value in line.answers.items()}
        line.parent_key, line.objective_id = now["parent"], line.item.annual_objective_id

    def _after(self, line: Line) -> dict[str, Any]:
        """What the item would say in its columns."""
        before = {name: getattr(line.item, name) for name in COLUMNS} if line.item else {}
        return before | line.answers

    def _place(self, line: Line) -> None:
        """Where a new item lies: under another item, or directly under an objective."""
        if line.item is not None:
            return
        if line.parent_key and line.parent_key not in self.contents.by_code and line.parent_key not in self.by_key:
            line.blame("parent", f"This work plan has no item {line.parent_key[:40]}.")
        elif not line.parent_key and not line.objective_id and "objective" not in line.problems:
            line.blame("objective", "Type the number of the objective under which it lies.")
        self._warn_of_twin(line)

    def _warn_of_shown(self) -> None:
        """Who types progress into the file hears that it goes another way."""
        typed = [
            self.table.cell(line.row, name)
            for line in self.lines
            if line.item
            for name, cell in self.cells.shown(line.item).items()
            if line.row.texts.get(name, as_text(cell)) != as_text(cell)
        ]
        if typed:
            why = "progress and status are reported on the page of the item"
            self.warnings.append(f"{some(typed)} stayed as they are: {why}.")

    def _warn_of_twin(self, line: Line) -> None:
        above = self.contents.by_code.get(line.parent_key)
        if line.parent_key and above is None:
            return
        objective_id = above.annual_objective_id if above else line.objective_id
        title = str(line.answers.get("title", ""))
        code = self._titles.get((objective_id, above.id if above else None, title.casefold()))
        if code:
            self.warnings.append(f"Row {line.row.number} is new, and {code} has the same title: “{title}”.")

    @cached_property
    def _titles(self) -> dict[tuple[int, int | None, str], str]:
        return {
            (item.annual_objective_id, item.parent_id, item.title.casefold()): item.code for item in self.contents.items
        }

    def _parent(self, line: Line) -> WorkItem | None:
        """What a line lies in, as it would be; itself where that is not known."""
        above = self.by_key.get(line.parent_key)
        return above.wanted if above else self.contents.by_code.get(line.parent_key)

    def _dates(self, line: Line) -> None:
        """PL-12 and PL-13, where all that they speak of is known."""
        above, parent = self.by_key.get(line.parent_key), self._parent(line)
        if line.item is None:
            if "parent" in line.problems or "kind" in line.problems or (above and "kind" in above.problems):
                return
            line.keep(rules.require_nesting, line.wanted.kind, parent)
            line.keep(rules.require_open_parent, self.contents.by_code.get(line.parent_key), at="parent")
            self._objective(line)
        if line.moves and line.has_dates and (above is None or above.has_dates):
            line.keep(
                rules.require_dates, self.plan, line.wanted.starts_on, line.wanted.ends_on,
                is_multi_year=line.wanted.is_multi_year, parent=parent,
            )  # fmt: skip
            if line.wanted.starts_on == line.wanted.ends_on and "starts_on" in line.problems:
                line.problems = {"ends_on" if name == "starts_on" else name: one for name, one in line.problems.items()}

    def _objective(self, line: Line) -> None:
        """What lies under an item lies under that item's objective."""
        above: Line | None = line
        for _ in range(len(rules.NESTING)):  # no deeper than the tree can be, should rows name each other in a ring
            if above is None or not above.parent_key:
                break
            if item := self.contents.by_code.get(above.parent_key):
                if line.objective_id not in (0, item.annual_objective_id):
                    number = self.contents.ordinals[item.annual_objective_id]
                    line.blame("objective", f"What it lies in belongs to objective {number}. Type that, or nothing.")
                line.objective_id = item.annual_objective_id
                return
            above = self.by_key.get(above.parent_key)
        if above is not None and above is not line:
            if line.objective_id not in (0, above.objective_id):
                line.blame("objective", "What it lies in belongs to another objective. Type that one, or nothing.")
            line.objective_id = above.objective_id

    def _rooms(self) -> None:
        """Who shortens an item may not cut off what lies under it and stays as it is."""
        for line in self.lines:
            if line.item is None or not line.moves or not line.has_dates:
                continue
            resting = [one for one in self.contents.children(line.item) if not self._moves(one)]
            if resting:
                first, last = min(one.starts_on for one in resting), max(one.ends_on for one in resting)
                line.keep(rules.require_room_between, line.wanted, first, last)

    def _moves(self, item: WorkItem) -> bool:
        line = self.by_key.get(item.code)
        return line is not None and (line.moves or not line.has_dates)

    def _sequence(self) -> None:
        """Predecessors: known, no kin, no rings."""
        waits: dict[Hashable, list[str]] = {line.key: [] for line in self.lines}
        waits |= {one.code: self.contents.predecessors(one) for one in self.contents.items}
        asking = [line for line in self.lines if "predecessors" in line.answers and "predecessors" not in line.problems]
        for line in asking:
            codes = self.cells.codes(line.answers["predecessors"])
            if strange := [code for code in codes if code not in waits]:
                line.blame("predecessors", f"This work plan has no item {strange[0][:40]}.")
            else:
                line.keep(
                    rules.require_strangers, line.key, dict(zip(codes, codes, strict=True)), self._kin(line, codes)
                )
                waits[line.key] = [code for code in codes if "predecessors" not in line.problems]
        rings = rules.on_rings(waits)
        for line in asking:
            if line.key in rings:
                line.blame("predecessors", str(rules.in_a_ring()))

    def _kin(self, line: Line, codes: list[str]) -> set[str]:
        """Those of these that lie above or below a line."""
        above = set(self._line_up(line.key))
        return {code for code in codes if code in above or line.key in self._line_up(code)}

    def _line_up(self, key: str) -> list[str]:
        """What an item lies in, from below."""
        found: list[str] = []
        for _ in range(len(rules.NESTING)):
            line, item = self.by_key.get(key), self.contents.by_code.get(key)
            parent = self.contents.by_id.get(item.parent_id or 0) if item else None
            key = line.parent_key if line else (parent.code if parent else "")
            if not key:
                break
            found.append(key)
        return found


def _one_day(kind: ItemKind | None, typed: dict[str, Any], last: date | None) -> None:
    """An item without a start is one day long, and a milestone is its last day."""
    if kind == ItemKind.MILESTONE or typed.get("starts_on", last) is None:
        typed["starts_on"] = last
    if typed.get("starts_on", last) is None:
        typed.pop("starts_on")
