"""The allotment order as a paper."""

from sqlalchemy.orm import Session

from bmms.domain.allotments import labels, queries
from bmms.domain.documents.papers import Paper, Told, declare
from bmms.domain.forms.obligations import moment, pesos
from bmms.domain.permissions import P
from bmms.domain.signatories.kinds import DocumentKind
from bmms.models.allotments import AllotmentOrder, OrderStatus


def title_of_order(_session: Session, order: AllotmentOrder) -> str:
    """What an order is called."""
    return f"Allotment order {order.number}"


def tell_order(session: Session, order: AllotmentOrder) -> Told:
    """The order with its accounts."""
    content = {
        "number": order.number, "dated": order.dated.isoformat(), "kind": order.kind.value,
        "legal_basis": order.legal_basis, "request": order.request, "counterpart": order.counterpart,
        "quarter": str(order.for_quarter or ""), "conditions": order.conditions, "total": pesos(order.total),
        "valid_until": order.valid_until.isoformat() if order.valid_until else "",
        "lines": [
            {"account": one.account.name, "law": one.account.law, "object": one.line.object_code or "",
             "amount": pesos(one.line.amount * one.line.direction)}
            for one in queries.lines_of(session, order)
        ],
        "entered": [order.entered_label, moment(order.created_at)],
        "released": [order.released_label, moment(order.released_at)],
    }  # fmt: skip
    return Told(
        content=content, title=title_of_order(session, order), period=f"Fiscal year {order.fiscal_year}",
        status=labels.STATUS[order.status][0], is_open=order.status == OrderStatus.DRAFT,
        is_final=order.status == OrderStatus.RELEASED, is_demo=order.is_demo,
    )  # fmt: skip


ORDER = Paper(
    kind="allotment_order", subject="order_id", find=queries.get_order, tell=tell_order, see_drafts=P.LEDGER_EDIT,
    template="documents/allotment_order.html", words=labels, name="Allotment order", button="Print the order",
    signed=DocumentKind.ALLOTMENT_ORDER,
)  # fmt: skip
declare(ORDER)
