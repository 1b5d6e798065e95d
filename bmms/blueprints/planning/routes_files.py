"""Files of plans, work plans and work items. They are downloaded through `files`, which asks for today's rights."""

from flask import Response

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.plan_pages import top_of
from bmms.blueprints.planning.routes_discussion import RECORD, record_of
from bmms.domain.permissions import Permission
from bmms.web import record_pages
from bmms.web.guard import guard


@bp.get(f"{RECORD}/files")
@guard(Permission.PLAN_VIEW)
def attachment_list(kind: str, subject_id: int) -> Response:
    """The files of a record."""
    subject = record_of(kind, subject_id)
    return record_pages.file_list_page(subject, top_of(subject.row))


@bp.route(f"{RECORD}/files/new", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def attachment_new(kind: str, subject_id: int) -> Response:
    """Add a file."""
    return record_pages.file_new_page(record_of(kind, subject_id))


@bp.route(f"{RECORD}/files/<int:attachment_id>/remove", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def attachment_remove(kind: str, subject_id: int, attachment_id: int) -> Response:
    """Ask, then take a file away."""
    return record_pages.file_remove_page(record_of(kind, subject_id), attachment_id)
