"""Scenario TS1 as a person plays it: a strategic plan from the menu to the department head's approval."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from bmms.models.organizations import Unit
from bmms.tenancy import bind_scope
from tests.browser.test_drafts import sign_in
from tests.planning import NARRATIVE, make_lists

pytestmark = pytest.mark.browser
GOALS = ("Enhance Service Delivery Quality", "Reach every barangay", "Decide by records")


@pytest.fixture
def address(app, engine, cast, serve: Callable[..., str]) -> str:
    make_lists(engine)
    with Session(engine) as session:
        bind_scope(session, cast.moh.id)
        session.add(Unit(name="Planning Division"))
        session.commit()
    return serve(app)


def no_violation(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize(("width", "javascript"), [(360, False), (1280, True)])
def test_ts1(page_at, address, width, javascript) -> None:
    page = page_at(width, javascript)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/")
    page.get_by_role("link", name="Create new plan").first.click()
    page.get_by_label("Title").fill("MOH Strategic Plan FY 2026")
    page.get_by_label("First year").fill("2026")
    page.get_by_label("Last year").fill("2026")
    page.get_by_label("Description").fill(NARRATIVE)
    page.get_by_label("Human Development").check()
    if javascript:
        no_violation(page)
    press(page, "Save and continue")
    page.wait_for_url("**/goals")
    plan = page.url.removesuffix("/goals")
    expect(page.get_by_text("1 of 5 complete")).to_be_visible()
    for title in GOALS:
        page.get_by_role("link", name="Add a goal").first.click()
        page.get_by_label("Goal", exact=False).first.fill(title)
        page.get_by_label("Theme").select_option(label="Human Development")
        press(page, "Save goal")
        page.wait_for_url("**/goals")
    expect(page.get_by_text("3 of 3 goals")).to_be_visible()
    expect(page.get_by_text("2 of 5 complete")).to_be_visible()
    for place in range(len(GOALS)):
        for number in (1, 2):
            page.goto(f"{plan}/objectives")
            page.get_by_role("link", name="Add an objective").nth(place).click()
            page.get_by_label("Objective", exact=False).first.fill(f"Improve response time {place}.{number}")
            press(page, "Save objective")
            page.wait_for_url("**/kpis/new")
            page.get_by_label("KPI", exact=False).first.fill("Average response time (hours)")
            page.get_by_label("Unit").select_option(label="hours")
            page.get_by_label("Direction").select_option(label="Less is better")
            page.get_by_label("Baseline", exact=False).first.fill("48")
            page.get_by_label("Year of the baseline").fill("2025")
            page.get_by_label("Target at the end").fill("24")
            page.get_by_label("Measured", exact=True).select_option(label="Monthly")
            page.get_by_label("Source").fill("Help desk log")
            page.get_by_label("Who reports it").select_option(label="Badar Lim")
            press(page, "Save KPI")
            page.wait_for_url("**/objectives")
    expect(page.get_by_text("3 of 5 complete")).to_be_visible()
    page.goto(f"{plan}/responsibilities")
    for place in range(6):
        page.locator("[id$=_unit_id]").nth(place).select_option(label="Planning Division")
        page.locator("[id$=_owner_id]").nth(place).select_option(label="Badar Lim")
        page.locator("[id$=_starts_on]").nth(place).fill("2026-01-01")
        page.locator("[id$=_target_on]").nth(place).fill("2026-12-31")
    press(page, "Save and continue")
    page.wait_for_url("**/review")
    expect(page.get_by_text("4 of 5 complete")).to_be_visible()
    expect(page.get_by_text("A plan of 1 year is unusual")).to_be_visible()
    page.get_by_label("Note").fill("For your approval.")
    if javascript:
        no_violation(page)
    press(page, "Submit for approval")
    page.wait_for_url(plan)
    expect(page.get_by_text("Pending approval").first).to_be_visible()
    expect(page.get_by_role("link", name="Go on with the plan")).to_have_count(0)
    head = page_at(width, javascript)
    sign_in(head, address, "amina")
    head.goto(plan)
    head.get_by_role("link", name="Approve").click()
    press(head, "Approve")
    head.wait_for_url(plan)
    expect(head.get_by_text("Approved").first).to_be_visible()
    if javascript:
        no_violation(head)
