"""Comments on plans, work plans and work items: one flat thread for each section, and what happened to a plan."""

from flask import Response, g, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.forms_records import CorrectionForm, RemarkForm
from bmms.blueprints.planning.plan_pages import activity_page, top_of
from bmms.domain.discussion import actions, queries
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.planning import activity
from bmms.domain.planning.subjects import PLAN, WORK_ITEM, WORK_PLAN
from bmms.domain.subjects import WHOLE, Subject, get_subject
from bmms.domain.workplans import activity as work_activity
from bmms.extensions import db
from bmms.models.collaboration import Comment
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, see_other, wants_fragment

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
    subject, form = record_of(kind, subject_id), RemarkForm.about(None)
    subject.require_section(section)
    people = {one.membership_id: one for one in queries.mentionable(db.session(), g.actor, subject)}
    form.mention.offer(people, "Nobody", subject.kind.remark)
    if form.validate_on_submit():
        try:
            actions.add(db.session(), g.actor, subject, section, form.text)
            if not wants_fragment():
                return see_other(url_for(".discussion_show", kind=kind, subject_id=subject_id, section=section))
            fresh = RemarkForm.afresh()
            fresh.mention.offer(people, "Nobody", subject.kind.remark)
            form = fresh
        except RuleBroken as broken:
            form.show(broken)
    return form_page(
        "planning/discussion_show.html",
        form,
        fragment="thread",
        subject=subject,
        top=top_of(subject.row),
        section=section,
        comments=paginate(queries.thread_of(subject, section)),
        counts=queries.counts_of(db.session(), subject),
        may_correct=lambda comment: queries.may_correct(g.actor, comment),
        corrected_within=queries.CORRECTED_WITHIN,
    )


@bp.route(f"{RECORD}/discussion/comments/<int:comment_id>", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def comment_edit(kind: str, subject_id: int, comment_id: int) -> Response:
    """Put the own comment right."""
    subject, comment = _comment(kind, subject_id, comment_id)
    form, back = CorrectionForm(obj=comment), _thread(subject, comment)
    words, seen = form.body.data or "", form.row_version.data
    if form.acts(lambda: actions.correct(db.session(), g.actor, subject, comment, words, seen=seen)):
        return see_other(back, "The comment is corrected.")
    return form_page("planning/comment_edit.html", form, subject=subject, comment=comment, back=back)


@bp.route(f"{RECORD}/discussion/comments/<int:comment_id>/withdraw", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def comment_withdraw(kind: str, subject_id: int, comment_id: int) -> Response:
    """Ask, then take the own comment back."""
    subject, comment = _comment(kind, subject_id, comment_id)
    form, back = Form(), _thread(subject, comment)
    if form.validate_on_submit():
        actions.withdraw(db.session(), g.actor, subject, comment)
        return see_other(back, "The comment is withdrawn.")
    return form_page("planning/comment_withdraw.html", form, fragment="", subject=subject, comment=comment, back=back)


def _comment(kind: str, subject_id: int, comment_id: int) -> tuple[Subject, Comment]:
    subject = record_of(kind, subject_id)
    return subject, queries.get_comment(db.session(), subject, comment_id)


def _thread(subject: Subject, comment: Comment) -> str:
    return url_for(".discussion_show", kind=subject.kind.word, subject_id=subject.row.id, section=comment.section)


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
