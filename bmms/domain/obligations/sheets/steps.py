"""Importing requests on screen: upload or paste, check, import (the same three steps as for other sheets)."""

from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import table, working
from bmms.domain.imports.table import Table
from bmms.domain.imports.texts import TextSheet
from bmms.domain.imports.values import some
from bmms.domain.imports.watching import Watch
from bmms.domain.money import shortened
from bmms.domain.obligations import actions, batches
from bmms.domain.obligations.sheets import checking, export
from bmms.domain.obligations.sheets.columns import LAYOUT
from bmms.domain.obligations.sheets.rows import Checked, Row
from bmms.domain.permissions import Permission
from bmms.models.obligations import RequestBatch

MEANT = "Import these requests as they are"
REMEDY = f"Correct the list, or tick “{MEANT}”."


class RequestSheet(TextSheet[RequestBatch, Checked]):
    """A list of requests, from a workbook, a text, or cells that were pasted."""

    name, argument, about = "requests", "batch_id", "list of requests"
    export_task, layout, edit, consent = export.TASK, LAYOUT, Permission.LEDGER_EDIT, "as_they_are"
    words = working.Words(
        gone="The list of requests is gone, or not yours to see any more.",
        lost="The list is gone: it is kept for 24 hours. Send it again.",
        checked="The list is checked.",
        correct="Correct the list and send it again.",
        again="This list is imported already.",
        imported="The requests are imported as drafts.",
    )

    def get(self, session: Session, actor: Actor, record_id: int) -> RequestBatch:
        return batches.get_batch(session, actor, record_id)

    def begin(self, session: Session, actor: Actor, record: RequestBatch) -> None:
        actor.require(self.edit)

    def hold(self, session: Session, actor: Actor, record: RequestBatch) -> None:
        actor.require(self.edit)
        session.refresh(record, with_for_update=True)

    def workbook_of(self, session: Session, record: RequestBatch, prepared_by: str) -> bytes:
        return export.workbook_of(session, record, prepared_by)

    def name_of(self, session: Session, record: RequestBatch) -> str:
        return export.name_of(session, record)

    def checked(self, session: Session, record: RequestBatch, read: Table) -> Checked:
        return checking.check(session, record, read)

    def standing(self, checked: Checked) -> dict[str, str]:
        return {f"row {number}": "odd" for number in checked.odd}

    def named(self, checked: Checked, keys: list[str]) -> str:
        return f"what is to be looked at in {some(sorted(keys))}"

    def described(self, checked: Checked) -> dict[str, Any]:
        return {
            "rows": [_described(checked, row) for row in checked.lines],
            "requests": len(checked.requests), "total": str(checked.total), "odd": len(checked.odd),
        }  # fmt: skip

    def require_meant(self, check: dict[str, Any]) -> None:
        if check["odd"]:
            raise RuleBroken(f"There are rows to be looked at. {REMEDY}", field=self.consent)

    def write(
        self, session: Session, actor: Actor, record: RequestBatch, checked: Checked, watch: Watch, *, meant: bool
    ) -> None:  # fmt: skip
        require_consent(checked, meant=meant)
        made = [(one.document, one.lines) for one in checked.requests if one.document is not None]
        actions.take_in(session, actor, record, made, checked.table, watch)

    def outcome(self, checked: Checked) -> dict[str, Any]:
        return super().outcome(checked) | {"requests": len(checked.requests), "total": str(checked.total)}


REQUESTS = RequestSheet()


def require_consent(checked: Checked, *, meant: bool) -> None:
    """Go on only where nothing is odd, or where that is meant. Raises NotMeant."""
    if checked.odd and not meant:
        told = some([f"Row {number}: {what}" for number, what in sorted(checked.odd.items())])
        raise working.NotMeant(f"{told}. {REMEDY}")


def check_at_once(
    session: Session, actor: Actor, batch: RequestBatch, content: bytes, file_name: str
) -> Checked:  # fmt: skip
    """For the command line: read and check a file.

    Raises:
        RuleBroken: it cannot be read.
    """
    REQUESTS.begin(session, actor, batch)
    REQUESTS.require_list(content, file_name)
    return checking.check(session, batch, table.read(content, file_name, LAYOUT))


def _described(checked: Checked, row: Row) -> dict[str, Any]:
    """A row as the page of the check needs it, in plain values."""
    texts, contents = row.row.texts, checked.contents
    account, payee = contents.accounts.get(row.values.get("account") or 0), row.values.get("payee_id")
    return {
        "number": row.row.number,
        "request": texts.get("request", ""),
        "title": texts.get("particulars", ""),
        "payee": contents.payees[payee].name if payee in contents.payees else texts.get("payee_id", ""),
        "account": account.name if account else texts.get("account", ""),
        "object": texts.get("object", ""),
        "amount": str(row.values.get("amount") or "") if "amount" not in row.problems else "",
        "odd": checked.odd.get(row.row.number, ""),
        "fate": row.fate.value,
        "changes": [],
        "problems": [
            [checked.table.cell(row.row, name), LAYOUT.by_field[name].heading, shortened(texts.get(name, "")), message]
            for name, message in row.problems.items()
        ],
    }
