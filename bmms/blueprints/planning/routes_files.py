"""Files of plans, work plans and work items. They are downloaded through `files`, which asks for today's rights."""

from flask import Response, g, url_for

from bmms.blueprints.planning import bp
from bmms.blueprints.planning.forms_records import AttachmentForm
from bmms.blueprints.planning.plan_pages import top_of
from bmms.blueprints.planning.routes_discussion import RECORD, record_of
from bmms.domain.attachments import actions, queries
from bmms.domain.attachments.actions import CATEGORIES
from bmms.domain.errors import RuleBroken
from bmms.domain.files import kinds
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web.fields import words_of
from bmms.web.forms import Form
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other


@bp.get(f"{RECORD}/files")
@guard(Permission.PLAN_VIEW)
def attachment_list(kind: str, subject_id: int) -> Response:
    """The files of a record."""
    subject = record_of(kind, subject_id)
    return page(
        "planning/attachment_list.html",
        fragment="results",
        subject=subject,
        top=top_of(subject.row),
        rows=paginate(queries.list_attachments(subject)),
        categories=CATEGORIES,
        kind_of=kinds.label_of,
        may_attach=queries.may_attach(g.actor, subject),
        may_remove=queries.may_remove(g.actor, subject),
    )


@bp.route(f"{RECORD}/files/new", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def attachment_new(kind: str, subject_id: int) -> Response:
    """Add a file."""
    subject, form = record_of(kind, subject_id), AttachmentForm()
    g.actor.require(subject.kind.attach)
    taking = subject.kind.taking(subject.row)
    form.category.choices = words_of({one: word for one, word in CATEGORIES.items() if one in taking})
    if form.validate_on_submit() and (upload := form.file.upload):
        try:
            actions.attach(db.session(), g.actor, subject, upload, form.category.data, form.note.data or "")
            return see_other(_list_of(kind, subject_id), "The file is added.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("planning/attachment_new.html", form, subject=subject, taking=taking)


@bp.route(f"{RECORD}/files/<int:attachment_id>/remove", methods=["GET", "POST"])
@guard(Permission.PLAN_REMARK)
def attachment_remove(kind: str, subject_id: int, attachment_id: int) -> Response:
    """Ask, then take a file away."""
    subject, form = record_of(kind, subject_id), Form()
    attachment, file = queries.get_attachment(db.session(), subject, attachment_id)
    g.actor.require(subject.kind.attach)
    if form.validate_on_submit():
        actions.remove(db.session(), g.actor, subject, attachment)
        return see_other(_list_of(kind, subject_id), "The file is removed.")
    return form_page(
        "planning/attachment_remove.html", form, fragment="", subject=subject, attachment=attachment, file=file
    )


def _list_of(kind: str, subject_id: int) -> str:
    return url_for(".attachment_list", kind=kind, subject_id=subject_id)
