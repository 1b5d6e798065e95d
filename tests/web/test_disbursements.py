"""Disbursement vouchers as people meet them."""

import pytest
from sqlalchemy import func, select

from bmms.models.disbursements import Disbursement, DisbursementLine
from bmms.models.drafts import Draft
from bmms.models.ledger import LedgerPosting
from bmms.models.payees import Payee
from tests.client import check_page
from tests.execution import TRAVEL, YEAR, allot, line_of, obligate, on, pay, pesos
from tests.web.answers import errors, soup, words

HOME = "/moa/MOH/execution/disbursements"
REASON = "The check was spoiled before it was released."


@pytest.fixture
def owed(treasury):
    """5 M allotted, of which 3 M are owed for supplies since 1 February."""
    allot(treasury, treasury.mooe, "5M")
    return obligate(treasury, treasury.mooe, "3M")


@pytest.fixture
def office(treasury, reader):
    """The browsers: who writes, who pays, who reviews, who only reads and has certified."""
    return {name: reader(name) for name in ("rahma", "omar", "idris", "salma", "nurul")}


def answers(treasury, obligation, amount="1,000,000", **other) -> dict:
    line_id = line_of(treasury, obligation).id
    return {
        f"amount_{line_id}": amount, "dated": on(3, 1).isoformat(), "mode": "check", "instrument": "LBP 0001",
        "tax": "10,000.00", "particulars": "Supplies", **other,
    }  # fmt: skip


def written(office, treasury, obligation, **other) -> str:
    """The address of a draft."""
    made = office["rahma"].post(f"{HOME}/new/{obligation.id}", answers(treasury, obligation, **other))
    assert made.status_code == 303, errors(made)
    return made.location


def submitted(office, treasury, obligation, **other) -> str:
    """The address of a voucher that waits for payment."""
    path = written(office, treasury, obligation, **other)
    assert office["rahma"].post(f"{path}/submit").status_code == 303
    return path


def paid(office, treasury, obligation, **other) -> str:
    """The address of a voucher that Omar has paid."""
    path = submitted(office, treasury, obligation, **other)
    page = office["omar"].get(f"{path}/pay")
    sent = {"key": page.find(id="key")["value"], "sure": "y"}
    assert office["omar"].post(f"{path}/pay", sent).status_code == 303
    return path


def test_from_the_obligation_to_the_payment(office, treasury, owed):
    rahma, omar = office["rahma"], office["omar"]
    page = rahma.get(rahma.get(HOME).find("a", string="Write a voucher")["href"])
    link = page.find("a", string=f"Pay ORS {owed.ors_no}")
    assert "3,000,000.00" in page.find("tbody").get_text()
    form = rahma.get(link["href"])
    line_id = line_of(treasury, owed).id
    assert "Unpaid: ₱ 3,000,000.00" in words(form)
    sent = {
        **answers(treasury, owed), "seen": form.find(id="seen")["value"], "sent_key": form.find(id="sent_key")["value"],
    }  # fmt: skip
    made = rahma.post(link["href"], sent)
    assert made.status_code == 303, errors(made)
    assert rahma.post(link["href"], sent).location == made.location, "sent twice, written once"
    path = made.location
    page = rahma.get(path)
    assert page.select_one("#main .pill").get_text() == "Draft"
    for figure in ("₱ 1,000,000.00", "₱ 10,000.00", "₱ 990,000.00", f"ORS {owed.ors_no}", "difference ₱ 0.00"):
        assert figure in words(page), figure
    edit = rahma.get(page.select_one("#main .head a[href$='/edit']")["href"])
    assert edit.find(id=f"amount_{line_id}")["value"] == "1,000,000.00"
    assert "Unpaid after this: ₱ 2,000,000.00" in words(edit)
    asks = rahma.get(path).find("a", string="Submit for payment")["href"]
    assert "Somebody else pays it" in rahma.get(asks).get_text()
    assert rahma.post(asks).status_code == 303
    assert rahma.get(path).find("a", string="Pay") is None
    page = omar.get(omar.get(path).find("a", string="Pay")["href"])
    said = words(page)
    for told in ("₱ 1,000,000.00", "₱ 990,000.00", "Regional Medical Supply Depot", "Immunization", "2,000,000.00"):
        assert told in said, told
    key = page.find(id="key")["value"]
    unticked = omar.post(f"{path}/pay", {"key": key})
    assert unticked.status_code == 422, "payment is never one click"
    assert "Tick this" in check_page(unticked).get_text()
    assert soup(unticked).find(id="key")["value"] == key
    for _ in range(5):
        assert omar.post(f"{path}/pay", {"key": key, "sure": "y"}).status_code == 303
    page = rahma.get(path)
    assert page.h1.get_text() == f"DV {YEAR}-03-0001"
    assert page.select_one("#main .pill").get_text() == "Paid"
    assert treasury.state(treasury.mooe)[3] == pesos("1M")
    kinds = select(func.count(LedgerPosting.id)).where(LedgerPosting.document_kind == "disbursement")
    assert treasury.rahma.session.scalar(kinds) == 1
    assert "Omar" in page.get_text()
    assert "paid a voucher" in page.find("ol", class_="log").get_text()
    assert "Paid" in rahma.get(HOME).find("tbody").get_text()


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(office, treasury, owed):
    rahma, here = office["rahma"], f"{HOME}/new/{owed.id}"
    pay(treasury, owed, "2M")
    line_id = line_of(treasury, owed).id
    wrong = rahma.post(here, answers(treasury, owed, "1,000,000.01", instrument="Kept"))
    assert wrong.status_code == 422
    page = check_page(wrong)
    assert f"DV {YEAR}-03-0001 of 1 March {YEAR} took" in page.find(id=f"amount_{line_id}-error").get_text()
    assert page.find(id="instrument")["value"] == "Kept"
    assert page.find(id=f"amount_{line_id}")["value"] == "1,000,000.01"
    early = rahma.post(here, answers(treasury, owed, "1", dated=on(1, 31).isoformat(), tax="0"))
    assert "before its obligation" in errors(early)["dated"]
    none = rahma.post(here, answers(treasury, owed, ""))
    assert "at least one line" in soup(none).select_one("[role=alert]").get_text()
    cents = rahma.post(here, answers(treasury, owed, "1.005"))
    assert "two decimals" in errors(cents)[f"amount_{line_id}"]
    tax = rahma.post(here, answers(treasury, owed, "10", tax="11"), htmx=True)
    assert tax.status_code == 422
    assert "more than the gross" in errors(tax)["tax"]
    assert treasury.rahma.session.scalar(select(func.count(Disbursement.id))) == 1


def test_what_stays_unpaid_follows_the_amount(office, treasury, owed):
    rahma, line_id = office["rahma"], line_of(treasury, owed).id
    box = rahma.get(f"{HOME}/new/{owed.id}").find(id=f"amount_{line_id}")
    assert (box["hx-trigger"], box["hx-target"]) == ("change", f"#after-{line_id}")

    def after(typed: str) -> str:
        found = rahma.fragment(f"{box['hx-get']}?amount_{line_id}={typed}", f"after-{line_id}")
        return found.get_text().replace("\xa0", " ")

    assert after("1,000,000") == "Unpaid after this: ₱ 2,000,000.00"
    assert after("3000000.01") == "₱ 0.01 more than is unpaid, ₱ 3,000,000.00."
    assert after("") == "Unpaid after this: ₱ 3,000,000.00"
    assert after("much") == "This is no amount in pesos."
    assert rahma.browser.get(box["hx-get"]).status_code == 303
    assert office["salma"].browser.get(box["hx-get"]).status_code == 403


def test_one_voucher_for_two_obligations(office, treasury, owed):
    rahma = office["rahma"]
    allot(treasury, treasury.support, "1M")
    second = obligate(treasury, treasury.support, "1M", object_code=TRAVEL)
    form = rahma.get(f"{HOME}/new/{owed.id}")
    more = form.find("a", string=f"ORS {second.ors_no}")["href"]
    both = rahma.get(f"{HOME}/new/{owed.id}{more}")
    line_id = line_of(treasury, second).id
    assert both.find(id=f"amount_{line_id}")
    action = both.find("form", id="form")["action"]
    made = rahma.post(action, {**answers(treasury, owed), f"amount_{line_id}": "500"})
    assert made.status_code == 303, errors(made)
    assert "₱ 1,000,500.00" in words(rahma.get(made.location))
    edit = rahma.get(f"{made.location}/edit")
    assert edit.find(id=f"amount_{line_id}")["value"] == "500.00"
    changed = {**answers(treasury, owed), f"amount_{line_id}": ""}
    assert rahma.post(f"{made.location}/edit", changed).status_code == 303
    assert "₱ 1,000,000.00" in words(rahma.get(made.location))
    assert treasury.rahma.session.scalar(select(func.count(DisbursementLine.id))) == 1


def test_returned_cancelled_deleted(office, treasury, owed):
    rahma, omar = office["rahma"], office["omar"]
    path = submitted(office, treasury, owed)
    returns = omar.get(path).find("a", string="Return")["href"]
    assert omar.post(returns, {"note": "short"}).status_code == 422
    assert omar.post(returns, {"note": "The tax has to be two percent."}).status_code == 303
    assert "The tax has to be two percent." in rahma.get(path).get_text()
    assert rahma.post(f"{path}/submit").status_code == 303
    cancels = omar.get(path).find("a", string="Cancel")["href"]
    assert omar.post(cancels, {"note": "The goods were sent back to the depot."}).status_code == 303
    assert rahma.get(path).select_one("#main .pill").get_text() == "Cancelled"
    assert rahma.browser.get(f"{path}/edit").status_code == 409
    draft = written(office, treasury, owed)
    assert rahma.post(rahma.get(draft).find("a", string="Delete")["href"]).status_code == 303
    assert rahma.browser.get(draft).status_code == 404


def test_who_may_not_pay_is_told_why_before_pressing(office, treasury, owed):
    nurul = office["nurul"]
    made = nurul.post(f"{HOME}/new/{owed.id}", answers(treasury, owed))
    path = made.location
    office["rahma"].post(f"{path}/submit")
    page = nurul.get(f"{path}/pay")
    assert "You prepared or submitted this voucher" in page.get_text()
    assert page.find(id="sure") is None
    refused = nurul.post(f"{path}/pay", {"key": "x", "sure": "y"})
    assert refused.status_code == 422
    assert "Somebody else pays it" in refused.get_data(as_text=True)
    assert office["rahma"].browser.get(f"{path}/pay").status_code == 403
    assert office["salma"].post(f"{path}/pay", {"key": "x", "sure": "y"}).status_code == 403
    keyless = office["omar"].post(f"{path}/pay", {"sure": "y"})
    assert "without its key" in keyless.get_data(as_text=True)


def test_void_by_two_persons(office, treasury, owed):
    omar, idris = office["omar"], office["idris"]
    path = paid(office, treasury, owed)
    asks = omar.get(path).find("a", string="Ask to void")["href"]
    short = omar.post(asks, {"voided_on": on(4, 1).isoformat(), "note": "Spoiled"})
    assert "at least 20" in errors(short)["note"]
    early = omar.post(asks, {"voided_on": on(1, 1).isoformat(), "note": REASON})
    assert "before that day" in errors(early)["voided_on"]
    assert omar.post(asks, {"voided_on": on(4, 1).isoformat(), "note": REASON}).status_code == 303
    page = idris.get(path)
    assert "Asked to be void." in page.get_text()
    assert REASON in page.get_text()
    assert omar.get(path).find("a", string="Ask to void") is None
    assert omar.browser.get(f"{path}/void/confirm").status_code == 403
    confirm = idris.get(page.find("a", string="Confirm that it is void")["href"])
    key = confirm.find(id="key")["value"]
    assert idris.post(f"{path}/void/confirm", {"key": key}).status_code == 422
    for _ in range(2):
        assert idris.post(f"{path}/void/confirm", {"key": key, "sure": "y"}).status_code == 303
    page = idris.get(path)
    assert page.select_one("#main .pill").get_text() == "Void"
    assert treasury.state(treasury.mooe)[3] == 0
    sooner = office["rahma"].post(f"{HOME}/new/{owed.id}", answers(treasury, owed, dated=on(3, 31).isoformat()))
    assert f"Date the payment 1 April {YEAR} or later (E-9)" in errors(sooner)["dated"], "until then both stand"
    second = paid(office, treasury, owed, dated=on(4, 2).isoformat())
    omar.post(f"{second}/void", {"voided_on": on(4, 2).isoformat(), "note": REASON})
    keeps = idris.get(second).find("a", string="Keep as paid")["href"]
    assert idris.post(keeps, {"note": "The bank says that it was cashed."}).status_code == 303
    assert "Asked to be void" not in idris.get(second).get_text()


def test_the_list_filters_and_proves_its_sum(office, treasury, owed):
    rahma = office["rahma"]
    paid(office, treasury, owed)
    written(office, treasury, owed, instrument="LBP 9")
    page = rahma.get(HOME)
    assert len(page.select("tbody tr")) == 2
    assert (
        "1 paid voucher, together ₱ 1,000,000.00; payments in the ledger: ₱ 1,000,000.00; difference ₱ 0.00"
        in words(page)
    )
    for asked, rows in (
        ("status=draft", 1),
        ("status=void", 0),
        ("number=LBP+9", 1),
        ("payee=depot", 2),
        ("payee=x", 0),
    ):
        assert len(rahma.fragment(f"{HOME}?{asked}", "results").select("tbody tr")) == rows, asked
    assert len(office["salma"].get(HOME).select("tbody tr")) == 1, "drafts are for those who write them"
    assert rahma.get(f"{HOME}?status=nonsense&page=99999999999999999999").find(id="results")


def test_pages_ask_no_more_often_because_there_are_more_vouchers(office, treasury, owed):
    rahma = office["rahma"]

    def statements() -> list[str]:
        paths = (HOME, f"{HOME}/new", f"{HOME}/new/{owed.id}", path, "/moa/MOH/execution/payees")
        return [rahma.browser.get(one).headers["X-SQL-Count"] for one in paths]

    path = written(office, treasury, owed)
    few = statements()
    for n in range(30):
        treasury.rahma.session.add(Payee(name=f"Payee {n}"))
        treasury.rahma.session.add(Disbursement(
            fiscal_year=YEAR, dated=on(3, 1), payee_id=treasury.payee, mode="check", gross=1, tax=0, net=1,
        ))  # fmt: skip
    treasury.rahma.session.commit()
    for _ in range(4):
        obligate(treasury, treasury.mooe, 100)
    assert statements() == few
    assert len(rahma.get(HOME).select("tbody tr")) == 25
    assert len(rahma.get(f"{HOME}?page=2").select("tbody tr")) == 6


def test_two_people_change_a_draft(office, treasury, owed):
    path = written(office, treasury, owed)
    pages = {name: office[name].get(f"{path}/edit") for name in ("rahma", "nurul")}

    def send(name: str, **other):
        kept = {field: pages[name].find(id=field)["value"] for field in ("seen", "sent_key")}
        return office[name].post(f"{path}/edit", {**answers(treasury, owed), **kept, **other})

    line_id = line_of(treasury, owed).id
    assert send("rahma", instrument="LBP 2").status_code == 303
    assert send("nurul", **{f"amount_{line_id}": "2,000,000"}).status_code == 303
    said = words(office["rahma"].get(path))
    assert "LBP 2" in said
    assert "₱ 2,000,000.00" in said


def test_a_draft_of_a_voucher_comes_back(office, treasury, owed):
    rahma, line_id = office["rahma"], line_of(treasury, owed).id
    kept = {"form_key": f"execution/disbursements/new/{owed.id}", f"f-amount_{line_id}": "77", "seen": "{}"}
    assert rahma.post("drafts.draft_keep", kept, org="MOH").status_code == 200
    assert rahma.get(f"{HOME}/new/{owed.id}").find(id=f"amount_{line_id}")["value"] == "77"
    assert treasury.rahma.session.scalar(select(func.count(Draft.id))) == 1


def test_who_only_reads_writes_nothing(office, treasury, owed):
    path = written(office, treasury, owed)
    salma = office["salma"]
    assert salma.browser.get(path).status_code == 404, "a draft"
    for address in (f"{HOME}/new", f"{HOME}/new/{owed.id}"):
        assert salma.browser.get(address).status_code == 403, address
    office["rahma"].post(f"{path}/submit")
    assert salma.get(path).select("#main a.button") == []
    for verb in ("return", "cancel", "pay", "void", "void/confirm", "void/refuse", "submit", "edit", "delete"):
        assert salma.post(f"{path}/{verb}", {"note": REASON, "key": "x", "sure": "y"}).status_code == 403, verb


def test_what_waits_stands_on_the_desk_of_those_who_can_act(office, treasury, owed):
    path = submitted(office, treasury, owed)
    home = "/moa/MOH/"
    assert "Waits for your payment" in office["omar"].get(home).get_text()
    assert "Waits for your payment" not in office["rahma"].get(home).get_text()
    office["omar"].post(f"{path}/return", {"note": "The tax has to be two percent."})
    assert "Returned to you" in office["rahma"].get(home).get_text()
    assert "Returned to you" not in office["nurul"].get(home).get_text()
    second = paid(office, treasury, owed)
    office["omar"].post(f"{second}/void", {"voided_on": on(4, 1).isoformat(), "note": REASON})
    for name, waits in (("idris", True), ("nurul", True), ("omar", False), ("salma", False)):
        assert ("confirmation that it is void" in office[name].get(home).get_text()) == waits, name
