"""Months and number series on the web: asked for, confirmed by another person, refused with what hinders."""

import pytest

from tests.client import check_page
from tests.execution import YEAR, Treasury, allot, obligate, opened, set_up_treasury
from tests.web.test_execution import went

MONTHS, NUMBERS = "/moa/MOH/execution/periods", "/moa/MOH/execution/numbers"
JANUARY = f"{MONTHS}/{YEAR}-01"


@pytest.fixture
def ids(engine, app, cast, ground) -> dict[str, int]:
    """The treasury of Health with an allotment of January and an obligation of February."""
    found = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        office = Treasury(**desks, **found)
        allot(office, office.mooe, "6M")
        obligate(office, office.mooe, "1M")
    return found


def words(page) -> str:
    return " ".join(page.get_text(" ").split())


@pytest.mark.parametrize("htmx", [False, True])
def test_a_month_is_closed_and_opened_again(ids, reader, htmx):
    omar, idris, hadji, yusuf = (reader(name) for name in ("omar", "idris", "hadji", "yusuf"))
    page = yusuf.get(f"{MONTHS}?year={YEAR}")
    assert len(page.select("#results tbody tr")) == 12
    assert yusuf.fragment(f"{MONTHS}?year={YEAR}", "results")
    assert yusuf.get(JANUARY).find("a", string="Ask for the closing") is None

    def sends(who, path: str, **answers: str) -> str:
        answer = who.post(path, answers, htmx=htmx)
        if htmx:
            assert answer.status_code == 204, answer.get_data(as_text=True)[:1500]
            return answer.headers["HX-Redirect"]
        return went(answer)

    ask = omar.get(JANUARY).find("a", string="Ask for the closing")["href"]
    assert "Tick that you have looked at it" in words(check_page(omar.post(ask, {})))
    assert sends(omar, ask, sure="y") == JANUARY
    assert "Closing waits for confirmation" in words(omar.get(JANUARY))
    assert omar.post(f"{JANUARY}/confirm", {"sure": "y"}).status_code == 403
    confirm = idris.get(JANUARY).find("a", string="Close the month")["href"]
    assert "Asked for by" in words(idris.get(confirm))
    assert sends(idris, confirm, sure="y") == JANUARY
    page = yusuf.get(JANUARY)
    assert page.select_one("#main .pill").get_text() == "Closed"
    assert "Confirmed by" in words(page)
    again = omar.get(JANUARY).find("a", string="Ask for the reopening")["href"]
    short = check_page(omar.post(again, {"note": "because"}))
    assert "at least 20 characters" in short.select_one("#note-error").get_text()
    assert short.select_one("#note").get_text().strip() == "because", "nothing typed is lost"
    sends(omar, again, note="An invoice of January was found in March")
    assert idris.post(f"{JANUARY}/confirm-reopening", {"sure": "y"}).status_code == 403
    page = hadji.get(hadji.get(JANUARY).find("a", string="Open the month again")["href"])
    assert "An invoice of January was found" in words(page)
    sends(hadji, f"{JANUARY}/confirm-reopening", sure="y")
    assert yusuf.get(JANUARY).select_one("#main .pill").get_text() == "Open"


def test_what_hinders_is_said_before_and_after_the_button(ids, reader):
    omar = reader("omar")
    february = f"{MONTHS}/{YEAR}-02/close"
    assert "Close January" in words(omar.get(february))
    refused = check_page(omar.post(february, {"sure": "y"}))
    assert "Months are closed in their order" in words(refused.select_one("[role=alert]"))


def test_what_was_asked_is_taken_back(ids, reader):
    omar = reader("omar")
    went(omar.post(f"{JANUARY}/close", {"sure": "y"}))
    back = omar.get(JANUARY).find("a", string="Take back")["href"]
    assert went(omar.post(back)) == JANUARY
    assert omar.get(JANUARY).select_one("#main .pill").get_text() == "Open"


@pytest.mark.parametrize("code", ["2026-13", "1999-01", "x", "2026-1"])
def test_a_month_that_is_none_is_not_found(ids, reader, code):
    assert reader("omar").browser.get(f"{MONTHS}/{code}").status_code == 404


def test_a_series_goes_on_where_paper_stopped_and_never_back(ids, reader):
    rahma, yusuf = reader("rahma"), reader("yusuf")
    page = yusuf.get(f"{NUMBERS}?year={YEAR}")
    assert "Obligation requests, fund cluster 01" in words(page)
    assert page.find("a", string="Say where paper stopped") is None
    assert yusuf.browser.get(f"{NUMBERS}/edit").status_code == 403
    edit = rahma.get(f"{NUMBERS}?year={YEAR}").find("a", string="Say where paper stopped")["href"]
    wrong = check_page(rahma.post(edit, {"series": "ors-01", "last": "0"}))
    assert "Number 1 of this series is given out already" in wrong.select_one("#last-error").get_text()
    wrong = check_page(rahma.post(edit, {"series": "ors-01", "last": "thirty"}))
    assert wrong.select_one("#last-error").get_text()
    went(rahma.post(edit, {"series": "ors-01", "last": "31"}))
    went(rahma.post(edit, {"series": "dv", "last": "12"}))
    cells = [one.get_text() for one in rahma.get(f"{NUMBERS}?year={YEAR}").select('td[data-label="Last number"]')]
    assert cells == ["31", "12", "0"]


def test_the_next_document_takes_the_number_after_paper(ids, engine, app, cast, reader):
    went(reader("rahma").post(f"{NUMBERS}/edit?year={YEAR}", {"series": "ors-01", "last": "31"}))
    with opened(engine, app, cast) as desks:
        office = Treasury(**desks, **ids)
        assert obligate(office, office.mooe, "1M").ors_no == f"01-{YEAR}-02-0032"
