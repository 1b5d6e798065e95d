"""An allotment order is released: its amounts may be obligated from its day on."""

from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import posting
from bmms.domain.offices import modes
from bmms.domain.permissions import P
from bmms.models.allotments import AllotmentOrder, OrderStatus
from bmms.models.ledger import DocumentKind


def who_releases(session: Session, order: AllotmentOrder) -> P:
    """The permission of those who compare it with the instrument and release it."""
    return modes.need_in(session, order.fiscal_year, P.BUDGET_REVIEW)


def release(session: Session, actor: Actor, order: AllotmentOrder, *, key: str) -> None:
    """Post an order that somebody else entered.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not a draft, or the actor entered it.
        Shortfall: more would be released than is appropriated, or withdrawn than is not obligated.
    """
    actor.require(who_releases(session, order))
    session.refresh(order)
    if order.entered_by in actor.persons:
        raise RuleBroken("You entered this order. Somebody else compares it with the instrument and releases it.")
    posting.post(
        session,
        actor,
        posting.Order(
            DocumentKind.ALLOTMENT_ORDER, order.id, {OrderStatus.DRAFT},
            {
                "status": OrderStatus.RELEASED, "released_by": actor.user_id, "released_label": actor.signature,
                "released_at": clock.now(),
            },
            label=f"Allotment order {order.number}, {order.kind.value}", doc_date=order.dated, key=key,
            called=order.status.value,
        ),
    )  # fmt: skip
    session.refresh(order)
