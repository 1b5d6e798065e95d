"""Lines as workbooks on the web: export by the worker, upload or paste, check, correct, import, for each who comes."""

import io
import random
from datetime import UTC, datetime
from decimal import Decimal
from string import ascii_lowercase
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select, update

from bmms.domain import clock
from bmms.domain.proposals import lines
from bmms.domain.proposals.sheets import columns
from bmms.models.audit import AuditEvent
from bmms.models.jobs import Job
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalProgram, ProposalStatus
from tests import proposals as drafted
from tests import uploads
from tests.budgets import enter, memorandum, step
from tests.client import check_page
from tests.planning import desk_of, looked_up
from tests.web.answers import errors, soup, words

PLACES = {column.heading: number for number, column in enumerate(columns.COLUMNS, 1)}
HEADINGS = list(PLACES)
ROW = {
    "Program": "MOH-P01", "Object code": "5-02-03-010-00", "Description": "Bond paper", "Quantity": 100,
    "Unit": "ream", "Unit cost": "1,250.50", "Place": "Region-wide", "Justification": "For the offices.",
}  # fmt: skip
OWN = 3  # the row of the one line of the program MOH-P01; row 2 is of MOH-GAS


@pytest.fixture
def desk(engine, app, cast, ground):
    """Rahma, who prepares the budget of Health."""
    drafted.set_up_office(engine, cast, ground)
    found = desk_of(engine, app, cast, "rahma")
    yield found
    found.session.close()


@pytest.fixture
def proposal(engine, app, cast, desk, ground) -> BudgetProposal:
    """A draft with two programs and a line in each: ₱ 1,438,400.00 twice."""

    def make() -> int:
        idris = desk_of(engine, app, cast, "idris")
        with clock.stopped_at(datetime(2026, 2, 2, 1, tzinfo=UTC)):
            step(idris, enter(desk, memorandum()), "open")
            desk.session.expire_all()
            made = drafted.begin_proposal(desk)
            for program in drafted.make_register(desk.session):
                drafted.ask_for(desk, made, drafted.take_program(desk, made, program))
        idris.session.close()
        return made.id

    return looked_up(desk.session, BudgetProposal, make())


def export(reader, proposal, work) -> bytes:
    """Ask for the workbook, let the worker make it, download it."""
    answer = reader.post("budgeting.line_export", org="MOH", proposal_id=proposal.id)
    assert answer.status_code == 303
    page = reader.get(answer.location)
    assert page.h1.get_text() == "Export lines"
    assert reader.fragment(f"{answer.location}/progress", "progress").progress
    work()
    link = reader.get(answer.location).select_one("#progress a")
    assert link.get_text().startswith("Download BMMS_Proposal-Lines_MOH_FY2027_")
    with reader.browser.get(link["href"]) as found:
        assert found.headers["Content-Disposition"].endswith(".xlsx")
        return found.get_data()


def edited(content: bytes, cells: dict[tuple[int, str], Any]) -> bytes:
    """The workbook with other values in the cells (row, heading) of Lines."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (row, heading), value in cells.items():
        book["Lines"].cell(row, PLACES[heading]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def added(content: bytes, *rows: dict[str, Any]) -> bytes:
    return edited(content, {(4 + n, head): value for n, row in enumerate(rows) for head, value in row.items()})


def upload(reader, proposal, content: bytes, name: str = "lines.xlsx", **more):
    values = {"org": "MOH", "proposal_id": proposal.id, **more}
    return uploads.send(reader, "budgeting.line_import_new", {"file": (io.BytesIO(content), name)}, **values)


def paste(reader, proposal, text: str, **more):
    values = {"org": "MOH", "proposal_id": proposal.id, **more}
    return uploads.send(reader, "budgeting.line_import_new", {"pasted": text}, **values)


def figures(page) -> list[str]:
    return [figure.get_text().replace("\xa0", " ") for figure in page.select(".figure")]


def all_lines(desk) -> list[BudgetLine]:
    desk.session.expire_all()
    return list(desk.session.scalars(select(BudgetLine).order_by(BudgetLine.id)))


@pytest.mark.parametrize("htmx", [False, True])
def test_export_edit_check_import(reader, cast, desk, proposal, work, htmx):
    rahma = reader("rahma")
    content = export(rahma, proposal, work)
    page = rahma.get("budgeting.line_import_new", org="MOH", proposal_id=proposal.id)
    assert page.find("input", type="file")
    assert page.find("textarea", attrs={"name": "pasted"})
    changed = edited(added(content, ROW), {(OWN, "Quantity"): 117, (OWN, "Amount"): None})
    answer = upload(rahma, proposal, changed, htmx=htmx)
    address = answer.headers["HX-Redirect"] if htmx else answer.location
    assert rahma.get(address).h1.get_text() == "The lines are being checked"
    assert rahma.fragment(f"{address}/progress", "progress").progress
    work()
    assert rahma.browser.get(f"{address}/progress").status_code == 303
    page = rahma.get(address)
    assert figures(page)[:4] == ["1", "1", "1", "0"]
    assert "Bond paper" in words(page), "what is new comes first"
    panel = " ".join(page.find(id="outlook").get_text(" ").split())
    assert "₱ 3,014,250.00 in 3 lines; now ₱ 2,876,800.00" in panel
    assert "₱ 46,985,750.00 left under ₱ 50,000,000.00" in panel
    assert "3 lines, together ₱ 3,014,250.00;" in panel
    assert "difference ₱ 0.00" in panel
    page = rahma.fragment(f"{address}?show=changed", "results")
    assert "Quantity: 116 → 117" in words(page)
    assert "Amount: 1438400 → 1450800" in words(page)
    assert len(all_lines(desk)) == 2, "nothing has happened yet"
    assert rahma.post(address).status_code == 303
    assert rahma.get(address).h1.get_text() == "The lines are being imported"
    work()
    done = rahma.get(address)
    assert done.h1.get_text() == "The lines are imported"
    assert figures(done)[-1] == "₱ 3,014,250.00"
    found = all_lines(desk)
    assert [line.amount for line in found] == [Decimal("1438400.00"), Decimal("1450800.00"), Decimal("125050.00")]
    assert desk.session.execute(select(Job.done, Job.total).where(Job.task == "import_proposal_lines")).one() == (2, 2)
    event = desk.session.scalars(select(AuditEvent).where(AuditEvent.action == "budget_proposals:import")).one()
    assert (event.actor_id, event.changes["created"], event.changes["changed"]) == (cast.rahma.id, [None, 1], [None, 1])
    assert event.changes["total"] == ["2876800.00", "3014250.00"]
    again = rahma.post(address)
    assert "imported already" in words(rahma.get(again.location))


def test_bp_07_what_is_above_the_ceiling_is_imported_only_where_that_is_ticked(reader, desk, proposal, work):
    rahma = reader("rahma")
    building = ROW | {"Object code": "5060404001", "Quantity": 1, "Unit cost": "60,000,000"}
    address = paste(rahma, proposal, tsv(building)).location
    work()
    page = rahma.get(address)
    panel = " ".join(page.find(id="outlook").get_text(" ").split())
    assert "All classes: ₱ 12,876,800.00 too much; CO: ₱ 50,000,000.00 too much" in panel
    assert "₱ 12,876,800.00 above ₱ 50,000,000.00" in panel
    assert "Tick below that this is meant." in panel
    form = page.find("form", action=address)
    assert form.find("label").get_text() == "Import it although the draft then stands above its ceiling"
    answer = rahma.post(address)
    assert answer.status_code == 422
    page = check_page(answer)
    assert page.title.get_text().startswith("Error: Check the lines")
    said = errors(answer)["above_ceiling"]
    assert "All classes: ₱ 12,876,800.00 too much; CO: ₱ 50,000,000.00 too much. Lower the amounts, or tick" in said
    assert page.find("form", action=address).find("input", {"name": "above_ceiling"})
    assert len(all_lines(desk)) == 2
    assert rahma.post(address, {"above_ceiling": "y"}).status_code == 303
    work()
    assert rahma.get(address).h1.get_text() == "The lines are imported"
    assert len(all_lines(desk)) == 3


def test_bp_07_what_the_worker_finds_above_the_ceiling_is_told_and_can_be_ticked(reader, desk, proposal, work):
    rahma = reader("rahma")
    address = paste(rahma, proposal, tsv(ROW | {"Quantity": 1, "Unit cost": "30,000,000"})).location
    work()
    assert rahma.get(address).find("input", {"name": "above_ceiling"}) is None, "nothing to ask yet"
    part = desk.session.get_one(ProposalProgram, all_lines(desk)[0].proposal_program_id)
    drafted.ask_for(desk, proposal, part, quantity=Decimal(1), unit_cost=Decimal("20000000.00"))
    assert rahma.post(address).status_code == 303
    work()
    page = rahma.get(address)
    assert "Nothing was imported. With this list the draft would stand above its ceiling." in words(page)
    assert "All classes: ₱ 2,876,800.00 too much. Lower the amounts, or tick" in words(page)
    assert len(all_lines(desk)) == 3
    assert page.find("input", {"name": "above_ceiling"})
    rahma.post(address, {"above_ceiling": "y"})
    work()
    assert rahma.get(address).h1.get_text() == "The lines are imported"


def test_what_is_wrong_comes_back_marked_and_nothing_is_imported(reader, desk, proposal, work):
    rahma = reader("rahma")
    content = added(export(rahma, proposal, work), ROW, ROW | {"Unit cost": "₱5", "Place": "Maravi"})
    address = upload(rahma, proposal, content).location
    work()
    page = rahma.get(address)
    assert "1 row is to be corrected, so nothing is imported." in words(page)
    told = [cell.get_text() for cell in page.select(".cell-bad")]
    assert told[0].startswith("Lines!H5 Unit cost: ₱5")
    assert "Do you mean City of Marawi" in told[1]
    assert page.find(id="outlook") is None
    assert not page.find("form", action=address)
    assert rahma.post(address).status_code == 303
    assert "Nothing is imported while something is wrong" in words(rahma.get(address))
    marked = rahma.browser.get(f"{address}/corrections")
    assert marked.headers["Content-Disposition"] == "attachment; filename=lines-to-correct.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(marked.get_data()))["Lines"]
    assert "currency sign" in sheet["H5"].comment.text
    assert sheet["H5"].fill.start_color.rgb == "FFF4CCCC"
    assert len(all_lines(desk)) == 2
    right = edited(marked.get_data(), {(5, "Unit cost"): 5, (5, "Place"): "Marawi City"})
    address = upload(rahma, proposal, right, "lines-to-correct.xlsx").location
    work()
    rahma.post(address)
    work()
    assert len(all_lines(desk)) == 4, "the corrected file goes in"


def tsv(*rows: dict[str, Any], header: bool = True) -> str:
    """Cells as a spreadsheet copies them."""
    out = [HEADINGS] if header else []
    out += [[str(row.get(heading, "")) for heading in HEADINGS] for row in rows]
    return "\r\n".join("\t".join(cells) for cells in out)


@pytest.mark.parametrize("header", [True, False])
def test_pasted_cells_go_the_same_way(reader, desk, proposal, work, header):
    rahma = reader("rahma")
    wrong = paste(rahma, proposal, tsv(ROW, ROW | {"Quantity": "many"}, header=header)).location
    work()
    page = rahma.get(wrong)
    assert words(page.select_one(".lead") or page).count("Pasted cells")
    assert page.select_one(".cell-bad").get_text().startswith(f"F{3 if header else 2} Quantity: many")
    back = rahma.browser.get(f"{wrong}/corrections")
    assert back.headers["Content-Disposition"] == "attachment; filename=list-to-correct.csv"
    assert "no figure" in back.get_data(as_text=True)
    address = paste(rahma, proposal, tsv(ROW, header=header)).location
    work()
    assert figures(rahma.get(address))[:4] == ["1", "0", "0", "0"]
    rahma.post(address)
    work()
    assert [line.description for line in all_lines(desk)][2:] == ["Bond paper"]


def test_the_form_says_what_it_takes(reader, proposal):
    rahma = reader("rahma")
    here = {"org": "MOH", "proposal_id": proposal.id}
    for fields, field, said in (
        ({}, "file", "Choose a file, or paste cells below."),
        ({"pasted": "Bond paper"}, "pasted", "Copy the cells of several columns"),
        ({"pasted": tsv(ROW), "file": (io.BytesIO(b"x"), "a.xlsx")}, "file", "not both"),
        ({"file": (io.BytesIO(b"x"), "a.xlsx")}, "file", "a.xlsx is of a kind that BMMS does not know"),
        ({"file": (io.BytesIO(b"\xff\xfe\xff"), "a.csv")}, "file", "File is not UTF-8"),
        ({"file": (io.BytesIO(uploads.locked_office()), "b.xlsx")}, "file", "protected by a password"),
        ({"file": (io.BytesIO(b"PK\x03\x04" + b"x" * (5 * 1024 * 1024)), "c.xlsx")}, "file", "larger than 5 MB"),
    ):
        answer = uploads.send(rahma, "budgeting.line_import_new", fields, **here)
        assert answer.status_code == 422, said
        assert said in errors(answer)[field], errors(answer)
    answer = upload(rahma, proposal, uploads.xlsx())
    assert answer.status_code == 303


def test_a_list_that_cannot_be_read_says_why(reader, proposal, work):
    rahma = reader("rahma")
    address = upload(rahma, proposal, uploads.xlsx()).location
    work()
    page = rahma.get(address)
    assert page.h1.get_text() == "The list could not be checked"
    assert "The sheet Sheet has no column “Description”" in words(page)
    assert rahma.post(address).status_code == 303


def test_who_else_changed_a_line_since_the_check_is_not_overwritten(reader, desk, proposal, work):
    rahma = reader("rahma")
    content = edited(export(rahma, proposal, work), {(OWN, "Unit"): "set", (OWN, "Seen by BMMS"): None})
    address = upload(rahma, proposal, content).location
    work()
    line = all_lines(desk)[1]
    lines.change_line(desk.session, desk.actor, proposal, line, drafted.line_answers(description="Theirs"))
    desk.session.commit()
    rahma.post(address)
    work()
    page = rahma.get(address)
    assert f"Nothing was imported: line {line.id} Theirs changed since the check. Look at it again." in words(page)
    assert [one.unit for one in all_lines(desk)] == ["person", "person"]
    assert "Description: Theirs → Training of vaccinators" in words(page), "what the file would do now"


def test_foreigners_and_readers_do_not_get_in(reader, cast, desk, proposal, work):
    rahma, idris, nurul, ben, bai = (reader(name) for name in ("rahma", "idris", "nurul", "ben", "bai"))
    here = {"org": "MOH", "proposal_id": proposal.id}
    content = export(rahma, proposal, work)
    mine = upload(rahma, proposal, content).location
    work()
    new = rahma.address("budgeting.line_import_new", **here)
    export_url = rahma.address("budgeting.line_export", **here)
    for path in ("", "/progress", "/corrections"):
        assert nurul.browser.get(mine + path).status_code == 404, "nurul prepares budgets too, and it is not hers"
    assert nurul.post(mine).status_code == 404
    assert nurul.get(new).h1.get_text() == "Import lines"
    assert idris.browser.get(new).status_code == 403, "who reads imports nothing"
    assert idris.browser.get(mine).status_code == 403
    assert upload(idris, proposal, content).status_code == 403
    assert [path for path in (new, mine) if ben.browser.get(path).status_code != 404] == []
    assert ben.post(export_url).status_code == 404
    assert upload(ben, proposal, content).status_code == 404
    own = {"org": "MBHTE", "proposal_id": proposal.id}
    for who in (ben, bai):
        assert who.browser.get(who.address("budgeting.line_import_new", **own)).status_code in (403, 404)
    job = desk.session.scalars(select(Job).where(Job.task == "export_proposal_lines")).one()
    page = rahma.address("budgeting.line_exported", job_id=job.id, **here)
    file = rahma.address("files.file_download", org="MOH", file_id=job.result["file_id"])
    assert [nurul.browser.get(path).status_code for path in (page, file)] == [404, 404]


def test_a_submitted_proposal_is_exported_and_not_changed(reader, desk, proposal, work):
    rahma, idris = reader("rahma"), reader("idris")
    mine = upload(rahma, proposal, export(rahma, proposal, work)).location
    work()
    desk.session.execute(update(BudgetProposal).values(status=ProposalStatus.SUBMITTED))
    desk.session.commit()
    assert export(idris, proposal, work)[:2] == b"PK", "whoever may see a proposal may export its lines"
    page = rahma.get("budgeting.line_import_new", org="MOH", proposal_id=proposal.id)
    assert "submitted and cannot be changed" in words(page)
    assert page.find("textarea") is None
    answer = paste(rahma, proposal, tsv(ROW))
    assert answer.status_code == 422
    rahma.post(mine)
    assert "is submitted and stays as it is" in words(rahma.get(mine))


def test_the_check_of_long_rows_stays_small(reader, proposal, work):
    """25 rows with long words in every cell, and with every cell wrong, in words that nothing can fold."""
    rahma, draw = reader("rahma"), random.Random(7)

    def word(size: int) -> str:
        return "".join(draw.choices(ascii_lowercase, k=size))

    good = [ROW | {"Description": word(300), "Justification": word(3_000)} for _ in range(26)]
    bad = [{heading: word(50) for heading in HEADINGS[:-1]} | {"Description": word(310)} for _ in range(26)]
    for rows, shown in ((good, "new"), (bad, "errors")):
        address = paste(rahma, proposal, tsv(*rows)).location
        work()
        rahma.get(f"{address}?show=all")
        rahma.fragment(f"{address}?show={shown}", "results")
    assert "more cell" in words(rahma.get(address))


def test_the_page_of_the_lines_leads_there(app, reader, proposal):
    if "budgeting.proposal_compliance" not in app.view_functions:
        pytest.skip("the way through the proposal is not complete yet")
    page = reader("rahma").get("budgeting.proposal_lines", org="MOH", proposal_id=proposal.id)
    acts = [act.get_text() for act in page.select("a.button, button")]
    assert {"Import lines", "Export lines"} <= set(acts)


def test_a_page_that_comes_back_keeps_what_was_pasted(reader, proposal):
    answer = paste(reader("rahma"), proposal, "Bond paper & pens")
    assert soup(answer).find("textarea").get_text().strip() == "Bond paper & pens"
