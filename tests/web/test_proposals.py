"""The budget proposal as people meet it: the wizard, the lines in their table, review and signature."""

import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.planning import StrategicPlan
from bmms.models.proposals import BudgetProposal
from bmms.models.work import AnnualWorkPlan
from bmms.tenancy import bind_scope
from tests import uploads
from tests.client import check_fragment, check_page
from tests.factories import PASSWORD
from tests.proposals import JUSTIFICATION, set_up_office
from tests.uploads import send

SUMMARY = "The ministry asks for what it needs to reach every child in the region. " * 16


@pytest.fixture
def office(engine, cast, ground, reader):
    """The browsers of the budget office, of the head and of a viewer."""
    set_up_office(engine, cast, ground)
    return {name: reader(name) for name in ("rahma", "idris", "nurul", "amina", "yusuf", "badar")}


def scan() -> tuple[io.BytesIO, str]:
    return io.BytesIO(uploads.PDF), "memorandum.pdf"


def open_call(office, **other: str) -> int:
    """The call of next year is open for sixty days. Returns the year."""
    today = clock.today()
    year = today.year + 1
    days = {"issued_on": today, "opens_on": today, "due_on": today + timedelta(days=60)}
    answers = {
        "fiscal_year": str(year), "title": f"Budget call FY {year}", "reference": "Memo 2026-01",
        "ceiling": "50,000,000.00", "file": scan(), **{name: day.isoformat() for name, day in days.items()}, **other,
    }  # fmt: skip
    made = send(office["rahma"], "budgeting.call_new", answers, org="MOH")
    assert made.status_code == 303, made.get_data(as_text=True)[:2000]
    opens = office["idris"].get(made.location).find("a", string="Open the call")["href"]
    assert office["idris"].post(opens).status_code == 303
    return year


def went(answer) -> str:
    """Where a form that was accepted leads."""
    assert answer.status_code == 303, check_page(answer).get_text(" ", strip=True)[:3000]
    return answer.location


def begin(office) -> str:
    """A proposal; returns its address."""
    year = open_call(office)
    answers = {
        "fiscal_year": year, "kind": "annual", "title": "MOH Budget Proposal", "summary": SUMMARY, "sources": "gaab",
        "no_work_plan_reason": "The work plan follows in March.",
    }  # fmt: skip
    return went(office["rahma"].post("budgeting.proposal_new", answers, org="MOH")).rsplit("/", 1)[0]


def take_program(office, here: str, choice: str) -> str:
    """Take the program whose title holds `choice` into the proposal; returns its address."""
    rahma = office["rahma"]
    page = rahma.get(f"{here}/programs/new")
    option = next(one for one in page.select("#program_id option") if choice in one.get_text())
    answers = {"program_id": option["value"], "thrust": "Reach every child", "expected_result": "All are immunized"}
    return went(rahma.post(f"{here}/programs/new", answers))


def line(**other: str) -> dict[str, str]:
    return {
        "object_code": "5020201000", "description": "Training of vaccinators", "quantity": "116", "unit": "person",
        "unit_cost": "12,400.00", "place_psgc": "Region-wide", "source": "gaab", "tier": "within",
        "justification": JUSTIFICATION, **other,
    }  # fmt: skip


def program_register(engine, app, cast) -> None:
    """The programs that the acts name, as the loader makes them."""
    from sqlalchemy.orm import Session

    from bmms.domain.actors import command_actor
    from bmms.domain.programs.loader import load_programs
    from bmms.models.organizations import Organization
    from bmms.tenancy import bind_scope

    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_scope(session, cast.moh.id)
        load_programs(session, command_actor(cast.moh.id), session.get_one(Organization, cast.moh.id))
        session.commit()


@pytest.fixture
def here(office, engine, app, cast) -> str:
    """A proposal with two programs, one of operations."""
    program_register(engine, app, cast)
    here = begin(office)
    for choice in ("General administration", "Promotive"):
        take_program(office, here, choice)
    return here


def parts_of(page: BeautifulSoup) -> list[str]:
    """The ids of the programs of a proposal, by the links to their lines."""
    return [link["href"].rpartition("program=")[2] for link in page.select('td[data-label="Lines"] a')]


def test_a_proposal_from_the_call_to_the_signature(office, here):
    rahma, idris, amina = office["rahma"], office["idris"], office["amina"]
    support, operations = parts_of(rahma.get(f"{here}/programs"))
    for level in ("output", "outcome"):
        page = rahma.get(f"{here}/programs/{operations}/targets/new")
        unit = page.select("#unit_of_measure_id option")[1]["value"]
        answers = {"name": f"Children, {level}", "level": level, "unit_of_measure_id": unit, "target": "12,500"}
        went(rahma.post(f"{here}/programs/{operations}/targets/new", answers))
    page = rahma.get(f"{here}/allocation")
    assert "Not in this proposal" in page.get_text()
    assert page.get_text().count("difference ₱\N{NO-BREAK SPACE}0.00") == 3, "the programs, and the acts of two years"
    went(rahma.post(f"{here}/allocation/{support}", {"planning_mooe": "2,000,000.00", "actual_mooe": "1,900,000.00"}))
    for number in range(5):
        went(rahma.post(f"{here}/programs/{operations}/lines/new", line(description=f"Training {number}")))
    went(
        rahma.post(
            f"{here}/programs/{support}/lines/new",
            line(object_code="5-02-03-010-00", unit_cost="10,000.00", quantity="180", gad_percent="50"),
        )
    )
    page = rahma.get(f"{here}/lines?program={operations}")
    assert "5 lines" in page.select_one("#lines-total").get_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "8,992,000.00" in page.select_one("#meter").get_text()
    page = rahma.get(f"{here}/review")
    text = page.get_text()
    assert "C-05" in text
    assert "200,000.00 short of the plan" in text
    later = next(form for form in page.find_all("form") if "itemise-later" in form["action"])
    went(rahma.post(later["action"], {"kind": "MOOE"}))
    assert "looks like a lump sum" in rahma.get(f"{here}/compliance").get_text()
    page = rahma.get(f"{here}/lines?program={support}")
    edit = next(link["href"] for link in page.select("#lines a") if "Not yet itemised" in link["aria-label"])
    went(rahma.post(edit, line(
        object_code="5029999000", description="Reserve for repairs", quantity="1", unit="lot", unit_cost="200,000.00"
    )))  # fmt: skip
    for desk in ("bpda", "bwc"):
        place = f"{here}/compliance/desks/{desk}"
        went(rahma.post(f"{place}/ask"))
        went(send(rahma, place, {"reference": f"{desk} 7", "issued_on": clock.today().isoformat(), "file": scan()}))
        assert rahma.post(f"{place}/confirm").status_code == 403
        went(idris.post(f"{place}/confirm"))
    for code in ("C-10", "C-32"):
        lacking = rahma.post(f"{here}/compliance/{code}", {"answer": "met", "note": "See the annex"})
        assert "Attach the document" in check_page(lacking).get_text()
        went(send(rahma, f"{here}/compliance/{code}", {"answer": "met", "note": "See the annex", "file": scan()}))
    page = rahma.get(f"{here}/review")
    missing = [item.get_text(" ", strip=True) for item in page.select("#missing ~ ul li")]
    assert missing == []
    refused = rahma.post(f"{here}/submit", {})
    assert "Tick the certification first" in check_page(refused).get_text()
    went(rahma.post(f"{here}/submit", {"certified": "y", "note": "All figures checked"}))
    assert "Under review" in rahma.get(here).select_one("#workflow .pill").get_text()
    assert rahma.post(f"{here}/take_up").status_code == 403
    went(idris.post(f"{here}/take_up"))
    assert "cannot be changed" in idris.get(f"{here}/review").get_text()
    went(idris.post(f"{here}/return", {"note": "The training needs its venue and its dates."}))
    page = rahma.get(here)
    assert "Returned by Idris" in page.get_text()
    went(rahma.post(f"{here}/submit", {"certified": "y"}))
    assert "take_up" not in str(idris.get(here)), "it is where it was returned"
    went(idris.post(f"{here}/endorse", {"note": "In order."}))
    assert "difference ₱\N{NO-BREAK SPACE}0.00" in amina.get(f"{here}/sign").get_text()
    asked = send(amina, f"{here}/sign", {"file": scan()})
    assert asked.status_code == 303 or "password" in asked.get_data(as_text=True).lower()
    if asked.status_code != 303:
        went(send(amina, f"{here}/sign", {"file": scan(), "confirm_password": PASSWORD}))
    page = amina.get(here)
    assert page.select_one("#workflow .pill").get_text() == "Approved"
    version = next(link["href"] for link in page.select("#main a") if link.get_text().startswith("Version"))
    said = amina.get(version).get_text()
    assert "Fingerprint" in said
    assert "difference ₱\N{NO-BREAK SPACE}0.00" in said
    assert "Training 4" in office["yusuf"].get(f"{here}/lines?program={operations}").get_text()


def test_viewers_see_no_draft_and_nobody_else_does(office, here, reader):
    assert office["yusuf"].get(here, status=404)
    office["badar"].get(here)
    assert office["badar"].post(f"{here}/submit").status_code == 403
    assert "MOH Budget Proposal" not in office["yusuf"].get("/moa/MOH/budgeting/").get_text()
    for page in ("", "/programs", "/lines", "/allocation", "/compliance", "/review"):
        reader("ben").get(here.replace("/MOH/", "/MBHTE/") + page, status=404)


def test_a_line_is_edited_in_its_row_and_the_meter_follows(office, here):
    rahma = office["rahma"]
    part = parts_of(rahma.get(f"{here}/programs"))[0]
    new = f"{here}/programs/{part}/lines/add"
    form = rahma.fragment(new, "new_line")
    assert form.select_one("[data-focus]")
    added = rahma.post(new, line(), htmx=True)
    assert added.status_code == 200
    soup = check_fragment(added, "new_line")
    assert {tag["id"] for tag in soup.select("[hx-swap-oob]")} == {
        "line-table", "meter", "lines-total", f"sum-{part}",
    }  # fmt: skip
    assert "1,438,400.00" in soup.select_one("#meter").get_text()
    assert "1,438,400.00" in soup.select_one(f"#sum-{part}").get_text()
    assert soup.select_one("#description").get("value", "") == ""
    row = soup.select_one("#line-table tbody tr")
    edit = row.select_one("a")["hx-get"]
    opened = rahma.fragment(edit, row["id"])
    assert opened.select_one("[name=unit_cost]")["value"] == "12,400.00"
    assert opened.select_one("[name=quarter1]").get("value", "") == "", "spread evenly"
    ids = {tag["id"] for tag in opened.select("[id]")}
    assert not ids & {tag["id"] for tag in form.select("[id]")}, "both forms may be open at once"
    wrong = rahma.post(edit, line(quarter1="1,438,400.01"), htmx=True)
    assert wrong.status_code == 422
    assert "₱ 0.01 above the amount" in check_fragment(wrong, row["id"]).get_text()
    saved = rahma.post(edit, line(quantity="117"), htmx=True)
    soup = check_fragment(saved, row["id"])
    assert "1,450,800.00" in soup.select_one("#meter").get_text()
    assert "1,450,800.00" in soup.select_one("tr").get_text()
    assert soup.select_one("tr [data-focus]")
    assert "117 person" in rahma.fragment(edit.replace("/in-row", "/row"), row["id"]).get_text()


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"object_code": "zebra"}, "object_code", "Nothing here is called “zebra”"),
        ({"object_code": "training"}, "object_code", "It is not clear what “training” is"),
        ({"object_code": ""}, "object_code", "Choose an object code"),
        ({"object_code": "5060405002"}, "unit_cost", "this is not capital outlay"),
        ({"unit_cost": "₱ 12,400"}, "unit_cost", "without a unit or a currency sign"),
        ({"unit_cost": "NaN"}, "unit_cost", "Type a figure"),
        ({"unit_cost": "12.345"}, "unit_cost", "two decimals at most"),
        ({"quantity": "١٢"}, "quantity", "Type a figure"),
        ({"quantity": "-3"}, "quantity", "above zero"),
        ({"place_psgc": "Manila"}, "place_psgc", "Nothing here is called “Manila”"),
        ({"source": "sdf"}, "source", "Not a valid choice"),
        ({"quarter2": "5"}, "quarter1", "short of the amount"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(office, here, typed, field, words):
    rahma = office["rahma"]
    part = parts_of(rahma.get(f"{here}/programs"))[0]
    answer = rahma.post(f"{here}/programs/{part}/lines/new", line(**typed))
    assert answer.status_code == 422
    page = check_page(answer)
    assert words in page.select_one(f"#{field}-error").get_text()
    assert page.select_one("#description")["value"] == "Training of vaccinators"
    for name, value in typed.items():
        shown = page.select_one(f"#{name}")
        assert name == "source" or shown.get("value", "") in (value, "5-06-04-050-02 Office Equipment (CO)")


def test_an_object_code_that_the_platform_has_ended_is_refused(office, here, reader):
    rahma, sitti, year = office["rahma"], reader("sitti"), clock.today().year
    part = parts_of(rahma.get(f"{here}/programs"))[0]
    here = f"{here}/programs/{part}/lines/new"
    page = sitti.get("platform.entry_edit", kind="object-codes", entry_id=5020201000)
    ends = {"seen": page.select_one("[name=seen]")["value"], "title": page.select_one("#title")["value"]}
    for last, status in ((f"{year + 1}-01-01", 303), (f"{year}-12-31", 422)):
        went(sitti.post("platform.entry_edit", ends | {"valid_to": last}, kind="object-codes", entry_id=5020201000))
        page = sitti.get("platform.entry_edit", kind="object-codes", entry_id=5020201000)
        ends["seen"] = page.select_one("[name=seen]")["value"]
        answer = rahma.post(here, line())
        assert answer.status_code == status, last
    assert "Nothing here is called “5020201000”" in check_page(answer).select_one("#object_code-error").get_text()


def proofs_of(page: BeautifulSoup) -> list[str]:
    """The proofs of a page, without what introduces them."""
    found = [one.get_text(" ", strip=True) for one in page.select("p.small") if one.strong]
    return [one.replace("\N{NO-BREAK SPACE}", " ").partition("Proof of the sum. ")[2] for one in found]


def test_each_page_with_money_proves_its_sum_and_a_long_list_page_by_page(office, here):
    rahma = office["rahma"]
    part = parts_of(rahma.get(f"{here}/programs"))[0]
    for number in range(26):
        one = line(quantity="1", unit_cost="50.10", description=f"Line {number}", gad_percent="1", sphere="ict")
        went(rahma.post(f"{here}/programs/{part}/lines/new", one))
    rest = "₱ 1,302.60; {}: ₱ 1,302.60; difference ₱ 0.00."
    of_proposal = "together " + rest.format("the lines of the proposal")
    pages = {"programs": f"2 programs, {of_proposal}", "review": f"3 classes, {of_proposal}"}
    for path, proof in pages.items():
        assert proofs_of(rahma.get(f"{here}/{path}")) == [proof]
    for page in (rahma.get(here), rahma.get(f"{here}/allocation")):
        assert len(proofs_of(page)) == 3, "the programs, and the acts of two years"
    of_program = rest.format("this program by class")
    assert proofs_of(rahma.get(f"{here}/lines?program={part}")) == [
        f"26 lines, 25 of them on this page, together {of_program}"
    ]
    assert proofs_of(rahma.get(f"{here}/lines?program={part}&page=2"))[0].startswith("26 lines, 1 of them on this page")
    assert proofs_of(rahma.get(f"{here}/compliance")) == [
        "3 offices, together ₱ 3,907.80; the lines, once for each office that they concern: ₱ 3,907.80; "
        "difference ₱ 0.00."
    ]
    of_all = rest.format("the lines of all proposals")
    assert proofs_of(rahma.get("/moa/MOH/budgeting/")) == [f"1 proposal, together {of_all}"]
    assert proofs_of(rahma.get("/moa/MOH/budgeting/calls"))[0].startswith("1 call, together ₱ 50,000,000.00;")
    edit = rahma.get(f"{here}/lines?program={part}&page=2").select_one("#lines tbody a")["hx-get"]
    saved = rahma.post(edit, line(quantity="1", unit_cost="51.10"), htmx=True)
    row = edit.split("/lines/")[1].partition("/")[0]
    soup = check_fragment(saved, f"line-{row}")
    assert proofs_of(soup)[0].startswith("26 lines, 1 of them on this page, together ₱ 1,303.60; this program by class")


def test_a_proposal_that_rests_on_a_work_plan_asks_the_database_no_more_often(engine, cast, office, here):
    rahma = office["rahma"]
    before = rahma.browser.get(f"{here}/review").headers["X-SQL-Count"]
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        proposal = session.scalars(select(BudgetProposal)).one()
        plan = StrategicPlan(title="Plan", start_year=proposal.fiscal_year, end_year=proposal.fiscal_year + 4)
        session.add(plan)
        session.flush()
        work = AnnualWorkPlan(plan_id=plan.id, fiscal_year=proposal.fiscal_year, title="Work plan")
        session.add(work)
        session.flush()
        proposal.plan_id, proposal.work_plan_id = plan.id, work.id
        session.commit()
    assert rahma.browser.get(f"{here}/review").headers["X-SQL-Count"] == before
    rahma.get(f"{here}/review")


def test_object_codes_are_proposed_while_one_types_and_listed_without_htmx(office, here):
    rahma = office["rahma"]
    names = rahma.fragment(f"{here}/look-up/objects?field=object_code&object_code=train&into=rows", "rows")
    assert "Training Expenses" in names.select_one("option")["value"]
    page = rahma.get(f"{here}/look-up/objects?q=5020201")
    assert "5-02-02-010-00 Training Expenses" in page.get_text()
    assert rahma.get(f"{here}/look-up/objects?into=%3Cb%3E", status=404)


def test_a_proposal_without_a_call_or_twice_is_refused(office, here):
    rahma, year = office["rahma"], clock.today().year + 1
    answers = {"fiscal_year": year, "kind": "annual", "title": "Another", "sources": "gaab"}
    twice = check_page(rahma.post("budgeting.proposal_new", answers, org="MOH"))
    assert "has its annual proposal already" in twice.select_one("#fiscal_year-error").get_text()
    none = check_page(rahma.post("budgeting.proposal_new", answers | {"fiscal_year": year + 1}, org="MOH"))
    assert "No budget call of FY" in none.select_one("#fiscal_year-error").get_text()
    bare = check_page(rahma.post("budgeting.proposal_new", answers | {"kind": "special"}, org="MOH"))
    assert "Name the fund" in bare.select_one("#legal_source-error").get_text()


def test_a_draft_is_deleted_and_a_returned_one_cancelled(office, here):
    rahma = office["rahma"]
    deletes = rahma.get(here).find("a", string="Delete draft")["href"]
    went(rahma.post(deletes))
    rahma.get(here, status=404)
    assert "There are no proposals yet" in rahma.get("/moa/MOH/budgeting/").get_text()


def test_clarifications_are_threads_and_change_no_status(office, here):
    rahma, idris, yusuf = office["rahma"], office["idris"], office["yusuf"]
    thread = rahma.get(here).find("a", string="Comments")["href"]
    page = idris.get(thread)
    assert [tab.get_text() for tab in page.select("nav[aria-label=Sections] a")] == [
        "The whole", "Information", "Programs", "Lines", "Compliance", "Recommended amounts",
    ]  # fmt: skip
    lines = next(tab["href"] for tab in page.select("nav[aria-label=Sections] a") if tab.get_text() == "Lines")
    went(idris.post(lines, {"body": "Why 116 persons? @rahma"}))
    notices = rahma.get("/moa/MOH/notices/")
    assert "MOH Budget Proposal" in notices.get_text()
    went(rahma.post(lines, {"body": "One for each rural health unit."}))
    assert "One for each rural health unit." in idris.get(lines).get_text()
    assert rahma.get(here).select_one("#workflow .pill").get_text() == "Draft"
    own = next(link["href"] for link in rahma.get(lines).select("a") if link.get_text() == "Correct")
    assert "rural health unit" in rahma.get(own).get_text()
    went(rahma.post(f"{own}/withdraw"))
    assert "rural health unit" not in idris.get(lines).get_text()
    assert yusuf.browser.get(lines).status_code == 403
    assert idris.browser.get(lines.replace("/MOH/", "/MBHTE/")).status_code == 404


def test_files_hang_on_a_draft_and_go_with_it(office, here):
    rahma, idris = office["rahma"], office["idris"]
    files = rahma.get(here).find("a", string="Files")["href"]
    add = next(link["href"] for link in rahma.get(files).select("a.button") if "Add a file" in link.get_text())
    went(send(rahma, add, {"file": scan(), "category": "evidence", "note": "Survey"}))
    page = idris.get(files)
    assert "memorandum.pdf" in page.get_text()
    assert not [link for link in page.select("a.button") if "Add a file" in link.get_text()], "who reviews adds none"
    assert idris.browser.get(add).status_code == 403
    remove = next(link["href"] for link in rahma.get(files).select("a") if link.get_text() == "Remove")
    went(rahma.post(remove))
    assert "memorandum.pdf" not in idris.get(files).get_text()
    went(send(rahma, add, {"file": scan(), "category": "evidence", "note": ""}))
    went(rahma.post(f"{here}/delete"))
    rahma.get(here, status=404)
