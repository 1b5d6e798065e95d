"""Clarifications on a proposal as threads, section by section, and its files; neither changes its status."""

from flask import Response, g, url_for

from bmms.blueprints.budgeting import bp
from bmms.domain.permissions import Permission
from bmms.domain.proposals.subjects import PROPOSAL
from bmms.domain.subjects import WHOLE, Subject, get_subject
from bmms.extensions import db
from bmms.web import record_pages
from bmms.web.guard import guard

RECORD = "/<any(proposals):kind>/<int:subject_id>"
SECTION = f"<any({', '.join(sorted({WHOLE, *PROPOSAL.sections}))}):section>"


def _record_of(kind: str, subject_id: int) -> Subject:
    return get_subject(db.session(), g.actor, kind, subject_id)


def _top() -> tuple[str, str]:
    return "Budgeting", url_for(".proposal_list")


@bp.route(f"{RECORD}/discussion/{SECTION}", methods=["GET", "POST"])
@guard(Permission.BUDGET_DRAFT_VIEW)
def discussion_show(kind: str, subject_id: int, section: str) -> Response:
    """The thread of a section, and a new comment."""
    return record_pages.thread_page(_record_of(kind, subject_id), section, _top())


@bp.route(f"{RECORD}/discussion/comments/<int:comment_id>", methods=["GET", "POST"])
@guard(Permission.BUDGET_DRAFT_VIEW)
def comment_edit(kind: str, subject_id: int, comment_id: int) -> Response:
    """Put the own comment right."""
    return record_pages.correction_page(_record_of(kind, subject_id), comment_id)


@bp.route(f"{RECORD}/discussion/comments/<int:comment_id>/withdraw", methods=["GET", "POST"])
@guard(Permission.BUDGET_DRAFT_VIEW)
def comment_withdraw(kind: str, subject_id: int, comment_id: int) -> Response:
    """Ask, then take the own comment back."""
    return record_pages.withdrawal_page(_record_of(kind, subject_id), comment_id)


@bp.get(f"{RECORD}/files")
@guard(Permission.BUDGET_VIEW, central=Permission.BUDGET_VIEW)
def attachment_list(kind: str, subject_id: int) -> Response:
    """The files of a proposal."""
    return record_pages.file_list_page(_record_of(kind, subject_id), _top())


@bp.route(f"{RECORD}/files/new", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def attachment_new(kind: str, subject_id: int) -> Response:
    """Add a file."""
    return record_pages.file_new_page(_record_of(kind, subject_id))


@bp.route(f"{RECORD}/files/<int:attachment_id>/remove", methods=["GET", "POST"])
@guard(Permission.BUDGET_EDIT)
def attachment_remove(kind: str, subject_id: int, attachment_id: int) -> Response:
    """Ask, then take a file away."""
    return record_pages.file_remove_page(_record_of(kind, subject_id), attachment_id)
