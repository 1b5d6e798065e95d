"""Looking up papers: those of a plan that this person may see, and whether the one in somebody's hand still holds."""

import re

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from bmms.domain.actors import Actor
from bmms.domain.documents.papers import Paper, paper_of
from bmms.domain.errors import NotFound
from bmms.domain.files import rights
from bmms.models.documents import Document
from bmms.models.jobs import Job, JobStatus
from bmms.models.organizations import StoredFile

TASK = "render_document"  # what the worker does
FILE = "document"  # the purpose of its file
GENUINE, SUPERSEDED, UNKNOWN = "genuine", "superseded", "unknown"
_CODE = re.compile(r"[0-9a-f]{32}")


def documents_of(actor: Actor, paper: Paper, subject_id: int) -> Select[Document]:
    """The papers of one subject, the latest first, without what they say."""
    return _visible(actor, paper, subject_id).options(defer(Document.payload)).order_by(Document.id.desc())


def get_document(session: Session, actor: Actor, paper: Paper, subject_id: int, document_id: int) -> Document:
    """One paper of a subject.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    found = session.scalar(_visible(actor, paper, subject_id).where(Document.id == document_id))
    if found is None:
        raise NotFound("There is no such document.")
    return found


def _visible(actor: Actor, paper: Paper, subject_id: int) -> Select[Document]:
    """The subject itself has been found for this actor before; papers of its drafts are for those who see drafts."""
    query = select(Document).where(getattr(Document, paper.subject) == subject_id)
    if actor.may(paper.see_drafts):
        return query
    return query.where(Document.payload["paper"]["is_open"].as_boolean().is_(False))


def present_one(session: Session, paper: Paper, subject_id: int) -> Document | None:
    """The latest paper of this kind of a subject, while it holds."""
    query = select(Document).where(
        getattr(Document, paper.subject) == subject_id, Document.kind == paper.kind, Document.superseded_at.is_(None)
    )
    return session.scalar(query.order_by(Document.id.desc()).limit(1))


def job_at_work(session: Session, document: Document) -> Job | None:
    """The job that is printing this paper now, or will."""
    query = select(Job).where(
        Job.status.in_((JobStatus.QUEUED, JobStatus.RUNNING)),
        Job.task == TASK,
        Job.organization_id == document.organization_id,
        Job.arguments["document_id"].as_integer() == document.id,
    )
    return session.scalar(query.order_by(Job.id.desc()).limit(1))


def file_of(session: Session, document: Document) -> StoredFile | None:
    """The printed paper, once there is one."""
    return session.get(StoredFile, document.file_id) if document.file_id is not None else None


def standing(session: Session, code: str) -> str:
    """Is the paper with this code `genuine`, `superseded` or `unknown`? Costs the same whatever the answer (D41)."""
    asked = code if _CODE.fullmatch(code) else ""
    return session.scalar(select(func.document_standing(asked))) or UNKNOWN


def _may_read(session: Session, actor: Actor, file: StoredFile) -> bool:
    document = session.scalar(select(Document).where(Document.file_id == file.id))
    if document is None or not (actor.belongs or document.proposal_id or document.statement_id):
        return False
    paper = paper_of(document.kind)
    subject_id = getattr(document, paper.subject)
    try:
        paper.find(session, actor, subject_id)
        get_document(session, actor, paper, subject_id, document.id)
    except NotFound:
        return False
    return True


rights.readable_when(FILE, _may_read, outside=True)
