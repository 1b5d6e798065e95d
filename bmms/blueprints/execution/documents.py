"""Where the documents of the ledger have their pages."""

from typing import Any

from flask import url_for

from bmms.models.ledger import DocumentKind

PAGES = {
    DocumentKind.APPROPRIATION: ("execution.appropriation_show", "appropriation_id"),
    DocumentKind.ALLOTMENT_ORDER: ("execution.order_show", "order_id"),
    DocumentKind.OBLIGATION: ("execution.obligation_show", "obligation_id"),
    DocumentKind.DISBURSEMENT: ("execution.disbursement_show", "disbursement_id"),
    DocumentKind.BUDGET_CHANGE: ("execution.change_show", "change_id"),
    DocumentKind.OPENING: ("execution.opening_show", "opening_id"),
}


def address_of(kind: DocumentKind, document_id: int) -> str:
    """The page of a document, empty where it has none."""
    if kind not in PAGES:
        return ""
    endpoint, name = PAGES[kind]
    values: dict[str, Any] = {name: document_id}
    return url_for(endpoint, **values)
