"""What a browser has to fetch, compressed as served (decision D15, house 7.2). 1 KB is 1,024 bytes."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask

from bmms.blueprints.styleguide import bp
from bmms.web.assets import SOURCE
from tests.small_app import make_app

KB = 1024
BUDGETS = {
    "bmms.css": 12 * KB,
    "bmms.js": 2 * KB,
    "document.css": 3 * KB,  # for the worker; no browser asks for it
    "draft.js": 2 * KB,
    "htmx.min.js": 14 * KB,
    "icons.svg": 4 * KB,
    "favicon.svg": KB,
}
PAGE, FRAGMENT = 14 * KB, 6 * KB


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    made = make_app(tmp_path_factory.mktemp("static"))
    made.register_blueprint(bp)
    return made


@pytest.mark.parametrize("encoding", ["br", "gzip"])
@pytest.mark.parametrize("name", BUDGETS)
def test_static_files_keep_their_budget(app: Flask, name: str, encoding: str) -> None:
    url = app.extensions["assets"].url(name)
    answer = app.test_client().get(url, headers={"Accept-Encoding": encoding}, buffered=True)
    assert answer.headers["Content-Encoding"] == encoding
    assert len(answer.data) <= BUDGETS[name]


def test_every_static_file_has_a_budget() -> None:
    assert {path.name for path in SOURCE.iterdir() if path.suffix != ".md"} == set(BUDGETS)


@pytest.mark.parametrize("url", ["/", "/forms", "/data", "/ways", "/return", "/paper"])
def test_pages_of_the_style_guide_keep_theirs(app: Flask, url: str) -> None:
    answer = app.test_client().get(f"/style-guide{url}")
    assert answer.status_code == 200
    assert len(gzip.compress(answer.data, 9)) <= PAGE


@pytest.mark.parametrize("url", ["/data?q=a&sort=-name", "/ways?percent=40"])
def test_fragments_keep_theirs(app: Flask, url: str) -> None:
    answer = app.test_client().get(f"/style-guide{url}", headers={"HX-Request": "true"})
    assert answer.text.startswith("<section id=")
    assert len(gzip.compress(answer.data, 9)) <= FRAGMENT


def test_vendored_files_are_what_the_table_says() -> None:
    table = (SOURCE / "VENDORED.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \|.*?`([0-9a-f]{64})`", table, re.MULTILINE)
    assert [name for name, _ in rows] == ["htmx.min.js"]
    for name, sum_ in rows:
        assert hashlib.sha256((SOURCE / name).read_bytes()).hexdigest() == sum_
    assert 'version="4.0.1"' in (SOURCE / "htmx.min.js").read_text()


def test_the_sheet_and_the_script_ask_for_nothing_else() -> None:
    for name in ("bmms.css", "document.css", "bmms.js", "draft.js", "icons.svg", "favicon.svg"):
        text = Path(SOURCE / name).read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.|@import|@font-face|url\(", text), name
