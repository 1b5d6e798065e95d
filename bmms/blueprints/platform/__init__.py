"""Administration of the platform, for superadmins: organizations, accounts, record, mails, jobs of all MOAs."""

from flask import Blueprint

from bmms.domain.permissions import Permission
from bmms.web.shell import CENTRAL_MENU, Entry

bp = Blueprint("platform", __name__, url_prefix="/admin")
CENTRAL_MENU.extend(
    (
        Entry("Overview", "platform.overview", "home", need=Permission.ORGANIZATION_VIEW, in_dock=True, order=0),
        Entry("Organizations", "platform.organization_list", "office", need=Permission.ORGANIZATION_VIEW, order=10),
        Entry("People", "platform.user_list", "people", need=Permission.USER_VIEW, in_dock=True, order=20),
        Entry("Record", "platform.audit_list", "history", need=Permission.AUDIT_VIEW, in_dock=True, order=60),
    )
)

from bmms.blueprints.platform import (  # noqa: E402, F401
    routes,
    routes_audit,
    routes_imports,
    routes_jobs,
    routes_lists,
    routes_mail,
    routes_memberships,
    routes_operations,
    routes_organizations,
    routes_people,
    routes_years,
)
