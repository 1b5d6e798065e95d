"""From the act to the allotment as the budget office works: enter, confirm, look; and what a page says when refused."""

import io
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import command_actor
from bmms.domain.appropriations.loading import load_act
from bmms.domain.appropriations.reading import read
from bmms.domain.offices import modes
from bmms.domain.programs.loader import load_programs
from bmms.domain.reference.loader import load_reference
from bmms.domain.reference.rows import FOLDER
from bmms.models.authority import BudgetAccount
from bmms.models.offices import ActsMode
from bmms.models.programs import Program
from bmms.tenancy import bind_platform, bind_scope
from tests.client import check_page
from tests.execution import YEAR, Treasury, allot, hire_staff, on, opened, set_up_treasury
from tests.factories import make_central, make_user
from tests.uploads import PDF, send


@pytest.fixture
def ids(engine, app, cast, ground) -> dict[str, int]:
    """The treasury of Health with an appropriation in force."""
    return set_up_treasury(engine, app, cast, ground)


@pytest.fixture
def acts(engine, cast, ground) -> None:
    """The act of 2025, real, and the register of programs that it names."""

    def make() -> None:
        hire_staff(engine, cast)
        with Session(engine) as session:
            bind_platform(session, "tests")
            load_reference(session, command_actor())
            load_act(session, command_actor(), read(FOLDER / "gaab_2025.csv"))
            session.commit()
        with Session(engine) as session:
            bind_scope(session, cast.moh.id)
            load_programs(session, command_actor(cast.moh.id), cast.moh)
            session.commit()

    make()


def went(answer) -> str:
    assert answer.status_code == 303, check_page(answer).get_text(" ", strip=True)[:3000]
    return answer.location


def typed(page) -> dict[str, str]:
    """The fields of the form as they come."""
    form = page.select_one("#form")
    fields = {one["name"]: one.get("value", "") for one in form.select("input[name]") if one.get("type") != "file"}
    fields |= {
        one["name"]: (one.select_one("option[selected]") or one.select_one("option"))["value"]
        for one in form.select("select[name]")
    }
    return {name: value for name, value in fields.items() if name not in ("csrf_token", "sure")}


def test_accounts_open_from_the_act_once_somebody_else_confirms(acts, engine, cast, reader):
    rahma, idris, yusuf = reader("rahma"), reader("idris"), reader("yusuf")
    page = rahma.get("/moa/MOH/execution/appropriations")
    enter = page.find("a", string="Enter it")["href"]
    form = rahma.get(enter)
    assert "BAA No. 65" in form.get_text()
    answers = typed(form) | {"dated": "2024-12-19"}
    wrong = rahma.post(enter, answers | {"total": "1.00"})
    assert "above the total of the law" in check_page(wrong).select_one("#total-error").get_text()
    here = went(rahma.post(enter, answers))
    assert rahma.post(f"{here}/confirm", {"sure": "y"}).status_code == 403
    confirm = typed(idris.get(f"{here}/confirm"))
    missing = idris.post(f"{here}/confirm", confirm)
    assert "Tick that you have compared it" in check_page(missing).get_text()
    went(idris.post(f"{here}/confirm", confirm | {"sure": "y"}))
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        rows = session.scalars(select(BudgetAccount)).all()
        program = session.scalars(select(Program.title).where(Program.id == rows[-1].program_id)).one()
    total = sum((row.authorised for row in rows), Decimal(0))
    assert f"{total:,.2f}" == answers["total"]
    page = yusuf.get("/moa/MOH/execution/")
    assert f"{total:,.2f}" in page.get_text()
    found = yusuf.get(f"/moa/MOH/execution/?q={program[:12]}")
    assert program in found.get_text()
    assert yusuf.get("/moa/MOH/execution/appropriations").find("a", string="Enter it") is None


def test_an_order_is_entered_released_and_stands_in_the_register(ids, reader):
    rahma, idris = reader("rahma"), reader("idris")
    new = f"/moa/MOH/execution/orders/new/comprehensive?year={YEAR}"
    page = rahma.get(new)
    assert f"a{ids['co']}" not in typed(page), "no capital outlay in a comprehensive order"
    answers = typed(page) | {
        "number": "GAABAO 1", "dated": on(1, 5).isoformat(), "total": "6,000,000.00", f"a{ids['mooe']}": "6,000,000.00"
    }  # fmt: skip
    short = rahma.post(new, answers | {f"a{ids['mooe']}": "5,999,999.99"})
    assert "The lines come to ₱ 5,999,999.99" in check_page(short).select_one("#total-error").get_text()
    wrong = check_page(rahma.post(new, answers | {f"a{ids['mooe']}": "5.001"}))
    assert "two decimals at most" in wrong.select_one(f"#a{ids['mooe']}-error").get_text()
    here = went(rahma.post(new, answers))
    assert went(rahma.post(new, answers)) == here, "sent twice, entered once"
    assert "Waits for release" in rahma.get(here).get_text()
    release = f"{here}/release"
    button = typed(idris.get(release)) | {"sure": "y"}
    for _ in range(5):
        answer = idris.post(release, button)
    assert answer.status_code == 303, "the same button pressed five times releases once"
    page = idris.get(f"/moa/MOH/execution/accounts/{ids['mooe']}")
    assert page.select_one("#results").get_text().count("Allotment order GAABAO 1") == 1
    assert "6,000,000.00" in page.get_text()
    assert "difference ₱\N{NO-BREAK SPACE}0.00" in page.get_text()


def test_what_is_too_much_says_by_how_much_and_changes_nothing(ids, engine, app, cast, reader):
    with opened(engine, app, cast) as desks:
        allot(Treasury(**desks, **ids), ids["mooe"], "6M")
    rahma, idris = reader("rahma"), reader("idris")
    new = f"/moa/MOH/execution/orders/new/special?year={YEAR}"
    answers = typed(rahma.get(new)) | {
        "number": "SARO 2", "dated": on(2, 5).isoformat(), "total": "5,000,000.00", "request": "SBR 2",
        f"a{ids['mooe']}": "5,000,000.00",
    }  # fmt: skip
    release = went(rahma.post(new, answers)) + "/release"
    refused = check_page(idris.post(release, typed(idris.get(release)) | {"sure": "y"}))
    assert "₱ 1,000,000.00 too much" in refused.get_text()
    assert "4,000,000.00" in idris.get(f"/moa/MOH/execution/accounts/{ids['mooe']}").get_text()


def test_a_later_law_extends_what_may_be_charged(ids, engine, app, cast, reader):
    rahma, idris = reader("rahma"), reader("idris")
    page = rahma.get(rahma.get("/moa/MOH/execution/appropriations").find("a", string="BAA No. 99")["href"])
    assert page.find("a", string="Enter an extension")
    assert date(YEAR, 12, 31).strftime("%d %B %Y") in page.get_text()
    assert idris.get("/moa/MOH/execution/appropriations").find("a", string="BAA No. 99")


def act_for_mfbm(engine, mode: ActsMode) -> None:
    """Zaida and Tarik speak for MFBM; the acts of the year of these tests come on record in this mode."""
    with Session(engine) as session:
        bind_platform(session, "tests")
        for name in ("zaida", "tarik"):
            make_central(session, make_user(session, name), "mfbm")
        modes.set_mode(session, command_actor(), YEAR, mode)
        session.commit()


ORDERS = "/moa/MOH/execution/orders"


def test_in_an_operated_year_two_people_of_mfbm_enter_and_release(ids, engine, reader):
    act_for_mfbm(engine, ActsMode.OPERATED)
    rahma, idris, zaida, tarik = reader("rahma"), reader("idris"), reader("zaida"), reader("tarik")
    new, mooe = f"{ORDERS}/new/comprehensive?year={YEAR}", f"a{ids['mooe']}"
    for one in (rahma, idris):
        assert one.get(new, status=403)
    assert not rahma.get(ORDERS).find("a", string="Special, on request (SARO)")
    assert zaida.get(ORDERS).find("a", string="Special, on request (SARO)")
    answers = typed(zaida.get(new)) | {
        "number": "GAABAO 7", "dated": on(1, 5).isoformat(), "total": "6,000,000.00", mooe: "6,000,000.00",
    }  # fmt: skip
    assert rahma.post(new, answers).status_code == 403
    here = went(zaida.post(new, answers))
    page = zaida.get(here)
    assert "Acting for MFBM" in page.get_text(" ", strip=True)
    assert not page.select(f"a[href*='accounts/{ids['mooe']}'], #papers"), "what is shut to MFBM has no link"
    assert tarik.get("/mfbm/").find("a", string="Allotment order GAABAO 7")["href"] == here
    for verb in ("edit", "cancel"):
        assert rahma.post(f"{here}/{verb}", answers).status_code == 403
    release = f"{here}/release"
    assert idris.post(release, {"sure": "y"}).status_code == 403
    button = typed(tarik.get(release)) | {"sure": "y"}
    own = zaida.post(release, button)
    assert "You entered this order" in check_page(own).get_text()
    went(tarik.post(release, button))
    assert "6,000,000.00" in rahma.get(f"/moa/MOH/execution/accounts/{ids['mooe']}").get_text()
    assert "Nothing waits here." in zaida.get("/mfbm/").get_text()


def test_in_an_operated_year_mfbm_extends_a_law(ids, engine, reader):
    act_for_mfbm(engine, ActsMode.OPERATED)
    rahma, idris, zaida, tarik = reader("rahma"), reader("idris"), reader("zaida"), reader("tarik")
    law = zaida.get("/moa/MOH/execution/appropriations").find("a", string="BAA No. 99")["href"]
    new = f"{law}/extensions/new"
    later = date(YEAR + 1, 12, 31).isoformat()
    answers = {"law": "BAA No. 101", "effective_on": on(12, 1).isoformat(), "obligate_until": later, "pay_until": later}
    assert send(rahma, new, answers | {"file": (io.BytesIO(PDF), "law.pdf")}).status_code == 403
    went(send(zaida, new, answers | {"file": (io.BytesIO(PDF), "law.pdf")}))
    assert tarik.get("/mfbm/").find("a", string="Extension: BAA No. 101")["href"] == law
    page = tarik.get(law)
    with tarik.browser.get(page.find("a", string="BAA No. 101")["href"]) as file:
        assert file.status_code == 200
    confirm = page.find("a", string="Confirm")["href"]
    assert idris.post(confirm, {"sure": "y"}).status_code == 403
    went(tarik.post(confirm, {"sure": "y", "sent_key": "x"}))
    assert "Nothing waits here." in tarik.get("/mfbm/").get_text()


def test_in_a_recorded_year_mfbm_reads_and_does_nothing(ids, engine, reader):
    act_for_mfbm(engine, ActsMode.RECORDED)
    rahma, zaida = reader("rahma"), reader("zaida")
    new = f"{ORDERS}/new/comprehensive?year={YEAR}"
    answers = typed(rahma.get(new)) | {
        "number": "GAABAO 8", "dated": on(1, 5).isoformat(), "total": "1,000.00", f"a{ids['mooe']}": "1,000.00",
    }  # fmt: skip
    assert zaida.post(new, answers).status_code == 403
    here = went(rahma.post(new, answers))
    assert "GAABAO 8" in zaida.get(here).get_text()
    for verb in ("edit", "cancel", "release"):
        assert zaida.post(f"{here}/{verb}", answers | {"sure": "y"}).status_code == 403, verb
    assert "Nothing waits here." in zaida.get("/mfbm/").get_text(), "the organization confirms it itself"
