"""All organizations: the MOAs and whatever else works in BMMS."""

from flask import Response, g, request, url_for

from bmms.blueprints.platform import bp
from bmms.blueprints.platform.forms import NewOrganizationForm
from bmms.domain.errors import RuleBroken
from bmms.domain.organizations import lifecycle, queries, settings
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.organizations import Module, Organization, OrganizationKind
from bmms.web import organization_pages
from bmms.web.forms import VersionedForm
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other
from bmms.web.settings_form import MAIL_MODES, PlatformSettingsForm

LIST = "platform.organization_list"
STATES = {"active": True, "inactive": False}
PILOTS = {"yes": True, "no": False}


@bp.get("/organizations")
@guard(Permission.ORGANIZATION_VIEW)
def organization_list() -> Response:
    """Search and filter them all."""
    words, asked = request.args.get("q", "").strip()[:100], request.args
    kind, state, pilot = asked.get("kind", ""), asked.get("state", ""), asked.get("pilot", "")
    found = paginate(
        queries.list_organizations(
            search=words,
            kind=OrganizationKind(kind) if kind in tuple(OrganizationKind) else None,
            active=STATES.get(state),
            pilot=PILOTS.get(pilot),
        )
    )
    return page(
        "platform/organization_list.html",
        fragment="results",
        found=found,
        members=queries.member_counts(db.session(), found.items),
        words=words,
        kind=kind,
        state=state,
        pilot=pilot,
        kinds=[("", "any"), *((each.value, each.value.capitalize()) for each in OrganizationKind)],
    )


@bp.get("/organizations/<int:organization_id>")
@guard(Permission.ORGANIZATION_VIEW)
def organization_show(organization_id: int) -> Response:
    """One organization with its settings and switches."""
    organization = _organization(organization_id)
    return page(
        "platform/organization_show.html",
        organization=organization,
        modules=[(module, settings.MODULE_LABELS[module], organization.has(module)) for module in Module],
        mail_mode=MAIL_MODES[organization.mail_mode],
        members=queries.member_counts(db.session(), [organization])[organization.id],
    )


@bp.route("/organizations/new", methods=["GET", "POST"])
@guard(Permission.ORGANIZATION_CREATE)
def organization_new() -> Response:
    """Make an organization known."""
    g.menu, form = LIST, NewOrganizationForm()
    if form.validate_on_submit():
        try:
            answers = {**form.answers(), "kind": OrganizationKind(form.kind.data)}
            organization = lifecycle.register(db.session(), g.actor, **answers)
            return _to(organization, f"{organization.code} is made. It is inactive until you open it.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("platform/organization_new.html", form)


@bp.route("/organizations/<int:organization_id>/edit", methods=["GET", "POST"])
@guard(Permission.SETTINGS_CHANGE)
def organization_edit(organization_id: int) -> Response:
    """Contacts, mails, texts and days."""
    organization = _organization(organization_id)
    here, back = (
        url_for(f".{view}", organization_id=organization_id) for view in ("organization_edit", "organization_show")
    )
    return organization_pages.settings_edit(organization, PlatformSettingsForm(obj=organization), here, back)


@bp.route(f"/organizations/<int:organization_id>/modules/<any({', '.join(Module)}):module>", methods=["GET", "POST"])
@guard(Permission.SETTINGS_CHANGE)
def organization_module(organization_id: int, module: str) -> Response:
    """Ask, then switch a module of an organization on or off."""
    organization = _organization(organization_id)
    here = url_for(".organization_module", organization_id=organization_id, module=module)
    back = url_for(".organization_show", organization_id=organization_id)
    return organization_pages.module_switch(organization, Module(module), here, back)


@bp.route("/organizations/<int:organization_id>/close", methods=["GET", "POST"])
@guard(Permission.ORGANIZATION_CREATE)
def organization_close(organization_id: int) -> Response:
    """Ask, then close the pages of an organization."""
    organization = _organization(organization_id)
    form = VersionedForm(obj=organization)
    if form.validate_on_submit():
        lifecycle.set_active(db.session(), g.actor, organization, False, row_version=form.row_version.data)
        return _to(organization, f"{organization.code} is inactive now.")
    members = queries.member_counts(db.session(), [organization])[organization.id]
    return form_page("platform/organization_close.html", form, fragment="", organization=organization, members=members)


@bp.post("/organizations/<int:organization_id>/open")
@guard(Permission.ORGANIZATION_CREATE)
def organization_open(organization_id: int) -> Response:
    """Open the pages of an organization."""
    organization, form = _organization(organization_id), VersionedForm()
    if not form.validate_on_submit():
        return _to(organization)
    lifecycle.set_active(db.session(), g.actor, organization, True, row_version=form.row_version.data)
    return _to(organization, f"{organization.code} is active now.")


@bp.post("/organizations/<int:organization_id>/pilot")
@guard(Permission.ORGANIZATION_CREATE)
def organization_pilot(organization_id: int) -> Response:
    """Take an organization into the pilot, or out of it."""
    organization, form = _organization(organization_id), VersionedForm()
    if not form.validate_on_submit():
        return _to(organization)
    pilot = request.form.get("on") == "1"
    lifecycle.set_pilot(db.session(), g.actor, organization, pilot, row_version=form.row_version.data)
    return _to(organization, f"{organization.code} {'takes part in' if pilot else 'is no longer part of'} the pilot.")


def _organization(organization_id: int) -> Organization:
    g.menu = LIST
    return queries.organization_by_id(db.session(), organization_id)


def _to(organization: Organization, message: str = "") -> Response:
    return see_other(url_for(".organization_show", organization_id=organization.id), message)
