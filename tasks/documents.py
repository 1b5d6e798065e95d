"""Papers: a snapshot becomes a PDF."""

import mimetypes
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import segno
from flask import Flask
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.clock import MANILA
from bmms.domain.documents import actions, queries
from bmms.domain.documents.papers import paper_of
from bmms.domain.errors import RuleBroken
from bmms.domain.files import store
from bmms.domain.organizations.logo import LOGO
from bmms.models.documents import Document
from bmms.models.jobs import Job
from bmms.models.organizations import StoredFile
from tasks import pdf
from tasks.owners import actor_of
from tasks.queue import huey, tenant_task

LOGO_PATH = "/logo"
LONGEST = 20 * 60  # seconds (modules 7.1): a work plan of 2,000 items is a book


@tenant_task(queries.TASK, timeout=LONGEST)
def render_document(session: Session, job: Job) -> None:
    """Print one paper. Done again after a killed worker, it finds the paper printed, or prints the same bytes."""
    document = session.get(Document, job.arguments["document_id"])
    if document is None:
        raise RuleBroken("The document is gone: its draft was deleted.")
    actor = actor_of(session, job)
    if document.file_id is None:
        content = pdf.write_pdf(page_of(document), shelf(session, document), document.code)
        actions.finish(session, actor, document, content, name_of(document))
    job.result = {"document_id": document.id, "file_name": name_of(document)}
    job.message = "The PDF is ready."


def page_of(document: Document) -> str:
    """The paper as HTML, from its snapshot alone."""
    app: Flask = huey.app
    paper = paper_of(document.kind)
    about = document.payload["paper"]
    address = f"{about['site']}/verify/{document.code}"
    return app.jinja_env.get_template(paper.template).render(
        document=document,
        said=document.payload["content"],
        about=about,
        words=paper.words,
        organization=about["organization"],
        logo_url=LOGO_PATH if about["organization"]["logo"] else "",
        contains_demo=about["is_demo"],
        address=address,
        qr=_qr(address),
        day=date.fromisoformat,
        moment=datetime.fromisoformat,
        quantity=_quantity,
        money=_money,
        pesos=_pesos,
        figure=_figure,
        share=_share,
    )


def _quantity(text: str) -> str:
    """`1,200.5`: a figure of the snapshot with as many places as it has; nothing is an en dash."""
    return f"{Decimal(text):,}" if text else "–"


def _money(text: str) -> str:
    """`₱ 1,250,000.00`; nothing is an en dash."""
    return str(huey.app.jinja_env.filters["money"](Decimal(text) if text else None))


def _pesos(text: str) -> str:
    """`1,250,000.00` in a table whose head names the pesos; nothing is an en dash, and so is zero."""
    amount = Decimal(text or 0)
    return str(huey.app.jinja_env.filters["money"](amount or None, False))


def _figure(text: str) -> str:
    """`(1,250.00)`: an amount in a column where decreases stand in brackets."""
    return str(huey.app.jinja_env.filters["money"](Decimal(text), False, True))


def _share(text: str) -> str:
    """`71.8 %` for the share 0.718; nothing is an em dash: there is no whole to divide by."""
    return str(huey.app.jinja_env.filters["percent"](Decimal(text) if text else None))


def _qr(address: str) -> Markup:
    """A drawing that telephones read; the colours stand in it, as no style sheet reaches into it."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(border=0, dark="#000", omitsize=True, title="")
    return Markup(drawn)  # noqa: S704  (our own library drew it from an address of ours)


def shelf(session: Session, document: Document) -> pdf.Serve:
    """What the paper refers to: our style sheets, and the logo that its snapshot names."""
    manifest = huey.app.extensions["assets"]
    logo = document.payload["paper"]["organization"]["logo"]

    def serve(path: str) -> tuple[bytes, str] | None:
        if path == LOGO_PATH:
            file = session.scalar(select(StoredFile).where(StoredFile.sha256 == logo, StoredFile.purpose == LOGO))
            return (store.content_of(session, file), file.media_type) if file else None
        found = manifest.path(path)
        return (found.read_bytes(), mimetypes.guess_type(found.name)[0] or "") if found else None

    return serve


def name_of(document: Document) -> str:
    """`BMMS_Strategic-Plan_MOH_2026-2028_2026-11-24.pdf` (modules 7.1)."""
    about: dict[str, Any] = document.payload["paper"]
    subject = document.kind.replace("_", " ").title().replace(" ", "-")
    period = re.sub(r"\D+", "-", about["period"]).strip("-")
    day = document.made_at.astimezone(MANILA).date().isoformat()
    return f"BMMS_{subject}_{about['organization']['code']}_{period}_{day}.pdf"
