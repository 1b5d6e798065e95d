"""The calendar of reports on the web: laid out, submitted with a file, handed over, called to mind."""

from io import BytesIO

import pytest

from bmms.domain.deadlines import queries
from tests import uploads
from tests.client import check_page
from tests.execution import YEAR, allot, on
from tests.web.answers import errors, words
from tests.web.test_execution import went

DUE = "/moa/MOH/execution/deadlines"


@pytest.fixture
def office(treasury, reader):
    return {name: reader(name) for name in ("rahma", "hadji", "idris")}


def test_from_the_calendar_to_the_report_that_is_in(office):
    rahma, hadji = office["rahma"], office["hadji"]
    page = rahma.get(f"{DUE}?year={YEAR}")
    assert "not entered yet" in words(page)
    assert went(rahma.post(DUE, {"year": str(YEAR)})) == f"{DUE}?year={YEAR}"
    page = rahma.get(f"{DUE}?year={YEAR}")
    rows = page.select("#results tbody tr")
    assert len(rows) == 21
    assert "Monthly execution report to MFBM, January" in words(rows[0])
    assert "Late" in words(rows[0])
    (first,) = [
        one for one in page.select("#results a") if one.get_text() == f"Financial report, 1st quarter of {YEAR}"
    ]
    show = rahma.get(first["href"])
    statement = show.find("a", string="The statement that is reported, as of that day")["href"]
    assert f"as_of={YEAR}-03-31" in statement
    assert rahma.get(statement).find("h1")
    submit = f"{first['href']}/submit"
    wrong = rahma.post(
        submit, {"submitted_on": f"{YEAR}-03-01", "note": "Kept", "file": (BytesIO(uploads.PDF), "r.pdf")}
    )
    assert "ends on 31 March" in errors(wrong)["submitted_on"]
    assert check_page(wrong).find(id="note").get_text().strip() == "Kept"
    assert "Choose the file" in errors(rahma.post(submit, {"submitted_on": f"{YEAR}-04-20"}))["file"]
    fields = {"submitted_on": f"{YEAR}-04-20", "note": "By courier", "file": (BytesIO(uploads.PDF), "r.pdf")}
    assert went(rahma.post(submit, fields)) == first["href"]
    show = hadji.get(first["href"])
    assert "By courier" in words(show)
    with hadji.browser.get(show.find("a", string="The report")["href"]) as answer:
        assert answer.data == uploads.PDF
    assert "Submitted" in words(rahma.get(f"{DUE}?year={YEAR}").select_one("#results"))


def test_a_report_is_handed_to_somebody_who_then_submits_it(office):
    rahma, hadji = office["rahma"], office["hadji"]
    went(rahma.post(DUE, {"year": str(YEAR)}))
    here = rahma.get(f"{DUE}?year={YEAR}").select_one("#results tbody a")["href"]
    assert hadji.browser.get(f"{here}/submit").status_code == 403
    form = rahma.get(f"{here}/owner")
    (hers,) = [one["value"] for one in form.select("#owner_id option") if "Hadji" in one.get_text()]
    went(rahma.post(f"{here}/owner", {"owner_id": hers, "owner_role": "pilot_budget_officer"}))
    assert "Hadji" in words(hadji.get(here))
    assert hadji.get(f"{here}/submit").find("h1")


def test_an_order_of_an_organization_with_late_reports_is_marked(office, treasury):
    """A release request of an organization with overdue reports is marked as such (decision D31)."""
    order = allot(treasury, treasury.mooe, "1M")
    orders = "/moa/MOH/execution/orders"
    assert "Reports overdue" not in words(office["rahma"].get(orders))
    office["rahma"].post(DUE, {"year": str(YEAR)})
    overdue = queries.overdue_count(treasury.rahma.session)
    assert overdue
    assert f"Reports overdue: {overdue}" in words(office["rahma"].get(orders))
    assert "Reports overdue" not in words(office["rahma"].get(f"{orders}/{order.id}")), "released long ago"
    answers = {"number": "SARO 9", "dated": on(1, 20).isoformat(), "legal_basis": "GAAB", "request": "SBR 2"}
    answers |= {"total": "5", f"a{treasury.mooe}": "5"}
    path = went(office["rahma"].post(f"{orders}/new/special?year={YEAR}", answers))
    for page in (office["rahma"].get(path), office["idris"].get(f"{path}/release")):
        assert f"Reports overdue: {overdue}" in words(page)
