"""Comments on plans, work plans and work items: one flat thread for each section, and what happened to a plan."""

from flask import Response, g

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.plan_pages import activity_page, top_of
from bmms.domain.permissions import Permission
from bmms.domain.planning import activity
from bmms.domain.planning.subjects import PLAN, WORK_ITEM, WORK_PLAN
from bmms.domain.subjects import WHOLE, Subject, get_subject
from bmms.domain.workplans import activity as work_activity
from bmms.extensions import db
from bmms.web import record_pages
from bmms.web.guard import guard

_SECTIONS = {WHOLE, *(section for kind in (PLAN, WORK_PLAN, WORK_ITEM) for section in kind.sections)}
RECORD = '/<any(plans, "work-plans", "work-items"):kind>/<int:subject_id>'
SECTION = f"<any({', '.join(sorted(_SECTIONS))}):section>"


def record_of(kind: str, subject_id: int) -> Subject:
    """The record of the address. Raises NotFound."""
    return get_subject(db.session(), g.actor, kind, subject_id)


@bp.route(f"{RECORD}/discussion/{SECTION}", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def discussion_show(kind: str, subject_id: int, section: str) -> Response:
    """The thread of a section, and a new comment."""
    subject = record_of(kind, subject_id)
    return record_pages.thread_page(subject, section, top_of(subject.row))


@bp.route(f"{RECORD}/discussion/comments/<int:comment_id>", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def comment_edit(kind: str, subject_id: int, comment_id: int) -> Response:
    """Put the own comment right."""
    return record_pages.correction_page(record_of(kind, subject_id), comment_id)


@bp.route(f"{RECORD}/discussion/comments/<int:comment_id>/withdraw", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def comment_withdraw(kind: str, subject_id: int, comment_id: int) -> Response:
    """Ask, then take the own comment back."""
    return record_pages.withdrawal_page(record_of(kind, subject_id), comment_id)


@bp.get("/plans/<int:plan_id>/activity")
@guard(Permission.PLAN_DRAFT_VIEW)
def plan_activity(plan_id: int) -> Response:
    """What happened to a plan and its parts."""
    subject = record_of(PLAN.word, plan_id)
    return activity_page(subject, activity.of_plan(g.actor, subject.row), activity.ACT_WORDS)


@bp.get("/work-plans/<int:work_plan_id>/activity")
@guard(Permission.PLAN_DRAFT_VIEW)
def work_plan_activity(work_plan_id: int) -> Response:
    """What happened to a work plan, its objectives and its items."""
    subject = record_of(WORK_PLAN.word, work_plan_id)
    return activity_page(subject, work_activity.of_work_plan(g.actor, subject.row), work_activity.ACT_WORDS)
