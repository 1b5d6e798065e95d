"""What the organization says of itself: contacts, logo, modules."""

from flask import Response, g, url_for

from bmms.blueprints.admin import bp
from bmms.blueprints.admin.forms_organization import LogoForm
from bmms.domain.errors import RuleBroken
from bmms.domain.organizations import logo, settings
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.organizations import Module
from bmms.web import organization_pages
from bmms.web.forms import VersionedForm
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other
from bmms.web.settings_form import MAIL_MODES, SettingsForm


@bp.get("/settings")
@guard(Permission.SETTINGS_VIEW)
def settings_show() -> Response:
    """Everything at a glance, for everybody here."""
    modules = [(module, settings.MODULE_LABELS[module], g.organization.has(module)) for module in Module]
    mail_mode = MAIL_MODES[g.organization.mail_mode]
    return page("admin/settings_show.html", organization=g.organization, modules=modules, mail_mode=mail_mode)


@bp.route("/settings/edit", methods=["GET", "POST"])
@guard(Permission.SETTINGS_CHANGE)
def settings_edit() -> Response:
    """Change contacts, texts and mails; the days of the pilot are the platform's."""
    form = SettingsForm(obj=g.organization)
    return organization_pages.settings_edit(g.organization, form, url_for(".settings_edit"), url_for(".settings_show"))


@bp.route(f"/settings/modules/<any({', '.join(Module)}):module>", methods=["GET", "POST"])
@guard(Permission.SETTINGS_CHANGE)
def module_switch(module: str) -> Response:
    """Ask, then switch a module on or off."""
    here = url_for(".module_switch", module=module)
    return organization_pages.module_switch(g.organization, Module(module), here, url_for(".settings_show"))


@bp.route("/settings/logo", methods=["GET", "POST"])
@guard(Permission.SETTINGS_CHANGE)
def logo_edit() -> Response:
    """The logo of printed pages."""
    form = LogoForm(obj=g.organization)
    upload = form.file.upload
    if form.validate_on_submit() and upload:
        version = form.row_version.data
        try:
            logo.change_logo(db.session(), g.actor, g.organization, upload, row_version=version)
            return see_other(url_for(".settings_show"), "Logo saved.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("admin/logo_edit.html", form, organization=g.organization)


@bp.post("/settings/logo/remove")
@guard(Permission.SETTINGS_CHANGE)
def logo_remove() -> Response:
    """Print without a logo."""
    form = VersionedForm()
    if form.validate_on_submit():
        logo.remove_logo(db.session(), g.actor, g.organization, row_version=form.row_version.data)
        return see_other(url_for(".settings_show"), "Logo removed.")
    return see_other(url_for(".logo_edit"))
