"""A reader of pages: each answer is checked for what every page of BMMS must be, before the test looks at it."""

import gzip
import re
from typing import Any

import html5lib
from bs4 import BeautifulSoup
from flask import Flask, session, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from tests.factories import PASSWORD

PAGE_BYTES, FRAGMENT_BYTES, MOST_QUERIES = 14 * 1024, 6 * 1024, 12
MOST_OF_A_CHANGE = 20  # what is written, its record, and the page that shows it
NOT_FIELDS = ("hidden", "submit", "button", "reset", "image")


class Reader:
    """One browser, signed in as one person or as nobody."""

    def __init__(self, app: Flask, username: str = "", *, htmx: bool = False) -> None:
        self.app, self.username, self.htmx = app, username, htmx
        self.browser = app.test_client()
        if username:
            answer = self.sign_in(username)
            assert answer.status_code == 303, f"{username} could not sign in: {answer.status}"

    def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        """Through the real form."""
        token = self.token()
        return self.browser.post(
            "/login", data={"username": login, "password": password, "csrf_token": token, **fields}
        )

    def token(self) -> str:
        """A CSRF token of this browser, as the forms of its pages carry one; that they do, `check_page` sees."""
        with self.browser.session_transaction() as kept, self.app.test_request_context():
            session.update(kept)
            token = generate_csrf()
            kept["csrf_token"] = session["csrf_token"]
        return token

    def address(self, endpoint: str, **values: Any) -> str:
        """The path of a view, or the path itself."""
        if endpoint.startswith("/"):
            return endpoint
        with self.app.test_request_context():
            return url_for(endpoint, **values)

    def get(self, endpoint: str, status: int = 200, **values: Any) -> BeautifulSoup:
        """A whole page, checked."""
        answer = self.browser.get(self.address(endpoint, **values))
        assert answer.status_code == status, f"{endpoint}: {answer.status} instead of {status}"
        return check_page(answer)

    def fragment(self, endpoint: str, element_id: str, status: int = 200, **values: Any) -> BeautifulSoup:
        """What htmx gets: one element with the expected id, plus toasts at most."""
        answer = self.browser.get(self.address(endpoint, **values), headers={"HX-Request": "true"})
        assert answer.status_code == status, f"{endpoint}: {answer.status} instead of {status}"
        return check_fragment(answer, element_id)

    def post(self, endpoint: str, data: dict | None = None, *, htmx: bool = False, **values: Any) -> TestResponse:
        """Send a form with its token."""
        fields = {"csrf_token": self.token(), **(data or {})}
        headers = {"HX-Request": "true"} if htmx else {}
        return self.browser.post(self.address(endpoint, **values), data=fields, headers=headers)


def check_page(answer: TestResponse) -> BeautifulSoup:
    """House 4.11: what each HTML page must be.

    Raises:
        AssertionError: naming what is missing.
    """
    body = answer.get_data(as_text=True)
    path = answer.request.path
    _check_markup(body)
    soup = BeautifulSoup(body, "html.parser")
    assert soup.html["lang"] == "en", path
    headings = soup.find_all("h1")
    assert len(headings) == 1, f"{path} has {len(headings)} h1"
    title, heading = soup.title.get_text().strip(), headings[0].get_text().strip()
    assert title.removeprefix("Error: ").startswith(heading), f"{path}: title {title!r} does not begin with {heading!r}"
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids)), f"{path}: ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    assert soup.select_one("a.skip[href='#main']"), f"{path} has no skip link"
    assert soup.select_one("main#main"), f"{path} has no main"
    _check_labels(soup, path)
    _check_numbers(soup, path)
    _check_forms(soup, path)
    _check_twins(soup, path)
    assert not soup.select("[style], script:not([src]), [onclick], [hx-on]"), f"{path}: inline style or script"
    if answer.status_code == 200:
        assert "HX-Request" in answer.headers.get("Vary", ""), f"{path} does not vary by HX-Request"
    _check_costs(answer, PAGE_BYTES)
    return soup


_SOUND: set[int] = set()


def _check_markup(body: str) -> None:
    """HTML5, strictly. Markup that differs in words and values only from some that was sound is sound too."""
    markup = hash(re.sub(r'"[^"]*"', '""', re.sub(r">[^<]*[^<\s][^<]*<", ">x<", body)))
    if markup not in _SOUND:
        html5lib.HTMLParser(strict=True).parse(body)
        _SOUND.add(markup)


def check_fragment(answer: TestResponse, element_id: str) -> BeautifulSoup:
    """One element with the expected id; toasts may ride along."""
    soup = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    tops = [tag for tag in soup.find_all(recursive=False) if not tag.has_attr("hx-swap-oob")]
    assert [tag.get("id") for tag in tops] == [element_id], f"got {[tag.get('id') for tag in tops]}"
    _check_costs(answer, FRAGMENT_BYTES)
    return soup


def _check_costs(answer: TestResponse, most_bytes: int) -> None:
    size = len(gzip.compress(answer.get_data(), 6))
    assert size <= most_bytes, f"{answer.request.path}: {size} bytes compressed, {most_bytes} allowed"
    queries = int(answer.headers.get("X-SQL-Count", 0))
    most = MOST_QUERIES if answer.request.method == "GET" else MOST_OF_A_CHANGE
    assert queries <= most, f"{answer.request.path}: {queries} queries, {most} allowed"


def _check_labels(soup: BeautifulSoup, path: str) -> None:
    labelled = {label.get("for") for label in soup.find_all("label")}
    for field in soup.select("input, select, textarea"):
        if field.get("type") in NOT_FIELDS or field.find_parent("label"):
            continue
        named = field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")
        assert named, f"{path}: field {field.get('name')} has no label"


def _check_numbers(soup: BeautifulSoup, path: str) -> None:
    """A browser shows a field of the type number empty when its value is written with commas: the figure is lost."""
    for field in soup.select("input[type=number][value]"):
        plain = re.fullmatch(r"(-?\d+(\.\d+)?)?", field["value"])
        assert plain or field.get("aria-invalid"), f"{path}: {field['name']} shows nothing instead of {field['value']}"


def _check_forms(soup: BeautifulSoup, path: str) -> None:
    for form in soup.find_all("form"):
        assert form.get("action"), f"{path}: a form without action"
        if form.get("method", "get").lower() == "post":
            assert form.select_one("input[name=csrf_token]"), f"{path}: form to {form['action']} has no CSRF token"


def _check_twins(soup: BeautifulSoup, path: str) -> None:
    """Each htmx request has a twin that works without JavaScript (house 7.5)."""
    for tag in soup.select("[hx-get], [hx-post]"):
        if tag.has_attr("list"):
            continue  # names are proposed while one types; what was typed is looked up at sending
        if tag.has_attr("hx-trigger") and ("every" in tag["hx-trigger"] or tag["hx-trigger"] == "change"):
            continue  # a polling region has a Refresh link; an inline check is repeated at sending
        assert tag.get("href") or tag.get("action"), f"{path}: <{tag.name}> speaks htmx only"
