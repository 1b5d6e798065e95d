"""Settings and module switches as pages: the same in an organization's administration and in that of the platform."""

from flask import Response, flash, g, request

from bmms.domain.errors import RuleBroken
from bmms.domain.organizations import settings
from bmms.extensions import db
from bmms.models.organizations import Module, Organization
from bmms.web.forms import VersionedForm
from bmms.web.respond import form_page, see_other
from bmms.web.settings_form import SettingsForm


def settings_edit(organization: Organization, form: SettingsForm, here: str, back: str) -> Response:
    """Ask for the settings; `here` and `back` are the addresses of this page and of the one to return to."""
    if form.validate_on_submit():
        try:
            changed = settings.change_settings(db.session(), g.actor, organization, **form.answers())
            return see_other(back, "Settings saved." if changed else "Nothing was changed.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("organizations/settings_edit.html", form, organization=organization, here=here, back=back)


def module_switch(organization: Organization, module: Module, here: str, back: str) -> Response:
    """Ask before a module is switched, telling what depends on it; then switch it.

    The question carries the direction, so that two clicks do not undo each other.
    """
    on = request.values.get("on", "0" if organization.has(module) else "1") == "1"
    label = settings.MODULE_LABELS[module]
    form = VersionedForm(obj=organization)
    if form.validate_on_submit():
        version = form.row_version.data
        for warning in settings.switch_module(db.session(), g.actor, organization, module, on, row_version=version):
            flash(warning, "warning")
        return see_other(back, f"{label} is switched {'on' if on else 'off'}.")
    warnings = settings.switch_warnings(organization, module, on)
    return form_page(
        "organizations/module_switch.html",
        form,
        fragment="",
        organization=organization,
        label=label,
        on=on,
        warnings=warnings,
        here=here,
        back=back,
    )
