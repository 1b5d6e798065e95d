"""What of vouchers waits for a person: to be paid, to be confirmed as void, own ones that came back."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select

from bmms.domain.actors import Actor
from bmms.domain.disbursements.labels import numbered
from bmms.domain.disbursements.queries import may_prepare
from bmms.domain.permissions import P
from bmms.domain.workplace import Heap, Waiting
from bmms.models.disbursements import Disbursement
from bmms.models.disbursements import DisbursementStatus as S
from bmms.models.payees import Payee

SAID = {
    "pay": ("Waits for your payment", "info"),
    "void": ("Waits for your confirmation that it is void", "info"),
    "returned": ("Returned to you", "warn"),
}


def _rows(actor: Actor) -> Select[Any] | None:
    """Nobody pays what he or she submitted."""
    row, persons = Disbursement, actor.persons
    when: dict[str, ColumnElement[bool]] = {}
    if actor.may(P.LEDGER_PAY):
        when["pay"] = and_(row.status == S.FOR_APPROVAL, row.submitted_by.not_in(persons))
    if actor.may(P.BUDGET_REVIEW):
        when["void"] = and_(row.status == S.PAID, row.void_asked_by.not_in(persons))
    if may_prepare(actor):
        when["returned"] = and_(row.status == S.DRAFT, row.remarks != "", row.submitted_by.in_(persons))
    if not when:
        return None
    return (
        select(
            case(*((condition, word) for word, condition in when.items())).label("what"), row.id,
            row.dv_no.label("name"), Payee.name.label("note"), row.fiscal_year, row.updated_at.label("since"),
        )
        .join(Payee, Payee.id == row.payee_id)
        .where(or_(*when.values()))
    )  # fmt: skip


def _told(row: Any) -> Waiting:
    return Waiting(
        numbered(row.name, row.id), f"{row.note}, FY {row.fiscal_year}", *SAID[row.what],
        "execution.disbursement_show", {"disbursement_id": row.id},
    )  # fmt: skip


HEAP = Heap(_rows, _told)
