"""Importing a workbook on screen: upload, check, import (the same three steps as for lists of people)."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bmms.domain import drafts
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import kept, table, working
from bmms.domain.imports.checked import Fate
from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.values import some
from bmms.domain.imports.watching import Watch, nobody_watches
from bmms.domain.permissions import Permission
from bmms.domain.workplans import rules
from bmms.domain.workplans.sheets import checking, writing
from bmms.domain.workplans.sheets.columns import BY_FIELD, LAYOUT, Cells, as_text
from bmms.domain.workplans.sheets.lines import Checked, Line
from bmms.models.work import AnnualWorkPlan

CHECK_TASK, RUN_TASK = "check_work_plan", "import_work_plan"


def upload(session: Session, actor: Actor, plan: AnnualWorkPlan, content: bytes, file_name: str) -> KeptList:
    """Take in a workbook for an open work plan; the worker checks it.

    Raises:
        RuleBroken: the work plan is shut, or the file is no workbook; says what to do.
    """
    actor.require(Permission.PLAN_EDIT)
    rules.require_open(plan)
    table.require_workbook(content, file_name)
    mine = kept.keep_list(session, actor, content, file_name, about=_about(plan))
    working.start(session, actor, mine, CHECK_TASK, work_plan_id=plan.id)
    return mine


def find(session: Session, actor: Actor, plan: AnnualWorkPlan, import_id: UUID) -> KeptList:
    """The actor's own upload for this work plan. Raises NotFound."""
    return kept.find_list(session, actor, import_id, _about(plan))


def _about(plan: AnnualWorkPlan) -> str:
    return f"work plan {plan.id}"


def check(session: Session, actor: Actor, plan: AnnualWorkPlan, mine: KeptList) -> None:
    """Check every row as the import would, and keep what was found. Raises UnreadableFile."""
    actor.require(Permission.PLAN_EDIT)
    _keep(mine, checking.check(session, plan, table.read(mine.content, mine.facts.file_name, LAYOUT)))


def ask(session: Session, actor: Actor, plan: AnnualWorkPlan, mine: KeptList) -> None:
    """Let the worker import what was shown.

    Raises:
        RuleBroken: the work plan is shut, or the file is at work, imported, or has errors.
    """
    actor.require(Permission.PLAN_EDIT)
    rules.require_open(plan)
    working.refuse_unless_open(session, actor, mine)
    if mine.check is None or not mine.check["is_good"]:
        raise RuleBroken("Nothing is imported while something is wrong. Correct the file and upload it again.")
    working.start(session, actor, mine, RUN_TASK, work_plan_id=plan.id)


def run(
    session: Session, actor: Actor, plan: AnnualWorkPlan, mine: KeptList, *, watch: Watch = nobody_watches
) -> str:  # fmt: skip
    """The import: all of it, exactly as it was shown, or nothing.

    Args:
        watch: told how many items are written.

    Returns:
        what happened, in words; when nothing was imported, the fresh check is kept.

    Raises:
        RuleBroken: the work plan is shut.
    """
    rules.begin(session, actor, plan)
    key = mine.import_id.hex  # its row stands with the import, also where the process ends before `keep_outcome`
    if drafts.is_claimed(session, actor, key):
        return "This file is imported already."
    shown = (mine.check or {}).get("standing", {})
    fresh = checking.check(session, plan, table.read(mine.content, mine.facts.file_name, LAYOUT))
    standing = _standing(fresh)
    if moved := [code for code in {**shown, **standing} if shown.get(code) != standing.get(code)]:
        _keep(mine, fresh)
        return f"Nothing was imported: {_named(fresh, moved)} changed since the check. Look at it again."
    if not fresh.is_good:
        _keep(mine, fresh)
        return "Nothing was imported: something is wrong now that was right at the check. Look at it again."
    drafts.claim(session, actor, key)
    outcome = {fate.value: len(fresh.of(fate)) for fate in Fate}
    writing.write(session, actor, plan, fresh, watch)
    kept.after_commit(session, lambda: mine.keep_outcome(outcome))
    return "The work plan is imported."


def _named(checked: Checked, codes: list[str]) -> str:
    titles = {code: item.title for code, item in checked.contents.by_code.items()}
    return some([f"{code} {titles.get(code, '(removed)')}" for code in sorted(codes)])


def _standing(checked: Checked) -> dict[str, str]:
    """What the items that the file names say at present: whether somebody changes them before the import."""
    items = (line.item for line in checked.lines if line.item is not None)
    return {item.code: checked.contents.fingerprint(item) for item in items}


def _keep(mine: KeptList, checked: Checked) -> None:
    cells = Cells(checked.contents)
    described = {
        "rows": [_described(checked, cells, line) for line in checked.lines],
        "warnings": checked.warnings,
        "refusals": checked.refusals,
        "is_good": checked.is_good,
        "standing": _standing(checked),
    }
    mine.keep_check(described, checked.handed_back())


def _described(checked: Checked, cells: Cells, line: Line) -> dict[str, Any]:
    """A row as the page of the check needs it, in plain values."""
    texts = line.row.texts
    return {
        "number": line.row.number,
        "code": line.item.code if line.item else texts.get("code", ""),
        "title": texts.get("title", ""),
        "kind": as_text(cells.write("kind", line.item.kind)) if line.item else texts.get("kind", ""),
        "fate": line.fate.value,
        "changes": [
            [BY_FIELD[name].heading, *(as_text(cells.write(name, value)) for value in pair)]
            for name, pair in line.changes.items()
        ],
        "problems": [
            [checked.table.cell(line.row, name), BY_FIELD[name].heading, texts.get(name, ""), message]
            for name, message in line.problems.items()
        ],
    }
