"""The first page of the platform's administration."""

from flask import Response

from bmms.blueprints.platform import bp
from bmms.domain.permissions import Permission
from bmms.domain.platform import overview as overviews
from bmms.extensions import db
from bmms.web.guard import guard
from bmms.web.respond import page


@bp.get("/")
@guard(Permission.ORGANIZATION_VIEW)
def overview() -> Response:
    """All organizations in figures, and what needs a hand."""
    return page("platform/overview.html", figures=overviews.figures_of(db.session()))
