"""Who stands in for whom: officers-in-charge and deputies."""

from flask import Response, g, request, url_for

from bmms.blueprints.admin import bp
from bmms.blueprints.admin.forms_organization import DesignationForm, RevokeForm
from bmms.domain.designations import actions, queries
from bmms.domain.errors import RuleBroken
from bmms.domain.files import kinds
from bmms.domain.members import working_members
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.memberships import DesignationKind
from bmms.web import step_up
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other

TONES = {
    queries.State.IN_FORCE: "ok",
    queries.State.COMING: "info",
    queries.State.OVER: "",
    queries.State.REVOKED: "warn",
}
KIND_HINTS = {
    DesignationKind.OIC.value: "Takes the principal's place and signs documents as OIC. One at a time.",
    DesignationKind.DEPUTY.value: "Acts with these rights beside the principal, whose name stays on documents.",
}


@bp.get("/designations")
@guard(Permission.DESIGNATION_VIEW)
def designation_list() -> Response:
    """Those in force and coming; `?past=1` those over and revoked."""
    past = request.args.get("past") == "1"
    rows = paginate(queries.list_designations(past=past))
    listed = [queries.listed(row) for row in rows.items]
    return page("admin/designation_list.html", fragment="results", rows=rows, listed=listed, past=past, tones=TONES)


@bp.get("/designations/<int:designation_id>")
@guard(Permission.DESIGNATION_VIEW)
def designation_show(designation_id: int) -> Response:
    """One designation with its instrument."""
    listed = queries.get_designation(db.session(), designation_id)
    file = queries.instrument_of(db.session(), listed.designation)
    kind = kinds.label_of(file.media_type) if file else ""
    return page(
        "admin/designation_show.html",
        listed=listed,
        file=file,
        file_kind=kind,
        tone=TONES[listed.state],
        may_be_revoked=listed.state in (queries.State.IN_FORCE, queries.State.COMING),
    )


@bp.route("/designations/new", methods=["GET", "POST"])
@guard(Permission.DESIGNATION_CHANGE, step_up=True)
def designation_new() -> Response:
    """Let one officer stand in for another."""
    form = DesignationForm()
    form.offer(working_members(db.session()))
    if form.validate_on_submit():
        try:
            answers = {**form.answers(), "kind": form.designation_kind, "file": form.file.upload}
            designation = actions.designate(db.session(), g.actor, **answers)
            shown = url_for(".designation_show", designation_id=designation.id)
            return see_other(shown, "The designation is made. Both people are told by mail.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("admin/designation_new.html", form, hints=KIND_HINTS, password_needed=step_up.is_needed())


@bp.route("/designations/<int:designation_id>/revoke", methods=["GET", "POST"])
@guard(Permission.DESIGNATION_CHANGE)
def designation_revoke(designation_id: int) -> Response:
    """Ask why, then end it now."""
    listed = queries.get_designation(db.session(), designation_id)
    form = RevokeForm()
    if form.validate_on_submit():
        actions.revoke(db.session(), g.actor, listed.designation, reason=form.reason.data or "")
        shown = url_for(".designation_show", designation_id=designation_id)
        return see_other(shown, "The designation is revoked. Both people are told by mail.")
    return form_page("admin/designation_revoke.html", form, fragment="", listed=listed)
