"""No route shows or does anything to somebody from another organization (INV-1), whatever the method.

In full by the drill (BMMS_DRILL=1): every route, method, person and kind of request. Otherwise each route and method
with one foreign person, and a seeded draw of the rest.
"""

import os
import random

import pytest
from flask import Flask, url_for

from tests.cast import Cast, foreign_rows
from tests.client import Reader

WRITES = ("POST", "PUT", "PATCH", "DELETE")
STRANGERS = ("ben", "bai", "carla", "sitti", "dan")


def tenant_calls(app: Flask) -> list[tuple[str, str, set[str]]]:
    """(endpoint, method, names of ids) of every route inside an organization."""
    return sorted(
        (rule.endpoint, method, tuple(sorted(name for name in rule.arguments if name.endswith("_id"))))
        for rule in app.url_map.iter_rules()
        if "org" in rule.arguments
        for method in rule.methods - {"HEAD", "OPTIONS"}
    )


def path_of(app: Flask, endpoint: str, org: str, names: tuple[str, ...], rows: dict[str, int]) -> str:
    """The address of a route; a KeyError asks for a row in tests/cast.py."""
    rule = next(rule for rule in app.url_map.iter_rules(endpoint))
    words = {
        name: min(getattr(converter, "items", {"x"}))  # <any(…):verb> takes its own words only
        for name, converter in rule._converters.items()
        if name not in (*names, "org")
    }
    with app.test_request_context():
        return url_for(endpoint, org=org, **{name: rows[name] for name in names}, **words)


def ask(reader: Reader, method: str, path: str, token: str, htmx: bool):
    """One request, with all that a form would send."""
    headers = {"HX-Request": "true"} if htmx else {}
    data = {"csrf_token": token} if method in WRITES else None
    return reader.browser.open(path, method=method, data=data, headers=headers)


@pytest.fixture
def rows(app: Flask, engine, cast: Cast) -> dict[str, int]:
    """Rows of Health under the names that routes use."""
    return foreign_rows(engine, cast)


def test_a_foreign_organization_is_404_for_every_route_and_method(app, cast, reader, rows):
    everything = bool(os.environ.get("BMMS_DRILL"))
    draw = random.Random(20261122)
    readers = {name: reader(name) for name in STRANGERS}
    tokens = {name: one.token() for name, one in readers.items()}
    calls = tenant_calls(app)
    assert calls
    for endpoint, method, names in calls:
        people = STRANGERS if everything else ("ben", draw.choice(STRANGERS[1:]))
        for name in people:
            for htmx in (False, True) if everything else (draw.random() < 0.5,):
                path = path_of(app, endpoint, "MOH", names, rows)
                answer = ask(readers[name], method, path, tokens[name], htmx)
                assert answer.status_code == 404, f"{name} {method} {path}: {answer.status}"


def test_a_foreign_row_under_the_own_organization_is_404(app, cast, reader, rows):
    """Bai holds every permission in Education; rows of Health are not there for her."""
    bai = reader("bai")
    token = bai.token()
    for endpoint, method, names in tenant_calls(app):
        if not names:
            continue
        for htmx in (False, True):
            path = path_of(app, endpoint, "MBHTE", names, rows)
            answer = ask(bai, method, path, token, htmx)
            assert answer.status_code == 404, f"{method} {path}: {answer.status}"


def test_signed_out_requests_all_answer_the_same(app, cast, reader, rows):
    """Nothing tells which organizations or pages exist (D42)."""
    nobody = reader()
    for path in ("/moa/MOH/", "/moa/NONE/", "/moa/MOH/no/such/page"):
        answer = nobody.browser.get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/login"), path
    for endpoint, method, names in tenant_calls(app):
        answer = nobody.browser.open(path_of(app, endpoint, "MOH", names, rows), method=method)
        assert answer.status_code == (303 if method == "GET" else 401), endpoint


def test_the_isolation_test_would_notice_an_open_route(config, cast):
    """The census bites: a route that skips the scope is found."""
    from bmms.web.guard import SIGNED_IN, guard
    from tests.conftest import running

    with running(config) as leaky:

        @guard(SIGNED_IN)
        def leak(org: str = "") -> str:
            return "everything"

        leaky.add_url_rule("/leak/<org:org>", "leak", leak)
        leak.guard = type(leak.guard)("public")
        assert Reader(leaky, "ben").browser.get("/leak/MOH").status_code == 200


def test_a_lower_right_is_403_and_recorded_once(app, cast, reader, owner):
    from sqlalchemy import text

    badar = reader("badar")
    assert badar.browser.get("/moa/MOH/admin/audit").status_code == 403
    with owner.connect() as connection:
        found = connection.execute(
            text("SELECT organization_id, actor_id FROM audit_events WHERE action = 'access:denied'")
        )
        assert found.all() == [(cast.moh.id, cast.badar.id)]
