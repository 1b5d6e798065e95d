"""Laws that are typed by hand, and allotment orders that name objects; what of both waits for whom."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.obligations import headroom
from bmms.domain.obligations.rules import Line
from bmms.models.authority import AccountObject, Appropriation, BudgetAccount
from bmms.models.offices import ActsMode
from bmms.models.proposals import FundingSource
from bmms.models.reference import ExpenseClass
from bmms.tenancy import bind_scope
from tests.client import check_page
from tests.execution import PAPER, SALARY, TRAVEL, YEAR, key, on, set_up_treasury
from tests.web.test_execution import act_for_mfbm, typed, went

TYPE = "/moa/MOH/execution/appropriations/type"
HOME, NOTICES = "/moa/MOH/", "/moa/MOH/notices/"


@pytest.fixture
def ids(engine, app, cast, ground) -> dict[str, int]:
    """The treasury of Health with an appropriation in force."""
    return set_up_treasury(engine, app, cast, ground)


@pytest.fixture
def rows(engine, cast):
    """`rows(query)` as Health reads them."""

    def look(query):
        with Session(engine) as session:
            bind_scope(session, cast.moh.id)
            return session.scalars(query).all()

    return look


def waits_for(one, what: str) -> str:
    """What stands beside it in the person's own work; nothing where it does not wait there."""
    link = one.get(HOME).find("a", string=what)
    return link.find_parent("li").get_text(" ", strip=True) if link else ""


def law(page, **amounts: str) -> dict[str, str]:
    """The answers for a supplemental law of the year of these tests."""
    return typed(page) | {
        "fiscal_year": str(YEAR), "kind": "supplemental", "reference": "BAA No. 120", "source": "sdf",
        "dated": on(3, 1).isoformat(), "effective_on": on(3, 5).isoformat(), "obligate_until": on(12, 31).isoformat(),
        "pay_until": on(12, 31).isoformat(), "total": "3,000,000.00",
    } | amounts  # fmt: skip


def law_for(page, *lines: dict[str, str], **other: str) -> dict[str, str]:
    """The same with one row for each of these: place, and pesos by class."""
    rows = {f"{name}_{row}": value for row, line in enumerate(lines, 1) for name, value in line.items()}
    return law(page, **rows, **other)


IMMUNIZATION = "Immunization"
WHOLE = "All programs, not broken down"


def test_a_supplemental_law_is_typed_and_opens_accounts_of_its_fund(ids, reader, rows):
    rahma, idris = reader("rahma"), reader("idris")
    assert rahma.get("/moa/MOH/execution/appropriations").find("a", string="Type a law")["href"] == TYPE
    lines = ({"place": IMMUNIZATION, "MOOE": "2,000,000"}, {"place": "Operations, not broken down", "CO": "900,000.00"})
    answers = law_for(rahma.get(TYPE), *lines)
    short = check_page(rahma.post(TYPE, answers))
    assert "₱ 100,000.00 short of the total" in short.select_one("#total-error").get_text()
    assert short.select_one("#MOOE_1")["value"] == "2,000,000", "nothing typed is lost"
    assert "2,900,000.00" in short.select_one("tfoot").get_text()
    for wrong, field, words in (
        ({"CO_2": "-1"}, "CO_2", "not below zero"),
        ({"CO_2": "1.005"}, "CO_2", "two decimals at most"),
        ({"CO_2": ""}, "place_2", "Type an amount"),
        ({"place_2": ""}, "place_2", "Say for which program"),
        ({"place_2": "Nonsense"}, "place_2", "Nothing here is called"),
        ({"place_2": IMMUNIZATION}, "place_2", "stands in a row above"),
        ({"CO_2": "1,000,000", "effective_on": f"{YEAR - 1}-12-01"}, "effective_on", f"Give a day of {YEAR}"),
    ):
        page = check_page(rahma.post(TYPE, answers | wrong))
        assert words in page.select_one(f"#{field}-error").get_text(), wrong
    assert check_page(rahma.post(TYPE, answers | {"more": "1"})).select_one("#place_4")
    answers["CO_2"] = "1,000,000.00"
    where = went(rahma.post(TYPE, answers))
    assert went(rahma.post(TYPE, answers)) == where, "sent twice, entered once"
    again = check_page(rahma.post(TYPE, law_for(rahma.get(TYPE), {"place": WHOLE, "PS": "3,000,000"})))
    assert "entered for this fiscal year already" in again.select_one("#reference-error").get_text()
    assert rahma.post(f"{where}/confirm", {"sure": "y"}).status_code == 403
    assert "Waits to be put in force by you" in waits_for(idris, "BAA No. 120")
    assert not waits_for(rahma, "BAA No. 120")
    assert "It waits to be put in force" in idris.get(NOTICES).get_text()
    went(idris.post(f"{where}/confirm", typed(idris.get(f"{where}/confirm")) | {"sure": "y"}))
    assert "put the law BAA No. 120 in force" in rahma.get(NOTICES).get_text()
    found = rows(select(BudgetAccount).where(BudgetAccount.source == FundingSource.SDF).order_by(BudgetAccount.number))
    assert {(one.expense_class, one.authorised, one.program_id is None, one.by_object) for one in found} == {
        (ExpenseClass.CO, Decimal(1_000_000), True, True), (ExpenseClass.MOOE, Decimal(2_000_000), False, True),
    }  # fmt: skip
    rahma.get(f"{where}/edit", status=404)


def test_a_typed_law_is_changed_and_never_silently_over_somebody_else(ids, reader, rows):
    rahma, nurul = reader("rahma"), reader("nurul")
    edit = went(rahma.post(TYPE, law_for(rahma.get(TYPE), {"place": WHOLE, "PS": "3,000,000"}))) + "/edit"
    mine, theirs = typed(rahma.get(edit)), typed(nurul.get(edit))
    assert (mine["place_1"], mine["PS_1"], mine["source"], "fiscal_year" in mine) == (
        WHOLE, "3,000,000.00", "sdf", False,
    )  # fmt: skip
    went(nurul.post(edit, theirs | {"PS_1": "2,000,000", "total": "2,000,000"}))
    late = check_page(rahma.post(edit, mine | {"PS_1": "4,000,000", "total": "4,000,000"}))
    assert "Somebody else changed this appropriation" in late.select_one(".errors").get_text()
    assert late.select_one("#PS_1")["value"] == "4,000,000"
    assert [one.total for one in rows(select(Appropriation).where(Appropriation.reference == "BAA No. 120"))] == [
        Decimal(2_000_000)
    ]
    went(rahma.post(edit, typed(late)))
    assert "4,000,000.00" in rahma.get(edit.removesuffix("/edit")).get_text()


def test_a_reenacted_budget_has_no_capital_outlay(ids, reader, rows):
    rahma = reader("rahma")
    show = rahma.get("/moa/MOH/execution/appropriations").find("a", string="BAA No. 99")["href"]
    again = rahma.get(show).find("a", string=f"Reenact it for {YEAR + 1}")["href"]
    answers = typed(rahma.get(again))
    assert (answers["kind"], answers["fiscal_year"], answers["total"]) == (
        "reenacted", str(YEAR + 1), "25,000,000.00",
    )  # fmt: skip
    assert "Immunization" in answers["place_2"]
    assert (answers["MOOE_2"], answers["CO_2"], "place_3" in answers) == ("10,000,000.00", "", False)
    answers |= {"dated": f"{YEAR}-12-28"}
    wrong = check_page(rahma.post(again, answers | {"CO_2": "1", "total": "25,000,001"}))
    assert "no capital outlay" in wrong.select_one("#kind-error").get_text()
    went(rahma.post(again, answers))
    [row] = rows(select(Appropriation).where(Appropriation.fiscal_year == YEAR + 1))
    assert (row.reference, row.effective_on) == ("BAA No. 99, reenacted", date(YEAR + 1, 1, 1))


def test_laws_of_an_operated_year_are_typed_by_mfbm_alone(ids, engine, reader, rows):
    act_for_mfbm(engine, ActsMode.OPERATED)
    rahma, idris, zaida, tarik = reader("rahma"), reader("idris"), reader("zaida"), reader("tarik")
    line = {"place": WHOLE, "PS": "3,000,000"}
    refused = check_page(rahma.post(TYPE, law_for(rahma.get(TYPE), line)))
    assert "MFBM enters them" in refused.select_one("#fiscal_year-error").get_text()
    assert refused.select_one("#PS_1")["value"] == "3,000,000"
    where = went(zaida.post(TYPE, law_for(zaida.get(TYPE), line)))
    assert rahma.post(f"{where}/edit", typed(zaida.get(f"{where}/edit"))).status_code == 403
    assert not waits_for(idris, "BAA No. 120"), "it waits for MFBM"
    went(tarik.post(f"{where}/confirm", typed(tarik.get(f"{where}/confirm")) | {"sure": "y"}))
    assert "put the law BAA No. 120 in force" in rahma.get(NOTICES).get_text()


def test_an_order_names_objects_and_only_these_can_be_obligated(ids, engine, cast, reader, rows):
    rahma, idris = reader("rahma"), reader("idris")
    where = went(rahma.post(TYPE, law_for(rahma.get(TYPE), {"place": IMMUNIZATION, "MOOE": "3,000,000"})))
    went(idris.post(f"{where}/confirm", {"sure": "y", "sent_key": key()}))
    [account] = rows(select(BudgetAccount).where(BudgetAccount.source == FundingSource.SDF))
    new = f"/moa/MOH/execution/orders/new/special?year={YEAR}"
    head = {"number": "SARO 9", "dated": on(3, 10).isoformat(), "total": "2,500,000", "request": "SBR 9"}
    answers = typed(rahma.get(new)) | head | {"account_1": str(account.id), "object_1": PAPER, "amount_1": "1,500,000"}
    more = check_page(rahma.post(new, answers | {"more": "1"}))
    assert more.select_one("#account_2"), "one more row, and nothing is entered"
    answers |= {"account_2": str(account.id), "object_2": "Traveling", "amount_2": "1,000,000"}
    for wrong, field, words in (
        ({"object_2": SALARY}, "object_2", "is PS; the account gives MOOE"),
        ({"object_2": PAPER}, "object_2", "named twice"),
        ({"object_2": "Nonsense"}, "object_2", "Nothing here is called"),
        ({"object_2": ""}, "object_2", "needs account, object and amount"),
        ({"amount_2": "999,999"}, "total", "₱ 2,499,999.00"),
    ):
        page = check_page(rahma.post(new, answers | wrong))
        assert words in page.select_one(f"#{field}-error").get_text(), wrong
        assert page.select_one("#amount_1")["value"] == "1,500,000"
    order = went(rahma.post(new, answers))
    assert PAPER in rahma.get(order).get_text()
    assert "Waits for your release" in waits_for(idris, "Allotment order SARO 9")
    form = typed(rahma.get(f"{order}/edit"))
    assert (form["amount_1"], form["amount_2"]) == ("1,500,000.00", "1,000,000.00")
    went(rahma.post(f"{order}/edit", form))
    went(idris.post(f"{order}/release", typed(idris.get(f"{order}/release")) | {"sure": "y"}))
    assert "released allotment order SARO 9" in rahma.get(NOTICES).get_text()
    parts = rows(select(AccountObject).order_by(AccountObject.object_code))
    assert {(one.object_code, one.allotted, one.is_controlled) for one in parts} == {
        (PAPER, Decimal(1_500_000), True), (TRAVEL, Decimal(1_000_000), True),
    }  # fmt: skip
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        rooms = headroom.rooms_of(session, [Line(account.id, PAPER, Decimal(1), row=1)], on(4, 1))
    assert [one.available for one in rooms if one.object_code] == [Decimal(1_500_000)]


def test_an_order_is_never_changed_silently_over_somebody_else(ids, reader):
    rahma, nurul = reader("rahma"), reader("nurul")
    new, mooe = f"/moa/MOH/execution/orders/new/comprehensive?year={YEAR}", f"a{ids['mooe']}"
    head = {"number": "GAABAO 3", "dated": on(1, 5).isoformat(), "total": "1,000", mooe: "1,000"}
    edit = went(rahma.post(new, typed(rahma.get(new)) | head)) + "/edit"
    mine, theirs = typed(rahma.get(edit)), typed(nurul.get(edit))
    went(nurul.post(edit, theirs | {mooe: "2,000", "total": "2,000"}))
    late = check_page(rahma.post(edit, mine | {mooe: "3,000", "total": "3,000"}))
    assert "Somebody else changed this order" in late.select_one(".errors").get_text()
    went(rahma.post(edit, typed(late)))
    assert "3,000.00" in rahma.get(edit.removesuffix("/edit")).get_text()


def test_programs_of_the_register_are_proposed_while_one_types(ids, reader, rows):
    rahma = reader("rahma")
    field = rahma.get(TYPE).select_one("#place_1")
    proposed = rahma.browser.get(f"{field['hx-get']}&place_1=immun", headers={"HX-Request": "true"})
    assert "Immunization" in proposed.get_data(as_text=True)
    assert "not broken down" in rahma.get("/moa/MOH/execution/appropriations/look-up/programs?q=broken").get_text()
