"""The register of payees: found by name or TIN, entered, corrected, deactivated."""

from functools import partial

from flask import Response, abort, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_payees import PayeeForm
from bmms.domain.looking_up import entries_near
from bmms.domain.payees import actions, queries, tins
from bmms.domain.payees.labels import PAYEE_KIND
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.payees import Payee
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.look_up_fields import FIELD_NAME, proposed_entries
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import removal_page


@bp.get("/payees")
@guard(Permission.LEDGER_VIEW)
def payee_list() -> Response:
    """The register, found by words of a name or by a whole TIN, which no page repeats and no history keeps."""
    search = request.args.get("q", "").strip()[:200]
    is_number = tins.is_written_as_number(search)
    kind, inactive = queries.kind_of(request.args.get("kind", "")), request.args.get("state") == "inactive"
    found = paginate(queries.list_payees(db.session(), search=search, kind=kind, inactive=inactive))
    response = page(
        "execution/payee_list.html", fragment="results", payees=found, search="" if is_number else search,
        by_number=is_number, kind=kind or "", state="inactive" if inactive else "", kinds=PAYEE_KIND,
        masked=tins.masked, may_keep=actions.may_keep(g.actor),
    )  # fmt: skip
    if is_number:
        response.headers["HX-Push-Url"] = "false"
    return response


@bp.get("/payees/names")
@guard(Permission.LEDGER_VIEW)
def payee_names() -> Response:
    """What a payee field proposes: `into` names the list, `field` the answer that holds what was typed."""
    field, into = request.args.get("field", "q"), request.args.get("into", "payees")
    if not FIELD_NAME.fullmatch(into):
        abort(404)
    typed = request.args.get(field, "").strip()[:200]
    names = [name for _, name in entries_near(queries.near(db.session(), typed), typed)]
    return page(
        "execution/payee_names.html", fragment="proposed", quiet=True, proposed=proposed_entries(into, names),
        names=names, typed=typed,
    )  # fmt: skip


@bp.route("/payees/new", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def payee_new() -> Response:
    """Enter a payee."""
    actions.require_keeper(g.actor)
    form = PayeeForm()
    if payee := form.acts(lambda: actions.create_payee(db.session(), g.actor, form.answers(), **form.numbers)):
        return see_other(_url(payee), f"{payee.name} is in the register.")
    return form_page("execution/payee_form.html", form, payee=None, masked=tins.masked)


@bp.get("/payees/<int:payee_id>")
@guard(Permission.LEDGER_VIEW)
def payee_show(payee_id: int) -> Response:
    """One payee."""
    session, payee = db.session(), _payee(payee_id)
    return page(
        "execution/payee_show.html", payee=payee, kind=PAYEE_KIND[payee.kind], masked=tins.masked(payee),
        may_keep=actions.may_keep(g.actor), is_named=queries.is_named(session, payee),
    )  # fmt: skip


@bp.route("/payees/<int:payee_id>/edit", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def payee_edit(payee_id: int) -> Response:
    """Correct a payee; the TIN stays unless another one is typed."""
    actions.require_keeper(g.actor)
    payee = _payee(payee_id)
    form = PayeeForm(obj=payee)
    act = partial(actions.change_payee, db.session(), g.actor, payee)
    if form.acts(
        lambda: act(
            form.answers(), **form.numbers, without_tin=bool(form.without_tin.data), row_version=form.row_version.data
        )
    ):  # fmt: skip
        return see_other(_url(payee), f"{payee.name} is saved.")
    return form_page("execution/payee_form.html", form, payee=payee, masked=tins.masked)


@bp.route("/payees/<int:payee_id>/<any(activate, deactivate):verb>", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def payee_step(payee_id: int, verb: str) -> Response:
    """Ask, then offer a payee no longer, or again."""
    actions.require_keeper(g.actor)
    payee, form = _payee(payee_id), Form()
    act = actions.activate_payee if verb == "activate" else actions.deactivate_payee
    if form.acts(lambda: act(db.session(), g.actor, payee)):
        return see_other(_url(payee), f"{payee.name} is {'active again' if verb == 'activate' else 'inactive'}.")
    return form_page("execution/payee_step.html", form, fragment="", payee=payee, verb=verb)


@bp.route("/payees/<int:payee_id>/delete", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def payee_delete(payee_id: int) -> Response:
    """Ask, then remove a payee whom no document names."""
    actions.require_keeper(g.actor)
    payee = _payee(payee_id)
    crumbs = [("Payees", url_for(".payee_list")), (payee.name, _url(payee))]
    return removal_page(
        partial(actions.delete_payee, db.session(), g.actor, payee), title=payee.name, what=PAYEE_KIND[payee.kind],
        crumbs=crumbs, back=_url(payee), done="The payee is removed.", next_url=url_for(".payee_list"),
    )  # fmt: skip


def _payee(payee_id: int) -> Payee:
    return queries.get_payee(db.session(), payee_id)


def _url(payee: Payee) -> str:
    return url_for(".payee_show", payee_id=payee.id)
