"""The first page of the administration."""

from flask import Response, g

from bmms.blueprints.admin import bp
from bmms.domain.people.seats import nearly_full
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web.guard import guard
from bmms.web.respond import page


@bp.get("/")
@guard(Permission.SETTINGS_VIEW)
def overview() -> Response:
    """What there is to administer, as far as this person may."""
    may_add = g.actor.may(Permission.USER_CREATE)
    return page("admin/overview.html", seats=nearly_full(db.session(), g.organization) if may_add else "")
