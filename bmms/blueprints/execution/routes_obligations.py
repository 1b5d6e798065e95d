"""Obligation requests: the list, the page of one, the form with its lines and what the accounts have left."""

from decimal import Decimal
from functools import partial
from typing import Any

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_obligations import (
    ObligationForm,
    lines_typed,
    obligation_form,
)
from bmms.domain import clock
from bmms.domain.attachments.queries import list_attachments
from bmms.domain.disbursements import labels as voucher_words
from bmms.domain.disbursements import queries as payments
from bmms.domain.files import kinds
from bmms.domain.ledger import accounts, labels
from bmms.domain.obligations import actions, headroom, queries, steps
from bmms.domain.obligations import labels as words
from bmms.domain.obligations.choices import Choices
from bmms.domain.obligations.labels import Stage
from bmms.domain.obligations.queries import Filters
from bmms.domain.obligations.rules import MOST_LINES
from bmms.domain.obligations.subjects import OBLIGATION
from bmms.domain.permissions import Permission
from bmms.domain.statements.spending import Obligations
from bmms.domain.subjects import Subject
from bmms.domain.workflow import offered
from bmms.domain.workplans.queries import get_item
from bmms.extensions import db
from bmms.models.obligations import Obligation, ObligationStatus
from bmms.web.acts import ACT_WORDS
from bmms.web.addresses import LARGEST_ID
from bmms.web.fields import as_id
from bmms.web.form_rows import rows_sent, with_rows
from bmms.web.guard import guard
from bmms.web.look_up_pages import look_up_page
from bmms.web.paging import paginate
from bmms.web.requests import SAFE
from bmms.web.respond import form_page, page, see_other, wants_fragment


@bp.get("/obligations")
@guard(Permission.LEDGER_VIEW)
def obligation_list() -> Response:
    """The requests; `?status=`, `?q=`, `?account=`, `?item=` and `?year=` narrow the list."""
    session, filters = db.session(), _filters()
    rows = paginate(queries.list_obligations(g.actor, filters))
    return page(
        "execution/obligation_list.html", fragment="results", rows=rows, filters=filters, words=words,
        years=queries.years_of(session),
        account=accounts.get_account(session, filters.account_id) if filters.account_id else None,
        item=get_item(session, g.actor, filters.item_id)[0] if filters.item_id else None,
        proof=queries.proof_of_list(session, g.actor, filters),
        may_enter=g.actor.may(Permission.LEDGER_EDIT), may_list=Obligations.is_open_to(g.actor),
    )  # fmt: skip


@bp.route("/obligations/new", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def obligation_new() -> Response:
    """Begin a request."""
    form = _form(None)
    if obligation := _saved(form, None):
        return _saved_to(obligation)
    return _form_page(form, None)


@bp.get("/obligations/<int:obligation_id>")
@guard(Permission.LEDGER_VIEW)
def obligation_show(obligation_id: int) -> Response:
    """One request with its boxes, lines, adjustments, what is due, files and history."""
    session, obligation = db.session(), obligation_of(obligation_id)
    lines = queries.lines_of(session, obligation)
    is_posted = obligation.status in queries.POSTED
    sums, subject = queries.sums_of(lines), Subject(OBLIGATION, obligation)
    files = session.execute(list_attachments(subject)).all()
    return page(
        "execution/obligation_show.html",
        obligation=obligation,
        lines=lines,
        sums=sums,
        stage=words.stage_of(obligation, sums.current, sums.paid),
        words=words,
        clusters=labels.CLUSTERS,
        is_posted=is_posted,
        adjustments=queries.adjustments_of(session, obligation, lines) if is_posted else [],
        due_notes=queries.due_notes_of(session, lines) if is_posted else [],
        vouchers=payments.vouchers_of(session, obligation) if is_posted else [],
        called=voucher_words.called,
        voucher_status=voucher_words.STATUS,
        files=files,
        kind_of=kinds.label_of,
        takes_files=g.actor.may(Permission.LEDGER_EDIT) and bool(OBLIGATION.taking(obligation)),
        needs_file=obligation.status == ObligationStatus.DRAFT and obligation.total > steps.WITHOUT_FILE and not files,
        steps=_offered(obligation),
        acts=queries.latest_acts(session, g.actor, obligation),
        act_words=ACT_WORDS,
        figure=Decimal,
        may_edit=g.actor.may(Permission.LEDGER_EDIT),
        may_certify=g.actor.may(Permission.LEDGER_CERTIFY),
        may_pay=g.actor.may(Permission.LEDGER_PAY),
    )  # fmt: skip


@bp.route("/obligations/<int:obligation_id>/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def obligation_edit(obligation_id: int) -> Response:
    """Change a request that is a draft."""
    obligation = obligation_of(obligation_id)
    actions.require_draft(obligation)
    form, version = _form(obligation), obligation.row_version
    if _saved(form, obligation):
        return _saved_to(obligation)
    form.look_again(version)
    return _form_page(form, obligation)


@bp.post("/obligations/headroom")
@guard(Permission.LEDGER_EDIT)
def obligation_headroom() -> Response:
    """What the accounts have for what stands in the form now."""
    if not wants_fragment():
        return see_other(url_for(".obligation_list"))
    form = obligation_form(rows_sent(most=MOST_LINES), is_new=True)(meta={"csrf": False})
    return page("execution/obligation_form.html", fragment="headroom", quiet=True, rooms=_rooms(form), day=_day(form))


@bp.get("/obligations/look-up/<any(objects, 'work-items'):kind>")
@guard(Permission.LEDGER_EDIT)
def obligation_look_up(kind: str) -> Response:
    """Rows of `?year=` that a line can name, looked up by their names."""
    year = request.args.get("year", clock.today().year, type=int)
    known = Choices(db.session(), min(max(year, 2000), 2200)).of_kind(kind)
    return look_up_page(kind, known, ("Obligations", url_for(".obligation_list")))


def obligation_of(obligation_id: int) -> Obligation:
    """The request of an address."""
    return queries.get_obligation(db.session(), g.actor, obligation_id)


def _filters() -> Filters:
    status, year = request.args.get("status", ""), request.args.get("year", 0, type=int)
    return Filters(
        Stage(status) if status in set(Stage) else None, request.args.get("q", "").strip()[:200],
        as_id(request.args.get("account")), year if 0 < year < LARGEST_ID else None, as_id(request.args.get("item")),
    )  # fmt: skip


def _offered(obligation: Obligation) -> list[Any]:
    """The steps of this person; nobody is offered to certify what he or she asked for."""
    own = {obligation.entered_by, obligation.requested_by} & g.actor.persons
    waits = obligation.status == ObligationStatus.REQUESTED
    foreign = obligation.requested_by not in g.actor.persons
    return offered(
        g.actor, steps.OBLIGATION_STEPS, obligation.status, certify=bool(own), withdraw=foreign,
        cancel=waits and foreign,
    )  # fmt: skip


def _form(obligation: Obligation | None) -> ObligationForm:
    lines = queries.lines_to_check(db.session(), obligation) if obligation and request.method in SAFE else []
    typed = {"dated": clock.today(), "fund_cluster": "01"} if obligation is None else {}
    form = with_rows(
        partial(obligation_form, is_new=obligation is None), obligation, typed | lines_typed(lines),
        stored=len(lines), first=3, most=MOST_LINES,
    )  # fmt: skip
    form.offer(db.session(), Choices(db.session(), _day(form).year))
    return form


def _saved(form: ObligationForm, obligation: Obligation | None) -> Obligation | None:
    """Save what was sent, unless one more row was asked for; on the way to Box A only what could be posted."""
    if "more" in request.form:
        return None
    return form.acts(partial(_save, form, obligation)) or None


def _save(form: ObligationForm, obligation: Obligation | None) -> Obligation:
    session, lines = db.session(), form.lines()
    if obligation is None:
        obligation = actions.enter(session, g.actor, form.answers(), lines)
    else:
        actions.change(session, g.actor, obligation, form.answers(), lines, version=form.row_version.data)
    if "ready" in request.form:
        steps.require_room(session, g.actor, obligation, lines)
    return obligation


def _saved_to(obligation: Obligation) -> Response:
    view = "obligation_request" if "ready" in request.form else "obligation_show"
    return see_other(url_for(f".{view}", obligation_id=obligation.id), "The request is saved as a draft.")


def _form_page(form: ObligationForm, obligation: Obligation | None) -> Response:
    return form_page("execution/obligation_form.html", form, obligation=obligation, rooms=_rooms(form), day=_day(form))


def _rooms(form: ObligationForm) -> list[headroom.Room]:
    return headroom.rooms_of(db.session(), form.lines(), _day(form), form.choices)


def _day(form: ObligationForm) -> Any:
    return form.dated.data or clock.today()
