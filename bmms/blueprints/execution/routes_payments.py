"""Steps of disbursement vouchers: submitted, returned, paid by somebody else; void by two persons."""

from functools import partial

from flask import Response, g, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_disbursements import AskVoidForm, PayForm, VoidForm
from bmms.domain import clock
from bmms.domain.cash.room import cash_of
from bmms.domain.disbursements import queries, steps
from bmms.domain.disbursements.labels import MODE, called
from bmms.domain.payees.tins import masked
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.disbursements import Disbursement
from bmms.web.guard import guard
from bmms.web.respond import form_page, see_other
from bmms.web.step_pages import Way, step_page


@bp.route("/disbursements/<int:disbursement_id>/submit", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def disbursement_submit(disbursement_id: int) -> Response:
    """Ask, then submit a draft for payment."""
    g.actor.require(steps.steps_of(g.actor)["submit"].need)
    return _step(disbursement_id, "submit")


@bp.route("/disbursements/<int:disbursement_id>/<any('return', cancel):verb>", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def disbursement_step(disbursement_id: int, verb: str) -> Response:
    """Ask for the reason, then return or cancel what waits for payment."""
    return _step(disbursement_id, verb)


@bp.route("/disbursements/<int:disbursement_id>/pay", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def disbursement_pay(disbursement_id: int) -> Response:
    """Show who is paid what out of which accounts, then pay it."""
    session, voucher = db.session(), _voucher(disbursement_id)
    form = PayForm.made()
    if form.acts(lambda: steps.pay(session, g.actor, voucher, key=form.key.data or "")):
        return see_other(_url(voucher), f"{called(voucher)} is paid.")
    lines, payee = queries.lines_of(session, voucher), queries.payee_of(session, voucher)
    cash = cash_of(session, voucher)
    return form_page(
        "execution/disbursement_pay.html", form, fragment="", voucher=voucher, lines=lines, payee=payee,
        tin=masked(payee), called=called(voucher), mode=MODE[voucher.mode], balances=queries.balances_of(lines),
        obstacles=form.form_errors or steps.obstacles(session, g.actor, voucher, lines, cash), cash=cash,
    )  # fmt: skip


@bp.route("/disbursements/<int:disbursement_id>/void", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def disbursement_void(disbursement_id: int) -> Response:
    """Ask that a payment be taken back."""
    session, voucher = db.session(), _voucher(disbursement_id)
    form = AskVoidForm(data={"voided_on": clock.today()})
    act = partial(steps.ask_void, session, g.actor, voucher)
    if form.acts(lambda: act(voided_on=form.voided_on.data, note=form.note.data or "")):
        return see_other(_url(voucher), steps.STEPS["ask_void"].done)
    return form_page("execution/disbursement_void.html", form, fragment="", voucher=voucher, called=called(voucher))


@bp.route("/disbursements/<int:disbursement_id>/void/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def disbursement_void_confirm(disbursement_id: int) -> Response:
    """Compare, then take the payment back."""
    session, voucher = db.session(), _voucher(disbursement_id)
    form = VoidForm.made()
    if form.acts(lambda: steps.void(session, g.actor, voucher, key=form.key.data or "")):
        return see_other(_url(voucher), steps.STEPS["void"].done)
    lines = queries.lines_of(session, voucher)
    return form_page(
        "execution/disbursement_void_confirm.html", form, fragment="", voucher=voucher, called=called(voucher),
        lines=lines, payee=queries.payee_of(session, voucher),
    )  # fmt: skip


@bp.route("/disbursements/<int:disbursement_id>/void/refuse", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def disbursement_void_refuse(disbursement_id: int) -> Response:
    """Ask for the reason, then leave the payment as it is."""
    voucher = _voucher(disbursement_id)
    act = partial(steps.refuse_void, db.session(), g.actor, voucher)
    return step_page(steps.STEPS["refuse_void"], act, what=called(voucher), top=_top(), back=_url(voucher))


def _step(disbursement_id: int, verb: str) -> Response:
    voucher = _voucher(disbursement_id)
    act = partial(steps.take, db.session(), g.actor, voucher, verb)
    return step_page(steps.STEPS[verb], act, what=called(voucher), top=_top(), back=_url(voucher))


def _voucher(disbursement_id: int) -> Disbursement:
    return queries.get_disbursement(db.session(), g.actor, disbursement_id)


def _url(voucher: Disbursement) -> str:
    return url_for(".disbursement_show", disbursement_id=voucher.id)


def _top() -> Way:
    return "Vouchers", url_for(".disbursement_list")
