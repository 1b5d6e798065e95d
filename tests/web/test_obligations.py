"""Obligation requests as people meet them: draft, Box A, Box B, adjustments, what is due."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from sqlalchemy import Connection, event

from bmms.extensions import db
from tests import uploads
from tests.client import check_page
from tests.execution import MACHINE, PAPER, allot, on, opened, set_up_treasury
from tests.execution import Treasury as Desks
from tests.uploads import send

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def treasury(engine, app, cast, ground):
    """The desks, with 5 M of MOOE and 2 M of capital outlays allotted."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        made = Desks(**desks, **ids)
        allot(made, made.mooe, "5M")
        allot(made, made.co, "2M")
        yield made


@pytest.fixture
def office(treasury, reader):
    """The browsers of the treasury."""
    return {name: reader(name) for name in ("rahma", "salma", "omar", "nurul", "idris")}


def answers(treasury, **other) -> dict:
    """A request of one line, as the form sends it."""
    return {
        "dated": on(2, 1).isoformat(), "fund_cluster": "01", "payee_id": "Regional Medical Supply Depot",
        "office": "Supply unit", "kind": "purchase_order", "reference": "PO 7", "particulars": "Bond paper, 40 boxes",
        "account_1": str(treasury.mooe), "object_1": PAPER, "amount_1": "30,000.00", **other,
    }  # fmt: skip


def entered(rahma, data, **also) -> str:
    """The address of a new request."""
    made = rahma.post("/moa/MOH/execution/obligations/new", {**data, **also})
    assert made.status_code == 303, check_page(made).select_one(".errors").get_text(" ", strip=True)
    return re.sub(r"/request$", "", made.location)


def ticked(browser, path: str, box: str = "certify") -> dict:
    """What a person sends who reads a box and ticks it."""
    page = browser.get(f"{path}/{box}")
    fields = {name: page.find("input", {"name": name})["value"] for name in ("row_version", "key")}
    return {**fields, "certified": "y"}


def box(browser, path: str, name: str):
    """Read a box, tick it, send it."""
    return browser.post(f"{path}/{name}", ticked(browser, path, name))


def certified(office, treasury, **other) -> str:
    """The address of a request that went all the way."""
    path = entered(office["rahma"], answers(treasury, **other))
    assert box(office["rahma"], path, "request").status_code == 303
    went(box(office["salma"], path, "certify"))
    return path


def went(answer) -> str:
    assert answer.status_code == 303, check_page(answer).get_text(" ", strip=True)[:2000]
    return answer.location


def test_a_request_from_the_draft_to_its_number(office, treasury):
    rahma, salma, idris = office["rahma"], office["salma"], office["idris"]
    page = rahma.get("/moa/MOH/execution/obligations")
    assert "No obligation has been requested yet" in page.get_text()
    form = rahma.get("/moa/MOH/execution/obligations/new")
    choice = form.find("option", value=str(treasury.mooe)).get_text()
    assert "BAA No. 99" in choice
    assert "until 31 Dec" in choice
    path = entered(rahma, answers(treasury), ready="1")
    assert rahma.get(path).select_one("#main .pill").get_text() == "Draft"
    idris.get(path, status=404)
    assert "Bond paper" not in idris.get("/moa/MOH/execution/obligations").get_text()
    box_a = rahma.get(f"{path}/request").get_text(" ")
    assert "4,970,000.00" in box_a, "what is left after the request"
    refused = rahma.post(f"{path}/request", {**ticked(rahma, path, "request"), "certified": ""})
    assert "Tick the certification of Box A" in check_page(refused).get_text()
    went(box(rahma, path, "request"))
    assert "Waits for certification" in idris.get(path).get_text()
    assert "Waits for your certification" in salma.get("/moa/MOH/").get_text()
    page = salma.get(f"{path}/certify")
    for told in ("Regional Medical Supply Depot", "Bond paper, 40 boxes", "5,000,000.00", "4,970,000.00"):
        assert told in page.get_text(), told
    refused = salma.post(f"{path}/certify", {**ticked(salma, path), "certified": ""})
    assert "Tick the certification of Box B" in check_page(refused).get_text()
    sent = ticked(salma, path)
    went(salma.post(f"{path}/certify", sent))
    went(salma.post(f"{path}/certify", sent))
    page = idris.get(path)
    assert re.search(r"ORS 01-\d{4}-02-0001", page.h1.get_text())
    assert f"₱{NBSP}" in page.get_text()
    assert "were available" in page.get_text()
    assert treasury.state(treasury.mooe)[2] == 30_000
    listed = idris.get("/moa/MOH/execution/obligations?status=obligated&q=bond").get_text()
    assert "difference" in listed
    assert f"1{NBSP}posted obligation" in listed


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(office, treasury):
    rahma, new = office["rahma"], "/moa/MOH/execution/obligations/new"
    wrong = answers(treasury, particulars="Kept words", object_1=MACHINE, amount_1="₱5", account_2=str(treasury.co))
    page = check_page(rahma.post(new, wrong))
    assert "without a unit or a currency sign" in page.find(id="amount_1-error").get_text()
    assert page.find(id="amount_1")["value"] == "₱5"
    assert page.find(id="particulars").get_text().strip() == "Kept words"
    page = check_page(rahma.post(new, answers(treasury, object_1=MACHINE, account_2=str(treasury.co))))
    assert "is CO; the account gives MOOE only" in page.find(id="object_1-error").get_text()
    assert "Type the amount" in page.find(id="amount_2-error").get_text()
    assert "Choose the object" in page.find(id="object_2-error").get_text()
    for amount, said in (("0", "above zero"), ("-5", "above zero"), ("NaN", "Type"), ("1.005", "two decimals")):
        page = check_page(rahma.post(new, answers(treasury, amount_1=amount)))
        assert said in page.find(id="amount_1-error").get_text(), amount
        assert page.find(id="amount_1")["value"] == amount
    page = check_page(rahma.post(new, answers(treasury, object_1="no such thing")))
    assert "Nothing here is called" in page.find(id="object_1-error").get_text()
    page = check_page(rahma.post(new, answers(treasury, payee_id="")))
    assert page.find(id="payee_id-error").get_text().strip()


def test_one_more_row_keeps_what_was_typed(office, treasury):
    rahma, new = office["rahma"], "/moa/MOH/execution/obligations/new"
    assert rahma.get(new).find(id="amount_3")
    assert not rahma.get(new).find(id="amount_4")
    page = check_page(rahma.post(new, answers(treasury, amount_3="12.50", account_3="", more="1")))
    assert page.find(id="amount_4")
    assert page.find(id="amount_3")["value"] == "12.50"
    assert page.find(id="object_1")["value"].startswith("5-02-03-010-00")
    assert "4,970,000.00" in page.find(id="headroom").get_text(), "what is left is shown without JavaScript, too"
    assert not page.select(".errors")
    assert "No obligation has been requested yet" in rahma.get("/moa/MOH/execution/obligations").get_text()


def test_the_headroom_follows_what_is_typed(office, treasury):
    rahma = office["rahma"]
    typed = answers(treasury, amount_1="4,000,000", account_2=str(treasury.mooe), amount_2="1,500,000")
    answer = rahma.post("/moa/MOH/execution/obligations/headroom", typed, htmx=True)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert text.strip().startswith('<section id="headroom"')
    assert "−500,000.00" in text
    assert f"₱{NBSP}500,000.00 too much" in text
    early = rahma.post(
        "/moa/MOH/execution/obligations/headroom", answers(treasury, dated=on(1, 2).isoformat()), htmx=True
    )
    assert "−30,000.00" in early.get_data(as_text=True), "on that day nothing was allotted yet"
    nothing = rahma.post("/moa/MOH/execution/obligations/headroom", {"dated": "x", "amount_1": "x"}, htmx=True)
    assert "Choose an account" in nothing.get_data(as_text=True)
    assert rahma.post("/moa/MOH/execution/obligations/headroom", typed).status_code == 303


def test_the_way_to_box_a_tells_a_shortfall_at_the_amount(office, treasury):
    rahma, new = office["rahma"], "/moa/MOH/execution/obligations/new"
    certified(office, treasury, amount_1="40,000")
    wrong = answers(treasury, amount_1="", account_1="", object_1="", account_2=str(treasury.mooe), object_2=PAPER,
                    amount_2="4,960,000.01", ready="1")  # fmt: skip
    page = check_page(rahma.post(new, wrong))
    said = page.find(id="amount_2-error").get_text()
    assert "₱ 0.01 too much" in said
    assert "ORS 01-" in said, "the competing document is named"
    assert page.find(id="amount_2")["value"] == "4,960,000.01"
    del wrong["ready"]
    assert rahma.post(new, {**wrong, "later": "1"}).status_code == 303, "a draft may wait for its allotment"


def test_a_stale_page_loses_nothing(office, treasury):
    rahma, nurul = office["rahma"], office["nurul"]
    path = entered(rahma, answers(treasury))
    mine = rahma.get(f"{path}/edit").find(id="row_version")["value"]
    theirs = answers(treasury, particulars="Nurul's words", row_version=mine)
    went(nurul.post(f"{path}/edit", theirs))
    page = check_page(rahma.post(f"{path}/edit", answers(treasury, particulars="Rahma's words", row_version=mine)))
    assert "Somebody else changed this request meanwhile" in page.select_one(".errors").get_text()
    assert "Rahma's words" in page.find(id="particulars").get_text()
    again = page.find(id="row_version")["value"]
    went(rahma.post(f"{path}/edit", answers(treasury, particulars="Rahma's words", row_version=again)))
    assert "Rahma's words" in rahma.get(path).get_text()
    refused = check_page(rahma.post(f"{path}/edit", answers(treasury, particulars="", row_version=mine)))
    assert "money is for" in refused.get_text()


def test_a_box_is_ticked_for_what_was_seen(office, treasury):
    rahma, nurul, salma = office["rahma"], office["nurul"], office["salma"]
    path = entered(rahma, answers(treasury))
    seen = ticked(rahma, path, "request")
    version = nurul.get(f"{path}/edit").find(id="row_version")["value"]
    went(nurul.post(f"{path}/edit", answers(treasury, amount_1="40,000", row_version=version)))
    page = check_page(rahma.post(f"{path}/request", seen))
    assert "Somebody else changed this request meanwhile" in page.select_one(".errors").get_text()
    assert "40,000.00" in page.get_text()
    assert not page.find(id="certified").has_attr("checked"), "the tick belonged to what was there before"
    went(box(rahma, path, "request"))
    assert nurul.post(f"{path}/certify", ticked(nurul, path)).status_code == 422, "she typed a part of it"
    went(box(salma, path, "certify"))
    assert salma.browser.get(f"{path}/certify").status_code == 303, "nothing is left to certify"


def test_a_large_request_needs_a_file(office, treasury):
    rahma = office["rahma"]
    path = entered(rahma, answers(treasury, amount_1="50,000.01"))
    page = rahma.get(path)
    assert "A file is missing" in page.get_text()
    refused = check_page(box(rahma, path, "request"))
    assert "needs at least one file" in refused.select_one(".errors").get_text()
    attach = page.find("a", string="Attach it")["href"]
    rahma.get(attach)
    file = {"file": (io.BytesIO(uploads.PDF), "contract.pdf"), "category": "mandate", "note": "Contract"}
    went(send(rahma, attach, file))
    page = rahma.get(path)
    assert "contract.pdf" in page.get_text()
    download = page.find("a", string="contract.pdf")["href"]
    with office["salma"].browser.get(download) as answer:
        assert answer.status_code == 404, "nobody else sees files of a draft"
    went(box(rahma, path, "request"))
    with office["salma"].browser.get(download) as answer:
        assert answer.status_code == 200
    page = office["idris"].get(f"{path}/files")
    assert "contract.pdf" in page.get_text()
    assert not page.find("a", string="Remove")
    assert rahma.browser.get(f"{path}/files/new").status_code == 200
    late = send(rahma, f"{path}/files/new", {**file, "file": (io.BytesIO(uploads.PDF), "late.pdf")})
    assert late.status_code == 422, "what waits for certification keeps its files"


def test_a_returned_request_goes_back_to_its_author(office, treasury):
    rahma, salma = office["rahma"], office["salma"]
    path = entered(rahma, answers(treasury))
    went(box(rahma, path, "request"))
    back = salma.get(path).find("a", string="Return")["href"]
    short = check_page(salma.post(back, {"note": "No"}))
    assert "20 characters" in short.get_text()
    went(salma.post(back, {"note": "The contract is not signed by the head."}))
    assert "Returned" in salma.get(path).get_text()
    assert "Returned to you" in rahma.get("/moa/MOH/").get_text()
    page = rahma.get(path)
    assert "The contract is not signed by the head." in page.get_text()
    assert "returned the obligation request" in page.get_text()
    went(box(rahma, path, "request"))
    withdraw = rahma.get(path).find("a", string="Withdraw")["href"]
    rahma.get(withdraw)
    went(rahma.post(withdraw))
    cancel = rahma.get(path).find("a", string="Cancel the request")["href"]
    went(rahma.post(cancel, {"note": "The need has ceased to exist, sadly."}))
    assert rahma.get(path).select_one("#main .pill").get_text() == "Cancelled"


def test_more_less_due_and_the_balance_cancelled(office, treasury):
    rahma, salma, omar = office["rahma"], office["salma"], office["omar"]
    path = certified(office, treasury)
    adjust = rahma.get(path).find("a", string="Adjust")["href"]
    name = rahma.get(adjust).select_one("input[name^=change_]")["name"]
    words = {"dated": on(3, 1).isoformat(), "reason": "The supplier delivers two boxes less."}
    page = check_page(rahma.post(adjust, {**words, name: "-30,000.01"}))
    assert "of this line is not paid" in page.find(id=f"{name}-error").get_text()
    page = check_page(rahma.post(adjust, {**words, name: "4,970,000.01"}))
    assert "₱ 0.01 too much" in page.find(id=f"{name}-error").get_text()
    went(rahma.post(adjust, {**words, name: "-1,000"}))
    assert "An adjustment waits for your certification" in salma.get("/moa/MOH/").get_text()
    box_b = salma.get(path).find("a", string="Certify")["href"]
    page = salma.get(box_b)
    assert "29,000.00" in page.get_text()
    sent = {field: page.find("input", {"name": field})["value"] for field in ("row_version", "key")}
    assert salma.post(box_b, sent).status_code == 422, "not ticked"
    went(salma.post(box_b, {**sent, "certified": "y"}))
    page = rahma.get(path)
    assert re.search(r"NORSA \d{4}-03-0001", page.get_text())
    due = omar.get(path).find("a", string="Mark as due")["href"]
    line_id = omar.get(due).select_one("#line_id option")["value"]
    note = {"line_id": line_id, "dated": on(3, 2).isoformat(), "basis": "IAR 2026-041"}
    page = check_page(omar.post(due, {**note, "amount": "29,000.01"}))
    assert "not due yet" in page.find(id="amount-error").get_text()
    went(omar.post(due, {**note, "amount": "9,000"}))
    assert "IAR 2026-041" in rahma.get(path).get_text()
    close = rahma.get(path).find("a", string="Cancel the balance")["href"]
    refused = check_page(rahma.post(close, words))
    assert "is due" in refused.get_text(), "what is due is paid, not cancelled"
    other = certified(office, treasury)
    close = rahma.get(other).find("a", string="Cancel the balance")["href"]
    went(rahma.post(close, words))
    drop = rahma.get(other).find("a", string="Cancel it")["href"]
    went(rahma.post(drop, {"note": "It was entered for the wrong request."}))
    went(rahma.post(close, words))
    box_b = salma.get(other).find("a", string="Certify")["href"]
    page = salma.get(box_b)
    sent = {field: page.find("input", {"name": field})["value"] for field in ("row_version", "key")}
    went(salma.post(box_b, {**sent, "certified": "y"}))
    assert rahma.get(other).select_one("#main .pill").get_text() == "Balance cancelled"
    assert treasury.state(treasury.mooe)[2] == 29_000


FORBIDDEN = {
    "rahma": ("certify", "return", "due"),
    "salma": ("edit", "request", "withdraw", "cancel", "adjust", "close", "due", "files/new"),
    "omar": ("edit", "request", "certify", "return", "adjust", "close"),
    "idris": ("edit", "request", "certify", "return", "withdraw", "cancel", "adjust", "close", "due", "files/new"),
}


def test_who_may_not_is_refused(office, treasury):
    path = certified(office, treasury)
    for name, verbs in FORBIDDEN.items():
        for verb in verbs:
            assert office[name].browser.get(f"{path}/{verb}").status_code == 403, (name, verb)
            assert office[name].post(f"{path}/{verb}").status_code == 403, (name, verb)
    for name in ("salma", "omar", "idris"):
        assert office[name].browser.get("/moa/MOH/execution/obligations/new").status_code == 403
    viewer = office["idris"].get(path)
    assert not viewer.select("#main a.button"), [one.get_text() for one in viewer.select("#main a.button")]


def test_the_list_in_pages_and_by_account(office, treasury):
    rahma = office["rahma"]
    for number in range(26):
        entered(rahma, answers(treasury, particulars=f"Request number {number}"))
    queries = rahma.browser.get("/moa/MOH/execution/obligations").headers["X-SQL-Count"]
    page = rahma.get("/moa/MOH/execution/obligations")
    assert len(page.select("#results tbody tr")) == 25
    assert len(rahma.get("/moa/MOH/execution/obligations?page=2").select("#results tbody tr")) == 1
    part = rahma.fragment("/moa/MOH/execution/obligations?q=number+7&status=draft", "results")
    assert len(part.select("tbody tr")) == 1
    assert "Nothing is like that" in rahma.get(f"/moa/MOH/execution/obligations?account={treasury.co}").get_text()
    assert "Only what charges" in rahma.get(f"/moa/MOH/execution/obligations?account={treasury.mooe}").get_text()
    for nonsense in ("status=x&year=x&account=x&page=x", "year=99999999999999999999", "status=paid&year=-1"):
        rahma.get(f"/moa/MOH/execution/obligations?{nonsense}")
    rahma.get("/moa/MOH/execution/obligations?account=987654", status=404)
    assert rahma.browser.get("/moa/MOH/execution/obligations?q=none").headers["X-SQL-Count"] <= queries


def test_a_request_with_many_lines_is_a_good_page(office, treasury):
    rahma, salma = office["rahma"], office["salma"]
    many = answers(treasury)
    for row in range(1, 31):
        many |= {f"account_{row}": str(treasury.mooe), f"object_{row}": PAPER, f"amount_{row}": f"{row}.01"}
    path = entered(rahma, many)
    for where in ("", "/edit", "/request"):
        rahma.get(f"{path}{where}")
    went(box(rahma, path, "request"))
    salma.get(f"{path}/certify")
    went(box(salma, path, "certify"))
    rahma.get(path)
    rahma.get(f"{path}/adjust")
    office["omar"].get(f"{path}/due")


def test_rows_are_proposed_while_one_types(office, treasury):
    rahma = office["rahma"]
    path = "/moa/MOH/execution/obligations/look-up/objects"
    asked = f"{path}?field=object_1&into=object_1-rows&object_1=office"
    answer = rahma.browser.get(asked, headers={"HX-Request": "true"})
    assert "Office supplies" in answer.get_data(as_text=True)
    assert "Office supplies" in rahma.get(f"{path}?q=office").get_text()
    assert rahma.browser.get(f"{path}?field=x&into=<b>").status_code == 404
    rahma.get("/moa/MOH/execution/obligations/look-up/work-items?q=x&year=999999")


def test_unsent_rows_come_back(office, treasury):
    rahma = office["rahma"]
    kept = {"form_key": "execution/obligations/new", "f-particulars": "Half typed", "f-amount_6": "12.50"}
    assert rahma.post("drafts.draft_keep", kept, org="MOH").status_code == 200
    page = rahma.get("/moa/MOH/execution/obligations/new")
    assert "unsent changes" in page.get_text()
    assert page.find(id="amount_6")["value"] == "12.50"
    assert not page.find(id="amount_7")


def test_a_request_dated_back_is_measured_on_every_later_day(office, treasury):
    rahma, salma = office["rahma"], office["salma"]
    certified(office, treasury, dated=on(6, 1).isoformat(), amount_1="40,000")
    path = entered(rahma, answers(treasury))
    assert "4,930,000.00" in rahma.get(f"{path}/edit").find(id="headroom").get_text()
    assert "4,930,000.00" in rahma.get(f"{path}/request").get_text()
    went(box(rahma, path, "request"))
    assert "4,930,000.00" in salma.get(f"{path}/certify").get_text()


def test_what_is_not_obligated_is_not_adjusted(office, treasury):
    rahma, omar = office["rahma"], office["omar"]
    path = entered(rahma, answers(treasury))
    went(box(rahma, path, "request"))
    for browser, verb in ((rahma, "adjust"), (rahma, "close"), (omar, "due")):
        assert went(browser.browser.get(f"{path}/{verb}")) == path
    words = {"dated": on(3, 1).isoformat(), "reason": "The supplier delivers two boxes less."}
    refused = check_page(rahma.post(f"{path}/close", words))
    assert "Only what is obligated" in refused.select_one(".errors").get_text()
    assert rahma.browser.get(f"{path}/edit").status_code == 409


@contextmanager
def ending_at(app, server: str, number: int) -> Iterator[None]:
    """The database ends the connection before the statement of this number, counted from now; a commit is one, too."""
    seen = count(1)

    def end(connection: Connection, *_: object) -> None:
        if next(seen) == number:
            pid = connection.connection.driver_connection.info.backend_pid
            with psycopg.connect(server, autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with app.app_context():
        engine = db.engine
    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, end)
    yield
    for name in ("before_cursor_execute", "commit"):
        event.remove(engine, name, end)


def test_a_database_that_ends_at_any_statement_answers_503_and_the_button_works_again(
    app, server, office, treasury, monkeypatch
):
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # as outside of tests
    path = entered(office["rahma"], answers(treasury))
    assert box(office["rahma"], path, "request").status_code == 303
    button = ticked(office["salma"], path)
    for number in count(1):
        with ending_at(app, server, number):
            answer = office["salma"].post(f"{path}/certify", button)
        if answer.status_code == 303:
            break
        assert (number, answer.status_code, answer.headers.get("Retry-After")) == (number, 503, "10")
    assert number > 12, "the statements of the request, and its commit"
    assert "Obligated" in office["rahma"].get(path).select_one("#main .pill").get_text()
