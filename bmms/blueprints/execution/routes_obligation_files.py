"""The files of obligation requests."""

from flask import Response, g, url_for

from bmms.blueprints.execution import bp
from bmms.domain.permissions import Permission
from bmms.domain.subjects import Subject, get_subject
from bmms.extensions import db
from bmms.web import record_pages
from bmms.web.guard import guard

RECORD = "/<any(obligations):kind>/<int:subject_id>"


@bp.get(f"{RECORD}/files")
@guard(Permission.LEDGER_VIEW)
def attachment_list(kind: str, subject_id: int) -> Response:
    """The files of a request."""
    return record_pages.file_list_page(_record_of(kind, subject_id), ("Obligations", url_for(".obligation_list")))


@bp.route(f"{RECORD}/files/new", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def attachment_new(kind: str, subject_id: int) -> Response:
    """Add a file."""
    return record_pages.file_new_page(_record_of(kind, subject_id))


@bp.route(f"{RECORD}/files/<int:attachment_id>/remove", methods=["GET", "POST"])
@guard(Permission.LEDGER_EDIT)
def attachment_remove(kind: str, subject_id: int, attachment_id: int) -> Response:
    """Ask, then take a file away."""
    return record_pages.file_remove_page(_record_of(kind, subject_id), attachment_id)


def _record_of(kind: str, subject_id: int) -> Subject:
    return get_subject(db.session(), g.actor, kind, subject_id)
