"""Papers as pages, for whatever they tell of: the list, the button, the wait, the download, the answer to a code."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, g, request

from bmms.domain import clock, jobs
from bmms.domain.documents import actions, queries
from bmms.domain.documents.papers import Paper
from bmms.extensions import db
from bmms.models.documents import Document
from bmms.models.jobs import Job
from bmms.web import job_pages, limits
from bmms.web.paging import paginate
from bmms.web.requests import client_address
from bmms.web.respond import page, see_other

jobs.LABELS[queries.TASK] = "Make a PDF"
Crumbs = list[tuple[str, str | None]]


@dataclass(frozen=True)
class Place:
    """Where the papers of one subject are: how to get to it, and to them.

    Attributes:
        papers: the kinds that can be made of it, the usual one first; all tell of the same column.
        url: gives the address of a view, such as `document_show` with a `document_id`.
    """

    papers: tuple[Paper, ...]
    subject_id: int
    subject: str
    crumbs: Crumbs
    url: Callable[..., str]

    @property
    def paper(self) -> Paper:
        """The usual one."""
        return self.papers[0]

    def name_of(self, document: Document) -> str:
        """What people call a paper of this subject."""
        return next(paper.name for paper in self.papers if paper.kind == document.kind)


@dataclass(frozen=True)
class Printing:
    """How far a paper is, as the progress component shows it."""

    document: Document
    job: Job | None
    file_name: str

    @property
    def active(self) -> bool:
        """Is there still something to wait for?"""
        return self.job is not None and not self.file_name

    @property
    def percent(self) -> int:
        """The worker prints a paper in one go: nothing, half when it is at work, all."""
        return 100 if self.file_name else (50 if self.job is not None and self.job.started_at else 0)

    @property
    def poll_seconds(self) -> int:
        """How long the page waits before it asks again."""
        return job_pages.Progress(self.job).poll_seconds if self.job is not None else 15

    @property
    def failed(self) -> bool:
        """Nothing is printed, and nobody is at it."""
        return self.job is None and not self.file_name


def document_list(place: Place) -> Response:
    """The papers of a subject, and the button that makes one."""
    found = paginate(queries.documents_of(g.actor, place.paper, place.subject_id))
    return page("printing/document_list.html", fragment="results", place=place, documents=found)


def document_new(place: Place) -> Response:
    """Take a snapshot and have it printed (`kind`: which paper); the page of the paper waits for it."""
    limits.count(limits.limit("exports"), "exports", g.actor.user_id)
    asked = request.form.get("kind", "")
    paper = next((one for one in place.papers if one.kind == asked), place.paper)
    document = actions.make(db.session(), g.actor, paper, place.subject_id)
    known = "Nothing has changed since this document was made." if document.file_id is not None else ""
    return see_other(place.url("document_show", document_id=document.id), known)


def document_show(place: Place, document_id: int) -> Response:
    """One paper: whether it still holds, how far its printing is, the download."""
    return _show(place, document_id, fragment="")


def document_progress(place: Place, document_id: int) -> Response:
    """How far the worker is. Asked for again and again, so it reads no messages."""
    return _show(place, document_id, fragment="progress")


def _show(place: Place, document_id: int, fragment: str) -> Response:
    session = db.session()
    document = queries.get_document(session, g.actor, place.paper, place.subject_id, document_id)
    file = queries.file_of(session, document)
    job = queries.job_at_work(session, document) if file is None else None
    return page(
        "printing/document_show.html",
        fragment=fragment,
        quiet=bool(fragment),
        place=place,
        document=document,
        about=document.payload["paper"],
        file=file,
        printing=Printing(document, job, file.name if file else ""),
    )


def document_verify(code: str) -> Response:
    """Does the paper with this code still hold? Says that and nothing else, whatever was asked (decision D41)."""
    limits.count(limits.limit("verify"), "verify", client_address())
    standing = queries.standing(db.session(), code)
    return page("printing/document_verify.html", standing=standing, asked_at=clock.now())
