"""Taking the workbook back on screen: upload, check, import (the same three steps as for other sheets)."""

from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.imports import table, working
from bmms.domain.imports.table import Table
from bmms.domain.imports.watching import Watch
from bmms.domain.money import shortened
from bmms.domain.openings import queries
from bmms.domain.openings.actions import require_draft
from bmms.domain.openings.sheets import checking, export, writing
from bmms.domain.openings.sheets.columns import POSITION
from bmms.domain.openings.sheets.rows import Checked, Line, Unpaid
from bmms.domain.permissions import Permission
from bmms.models.openings import OpeningPosition


class OpeningSheet(working.Sheet[OpeningPosition, Checked]):
    """The sheets Position and Unpaid of an opening position."""

    name, argument, about = "opening_position", "opening_id", "opening position"
    export_task, layout, edit = export.TASK, POSITION, Permission.LEDGER_EDIT
    words = working.Words(
        gone="The opening position is gone, or not yours to see any more.",
        lost="The file is gone: it is kept for 24 hours. Upload it again.",
        checked="The workbook is checked.",
        correct="Correct the workbook and upload it again.",
        again="This workbook is imported already.",
        imported="The opening position is imported.",
    )

    def get(self, session: Session, actor: Actor, record_id: int) -> OpeningPosition:
        return queries.get_opening(session, actor, record_id)

    def begin(self, session: Session, actor: Actor, record: OpeningPosition) -> None:
        actor.require(self.edit)
        require_draft(record)

    def hold(self, session: Session, actor: Actor, record: OpeningPosition) -> None:
        actor.require(self.edit)
        session.refresh(record, with_for_update=True)
        require_draft(record)

    def workbook_of(self, session: Session, record: OpeningPosition, prepared_by: str) -> bytes:
        return export.workbook_of(session, record, prepared_by)

    def name_of(self, session: Session, record: OpeningPosition) -> str:
        return export.name_of(session, record)

    def require_list(self, content: bytes, file_name: str) -> None:
        table.require_workbook(content, file_name)

    def checked(self, session: Session, record: OpeningPosition, read: Table) -> Checked:
        return checking.check(session, record, read)

    def standing(self, checked: Checked) -> dict[str, str]:
        return {"the cut-over": checked.contents.opening.cut_over.isoformat()}

    def named(self, checked: Checked, keys: list[str]) -> str:
        return ", ".join(keys)

    def described(self, checked: Checked) -> dict[str, Any]:
        opening = checked.contents.opening
        return {
            "rows": [_described(checked, line) for line in checked.lines],
            "totals": [
                [one.label, str(one.stated), str(one.sheet), str(one.difference)]
                for one in queries.compare(opening, checked.totals)
            ],
        }

    def write(
        self, session: Session, actor: Actor, record: OpeningPosition, checked: Checked, watch: Watch, *, meant: bool
    ) -> None:  # fmt: skip
        writing.write(session, actor, record, checked, watch)

    def outcome(self, checked: Checked) -> dict[str, Any]:
        return super().outcome(checked) | {"position": len(checked.position), "unpaid": len(checked.unpaid)}


OPENINGS = OpeningSheet()


def _described(checked: Checked, line: Line) -> dict[str, Any]:
    """A row as the page of the check needs it, in plain values."""
    texts, known = line.row.texts, checked.contents.accounts
    account = known.get(line.values.get("account") or 0)
    names = ("amount", "paid") if isinstance(line, Unpaid) else ("allotted", "obligated", "disbursed")
    title = texts.get("ors_no", "") if isinstance(line, Unpaid) else f"Quarter {texts.get('quarter', '')}"
    return {
        "number": line.row.number,
        "sheet": line.table.title,
        "title": title,
        "account": account.name if account else texts.get("account", ""),
        "object": texts.get("object_code", ""),
        "amounts": [
            [line.table.layout.by_field[name].heading, str(line.amount(name))] for name in names if line.amount(name)
        ],
        "fate": line.fate.value,
        "changes": [],
        "problems": [
            [line.table.cell(line.row, name), line.table.layout.by_field[name].heading,
             shortened(texts.get(name, "")), message]
            for name, message in line.problems.items()
        ],
    }  # fmt: skip
