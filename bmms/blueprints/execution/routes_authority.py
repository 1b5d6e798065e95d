"""Appropriations: entered from an act or an enacted proposal, put in force by somebody else, extended by law."""

from functools import partial

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_authority import AppropriationForm, ConfirmForm, ExtensionForm
from bmms.domain.authority import actions, by_hand, extensions, queries, steps
from bmms.domain.ledger.labels import APPROPRIATION_STATUS, LAW_KIND
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.authority import Appropriation, AppropriationStatus, LawKind
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.step_pages import Way, removal_page
from bmms.web.tokens import fresh_key

SHOW = Permission.LEDGER_VIEW
CENTRAL = Permission.BUDGET_DECIDE  # what lets MFBM in: in operated years it acts itself


@bp.get("/appropriations")
@guard(SHOW, central=SHOW)
def appropriation_list() -> Response:
    """The laws by which money may be spent, and what can be entered next."""
    session = db.session()
    may_enter = g.actor.may(Permission.LEDGER_EDIT) or g.actor.may(CENTRAL)
    return page(
        "execution/appropriation_list.html", rows=queries.list_appropriations(session), statuses=APPROPRIATION_STATUS,
        origins=queries.origins(session, g.actor, g.organization.code) if may_enter else [], kinds=LAW_KIND,
        may_enter=may_enter,
    )  # fmt: skip


@bp.route("/appropriations/new", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def appropriation_new() -> Response:
    """Enter what an act or an enacted proposal gives: `?origin=` says which."""
    session = db.session()
    found = queries.origin_at(session, g.actor, g.organization.code, request.args.get("origin", ""))
    year, given = found.fiscal_year, found.given
    form = AppropriationForm.about(
        None, None, kind=LawKind.GAAB, reference=found.proposal.law if found.proposal else found.title,
        effective_on=actions.first_day(year), obligate_until=actions.last_day(year), pay_until=actions.last_day(year),
        total=given.total,
    )  # fmt: skip
    act = partial(
        actions.enter, session, g.actor, fiscal_year=year, amounts=given.amounts,
        act_id=found.act.id if found.act else None, proposal_id=found.proposal.id if found.proposal else None,
    )  # fmt: skip
    if row := form.acts(lambda: act(**form.answers())):
        return see_other(_url(row), "The appropriation is entered. Somebody else puts it in force.")
    rows = queries.rows_of(session, dict(given.amounts))
    return form_page(
        "execution/appropriation_form.html", form, found=found, rows=rows,
        proof=queries.proof_of(rows, form.total.data or given.total, "the total of the law"),
    )  # fmt: skip


@bp.get("/appropriations/<int:appropriation_id>")
@guard(SHOW, central=SHOW)
def appropriation_show(appropriation_id: int) -> Response:
    """One appropriation with its amounts by program and class, and its extensions."""
    session, row = db.session(), _row(appropriation_id)
    rows = queries.rows_of(session, queries.amounts_of(session, row))
    is_draft = row.status == AppropriationStatus.DRAFT
    enters, confirms = g.actor.may(steps.who_enters(row)), g.actor.may(steps.who_confirms(row))
    return page(
        "execution/appropriation_show.html", row=row, rows=rows, pill=APPROPRIATION_STATUS[row.status], kinds=LAW_KIND,
        proof=queries.proof_of(rows, row.total, "the total of the law"), extensions=queries.extensions_of(session, row),
        may_confirm=is_draft and confirms, may_drop=is_draft and enters, may_confirm_extension=confirms,
        may_extend=not is_draft and enters, may_edit=by_hand.is_by_hand(row) and enters,
        may_reenact=by_hand.is_reenactable(row) and steps.may_enter(session, g.actor, row.fiscal_year + 1),
    )  # fmt: skip


@bp.route("/appropriations/<int:appropriation_id>/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW, central=CENTRAL)
def appropriation_confirm(appropriation_id: int) -> Response:
    """Ask, then open its accounts."""
    session, row = db.session(), _row(appropriation_id)
    g.actor.require(steps.who_confirms(row))
    form = ConfirmForm(sent_key=fresh_key())
    act = partial(steps.put_in_force, session, g.actor, row)
    if form.acts(lambda: act(key=form.sent_key.data or "")):
        return see_other(_url(row), "The appropriation is in force. Its accounts are open.")
    rows = queries.rows_of(session, queries.amounts_of(session, row))
    return form_page(
        "execution/appropriation_confirm.html", form, row=row, rows=rows,
        proof=queries.proof_of(rows, row.total, "the total of the law"),
    )  # fmt: skip


@bp.route("/appropriations/<int:appropriation_id>/delete", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def appropriation_delete(appropriation_id: int) -> Response:
    """Ask, then remove what is not in force."""
    row = _row(appropriation_id)
    g.actor.require(steps.who_enters(row))
    return removal_page(
        partial(actions.drop, db.session(), g.actor, row), title=row.reference, what=f"FY {row.fiscal_year}",
        crumbs=[_top(), (row.reference, _url(row))], back=_url(row), done="The appropriation is removed.",
        next_url=url_for(".appropriation_list"),
    )  # fmt: skip


@bp.route("/appropriations/<int:appropriation_id>/extensions/new", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def validity_new(appropriation_id: int) -> Response:
    """Enter a law that extends its validity."""
    row, form = _row(appropriation_id), ExtensionForm()
    g.actor.require(steps.who_enters(row))
    act = partial(extensions.enter, db.session(), g.actor, row)
    if form.acts(
        lambda: act(
            law=form.law.data or "", effective_on=form.effective_on.data, obligate_until=form.obligate_until.data,
            pay_until=form.pay_until.data, file=form.file.upload,
        )
    ):  # fmt: skip
        return see_other(_url(row), "The extension is entered. Somebody else confirms it.")
    return form_page("execution/validity_form.html", form, row=row)


@bp.route("/appropriations/<int:appropriation_id>/extensions/<int:validity_id>/confirm", methods=["GET", "POST"])
@guard(Permission.BUDGET_REVIEW, central=CENTRAL)
def validity_confirm(appropriation_id: int, validity_id: int) -> Response:
    """Ask, then put the extension into force."""
    session, row = db.session(), _row(appropriation_id)
    extension, form = extensions.get_extension(session, row, validity_id), ConfirmForm(sent_key=fresh_key())
    g.actor.require(steps.who_confirms(row))
    if form.acts(lambda: extensions.confirm(session, g.actor, row, extension)):
        return see_other(_url(row), "The extension is in force.")
    return form_page("execution/validity_confirm.html", form, row=row, extension=extension)


@bp.route("/appropriations/<int:appropriation_id>/extensions/<int:validity_id>/withdraw", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT, central=CENTRAL)
def validity_withdraw(appropriation_id: int, validity_id: int) -> Response:
    """Ask, then take back an extension that nobody has confirmed."""
    session, row = db.session(), _row(appropriation_id)
    extension = extensions.get_extension(session, row, validity_id)
    g.actor.require(steps.who_enters(row))
    return removal_page(
        partial(extensions.withdraw, session, g.actor, row, extension), title=extension.law, what=row.reference,
        crumbs=[_top(), (row.reference, _url(row))], back=_url(row), done="The extension is withdrawn.",
        verb="Withdraw",
    )  # fmt: skip


def _row(appropriation_id: int) -> Appropriation:
    return queries.get_appropriation(db.session(), appropriation_id)


def _url(row: Appropriation) -> str:
    return url_for(".appropriation_show", appropriation_id=row.id)


def _top() -> Way:
    return "Appropriations", url_for(".appropriation_list")
