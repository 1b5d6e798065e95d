"""Disbursement vouchers: found, drafted for certified obligations, and the live figure of what stays unpaid."""

from functools import partial

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_disbursements import VoucherForm, voucher_form
from bmms.domain import clock, merging, money
from bmms.domain.cash.room import cash_for, cash_of
from bmms.domain.disbursements import actions, checks, queries, steps
from bmms.domain.disbursements.labels import MODE, STATUS, called
from bmms.domain.payees.queries import get_payee
from bmms.domain.payees.tins import masked
from bmms.domain.permissions import Permission
from bmms.domain.statements.spending import Disbursements
from bmms.extensions import db
from bmms.models.disbursements import Disbursement, DisbursementStatus
from bmms.models.obligations import Obligation
from bmms.web.acts import words_of
from bmms.web.fields import as_id
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other, wants_fragment
from bmms.web.step_pages import removal_page


@bp.get("/disbursements")
@guard(Permission.LEDGER_VIEW)
def disbursement_list() -> Response:
    """Vouchers by status, number and payee, with the proof of what is paid."""
    session = db.session()
    number, payee = (request.args.get(name, "").strip()[:200] for name in ("number", "payee"))
    status = queries.status_of(request.args.get("status", ""))
    query = queries.list_disbursements(g.actor, status=status, number=number, payee=payee)
    found = paginate(query)
    here = sum(voucher.status == DisbursementStatus.PAID for voucher, _ in found.items)
    return page(
        "execution/disbursement_list.html", fragment="results", vouchers=found, statuses=STATUS, state=status or "",
        number=number, payee=payee, called=called, proof=queries.proof_of_list(session, query, here),
        may_prepare=queries.may_prepare(g.actor), may_list=Disbursements.is_open_to(g.actor),
    )  # fmt: skip


@bp.get("/disbursements/new")
@guard(Permission.LEDGER_VIEW)
def disbursement_choose() -> Response:
    """Which obligation is paid? Certified ones with an unpaid balance, by number or payee."""
    actions.require_preparer(g.actor)
    search = request.args.get("q", "").strip()[:200]
    return page(
        "execution/disbursement_choose.html", fragment="results", search=search,
        obligations=paginate(queries.payable_obligations(search)),
    )  # fmt: skip


@bp.route("/disbursements/new/<int:obligation_id>", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def disbursement_new(obligation_id: int) -> Response:
    """Draft a voucher for an obligation and, with `?also=`, for others of the same payee."""
    actions.require_preparer(g.actor)
    session, obligation = db.session(), queries.get_payable(db.session(), obligation_id)
    also = queries.also_payable(session, obligation, _also())
    lines = queries.payable_lines(session, obligation_ids=[obligation.id, *(one.id for one in also)])
    form = voucher_form(lines).about(None, None, dated=clock.today(), particulars=obligation.particulars)
    act = partial(actions.create_voucher, session, g.actor, obligation)
    if voucher := form.acts(lambda: act(form.answers(), form.amounts)):
        return see_other(_url(voucher), "The voucher is a draft. Submit it when it is complete.")
    here = url_for(".disbursement_new", obligation_id=obligation.id, also=[one.id for one in also])
    return _form_page(form, obligation, {obligation.id, *(one.id for one in also)}, here, voucher=None)


@bp.get("/disbursements/<int:disbursement_id>")
@guard(Permission.LEDGER_VIEW)
def disbursement_show(disbursement_id: int) -> Response:
    """One voucher: what it pays, how it stands, who did what."""
    session, voucher = db.session(), _voucher(disbursement_id)
    lines, payee = queries.lines_of(session, voucher), queries.payee_of(session, voucher)
    waits = voucher.status in (DisbursementStatus.DRAFT, DisbursementStatus.FOR_APPROVAL)
    cash = cash_of(session, voucher) if waits else None
    return page(
        "execution/disbursement_show.html", voucher=voucher, lines=lines, payee=payee, tin=masked(payee),
        called=called(voucher), pill=STATUS[voucher.status], mode=MODE[voucher.mode],
        proof=queries.proof_of(session, voucher, lines), history=queries.history_of(session, g.actor, voucher),
        words_of=words_of, wrong=checks.wrong_to_pay(session, voucher, lines, cash) if waits else {}, cash=cash,
        steps=steps.offered(g.actor, voucher), is_draft=voucher.status == DisbursementStatus.DRAFT,
        may_prepare=queries.may_prepare(g.actor),
    )  # fmt: skip


@bp.route("/disbursements/<int:disbursement_id>/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def disbursement_edit(disbursement_id: int) -> Response:
    """Change a draft; `?also=` adds another obligation of the payee."""
    actions.require_preparer(g.actor)
    session, voucher = db.session(), _voucher(disbursement_id)
    actions.require_draft(voucher)
    obligation, ids = queries.first_obligation(session, voucher)
    ids |= {one.id for one in queries.also_payable(session, obligation, _also())}
    lines = queries.payable_lines(session, of=voucher, obligation_ids=ids)
    typed = {one.field: one.amount for one in lines}
    form = voucher_form(lines).about(voucher, {name: merging.digest(value) for name, value in typed.items()}, **typed)
    act = partial(actions.change_voucher, session, g.actor, voucher)
    if form.acts(lambda: act(form.answers(), form.amounts, **form.ways)):
        return see_other(_url(voucher), "The voucher is saved.")
    here = url_for(".disbursement_edit", disbursement_id=voucher.id, also=list(_also()))
    return _form_page(form, obligation, ids, here, voucher=voucher)


@bp.route("/disbursements/<int:disbursement_id>/delete", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def disbursement_delete(disbursement_id: int) -> Response:
    """Ask, then remove a draft."""
    actions.require_preparer(g.actor)
    voucher = _voucher(disbursement_id)
    crumbs = [("Vouchers", url_for(".disbursement_list")), (called(voucher), _url(voucher))]
    return removal_page(
        partial(actions.delete_voucher, db.session(), g.actor, voucher), title=called(voucher), crumbs=crumbs,
        what=f"₱ {voucher.gross:,.2f}", back=_url(voucher), done="The draft is removed.",
        next_url=url_for(".disbursement_list"),
    )  # fmt: skip


@bp.get("/obligation-lines/<int:obligation_line_id>/unpaid-after")
@guard(Permission.LEDGER_VIEW)
def line_unpaid(obligation_line_id: int) -> Response:
    """What stays unpaid of a line after the amount that is being typed (`?amount_<id>=`), for its form."""
    actions.require_preparer(g.actor)
    line = queries.get_line(db.session(), obligation_line_id)
    if not wants_fragment():
        return see_other(url_for(".disbursement_choose"))
    try:
        amount = money.figure_of(request.args.get(queries.field_of(line.id), "") or "0")
    except money.NoFigure:
        amount = None
    return page(
        "execution/disbursement_form.html", fragment="unpaid", quiet=True, line=line, left=line.unpaid,
        after=None if amount is None or not money.is_pesos(amount) else line.unpaid - amount,
    )  # fmt: skip


def _voucher(disbursement_id: int) -> Disbursement:
    return queries.get_disbursement(db.session(), g.actor, disbursement_id)


def _url(voucher: Disbursement) -> str:
    return url_for(".disbursement_show", disbursement_id=voucher.id)


def _also() -> list[int]:
    return [found for one in request.args.getlist("also")[:10] if (found := as_id(one))]


def _form_page(
    form: VoucherForm, obligation: Obligation, ids: set[int], here: str, voucher: Disbursement | None
) -> Response:
    """The form of a voucher, with the other obligations that it could pay as well."""
    session = db.session()
    return form_page(
        "execution/disbursement_form.html", form, obligation=obligation, here=here, voucher=voucher,
        payee=get_payee(session, obligation.payee_id), others=queries.others_of(session, obligation, ids),
        called=called(voucher) if voucher else "", also=_also(), amount=form.gross,
        cash=cash_for(session, obligation.fund_cluster, form.dated.data or clock.today(), is_demo=obligation.is_demo),
    )  # fmt: skip
