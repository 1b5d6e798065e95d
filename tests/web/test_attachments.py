"""Files of a plan over the web: added, listed, downloaded with the rights of the day, removed."""

from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.planning import StrategicObjective
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemKind, WorkItem
from bmms.tenancy import bind_scope
from tests import uploads
from tests.client import check_page


def place(plan_id: int, org: str = "MOH") -> dict:
    return {"org": org, "kind": "plans", "subject_id": plan_id}


def upload(who, plan_id: int, content: bytes = uploads.PDF, name: str = "study.pdf", org: str = "MOH", **fields):
    values = {"file": (BytesIO(content), name), "category": "technical", "note": "Of the university", **fields}
    return uploads.send(who, "planning.attachment_new", values, **place(plan_id, org))


def status_of_download(who, path: str) -> int:
    answer = who.browser.get(path)
    answer.get_data()
    answer.close()
    return answer.status_code


def test_a_file_is_added_listed_downloaded_and_removed(reader, cast, plan_id) -> None:
    badar, amina = reader("badar"), reader("amina")
    page = badar.get("planning.attachment_list", **place(plan_id))
    assert badar.get(page.select_one("a[href$='/files/new']")["href"]).find("input", type="file")
    assert upload(badar, plan_id).status_code == 303
    page = amina.get("planning.attachment_list", **place(plan_id))
    line = " ".join(page.select_one("#results li").get_text(" ").split())
    assert line.startswith("study.pdf")
    assert "Technical · Of the university · Badar Lim" in line
    link = page.find("a", string="study.pdf")["href"]
    answer = amina.browser.get(link)
    assert answer.get_data() == uploads.PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename=study.pdf"
    answer.close()
    remove = badar.get("planning.attachment_list", **place(plan_id)).find("a", string="Remove")["href"]
    assert "study.pdf" in badar.get(remove).find("h1").get_text()
    assert badar.post(remove).status_code == 303
    assert status_of_download(badar, link) == 404


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ", "study.pdf", "is a program"),
        (b"%PDF-" + bytes(10 * 1024 * 1024 + 1), "large.pdf", "larger than 10 MB"),
        (uploads.docx(uploads.WORD_MACROS), "macro.docx", "macros"),
    ],
)
def test_a_bad_file_is_told_at_the_field_and_the_note_stays(reader, cast, plan_id, content, name, words) -> None:
    refused = upload(reader("badar"), plan_id, content, name)
    assert refused.status_code == 422
    page = check_page(refused)
    assert words in page.find(id="file-error").get_text()
    assert page.find(id="note")["value"] == "Of the university"


def test_without_a_file_nothing_happens(reader, cast, plan_id) -> None:
    badar = reader("badar")
    refused = uploads.send(badar, "planning.attachment_new", {"category": "other", "note": "x"}, **place(plan_id))
    assert refused.status_code == 422
    page = check_page(refused)
    assert "Choose a file." in page.find(id="file-error").get_text()
    assert page.find("label", attrs={"for": "file"}).get_text() == "File", "not said to be optional"


def test_files_are_frozen_by_the_submission(reader, cast, plan_id) -> None:
    badar = reader("badar")
    upload(badar, plan_id)
    remove = badar.get("planning.attachment_list", **place(plan_id)).find("a", string="Remove")["href"]
    badar.post("planning.plan_step", {"note": ""}, org="MOH", plan_id=plan_id, verb="submit")
    page = badar.get("planning.attachment_list", **place(plan_id))
    assert page.find("a", string="Remove") is None
    assert page.select_one("a[href$='/files/new']") is None
    assert badar.post(remove).status_code == 409
    assert upload(badar, plan_id).status_code == 422
    assert "It has been submitted" in badar.get("planning.attachment_new", **place(plan_id)).get_text()


def test_the_rights_of_a_download_are_asked_anew_each_time(reader, cast, plan_id) -> None:
    badar, amina, yusuf = reader("badar"), reader("amina"), reader("yusuf")
    upload(badar, plan_id)
    link = badar.get("planning.attachment_list", **place(plan_id)).find("a", string="study.pdf")["href"]
    assert status_of_download(yusuf, link) == 404
    badar.post("planning.plan_step", {"note": ""}, org="MOH", plan_id=plan_id, verb="submit")
    assert status_of_download(yusuf, link) == 200
    note = "Please raise the targets of the first goal."
    amina.post("planning.plan_decide", {"note": note}, org="MOH", plan_id=plan_id, verb="return")
    assert status_of_download(yusuf, link) == 404


def test_who_may_not_edit_adds_nothing(reader, cast, plan_id) -> None:
    jamila = reader("jamila")
    jamila.get("planning.attachment_new", 403, **place(plan_id))
    assert upload(jamila, plan_id).status_code == 403


@pytest.fixture
def item_id(engine, cast, plan_id) -> int:
    """A project of a work plan of Health, which has no page of its own here."""
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        work_plan = AnnualWorkPlan(plan_id=plan_id, fiscal_year=2026, title="Work plan 2026")
        session.add(work_plan)
        session.flush()
        objective = session.scalars(select(StrategicObjective.id).where(StrategicObjective.plan_id == plan_id)).first()
        annual = AnnualObjective(work_plan_id=work_plan.id, objective_id=objective, ordinal=1, statement="Faster")
        session.add(annual)
        session.flush()
        item = WorkItem(
            work_plan_id=work_plan.id, annual_objective_id=annual.id, code="MOH-2026-PPA-0001", title="Training",
            kind=ItemKind.PROJECT, starts_on=clock.today(), ends_on=clock.today(),
        )  # fmt: skip
        session.add(item)
        session.commit()
        return item.id


def test_officers_add_evidence_to_work_items_and_foreigners_find_none(reader, cast, item_id) -> None:
    where = {"kind": "work-items", "subject_id": item_id}
    photo = {"file": (BytesIO(uploads.picture()), "photo.jpg"), "category": "evidence", "note": ""}
    jamila, yusuf, ben = reader("jamila"), reader("yusuf"), reader("ben")
    assert uploads.send(jamila, "planning.attachment_new", photo, org="MOH", **where).status_code == 303
    link = jamila.get("planning.attachment_list", org="MOH", **where).find("a", string="photo.jpg")["href"]
    jamila.get("planning.discussion_show", org="MOH", section="general", **where)
    jamila.get("planning.discussion_show", 404, org="MOH", section="goals", **where)
    assert status_of_download(jamila, link) == 200
    assert status_of_download(yusuf, link) == 404, "viewers see no work plan that is a draft"
    yusuf.get("planning.attachment_list", 404, org="MOH", **where)
    for org in ("MOH", "MBHTE"):
        ben.get("planning.attachment_list", 404, org=org, **where)
        ben.get("planning.discussion_show", 404, org=org, section="general", **where)
        assert status_of_download(ben, link.replace("/MOH/", f"/{org}/")) == 404


def test_ben_gets_no_file_by_any_address(reader, cast, plan_id) -> None:
    badar, ben = reader("badar"), reader("ben")
    upload(badar, plan_id)
    page = badar.get("planning.attachment_list", **place(plan_id))
    link, remove = page.find("a", string="study.pdf")["href"], page.find("a", string="Remove")["href"]
    for org in ("MOH", "MBHTE"):
        assert status_of_download(ben, link.replace("/MOH/", f"/{org}/")) == 404
        assert ben.post(remove.replace("/MOH/", f"/{org}/")).status_code == 404
        assert upload(ben, plan_id, org=org).status_code == 404
    assert status_of_download(badar, link) == 200
