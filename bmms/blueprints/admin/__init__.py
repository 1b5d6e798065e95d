"""Administration of one organization, for its administrators: people, settings, units, record, mails, jobs."""

from bmms.domain.permissions import Permission
from bmms.web.modules import tenant_blueprint
from bmms.web.shell import TENANT_MENU, Entry

bp = tenant_blueprint("admin", __name__, "admin")
TENANT_MENU.append(
    Entry("Administration", "admin.overview", "settings", need=Permission.SETTINGS_VIEW, in_dock=True, order=90)
)

from bmms.blueprints.admin import (  # noqa: E402, F401
    routes,
    routes_audit,
    routes_designations,
    routes_imports,
    routes_jobs,
    routes_mail,
    routes_people,
    routes_rights,
    routes_settings,
    routes_signatories,
    routes_units,
)
