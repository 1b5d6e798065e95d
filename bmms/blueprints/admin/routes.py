"""The first page of the administration."""

from flask import Response

from bmms.blueprints.admin import bp
from bmms.domain.permissions import Permission
from bmms.web.guard import guard
from bmms.web.respond import page


@bp.get("/")
@guard(Permission.SETTINGS_VIEW)
def overview() -> Response:
    """What there is to administer, as far as this person may."""
    return page("admin/overview.html")
