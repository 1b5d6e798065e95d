"""An allotment order is released: its amounts may be obligated from its day on."""

from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import news, posting
from bmms.domain.offices import modes
from bmms.domain.permissions import P
from bmms.models.allotments import AllotmentOrder, OrderKind, OrderStatus
from bmms.models.ledger import DocumentKind


def may_enter(session: Session, actor: Actor, fiscal_year: int) -> bool:
    """May the actor enter orders of this year: of a recorded one for the organization, of an operated one for MFBM?"""
    return actor.may(modes.need_in(session, fiscal_year, P.LEDGER_EDIT))


def who_releases(order: AllotmentOrder) -> P:
    """The permission of those who compare it with the instrument and release it."""
    return modes.need_of(order, P.BUDGET_REVIEW)


def release(session: Session, actor: Actor, order: AllotmentOrder, *, key: str) -> None:
    """Post an order that somebody else entered.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not a draft, or the actor entered it.
        Shortfall: more would be released than is appropriated, or withdrawn than is not obligated.
    """
    actor.require(who_releases(order))
    session.refresh(order)
    if order.entered_by in actor.persons:
        raise RuleBroken("You entered this order. Somebody else compares it with the instrument and releases it.")
    posted = posting.post(
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
    if posted is not None:
        is_withdrawal = order.kind == OrderKind.WITHDRAWAL
        news.tell_of(session, actor, order, "withdrawal_released" if is_withdrawal else "order_released")
    session.refresh(order)
