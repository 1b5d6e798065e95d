"""Allotment orders: entered from the instrument of MFBM, released by somebody else."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from flask import Response, abort, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_authority import ConfirmForm, OrderForm, order_form
from bmms.domain.allotments import actions, labels, queries, steps
from bmms.domain.ledger import accounts, files
from bmms.domain.ledger.accounts import Shown
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.allotments import AllotmentOrder, OrderKind, OrderStatus
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import Way, removal_page
from bmms.web.tokens import fresh_key

KINDS = "any(comprehensive, special, withdrawal, transfer)"


@bp.get("/orders")
@guard(Permission.LEDGER_VIEW)
def order_list() -> Response:
    """The allotment orders, the latest first."""
    session = db.session()
    years = accounts.years_of(session)
    year, status = request.args.get("year", type=int), request.args.get("status", "")
    asked = OrderStatus(status) if status in set(OrderStatus) else None
    return page(
        "execution/order_list.html", fragment="results", years=years, year=year, chosen=status, labels=labels,
        orders=paginate(queries.list_orders(g.actor, fiscal_year=year, status=asked)),
        proof=queries.proof_of_list(session, g.actor, year), latest=years[0] if years else None,
    )  # fmt: skip


@bp.route(f"/orders/new/<{KINDS}:kind>", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def order_new(kind: str) -> Response:
    """Enter an order of this kind, for the accounts of the fiscal year `?year=`."""
    session, chosen = db.session(), OrderKind(kind)
    year = request.args.get("year", 0, type=int)
    shown = queries.allottable(session, chosen, year)
    form = order_form(chosen, _names(shown, chosen)).about()
    if order := form.acts(lambda: actions.enter(session, g.actor, *_answers(form, chosen, year, shown))):
        return see_other(_url(order), "The order is entered. Somebody else releases it.")
    return _form(form, chosen, year, shown, None)


@bp.route("/orders/<int:order_id>/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def order_edit(order_id: int) -> Response:
    """Change an order that is not released."""
    session, order = db.session(), _order(order_id)
    actions.require_draft(order)
    lines = queries.lines_of(session, order)
    shown = {one.account.account.id: one.account for one in lines}
    shown |= {one.account.id: one for one in queries.allottable(session, order.kind, order.fiscal_year)}
    rows = sorted(shown.values(), key=lambda one: one.account.number)
    known = {f"a{one.line.account_id}": one.line.amount * _sign(one, order) for one in lines}
    form = order_form(order.kind, _names(rows, order.kind)).about(order, None, **known)
    act = partial(actions.change, session, g.actor, order)
    if form.acts(lambda: act(*_answers(form, order.kind, order.fiscal_year, rows))):
        return see_other(_url(order), "The order is saved.")
    return _form(form, order.kind, order.fiscal_year, rows, order)


@bp.get("/orders/<int:order_id>")
@guard(Permission.LEDGER_VIEW)
def order_show(order_id: int) -> Response:
    """One order with its lines."""
    session, order = db.session(), _order(order_id)
    is_draft = order.status == OrderStatus.DRAFT
    lines = queries.lines_of(session, order)
    return page(
        "execution/order_show.html", order=order, lines=lines, labels=labels, pill=labels.STATUS[order.status],
        proof=queries.proof_of_order(order, lines),
        may_release=is_draft and g.actor.may(steps.who_releases(session, order)),
        may_edit=is_draft and g.actor.may(Permission.LEDGER_EDIT),
    )  # fmt: skip


@bp.route("/orders/<int:order_id>/release", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def order_release(order_id: int) -> Response:
    """Ask, then release what somebody else entered."""
    session, order = db.session(), _order(order_id)
    form, lines = ConfirmForm(sent_key=fresh_key()), queries.lines_of(session, order)
    if form.acts(lambda: steps.release(session, g.actor, order, key=form.sent_key.data or "")):
        return see_other(_url(order), "The order is released.")
    return form_page(
        "execution/order_release.html", form, order=order, lines=lines, labels=labels,
        proof=queries.proof_of_order(order, lines),
    )  # fmt: skip


@bp.route("/orders/<int:order_id>/cancel", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def order_cancel(order_id: int) -> Response:
    """Ask, then cancel an order that is not released."""
    order = _order(order_id)
    return removal_page(
        partial(actions.cancel, db.session(), g.actor, order), title=order.number, what=f"FY {order.fiscal_year}",
        crumbs=[_top(), (order.number, _url(order))], back=_url(order), done="The order is cancelled.", verb="Cancel",
        consequence="Its number stays taken.",
    )  # fmt: skip


def _order(order_id: int) -> AllotmentOrder:
    return queries.get_order(db.session(), g.actor, order_id)


def _url(order: AllotmentOrder) -> str:
    return url_for(".order_show", order_id=order.id)


def _top() -> Way:
    return "Allotment orders", url_for(".order_list")


def _names(shown: Sequence[Shown], kind: OrderKind) -> list[str]:
    return [f"a{one.account.id}" for one in shown]


def _sign(one: queries.Ordered, order: AllotmentOrder) -> int:
    """In a transfer, what goes to others is typed below zero."""
    return one.line.direction if order.kind == OrderKind.TRANSFER else 1


def _answers(
    form: OrderForm, kind: OrderKind, year: int, shown: Sequence[Shown]
) -> tuple[dict[str, Any], list[actions.Line]]:
    typed: dict[int, Decimal] = {one.account.id: form[f"a{one.account.id}"].data for one in shown}
    lines = [
        actions.Line(account_id, abs(amount), direction=-1 if amount < 0 else 1)
        if kind == OrderKind.TRANSFER
        else actions.Line(account_id, amount)
        for account_id, amount in typed.items()
        if amount
    ]
    answers = {"fiscal_year": year, "kind": kind, **form.columns()}
    if upload := form.file.upload:
        answers["file_id"] = files.keep(db.session(), g.actor, upload)
    return answers, lines


def _form(
    form: OrderForm, kind: OrderKind, year: int, shown: Sequence[Shown], order: AllotmentOrder | None
) -> Response:
    if not shown and order is None:
        abort(404)
    return form_page(
        "execution/order_form.html", form, kind=kind, year=year, shown=shown, order=order, labels=labels,
        room_of=partial(actions.room_of, kind=kind), is_withdrawal=kind == OrderKind.WITHDRAWAL,
    )  # fmt: skip
