"""The reader of pages (tests/client.py) is shown one fault of each kind, and finds it."""

import random

import pytest
from flask import Flask, Response
from html5lib.html5parser import ParseError
from werkzeug.test import TestResponse

from tests.client import FRAGMENT_BYTES, MOST_QUERIES, PAGE_BYTES, check_fragment, check_page

GOOD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Units - BMMS</title></head><body>
<a class="skip" href="#main">Skip to the content</a>
<main id="main"><h1>Units</h1>
<form action="/units" method="post"><input type="hidden" name="csrf_token" value="x">
<label for="name">Name</label><input id="name" name="name"><button>Save</button></form>
<a href="/units?page=2" hx-get="/units?page=2">Next</a>
</main></body></html>"""
FAULTS = {
    "broken HTML": ("</form>", "</div></form>", "end tag|end-tag"),
    "another language": ('lang="en"', 'lang="la"', "assert 'la' == 'en'|/x"),
    "two headings": ("<h1>Units</h1>", "<h1>Units</h1><h1>More</h1>", "has 2 h1"),
    "a title of its own": ("<title>Units", "<title>Welcome", "does not begin with 'Units'"),
    "an id twice": ('<a href="/units?page=2"', '<a id="name" href="/units?page=2"', "ids twice"),
    "no skip link": ('class="skip"', "", "no skip link"),
    "no main": ('<main id="main">', "<main>", "has no main"),
    "a field without a label": ('<label for="name">Name</label>', "Name", "field name has no label"),
    "a form without action": ('action="/units" ', "", "a form without action"),
    "a form without a token": ("csrf_token", "other", "has no CSRF token"),
    "a link for htmx only": ('href="/units?page=2" ', "", "speaks htmx only"),
    "an inline style": ("<button>", '<button style="color: red">', "inline style or script"),
    "an inline script": ("</main>", "<script>alert()</script></main>", "inline style or script"),
}


def answer_with(body: str, **headers: str) -> TestResponse:
    """What a browser would get."""
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/x", "x", lambda: Response(body, headers={"Vary": "HX-Request", **headers}, mimetype="text/html"))
    return app.test_client().get("/x")


def noise(size: int) -> str:
    """Text that does not compress."""
    return random.Random(1).randbytes(size).hex()


def test_a_good_page_passes():
    assert check_page(answer_with(GOOD)).h1.get_text() == "Units"


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault):
    before, after, words = FAULTS[fault]
    assert GOOD.count(before) == 1, "the fault is planted"
    with pytest.raises((AssertionError, ParseError), match=words):
        check_page(answer_with(GOOD.replace(before, after)))


def test_costs_and_the_vary_header_are_found():
    with pytest.raises(AssertionError, match="does not vary"):
        check_page(answer_with(GOOD, Vary="Cookie"))
    with pytest.raises(AssertionError, match=f"{MOST_QUERIES + 1} queries"):
        check_page(answer_with(GOOD, **{"X-SQL-Count": str(MOST_QUERIES + 1)}))
    with pytest.raises(AssertionError, match="bytes compressed"):
        check_page(answer_with(GOOD.replace("Save", noise(PAGE_BYTES))))


def test_fragments_are_one_small_element_with_the_expected_id():
    toasts = '<div id="toasts" hx-swap-oob="innerHTML:#toasts"></div>'
    check_fragment(answer_with(f'<section id="results"></section>{toasts}'), "results")
    for body in ('<section id="other"></section>', '<section id="results"></section><p>more</p>', GOOD):
        with pytest.raises(AssertionError, match="got"):
            check_fragment(answer_with(body), "results")
    with pytest.raises(AssertionError, match="bytes compressed"):
        check_fragment(answer_with(f'<section id="results">{noise(FRAGMENT_BYTES)}</section>'), "results")
