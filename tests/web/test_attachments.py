"""Files of a plan over the web: added, listed, downloaded with the rights of the day, removed."""

from io import BytesIO

import pytest

from tests import uploads
from tests.client import check_page
from tests.planning import desk_of, make_lists, make_plan


@pytest.fixture
def plan_id(engine, app, cast) -> int:
    """A complete draft plan of Health, made by Badar."""
    theme_id, hours_id = make_lists(engine)
    badar = desk_of(engine, app, cast, "badar")
    made = make_plan(badar, theme_id, hours_id, cast.memberships["badar"].id).id
    badar.session.commit()
    badar.session.close()
    return made


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
    assert "Choose a file." in check_page(refused).find(id="file-error").get_text()


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
    assert "it has been submitted" in badar.get("planning.attachment_new", **place(plan_id)).get_text().lower()


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
