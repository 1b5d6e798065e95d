"""Papers as a browser meets them: the button, the wait, the download, and the page behind the QR code."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bmms.config import Limits
from bmms.domain.documents import actions as documents
from bmms.models.documents import Document
from bmms.models.jobs import Job, JobStatus
from bmms.tenancy import bind_scope
from tests import uploads
from tests.cast import foreign_rows
from tests.client import check_page
from tests.conftest import MANY, running
from tests.logged import lines_of
from tests.planning import bring_to, desk_of, make_lists, make_plan


@pytest.fixture
def badar(engine, app, cast):
    """Badar's desk."""
    desk = desk_of(engine, app, cast, "badar")
    yield desk
    desk.session.close()


@pytest.fixture
def lists(engine, cast) -> tuple[int, int]:
    """One theme, one unit of measure."""
    return make_lists(engine)


@pytest.fixture
def plan(lists, badar, cast):
    """A complete draft of Health."""
    made = make_plan(badar, *lists, cast.memberships["badar"].id)
    badar.session.commit()
    return made


def made(engine, cast) -> list[Document]:
    """The papers of Health."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        return list(session.scalars(select(Document).order_by(Document.id)))


def printed(badar, document_id: int, status: JobStatus = JobStatus.DONE) -> int:
    """Do what the worker does, without the printing. Returns the id of the file."""
    document = badar.session.get_one(Document, document_id)
    badar.session.scalars(select(Job)).one().status = status
    file = documents.finish(badar.session, badar.actor, document, uploads.PDF, "BMMS_Strategic-Plan_MOH.pdf")
    badar.session.commit()
    return file.id


def test_from_the_button_to_the_download(reader, cast, engine, badar, plan, owner) -> None:
    browser = reader("badar")
    page = browser.get("planning.plan_show", org="MOH", plan_id=plan.id)
    button = next(each for each in page.select("form button") if each.get_text() == "Make a PDF")
    answer = browser.post(button.find_parent("form")["action"])
    assert answer.status_code == 303
    (document,) = made(engine, cast)
    assert answer.location.endswith(f"/planning/plans/{plan.id}/documents/{document.id}")
    page = browser.get(answer.location)
    waiting = page.select_one("#progress")
    assert waiting["hx-trigger"] == "every 2s"
    assert waiting.find("a", string="Refresh")["href"] == waiting["hx-get"]
    assert browser.fragment(waiting["hx-get"], "progress").select_one("#progress")["hx-trigger"] == "every 2s"
    file_id = printed(badar, document.id)
    region = browser.fragment(waiting["hx-get"], "progress").select_one("#progress")
    assert not region.has_attr("hx-trigger")
    link = region.select_one("a.button")
    assert link.get_text() == "Download BMMS_Strategic-Plan_MOH.pdf"
    assert link["href"] == f"/moa/MOH/files/{file_id}"
    download = browser.browser.get(link["href"])
    assert download.get_data() == uploads.PDF
    download.close()
    assert download.headers["Content-Disposition"].startswith("attachment; filename=BMMS_Strategic-Plan_MOH.pdf")
    with owner.connect() as connection:
        seen = connection.execute(
            text("SELECT actor_id, subject_label FROM audit_events WHERE action = 'files:download'")
        )
        assert seen.all() == [(cast.badar.id, "BMMS_Strategic-Plan_MOH.pdf")]


def test_nothing_new_leads_to_the_paper_that_is_there(reader, engine, cast, badar, plan) -> None:
    browser, place = reader("badar"), {"org": "MOH", "plan_id": plan.id}
    browser.post("planning.document_new", **place)
    (document,) = made(engine, cast)
    printed(badar, document.id)
    answer = browser.post("planning.document_new", **place)
    assert answer.location.endswith(f"/documents/{document.id}")
    assert "Nothing has changed since" in browser.get(answer.location).select_one("#toasts").get_text()


def test_the_list_tells_which_paper_holds(reader, engine, cast, badar, plan) -> None:
    browser = reader("badar")
    page = browser.get("planning.document_list", org="MOH", plan_id=plan.id)
    assert "No PDF has been made yet" in page.select_one("#results").get_text()
    browser.post("planning.document_new", org="MOH", plan_id=plan.id)
    plan.narrative = "Said otherwise. " * 20
    badar.session.commit()
    browser.post("planning.document_new", org="MOH", plan_id=plan.id)
    page = browser.get("planning.document_list", org="MOH", plan_id=plan.id)
    assert [pill.get_text() for pill in page.select("tbody .pill")] == ["Holds", "Superseded"]
    first, second = made(engine, cast)
    page = browser.get("planning.document_show", org="MOH", plan_id=plan.id, document_id=first.id)
    assert "Superseded" in page.select_one(".note--warn").get_text()
    assert first.sha256 in page.get_text()
    assert first.code in page.get_text()
    page = browser.get("planning.document_show", org="MOH", plan_id=plan.id, document_id=second.id)
    assert not page.select(".note--warn")


def test_the_list_costs_the_same_however_long(reader, badar, plan) -> None:
    for number in range(30):
        badar.session.add(
            Document(
                kind="strategic_plan", title=plan.title, plan_id=plan.id, code=f"{number:032x}", sha256="0" * 64,
                made_by_label="Badar Lim", payload={"content": {"x": "y" * 50_000}, "paper": {"is_open": True}},
            )
        )  # fmt: skip
    badar.session.commit()
    page = reader("badar").get("planning.document_list", org="MOH", plan_id=plan.id)  # bytes and queries are checked
    assert len(page.select("tbody tr")) == 25


def test_a_printing_that_failed_says_so_and_offers_another(reader, engine, cast, badar, plan) -> None:
    browser = reader("badar")
    browser.post("planning.document_new", org="MOH", plan_id=plan.id)
    badar.session.scalars(select(Job)).one().status = JobStatus.FAILED
    badar.session.commit()
    (document,) = made(engine, cast)
    place = {"org": "MOH", "plan_id": plan.id}
    page = browser.get("planning.document_show", **place, document_id=document.id)
    assert "could not be made" in page.select_one("#progress").get_text()
    assert browser.post("planning.document_new", **place).status_code == 303
    page = browser.get("planning.document_show", **place, document_id=document.id)
    assert page.select_one("#progress")["hx-trigger"] == "every 2s"


def test_viewers_get_papers_of_what_has_left_the_draft(reader, engine, app, cast, badar, plan) -> None:
    planner, viewer = reader("badar"), reader("yusuf")
    place = {"org": "MOH", "plan_id": plan.id}
    planner.post("planning.document_new", **place)
    (draft,) = made(engine, cast)
    file_id = printed(badar, draft.id)
    assert viewer.browser.get(viewer.address("planning.document_list", **place)).status_code == 404
    assert viewer.post("planning.document_new", **place).status_code == 404
    amina = desk_of(engine, app, cast, "amina")
    bring_to(plan, badar, amina, "submit", "approve")
    amina.session.close()
    assert "No PDF" in viewer.get("planning.document_list", **place).get_text()
    assert viewer.browser.get(viewer.address("files.file_download", org="MOH", file_id=file_id)).status_code == 404
    assert viewer.post("planning.document_new", **place).status_code == 303
    page = viewer.get("planning.document_list", **place)
    assert len(page.select("tbody tr")) == 1


def test_a_paper_of_another_plan_is_not_found_under_this_one(reader, engine, cast, badar, plan, lists) -> None:
    browser = reader("badar")
    browser.post("planning.document_new", org="MOH", plan_id=plan.id)
    (document,) = made(engine, cast)
    other = make_plan(badar, *lists, cast.memberships["badar"].id, title="Another plan", start_year=2029, end_year=2031)
    badar.session.commit()
    path = browser.address("planning.document_show", org="MOH", plan_id=other.id, document_id=document.id)
    assert browser.browser.get(path).status_code == 404


def test_printing_is_limited(config, cast, badar, plan) -> None:
    from tests.client import Reader

    with running(replace(config, limits=Limits(*([MANY] * 5), exports="2 per hour"))) as slow:
        browser = Reader(slow, "badar")
        place = {"org": "MOH", "plan_id": plan.id}
        answers = [browser.post("planning.document_new", **place).status_code for _ in range(3)]
    assert answers == [303, 303, 429]


# Behind the code.

SAYS = {
    "genuine": "This document holds",
    "superseded": "This document is superseded",
    "unknown": "This document is not known",
}


def ask(browser, code: str):
    """What somebody who scans the code gets."""
    answer = browser.browser.get(f"/verify/{code}")
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer


def test_the_code_says_genuine_superseded_or_unknown_and_shows_no_content(reader, engine, cast, badar, plan) -> None:
    planner, nobody = reader("badar"), reader()
    planner.post("planning.document_new", org="MOH", plan_id=plan.id)
    plan.narrative = "Said otherwise. " * 20
    badar.session.commit()
    planner.post("planning.document_new", org="MOH", plan_id=plan.id)
    first, second = made(engine, cast)
    costs = set()
    for code, standing in (
        (first.code, "superseded"),
        (second.code, "genuine"),
        ("f" * 32, "unknown"),
        ("x", "unknown"),
    ):
        answer = ask(nobody, code)
        costs.add(answer.headers["X-SQL-Count"])
        page = check_page(answer)
        assert page.h1.get_text() == SAYS[standing]
        told = page.get_text()
        for secret in (plan.title, "Health", "MOH", "Badar", second.sha256, first.code, second.code):
            assert secret not in told
    assert len(costs) == 1, "the answer costs the same whatever it is"


def test_asking_is_limited_by_address(config, cast) -> None:
    from tests.client import Reader

    with running(replace(config, limits=Limits(*([MANY] * 7), verify="2 per minute"))) as slow:
        browser = Reader(slow).browser
        assert [browser.get(f"/verify/{code * 32}").status_code for code in "abc"] == [200, 200, 429]


def test_the_code_stands_in_no_log(app, reader) -> None:
    with lines_of(app) as lines:
        reader().browser.get(f"/verify/{'ab' * 16}")
    assert [line["path"] for line in lines] == ["/verify/…"]
    assert "ab" * 16 not in json.dumps(lines)


def test_the_web_process_never_loads_the_printer(database, tmp_path) -> None:
    """WeasyPrint takes 50 MB and most of a second; only the worker needs it."""
    code = (
        "import sys\n"
        "from wsgi import app\n"
        "client = app.test_client()\n"
        "assert client.get('/login').status_code == 200\n"
        "assert client.get('/verify/' + 'a' * 32).status_code == 200\n"
        "from tasks.queue import load_tasks\n"
        "load_tasks()\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'weasyprint', 'pydyf', 'tinycss2'}))"
    )
    environ = {
        "BMMS_ENV": "test", "BMMS_INSTANCE": str(tmp_path), "SECRET_KEY": "tests " * 12, "DATA_KEYS": "a key",
        "DATABASE_URL": database["DATABASE_URL"], "DATABASE_OCM_URL": database["DATABASE_OCM_URL"],
        "BASE_URL": "http://localhost", "PYTHONPATH": ".", "PATH": "",
    }  # fmt: skip
    ran = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert ran.stdout.strip().splitlines()[-1:] == ["[]"], ran.stderr


def test_who_has_too_many_jobs_under_way_is_told_what_to_wait_for(reader, cast, engine, badar, plan) -> None:
    with Session(engine) as session:
        session.add_all(
            Job(task="render_document", organization_id=cast.moh.id, owner_id=cast.badar.id) for _ in range(7)
        )
        session.commit()
    answer = reader("badar").post("planning.document_new", org="MOH", plan_id=plan.id)
    assert answer.status_code == 409
    assert "Wait until the first is done (Make a PDF, asked for at" in answer.get_data(as_text=True)
    assert made(engine, cast) == []


def test_a_work_plan_has_two_kinds_of_papers(reader, cast, engine) -> None:
    ids = foreign_rows(engine, cast)
    browser, here = reader("badar"), {"org": "MOH", "work_plan_id": ids["work_plan_id"]}
    for view, button in (("work_plan_show", "Make a PDF"), ("work_plan_timeline", "Timeline as PDF")):
        pressed = next(
            one for one in browser.get(f"planning.{view}", **here).select("form button") if one.text == button
        )
        fields = {one["name"]: one["value"] for one in pressed.find_parent("form").select("input")}
        answer = browser.post(pressed.find_parent("form")["action"], fields)
        assert answer.status_code == 303
        browser.get(answer.location)
    page = browser.get("planning.work_document_list", **here)
    assert [cell.get_text() for cell in page.select("[data-label=What]")] == ["Timeline", "Work plan"]
    assert [cell.get_text() for cell in page.select("[data-label=Today]")] == ["Holds", "Holds"]
    assert len(page.select("main form button")) == 2
