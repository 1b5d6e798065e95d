"""Cash on the web: entered, confirmed, controlled; warned about or refused where a voucher is paid."""

from io import BytesIO

import pytest
from sqlalchemy import select

from bmms.models.ledger import CashAuthority
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from tests import uploads
from tests.client import check_page
from tests.execution import YEAR, allot, appropriate, obligate, on, pesos
from tests.web.answers import errors, words
from tests.web.test_disbursements import HOME, answers, submitted
from tests.web.test_execution import went

CASH = "/moa/MOH/execution/cash"
REASON = "The treasury holds us to our cash from now on."


@pytest.fixture
def owed(treasury):
    allot(treasury, treasury.mooe, "5M")
    return obligate(treasury, treasury.mooe, "3M")


@pytest.fixture
def office(treasury, reader):
    return {name: reader(name) for name in ("rahma", "omar", "idris", "nurul", "yusuf")}


def typed(**other) -> dict:
    return {
        "number": "NCA 2026-01", "fund_cluster": "01", "received_on": on(1, 5).isoformat(), "amount": "900,000.00",
        "file": (BytesIO(uploads.PDF), "nca.pdf"), **other,
    }  # fmt: skip


def entered(office, by="omar", **other) -> str:
    return went(office[by].post(f"{CASH}/new", typed(**other)))


def received(office, **other) -> str:
    path = entered(office, **other)
    went(office["idris"].post(f"{path}/confirm", {"sure": "y"}))
    return path


def test_an_authority_is_entered_and_confirmed_by_somebody_else(office):
    omar, idris, yusuf = office["omar"], office["idris"], office["yusuf"]
    page = omar.get(f"{CASH}?year={YEAR}")
    new = page.select_one("#main a[href$='/cash/new']")["href"]
    assert "For training" not in omar.get(new).get_text()
    wrong = omar.post(new, typed(amount="0", number="Kept"))
    assert "above zero" in errors(wrong)["amount"]
    assert check_page(wrong).find(id="number")["value"] == "Kept"
    path = entered(office)
    assert "number already" in errors(omar.post(new, typed()))["number"]
    assert omar.get(path).select_one("#main .pill").get_text() == "Waits for confirmation"
    assert omar.get(path).find("a", string="Confirm") is None
    assert omar.post(f"{path}/confirm", {"sure": "y"}).status_code == 403
    assert yusuf.browser.get(f"{path}/withdraw").status_code == 403
    asks = idris.get(path).find("a", string="Confirm")["href"]
    assert "Tick that you have compared it" in errors(idris.post(asks, {}))["sure"]
    went(idris.post(asks, {"sure": "y"}))
    page = yusuf.get(path)
    assert "₱ 900,000.00" in words(page)
    with yusuf.browser.get(page.find("a", string="The instrument")["href"]) as file:
        assert file.status_code == 200
    page = yusuf.get(f"{CASH}?year={YEAR}&cluster=01")
    assert len(page.select("#results tbody")[0].select("tr")) == 12
    assert "difference ₱ 0.00" in words(page)
    assert yusuf.fragment(f"{CASH}?year={YEAR}", "results")
    assert page.find("a", string="Turn on") is None
    own = entered(office, by="nurul", number="NCA 2")
    assert "Somebody else compares it" in check_page(office["nurul"].post(f"{own}/confirm", {"sure": "y"})).get_text()
    assert went(omar.post(f"{own}/withdraw")) == CASH


def test_a_voucher_is_warned_then_refused(office, treasury, owed):
    rahma, omar, idris = office["rahma"], office["omar"], office["idris"]
    new = f"{HOME}/new/{owed.id}"
    assert "No cash authority of fund cluster 01 is on record" in words(rahma.get(new))
    received(office)
    path = submitted(office, treasury, owed)
    for page in (rahma.get(path), omar.get(f"{path}/pay")):
        assert "₱ 900,000.00" in words(page)
        assert "₱ 100,000.00 more than the cash that is left" in words(page.select_one(".note--warn"))
    assert omar.get(f"{path}/pay").find("button", string=lambda said: said and said.startswith("Pay")) is not None
    asks = idris.get(CASH).find("a", string="Turn on")["href"]
    assert "at least 20 characters" in errors(idris.post(asks, {"since": on(1, 1).isoformat(), "note": "so"}))["note"]
    assert "Give the day" in errors(idris.post(asks, {"note": REASON}))["since"]
    went(idris.post(asks, {"since": on(1, 1).isoformat(), "note": REASON}))
    assert REASON in words(idris.get(CASH))
    page = omar.get(f"{path}/pay")
    assert "₱ 100,000.00 more than the cash" in words(page.select_one(".note--bad"))
    key = page.find(id="key")
    assert key is None, "there is no button to press"
    said = words(check_page(omar.post(f"{path}/pay", {"key": "k", "sure": "y"})))
    assert "Have the cash authority confirmed that covers it" in said
    assert "It could not be paid now" in words(rahma.get(path))
    draft = went(rahma.post(new, answers(treasury, owed, "950,000")))
    assert "₱ 1,000.00" not in words(rahma.get(draft))
    assert "E-10" in words(check_page(rahma.post(f"{draft}/submit")))
    went(idris.post(f"{CASH}/controls/01/off", {"note": REASON}))
    went(rahma.post(f"{draft}/submit"))


def test_switching_on_is_refused_with_day_and_amount(office, treasury, owed):
    path = submitted(office, treasury, owed)
    page = office["omar"].get(f"{path}/pay")
    went(office["omar"].post(f"{path}/pay", {"key": page.find(id="key")["value"], "sure": "y"}))
    for htmx in (False, True):
        sent = {"since": on(1, 1).isoformat(), "note": REASON}
        wrong = office["idris"].post(f"{CASH}/controls/01/on", sent, htmx=htmx)
        assert f"on 1 March {YEAR} ₱ 1,000,000.00 more is paid" in errors(wrong)["since"]
    assert office["rahma"].browser.get(f"{CASH}/controls/01/on").status_code == 403


def test_an_authority_can_be_for_training(office, treasury):
    """Where there are demonstration accounts, cash can be theirs."""
    key = (CostStructure.GAS, None, ExpenseClass.MOOE)
    appropriate(treasury.rahma, treasury.idris, {key: pesos("1M")}, law="BAA No. 99 (demo)", is_demo=True)
    form = office["omar"].get(f"{CASH}/new")
    assert "For training" in form.get_text()
    path = received(office, is_demo="y")
    assert "DEMO DATA" in office["yusuf"].get(path).get_text()
    assert "· demo" in words(office["yusuf"].get(f"{CASH}?year={YEAR}"))
    assert treasury.rahma.session.scalars(select(CashAuthority.is_demo)).all() == [True]
