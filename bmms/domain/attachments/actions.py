"""Hanging files on records and taking them away; what is recorded hangs on the record itself."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.attachments import queries
from bmms.domain.errors import RuleBroken
from bmms.domain.files import kinds, store
from bmms.domain.subjects import Subject
from bmms.models.collaboration import Attachment, FileCategory
from bmms.models.organizations import StoredFile

MOST_FILES = 100  # of one record
CATEGORIES = {
    FileCategory.MANDATE: "Mandate",
    FileCategory.INSTRUMENT: "Approval instrument",
    FileCategory.TECHNICAL: "Technical",
    FileCategory.EVIDENCE: "Evidence",
    FileCategory.OTHER: "Other",
}


def attach(
    session: Session, actor: Actor, subject: Subject, file: store.Upload, category: FileCategory, note: str = ""
) -> Attachment:
    """Hang a file on a record.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the record takes no such file now, has 100 already, or the file is too large, of another kind,
            protected or damaged.
    """
    actor.require(subject.kind.attach)
    session.refresh(subject.row, with_for_update=True)  # it may be submitted at this very moment
    subject.require_taking(category)
    here = getattr(Attachment, subject.kind.column) == subject.row.id
    if (session.scalar(select(func.count()).select_from(Attachment).where(here)) or 0) >= MOST_FILES:
        raise RuleBroken(f"This has {MOST_FILES} files already. Remove one first.", field="file")
    kept = store.keep(session, actor, file.content, file.name, queries.ATTACHMENT, allowed=kinds.EVERY)
    session.flush()
    attachment = Attachment(
        **subject.key, file_id=kept.id, category=category, note=" ".join(note.split())[:300],
        uploader_id=actor.user_id, uploader_label=actor.signature,
    )  # fmt: skip
    session.add(attachment)
    audit.record(
        session, actor, "attachments:create", subject.row, label=subject.title, note=kept.name,
        file=(None, kept.name), category=(None, CATEGORIES[category]),
    )  # fmt: skip
    return attachment


def remove(session: Session, actor: Actor, subject: Subject, attachment: Attachment) -> None:
    """Take a file away; its content is swept later.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the record has been submitted, so its files are frozen.
    """
    actor.require(subject.kind.attach)
    session.refresh(subject.row, with_for_update=True)
    if not subject.kind.is_open(subject.row):
        raise RuleBroken(f"Files of {subject.kind.called} can be removed no longer: it has been submitted or closed.")
    _remove(session, actor, subject, attachment)


def remove_all(session: Session, actor: Actor, subject: Subject) -> None:
    """Take all files away from a record that is about to be deleted. Raises NotAllowed."""
    actor.require(subject.kind.attach)
    for attachment, _ in session.execute(queries.list_attachments(subject)).all():
        _remove(session, actor, subject, attachment)


def _remove(session: Session, actor: Actor, subject: Subject, attachment: Attachment) -> None:
    file = session.get_one(StoredFile, attachment.file_id)
    audit.record(
        session, actor, "attachments:delete", subject.row, label=subject.title, note=file.name,
        file=(file.name, None), sha256=(file.sha256, None),
    )  # fmt: skip
    session.delete(attachment)
    session.flush()
    session.delete(file)
    session.flush()
