"""The site of nginx: a real nginx, TLS, and BMMS behind it."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import brotli
import pytest
from flask import Flask, render_template

from bmms.web.headers import UNTRACEABLE
from tests.deployment.conftest import SITE, Site, nginx_argv, write_site
from tests.deployment.units import DEPLOY, free_port

pytestmark = [pytest.mark.ops, pytest.mark.xdist_group("site")]

MOST = 12 * 1024 * 1024
OTHER = "127.0.0.2"


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """`nginx -t`."""
    return subprocess.run(nginx_argv(folder, "-t"), capture_output=True, text=True, check=False)


def test_nginx_accepts_the_site_and_would_not_accept_a_mistake(tmp_path: Path) -> None:
    write_site(tmp_path, free_port())
    tried = check(tmp_path)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr
    site = tmp_path / "site.conf"
    site.write_text(site.read_text().replace("limit_conn bmms_open", "limit_conn bmms_opened"))
    tried = check(tmp_path)
    assert tried.returncode == 1
    assert 'zero size shared memory zone "bmms_opened"' in tried.stderr


def test_who_comes_without_tls_is_sent_on_to_our_own_name(site: Site) -> None:
    for host in ("staging.bmms.gov.ph", "bmms.attacker.example"):
        answer = site.ask_plain("/moa/MOH/?year=2026", host)
        assert answer.status == 301
        assert answer.all("Location") == ["https://staging.bmms.gov.ph/moa/MOH/?year=2026"]


def test_bmms_answers_by_its_name_and_sends_its_header_of_transport_once(site: Site) -> None:
    answer = site.ask("/login")
    assert answer.status == 200
    assert answer.all("Strict-Transport-Security") == ["max-age=604800; includeSubDomains; preload"]
    assert "nginx/" not in answer.headers.get("Server", "")
    assert len(answer.all("Content-Security-Policy")) == 1
    assert any(cookie.startswith("__Host-bmms=") and "; Secure" in cookie for cookie in answer.all("Set-Cookie"))
    assert site.ask("/login", Host="another.example").status == 400


@pytest.mark.parametrize(("encoding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_what_travels_is_compressed_once(site: Site, encoding: str, unpack) -> None:
    page = site.ask("/login", Accept_Encoding=encoding)
    assert page.all("Content-Encoding") == [encoding]
    style = re.search(r"/static/bmms\.[0-9a-f]{8}\.css", unpack(page.body).decode())
    assert style
    asset = site.ask(style[0], Accept_Encoding=encoding)
    assert asset.all("Content-Encoding") == [encoding]
    assert b"--ink" in unpack(asset.body)
    assert asset.all("Cache-Control") == ["max-age=31536000, public, immutable"]
    assert site.ask("/login", Accept_Encoding="identity").all("Content-Encoding") == []


def test_an_upload_may_be_as_large_as_bmms_takes_it(site: Site, app: Flask) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] == MOST
    for _ in range(20):  # it answers before it has read all, so some of them would find the line broken off
        assert site.ask("/login", "POST", body=b"x" * MOST).all("X-Request-Id"), "BMMS itself has answered"
    answer = site.ask("/login", "POST", body=b"", Content_Length=str(MOST + 1))
    assert answer.status == 413
    assert answer.all("X-Request-Id") == []
    assert "The file is too large" in answer.text


def test_limits_count_by_the_visitor_who_cannot_say_who_it_is(site: Site) -> None:
    def ask(by: str, **headers: str) -> int:
        return site.ask("/verify/0123456789abcdef", by=by, **headers).status

    assert [ask("127.0.0.1"), ask("127.0.0.1", X_Forwarded_For="203.0.113.9")].count(429) == 0
    assert ask("127.0.0.1", X_Forwarded_For="203.0.113.10") == 429
    assert ask(OTHER, X_Forwarded_For="127.0.0.1") != 429


def test_a_page_of_bmms_that_says_503_stays_as_it_is(site: Site, environ: dict[str, str]) -> None:
    held = Path(environ["BMMS_INSTANCE"], "maintenance")
    held.touch()
    try:
        answer = site.ask("/login")
        assert (answer.status, answer.all("Retry-After")) == (503, ["300"])
        assert "BMMS is being maintained" in answer.text
        assert json.loads(site.ask("/ready/").text)["maintenance"] == "on"
    finally:
        held.unlink()


def test_when_bmms_is_away_people_read_so_and_machines_are_told(alone: Site) -> None:
    for method in ("GET", "POST"):
        answer = alone.ask("/moa/MOH/execution/", method)
        assert answer.status == 503
        assert (answer.all("Retry-After"), answer.all("Cache-Control")) == (["30"], ["no-store"])
        assert "BMMS is not available at the moment" in answer.text
    assert alone.ask("/health/").status == 503
    assert alone.ask("/bmms-pages/away.html").status == 404


def test_a_program_that_guesses_is_stopped_before_bmms_and_nobody_else_is(alone: Site) -> None:
    seen = [alone.ask("/login", "POST") for _ in range(120)]
    assert {answer.status for answer in seen[:60]} == {503}
    stopped = [answer for answer in seen if answer.status == 429]
    assert stopped
    assert "Too many tries" in stopped[0].text
    assert alone.ask("/login", "POST", by=OTHER).status == 503
    assert alone.ask("/").status == 503, "other pages are another matter"


def test_no_secret_of_a_link_is_written_down_and_no_query_of_a_visit(alone: Site) -> None:
    for kind in UNTRACEABLE:
        assert alone.ask(f"{kind}a-secret-of-a-link").status == 503
    alone.ask("/login?next=/moa/MOH/private")
    written = alone.logged()
    for kind in UNTRACEABLE:
        assert f'"GET {kind}..." 503' in written
    assert '"GET /login" 503' in written
    assert "a-secret-of-a-link" not in written
    assert "private" not in (alone.folder / "access.log").read_text()


@pytest.mark.parametrize(("page", "error"), [("away", "503"), ("too-large", "413"), ("too-many", "429")])
def test_the_pages_of_nginx_say_what_those_of_bmms_say(app: Flask, page: str, error: str) -> None:
    def words(text: str) -> list[str]:
        text = re.sub(r"(?s)<style>.*?</style>|<header.*?</header>|<footer.*?</footer>|.*<body[^>]*>", "", text)
        found = re.findall(r"(?s)<(?:h1|h2|p)[^>]*>(.*?)</(?:h1|h2|p)>", text)
        texts = (" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in found)
        return [text for text in texts if text]

    with app.test_request_context():
        ours = words(render_template(f"errors/{error}.html", message="", reference="", retry_after=0))
    theirs = words((DEPLOY / "nginx" / "pages" / f"{page}.html").read_text())
    assert len(theirs) == 5
    assert theirs[:4] == ours[:4]


def test_the_limits_are_looser_than_those_of_bmms() -> None:
    """120 sign-ins a minute by address (decision D30)."""
    text = SITE.read_text()
    [rate] = re.findall(r"zone=bmms_sign_in:\w+ rate=(\d+)r/s", text)
    assert int(rate) * 60 > 120
