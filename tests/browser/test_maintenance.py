"""Maintenance begins while somebody types: nothing is lost, the page stays, and afterwards it is sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bmms.domain.platform import maintenance
from tests.browser.test_drafts import address, kept, sign_in  # noqa: F401  (a fixture and its helpers)

pytestmark = pytest.mark.browser


@pytest.fixture
def instance(app) -> Iterator[Path]:
    """Where the state is kept; off after the test."""
    folder = app.extensions["installation"].config.instance
    yield folder
    maintenance.switch_off(folder)


def test_who_types_meanwhile_loses_nothing(page_at, address, engine, cast, instance) -> None:  # noqa: F811
    page = page_at(1280)
    sign_in(page, address)
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    maintenance.switch_on(instance)
    page.get_by_label("Title").fill("Half a plan")
    page.keyboard.press("Tab")
    expect(page.locator("[data-kept]")).to_contain_text("Saved")
    assert kept(engine, cast) == {"title": "Half a plan"}
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts .toast")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("BMMS is being maintained. Nothing that you have typed is lost.")
    expect(page.get_by_label("Title")).to_have_value("Half a plan")
    page.goto(f"{address}/moa/MOH/")
    expect(page.get_by_role("heading", level=1)).to_have_text("BMMS is being maintained")
    maintenance.switch_off(instance)
    page.get_by_role("link", name="Try again").click()
    page.goto(f"{address}/moa/MOH/planning/plans/new")
    expect(page.get_by_label("Title")).to_have_value("Half a plan")
