"""Which files hang on a record, and who may read them: whoever may see the record today (INV-8)."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bmms.domain import subjects
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.files import rights
from bmms.domain.subjects import Subject
from bmms.models.collaboration import Attachment
from bmms.models.organizations import StoredFile

ATTACHMENT = "attachment"  # the purpose of the files


def list_attachments(subject: Subject) -> Select:  # type: ignore[type-arg]
    """(attachment, file), the latest first."""
    return (
        select(Attachment, StoredFile)
        .join(StoredFile, StoredFile.id == Attachment.file_id)
        .where(getattr(Attachment, subject.kind.column) == subject.row.id)
        .order_by(Attachment.id.desc())
    )


def get_attachment(session: Session, subject: Subject, attachment_id: int) -> tuple[Attachment, StoredFile]:
    """One file of a record. Raises NotFound."""
    found = session.execute(list_attachments(subject).where(Attachment.id == attachment_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such file.")
    return found[0], found[1]


def may_attach(actor: Actor, subject: Subject) -> bool:
    """May this actor add files to the record as it stands?"""
    return actor.may(subject.kind.attach) and bool(subject.kind.taking(subject.row))


def may_remove(actor: Actor, subject: Subject) -> bool:
    """May this actor take files away from the record as it stands?"""
    return actor.may(subject.kind.attach) and subject.kind.is_open(subject.row)


def _may_read(session: Session, actor: Actor, file: StoredFile) -> bool:
    attachment = session.scalar(select(Attachment).where(Attachment.file_id == file.id))
    if attachment is None:
        return False
    try:
        return actor.may(subjects.subject_of(session, actor, attachment).kind.view)
    except NotFound:
        return False


rights.readable_when(ATTACHMENT, _may_read, outside=True)
