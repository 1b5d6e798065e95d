"""What follows a signed proposal, as the budget office enters and confirms it."""

import io

import pytest

from bmms.domain import clock
from tests import uploads
from tests.client import check_page
from tests.proposals import make_signed
from tests.uploads import send


@pytest.fixture
def here(engine, app, cast, ground) -> str:
    """The address of a signed proposal."""
    return f"/moa/MOH/budgeting/proposals/{make_signed(engine, app, cast, ground)}"


def memo(**other) -> dict:
    return {
        "reference": "MFBM Memo 12", "issued_on": clock.today().isoformat(),
        "file": (io.BytesIO(uploads.PDF), "memo.pdf"), **other,
    }  # fmt: skip


def filled(page) -> dict[str, str]:
    """The amounts of a form as it comes."""
    return {field["name"]: field["value"] for field in page.select("table input")}


def went(answer) -> str:
    assert answer.status_code == 303, check_page(answer).get_text(" ", strip=True)[:3000]
    return answer.location


def test_from_the_transmittal_to_the_law(here, reader):
    rahma, idris, yusuf = reader("rahma"), reader("idris"), reader("yusuf")
    assert not rahma.get(f"{here}/central/evaluate", status=404).select("form[action*=central]")
    transmit = rahma.get(here).find("a", string="Transmit to MFBM")["href"]
    went(rahma.post(transmit, {"number": "T-7", "day": clock.today().isoformat()}))
    page = rahma.get(here)
    assert "Transmitted to MFBM" in page.select_one("#workflow .pill").get_text()
    evaluate = page.find("a", string="Enter an evaluation")["href"]
    form = rahma.get(evaluate)
    amounts = filled(form)
    assert sorted(amounts.values()) == ["1,438,400.00", "5,753,600.00"], "it begins with what is requested"
    name = next(key for key, value in amounts.items() if value == "1,438,400.00")
    wrong = send(rahma, evaluate, memo(**(amounts | {name: "-1"})))
    assert "not below zero" in check_page(wrong).select_one(f"#{name}-error").get_text()
    missing = send(rahma, evaluate, memo(**(amounts | {name: ""})))
    assert "Type the amount" in check_page(missing).select_one(f"#{name}-error").get_text()
    went(send(rahma, evaluate, memo(**(amounts | {name: "1,000,000.00"}))))
    assert not rahma.get(here).find("a", string="Enter an evaluation"), "one thing waits at a time"
    confirm = idris.get(here).find("a", string="Confirm")["href"]
    assert "6,753,600.00" in idris.get(confirm).get_text()
    assert rahma.post(confirm).status_code == 403
    went(idris.post(confirm))
    include = rahma.get(here).find("a", string="Enter its place in the CM's budget")["href"]
    went(send(rahma, include, memo()))
    went(idris.post(idris.get(here).find("a", string="Confirm")["href"]))
    enact = rahma.get(here).find("a", string="Enter the enactment")["href"]
    amounts = filled(rahma.get(enact))
    assert "1,000,000.00" in amounts.values(), "it begins with what was recommended"
    off = send(rahma, enact, memo(reference="BAA No. 99", total="6,753,600.01", **amounts))
    assert "₱ 0.01 short of the total of the law" in check_page(off).select_one("#total-error").get_text()
    went(send(rahma, enact, memo(reference="BAA No. 99", total="6,753,600.00", **amounts)))
    went(idris.post(idris.get(here).find("a", string="Confirm")["href"]))
    page = yusuf.get(here)
    assert page.select_one("#workflow .pill").get_text() == "Enacted"
    figures = page.get_text(" ", strip=True)
    assert "Enacted by BAA No. 99" in figures
    assert "difference ₱\N{NO-BREAK SPACE}0.00" in figures
    foot = [cell.get_text() for cell in page.select("#decided ~ table tfoot td")]
    assert foot[-3:] == ["7,192,000.00", "6,753,600.00", "6,753,600.00"]
    brought = rahma.get(rahma.get("/moa/MOH/execution/appropriations").find("a", string="BAA No. 99")["href"])
    assert "6,753,600.00" in brought.get_text(), "the law waits to be put in force"
    assert idris.get("/moa/MOH/execution/appropriations/1").find("a", string="Put in force")


def test_a_rejection_is_entered_and_can_be_withdrawn(here, reader):
    rahma = reader("rahma")
    went(rahma.post(f"{here}/transmit", {"number": "T-7", "day": clock.today().isoformat()}))
    reject = rahma.get(here).find("a", string="Enter a rejection")["href"]
    short = send(rahma, reject, memo(note="No"))
    assert "at least 20 characters" in check_page(short).get_text()
    went(send(rahma, reject, memo(note="The program belongs to another ministry.")))
    withdraw = rahma.get(here).find("a", string="Withdraw")["href"]
    went(rahma.post(withdraw))
    assert "Waits for confirmation" not in rahma.get(here).get_text()
