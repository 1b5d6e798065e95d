"""nginx with the site of `deploy/` in a folder of its own, before a web server that its unit's command starts."""

import http.client
import os
import re
import secrets
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from bmms.launch.packages import find_nginx
from tests.deployment.units import DEPLOY, INSTALLED, free_port, web_server
from tests.drill.storm import TOKEN
from tests.tasks.post import make_certificate

NAME = "staging.bmms.gov.ph"
SITE = DEPLOY / "nginx" / "bmms.conf"
MAIN = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    types {{ text/html html; }}
    gzip on;
    gzip_types *;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode()

    def all(self, name: str) -> list[str]:
        """Every header of this name."""
        return self.headers.get_all(name) or []


@dataclass
class Site:
    """nginx at work."""

    folder: Path
    plain: int
    tls: int
    upstream: int

    def ask(
        self, path: str, method: str = "GET", *, by: str = "127.0.0.1", body: bytes | None = None, **headers: str
    ) -> Answer:
        """One request over TLS, from an address of this machine."""
        context = ssl.create_default_context(cafile=str(self.folder / "server.pem"))
        context.check_hostname = False
        line = http.client.HTTPSConnection(
            "127.0.0.1", self.tls, timeout=60, context=context, source_address=(by, 0)
        )  # fmt: skip
        return self._ask(line, method, path, body, headers)

    def ask_plain(self, path: str, host: str = NAME) -> Answer:
        """One request without TLS."""
        return self._ask(
            http.client.HTTPConnection("127.0.0.1", self.plain, timeout=60), "GET", path, None, {"Host": host}
        )

    @staticmethod
    def _ask(
        line: http.client.HTTPConnection, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer:
        words = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(line):
            line.request(method, path, body, {"Host": NAME} | words)
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def sign_in(self, username: str, password: str) -> str:
        """Through the form; where its answer leads."""
        page = self.ask("/login")
        cookies = SimpleCookie("; ".join(page.all("Set-Cookie")))
        cookie = "; ".join(f"{name}={each.value}" for name, each in cookies.items())
        found = TOKEN.search(page.text)
        assert found
        body = urlencode({"username": username, "password": password, "csrf_token": found[1]}).encode()
        answer = self.ask("/login", "POST", body=body, Cookie=cookie, Referer=f"https://{NAME}/login",
                          Content_Type="application/x-www-form-urlencoded")  # fmt: skip
        assert answer.status == 303, answer.text
        return urlsplit(answer.headers["Location"]).path

    def logged(self) -> str:
        """Everything that nginx has written down."""
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))


def write_site(folder: Path, upstream: int) -> Site:
    """The site as it stands in `deploy/`, with other ports, paths and certificate; and a main file around it."""
    site = Site(folder, free_port(), free_port(), upstream)
    certificate = make_certificate(folder)
    text = SITE.read_text()
    for old, new, times in (
        (r"listen 80;", f"listen 127.0.0.1:{site.plain};", 1),
        (r"listen 443 ", f"listen 127.0.0.1:{site.tls} ", 1),
        (r"\n *listen \[::\][^;]*;", "", 2),
        (r"/etc/ssl/bmms/(fullchain|key)\.pem", str(certificate), 2),
        (r"/var/log/nginx/bmms\.log", f"{folder}/access.log", 1),
        (r"http://127\.0\.0\.1:8000;", f"http://127.0.0.1:{upstream};", 3),
        (re.escape(f"{INSTALLED}/deploy/"), f"{DEPLOY}/", 1),
    ):
        text, count = re.subn(old, new, text)
        assert count == times, old
    (folder / "site.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    return site


def nginx_argv(folder: Path, *more: str) -> list[str]:
    """nginx with the main file of a folder."""
    program = find_nginx()
    assert program, "nginx is missing: install it (apt-get install nginx-light), or leave it out with BMMS_SKIP=ops"
    return [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf"), *more]


@contextmanager
def nginx(site: Site) -> Iterator[Site]:
    """It serves; stopped afterwards."""
    process = subprocess.Popen(nginx_argv(site.folder), stderr=subprocess.PIPE, process_group=0)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                site.ask_plain("/")
                break
            except OSError:
                assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield site
    finally:
        process.terminate()
        process.wait(20)
        if process.stderr:
            process.stderr.close()


@pytest.fixture(scope="module")
def environ(database: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of a staging installation on the database of these tests."""
    return {
        "BMMS_ENV": "staging", "BMMS_INSTANCE": str(tmp_path_factory.mktemp("instance")),
        "SECRET_KEY": secrets.token_urlsafe(48), "DATA_KEYS": secrets.token_urlsafe(48),
        "DATABASE_URL": database["DATABASE_URL"], "BASE_URL": f"https://{NAME}", "PILOT_MODE": "true",
        "ALLOWED_HOSTS": NAME, "CSRF_TRUSTED_ORIGINS": f"https://{NAME}", "TRUSTED_PROXIES": "1",
        "SECURE_HSTS_SECONDS": "604800", "LIMIT_VERIFY": "2 per hour", "EMAIL_HOST": "127.0.0.1",
        "DEFAULT_FROM_EMAIL": "BMMS <no-reply@bmms.gov.ph>", "PYTHONPATH": str(DEPLOY.parent),
        "PATH": os.environ["PATH"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def site(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """nginx before a web server of one process, so that its limits count exactly."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    with web_server(environ, folder / "web.out", port, processes=1), nginx(write_site(folder, port)) as made:
        yield made


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Site]:
    """nginx before nothing."""
    with nginx(write_site(tmp_path, free_port())) as made:
        yield made
