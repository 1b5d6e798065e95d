"""The record of what was done in this organization."""

from flask import Response, g, request

from bmms.blueprints.admin import bp
from bmms.domain.permissions import Permission
from bmms.web import audit_pages, limits
from bmms.web.guard import guard


@bp.get("/audit")
@guard(Permission.AUDIT_VIEW)
def audit_list() -> Response:
    """Search the record."""
    return audit_pages.event_list("admin.audit_list", "admin.audit_show", "admin.audit_export")


@bp.get("/audit/<int:event_id>")
@guard(Permission.AUDIT_VIEW)
def audit_show(event_id: int) -> Response:
    """One act, with what was before and after."""
    return audit_pages.event_page(event_id, "admin.audit_list")


@bp.post("/audit/export")
@guard(Permission.AUDIT_EXPORT, export=True)
def audit_export() -> Response:
    """The found acts as CSV."""
    limits.count(limits.limit("exports"), "exports", g.actor.user_id)
    return audit_pages.event_export(request.form)
