"""Papers as the worker prints them: real snapshots, the real queue, real PDFs."""

import hashlib
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bmms.domain import access
from bmms.domain.actors import Origin
from bmms.domain.documents import actions, queries
from bmms.domain.files import images, kinds, recognition, store
from bmms.domain.organizations import logo
from bmms.domain.permissions import Permission
from bmms.domain.planning import actions as plans
from bmms.domain.planning import papers as planned
from bmms.extensions import db
from bmms.models.documents import Document
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization, StoredFile
from bmms.tenancy import bind_person, bind_scope
from tasks import documents, pdf
from tests import papers, uploads
from tests.laid import Laid, opened, print_out, serve
from tests.planning import Desk, make_lists, make_plan
from tests.tasks.conftest import PROJECT, Cast, wait_for

pytestmark = pytest.mark.pdf

SMALL = {"goals": 2, "objectives": 1, "kpis": 2}


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application of the worker; nothing here asks the database."""
    with app.app_context():
        yield app


@pytest.fixture(scope="module")
def once() -> dict[str, Any]:
    """The small paper as it was printed and laid out first, for all tests that only look at it."""
    return {}


@pytest.fixture
def printed(context: Flask, once: dict[str, Any]) -> bytes:
    """The small paper."""
    return once.get("printed") or once.setdefault("printed", print_out(papers.document(**SMALL)))


@pytest.fixture
def laid(context: Flask, once: dict[str, Any]) -> Laid:
    """The same before it is drawn."""
    return once.get("laid") or once.setdefault("laid", Laid(papers.document(**SMALL)))


def test_the_same_snapshot_gives_the_same_bytes(context: Flask, printed: bytes) -> None:
    assert printed == print_out(papers.document(**SMALL))
    assert printed != print_out(papers.document(**SMALL, demo=False))
    assert recognition.kind_of(printed) is kinds.PDF
    assert b"/CreationDate (D:20261124085800" in opened(printed)


def test_printing_does_not_let_half_pictures_in(printed: bytes) -> None:
    """WeasyPrint tells Pillow to take them, in the whole process."""
    with pytest.raises(kinds.Refused, match="is damaged"):
        images.redraw(uploads.picture("PNG", (300, 300))[:300], kinds.PNG)


def test_another_process_prints_the_same_bytes(context: Flask, queue_urls: dict[str, str], printed: bytes) -> None:
    """Nothing hangs on the order of sets, on the clock or on chance."""
    code = (
        "import hashlib, tasks.documents as d, tasks.pdf as pdf\n"
        "from wsgi import app\n"
        "from tests import papers\n"
        "with app.app_context():\n"
        f"    paper = papers.document(**{SMALL})\n"
        "    content = pdf.write_pdf(d.page_of(paper), d.shelf(None, paper), paper.code)\n"
        "print(hashlib.sha256(content).hexdigest())"
    )
    environ = {
        "BMMS_ENV": "test", "BMMS_INSTANCE": context.instance_path, "SECRET_KEY": "tests " * 12, "DATA_KEYS": "a key",
        "DATABASE_URL": queue_urls["app"], "BASE_URL": "http://localhost", "PYTHONPATH": str(PROJECT),
        "PATH": os.environ["PATH"], "PYTHONHASHSEED": "7",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ran.stdout.split() == [hashlib.sha256(printed).hexdigest()], ran.stderr


def test_every_letter_has_a_glyph_of_the_named_fonts(context: Flask, caplog: pytest.LogCaptureFixture) -> None:
    paper = papers.document(**SMALL)
    page = documents.page_of(paper)
    for letters in ("₱", papers.ARABIC, "ñ"):
        page = page.replace("</h1>", f" {letters}</h1>", 1)
    with caplog.at_level(logging.WARNING, "weasyprint"):
        content = pdf.write_pdf(page, serve(paper), paper.code)
        assert caplog.messages == []
        pdf.write_pdf(page.replace("</h1>", "\U0010fffd</h1>", 1), serve(paper), paper.code)
    assert [told.partition(" rendered")[0] for told in caplog.messages] == [".notdef glyph"], "the test bites"
    fonts = {name.decode() for name in re.findall(rb"/BaseFont /\w+\+([\w-]+)", opened(content))}
    assert fonts
    assert {name for name in fonts if not name.startswith(("DejaVu", "Noto-Kufi-Arabic"))} == set()


def test_contents_and_feet_tell_the_pages(context: Flask) -> None:
    laid = Laid(papers.document(objectives=2, kpis=3))
    total = len(laid.pages)
    assert total > 6
    for number, said in enumerate(laid.texts, 1):
        assert f"Page {number} of {total}" in re.sub(r"\s+", " ", said)
        assert "as of 24 November 2026, 16:58 (UTC+8)" in said
    listed = re.sub(r"\s+", " ", laid.texts[1])
    assert "Contents" in listed
    for goal in range(1, 8):
        place = re.search(rf"Goal {goal}: [^.]+[. ]+(\d+)", listed)
        assert place, goal
        assert int(place[1]) == laid.anchors[f"goal-{goal}"]


def test_a_draft_says_so_on_each_page_and_an_approved_plan_does_not(laid: Laid) -> None:
    draft, approved = laid, Laid(papers.document(**SMALL, final=True))
    assert all("DRAFT" in said for said in draft.texts)
    assert not any("DRAFT" in said for said in approved.texts)
    assert "Not approved" in draft.texts[0]
    assert "Approved Version 2" in re.sub(r"\s+", " ", approved.texts[0])
    assert "Amina Salik, 20 November 2026" in approved.texts[0]
    assert "MO 2026-14" in approved.texts[0]


def test_demo_figures_are_named_on_each_page(laid: Laid) -> None:
    demo, real = laid, Laid(papers.document(**SMALL, demo=False))
    assert "Contains demo figures" in demo.texts[0]
    assert all("contains demo figures" in said for said in demo.texts)
    assert not any("demo" in said.lower() for said in real.texts)


def test_the_cover_bears_fingerprint_address_and_code(laid: Laid) -> None:
    paper = papers.document(**SMALL)
    cover = laid.texts[0]
    assert paper.sha256 in re.sub(r"\s+", "", cover)
    assert f"https://bmms.example/verify/{paper.code}" in re.sub(r"\s+", "", cover)
    assert "qrline" in documents.page_of(paper)


def test_a_work_plan_prints_milestones_and_the_tree_of_items(context: Flask) -> None:
    paper = papers.work_plan()
    laid = Laid(paper)
    said = re.sub(r"\s+", " ", " ".join(laid.texts))
    for words in ("Annual work plan", "Q1 Q2 Q3 Q4", "Help line 10, task", "₱ 1,250,000.00", "Milestone", "Upi"):
        assert words in said
    assert "Page 1 of" in said
    assert documents.name_of(paper) == "BMMS_Work-Plan_MOH_2026_2026-11-24.pdf"
    assert print_out(paper) == print_out(papers.work_plan())


def test_a_timeline_prints_on_a3_with_its_heads_on_each_page(context: Flask) -> None:
    paper = papers.timeline(rows=90)
    laid = Laid(paper)
    assert {(round(page.width / 96 * 25.4), round(page.height / 96 * 25.4)) for page in laid.pages} == {(420, 297)}
    total = len(laid.pages)
    assert total > 1
    said = [re.sub(r"\s+", " ", text) for text in laid.texts]
    for number, words in enumerate(said, 1):
        assert f"Page {number} of {total}" in words
        assert "as of 24 November 2026, 16:58 (UTC+8)" in words
        assert "Officer Done" in words
        assert "DRAFT" in words
    assert sum(words.count("Train the staff") for words in said) == 90
    assert paper.sha256 in said[0].replace(" ", "")
    for words in ("today, 24 November 2026", "B behind", "https://bmms.example/verify/"):
        assert words in said[0]
    page = documents.page_of(paper)
    assert page.count("stroke-dasharray") == 90 + 2, "today in each row and in the legend"
    assert "qrline" in page
    assert "Signatures" not in page
    assert documents.name_of(paper) == "BMMS_Timeline_MOH_2026_2026-11-24.pdf"
    assert print_out(papers.timeline()) == print_out(papers.timeline())


def test_text_of_people_is_text(context: Flask) -> None:
    paper = papers.document(**SMALL)
    paper.payload["content"]["goals"][0]["statement"] = "<img src='https://example.org/x.png'><b>bold</b> & more"
    assert "<img src='https://example.org/x.png'><b>bold</b> & more" in " ".join(Laid(paper).texts)


@pytest.mark.parametrize(
    "address", ["https://example.org/x.png", "file:///etc/passwd", "/static/none.css", "/../config.py", "data:,x"]
)
def test_nothing_is_fetched(context: Flask, address: str) -> None:
    from weasyprint.urls import FatalURLFetchingError

    paper = papers.document(**SMALL)
    with pytest.raises(FatalURLFetchingError):
        pdf.write_pdf(f"<img src='{address}'>", serve(paper), "x")


# With the database and the queue.


class House:
    """Health with a planner, a plan and a desk."""

    def __init__(self, work: Cast, owner: Engine) -> None:
        self.work = work
        self.moh = work.organization()
        self.badar = work.person(self.moh, "pilot_planner", username="badar", last_name="Lim")
        self.lists = make_lists(owner)

    def desk(self) -> Desk:
        session = Session(db.engine, info={"installation": self.work.app.extensions["installation"]})
        bind_person(session, self.badar.id)
        bind_scope(session, self.moh.id)
        entered = access.enter(session, self.badar, "MOH", Origin())
        assert entered is not None
        return Desk(session, access.actor_here(session, self.badar, entered, Origin()))

    def plan(self, desk: Desk) -> int:
        membership = desk.session.scalars(select(Membership.id).where(Membership.user_id == self.badar.id)).one()
        return make_plan(desk, *self.lists, membership).id

    def contents(self) -> list[Path]:
        folder = Path(self.work.app.instance_path) / "files" / str(self.moh.id)
        return sorted(folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def house(work: Cast, owner_engine: Engine) -> Iterator[House]:
    with work.app.app_context():
        yield House(work, owner_engine)


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    desk = house.desk()
    yield desk
    desk.session.close()


def ask_for_paper(desk: Desk, plan_id: int) -> Document:
    document = actions.make(desk.session, desk.actor, planned.PLAN, plan_id)
    desk.session.commit()
    return document


def stored(desk: Desk) -> list[StoredFile]:
    desk.session.expire_all()
    return list(desk.session.scalars(select(StoredFile).where(StoredFile.purpose == queries.FILE)))


def test_a_paper_goes_through_the_queue_and_can_be_printed_again(work: Cast, house: House, desk: Desk) -> None:
    document = ask_for_paper(desk, house.plan(desk))
    assert work.run() == {"jobs_done": 1}
    (file,) = stored(desk)
    assert file.id == document.file_id
    assert re.fullmatch(r"BMMS_Strategic-Plan_MOH_2026-2028_\d{4}-\d\d-\d\d\.pdf", file.name)
    with store.open_file(desk.session, desk.actor, file.id)[1] as content:
        kept = content.read()
    assert hashlib.sha256(kept).hexdigest() == file.sha256
    again = pdf.write_pdf(documents.page_of(document), documents.shelf(desk.session, document), document.code)
    assert again == kept
    house.work.start(queries.TASK, house.badar, house.moh, document_id=document.id)
    assert work.run() == {"jobs_done": 1}
    assert [one.id for one in stored(desk)] == [file.id]
    assert len(house.contents()) == 1


def test_the_logo_of_the_snapshot_is_printed_also_when_the_ministry_has_another(
    work: Cast, house: House, desk: Desk
) -> None:
    may = desk.actor.__class__(**{**desk.actor.__dict__, "permissions": frozenset(Permission)})

    def change(size: tuple[int, int]) -> None:
        organization = desk.session.get_one(Organization, house.moh.id)
        desk.session.refresh(organization)
        upload = store.Upload(uploads.BytesIO(uploads.picture("PNG", size)), "logo.png")
        logo.change_logo(desk.session, may, organization, upload, row_version=organization.row_version)

    change((123, 77))
    document = ask_for_paper(desk, house.plan(desk))
    change((200, 200))
    desk.session.commit()
    work.run()
    (file,) = stored(desk)
    content = store.content_of(desk.session, file)
    assert re.search(rb"/Width 123\b", content)
    assert not re.search(rb"/Width 200\b", content)
    desk.session.refresh(document)
    assert document.file_id == file.id


def test_a_killed_worker_leaves_one_paper(work: Cast, house: House, desk: Desk, start_worker: Callable) -> None:
    document = ask_for_paper(desk, house.plan(desk))
    job_id = document_job(work, desk, document)
    worker = start_worker(processes=1)
    wait_for(lambda: work.job(job_id).status == "running", 20, "the printing to begin")
    os.killpg(worker.pid, signal.SIGKILL)
    start_worker(processes=1)
    wait_for(lambda: work.job(job_id).status == "done", 60, "the second attempt")
    assert work.job(job_id).attempts == 2
    (file,) = stored(desk)
    assert desk.session.scalars(select(Document.file_id)).all() == [file.id]
    assert [path.name for path in house.contents() if path.suffix != store.UNFINISHED] == [file.storage_key]


def document_job(work: Cast, desk: Desk, document: Document) -> int:
    job = queries.job_at_work(desk.session, document)
    assert job is not None
    return job.id


def test_the_paper_of_a_draft_that_is_gone_is_not_printed(work: Cast, house: House, desk: Desk) -> None:
    from bmms.models.planning import StrategicPlan

    plan_id = house.plan(desk)
    job_id = document_job(work, desk, ask_for_paper(desk, plan_id))
    plans.delete_plan(desk.session, desk.actor, desk.session.get_one(StrategicPlan, plan_id))
    desk.session.commit()
    assert work.run() == {"jobs_failed": 1}
    assert work.job(job_id).message == "The document is gone: its draft was deleted."


def test_whoever_has_left_prints_nothing(work: Cast, house: House, desk: Desk) -> None:
    document = ask_for_paper(desk, house.plan(desk))
    with work.session() as session:
        session.scalars(select(Membership).where(Membership.user_id == house.badar.id)).one().is_active = False
    assert work.run() == {"jobs_cancelled": 1}
    assert stored(desk) == []
    assert document.file_id is None
