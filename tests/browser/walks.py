"""One person's way through the pages in a real browser, on a desk and a phone, with JavaScript and without."""

import os
import re
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.factories import PASSWORD

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def wait_until(page: Page, holds: str, seconds: float = 60) -> None:
    """Until a JavaScript expression is true. Playwright's own wait may break the page's policy."""
    end = time.monotonic() + seconds
    while not page.evaluate(holds):
        assert time.monotonic() < end, f"not true after {seconds} s: {holds}"
        page.wait_for_timeout(50)


def violations(page: Page) -> list[str]:
    """What axe finds, one line for each element; first every animation is brought to its end."""
    page.evaluate("document.getAnimations().forEach((each) => each.finish())")
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} ({node['failureSummary']})" for rule in found for node in rule["nodes"]
    ]


EVERYWHERE = ((1280, "light"), (1280, "dark"), (360, "light"), (360, "dark"))


def violations_everywhere(page: Page, ways: Sequence[tuple[int, str]] = EVERYWHERE) -> list[str]:
    """The same at both widths, light and dark, on a screen so high that the sticky bars cover nothing."""
    found = []
    for width, colours in ways:
        page.set_viewport_size({"width": width, "height": 5000})
        page.emulate_media(color_scheme=colours)
        found += [f"{width} {colours}: {each}" for each in violations(page)]
    return found


DRILL = bool(os.environ.get("BMMS_DRILL"))
WAYS = [
    pytest.param(
        width,
        javascript,
        id=f"{width}-{'with' if javascript else 'without'}-javascript",
        marks=[pytest.mark.xdist_group("axe")] * (javascript and width == 1280),  # one process, so each page once
    )
    for width, javascript in ((1280, True), (360, False), (1280, False), (360, True))[: None if DRILL else 2]
]  # all four by `make drill`
LIGHTS = EVERYWHERE if DRILL else EVERYWHERE[:1]  # the style guide shows each component in all four, always


class Walk:
    """One person's way through the pages. Each page that is looked at fits the screen, and axe finds nothing on it."""

    def __init__(self, page: Page, address: str, examined: set[tuple], *, width: int, javascript: bool) -> None:
        self.page, self.address, self.width = page, address, width
        self.examined = examined  # the pages that axe has seen, in whatever way they were reached
        self.examines = javascript and width == 1280  # at all widths and colours, so one of the four ways is enough

    def look(self, heading: str | re.Pattern[str]) -> None:
        """This page has arrived, and is as pages should be."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, self.page.url
        state = self.page.locator(".errors, .toast, .note, #results tr").count()
        seen = (re.sub(r"\d+|[0-9a-f]{8}-[0-9a-f-]+", "#", urlsplit(self.page.url).path), state)
        if self.examines and seen not in self.examined:
            self.examined.add(seen)
            wait_until(self.page, "document.readyState == 'complete' && !document.querySelector('.htmx-request')")
            assert violations_everywhere(self.page, LIGHTS) == [], self.page.url
            self.page.set_viewport_size({"width": self.width, "height": 900})
            self.page.emulate_media(color_scheme="light")

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.address + path)

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Click a link of the page's main part."""
        self.page.locator("main").get_by_role("link", name=name).first.click()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button of the page's main part."""
        self.page.locator("main").get_by_role("button", name=name).first.click()

    def type(self, label: str, value: str) -> None:
        """Fill a field."""
        self.page.get_by_label(label, exact=True).fill(value)

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        """Through the front door."""
        self.open("/login")
        self.look("Sign in")
        self.type("Username or email", username)
        self.type("Password", password)
        self.press("Sign in")
        expect(self.page.get_by_role("heading", level=1)).not_to_have_text("Sign in")

    def says(self, words: str | re.Pattern[str]) -> None:
        """Somewhere on the page."""
        expect(self.page.locator("body")).to_contain_text(words)
