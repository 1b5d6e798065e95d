"""Reading what people said about a record: a flat thread for each of its sections."""

from datetime import timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.holders import holders_of
from bmms.domain.members import Member, working_members
from bmms.domain.subjects import Subject
from bmms.models.collaboration import Comment

CORRECTED_WITHIN = timedelta(minutes=15)


def thread_of(subject: Subject, section: str) -> Select[Comment]:
    """The comments of a section, the latest first."""
    return select(Comment).where(_on(subject), Comment.section == section).order_by(Comment.id.desc())


def counts_of(session: Session, subject: Subject) -> dict[str, int]:
    """Section to how many comments it has; sections without any are missing."""
    counted = select(Comment.section, func.count()).where(_on(subject)).group_by(Comment.section)
    return dict(session.execute(counted).all())  # type: ignore[arg-type]


def get_comment(session: Session, subject: Subject, comment_id: int) -> Comment:
    """One comment on a record. Raises NotFound."""
    found = session.scalar(select(Comment).where(Comment.id == comment_id, _on(subject)))
    if found is None:
        raise NotFound("There is no such comment.")
    return found


def may_correct(actor: Actor, comment: Comment) -> bool:
    """Is it the actor's own, and not older than 15 minutes?"""
    return comment.author_id == actor.user_id and clock.now() - comment.created_at <= CORRECTED_WITHIN


def mentionable(session: Session, actor: Actor, subject: Subject) -> list[Member]:
    """Who can be called in a comment: everybody here who can read it, without the actor."""
    readers = holders_of(session, subject.kind.remark)
    members = working_members(session).values()
    return [one for one in members if one.membership_id in readers and one.user_id != actor.user_id]


def _on(subject: Subject):  # type: ignore[no-untyped-def]
    return getattr(Comment, subject.kind.column) == subject.row.id
