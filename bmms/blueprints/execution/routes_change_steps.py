"""The steps of a change of the budget: request, approve, reject, cancel, post, reverse."""

from functools import partial
from typing import Any

from flask import Response, g, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_changes import ApproveForm, PostForm, ReverseForm, ReversionForm
from bmms.blueprints.execution.routes_changes import change_of
from bmms.domain import clock
from bmms.domain.changes import labels, queries, reversions, rules, steps, transfers
from bmms.domain.changes.steps import STEPS, Instrument
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.changes import BudgetChange, ChangeKind
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import step_page
from bmms.web.tokens import fresh_key


@bp.route("/changes/<int:change_id>/request", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def change_request(change_id: int) -> Response:
    """Ask, then request its approval."""
    return _worded(change_of(change_id), "request", steps.request)


@bp.route("/changes/<int:change_id>/approve", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def change_approve(change_id: int) -> Response:
    """Show the balances, then approve what somebody else requested."""
    session, row = db.session(), change_of(change_id)
    _require_decider(row, "approve")
    form, act = ApproveForm(), partial(steps.approve, session, g.actor, row)
    if form.acts(lambda: act(seen=form.seen.data or "")):
        return see_other(_url(row), STEPS["approve"].done)
    parts = queries.parts_of(session, row)
    balances = queries.balances_of(session, row, parts)
    form.seen.data = steps.mark_of(balances)
    return _confirm(row, "approve", form, parts, balances)


@bp.route("/changes/<int:change_id>/reject", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def change_reject(change_id: int) -> Response:
    """Ask why, then reject what somebody else requested."""
    row = change_of(change_id)
    _require_decider(row, "reject")
    return _worded(row, "reject", steps.reject)


@bp.route("/changes/<int:change_id>/cancel", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def change_cancel(change_id: int) -> Response:
    """Ask why, then take back the own request."""
    return _worded(change_of(change_id), "cancel", steps.cancel)


@bp.route("/changes/<int:change_id>/post", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def change_post(change_id: int) -> Response:
    """Ask for the instrument, then put it into the ledger."""
    session, row = db.session(), change_of(change_id)
    form = PostForm(sent_key=fresh_key(), dated=row.dated, authority=row.authority)
    if not rules.needs_instrument(row, queries.lines_of(session, row)):
        del form.authority, form.file
    received = row.kind == ChangeKind.TRANSFER_IN
    act = partial(transfers.post if received else steps.post, session, g.actor, row)
    if form.acts(lambda: act(_said(form), key=form.sent_key.data or "")):
        return see_other(_url(row), STEPS["post"].done)
    parts = queries.parts_of(session, row)
    return _confirm(row, "post", form, parts, queries.balances_of(session, row, parts))


@bp.route("/changes/<int:change_id>/reverse", methods=["GET", "POST"])
@guard(Permission.BUDGET_APPROVE)
def change_reverse(change_id: int) -> Response:
    """Ask for a day and a reason, then take it back."""
    session, row = db.session(), change_of(change_id)
    form = ReverseForm(sent_key=fresh_key(), dated=clock.today())
    received = row.kind == ChangeKind.TRANSFER_IN
    act = partial(transfers.reverse if received else steps.reverse, session, g.actor, row)
    if form.acts(lambda: act(dated=form.dated.data, note=form.note.data or "", key=form.sent_key.data or "")):
        return see_other(_url(row), STEPS["reverse"].done)
    parts = queries.parts_of(session, row)
    return _confirm(row, "reverse", form, parts, queries.balances_of(session, row, parts))


@bp.get("/changes/reversions")
@guard(Permission.LEDGER_VIEW)
def reversion_list() -> Response:
    """What would go back today because the time of its accounts is over."""
    return page("execution/reversion_list.html", proposals=reversions.proposals(db.session()))


@bp.route("/changes/reversions/<int:appropriation_id>", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def reversion_post(appropriation_id: int) -> Response:
    """Show what goes back of a law, then post it."""
    session = db.session()
    form = ReversionForm(sent_key=fresh_key(), dated=clock.today())
    act = partial(reversions.revert, session, g.actor, appropriation_id)
    key = form.sent_key.data or ""
    if row := form.acts(lambda: act(reference=form.reference.data or "", dated=form.dated.data, key=key)):
        return see_other(_url(row), "The reversion is posted.")
    return form_page(
        "execution/reversion_post.html", form, proposal=reversions.proposal_of(session, appropriation_id)
    )  # fmt: skip


def _said(form: PostForm) -> Instrument:
    return Instrument(
        form.dated.data, form.authority.data or "" if form.authority else "", form.file.upload if form.file else None
    )


def _require_decider(row: BudgetChange, verb: str) -> None:
    """Who decides depends on the change: the head, or between objects of one account the budget review."""
    g.actor.require(steps.steps_of(row, queries.lines_of(db.session(), row))[verb].need)


def _worded(row: BudgetChange, verb: str, act: Any) -> Response:
    """A step that takes words at most."""
    top = ("Changes of the budget", url_for(".change_list"))
    return step_page(STEPS[verb], partial(act, db.session(), g.actor, row), what=row.reference, top=top, back=_url(row))


def _confirm(
    row: BudgetChange, verb: str, form: Any, parts: list[queries.Part], balances: list[queries.Balance]
) -> Response:  # fmt: skip
    return form_page(
        "execution/change_confirm.html", form, change=row, step=STEPS[verb], labels=labels, balances=balances,
        parts=parts, proof=queries.proof_of_change(row, parts),
        by_object=rules.is_by_object(row, [one.line for one in parts]),
    )  # fmt: skip


def _url(row: BudgetChange) -> str:
    return url_for(".change_show", change_id=row.id)
