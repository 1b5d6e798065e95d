"""Importing lines on screen: upload or paste, check, import (the same three steps as for work plans)."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bmms.domain import drafts
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import csv_file, kept, table, working
from bmms.domain.imports.checked import Fate
from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.raw import UnreadableFile
from bmms.domain.imports.values import some
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.money import shortened
from bmms.domain.permissions import Permission
from bmms.domain.proposals import rules
from bmms.domain.proposals.sheets import checking, writing
from bmms.domain.proposals.sheets.columns import BY_FIELD, LAYOUT, Cells, as_text
from bmms.domain.proposals.sheets.lines import Checked, Line
from bmms.models.proposals import BudgetProposal

CHECK_TASK, RUN_TASK = "check_proposal_lines", "import_proposal_lines"
PASTED = "Pasted cells"
_ENDINGS = (".csv", ".tsv", ".txt")


def upload(session: Session, actor: Actor, proposal: BudgetProposal, content: bytes, file_name: str) -> KeptList:
    """Take in a workbook or CSV for an open proposal; the worker checks it.

    Raises:
        RuleBroken: the proposal is shut, or the file is neither; says what to do.
    """
    rules.begin(session, actor, proposal)
    if file_name.lower().endswith(_ENDINGS) and content and not table.is_workbook(content):
        if len(content) > table.LARGEST:
            raise UnreadableFile(f"{file_name} is larger than {table.LARGEST // 1024**2} MB. Upload it in parts.")
        csv_file.read(content)
    else:
        table.require_workbook(content, file_name)
    return _keep_list(session, actor, proposal, content, file_name)


def paste(session: Session, actor: Actor, proposal: BudgetProposal, text: str) -> KeptList:
    """Take in cells as spreadsheets copy them, separated by tabs; the worker checks them.

    Raises:
        RuleBroken: the proposal is shut, or these are no cells.
    """
    rules.begin(session, actor, proposal)
    text = text.replace("\x00", "").strip("\r\n")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if "\t" not in first:
        raise RuleBroken("Copy the cells of several columns in a spreadsheet and paste them here.", field="pasted")
    content = text.encode("utf-8", "replace")
    csv_file.read(content)
    return _keep_list(session, actor, proposal, content, PASTED)


def _keep_list(session: Session, actor: Actor, proposal: BudgetProposal, content: bytes, file_name: str) -> KeptList:
    mine = kept.keep_list(session, actor, content, file_name, about=_about(proposal))
    working.start(session, actor, mine, CHECK_TASK, proposal_id=proposal.id)
    return mine


def find(session: Session, actor: Actor, proposal: BudgetProposal, import_id: UUID) -> KeptList:
    """The actor's own upload for this proposal. Raises NotFound."""
    return kept.find_list(session, actor, import_id, _about(proposal))


def _about(proposal: BudgetProposal) -> str:
    return f"budget proposal {proposal.id}"


def check(session: Session, actor: Actor, proposal: BudgetProposal, mine: KeptList) -> None:
    """Check every row as the import would, and keep what was found. Raises UnreadableFile."""
    actor.require(Permission.BUDGET_EDIT)
    _keep(mine, checking.check(session, proposal, _read(mine)))


def ask(session: Session, actor: Actor, proposal: BudgetProposal, mine: KeptList) -> None:
    """Let the worker import what was shown.

    Raises:
        RuleBroken: the proposal is shut, or the file is at work, imported, or has errors.
    """
    rules.begin(session, actor, proposal)
    working.refuse_unless_open(session, actor, mine)
    if mine.check is None or not mine.check["is_good"]:
        raise RuleBroken("Nothing is imported while something is wrong. Correct the list and send it again.")
    working.start(session, actor, mine, RUN_TASK, proposal_id=proposal.id)


def run(
    session: Session, actor: Actor, proposal: BudgetProposal, mine: KeptList, *, watch: Watch = nobody_watches
) -> str:  # fmt: skip
    """The import: all of it, exactly as it was shown, or nothing.

    Args:
        watch: told how many lines are written.

    Returns:
        what happened, in words; when nothing was imported, the fresh check is kept.

    Raises:
        RuleBroken: the proposal is shut.
    """
    rules.begin(session, actor, proposal, alone=True)
    key = mine.import_id.hex  # its row stands with the import, also where the process ends before `keep_outcome`
    if drafts.is_claimed(session, actor, key):
        return "This list is imported already."
    shown = (mine.check or {}).get("standing", {})
    fresh = checking.check(session, proposal, _read(mine))
    standing = _standing(fresh)
    if moved := [number for number in {**shown, **standing} if shown.get(number) != standing.get(number)]:
        _keep(mine, fresh)
        return f"Nothing was imported: {_named(fresh, moved)} changed since the check. Look at it again."
    if not fresh.is_good:
        _keep(mine, fresh)
        return "Nothing was imported: something is wrong now that was right at the check. Look at it again."
    drafts.claim(session, actor, key)
    outcome = {fate.value: len(fresh.of(fate)) for fate in Fate} | {"total": str(fresh.sums.whole.total)}
    writing.write(session, actor, proposal, fresh, watch)
    kept.after_commit(session, lambda: mine.keep_outcome(outcome))
    return "The lines are imported."


def _read(mine: KeptList) -> table.Table:
    return table.read(mine.content, mine.facts.file_name, LAYOUT)


def _named(checked: Checked, numbers: list[str]) -> str:
    by_id = checked.contents.by_id
    titles = {number: by_id[int(number)].description if int(number) in by_id else "(struck)" for number in numbers}
    return some([f"line {number} {titles[number][:60]}" for number in sorted(numbers, key=int)])


def _standing(checked: Checked) -> dict[str, str]:
    """What the lines that the file names say at present: whether somebody changes them before the import."""
    lines = (one.line for one in checked.lines if one.line is not None)
    return {str(line.id): checked.contents.fingerprint(line) for line in lines}


def _keep(mine: KeptList, checked: Checked) -> None:
    cells = Cells(checked.contents)
    described = {
        "rows": [_described(checked, cells, line) for line in checked.lines],
        "warnings": checked.warnings,
        "refusals": checked.refusals,
        "is_good": checked.is_good,
        "standing": _standing(checked),
        "outlook": _outlook(checked) if checked.is_good else None,
    }
    mine.keep_check(described, checked.handed_back())


def _outlook(checked: Checked) -> dict[str, Any]:
    """What the proposal would ask for, and where that is above a ceiling; amounts as texts."""
    whole, meter = checked.sums.whole, checked.meter
    return {
        "lines": whole.lines,
        "before": str(checked.before),
        "after": str(whole.total),
        "above": str(whole.above.total),
        "ceiling": str(meter.whole.ceiling) if meter else None,
        "left": str(meter.whole.left) if meter else None,
        "over": [[one.label, str(-one.left)] for one in meter.over] if meter else [],
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
