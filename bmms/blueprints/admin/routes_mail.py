"""Mails: delivered, waiting, failed."""

from flask import Response

from bmms.blueprints.admin import bp
from bmms.domain.permissions import Permission
from bmms.web import mail_pages
from bmms.web.guard import guard


@bp.get("/mail")
@guard(Permission.MAIL_VIEW)
def mail_list() -> Response:
    """All mails, newest first."""
    return mail_pages.mail_list("admin.mail_list", "admin.mail_show")


@bp.get("/mail/<int:message_id>")
@guard(Permission.MAIL_VIEW)
def mail_show(message_id: int) -> Response:
    """One mail and its fate."""
    return mail_pages.mail_page(message_id, "admin.mail_list")
