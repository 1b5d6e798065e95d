"""Making papers, and telling that they no longer hold."""

import secrets
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, jobs
from bmms.domain.actors import Actor
from bmms.domain.canonical import fingerprint
from bmms.domain.documents import queries
from bmms.domain.documents.papers import Paper, Told
from bmms.domain.files import kinds, store
from bmms.domain.installation import installation_of
from bmms.domain.organizations.queries import organization_by_id
from bmms.domain.signatories.queries import block_for
from bmms.models.documents import Document
from bmms.models.organizations import StoredFile
from bmms.tenancy import ScopeError, scope_of


def make(session: Session, actor: Actor, paper: Paper, subject_id: int) -> Document:
    """Take a snapshot of a subject and have it printed.

    A paper that still holds and would say the same again is not made a second time; when it was never finished, it is
    printed now. Any other earlier paper of this kind and subject is superseded by the new one.

    Raises:
        NotFound: there is no such subject for this actor.
    """
    subject = paper.find(session, actor, subject_id)
    session.refresh(subject, with_for_update=True)  # two presses at once make one paper
    told = paper.tell(session, subject)
    payload = _payload(session, paper, told)
    present = queries.present_one(session, paper, subject_id)
    if present is not None and present.sha256 == fingerprint(payload):
        if present.file_id is None and queries.job_at_work(session, present) is None:
            jobs.start(session, actor, queries.TASK, document_id=present.id)
        return present
    supersede(session, actor, paper, [subject_id], of_kind=paper.kind)
    document = Document(
        kind=paper.kind, title=told.title, code=secrets.token_hex(16), payload=payload, sha256=fingerprint(payload),
        made_by=actor.user_id, made_by_label=actor.signature, made_at=clock.now(), is_demo=told.is_demo,
        **{paper.subject: subject_id},
    )  # fmt: skip
    session.add(document)
    audit.record(session, actor, "documents:make", document, label=told.title, sha256=(None, document.sha256))
    jobs.start(session, actor, queries.TASK, document_id=document.id)
    return document


def _payload(session: Session, paper: Paper, told: Told) -> dict[str, Any]:
    """What the subject says, and what the paper around it says: all that printing needs, so that it can be repeated."""
    organization_id = scope_of(session).organization_id
    if organization_id is None:
        raise ScopeError("a paper was made outside an organization")
    organization = organization_by_id(session, organization_id)
    logo = session.get(StoredFile, organization.logo_file_id) if organization.logo_file_id else None
    signed = [list(line) for line in block_for(session, paper.signed)] if paper.signed else []
    return {
        "content": dict(told.content),
        "paper": {
            "organization": {"code": organization.code, "name": organization.name, "logo": logo.sha256 if logo else ""},
            "signatories": signed or paper.usual,
            "site": installation_of(session).config.base_url,
            **{
                name: getattr(told, name)
                for name in (
                    "period", "status", "is_open", "is_final", "is_demo", "version", "approved_by", "approved_at",
                    "instrument",
                )
            },
        },
    }  # fmt: skip


def finish(session: Session, actor: Actor, document: Document, content: bytes, name: str) -> StoredFile:
    """Keep the printed paper. Printed twice by two workers, the first one stays: both are the same, byte for byte."""
    session.refresh(document, with_for_update=True)
    kept = queries.file_of(session, document)
    if kept is not None:
        return kept
    file = store.keep_made(session, actor, content, name, kinds.PDF, queries.FILE)
    document.file_id = file.id
    audit.record(session, actor, "documents:print", document, label=document.title, file=(None, file.id))
    return file


def supersede(
    session: Session, actor: Actor, paper: Paper, subject_ids: Collection[int | None], of_kind: str = ""
) -> None:
    """From now on the papers of these subjects no longer hold: a newer paper is made, or a newer version approved.

    Args:
        of_kind: only those of one kind; a newer version takes the place of all.
    """
    column = getattr(Document, paper.subject)
    query = select(Document).where(column.in_([key for key in subject_ids if key]), Document.superseded_at.is_(None))
    if of_kind:
        query = query.where(Document.kind == of_kind)
    for document in session.scalars(query.order_by(Document.id).with_for_update()):
        document.superseded_at = clock.now()
        audit.record(
            session, actor, "documents:supersede", document, label=document.title,
            superseded_at=(None, document.superseded_at),
        )  # fmt: skip


def forget(session: Session, actor: Actor, paper: Paper, subject_id: int) -> None:
    """Remove the papers of a draft that is being deleted; their codes lead to "unknown" from then on."""
    column = getattr(Document, paper.subject)
    for document in session.scalars(select(Document).where(column == subject_id)).all():
        audit.record(session, actor, "documents:forget", document, label=document.title)
        file = queries.file_of(session, document)
        session.delete(document)
        session.flush()
        if file is not None:
            session.delete(file)  # the sweep takes its content
    session.flush()
