"""Saying something about a record, putting it right, taking it back.

What is recorded hangs on the record itself, because the comment may go. The words stand in the row history only.
"""

from sqlalchemy.orm import Session

from bmms.domain import audit, clock, versions
from bmms.domain.actors import Actor
from bmms.domain.discussion import mentions, queries
from bmms.domain.errors import RuleBroken
from bmms.domain.notices.telling import tell
from bmms.domain.subjects import WHOLE, Subject
from bmms.models.collaboration import Comment

MOST_CHARACTERS = 4000


def add(session: Session, actor: Actor, subject: Subject, section: str, body: str) -> Comment:
    """Say something about a section of a record; those whom it calls by @user.name are told.

    Raises:
        NotAllowed: the permission is missing.
        NotFound: there is no such section.
        RuleBroken: nothing is said, too much, somebody is called who is not there, or the record is closed.
    """
    actor.require(subject.kind.remark)
    subject.require_section(section)
    if not subject.kind.takes_remarks(subject.row):
        raise RuleBroken("This is in the archive and takes no comments.")
    body, called = _words(body), mentions.whom(session, body, subject.kind.remark)
    comment = Comment(
        **subject.key, section=section, body=body, author_id=actor.user_id, author_label=actor.signature,
        created_at=clock.now(), is_demo=subject.row.is_demo,
    )  # fmt: skip
    session.add(comment)
    audit.record(session, actor, "comments:create", subject.row, label=subject.title, note=_place(subject, section))
    _tell(session, actor, subject, comment, {member.membership_id for member in called.values()})
    return comment


def correct(
    session: Session, actor: Actor, subject: Subject, comment: Comment, body: str, *, seen: int | None = None
) -> None:
    """Put the own comment right within 15 minutes; only those whom it calls anew are told.

    Raises:
        RuleBroken: it is somebody else's, too old, or its words are wrong.
        Stale: it was changed meanwhile.
    """
    _require_own(actor, subject, comment)
    versions.require_unchanged(comment, seen, "this comment")
    body, called = _words(body), mentions.whom(session, body, subject.kind.remark)
    before = set(mentions.names_in(comment.body))
    if body == comment.body:
        return
    comment.body = body
    audit.record(
        session, actor, "comments:change", subject.row, label=subject.title, note=_place(subject, comment.section)
    )
    _tell(
        session, actor, subject, comment,
        {member.membership_id for name, member in called.items() if name not in before},
    )  # fmt: skip


def withdraw(session: Session, actor: Actor, subject: Subject, comment: Comment) -> None:
    """Take the own comment back within 15 minutes. Raises RuleBroken: it is somebody else's, or too old."""
    _require_own(actor, subject, comment)
    audit.record(
        session, actor, "comments:delete", subject.row, label=subject.title, note=_place(subject, comment.section)
    )
    session.delete(comment)
    session.flush()


def _require_own(actor: Actor, subject: Subject, comment: Comment) -> None:
    actor.require(subject.kind.remark)
    if comment.author_id != actor.user_id:
        raise RuleBroken("Only the person who wrote a comment can change it.")
    if not queries.may_correct(actor, comment):
        raise RuleBroken("A comment can be changed for 15 minutes. Write another one instead.")


def _words(body: str) -> str:
    said = body.replace("\r\n", "\n").strip()
    if not said:
        raise RuleBroken("Write the comment first.", field="body")
    if len(said) > MOST_CHARACTERS:
        raise RuleBroken(
            f"A comment has at most {MOST_CHARACTERS:,} characters; this one has {len(said):,}.", field="body"
        )
    return said


def _place(subject: Subject, section: str) -> str:
    return "" if section == WHOLE else subject.sections[section]


def _tell(session: Session, actor: Actor, subject: Subject, comment: Comment, membership_ids: set[int]) -> None:
    text = f"{actor.signature} mentions you in a comment on “{subject.title}”."
    tell(
        session, actor, membership_ids, "mentioned", text, f"{subject.kind.module}.discussion_show",
        is_demo=subject.row.is_demo, kind=subject.kind.word, subject_id=subject.row.id, section=comment.section,
    )  # fmt: skip
