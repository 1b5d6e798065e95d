"""What of changes of the budget waits for a person: to be approved, to be posted, own ones that were rejected."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, or_, select

from bmms.domain.actors import Actor
from bmms.domain.changes.labels import KIND
from bmms.domain.permissions import P
from bmms.domain.workplace import Heap, Waiting
from bmms.models.changes import BudgetChange, BudgetChangeLine, ChangeKind
from bmms.models.changes import ChangeStatus as S

SAID = {
    "approve": ("Waits for your approval", "info"),
    "post": ("Approved: waits to be posted", "info"),
}


def _rows(actor: Actor) -> Select[Any] | None:
    """Nobody approves what he or she requested; a transfer that is given is posted by whoever receives it."""
    row = BudgetChange
    when: dict[str, ColumnElement[bool]] = {}
    by_object = and_(
        row.kind == ChangeKind.REALIGNMENT,
        exists().where(BudgetChangeLine.change_id == row.id, BudgetChangeLine.object_code.is_not(None)),
    )
    decides = [rule for need, rule in ((P.BUDGET_APPROVE, ~by_object), (P.BUDGET_REVIEW, by_object)) if actor.may(need)]
    if decides:
        when["approve"] = and_(row.status == S.REQUESTED, row.requested_by.not_in(actor.persons), or_(*decides))
    if actor.may(P.LEDGER_EDIT):
        when["post"] = and_(row.status == S.APPROVED, row.kind != ChangeKind.TRANSFER_OUT)
    if not when:
        return None
    return select(
        case(*((condition, word) for word, condition in when.items())).label("what"), row.id,
        row.reference.label("name"), cast(row.kind, String).label("note"), row.fiscal_year,
        row.updated_at.label("since"),
    ).where(or_(*when.values()))  # fmt: skip


def _told(row: Any) -> Waiting:
    return Waiting(
        row.name, f"{KIND[ChangeKind(row.note)]}, FY {row.fiscal_year}", *SAID[row.what], "execution.change_show",
        {"change_id": row.id},
    )  # fmt: skip


HEAP = Heap(_rows, _told)
