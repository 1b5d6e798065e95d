"""The proposal on paper as a browser meets it: the button, the wait, the download, and who finds none of it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.documents import actions as documents
from bmms.models.documents import Document
from bmms.models.jobs import Job, JobStatus
from bmms.tenancy import bind_scope
from tests import uploads
from tests.client import check_page
from tests.planning import desk_of
from tests.proposals import set_up_office
from tests.web.test_proposals import begin, line, parts_of, program_register, take_program, went


@pytest.fixture
def office(engine, cast, ground, reader):
    """The browsers of the budget office and of a viewer."""
    set_up_office(engine, cast, ground)
    return {name: reader(name) for name in ("rahma", "idris", "yusuf")}


@pytest.fixture
def here(office, engine, app, cast) -> str:
    """The address of a draft with a program."""
    program_register(engine, app, cast)
    address = begin(office)
    take_program(office, address, "General administration")
    return address


def made(engine, cast) -> list[Document]:
    """The papers of Health."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return list(session.scalars(select(Document).order_by(Document.id)))


def printed(engine, app, cast, document_id: int) -> int:
    """Do what the worker does, without the printing. Returns the id of the file."""
    desk = desk_of(engine, app, cast, "rahma")
    document = desk.session.get_one(Document, document_id)
    for job in desk.session.scalars(select(Job)):
        job.status = JobStatus.DONE
    file = documents.finish(desk.session, desk.actor, document, uploads.PDF, "BMMS_Proposal_MOH.pdf")
    desk.session.commit()
    file_id = file.id
    desk.session.close()
    return file_id


def cancel(office, here: str) -> None:
    """The draft becomes something that everybody here may see."""
    went(office["rahma"].post(f"{here}/cancel", {"note": "Another one takes its place."}))


def test_from_the_button_to_the_download(office, here, engine, app, cast):
    rahma = office["rahma"]
    page = rahma.get(here)
    panel = page.select_one('section[aria-labelledby="papers"]')
    assert panel.h2.get_text() == "On paper"
    assert panel.find("a", string="Documents")["href"] == f"{here}/documents"
    button = panel.select_one("form button")
    assert button.get_text() == "Make a PDF"
    where = went(rahma.post(button.find_parent("form")["action"]))
    (document,) = made(engine, cast)
    assert where == f"{here}/documents/{document.id}"
    assert (document.kind, document.payload["paper"]["status"]) == ("proposal", "Draft")
    waiting = rahma.get(where).select_one("#progress")
    assert waiting["hx-trigger"] == "every 2s"
    assert rahma.fragment(waiting["hx-get"], "progress").select_one("#progress")["hx-trigger"] == "every 2s"
    file_id = printed(engine, app, cast, document.id)
    region = rahma.fragment(waiting["hx-get"], "progress").select_one("#progress")
    assert not region.has_attr("hx-trigger")
    assert region.select_one("a.button")["href"] == f"/moa/MOH/files/{file_id}"
    download = rahma.browser.get(f"/moa/MOH/files/{file_id}")
    assert download.get_data() == uploads.PDF
    download.close()
    again = rahma.get(went(rahma.post(f"{here}/documents")))
    assert "Nothing has changed since" in again.select_one("#toasts").get_text()


def test_the_list_tells_which_paper_holds(office, here, engine, cast):
    rahma = office["rahma"]
    assert "No PDF has been made yet" in rahma.get(f"{here}/documents").get_text()
    went(rahma.post(f"{here}/documents"))
    part = parts_of(rahma.get(f"{here}/programs"))[0]
    went(rahma.post(f"{here}/programs/{part}/lines/new", line()))
    went(rahma.post(f"{here}/documents"))
    page = rahma.get(f"{here}/documents")
    assert [pill.get_text() for pill in page.select("tbody .pill")] == ["Holds", "Superseded"]
    first, second = made(engine, cast)
    verify = rahma.browser.get(f"/verify/{first.code}")
    assert check_page(verify).h1.get_text() == "This document is superseded"
    assert second.payload["content"]["total"] == "1438400.00"


def test_a_viewer_makes_none_of_a_draft_and_one_of_what_has_left_it(office, here, engine, app, cast):
    rahma, yusuf = office["rahma"], office["yusuf"]
    went(rahma.post(f"{here}/documents"))
    (draft,) = made(engine, cast)
    file_id = printed(engine, app, cast, draft.id)
    assert yusuf.post(f"{here}/documents").status_code == 404
    for path in (f"{here}/documents", f"{here}/documents/{draft.id}", f"{here}/documents/{draft.id}/progress"):
        yusuf.get(path, status=404)
    cancel(office, here)
    assert "No PDF has been made yet" in yusuf.get(f"{here}/documents").get_text(), "the draft's stays with its office"
    yusuf.get(f"{here}/documents/{draft.id}", status=404)
    assert yusuf.browser.get(f"/moa/MOH/files/{file_id}").status_code == 404
    went(yusuf.post(f"{here}/documents"))
    assert len(yusuf.get(f"{here}/documents").select("tbody tr")) == 1


def test_another_organization_finds_nothing(office, here, reader, engine, cast):
    went(office["rahma"].post(f"{here}/documents"))
    (document,) = made(engine, cast)
    bai = reader("bai")  # holds the budget rights in Education
    for place in (here.replace("/MOH/", "/MBHTE/"), here):
        assert bai.post(f"{place}/documents").status_code == 404
        for path in ("", f"/{document.id}", f"/{document.id}/progress"):
            bai.get(f"{place}/documents{path}", status=404)
    assert len(made(engine, cast)) == 1


def test_a_paper_of_another_proposal_is_not_found_under_this_one(office, here, engine, cast):
    rahma = office["rahma"]
    went(rahma.post(f"{here}/documents"))
    (document,) = made(engine, cast)
    answers = {
        "fiscal_year": clock.today().year + 1, "kind": "supplemental", "title": "More vaccines", "sources": "gaab",
        "reason": "An outbreak", "legal_source": "BAA No. 99",
    }  # fmt: skip
    other = went(rahma.post("budgeting.proposal_new", answers, org="MOH")).rsplit("/", 1)[0]
    rahma.get(f"{other}/documents/{document.id}", status=404)
    rahma.get(f"{other}/documents/{document.id}/progress", status=404)


def test_a_deleted_draft_leaves_no_paper(office, here, engine, cast):
    rahma = office["rahma"]
    went(rahma.post(f"{here}/documents"))
    (document,) = made(engine, cast)
    went(rahma.post(rahma.get(here).find("a", string="Delete draft")["href"]))
    assert made(engine, cast) == []
    assert check_page(rahma.browser.get(f"/verify/{document.code}")).h1.get_text() == "This document is not known"
