"""A change of the budget on pages: type it, see it come to zero, request, approve, post, take it back."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.models.authority import BudgetAccount
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass
from bmms.tenancy import bind_platform
from tests.client import check_fragment, check_page
from tests.domain.ledger.test_changes import REASON
from tests.domain.ledger.test_transfers import EDUCATION
from tests.execution import PAPER, TRAVEL, Treasury, allot, appropriate, obligate, on, opened, pesos, set_up_treasury
from tests.factories import make_membership
from tests.planning import desk_of
from tests.web.test_execution import typed, went

HERE = "/moa/MOH/execution/changes"


@pytest.fixture
def ids(engine, app, cast, ground) -> dict[str, int]:
    """Of 10 M for MOOE 6 M are released and 4 M obligated."""

    def make() -> dict[str, int]:
        found = set_up_treasury(engine, app, cast, ground)
        with opened(engine, app, cast) as desks:
            allot(Treasury(**desks, **found), found["mooe"], "6M")
            obligate(Treasury(**desks, **found), found["mooe"], "4M")
        return found

    return make()


def answers_of(page, **more: str) -> dict[str, str]:
    """The form as it came, with a reason and a day."""
    return typed(page) | {"reference": "R 1", "dated": on(6, 1).isoformat(), "reason": REASON} | more


def form_at(ids: dict[str, int], way: str, name: str) -> str:
    return f"{HERE}/new/{way}?account={ids[name]}"


def test_a_realignment_from_the_form_to_the_ledger(ids, reader):
    rahma, hadji, idris, yusuf = map(reader, ("rahma", "hadji", "idris", "yusuf"))
    start = rahma.get(f"{HERE}/new/classes")
    [choice] = [one for one in start.select("select option") if "Immunization" in one.get_text()]
    new = form_at(ids, "classes", "mooe")
    assert choice["value"] in {str(ids[name]) for name in ("mooe", "ps", "co")}
    page = rahma.get(new)
    assert "not obligated 2,000,000.00" in page.get_text(" ", strip=True)
    assert "not released 4,000,000.00" in page.get_text(" ", strip=True)
    mooe, co = f"a{ids['mooe']}", f"a{ids['co']}"
    answers = answers_of(page, **{f"{mooe}r": "-1,000,000.00", f"{co}r": "900,000"})
    meter = check_fragment(rahma.post(f"{new}&check=meter", answers, htmx=True), "meter").get_text()
    assert "Does not come to zero" in meter
    assert "100,000.00" in meter
    checked = check_page(rahma.post(new, answers | {"check": "form"}))
    assert "Does not come to zero" in checked.select_one("#meter").get_text(), "the same without JavaScript"
    assert checked.select_one(f"#{co}r")["value"] == "900,000", "nothing typed is lost"
    refused = check_page(rahma.post(new, answers))
    assert "₱ 100,000.00 more of the appropriation is taken than given" in refused.select_one(".errors").get_text()
    answers[f"{co}r"] = "1,000,000.00"
    assert "Comes to zero" in rahma.post(f"{new}&check=meter", answers, htmx=True).get_data(as_text=True)
    here = went(rahma.post(new, answers))
    assert went(rahma.post(new, answers)) == here, "sent twice, entered once"
    yusuf.get(here, status=404)
    assert "R 1" not in hadji.get("/moa/MOH/").get_text(), "a draft waits for nobody"
    went(rahma.post(f"{here}/request"))
    assert "Waits for your approval" in hadji.get("/moa/MOH/").find("a", string="R 1").find_parent("li").get_text()
    assert "It waits for approval" in hadji.get("/moa/MOH/notices/").get_text()
    assert rahma.get("/moa/MOH/").find("a", string="R 1") is None, "not for who requested it"
    assert yusuf.get(here).find("a", string="Approve") is None
    assert rahma.get(here).find("a", string="Approve") is None
    assert rahma.post(f"{here}/approve", {"sure": "y"}).status_code == 403
    assert hadji.get(here).find("a", string="Approve")
    approval = hadji.get(f"{here}/approve")
    assert "2,000,000.00" in approval.select_one("#form").get_text(), "the balance of the source"
    assert hadji.post(f"{here}/approve", typed(approval)).status_code == 422
    went(hadji.post(f"{here}/approve", typed(approval) | {"sure": "y"}))
    assert "waits to be posted" in rahma.get("/moa/MOH/").find("a", string="R 1").find_parent("li").get_text()
    assert "approved a change of the budget" in rahma.get("/moa/MOH/notices/").get_text()
    assert idris.post(f"{here}/post").status_code == 403
    button = typed(rahma.get(f"{here}/post")) | {"sure": "y"}
    missing = check_page(rahma.post(f"{here}/post", button))
    assert "MFBM" in missing.select_one("#authority-error").get_text()
    for _ in range(3):
        went(rahma.post(f"{here}/post", button | {"authority": "MFBM 12"}))
    shown = yusuf.get(here).get_text(" ", strip=True)
    assert "Posted" in shown
    assert "Balances seen at the approval" in shown
    assert "difference ₱\N{NO-BREAK SPACE}0.00" in shown
    register = yusuf.get(f"/moa/MOH/execution/accounts/{ids['co']}").select_one("#results")
    assert register.find("a", string="Realignment R 1")["href"].endswith(here.rsplit("/", 1)[1])
    assert "difference ₱\N{NO-BREAK SPACE}0.00" in yusuf.get(HERE).get_text()


def test_a_refused_posting_says_by_how_much_and_a_posted_one_is_reversed(ids, reader, engine, app, cast):
    rahma, hadji = reader("rahma"), reader("hadji")
    new, mooe, co = form_at(ids, "classes", "mooe"), f"a{ids['mooe']}", f"a{ids['co']}"
    here = went(rahma.post(new, answers_of(rahma.get(new), **{f"{mooe}r": "-2,000,000", f"{co}r": "2,000,000"})))
    went(rahma.post(f"{here}/request"))
    went(hadji.post(f"{here}/approve", typed(hadji.get(f"{here}/approve")) | {"sure": "y"}))
    with opened(engine, app, cast) as desks:
        obligate(Treasury(**desks, **ids), ids["mooe"], "500000", day=on(3, 1))
    button = typed(rahma.get(f"{here}/post")) | {"sure": "y", "authority": "MFBM 12"}
    refused = check_page(rahma.post(f"{here}/post", button))
    assert "₱ 500,000.00 too much" in refused.select_one(".errors").get_text()
    with opened(engine, app, cast) as desks:
        allot(Treasury(**desks, **ids), ids["mooe"], "500000", day=on(4, 1))
    went(rahma.post(f"{here}/post", button))
    assert rahma.post(f"{here}/reverse").status_code == 403
    back = typed(hadji.get(f"{here}/reverse")) | {"dated": on(8, 1).isoformat(), "note": "The supplies are needed."}
    short = check_page(hadji.post(f"{here}/reverse", back | {"note": "No"}))
    assert "at least 20 characters" in short.select_one("#note-error").get_text()
    for _ in range(2):
        went(hadji.post(f"{here}/reverse", back))
    assert "Reversed on" in rahma.get(here).get_text()


def test_between_objects_the_review_decides(ids, reader):
    rahma, hadji, idris = reader("rahma"), reader("hadji"), reader("idris")
    new = form_at(ids, "objects", "mooe")
    page = rahma.get(new)
    assert page.select_one(f"#o{PAPER}r"), "an object that the account has"
    answers = answers_of(page, o0r="-1,000", m1=TRAVEL, m1r="1,000")
    nameless = check_page(rahma.post(new, answers | {"m1": ""}))
    assert "Choose the object" in nameless.select_one("#m1r-error").get_text()
    here = went(rahma.post(new, answers))
    edit = rahma.get(f"{here}/edit")
    assert (typed(edit)["m1"], typed(edit)["m1r"], typed(edit)["o0r"]) == (TRAVEL, "1,000.00", "-1,000.00")
    went(rahma.post(f"{here}/edit", typed(edit) | {"reason": REASON, "o0r": "-2,000", "m1r": "2,000"}))
    late = check_page(rahma.post(f"{here}/edit", typed(edit) | {"sent_key": "another", "reason": "Older words"}))
    assert "changed R 1 meanwhile" in late.select_one(".errors").get_text()
    went(rahma.post(f"{here}/request"))
    assert hadji.get(here).find("a", string="Approve") is None
    assert hadji.post(f"{here}/approve").status_code == 403
    went(idris.post(f"{here}/approve", typed(idris.get(f"{here}/approve")) | {"sure": "y"}))
    went(rahma.post(f"{here}/post", typed(rahma.get(f"{here}/post")) | {"sure": "y"}))
    assert "2,000.00" in rahma.get(form_at(ids, "objects", "mooe")).select_one(f"#o{TRAVEL}r").parent.get_text()


def test_a_class_without_an_account_opens_one_with_nothing(ids, reader):
    rahma = reader("rahma")
    new = form_at(ids, "classes", "support")
    page = rahma.get(new)
    assert "No account yet: it opens with ₱ 0.00" in page.get_text()
    answers = answers_of(page, **{f"a{ids['support']}u": "-10", "nCOu": "10"})
    here = went(rahma.post(new, answers))
    assert ", CO" in rahma.get(here).select_one("table").get_text()


@pytest.mark.parametrize("way", ["augmentation", "supplement", "reduction", "carry_over"])
def test_each_kind_has_its_form(ids, reader, way):
    rahma = reader("rahma")
    assert rahma.get(f"{HERE}/new/{way}").select("option")
    page = rahma.get(form_at(ids, way, "mooe"))
    given = {"augmentation": {f"a{ids['mooe']}r": "-5", f"a{ids['support']}r": "5"}}.get(
        way, {f"a{ids['mooe']}u": "5"}
    )  # fmt: skip
    here = went(rahma.post(form_at(ids, way, "mooe"), answers_of(page, **given)))
    warned = rahma.get(here).select_one(".note--warn").get_text()
    assert ("Sec. 47" if way == "augmentation" else "Chief Minister or MFBM") in warned
    refused = check_page(rahma.post(f"{here}/request"))
    assert refused.select_one(".errors")
    cancelled = rahma.post(f"{here}/cancel", {"note": "It was entered by mistake."})
    assert went(cancelled) == here


def test_what_goes_back_at_the_end_is_proposed_and_posted_once(ids, reader):
    rahma, idris = reader("rahma"), reader("idris")
    page = rahma.get(f"{HERE}/reversions")
    assert "31,000,000.00" in page.get_text()
    assert page.find("a", string=lambda text: text and "Look at it" in text) is None
    here = idris.get(f"{HERE}/reversions").select_one("table a")["href"]
    assert rahma.post(here).status_code == 403
    button = typed(idris.get(here)) | {"reference": "Reversion", "sure": "y"}
    early = check_page(idris.post(here, button | {"dated": on(12, 31).isoformat()}))
    assert "Give a day after 31 December" in early.select_one("#dated-error").get_text()
    places = {went(idris.post(here, button)) for _ in range(3)}
    assert len(places) == 1, "the same button pressed three times posts once"
    shown = rahma.get(places.pop()).get_text(" ", strip=True)
    assert "BMMS, at the end of validity" in shown
    assert "2,000,000.00" in shown
    assert "Look at it" not in idris.get(f"{HERE}/reversions").get_text()


@pytest.fixture
def education(engine, app, cast, ids) -> int:
    """The same people work in Education, too; its account: 5 M of MOOE."""
    with Session(engine, expire_on_commit=False) as session:
        bind_platform(session, "tests")
        for name, rights in EDUCATION.items():
            make_membership(session, getattr(cast, name), cast.mbhte, *rights, primary=False)
        session.commit()
    desks = {name: desk_of(engine, app, cast, name, cast.mbhte) for name in EDUCATION}
    amounts = {(CostStructure.GAS, None, ExpenseClass.MOOE): pesos("5M")}
    appropriate(desks["rahma"], desks["idris"], amounts)
    account_id = desks["rahma"].session.scalars(select(BudgetAccount.id)).one()
    for desk in desks.values():
        desk.session.close()
    return account_id


def test_a_transfer_from_one_organization_to_the_other(ids, education, reader, cast):
    rahma, hadji = reader("rahma"), reader("hadji")
    new, there = form_at(ids, "transfer", "mooe"), HERE.replace("MOH", "MBHTE")
    page = rahma.get(new)
    assert "Ministry of Health" not in page.select_one("#counterpart_id").get_text()
    answers = answers_of(
        page, **{f"a{ids['mooe']}r": "1,000,000", "counterpart_id": str(cast.mbhte.id), "authority": "CM 4"}
    )
    here = went(rahma.post(new, answers))
    assert "(1,000,000.00)" in rahma.get(here).get_text()
    went(rahma.post(f"{here}/request"))
    assert "Offered by other" not in rahma.get(there).get_text(), "not before it is approved"
    went(hadji.post(f"{here}/approve", typed(hadji.get(f"{here}/approve")) | {"sure": "y"}))
    assert rahma.get(here).find("a", string="Post") is None
    offer = rahma.get(there).find("a", string="Receive it")["href"]
    assert "Ministry of Health" in rahma.get(offer).get_text()
    assert "Receive it" not in reader("yusuf").get(there).get_text()
    receive = f"{offer}&account={education}"
    answers = answers_of(rahma.get(receive), reference="In 1", authority="CM 4")
    short = check_page(rahma.post(receive, answers | {f"a{education}r": "999,999.99"}))
    assert "Place ₱ 1,000,000.00 as released" in short.select_one(".errors").get_text()
    received = went(rahma.post(receive, answers | {f"a{education}r": "1,000,000"}))
    went(rahma.post(f"{received}/request"))
    went(hadji.post(f"{received}/approve", typed(hadji.get(f"{received}/approve")) | {"sure": "y"}))
    button = typed(rahma.get(f"{received}/post")) | {"sure": "y"}
    for _ in range(2):
        went(rahma.post(f"{received}/post", button))
    assert "Posted" in rahma.get(here).select_one(".pill").get_text()
    assert "Posted" in rahma.get(received).select_one(".pill").get_text()
    back = typed(hadji.get(f"{received}/reverse")) | {"dated": on(8, 1).isoformat(), "note": "It was not begun at all."}
    refused = check_page(hadji.post(f"{here}/reverse", back))
    assert "by the side that receive" in refused.get_text()
    for _ in range(2):
        went(hadji.post(f"{received}/reverse", back))
    assert "Reversed" in rahma.get(here).select_one(".pill").get_text()
