"""Importing lines on screen: upload or paste, check, import (the same three steps as for work plans)."""

from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import table, working
from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.table import Table
from bmms.domain.imports.texts import TextSheet
from bmms.domain.imports.values import some
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.money import shortened
from bmms.domain.permissions import Permission
from bmms.domain.proposals import queries, rules
from bmms.domain.proposals.sheets import checking, export, writing
from bmms.domain.proposals.sheets.columns import BY_FIELD, LAYOUT, Cells, as_text
from bmms.domain.proposals.sheets.lines import Checked, Line, told
from bmms.models.proposals import BudgetProposal

MAY_STAND_ABOVE = "Import it although the draft then stands above its ceiling"
REMEDY = f"Lower the amounts, or tick “{MAY_STAND_ABOVE}”."


class LineSheet(TextSheet[BudgetProposal, Checked]):
    """The lines of a proposal, from a workbook, a text, or cells that were pasted."""

    name, argument, about = "proposal_lines", "proposal_id", "budget proposal"
    export_task, layout, edit, consent = export.TASK, LAYOUT, Permission.BUDGET_EDIT, "above_ceiling"
    words = working.Words(
        gone="The proposal is gone, or not yours to see any more.",
        lost="The list is gone: it is kept for 24 hours. Send it again.",
        checked="The list is checked.",
        correct="Correct the list and send it again.",
        again="This list is imported already.",
        imported="The lines are imported.",
    )

    def get(self, session: Session, actor: Actor, record_id: int) -> BudgetProposal:
        return queries.get_proposal(session, actor, record_id)

    def begin(self, session: Session, actor: Actor, record: BudgetProposal) -> None:
        rules.begin(session, actor, record)

    def hold(self, session: Session, actor: Actor, record: BudgetProposal) -> None:
        rules.begin(session, actor, record, alone=True)

    def workbook_of(self, session: Session, record: BudgetProposal, prepared_by: str) -> bytes:
        return export.workbook_of(session, record, prepared_by)

    def name_of(self, session: Session, record: BudgetProposal) -> str:
        return export.name_of(session, record)

    def checked(self, session: Session, record: BudgetProposal, read: Table) -> Checked:
        return checking.check(session, record, read)

    def standing(self, checked: Checked) -> dict[str, str]:
        lines = (one.line for one in checked.lines if one.line is not None)
        return {str(line.id): checked.contents.fingerprint(line) for line in lines}

    def named(self, checked: Checked, keys: list[str]) -> str:
        by_id = checked.contents.by_id
        titles = {key: by_id[int(key)].description if int(key) in by_id else "(struck)" for key in keys}
        return some([f"line {key} {titles[key][:60]}" for key in sorted(keys, key=int)])

    def described(self, checked: Checked) -> dict[str, Any]:
        cells = Cells(checked.contents)
        return {
            "rows": [_described(checked, cells, line) for line in checked.lines],
            "outlook": _outlook(checked) if checked.is_good else None,
        }

    def require_meant(self, check: dict[str, Any]) -> None:
        if raised := check["outlook"].get("raised"):
            raise RuleBroken(f"The draft would stand above its ceiling. {raised}. {REMEDY}", field=self.consent)

    def write(
        self, session: Session, actor: Actor, record: BudgetProposal, checked: Checked, watch: Watch, *, meant: bool
    ) -> None:  # fmt: skip
        try:
            writing.write(session, actor, record, checked, watch, above=meant)
        except writing.AboveCeiling as refused:
            raise working.NotMeant(f"{refused} {REMEDY}") from None

    def outcome(self, checked: Checked) -> dict[str, Any]:
        return super().outcome(checked) | {"total": str(checked.sums.whole.total)}


LINES = LineSheet()
CHECK_TASK, RUN_TASK = LINES.check_task, LINES.run_task
upload, find, check, paste = LINES.upload, LINES.find, LINES.check, LINES.paste


def check_at_once(
    session: Session, actor: Actor, proposal: BudgetProposal, content: bytes, file_name: str
) -> Checked:  # fmt: skip
    """For the command line: check a file and let nobody else change the proposal until it is written.

    Raises:
        RuleBroken: the proposal is shut, or the file cannot be read.
    """
    rules.begin(session, actor, proposal, alone=True)
    LINES.require_list(content, file_name)
    return checking.check(session, proposal, table.read(content, file_name, LAYOUT))


def ask(session: Session, actor: Actor, proposal: BudgetProposal, mine: KeptList, *, above: bool = False) -> None:
    """Let the worker import what was shown (`Sheet.ask`); `above`: the draft may stand above its ceiling afterwards."""
    LINES.ask(session, actor, proposal, mine, meant=above)


def run(
    session: Session, actor: Actor, proposal: BudgetProposal, mine: KeptList, *, above: bool = False,
    watch: Watch = nobody_watches,
) -> str:  # fmt: skip
    """The import (`Sheet.run`); `above`: the draft may stand above its ceiling afterwards."""
    return LINES.run(session, actor, proposal, mine, meant=above, watch=watch)


def _outlook(checked: Checked) -> dict[str, Any]:
    """What the proposal would ask for, and where that is above a ceiling; amounts as texts."""
    whole, meter = checked.sums.whole, checked.meter
    return {
        "lines": whole.lines,
        "before": str(checked.before),
        "after": str(whole.total),
        "changes": str(checked.changes),
        "above": str(whole.above.total),
        "ceiling": str(meter.whole.ceiling) if meter else None,
        "left": str(meter.whole.left) if meter else None,
        "over": [[one.label, str(-one.left)] for one in checked.over],
        "raised": told(checked.raised),
    }


def _described(checked: Checked, cells: Cells, line: Line) -> dict[str, Any]:
    """A row as the page of the check needs it, in plain values."""
    texts = line.row.texts
    changes = [
        [BY_FIELD[name].heading, *(as_text(cells.write(name, value)) for value in pair)]
        for name, pair in line.changes.items()
    ]
    if line.line is not None and not line.problems and line.amount != line.line.amount:
        changes.append([BY_FIELD["amount"].heading, as_text(line.line.amount), as_text(line.amount)])
    return {
        "number": line.row.number,
        "line": line.line.id if line.line else None,
        "title": texts.get("description", ""),
        "program": as_text(cells.write("program", line.part_id)) if line.part_id else texts.get("program", ""),
        "object": texts.get("object_code", ""),
        "amount": str(line.amount) if not line.problems else "",
        "fate": line.fate.value,
        "changes": changes,
        "problems": [
            [checked.table.cell(line.row, name), BY_FIELD[name].heading, shortened(texts.get(name, "")), message]
            for name, message in line.problems.items()
        ],
    }
