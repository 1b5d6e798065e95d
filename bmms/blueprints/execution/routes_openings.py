"""The opening position: what is typed of it, its workbook, and its confirmation by somebody else."""

from decimal import Decimal
from functools import partial
from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_authority import ConfirmForm
from bmms.blueprints.execution.forms_openings import OpeningForm, OpeningSheetForm
from bmms.domain.imports.kept import KeptList
from bmms.domain.ledger import numbers
from bmms.domain.openings import actions, labels, queries, steps
from bmms.domain.openings.sheets.steps import OPENINGS
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.openings import OpeningPosition, OpeningStatus
from bmms.web.guard import guard
from bmms.web.import_pages import Crumbs
from bmms.web.paging import paginate, paginate_list
from bmms.web.respond import form_page, page, see_other
from bmms.web.sheet_pages import SheetPages, publish
from bmms.web.step_pages import removal_page
from bmms.web.tokens import fresh_key

PARTS = {"accounts": "By account", "unpaid": "Unpaid obligations"}


@bp.get("/openings")
@guard(Permission.LEDGER_VIEW)
def opening_list() -> Response:
    """The opening positions, the latest first."""
    return page("execution/opening_list.html", openings=paginate(queries.list_openings(g.actor)), labels=labels)


@bp.route("/openings/new", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def opening_new() -> Response:
    """Enter what the last signed statement says."""
    form = OpeningForm.about()
    act = partial(actions.enter, db.session(), g.actor)
    if opening := form.acts(lambda: act(form.columns(), form.file.upload)):
        return see_other(_url(opening), "It is entered. Export the workbook, fill it in, and import it.")
    return form_page("execution/opening_form.html", form, opening=None)


@bp.route("/openings/<int:opening_id>/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def opening_edit(opening_id: int) -> Response:
    """Change what was typed."""
    opening = _opening(opening_id)
    actions.require_draft(opening)
    form = OpeningForm.about(opening)
    act = partial(actions.change, db.session(), g.actor, opening)
    if form.acts(lambda: act(form.columns(), form.file.upload)):
        return see_other(_url(opening), "The opening position is saved.")
    return form_page("execution/opening_form.html", form, opening=opening)


@bp.get("/openings/<int:opening_id>")
@guard(Permission.LEDGER_VIEW)
def opening_show(opening_id: int) -> Response:
    """One opening position against its statement; `?show=unpaid` lists the unpaid obligations."""
    session, opening = db.session(), _opening(opening_id)
    is_draft = opening.status == OpeningStatus.DRAFT
    shown = request.args.get("show", "accounts")
    shown = shown if shown in PARTS else "accounts"
    rows = queries.by_account(session, opening)
    tabs = [(told, url_for(".opening_show", opening_id=opening.id, show=one), one == shown)
            for one, told in PARTS.items()]  # fmt: skip
    return page(
        "execution/opening_show.html", fragment="results", opening=opening, pill=labels.STATUS[opening.status],
        shown=shown, tabs=tabs, compared=queries.compared(opening, rows), proof=queries.proof_of(opening, rows),
        accounts=paginate_list(rows), unpaid=paginate(queries.unpaid_of(opening)) if shown == "unpaid" else None,
        may_edit=is_draft and g.actor.may(Permission.LEDGER_EDIT),
        may_confirm=is_draft and g.actor.may(Permission.BUDGET_REVIEW),
        obstacles=queries.obstacles(session, opening, rows) if is_draft else [],
        left_open=queries.leaves_months_open(session, opening),
    )  # fmt: skip


@bp.route("/openings/<int:opening_id>/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def opening_confirm(opening_id: int) -> Response:
    """Ask, then post what somebody else entered."""
    session, opening = db.session(), _opening(opening_id)
    form = ConfirmForm(sent_key=fresh_key())
    if form.acts(lambda: steps.confirm(session, g.actor, opening, key=form.sent_key.data or "")):
        return see_other(_url(opening), "The opening position is in the ledger.")
    rows, is_draft = queries.by_account(session, opening), opening.status == OpeningStatus.DRAFT
    count, unpaid = queries.unpaid_sums(session, opening)
    return form_page(
        "execution/opening_confirm.html", form, opening=opening, compared=queries.compared(opening, rows),
        obstacles=queries.obstacles(session, opening, rows) if is_draft and not form.errors else [],
        count=count, unpaid=unpaid,
        series=[(numbers.title_of(name), last) for name, last in steps.last_numbers(session, opening).items()],
    )  # fmt: skip


@bp.route("/openings/<int:opening_id>/cancel", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def opening_cancel(opening_id: int) -> Response:
    """Ask, then give up an opening position that is not confirmed."""
    opening = _opening(opening_id)
    return removal_page(
        partial(actions.cancel, db.session(), g.actor, opening), title=opening.reference,
        what=f"FY {opening.fiscal_year}", crumbs=[("Opening positions", url_for(".opening_list")),
                                                  (opening.reference, _url(opening))],
        back=_url(opening), done="The opening position is cancelled.", verb="Cancel",
        consequence="What was imported goes; its name stays taken.",
    )  # fmt: skip


class OpeningPages(SheetPages[OpeningPosition]):
    """The sheets Position and Unpaid."""

    sheet, form, read = OPENINGS, OpeningSheetForm, Permission.LEDGER_EDIT
    here, record, exports, imports = "/openings/<int:opening_id>", "opening", "opening_export", "opening_import"
    labels = ("Export an opening position", "Check an opening position", "Import an opening position")
    steps = ("Upload", "Check", "Import")
    waits = ("The workbook is being checked", "The opening position is being imported")

    def crumbs(self, record: OpeningPosition) -> Crumbs:
        return [
            ("Opening positions", url_for(".opening_list")), (record.reference, _url(record)),
            ("Import", self.address("opening_import_new", record)),
        ]  # fmt: skip

    def more_of_check(self, found: KeptList, shown: dict[str, Any]) -> dict[str, Any]:
        for row in shown["rows"].items:
            row["told"] = [(label, Decimal(amount)) for label, amount in row["amounts"]]
        totals = [(label, *map(Decimal, amounts)) for label, *amounts in shown["check"]["totals"]]
        return {"totals": totals, "is_even": not any(one[3] for one in totals)}


publish(bp, OpeningPages())


def _opening(opening_id: int) -> OpeningPosition:
    return queries.get_opening(db.session(), g.actor, opening_id)


def _url(opening: OpeningPosition) -> str:
    return url_for(".opening_show", opening_id=opening.id)
