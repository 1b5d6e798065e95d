"""Where the QR code of a printed document leads."""

from flask import Response

from bmms.blueprints.printing import bp
from bmms.web import document_pages
from bmms.web.guard import PUBLIC, guard


@bp.get("/verify/<token>")
@guard(PUBLIC)
def document_verify(token: str) -> Response:
    """Genuine, superseded or unknown."""
    return document_pages.document_verify(token)
