"""Every page that can be opened is checked as a page: HTML5, one h1, labels, forms, twins, bytes, queries."""

from collections.abc import Iterator

import pytest
from flask import Flask, url_for
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.tenancy import bind_platform
from tests.budgets import hire_office
from tests.cast import Cast, foreign_rows, many_rows
from tests.client import check_page
from tests.factories import make_membership, make_user

NOT_PAGES = ("/static/",)


def pages_of(app: Flask, rows: dict[str, int], *, tenant: bool) -> list[str]:
    """The addresses of all GET routes inside an organization, or of the platform's administration."""
    found = []
    for rule in app.url_map.iter_rules():
        inside = "org" in rule.arguments
        if "GET" not in rule.methods or inside != tenant or (not tenant and not rule.rule.startswith("/admin/")):
            continue
        words = {
            name: next(iter(getattr(converter, "items", ["x"])))
            for name, converter in rule._converters.items()
            if not name.endswith("_id") and name != "org"
        }
        ids = {name: rows[name] for name in rule.arguments if name.endswith("_id")}
        with app.test_request_context():
            found.append(url_for(rule.endpoint, **ids, **words, **({"org": "MOH"} if inside else {})))
    return sorted(found)


def _hire_endorser(engine: Engine, cast: Cast) -> None:
    with Session(engine) as session:
        bind_platform(session, "tests")
        make_membership(session, make_user(session, "endorser"), cast.moh, "endorse", "allotment_certify", "accounting")
        session.commit()


@pytest.fixture(autouse=True)
def one_moment() -> Iterator[None]:
    """All pages are opened at once: after a minute a page would also note that the person was seen."""
    with clock.stopped_at(clock.now()):
        yield


@pytest.mark.parametrize(
    ("names", "tenant"), [(("jamila", "badar", "amina", "nurul", "endorser"), True), (("sitti",), False)]
)
def test_every_page_is_a_good_page(app, engine, cast: Cast, reader, names, tenant):
    """Each address is opened by the first of these people who may."""
    hire_office(engine, cast)
    _hire_endorser(engine, cast)
    browsers = [reader(name).browser for name in names]
    paths = pages_of(app, foreign_rows(engine, cast), tenant=tenant)
    assert len(paths) > 5
    seen = 0
    for path in paths:
        answer = next((found for each in browsers if (found := each.get(path)).status_code != 403), None)
        assert answer is not None, f"{path}: nobody may open it"
        assert answer.status_code in (200, 303, 404), f"{path}: {answer.status}"
        if answer.status_code == 200 and answer.mimetype == "text/html":
            check_page(answer)
            seen += 1
    assert seen > 5


@pytest.mark.parametrize(("name", "tenant"), [("jamila", True), ("sitti", False)])
def test_no_page_asks_more_often_because_there_are_more_rows(app, engine, cast: Cast, reader, name, tenant):
    """A page of one row each and a page of many cost the same number of statements."""
    browser = reader(name).browser
    paths = pages_of(app, foreign_rows(engine, cast), tenant=tenant)

    def statements() -> dict[str, str]:
        answers = {path: browser.get(path) for path in paths}
        return {path: one.headers["X-SQL-Count"] for path, one in answers.items() if one.status_code == 200}

    many_rows(engine, cast, 2)
    few = statements()
    many_rows(engine, cast, 30, first=2)
    assert len(few) > 5
    assert statements() == few


def test_public_pages_are_good_pages(reader):
    for path in ("/login", "/forgot", "/privacy", "/help/", "/help/roles/pilot_admin", "/reset/none"):
        check_page(reader().browser.get(path))
