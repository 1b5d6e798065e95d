"""Budget calls and the budget calendar as people meet them."""

import io
from datetime import timedelta

import pytest

from bmms.domain import clock
from tests import uploads
from tests.budgets import hire_office
from tests.client import check_page
from tests.uploads import send


@pytest.fixture
def office(engine, cast, reader):
    """The browsers of the budget office."""
    hire_office(engine, cast)
    return {name: reader(name) for name in ("rahma", "idris", "nurul", "yusuf")}


def answers(**other) -> dict:
    today = clock.today()
    days = {"issued_on": today, "opens_on": today, "due_on": today + timedelta(days=60)}
    return {
        "fiscal_year": "2027", "title": "Budget call FY 2027", "reference": "Memo 2026-01", "ceiling": "50,000,000.00",
        "ceiling_co": "10,000,000", **{name: day.isoformat() for name, day in days.items()}, **other,
    }  # fmt: skip


def scan() -> tuple[io.BytesIO, str]:
    return io.BytesIO(uploads.PDF), "memorandum.pdf"


def entered(rahma) -> str:
    made = send(rahma, "budgeting.call_new", answers(file=scan()), org="MOH")
    assert made.status_code == 303, made.get_data(as_text=True)[:2000]
    return made.location


def test_a_call_from_the_memorandum_to_its_end(office):
    rahma, idris = office["rahma"], office["idris"]
    page = rahma.get("/moa/MOH/budgeting/calls")
    assert "No budget call has been entered yet" in page.get_text()
    path = entered(rahma)
    page = rahma.get(path)
    assert "Not open yet" in page.get_text()
    assert not page.find("a", string="Open the call")
    assert [cell.get_text() for cell in page.select('td[data-label="At most"]')] == [
        "not set", "not set", "not set", "10,000,000.00", "40,000,000.00", "50,000,000.00",
    ]  # fmt: skip
    assert "2\N{NO-BREAK SPACE}amounts, together ₱\N{NO-BREAK SPACE}50,000,000.00" in page.get_text()
    opens = idris.get(path).find("a", string="Open the call")["href"]
    assert "deadline, ceilings and instrument" in idris.get(opens).get_text()
    assert idris.post(opens).status_code == 303
    page = idris.get(path)
    assert page.select_one("#main .pill").get_text() == "Open"
    assert "Idris" in page.get_text()
    extend = rahma.get(path).find("a", string="Extend")["href"]
    later = (clock.today() + timedelta(days=90)).isoformat()
    missing = rahma.post(extend, {"extended_to": later, "reference": "Memo 9"})
    assert "Choose the file." in check_page(missing).get_text()
    sooner = send(rahma, extend, {"extended_to": "2020-01-01", "reference": "Memo 9", "file": scan()})
    assert "Choose a later day" in check_page(sooner).get_text()
    assert send(rahma, extend, {"extended_to": later, "reference": "Memo 9", "file": scan()}).status_code == 303
    page = idris.get(path)
    assert "waits for confirmation" in page.get_text()
    assert idris.post(page.find("a", string="Confirm")["href"]).status_code == 303
    assert "confirmed by" in idris.get(path).get_text()
    closes = idris.get(path).find("a", string="Close the call")["href"]
    assert idris.post(closes, {"note": "short"}).status_code == 422
    assert idris.post(closes, {"note": "MFBM has ended the call before its day."}).status_code == 303
    row = rahma.get("/moa/MOH/budgeting/calls").find("table")
    assert "Closed" in row.get_text()
    assert "extended" in row.get_text()
    viewer = office["yusuf"].get(path)
    assert not viewer.select("#main .head a.button")


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(office):
    wrong = answers(ceiling="₱50,000,000", ceiling_mooe="1.005", title="Kept title")
    page = check_page(office["rahma"].post("budgeting.call_new", wrong, org="MOH"))
    assert "without a unit or a currency sign" in page.find(id="ceiling-error").get_text()
    assert page.find(id="title")["value"] == "Kept title"
    assert page.find(id="ceiling")["value"] == "₱50,000,000"
    page = check_page(office["rahma"].post("budgeting.call_new", answers(ceiling_mooe="1.005"), org="MOH"))
    assert "two decimals" in page.find(id="ceiling_mooe-error").get_text()
    page = check_page(office["rahma"].post("budgeting.call_new", answers(ceiling_mooe="40,000,000.01"), org="MOH"))
    assert "more than the ceiling" in page.find(id="ceiling-error").get_text()
    for sign in ("NaN", "-5", "٥٠"):
        page = check_page(office["rahma"].post("budgeting.call_new", answers(ceiling=sign), org="MOH"))
        assert page.find(id="ceiling-error").get_text().strip(), sign


def test_two_people_change_a_call(office):
    rahma, nurul = office["rahma"], office["nurul"]
    path = entered(rahma)
    pages = {name: office[name].get(f"{path}/edit") for name in ("rahma", "nurul")}
    seen = {name: page.find(id="seen")["value"] for name, page in pages.items()}
    keys = {name: page.find(id="sent_key")["value"] for name, page in pages.items()}
    first = answers(title="Call of the year", seen=seen["rahma"], sent_key=keys["rahma"])
    assert rahma.post(f"{path}/edit", first).status_code == 303
    second = answers(ceiling="60,000,000", seen=seen["nurul"], sent_key=keys["nurul"])
    assert nurul.post(f"{path}/edit", second).status_code == 303
    text = nurul.get(path).get_text()
    assert "Call of the year" in text
    assert "60,000,000.00" in text


def test_who_may_not_enter_or_open_is_refused(office):
    path = entered(office["rahma"])
    assert office["yusuf"].browser.get("/moa/MOH/budgeting/calls/new").status_code == 403
    assert office["idris"].browser.get(f"{path}/edit").status_code == 403
    assert office["rahma"].browser.get(f"{path}/open").status_code == 403
    both = office["nurul"]
    changed = both.post(f"{path}/edit", answers(title="Nurul's words"))
    assert changed.status_code == 303
    refused = both.post(f"{path}/open")
    assert refused.status_code == 422
    assert "You entered a part of this call" in refused.get_data(as_text=True)


def test_a_planned_call_can_be_removed_and_an_extension_withdrawn(office):
    rahma = office["rahma"]
    path = entered(rahma)
    office["idris"].post(f"{path}/open")
    later = (clock.today() + timedelta(days=90)).isoformat()
    send(rahma, f"{path}/extensions/new", {"extended_to": later, "reference": "Memo 9", "file": scan()})
    withdraw = rahma.get(path).find("a", string="Withdraw")["href"]
    assert rahma.post(withdraw).status_code == 303
    assert "Memo 9" not in rahma.get(path).get_text()
    assert rahma.post(f"{path}/delete").status_code in (409, 422)
    rahma.post("budgeting.call_new", answers(fiscal_year="2028", title="Another"), org="MOH")
    other = rahma.get("/moa/MOH/budgeting/calls").find("a", string="Another")["href"]
    assert rahma.post(f"{other}/delete").status_code == 303
    assert "Another" not in rahma.get("/moa/MOH/budgeting/calls").get_text()


def test_pages_ask_no_more_often_because_there_are_more_calls_and_dates(office, engine, cast):
    rahma = office["rahma"]

    def statements() -> list[str]:
        paths = ("/moa/MOH/budgeting/", "/moa/MOH/budgeting/calendar?year=2027")
        return [rahma.browser.get(path).headers["X-SQL-Count"] for path in paths]

    rahma.post("budgeting.call_new", answers(fiscal_year="2030"), org="MOH")
    item = {"fiscal_year": "2027", "name": "A date", "due_on": "2027-01-02", "audience": "review"}
    rahma.post("/moa/MOH/budgeting/calendar/new?year=2027", item)
    few = statements()
    for n in range(14):
        assert rahma.post("budgeting.call_new", answers(fiscal_year=f"{2040 + n}"), org="MOH").status_code == 303
        more = {**item, "name": f"Date {n}", "due_on": f"2027-02-{n + 1:02}"}
        assert rahma.post("/moa/MOH/budgeting/calendar/new?year=2027", more).status_code == 303
    assert statements() == few


def test_the_budget_calendar(office):
    rahma = office["rahma"]
    here = "/moa/MOH/budgeting/calendar?year=2027"
    assert rahma.post("/moa/MOH/budgeting/calendar/usual?year=2027").status_code == 303
    assert "All are there." in rahma.get(rahma.post("/moa/MOH/budgeting/calendar/usual?year=2027").location).get_text()
    item = {"fiscal_year": "2027", "name": "Hearing", "due_on": "2027-01-02", "audience": "review", "source": "Call"}
    made = rahma.post("/moa/MOH/budgeting/calendar/new?year=2027", item)
    assert made.status_code == 303
    page = rahma.get(here)
    assert "moved from 2 January 2027" in " ".join(page.get_text().split())
    path = page.find("a", string="Hearing")["href"]
    wrong = check_page(rahma.post(path, {**item, "starts_on": "2027-02-01"}))
    assert "ends before it starts" in wrong.find(id="due_on-error").get_text()
    assert rahma.post(path, {**item, "name": "Technical hearing"}).status_code == 303
    assert rahma.post(f"{path}/remove").status_code == 303
    assert "earing" not in rahma.get(here).find("table").get_text()
    assert not office["yusuf"].get(here).select("#main .head a.button")
