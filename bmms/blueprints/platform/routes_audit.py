"""The record of what was done in all organizations and on the platform."""

from flask import Response, g, request

from bmms.blueprints.platform import bp
from bmms.domain.permissions import Permission
from bmms.web import audit_pages, limits
from bmms.web.guard import guard


@bp.get("/audit")
@guard(Permission.AUDIT_VIEW)
def audit_list() -> Response:
    """Search the record."""
    return audit_pages.event_list("platform.audit_list", "platform.audit_show", "platform.audit_export")


@bp.get("/audit/<int:event_id>")
@guard(Permission.AUDIT_VIEW)
def audit_show(event_id: int) -> Response:
    """One act, with what was before and after."""
    return audit_pages.event_page(event_id, "platform.audit_list")


@bp.post("/audit/export")
@guard(Permission.AUDIT_EXPORT, export=True)
def audit_export() -> Response:
    """The found acts as CSV."""
    limits.count(limits.limit("exports"), "exports", g.actor.user_id)
    return audit_pages.event_export(request.form)
