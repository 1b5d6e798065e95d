"""The log of requests: one JSON object a line, enough to find what happened, and nothing that is nobody's business."""

import json
import logging
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bmms import log_lines
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.web.guard import guard
from tests.client import Reader
from tests.conftest import running
from tests.logged import lines_of


def requests_of(lines: list[dict]) -> list[dict]:
    """The lines that end a request."""
    return [line for line in lines if line["logger"] == "bmms.requests"]


def test_a_line_says_who_asked_for_what_where_and_how_it_went(app, reader, cast):
    amina = reader("amina")
    with lines_of(app) as lines:
        answer = amina.browser.get("/moa/MOH/search?q=Salik&page=1")
    [line] = requests_of(lines)
    assert list(line)[:4] == ["time", "level", "logger", "message"]
    moment = datetime.fromisoformat(line.pop("time"))
    assert moment.utcoffset() == timedelta(hours=8)
    assert abs(datetime.now(moment.tzinfo) - moment) < timedelta(minutes=1)
    assert line.pop("milliseconds") >= 0
    assert line.pop("queries") > 0
    assert line == {
        "level": "info", "logger": "bmms.requests", "message": "request", "method": "GET", "path": "/moa/MOH/search",
        "request_id": answer.headers["X-Request-Id"], "status": 200, "endpoint": "workplace.search_results",
        "user_id": cast.amina.id, "organization": "MOH",
    }  # fmt: skip
    assert "Salik" not in json.dumps(lines)


def test_what_is_bound_for_one_request_does_not_stay_for_the_next(app, reader):
    amina = reader("amina")
    with lines_of(app) as lines:
        amina.browser.get("/moa/MOH/")
        reader().browser.get("/login")
        logging.getLogger("bmms.elsewhere").warning("outside of requests")
    inside, signed_out = requests_of(lines)
    assert inside["organization"] == "MOH"
    assert not {"organization", "user_id"} & set(signed_out)
    assert set(lines[-1]) == {"time", "level", "logger", "message"}


def test_probes_leave_a_line_only_when_something_is_the_matter(app, reader):
    with lines_of(app) as lines:
        reader().browser.get("/health/")
        assert reader().browser.get("/ready/").status_code == 503, "no worker runs beside this test"
    assert [(line["path"], line["status"]) for line in requests_of(lines)] == [("/ready/", 503)]


def test_no_secret_of_a_path_and_no_value_of_a_form_is_written(app, reader):
    nobody = reader()
    with lines_of(app) as lines:
        nobody.browser.get("/reset/a-secret-token")
        nobody.post("/login", {"username": "amina-the-typed", "password": "the-typed-password"})
    assert [line["path"] for line in requests_of(lines)] == ["/reset/…", "/login"]
    for secret in ("a-secret-token", "amina-the-typed", "the-typed-password"):
        assert secret not in json.dumps(lines)


@pytest.fixture
def broken(config, cast):
    """An application with views that go wrong while they hold something private."""
    with running(config) as app:

        @guard(Permission.HOME_VIEW)
        def statement():
            db.session.execute(text("SELECT CAST(:name AS integer)"), {"name": "Amina Salik"})

        @guard(Permission.HOME_VIEW)
        def chained():
            try:
                int("amina@moh.example")
            except ValueError as wrong:
                raise LookupError("no room for 'Amina Salik'") from wrong

        app.add_url_rule("/moa/<org:org>/statement", "statement", statement)
        app.add_url_rule("/moa/<org:org>/chained", "chained", chained)
        yield app


def test_an_error_tells_its_way_and_keeps_what_it_was_about(broken):
    amina = Reader(broken, "amina")
    with lines_of(broken) as lines:
        answers = [amina.browser.get(f"/moa/MOH/{name}") for name in ("statement", "chained")]
    assert [answer.status_code for answer in answers] == [500, 500]
    first, second = [line for line in lines if line["logger"] == "bmms.errors"]
    assert first["exception"].startswith("InvalidTextRepresentation 22P02 (tests/web/test_logs.py:")
    assert second["exception"].startswith("LookupError: no room for … (tests/web/test_logs.py:")
    assert second["because"].startswith("ValueError: ")
    assert second["traceback"][-1].startswith("tests/web/test_logs.py:")
    assert second["traceback"][-1].endswith(" chained")
    assert (second["request_id"], second["level"]) == (answers[1].headers["X-Request-Id"], "error")
    assert second["organization"] == "MOH"
    assert not [step for line in (first, second) for step in line["traceback"] if step.startswith("/")]
    for private in ("Amina", "Salik", "moh.example"):
        assert private not in json.dumps(lines)


def test_in_development_lines_are_for_people(app):
    formatter = log_lines.formatter(app.extensions["installation"].config)
    record = logging.makeLogRecord({"name": "bmms.jobs", "levelname": "INFO", "levelno": 20, "msg": "swept", "n": 3})
    line = formatter.format(record)
    assert "swept" in line
    assert "n=3" in line
    with pytest.raises(ValueError, match="Expecting value|Extra data"):
        json.loads(line)
