"""Work plans as workbooks on the web: export by the worker, and the import in three steps, for each who comes by."""

import io
import random
from string import ascii_lowercase
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import select, update

from bmms.domain import exports
from bmms.domain.workplans import items
from bmms.domain.workplans.sheets import columns
from bmms.models.audit import AuditEvent
from bmms.models.jobs import Job
from bmms.models.organizations import StoredFile
from bmms.models.planning import PlanStatus
from bmms.models.work import AnnualWorkPlan, WorkItem
from tasks import files
from tests import planning as strategic
from tests import uploads
from tests.web.answers import words
from tests.workplans import make_tree

PLACES = {column.heading: number for number, column in enumerate(columns.COLUMNS, 1)}
TITLE = PLACES["Title"]


@pytest.fixture
def desk(engine, app, cast):
    """Badar, who plans."""
    found = strategic.desk_of(engine, app, cast, "badar")
    yield found
    found.session.close()


@pytest.fixture
def plan(engine, app, cast, desk, ground) -> AnnualWorkPlan:
    """A draft work plan of six items."""

    def make() -> int:
        approver = strategic.desk_of(engine, app, cast, "amina")
        parent = strategic.make_plan(desk, *strategic.make_lists(engine), cast.memberships["badar"].id)
        strategic.bring_to(parent, desk, approver, "submit", "approve", "activate")
        tree = make_tree(desk, parent, cast.memberships["badar"].id)
        desk.session.commit()
        approver.session.close()
        return tree["project"].work_plan_id

    return strategic.looked_up(desk.session, AnnualWorkPlan, ground.stage("sheets: plan", make))


def export(reader, plan, work) -> bytes:
    """Ask for the workbook, let the worker make it, download it."""
    answer = reader.post("planning.work_plan_export", org="MOH", work_plan_id=plan.id)
    assert answer.status_code == 303
    page = reader.get(answer.location)
    assert page.h1.get_text() == "Export to Excel"
    assert reader.post("planning.work_plan_export", org="MOH", work_plan_id=plan.id).location == answer.location
    work()
    link = reader.get(answer.location).select_one("#progress a")
    assert link.get_text().startswith("Download BMMS_Work-Plan_MOH_FY2026_")
    with reader.browser.get(link["href"]) as found:
        assert found.headers["Content-Disposition"].endswith(".xlsx")
        return found.get_data()


def edited(content: bytes, cells: dict[tuple[int, int], Any]) -> bytes:
    """The workbook with other values in the cells (row, column) of Items."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (row, column), value in cells.items():
        book["Items"].cell(row, column).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(reader, plan, content: bytes, name: str = "plan.xlsx", **more):
    values = {"org": "MOH", "work_plan_id": plan.id, **more}
    return uploads.send(reader, "planning.work_import_new", {"file": (io.BytesIO(content), name)}, **values)


@pytest.mark.parametrize("htmx", [False, True])
def test_export_edit_check_import(app, reader, cast, desk, plan, work, htmx):
    badar = reader("badar")
    board = badar.get("planning.work_plan_show", org="MOH", work_plan_id=plan.id)
    assert "Import from Excel" in words(board)
    content = export(badar, plan, work)
    assert badar.get("planning.work_import_new", org="MOH", work_plan_id=plan.id).find("input", type="file")
    row = {PLACES["Kind"]: "Activity", TITLE: "Answer mails", PLACES["Parent code"]: 1, PLACES["End"]: "15 Nov 2026"}
    changed = edited(content, {(2, TITLE): "Help line and desk"} | {(8, place): value for place, value in row.items()})
    answer = upload(badar, plan, changed, htmx=htmx)
    address = answer.headers["HX-Redirect"] if htmx else answer.location
    assert badar.get(address).h1.get_text() == "The file is being checked"
    assert badar.fragment(f"{address}/progress", "progress").progress
    work()
    assert badar.browser.get(f"{address}/progress").status_code == 303
    page = badar.get(address)
    assert [figure.get_text() for figure in page.select(".figure")] == ["1", "1", "5", "0"]
    assert "Answer mails" in words(page), "what is new comes first"
    page = badar.fragment(f"{address}?show=changed", "results")
    assert "Title: Help line → Help line and desk" in words(page)
    assert desk.session.scalars(select(WorkItem.title).where(WorkItem.title == "Answer mails")).all() == []
    assert badar.post(address).status_code == 303
    assert badar.get(address).h1.get_text() == "The work plan is being imported"
    work()
    done = badar.get(address)
    assert done.h1.get_text() == "The work plan is imported"
    desk.session.expire_all()
    told = select(Job.done, Job.total).where(Job.task == "import_work_plan")
    assert desk.session.execute(told).one() == (2, 2), "the bar moves while nobody sees into the import"
    made = desk.session.scalars(select(WorkItem).where(WorkItem.title == "Answer mails")).one()
    assert (made.code, str(made.starts_on)) == ("MOH-2026-PPA-0007", "2026-11-15")
    event = desk.session.scalars(
        select(AuditEvent).where(
            AuditEvent.action == "annual_work_plans:import", AuditEvent.organization_id == cast.moh.id
        )
    ).one()
    assert (event.actor_id, event.changes["created"], event.changes["changed"]) == (cast.badar.id, [None, 1], [None, 1])
    again = badar.post(address)
    assert "imported already" in words(badar.get(again.location))
    kept = app.extensions["installation"].config.instance / "imports" / UUID(address.rsplit("/", 1)[1]).hex
    (kept / "outcome.json").unlink()  # as if the process had died right after the commit
    badar.post(address)
    work()
    assert "This file is imported already." in words(badar.get(address))
    desk.session.expire_all()
    assert len(desk.session.scalars(select(WorkItem.id)).all()) == 7


def test_what_is_wrong_comes_back_marked_and_nothing_is_imported(reader, desk, plan, work):
    badar = reader("badar")
    content = edited(
        export(badar, plan, work), {(3, PLACES["End"]): "soon", (4, PLACES["Officer"]): "badr", (5, TITLE): "Good"}
    )
    address = upload(badar, plan, content).location
    work()
    page = badar.get(address)
    assert "2 rows are to be corrected, so nothing is imported." in words(page)
    told = [cell.get_text() for cell in page.select(".cell-bad")]
    assert told[0].startswith("Items!I3 End: soon")
    assert "Do you mean badar?" in told[1]
    assert not page.find("form", action=address)
    assert badar.post(address).status_code == 303
    assert "Nothing is imported while something is wrong" in words(badar.get(address))
    marked = badar.browser.get(f"{address}/corrections")
    assert marked.headers["Content-Disposition"] == "attachment; filename=plan-to-correct.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(marked.get_data()))["Items"]
    assert "no date" in sheet["I3"].comment.text
    assert upload(badar, plan, marked.get_data(), "plan-to-correct.xlsx").status_code == 303, "it can be sent again"
    desk.session.expire_all()
    assert "Good" not in desk.session.scalars(select(WorkItem.title)).all()


def test_who_else_changed_an_item_since_the_check_is_not_overwritten(reader, desk, plan, work):
    badar = reader("badar")
    address = upload(
        badar, plan, edited(export(badar, plan, work), {(2, TITLE): "Mine", (3, PLACES["Seen by BMMS"]): None})
    ).location
    work()
    item = desk.session.scalars(select(WorkItem).where(WorkItem.code == "MOH-2026-PPA-0002")).one()
    changes = {"title": "Theirs", "starts_on": item.starts_on, "ends_on": item.ends_on}
    items.change_item(desk.session, desk.actor, plan, item, changes)
    desk.session.commit()
    badar.post(address)
    work()
    page = badar.get(address)
    assert "Nothing was imported: MOH-2026-PPA-0002 Theirs changed since the check." in words(page)
    desk.session.expire_all()
    assert sorted(desk.session.scalars(select(WorkItem.title)).all())[-1] == "Write the course"
    assert "Title: Theirs → Train the staff" in words(page), "the fresh check says what the file would do now"


def test_the_check_of_long_rows_stays_small(reader, plan, work):
    """25 rows with every answer changed, and with every cell wrong, in words that nothing can fold."""
    badar, draw = reader("badar"), random.Random(7)

    def word(size: int) -> str:
        return "".join(draw.choices(ascii_lowercase, k=size))

    book = openpyxl.load_workbook(io.BytesIO(export(badar, plan, work)))
    fixed = {"Kind": "Project", "Objective": 1, "End": "2026-12-31"}
    for row in range(8, 34):
        for heading, value in {**fixed, "Title": word(300), "Description": word(3_000)}.items():
            book["Items"].cell(row, PLACES[heading]).value = value
    for bad in (False, True):
        for row in range(2, 34):
            for heading in ("Officer", "Unit", "Priority", "Places", "Start") if bad else ():
                book["Items"].cell(row, PLACES[heading]).value = word(50)
            for heading in ("Title", "Description", "Tags"):
                book["Items"].cell(row, PLACES[heading]).value = "Climate" if heading == "Tags" else word(200)
            book["Items"].cell(row, PLACES["Beneficiaries"]).value = draw.randrange(10**9)
        out = io.BytesIO()
        book.save(out)
        address = upload(badar, plan, out.getvalue()).location
        work()
        assert "more cell" in words(badar.get(f"{address}?show=all"))
        badar.fragment(f"{address}?show={'errors' if bad else 'changed'}", "results")
    assert "in the marked file" in words(badar.get(address))


FILES = {
    "a.xls": (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "is in an old format"),
    "a.csv": (b"Code,Title\n,x\n", "is of a kind that BMMS does not know. Choose a file of the kind XLSX"),
    "a.xlsx": (
        uploads.archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
        "is an OpenDocument file",
    ),
    "b.xlsx": (uploads.archive({"note.txt": "x"}), "is an archive"),
    "c.xlsx": (uploads.docx(), "is no Excel workbook"),
    "d.xlsx": (b"", "is empty"),
    "e.xlsx": (uploads.xlsx()[:-40], "is damaged"),
    "f.xlsx": (uploads.locked_office(), "is protected by a password"),
    "g.xlsx": (b"PK\x03\x04" + b"x" * (5 * 1024 * 1024), "is larger than 5 MB"),
}


def test_other_files_are_refused_at_once_with_the_remedy(reader, plan):
    badar = reader("badar")
    for name, (content, said) in FILES.items():
        answer = upload(badar, plan, content, name)
        assert answer.status_code == 422, name
        assert f"{name} {said}" in uploads.soup(answer).get_text(), name


def test_a_workbook_that_cannot_be_read_says_why(reader, plan, work):
    badar = reader("badar")
    address = upload(badar, plan, uploads.xlsx()).location
    work()
    page = badar.get(address)
    assert page.h1.get_text() == "The list could not be checked"
    assert "The sheet Sheet has no column “Title”" in words(page)
    assert badar.post(address).status_code == 303


def test_only_planners_import_and_only_into_open_plans(reader, desk, plan, work):
    badar, amina, yusuf = reader("badar"), reader("amina"), reader("yusuf")
    here = {"org": "MOH", "work_plan_id": plan.id}
    content = export(badar, plan, work)
    mine = upload(badar, plan, content).location
    work()
    assert amina.browser.get(mine).status_code == 404, "amina plans too, and it is not hers"
    assert yusuf.browser.get(amina.address("planning.work_import_new", **here)).status_code == 403
    assert yusuf.post("planning.work_plan_export", **here).status_code == 404
    desk.session.execute(update(AnnualWorkPlan).values(status=PlanStatus.ACTIVE))
    desk.session.commit()
    assert yusuf.browser.get(amina.address("planning.work_import_new", **here)).status_code == 403
    assert export(yusuf, plan, work)[:2] == b"PK", "whoever may see a work plan may export it"
    assert "Import from Excel" not in words(badar.get("planning.work_plan_show", **here))
    assert "submitted and cannot be changed" in words(badar.get("planning.work_import_new", **here))
    assert upload(badar, plan, content).status_code == 422
    badar.post(mine)
    assert "submitted and cannot be changed" in words(badar.get(mine))


def test_an_export_is_for_who_asked_and_for_a_week(app, reader, desk, plan, work):
    badar, amina = reader("badar"), reader("amina")
    export(badar, plan, work)
    job = desk.session.scalars(select(Job).where(Job.task == "export_work_plan")).one()
    page = badar.address("planning.work_plan_exported", org="MOH", work_plan_id=plan.id, job_id=job.id)
    file = badar.address("files.file_download", org="MOH", file_id=job.result["file_id"])
    assert [amina.browser.get(path).status_code for path in (page, file)] == [404, 404]
    desk.session.execute(update(AnnualWorkPlan).values(status=PlanStatus.ACTIVE))
    old = update(StoredFile).where(StoredFile.purpose == exports.FILE)
    desk.session.execute(old.values(created_at=StoredFile.created_at - exports.KEPT_FOR))
    desk.session.commit()
    with app.app_context():
        assert files.sweep_files()["old_exports"] == 1
    assert badar.browser.get(file).status_code == 404
    assert "Export the work plan again." in words(badar.get(page))
