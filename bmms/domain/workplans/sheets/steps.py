"""Importing a workbook on screen: upload, check, import (the same three steps as for lists of people)."""

from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.imports import working
from bmms.domain.imports.table import Table
from bmms.domain.imports.values import some
from bmms.domain.imports.watching import Watch
from bmms.domain.permissions import Permission
from bmms.domain.workplans import queries, rules
from bmms.domain.workplans.sheets import checking, export, writing
from bmms.domain.workplans.sheets.columns import BY_FIELD, LAYOUT, Cells, as_text
from bmms.domain.workplans.sheets.lines import Checked, Line
from bmms.models.work import AnnualWorkPlan


class WorkSheet(working.Sheet[AnnualWorkPlan, Checked]):
    """The items of a work plan, from a workbook."""

    name, argument, about = "work_plan", "work_plan_id", "work plan"
    export_task, layout, edit = export.TASK, LAYOUT, Permission.PLAN_EDIT
    words = working.Words(
        gone="The work plan is gone, or not yours to see any more.",
        lost="The file is gone: it is kept for 24 hours. Upload it again.",
        checked="The file is checked.",
        correct="Correct the file and upload it again.",
        again="This file is imported already.",
        imported="The work plan is imported.",
    )

    def get(self, session: Session, actor: Actor, record_id: int) -> AnnualWorkPlan:
        return queries.get_work_plan(session, actor, record_id)

    def begin(self, session: Session, actor: Actor, record: AnnualWorkPlan) -> None:
        actor.require(self.edit)
        rules.require_open(record)

    def hold(self, session: Session, actor: Actor, record: AnnualWorkPlan) -> None:
        rules.begin(session, actor, record)

    def workbook_of(self, session: Session, record: AnnualWorkPlan, prepared_by: str) -> bytes:
        return export.workbook_of(session, record, prepared_by)

    def name_of(self, session: Session, record: AnnualWorkPlan) -> str:
        return export.name_of(session, record)

    def checked(self, session: Session, record: AnnualWorkPlan, read: Table) -> Checked:
        return checking.check(session, record, read)

    def standing(self, checked: Checked) -> dict[str, str]:
        items = (line.item for line in checked.lines if line.item is not None)
        return {item.code: checked.contents.fingerprint(item) for item in items}

    def named(self, checked: Checked, keys: list[str]) -> str:
        titles = {code: item.title for code, item in checked.contents.by_code.items()}
        return some([f"{code} {titles.get(code, '(removed)')}" for code in sorted(keys)])

    def described(self, checked: Checked) -> dict[str, Any]:
        cells = Cells(checked.contents)
        return {"rows": [_described(checked, cells, line) for line in checked.lines]}

    def write(
        self, session: Session, actor: Actor, record: AnnualWorkPlan, checked: Checked, watch: Watch, *, meant: bool
    ) -> None:  # fmt: skip
        writing.write(session, actor, record, checked, watch)


WORK_ITEMS = WorkSheet()


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
