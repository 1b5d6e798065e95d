"""What of obligations waits for a person: requests and adjustments to certify, own requests that came back."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, union_all

from bmms.domain.actors import Actor
from bmms.domain.permissions import P
from bmms.domain.workplace import Heap, Waiting
from bmms.models.obligations import AdjustmentStatus, Obligation, ObligationAdjustment
from bmms.models.obligations import ObligationStatus as S
from bmms.models.payees import Payee

SAID = {
    "certify": ("Waits for your certification", "info"),
    "returned": ("Returned to you", "warn"),
    "adjustment": ("An adjustment waits for your certification", "info"),
}


def _rows(actor: Actor) -> Select[Any] | None:
    """Nobody certifies what he or she (or a principal) entered or requested."""
    persons, parts = actor.persons, []
    if actor.may(P.LEDGER_CERTIFY):
        strange = and_(Obligation.requested_by.not_in(persons), Obligation.entered_by.not_in(persons))
        adjusted = exists().where(
            ObligationAdjustment.obligation_id == Obligation.id, ObligationAdjustment.status == AdjustmentStatus.DRAFT,
            ObligationAdjustment.entered_by.not_in(persons),
        )  # fmt: skip
        parts.append(_those("certify", and_(Obligation.status == S.REQUESTED, strange)))
        parts.append(_those("adjustment", and_(Obligation.status == S.OBLIGATED, adjusted)))
    if actor.may(P.LEDGER_EDIT):
        own = or_(Obligation.entered_by.in_(persons), Obligation.requested_by.in_(persons))
        parts.append(_those("returned", and_(Obligation.status == S.DRAFT, Obligation.remarks != "", own)))
    return select(union_all(*parts).subquery()) if parts else None


def _those(what: str, condition: ColumnElement[bool]) -> Any:
    return (
        select(
            literal(what).label("what"), Obligation.id, Obligation.ors_no.label("name"), Payee.name.label("note"),
            Obligation.fiscal_year, Obligation.updated_at.label("since"),
        )
        .join(Payee, Payee.id == Obligation.payee_id)
        .where(condition)
    )  # fmt: skip


def _told(row: Any) -> Waiting:
    return Waiting(
        f"ORS {row.name}" if row.name else f"Obligation request {row.id}", f"{row.note}, FY {row.fiscal_year}",
        *SAID[row.what], "execution.obligation_show", {"obligation_id": row.id},
    )  # fmt: skip


HEAP = Heap(_rows, _told)
