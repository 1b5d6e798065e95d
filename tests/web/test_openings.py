"""The opening position on the web: typed, exported, filled in, checked, imported, confirmed by another person."""

import io
from typing import Any

import openpyxl
import pytest

from tests import openings as paper
from tests import uploads
from tests.client import check_page
from tests.execution import YEAR, Treasury, allot, on, opened, set_up_treasury
from tests.web.test_execution import typed, went

LIST = "/moa/MOH/execution/openings"


@pytest.fixture
def office(engine, app, cast, ground):
    """The treasury of Health with an appropriation in force."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        yield Treasury(**desks, **ids)


def words(page) -> str:
    return " ".join(page.get_text(" ").split())


def scan() -> tuple[io.BytesIO, str]:
    return io.BytesIO(uploads.PDF), "far1.pdf"


def answers(**other: str) -> dict[str, Any]:
    return {
        "fiscal_year": str(YEAR), "reference": "FAR No. 1 as of May", "cut_over": on(5, 31).isoformat(),
        "stated_allotted": "11,000,000.00", "stated_obligated": "6,000,000", "stated_disbursed": "4,000,000", **other,
    }  # fmt: skip


def enter(rahma, **other: str) -> str:
    fields = typed(rahma.get(f"{LIST}/new")) | answers(**other)
    return went(uploads.send(rahma, f"{LIST}/new", fields | {"file": scan()}))


def export(rahma, path: str, work) -> bytes:
    answer = rahma.post(f"{path}/export")
    page = rahma.get(went(answer))
    assert page.h1.get_text() == "Export the workbook"
    assert rahma.fragment(f"{answer.location}/progress", "progress").progress
    work()
    link = rahma.get(answer.location).select_one("#progress a")
    assert link.get_text().startswith(f"Download BMMS_Opening-Position_MOH_FY{YEAR}_")
    with rahma.browser.get(link["href"]) as found:
        return found.get_data()


def upload(rahma, path: str, content: bytes, work, name: str = "opening.xlsx") -> str:
    answer = uploads.send(rahma, f"{path}/import", {"file": (io.BytesIO(content), name)})
    address = went(answer)
    assert rahma.get(address).h1.get_text() == "The workbook is being checked"
    work()
    return address


def bring(rahma, path: str, office, work, **other: Any) -> None:
    """The workbook, filled in and imported."""
    content = paper.filled(export(rahma, path, work), paper.position(office), paper.unpaid(office))
    address = upload(rahma, path, content, work)
    went(rahma.post(address))
    work()
    assert rahma.get(address).h1.get_text() == "The opening position is imported"


def test_from_the_paper_ledger_into_the_ledger(office, reader, work):
    rahma, idris, yusuf = reader("rahma"), reader("idris"), reader("yusuf")
    assert "needed only by an organization that starts in mid-year" in words(yusuf.get(LIST))
    path = enter(rahma)
    page = rahma.get(path)
    assert "Nothing is imported yet" in words(page)
    assert yusuf.browser.get(path).status_code == 404, "a draft is for those who work on it"
    content = paper.filled(export(rahma, path, work), paper.position(office), paper.unpaid(office))
    address = upload(rahma, path, content, work)
    page = rahma.get(address)
    assert "Import 7 rows" in words(page)
    assert "6,000,000.00" in words(page)
    assert rahma.fragment(f"{address}?show=new", "results")
    went(rahma.post(address))
    work()
    assert rahma.get(address).h1.get_text() == "The opening position is imported"
    assert "imported already" in words(rahma.get(went(rahma.post(address))))
    page = rahma.get(path)
    assert "It cannot be confirmed yet" not in words(page)
    assert page.find("a", string="Confirm") is None
    assert "difference ₱ 0.00" in words(page)
    found = rahma.fragment(f"{path}?show=unpaid", "results")
    assert "Maluso Trading" in found.get_text()
    confirm = idris.get(path).find("a", string="Confirm")["href"]
    page = idris.get(confirm)
    assert "2 unpaid obligations, ₱ 2,000,000.00 unpaid" in words(page)
    assert "Obligation requests, fund cluster 01: numbers go on after 31." in words(page)
    button = typed(page)
    assert rahma.post(confirm, button | {"sure": "y"}).status_code == 403
    assert "Tick that you have compared it" in words(check_page(idris.post(confirm, button)))
    for _ in range(3):
        assert went(idris.post(confirm, button | {"sure": "y"})) == path, "pressed three times, posted once"
    page = yusuf.get(path)
    assert page.select_one("#main .pill").get_text() == "In the ledger"
    assert "The months up to the cut-over are still open" in words(page)
    register = yusuf.get(f"/moa/MOH/execution/accounts/{office.mooe}")
    assert register.find("a", string="Opening position, FAR No. 1 as of May")["href"] == path
    assert office.state(office.mooe)[1:] == (6_000_000, 4_000_000, 2_000_000)
    assert rahma.browser.get(f"{path}/edit").status_code == 409


def test_what_is_wrong_comes_back_marked_and_nothing_is_imported(office, reader, work):
    rahma = reader("rahma")
    path = enter(rahma)
    below = paper.unpaid(office)
    below[0]["payee"], below[1]["amount"] = None, 7
    content = paper.filled(export(rahma, path, work), paper.position(office), below)
    address = upload(rahma, path, content, work)
    page = rahma.get(address)
    assert "1 row is to be corrected" in words(page)
    assert "Unpaid!C2" in words(page)
    assert "Name the payee." in words(page)
    link = page.find("a", string="Download the file with the cells marked")["href"]
    with rahma.browser.get(link) as answer:
        book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    assert book["Unpaid"]["C2"].comment.text == "Name the payee."
    assert "Nothing is imported while something is wrong" in words(rahma.get(went(rahma.post(address))))
    assert "Nothing is imported yet" in words(rahma.get(path))


def test_a_file_that_is_none_is_refused_at_its_field(office, reader):
    rahma = reader("rahma")
    path = enter(rahma)
    answer = uploads.send(rahma, f"{path}/import", {"file": (io.BytesIO(b"a,b"), "opening.csv")})
    assert answer.status_code == 422
    assert "Choose a file of the kind XLSX" in check_page(answer).select_one("#file-error").get_text()


def test_differences_are_shown_and_keep_it_from_being_confirmed(office, reader, work):
    rahma, idris = reader("rahma"), reader("idris")
    path = enter(rahma, stated_obligated="5,999,999.99")
    bring(rahma, path, office, work)
    assert "the difference is ₱ 0.01" in words(rahma.get(path))
    confirm = typed(idris.get(f"{path}/confirm")) | {"sure": "y"}
    refused = check_page(idris.post(f"{path}/confirm", confirm))
    assert "the difference is ₱ 0.01" in words(refused.select_one("[role=alert]"))
    edit = rahma.get(f"{path}/edit")
    assert edit.select_one("#stated_obligated")["value"] == "5,999,999.99"
    fields = typed(edit) | {"stated_obligated": "6,000,000.00"}
    assert went(uploads.send(rahma, f"{path}/edit", fields)) == path
    went(idris.post(f"{path}/confirm", confirm))
    assert idris.get(path).select_one("#main .pill").get_text() == "In the ledger"


def test_what_is_posted_already_stands_in_the_way(office, reader, work):
    rahma = reader("rahma")
    path = enter(rahma)
    bring(rahma, path, office, work)
    order = allot(office, office.mooe, "1M")
    assert f"Allotment order {order.number}" in words(rahma.get(path))


def test_mistakes_in_the_form_lose_nothing(office, reader):
    rahma = reader("rahma")
    fields = typed(rahma.get(f"{LIST}/new")) | answers(cut_over=f"{YEAR - 1}-05-31", stated_allotted="1.001")
    wrong = check_page(uploads.send(rahma, f"{LIST}/new", fields))
    assert "two decimals at most" in wrong.select_one("#stated_allotted-error").get_text()
    assert wrong.select_one("#reference")["value"] == "FAR No. 1 as of May"
    wrong = check_page(uploads.send(rahma, f"{LIST}/new", fields | {"stated_allotted": "11,000,000"}))
    assert "Choose a day of the fiscal year" in wrong.select_one("#cut_over-error").get_text()
    fields |= {"stated_allotted": "11,000,000", "cut_over": on(5, 31).isoformat()}
    wrong = check_page(uploads.send(rahma, f"{LIST}/new", fields))
    assert "Attach the instrument" in wrong.select_one("#file-error").get_text()


def test_it_is_cancelled_after_a_question(office, reader, work):
    rahma = reader("rahma")
    path = enter(rahma)
    bring(rahma, path, office, work)
    ask = rahma.get(path).find("a", string="Cancel it")["href"]
    assert "What was imported goes" in words(rahma.get(ask))
    went(rahma.post(ask))
    assert rahma.get(path).select_one("#main .pill").get_text() == "Cancelled"
    assert "Cancelled" in words(rahma.get(LIST))
