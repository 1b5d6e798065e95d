"""Cash authorities: entered by accounting, confirmed by somebody else; whether payments keep within them (E-10)."""

from functools import partial

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_cash import CashConfirmForm, CashForm, ControlForm, PlainCashForm
from bmms.domain import clock
from bmms.domain.cash import actions, controls, labels, queries
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.periods.queries import year_of
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.ledger import CashAuthority
from bmms.web.acts import words_of
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import Way, removal_page

CLUSTER = f"any({', '.join(repr(cluster) for cluster in CLUSTERS)})"


@bp.get("/cash")
@guard(Permission.LEDGER_VIEW)
def cash_list() -> Response:
    """The cash of each month (`?year=`, `?cluster=`), the authorities behind it, and the controls."""
    session = db.session()
    year = year_of(request.args.get("year", type=int))
    cluster = queries.cluster_of(request.args.get("cluster", ""))
    return page(
        "execution/cash_list.html", fragment="results", year=year, cluster=cluster,
        years=sorted({year, clock.today().year, *queries.years_of(session)}, reverse=True),
        months=queries.months_of(session, year, cluster), controls=queries.controls_of(session), clusters=CLUSTERS,
        authorities=paginate(queries.list_authorities(year, cluster)), proof=queries.proof_of(session, year, cluster),
        labels=labels, may_enter=g.actor.may(Permission.LEDGER_PAY), may_set=g.actor.may(Permission.BUDGET_REVIEW),
    )  # fmt: skip


@bp.route("/cash/new", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def cash_new() -> Response:
    """Enter an authority from its instrument."""
    session = db.session()
    form = (CashForm if queries.has_demo(session) else PlainCashForm).about(None, None, received_on=clock.today())
    if authority := form.acts(lambda: actions.enter(session, g.actor, **form.columns())):
        return see_other(_url(authority), "The cash authority is entered. Somebody else confirms it.")
    return form_page("execution/cash_form.html", form)


@bp.get("/cash/<int:cash_id>")
@guard(Permission.LEDGER_VIEW)
def cash_show(cash_id: int) -> Response:
    """One authority: what it gives, who entered and who confirmed it."""
    session, authority = db.session(), _authority(cash_id)
    waits = authority.confirmed_at is None
    return page(
        "execution/cash_show.html", authority=authority, pill=labels.state_of(authority), clusters=CLUSTERS,
        history=queries.history_of(session, g.actor, authority), words_of=words_of,
        may_confirm=waits and g.actor.may(Permission.BUDGET_REVIEW),
        may_withdraw=waits and g.actor.may(Permission.LEDGER_PAY),
    )  # fmt: skip


@bp.route("/cash/<int:cash_id>/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def cash_confirm(cash_id: int) -> Response:
    """Ask, then let it count."""
    session, authority, form = db.session(), _authority(cash_id), CashConfirmForm()
    if form.acts(lambda: actions.confirm(session, g.actor, authority)):
        return see_other(_url(authority), "The cash authority is confirmed. It can be paid out.")
    return form_page("execution/cash_confirm.html", form, authority=authority, clusters=CLUSTERS)


@bp.route("/cash/<int:cash_id>/withdraw", methods=["GET", "POST"])
@guard(Permission.LEDGER_PAY)
def cash_withdraw(cash_id: int) -> Response:
    """Ask, then take back an authority that nobody has confirmed."""
    authority = _authority(cash_id)
    return removal_page(
        partial(actions.withdraw, db.session(), g.actor, authority), title=authority.number,
        what=f"₱ {authority.amount:,.2f}", crumbs=[_top(), (authority.number, _url(authority))], back=_url(authority),
        next_url=url_for(".cash_list"), done="The cash authority is withdrawn.", verb="Withdraw",
    )  # fmt: skip


@bp.route(f"/cash/controls/<{CLUSTER}:cluster>/<any(on, off):way>", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW)
def cash_control(cluster: str, way: str) -> Response:
    """Ask for the day and the reason, then turn the control of a fund cluster on, or off again."""
    session, form = db.session(), ControlForm()
    is_on = way == "on"
    if is_on:
        done = f"Payments of fund cluster {cluster} keep within its cash."
        act = partial(controls.switch_on, session, g.actor, cluster)
        told = form.acts(lambda: act(form.since.data, form.note.data or ""))
    else:
        done = f"The control of fund cluster {cluster} is off. Payments beyond its cash are warned about."
        told = form.acts(lambda: controls.switch_off(session, g.actor, cluster, form.note.data or ""))
    if told:
        return see_other(url_for(".cash_list"), done)
    return form_page(
        "execution/cash_control.html", form, cluster=CLUSTERS[cluster], is_on=is_on,
        control=queries.control_of(session, cluster),
    )  # fmt: skip


def _authority(cash_id: int) -> CashAuthority:
    return queries.get_authority(db.session(), cash_id)


def _url(authority: CashAuthority) -> str:
    return url_for(".cash_show", cash_id=authority.id)


def _top() -> Way:
    return "Cash", url_for(".cash_list")
