"""The pages of what hangs on a record of a module: its thread of comments and its files; each module has addresses."""

from typing import Any

from flask import Response, g, url_for

from bmms.domain.attachments import actions as attachments
from bmms.domain.attachments import queries as attached
from bmms.domain.attachments.actions import CATEGORIES
from bmms.domain.discussion import actions, queries
from bmms.domain.errors import RuleBroken
from bmms.domain.files import kinds
from bmms.domain.subjects import Subject
from bmms.extensions import db
from bmms.models.collaboration import Comment
from bmms.web.fields import words_of
from bmms.web.forms import Form
from bmms.web.paging import paginate
from bmms.web.record_forms import AttachmentForm, CorrectionForm, RemarkForm
from bmms.web.respond import form_page, page, see_other, wants_fragment
from bmms.web.step_pages import Way


def thread_page(subject: Subject, section: str, top: Way) -> Response:
    """The thread of a section, and a new comment.

    Args:
        top: the list in which one finds the record.
    """
    form = RemarkForm.about(None)
    subject.require_section(section)
    people = {one.membership_id: one for one in queries.mentionable(db.session(), g.actor, subject)}
    form.mention.offer(people, "Nobody", subject.kind.remark)
    if form.validate_on_submit():
        try:
            actions.add(db.session(), g.actor, subject, section, form.text)
            if not wants_fragment():
                return see_other(_address(subject, "discussion_show", section=section))
            fresh = RemarkForm.afresh()
            fresh.mention.offer(people, "Nobody", subject.kind.remark)
            form = fresh
        except RuleBroken as broken:
            form.show(broken)
    return form_page(
        "records/discussion_show.html",
        form,
        fragment="thread",
        subject=subject,
        top=top,
        section=section,
        comments=paginate(queries.thread_of(subject, section)),
        counts=queries.counts_of(db.session(), subject),
        may_correct=lambda comment: queries.may_correct(g.actor, comment),
        corrected_within=queries.CORRECTED_WITHIN,
    )


def correction_page(subject: Subject, comment_id: int) -> Response:
    """Put the own comment right."""
    comment = queries.get_comment(db.session(), subject, comment_id)
    form, back = CorrectionForm(obj=comment), _thread(subject, comment)
    words, seen = form.body.data or "", form.row_version.data
    if form.acts(lambda: actions.correct(db.session(), g.actor, subject, comment, words, seen=seen)):
        return see_other(back, "The comment is corrected.")
    return form_page("records/comment_edit.html", form, subject=subject, comment=comment, back=back)


def withdrawal_page(subject: Subject, comment_id: int) -> Response:
    """Ask, then take the own comment back."""
    comment = queries.get_comment(db.session(), subject, comment_id)
    form, back = Form(), _thread(subject, comment)
    if form.validate_on_submit():
        actions.withdraw(db.session(), g.actor, subject, comment)
        return see_other(back, "The comment is withdrawn.")
    return form_page("records/comment_withdraw.html", form, fragment="", subject=subject, comment=comment, back=back)


def file_list_page(subject: Subject, top: Way) -> Response:
    """The files of a record."""
    return page(
        "records/attachment_list.html",
        fragment="results",
        subject=subject,
        top=top,
        rows=paginate(attached.list_attachments(subject)),
        categories=CATEGORIES,
        kind_of=kinds.label_of,
        may_attach=attached.may_attach(g.actor, subject),
        may_remove=attached.may_remove(g.actor, subject),
    )


def file_new_page(subject: Subject) -> Response:
    """Add a file."""
    form = AttachmentForm()
    g.actor.require(subject.kind.attach)
    taking = subject.kind.taking(subject.row)
    form.category.choices = words_of({one: word for one, word in CATEGORIES.items() if one in taking})
    if form.validate_on_submit() and (upload := form.file.upload):
        try:
            attachments.attach(db.session(), g.actor, subject, upload, form.category.data, form.note.data or "")
            return see_other(_address(subject, "attachment_list"), "The file is added.")
        except RuleBroken as broken:
            form.show(broken)
    return form_page("records/attachment_new.html", form, subject=subject, taking=taking)


def file_remove_page(subject: Subject, attachment_id: int) -> Response:
    """Ask, then take a file away."""
    form = Form()
    attachment, file = attached.get_attachment(db.session(), subject, attachment_id)
    g.actor.require(subject.kind.attach)
    if form.validate_on_submit():
        attachments.remove(db.session(), g.actor, subject, attachment)
        return see_other(_address(subject, "attachment_list"), "The file is removed.")
    return form_page(
        "records/attachment_remove.html", form, fragment="", subject=subject, attachment=attachment, file=file
    )


def _thread(subject: Subject, comment: Comment) -> str:
    return _address(subject, "discussion_show", section=comment.section)


def _address(subject: Subject, view: str, **more: Any) -> str:
    return url_for(f".{view}", kind=subject.kind.word, subject_id=subject.row.id, **more)
