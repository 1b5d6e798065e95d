"""The program of a year on pages: begun, filled, a row corrected, approved by somebody else, reopened."""

import pytest

from tests.bed import approved, begun, line_in
from tests.client import check_fragment, check_page
from tests.execution import YEAR, Treasury, allot, obligate, on, opened, set_up_treasury
from tests.web.test_execution import typed, went

HERE = "/moa/MOH/execution/bed"
WHY = "The second quarter was planned too high."


@pytest.fixture
def ids(engine, app, cast, ground) -> dict[str, int]:
    """The treasury of Health with an appropriation in force."""
    return set_up_treasury(engine, app, cast, ground)


@pytest.fixture
def office(ids, engine, app, cast):
    with opened(engine, app, cast) as desks:
        yield Treasury(**desks, **ids)


def test_from_nothing_to_an_approved_program(ids, reader):
    rahma, idris, yusuf = map(reader, ("rahma", "idris", "yusuf"))
    page = rahma.get(HERE)
    assert f"FY {YEAR}" in page.select_one("#missing").parent.get_text()
    plan = rahma.get(f"/moa/MOH/execution/statements/bed-1?fiscal_year={YEAR}&as_of={YEAR}-12-31")
    assert plan.select_one("select[name=bed_id] option[selected]").get_text() == "None is submitted yet"
    here = went(rahma.post(f"{HERE}/begin?year={YEAR}"))
    assert rahma.post(f"{HERE}/begin?year={YEAR}").status_code == 409
    assert "Not programmed: ₱" in rahma.get(here).get_text()
    refused = rahma.post(f"{here}/submit")
    assert "Nothing is programmed yet" in check_page(refused).get_text()
    wrong = rahma.post(f"{here}/fill", {"pattern": "proposal", "lag": "1", "only_empty": "y"})
    assert "no enacted proposal" in check_page(wrong).select_one("#pattern-error").get_text()
    went(rahma.post(f"{here}/fill", {"pattern": "rising", "lag": "1", "only_empty": "y"}))
    shown = rahma.get(here)
    assert "7,000,000.00" in shown.select_one("#rows").parent.select_one("tfoot").get_text()
    edit = shown.select_one("#rows").parent.select_one("tbody a")["href"]
    answers = typed(rahma.get(edit))
    many = rahma.post(edit, answers | {"o1": "9,000,000.00"})
    assert "more than the appropriation of ₱ 5,000,000.00. Lower a month." in check_page(many).get_text()
    assert check_page(many).select_one("#o1")["value"] == "9,000,000.00", "nothing typed is lost"
    early = rahma.post(edit, answers | {"d1": "5,000,000"}, htmx=True)
    assert "By the end of January" in check_fragment(early, "form").select_one("#d1-error").get_text()
    went(rahma.post(edit, answers | {"o12": "0", "d12": ""}))
    assert "Not programmed: ₱ 333,333.34" in rahma.get(here).get_text().replace("\u00a0", " ").replace("\u202f", " ")
    assert yusuf.get(HERE).find("a", href=here) is None, "a draft is not everybody's"
    went(rahma.post(f"{here}/submit"))
    assert rahma.get(here).find("a", string="Fill rows") is None
    assert rahma.post(f"{here}/approve").status_code == 403
    assert "Program of" in idris.get("/moa/MOH/").get_text()
    went(idris.post(f"{here}/approve"))
    page = yusuf.get(here)
    assert "Approved" in page.select_one(".pill").get_text()
    for one in page.select("a[href*='statements/bed-']"):
        assert "Proof of the sum." in yusuf.get(one["href"]).get_text() or "bed-2" in one["href"]
    short = rahma.post(f"{here}/reopen", {"note": "Short"})
    assert "at least 20" in check_page(short).get_text()
    went(rahma.post(f"{here}/reopen", {"note": WHY}))
    assert "edition 2" in rahma.get(HERE).get_text()


def test_quarters_are_held_against_the_ledger(office, reader):
    bed = approved(office, "rising", lag=0)
    allot(office, office.mooe, "6M", day=on(1, 10))
    obligate(office, office.mooe, "3M", day=on(2, 1))
    page = reader("hadji").get(f"{HERE}/{bed.id}")
    first = page.select_one("#quarters").parent.select("tbody tr")[0]
    cells = {td["data-label"]: td.get_text() for td in first.select("td")}
    assert cells["Programmed"] == "7,000,000.00"
    assert cells["Variance"] == "(4,000,000.00)"
    assert "57.1" in cells["Variance ÷ programmed"]
    assert page.select_one("#quarters").parent.get_text().count("Proof of the sum.") == 1


def test_a_draft_is_removed_and_nothing_else(office, reader):
    bed, rahma = begun(office, "equal"), reader("rahma")
    bed_id, line = bed.id, line_in(office, bed, office.mooe)
    assert reader("salma").browser.get(f"{HERE}/{bed.id}").status_code == 404
    other = rahma.browser.get(f"{HERE}/{bed.id + 1}/lines/{line.id}")
    assert other.status_code == 404
    assert went(rahma.post(f"{HERE}/{bed.id}/remove")) == HERE
    assert rahma.browser.get(f"{HERE}/{bed_id}").status_code == 404
