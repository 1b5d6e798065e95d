"""Requests that come in together from a list: the lists, their import, and Box A for several of them at once."""

from decimal import Decimal
from functools import partial
from typing import Any

from flask import Response, flash, g, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_request_batches import (
    BatchForm,
    RequestImportForm,
    together_form,
)
from bmms.domain import clock
from bmms.domain.imports import table
from bmms.domain.imports.kept import KeptList
from bmms.domain.obligations import batches, together
from bmms.domain.obligations import labels as words
from bmms.domain.obligations.sheets.steps import REQUESTS
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.obligations import ObligationStatus, RequestBatch
from bmms.web.guard import guard
from bmms.web.import_pages import Crumbs
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.sheet_pages import publish
from bmms.web.text_sheet_pages import TextSheetPages


@bp.route("/request-batches", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def batch_list() -> Response:
    """The lists that came in, the latest first; begin one for a year."""
    form = BatchForm(fiscal_year=clock.today().year)
    act = partial(batches.begin, db.session(), g.actor)
    if batch := form.acts(lambda: act(form.fiscal_year.data or clock.today().year)):
        return see_other(url_for(".request_import_new", batch_id=batch.id))
    return form_page(
        "execution/batch_list.html", form, rows=paginate(batches.list_batches()), title_of=batches.title_of
    )


@bp.get("/request-batches/<int:batch_id>")
@guard(Permission.LEDGER_EDIT)
def batch_show(batch_id: int) -> Response:
    """The requests of one list and how they stand."""
    session, batch = db.session(), _batch(batch_id)
    counts = batches.counts_of(session, batch)
    return page(
        "execution/batch_show.html", fragment="results", batch=batch, title=batches.title_of(batch), words=words,
        rows=paginate(batches.requests_of(g.actor, batch)), requests=sum(counts.values()),
        drafts=counts.get(ObligationStatus.DRAFT, 0),
    )  # fmt: skip


@bp.route("/request-batches/<int:batch_id>/request", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def batch_request(batch_id: int) -> Response:
    """Box A for the drafts of a list: those that are ticked go on, one that is refused says why."""
    session, batch = db.session(), _batch(batch_id)
    drafts = batches.drafts_of(session, g.actor, batch, together.AT_ONCE)
    form = together_form([row.Obligation for row in drafts])
    act = partial(together.request, session, g.actor, batch)
    chosen = form.chosen([row.Obligation for row in drafts])
    refused: dict[str, str] = {}
    if outcome := form.acts(lambda: act(chosen, certified=bool(form.certified.data))):
        if not outcome.refused:
            return see_other(url_for(".batch_show", batch_id=batch.id), _told(outcome.requested))
        if outcome.requested:
            flash(_told(outcome.requested), "success")
        refused = outcome.refused
        drafts = batches.drafts_of(session, g.actor, batch, together.AT_ONCE)
        form = together_form([row.Obligation for row in drafts])
    return form_page(
        "execution/batch_request.html", form, batch=batch, title=batches.title_of(batch), drafts=drafts,
        refused=refused, most=together.AT_ONCE,
    )  # fmt: skip


class RequestPages(TextSheetPages[RequestBatch]):
    """The sheet Requests; cells can be pasted, too."""

    sheet, consent, read = REQUESTS, RequestImportForm, Permission.LEDGER_EDIT
    here, record, exports, imports = "/request-batches/<int:batch_id>", "batch", "request_export", "request_import"
    labels = ("Make the workbook for requests", "Check requests to be imported", "Import requests")
    waits = ("The requests are being checked", "The requests are being imported")

    def crumbs(self, record: RequestBatch) -> Crumbs:
        return [
            ("Obligations", url_for(".obligation_list")), ("Import requests", url_for(".batch_list")),
            (batches.title_of(record), self.address("request_import_new", record)),
        ]  # fmt: skip

    def more_of_new(self, record: RequestBatch) -> dict[str, Any]:
        return {"title": batches.title_of(record), "kinds": words.TYPE.values()}

    def more_of_check(self, found: KeptList, shown: dict[str, Any]) -> dict[str, Any]:
        for row in shown["rows"].items:
            row["amount"] = Decimal(row["amount"]) if row["amount"] else None
        return {"total": Decimal(shown["check"]["total"]), "is_text": not table.is_workbook(found.content)}

    def more_of_outcome(self, outcome: dict[str, Any]) -> dict[str, Any]:
        return {"total": Decimal(outcome["total"])}


publish(bp, RequestPages())


def _batch(batch_id: int) -> RequestBatch:
    return batches.get_batch(db.session(), g.actor, batch_id)


def _told(requested: int) -> str:
    count = "1 request is" if requested == 1 else f"{requested} requests are"
    return f"{count} sent. Somebody else certifies each, one at a time."
