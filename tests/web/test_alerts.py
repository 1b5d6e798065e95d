"""Alerts on the web: found by the worker, listed, acknowledged; refusals put on record; limits set."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.allotments import actions as allotments
from bmms.models.alerts import AlertKind, BudgetAlert
from bmms.models.allotments import OrderKind
from bmms.models.audit import AuditEvent
from bmms.tenancy import bind_platform, bind_scope
from tasks.alerts import check_alerts
from tests.client import check_page
from tests.domain.ledger.test_alerts import night
from tests.execution import YEAR, Treasury, allot, obligate, on, opened, pesos, set_up_treasury
from tests.web.test_execution import typed, went

ALERTS = "/moa/MOH/execution/alerts"


@pytest.fixture
def office(engine, app, cast, ground):
    """The treasury of Health, of whose MOOE all that is allotted is obligated; payment was due long ago."""
    ids = set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        found = Treasury(**desks, **ids)
        allot(found, found.mooe, "6M")
        obligate(found, found.mooe, "6M", expected_on=on(3, 1))
        yield found


def words(page) -> str:
    return " ".join(page.get_text(" ").split())


def test_asked_for_found_by_the_worker_read_and_acknowledged(office, reader, work, cast):
    rahma, omar, yusuf, ben = (reader(name) for name in ("rahma", "omar", "yusuf", "ben"))
    page = rahma.get(ALERTS)
    assert "No alert is open." in words(page)
    assert yusuf.get(ALERTS).find("button", string="Check now") is None
    assert yusuf.post(f"{ALERTS}/check", {}).status_code == 403
    for _ in range(2):
        assert went(rahma.post(f"{ALERTS}/check", {})) == ALERTS
    assert work()["jobs_done"] == 1, "asked for twice, done once"
    page = rahma.get(ALERTS)
    (idle,) = [row for row in page.select("#results tbody tr") if "Obligation without payment" in words(row)]
    show, subject = (link["href"] for link in idle.select("a"))
    assert "ORS 01-" in words(rahma.get(subject))
    assert "Acknowledge" not in words(yusuf.get(show))
    assert yusuf.post(f"{show}/acknowledge", {"note": "x", "row_version": 1}).status_code == 403
    assert ben.browser.get(show).status_code == 404
    ask = omar.get(show).find("a", string="Acknowledge")["href"]
    form = omar.get(ask)
    empty = check_page(omar.post(ask, {**typed(form), "note": " "}))
    assert "Say what is done about it" in words(empty.select_one("#note-error"))
    stale = check_page(omar.post(ask, {"row_version": 99, "note": "The supplier is asked"}))
    assert "meanwhile" in words(stale)
    assert stale.select_one("#note").get_text().strip() == "The supplier is asked", "nothing typed is lost"
    assert went(omar.post(ask, {**typed(form), "note": "The supplier is asked"})) == show
    page = rahma.get(show)
    assert "The supplier is asked" in words(page)
    assert page.find("a", string="Acknowledge") is None
    late = rahma.post(ask, {**typed(form), "note": "Me too"})
    assert "acknowledged this already" in words(check_page(late))
    assert rahma.get(ALERTS + "?kind=AL-3&severity=warning&state=all").select_one("#results tbody tr")
    assert "No alert fits." in words(rahma.get(ALERTS + "?kind=AL-3&state=closed"))
    assert rahma.fragment(f"{ALERTS}?kind=AL-3", "results")


@pytest.mark.parametrize("htmx", [False, True])
def test_it_is_acknowledged_with_and_without_htmx(office, app, reader, engine, cast, htmx):
    with app.app_context():
        check_alerts()
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        alert_id = session.scalars(select(BudgetAlert.id).where(BudgetAlert.kind == AlertKind.IDLE)).one()
    ask = f"{ALERTS}/{alert_id}/acknowledge"
    answer = reader("omar").post(ask, {"row_version": 1, "note": "It is paid tomorrow"}, htmx=htmx)
    place = answer.headers["HX-Redirect"] if htmx else went(answer)
    assert place == f"{ALERTS}/{alert_id}"
    assert "It is paid tomorrow" in words(reader("yusuf").get(place))


def test_accounts_name_their_alerts_and_critical_ones_wait(office, reader):
    """On the first of July of 10 M of PS nothing was obligated, of MOOE 6 M: the first is critical, the second fine."""
    assert night(office, on(7, 1), AlertKind.SLOW).opened == 3
    yusuf, hadji = reader("yusuf"), reader("hadji")
    listed = yusuf.get(f"/moa/MOH/execution/?year={YEAR}")
    links = [one["href"] for one in listed.select("#results tbody a") if one.get_text() == "Slow obligation"]
    assert len(links) == 3
    assert "The target is 50 %" in words(yusuf.get(links[0]))
    page = yusuf.get(f"/moa/MOH/execution/accounts/{office.ps}")
    assert "₱ 0.00 of an appropriation of ₱ 10,000,000.00 were obligated, 0 %" in words(
        page.select_one("#main section")
    )
    assert yusuf.get(f"/moa/MOH/execution/accounts/{office.mooe}").find("h2", id="alerts") is None
    assert "Slow obligation" in words(hadji.get("/moa/MOH/"))
    for link in links:
        went(hadji.post(f"{link}/acknowledge", {"row_version": 1, "note": "The program is late"}))
    assert "Slow obligation" not in words(hadji.get("/moa/MOH/"))
    assert "Slow obligation" not in words(yusuf.get("/moa/MOH/"))


def test_three_refusals_outlive_their_requests(office, app, reader, engine, cast):
    idris, rahma = reader("idris"), office.rahma
    answers = {
        "fiscal_year": YEAR, "number": "9", "kind": OrderKind.SPECIAL, "dated": on(2, 1), "legal_basis": "GAAB",
        "request": "SBR 9", "counterpart": "", "total": pesos("5M"),
    }  # fmt: skip
    lines = [allotments.Line(office.mooe, pesos("4M")), allotments.Line(office.support, pesos("1M"))]
    order = allotments.enter(rahma.session, rahma.actor, answers, lines)
    rahma.session.commit()
    allot(office, office.mooe, "2M")
    release = f"/moa/MOH/execution/orders/{order.id}/release"
    for _ in range(3):
        form = typed(idris.get(release))
        said = check_page(idris.post(release, {**form, "sure": "y"}))
        assert "₱ 2,000,000.00 too much" in words(said)
    with Session(engine) as session:
        bind_platform(session, "tests")
        rows = session.scalars(select(AuditEvent).where(AuditEvent.action == "budget_accounts:refuse")).all()
    assert {(one.subject_id, one.organization_id, one.actor_id) for one in rows} == {
        (office.mooe, cast.moh.id, cast.idris.id)
    }, "the account that had the room is not named"
    assert [one.changes for one in rows] == [{"asked": [None, "4000000.00"], "available": [None, "2000000.00"]}] * 3
    assert office.state(office.mooe)[1] == pesos("8M")
    with app.app_context():
        check_alerts()
    page = reader("hadji").get(f"{ALERTS}?kind=AL-9")
    assert "3 requests or postings were refused for lack of room" in words(page.select_one("#results"))
    assert f"{clock.today():%B %Y}" in words(page.select_one("#results"))


def test_limits_are_set_by_the_administrator(office, reader):
    jamila, rahma = reader("jamila"), reader("rahma")
    limits = f"{ALERTS}/limits"
    assert rahma.browser.get(limits).status_code == 403
    form = jamila.get(jamila.get(ALERTS).find("a", string="Set the limits")["href"])
    answers = typed(form)
    assert (answers["near_info"], answers["idle_days"], answers["row_version"]) == ("85", "90", "0")
    wrong = check_page(jamila.post(limits, {**answers, "near_warning": "85", "idle_days": "x"}))
    assert wrong.select_one("#idle_days-error").get_text()
    assert wrong.select_one("#near_warning")["value"] == "85"
    assert went(jamila.post(limits, {**answers, "near_info": "50"})) == ALERTS
    assert typed(jamila.get(limits))["near_info"] == "50"
    assert "meanwhile" in words(check_page(jamila.post(limits, answers)))
