"""What of execution waits for a person: requests and adjustments to certify, own requests that came back."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, literal, or_, select, union_all
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.permissions import P
from bmms.domain.workplace import Waiting
from bmms.models.memberships import Membership
from bmms.models.obligations import AdjustmentStatus, Obligation, ObligationAdjustment
from bmms.models.obligations import ObligationStatus as S
from bmms.models.payees import Payee

MOST = 20
SAID = {
    "certify": ("Waits for your certification", "info"),
    "returned": ("Returned to you", "warn"),
    "adjustment": ("An adjustment waits for your certification", "info"),
}


def matters_of(session: Session, actor: Actor, membership: Membership) -> list[Waiting]:
    """In one statement; nobody certifies what he or she (or a principal) entered or requested."""
    persons = actor.persons
    strange = and_(Obligation.requested_by.not_in(persons), Obligation.entered_by.not_in(persons))
    own = or_(Obligation.entered_by.in_(persons), Obligation.requested_by.in_(persons))
    adjusted = exists().where(
        ObligationAdjustment.obligation_id == Obligation.id, ObligationAdjustment.status == AdjustmentStatus.DRAFT,
        ObligationAdjustment.entered_by.not_in(persons),
    )  # fmt: skip
    certifies = actor.may(P.LEDGER_CERTIFY)
    parts = union_all(
        _those("certify", certifies, and_(Obligation.status == S.REQUESTED, strange)),
        _those("adjustment", certifies, and_(Obligation.status == S.OBLIGATED, adjusted)),
        _those(
            "returned", actor.may(P.LEDGER_EDIT),
            and_(Obligation.status == S.DRAFT, Obligation.remarks != "", own),
        ),
    ).subquery()  # fmt: skip
    rows = session.execute(select(parts).order_by(parts.c.changed).limit(MOST))
    return [
        Waiting(
            f"ORS {row.ors_no}" if row.ors_no else f"Obligation request {row.id}",
            f"{row.payee}, FY {row.fiscal_year}", *SAID[row.what], "execution.obligation_show",
            {"obligation_id": row.id},
        )
        for row in rows
    ]  # fmt: skip


def _those(what: str, may: bool, condition: ColumnElement[bool]) -> Any:
    return (
        select(
            literal(what).label("what"), Obligation.id, Obligation.ors_no, Obligation.fiscal_year,
            Payee.name.label("payee"), Obligation.updated_at.label("changed"),
        )
        .join(Payee, Payee.id == Obligation.payee_id)
        .where(condition if may else false())
    )  # fmt: skip
