"""Allotment orders: entered from the instrument of MFBM, released by somebody else."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response, abort, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_authority import ConfirmForm, OrderForm, kept_file, lines_as_typed, order_form
from bmms.domain import clock
from bmms.domain.allotments import actions, labels, queries, steps
from bmms.domain.deadlines.queries import overdue_count
from bmms.domain.ledger import accounts
from bmms.domain.ledger.accounts import Shown
from bmms.domain.obligations.choices import Choices
from bmms.domain.obligations.rules import MOST_LINES
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.allotments import AllotmentOrder, OrderKind, OrderStatus
from bmms.web.form_rows import highest, with_rows
from bmms.web.guard import guard
from bmms.web.look_up_pages import look_up_page
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import Way, removal_page
from bmms.web.tokens import fresh_key

SHOW = Permission.LEDGER_VIEW
CENTRAL = Permission.BUDGET_DECIDE  # what lets MFBM in: in operated years it acts itself
KINDS = "any(comprehensive, special, withdrawal, transfer)"


@bp.get("/orders")
@guard(SHOW, central=SHOW)
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
        may_enter=bool(years) and steps.may_enter(session, g.actor, year or years[0]), overdue=overdue_count(session),
    )  # fmt: skip


@bp.route(f"/orders/new/<{KINDS}:kind>", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def order_new(kind: str) -> Response:
    """Enter an order of this kind, for the accounts of the fiscal year `?year=`."""
    session, chosen = db.session(), OrderKind(kind)
    year = request.args.get("year", 0, type=int)
    if not steps.may_enter(session, g.actor, year):
        abort(403)
    shown = queries.allottable(session, chosen, year)
    if not shown:
        abort(404)
    form = _made(chosen, year, shown, None, {})
    if "more" not in request.form and (order := form.acts(partial(_enter, form, chosen, year, shown))):
        return see_other(_url(order), "The order is entered. Somebody else releases it.")
    return _form_page(form, chosen, year, shown, None)


@bp.route("/orders/<int:order_id>/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def order_edit(order_id: int) -> Response:
    """Change an order that is not released."""
    session, order = db.session(), _order(order_id)
    g.actor.require(actions.who_enters(order))
    actions.require_draft(order)
    lines, version = queries.lines_of(session, order), order.row_version
    known = {one.account.account.id: one.account for one in lines}
    known |= {one.account.id: one for one in queries.allottable(session, order.kind, order.fiscal_year)}
    shown = sorted(known.values(), key=lambda one: one.account.number)
    form = _made(order.kind, order.fiscal_year, shown, order, lines_as_typed(lines, order.kind))
    if "more" not in request.form and form.acts(partial(_change, form, order, shown)):
        return see_other(_url(order), "The order is saved.")
    form.look_again(version)
    return _form_page(form, order.kind, order.fiscal_year, shown, order)


@bp.get("/orders/look-up/<any(objects):kind>")
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def order_look_up(kind: str) -> Response:
    """Objects of `?year=`, looked up by their names."""
    year = request.args.get("year", clock.today().year, type=int)
    return look_up_page(kind, Choices(db.session(), min(max(year, 2000), 2200)).objects, _top())


@bp.get("/orders/<int:order_id>")
@guard(SHOW, central=SHOW)
def order_show(order_id: int) -> Response:
    """One order with its lines."""
    session, order = db.session(), _order(order_id)
    is_draft = order.status == OrderStatus.DRAFT
    lines = queries.lines_of(session, order)
    return page(
        "execution/order_show.html", order=order, lines=lines, labels=labels, pill=labels.STATUS[order.status],
        proof=queries.proof_of_order(order, lines),
        may_release=is_draft and g.actor.may(steps.who_releases(order)),
        overdue=overdue_count(session) if is_draft else 0,
        may_edit=is_draft and g.actor.may(actions.who_enters(order)),
    )  # fmt: skip


@bp.route("/orders/<int:order_id>/release", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW, central=CENTRAL)
def order_release(order_id: int) -> Response:
    """Ask, then release what somebody else entered."""
    session, order = db.session(), _order(order_id)
    g.actor.require(steps.who_releases(order))
    form, lines = ConfirmForm(sent_key=fresh_key()), queries.lines_of(session, order)
    if form.acts(lambda: steps.release(session, g.actor, order, key=form.sent_key.data or "")):
        return see_other(_url(order), "The order is released.")
    return form_page(
        "execution/order_release.html", form, order=order, lines=lines, labels=labels,
        proof=queries.proof_of_order(order, lines), overdue=overdue_count(session),
    )  # fmt: skip


@bp.route("/orders/<int:order_id>/cancel", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def order_cancel(order_id: int) -> Response:
    """Ask, then cancel an order that is not released."""
    order = _order(order_id)
    g.actor.require(actions.who_enters(order))
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


def _made(
    kind: OrderKind, year: int, shown: Sequence[Shown], order: AllotmentOrder | None, typed: dict[str, Any]
) -> OrderForm:
    """The form, with rows for single objects."""
    kind_of = partial(order_form, kind, shown, is_new=order is None)
    form = with_rows(kind_of, order, typed, stored=highest(typed), first=1, most=MOST_LINES)
    form.offer(shown, Choices(db.session(), year).objects, year)
    return form


def _enter(form: OrderForm, kind: OrderKind, year: int, shown: Sequence[Shown]) -> AllotmentOrder:
    answers = {"fiscal_year": year, "kind": kind, **form.columns()}
    lines = form.lines(shown)
    return actions.enter(db.session(), g.actor, {**answers, **kept_file(form)}, lines)


def _change(form: OrderForm, order: AllotmentOrder, shown: Sequence[Shown]) -> None:
    answers, lines = form.columns(), form.lines(shown)
    actions.change(
        db.session(), g.actor, order, {**answers, **kept_file(form)}, lines, version=form.row_version.data
    )  # fmt: skip


def _form_page(
    form: OrderForm, kind: OrderKind, year: int, shown: Sequence[Shown], order: AllotmentOrder | None
) -> Response:
    return form_page(
        "execution/order_form.html", form, kind=kind, year=year, shown=shown, order=order, labels=labels,
        room_of=partial(actions.room_of, kind=kind), is_withdrawal=kind == OrderKind.WITHDRAWAL,
    )  # fmt: skip
