"""The usual forms on paper: of an obligation, its adjustment, a voucher, an allotment order."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, url_for
from sqlalchemy.orm import Session

from bmms.blueprints.execution import bp
from bmms.domain.documents.papers import Paper
from bmms.domain.forms.obligations import CERTIFICATE, NOTICE, REQUEST, title_of_notice, title_of_request
from bmms.domain.forms.orders import ORDER, title_of_order
from bmms.domain.forms.vouchers import VOUCHER, title_of_voucher
from bmms.domain.obligations import queries as obligations
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web import document_pages
from bmms.web.document_pages import Place
from bmms.web.guard import guard

HERE = "/forms/<any(orders, obligations, adjustments, vouchers):kind>/<int:subject_id>"
SHOW = Permission.LEDGER_VIEW
PAPERS: dict[str, tuple[Paper, ...]] = {
    "orders": (ORDER,),
    "obligations": (REQUEST, CERTIFICATE),
    "adjustments": (NOTICE,),
    "vouchers": (VOUCHER,),
}
TITLES: dict[str, Callable[[Session, Any], str]] = {
    "orders": title_of_order,
    "obligations": title_of_request,
    "adjustments": title_of_notice,
    "vouchers": title_of_voucher,
}


@bp.get(HERE)
@guard(SHOW)
def form_document_list(kind: str, subject_id: int) -> Response:
    """The papers of one document."""
    return document_pages.document_list(_place(kind, subject_id))


@bp.post(HERE)
@guard(SHOW, export=True)
def form_document_new(kind: str, subject_id: int) -> Response:
    """Print the form as the document stands."""
    return document_pages.document_new(_place(kind, subject_id))


@bp.get(f"{HERE}/documents/<int:document_id>")
@guard(SHOW)
def form_document_show(kind: str, subject_id: int, document_id: int) -> Response:
    """One paper."""
    return document_pages.document_show(_place(kind, subject_id), document_id)


@bp.get(f"{HERE}/documents/<int:document_id>/progress")
@guard(SHOW, quiet=True)
def form_document_progress(kind: str, subject_id: int, document_id: int) -> Response:
    """How far the worker is with it."""
    return document_pages.document_progress(_place(kind, subject_id), document_id)


def _place(kind: str, subject_id: int) -> Place:
    """The papers of the document of the address. Raises NotFound."""
    session, papers = db.session(), PAPERS[kind]
    subject = papers[0].find(session, g.actor, subject_id)
    title = TITLES[kind](session, subject)
    crumbs: document_pages.Crumbs = [_top(kind), (title, _back(kind, subject_id)())]
    return Place(
        papers, subject_id, title, crumbs,
        lambda view, **values: url_for(f".form_{view}", kind=kind, subject_id=subject_id, **values),
    )  # fmt: skip


def _top(kind: str) -> tuple[str, str]:
    return {
        "orders": ("Allotment orders", url_for(".order_list")),
        "obligations": ("Obligations", url_for(".obligation_list")),
        "adjustments": ("Obligations", url_for(".obligation_list")),
        "vouchers": ("Vouchers", url_for(".disbursement_list")),
    }[kind]


def _back(kind: str, subject_id: int) -> Callable[[], str]:
    return {
        "orders": lambda: url_for(".order_show", order_id=subject_id),
        "obligations": lambda: url_for(".obligation_show", obligation_id=subject_id),
        "adjustments": lambda: url_for(
            ".obligation_show", obligation_id=obligations.obligation_of_adjustment(db.session(), subject_id)
        ),
        "vouchers": lambda: url_for(".disbursement_show", disbursement_id=subject_id),
    }[kind]
