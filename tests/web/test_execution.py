"""From the act to the allotment as the budget office works: enter, confirm, look; and what a page says when refused."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import command_actor
from bmms.domain.appropriations.loading import load_act
from bmms.domain.appropriations.reading import read
from bmms.domain.programs.loader import load_programs
from bmms.domain.reference.loader import load_reference
from bmms.domain.reference.rows import FOLDER
from bmms.models.authority import BudgetAccount
from bmms.models.programs import Program
from bmms.tenancy import bind_platform, bind_scope
from tests.client import check_page
from tests.execution import YEAR, Treasury, allot, hire_staff, on, opened, set_up_treasury


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
