"""Static files over real WSGI requests: fingerprints, encodings, caching, and builds that start at once."""

import gzip
import subprocess
import sys
import time
from pathlib import Path

import brotli
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from bmms.web.assets import SOURCE, AssetError, Manifest, build_assets, init_assets

ROOT = Path(__file__).parents[2]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "page.css").write_text("body { margin: 0; }\n" * 50)
    (folder / "NOTES.md").write_text("not for browsers")
    return folder


@pytest.fixture
def app(tmp_path: Path, source: Path) -> Flask:
    made = Flask(__name__, static_folder=None)
    init_assets(made, tmp_path / "static", source)
    return made


@pytest.fixture
def manifest(app: Flask) -> Manifest:
    return app.extensions["assets"]


def fetch(app: Flask, url: str, encodings: str = "", method: str = "GET", **headers: str) -> TestResponse:
    return Client(app.wsgi_app, TestResponse).open(
        url, method=method, headers={"Accept-Encoding": encodings, **headers}, buffered=True
    )


def test_a_name_carries_eight_digits_of_the_content(manifest: Manifest, source: Path) -> None:
    url = manifest.url("page.css")
    assert len(url) == len("/static/page.12345678.css")
    (source / "page.css").write_text("body { margin: 1px; }")
    assert build_assets(source, manifest.folder).url("page.css") != url


def test_notes_are_not_served(manifest: Manifest) -> None:
    with pytest.raises(AssetError, match=r"no static file 'NOTES\.md'; there are page\.css"):
        manifest.url("NOTES.md")


def test_the_path_of_an_address_is_the_file_itself(manifest: Manifest, source: Path) -> None:
    path = manifest.path(manifest.url("page.css"))
    assert path is not None
    assert path.read_bytes() == (source / "page.css").read_bytes()
    assert manifest.path("/static/../secret") is None


@pytest.mark.parametrize(
    ("accepts", "encoding", "decode"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("gzip;q=1.0, br;q=0", "gzip", gzip.decompress),
        ("", None, bytes),
        ("identity", None, bytes),
        ("gzip;q=0, br;q=0.0", None, bytes),
        ("*", None, bytes),
    ],
)
def test_the_browser_gets_an_encoding_that_it_accepts(app, manifest, source, accepts, encoding, decode) -> None:
    answer = fetch(app, manifest.url("page.css"), accepts)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == encoding
    assert decode(answer.data) == (source / "page.css").read_bytes()
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_file_is_kept_for_a_year_and_never_changes(app: Flask, manifest: Manifest) -> None:
    headers = fetch(app, manifest.url("page.css")).headers
    assert headers["Cache-Control"] == "max-age=31536000, public, immutable"
    assert headers["Content-Type"] == 'text/css; charset="utf-8"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers
    again = fetch(app, manifest.url("page.css"), **{"If-None-Match": headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_head_tells_the_same_without_a_body(app: Flask, manifest: Manifest) -> None:
    answer = fetch(app, manifest.url("page.css"), "br", method="HEAD")
    assert answer.status_code == 200
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize(
    "url",
    [
        "/static/page.css",
        "/static/page.00000000.css",
        "/static/",
        "/static/NOTES.md",
        "/static/../source/page.css",
        "/static/%2e%2e/source/page.css",
    ],
)
def test_anything_else_is_not_found(app: Flask, url: str) -> None:
    assert fetch(app, url).status_code == 404


def test_compressed_variants_have_no_address_of_their_own(app: Flask, manifest: Manifest) -> None:
    for ending in (".br", ".gz"):
        assert (manifest.folder / (manifest.names["page.css"] + ending)).exists()
        assert fetch(app, manifest.url("page.css") + ending).status_code == 404


def test_static_files_cannot_be_posted_to(app: Flask, manifest: Manifest) -> None:
    assert fetch(app, manifest.url("page.css"), method="POST").status_code == 405


def test_pages_opened_before_an_upgrade_still_find_their_sheet(tmp_path: Path, source: Path) -> None:
    old = build_assets(source, tmp_path / "static").url("page.css")
    (source / "page.css").write_text("body { color: green; }")
    app = Flask(__name__, static_folder=None)
    new = init_assets(app, tmp_path / "static", source).url("page.css")
    assert old != new
    assert fetch(app, old).status_code == fetch(app, new).status_code == 200


def test_building_again_writes_nothing(manifest: Manifest, source: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in manifest.folder.iterdir()}
    assert len(before) == 3
    time.sleep(0.01)
    assert build_assets(source, manifest.folder) == manifest
    assert {path.name: path.stat().st_mtime_ns for path in manifest.folder.iterdir()} == before


def test_three_processes_may_build_at_once(tmp_path: Path) -> None:
    target = tmp_path / "static"
    program = (
        "import sys, pathlib\n"
        "from bmms.web.assets import SOURCE, build_assets\n"
        "sys.stdin.read()\n"
        "print(sorted(build_assets(SOURCE, pathlib.Path(sys.argv[1])).names.values()))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(target)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    time.sleep(1)  # all have imported and wait for their input to end
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    answers = [process.communicate(timeout=600) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], answers
    assert len({names for names, _ in answers}) == 1
    names = build_assets(SOURCE, target).names
    assert {path.name for path in target.iterdir()} == {
        f"{name}{ending}" for name in names.values() for ending in ("", ".br", ".gz")
    }
    for name, printed in names.items():
        content = (SOURCE / name).read_bytes()
        assert (target / printed).read_bytes() == content
        assert brotli.decompress((target / f"{printed}.br").read_bytes()) == content
        assert gzip.decompress((target / f"{printed}.gz").read_bytes()) == content


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, source: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(AssetError, match="taken/static: Not a directory. Make the folder writable"):
        build_assets(source, tmp_path / "taken" / "static")


def test_a_template_that_names_a_missing_file_fails_loudly(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(AssetError, match=r"no static file 'pag\.css'"):
        app.jinja_env.from_string("{{ asset_url('pag.css') }}").render()
