"""Downloads, and the logo that printed pages show."""

from flask import Response, g, send_file

from bmms.blueprints.files import bp
from bmms.domain import journal
from bmms.domain.errors import NotFound
from bmms.domain.files import store
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.organizations import StoredFile
from bmms.web.guard import guard

SANDBOX = "sandbox; default-src 'none'"


@bp.get("/<int:file_id>")
@guard(Permission.HOME_VIEW, central=Permission.BUDGET_VIEW)
def file_download(file_id: int) -> Response:
    """A stored file, for whoever may see what it hangs on; each download is recorded."""
    file, content = store.open_file(db.session(), g.actor, file_id)
    journal.record(db.engine, g.actor, "files:download", label=file.name, file=file.id, purpose=file.purpose)
    return _attached(file, content)


@bp.get("/logo")
@guard(Permission.HOME_VIEW, central=Permission.BUDGET_VIEW)
def logo_show() -> Response:
    """The organization's logo: furniture of its pages, so it may be kept for a day and is not recorded."""
    if g.organization.logo_file_id is None:
        raise NotFound
    response = _attached(*store.open_file(db.session(), g.actor, g.organization.logo_file_id))
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def _attached(file: StoredFile, content) -> Response:  # type: ignore[no-untyped-def]
    """To be saved, never shown in the browser's own window; an <img> shows it all the same."""
    response = send_file(
        content, file.media_type, as_attachment=True, download_name=file.name, conditional=False, etag=False
    )
    response.content_length = file.size
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "no-store"
    return response
