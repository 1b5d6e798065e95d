"""The register of payees as people meet it."""

from pathlib import Path

import pytest
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms.validators import InputRequired

from bmms.blueprints.drafts import routes as draft_routes
from bmms.domain.payees import queries
from bmms.models.drafts import Draft
from bmms.models.payees import Payee
from bmms.web.payee_fields import PayeeField
from tests.client import check_page
from tests.execution import allot, obligate
from tests.web.answers import errors, soup, words

REGISTER = "/moa/MOH/execution/payees"
ACME = {"name": "Acme Trading", "kind": "supplier", "tin": "123-456-789", "address": "Cotabato City"}


@pytest.fixture
def office(treasury, reader):
    """The browsers of a budget officer, an accountant, and somebody who only reads."""
    return {name: reader(name) for name in ("rahma", "omar", "salma")}


@pytest.mark.parametrize("name", ["rahma", "omar"])
def test_from_entry_to_removal(office, name):
    keeper = office[name]
    made = keeper.post(f"{REGISTER}/new", ACME)
    assert made.status_code == 303, errors(made)
    page = keeper.get(made.location)
    assert "***-***-789" in page.get_text()
    assert "123" not in page.get_text()
    assert "123456789" not in str(page)
    change = keeper.get(f"{made.location}/edit")
    assert not change.find(id="tin").get("value"), "the number does not come back to the browser"
    form = {**ACME, "tin": "", "address": "Marawi City", "row_version": change.find(id="row_version")["value"]}
    assert keeper.post(f"{made.location}/edit", form).status_code == 303
    page = keeper.get(made.location)
    assert "***-***-789" in page.get_text()
    assert "Marawi City" in page.get_text()
    stale = keeper.post(f"{made.location}/edit", form)
    assert stale.status_code == 422
    assert "Somebody else changed" in check_page(stale).get_text()
    assert keeper.post(f"{made.location}/delete").status_code == 303
    assert keeper.browser.get(made.location).status_code == 404


def test_the_list_finds_by_name_and_whole_tin_and_repeats_no_tin(office):
    rahma = office["rahma"]
    rahma.post(f"{REGISTER}/new", ACME)
    for typed in ("trading", "123456789", "123-456-789"):
        page = rahma.get(f"{REGISTER}?q={typed}")
        assert [row.get_text() for row in page.select("tbody th")] == ["Acme Trading"], typed
        assert "***-***-789" in page.find("tbody").get_text()
    assert "123-456-789" not in str(rahma.get(f"{REGISTER}?q=123-456-789").main)
    assert "No such payee" in rahma.get(f"{REGISTER}?q=123-456").get_text()
    rahma.fragment(f"{REGISTER}?q=acme", "results")
    asked = rahma.browser.get(f"{REGISTER}?q=123-456-789", headers={"HX-Request": "true"})
    assert asked.headers["HX-Push-Url"] == "false", "no number stands in the history of a browser"
    assert rahma.get(f"{REGISTER}?q=trading&state=inactive").select("tbody th") == []
    assert len(rahma.get(f"{REGISTER}?kind=employee").select("tbody th")) == 0
    assert office["salma"].get(REGISTER).find("a", string="Enter a payee") is None


def test_what_is_there_is_named_with_a_link_and_a_tick_lets_it_through(office):
    rahma = office["rahma"]
    first = rahma.post(f"{REGISTER}/new", ACME).location
    twice = rahma.post(f"{REGISTER}/new", {**ACME, "name": "ACME trading, Inc.", "tin": ""})
    assert twice.status_code == 422
    page = check_page(twice)
    assert "Acme Trading (***-***-789) is in the register already" in page.find(id="name-error").get_text()
    assert page.select_one(f".note a[href='{first}']").get_text() == "Acme Trading (***-***-789)"
    assert page.find(id="name")["value"] == "ACME trading, Inc."
    let = rahma.post(f"{REGISTER}/new", {**ACME, "name": "ACME trading, Inc.", "tin": "", "somebody_else": "y"})
    assert let.status_code == 303
    same = rahma.post(f"{REGISTER}/new", {**ACME, "somebody_else": "y"})
    assert "Use that entry" in errors(same)["tin"]
    wrong = rahma.post(f"{REGISTER}/new", {**ACME, "name": "Other", "tin": "12"}, htmx=True)
    assert wrong.status_code == 422
    assert "9 digits" in errors(wrong)["tin"]


def test_whom_a_document_names_is_deactivated(office, treasury):
    allot(treasury, treasury.mooe, "1M")
    obligate(treasury, treasury.mooe, 100)
    rahma, path = office["rahma"], f"{REGISTER}/{treasury.payee}"
    page = rahma.get(path)
    assert page.find("a", string="Delete") is None
    ask = page.find("a", string="Deactivate")["href"]
    assert "cannot name this payee" in rahma.get(ask).get_text()
    assert rahma.post(ask).status_code == 303
    assert "Inactive" in rahma.get(path).get_text()
    assert rahma.post(ask).status_code == 422
    refused = rahma.post(f"{path}/delete")
    assert refused.status_code == 409
    assert "Deactivate the payee instead" in refused.get_data(as_text=True)
    assert rahma.post(rahma.get(path).find("a", string="Activate")["href"]).status_code == 303


def test_who_only_reads_changes_nothing(office, treasury):
    salma, path = office["salma"], f"{REGISTER}/{treasury.payee}"
    assert salma.get(path).select("#main .head a.button") == []
    for address in (f"{REGISTER}/new", f"{path}/edit", f"{path}/deactivate", f"{path}/delete"):
        assert salma.browser.get(address).status_code == 403, address
        assert salma.post(address, ACME).status_code == 403, address


class _Document(FlaskForm):
    payee_id = PayeeField("Payee", [InputRequired("Name the payee.")])


@pytest.fixture
def crowd(treasury) -> None:
    session = treasury.rahma.session
    session.add_all(Payee(name=f"Person {n} of Barangay {n % 7}") for n in range(2000))
    session.commit()


def test_a_document_finds_its_payee_among_thousands(app, office, treasury, crowd):
    session = treasury.rahma.session

    def sent(typed: str, now: int | None = None) -> _Document:
        with app.test_request_context("/moa/MOH/", method="POST", data={"payee_id": typed}):
            form = _Document(data={"payee_id": now}, meta={"csrf": False})
            form.payee_id.offer_payees(session)
            form.validate()
        return form

    assert sent("regional medical").payee_id.data == treasury.payee
    assert sent("Person 1234 of").errors == {}
    assert "It is not clear" in sent("person barangay 3").errors["payee_id"][0]
    assert "Nothing here is called" in sent("Nobody").errors["payee_id"][0]
    assert sent("").errors == {"payee_id": ["Name the payee."]}
    assert sent(str(treasury.payee)).payee_id.data is None, "an id is not a name"
    session.get_one(Payee, treasury.payee).is_active = False
    session.commit()
    name = queries.called([queries.get_payee(session, treasury.payee)])[treasury.payee]
    assert sent(name).payee_id.data is None
    assert sent(name, treasury.payee).payee_id.data == treasury.payee, "a document keeps whom it names"
    with app.test_request_context("/moa/MOH/", method="GET"):
        form = _Document(formdata=None, data={"payee_id": treasury.payee}, meta={"csrf": False})
        form.payee_id.offer_payees(session)
        assert form.payee_id._value() == name


def test_names_are_proposed_while_one_types(office, crowd):
    rahma = office["rahma"]
    path = f"{REGISTER}/names?field=payee_id&into=payee_id-rows&payee_id=person+12"
    answer = rahma.browser.get(path, headers={"HX-Request": "true"})
    found = soup(answer)
    assert found.find("datalist")["id"] == "payee_id-rows"
    assert 0 < len(found.find_all("option")) <= 8
    assert "Person 12" in words(rahma.get(f"{REGISTER}/names?q=person+12"))
    assert rahma.browser.get(f"{REGISTER}/names?into=a%22b").status_code == 404


def test_drafts_keep_no_payee(office, treasury):
    kept = {"form_key": "execution/test", "f-payee_id": "Acme", "f-particulars": "Cold boxes", "seen": "{}"}
    assert office["rahma"].post("drafts.draft_keep", kept, org="MOH").status_code == 200
    assert treasury.rahma.session.scalars(select(Draft.fields)).all() == [{"particulars": "Cold boxes"}]
    script = (Path(draft_routes.__file__).parents[2] / "static" / "draft.js").read_text()
    assert "payee" in script.split("localStorage.setItem")[0], "nor does the device"
