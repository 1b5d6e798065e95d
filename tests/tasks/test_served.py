"""Web and worker of a staging installation as processes of their own: their log, and maintenance in all of them."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from bmms.config import Config
from tests.tasks.conftest import DATA_KEY, PROJECT, Cast, wait_for

SECRET = "k9" * 30


@dataclass
class Served:
    """A web server with two processes, and its settings."""

    port: int
    environ: dict[str, str]
    log: Path

    def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers of an answer; each on a connection of its own, so that any process may give it."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)) as line:
            line.request("GET", path, headers={"Host": "staging.bmms.example"} | headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode(), dict(answer.headers)

    def answers(self) -> bool:
        """Does a process serve?"""
        try:
            return self.get("/health/")[0] == 200
        except OSError:
            return False

    def command(self, *words: str) -> str:
        """What `bmms …` prints in another terminal."""
        program = str(Path(sys.executable).with_name("bmms"))
        return subprocess.run([program, *words], env=self.environ, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def environ(queue_urls: dict[str, str], config: Config) -> dict[str, str]:
    """The settings of a staging installation."""
    return {
        "BMMS_ENV": "staging", "BMMS_INSTANCE": str(config.instance), "SECRET_KEY": SECRET, "DATA_KEYS": DATA_KEY,
        "DATABASE_URL": queue_urls["app"], "BASE_URL": "https://staging.bmms.example", "PILOT_MODE": "true",
        "ALLOWED_HOSTS": "staging.bmms.example", "CSRF_TRUSTED_ORIGINS": "https://staging.bmms.example",
        "EMAIL_HOST": "127.0.0.1", "DEFAULT_FROM_EMAIL": "BMMS <no-reply@bmms.gov.ph>",
        "PYTHONPATH": str(PROJECT), "PATH": os.environ["PATH"],
    }  # fmt: skip


@pytest.fixture
def served(environ: dict[str, str], config: Config) -> Iterator[Served]:
    """It serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = config.instance / "web.log"
    program = str(Path(sys.executable).with_name("granian"))
    argv = [program, "--interface", "wsgi", "--port", str(port), "--workers", "2", "wsgi:app"]
    argv += ["--log-config", "deploy/granian-log.json"]
    with log.open("ab") as output:
        process = subprocess.Popen(argv, env=environ, cwd=PROJECT, stderr=output, start_new_session=True)
    made = Served(port, environ, log)
    try:
        wait_for(lambda: made.answers() or process.poll() is not None, 60, "the web server")
        assert process.poll() is None, log.read_text()
        yield made
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def read(log: Path) -> list[dict]:
    """The lines of a log, each of which must be an object."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_request_can_be_found_in_the_log_of_the_web(served: Served) -> None:
    status, _, headers = served.get("/login?next=/moa/MOH/private")
    assert status == 200
    served.get("/reset/a-secret-token")
    lines = read(served.log)
    assert "_granian" in {line["logger"] for line in lines}, "the server's own lines are objects, too"
    [line] = [line for line in lines if line.get("request_id") == headers["x-request-id"]]
    assert (line["method"], line["path"], line["status"], line["level"]) == ("GET", "/login", 200, "info")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00", line["time"])
    for secret in ("private", "a-secret-token", SECRET, DATA_KEY, served.environ["DATABASE_URL"]):
        assert secret not in served.log.read_text()


def test_a_job_can_be_found_in_the_log_of_the_worker(
    make_app: Callable[..., Flask], environ: dict[str, str], start_worker: Callable[..., subprocess.Popen]
) -> None:
    work = Cast(make_app(secret_key=SECRET))  # the worker takes only what is signed with its key
    moh = work.organization()
    amina = work.person(moh)
    worker = start_worker(**environ)
    good = work.start("sample_units", amina, moh, rows=1)
    bad = work.start("sample_wrong", amina, moh, until=99, telling="k7@WrPx#9tMzd4eh")
    wait_for(lambda: work.job(good).status == "done", 20, "the job")
    wait_for(lambda: work.job(bad).attempts == 1 and work.job(bad).status == "queued", 20, "the failure")
    os.killpg(worker.pid, signal.SIGTERM)
    worker.wait(120)
    lines = read(worker.log)  # type: ignore[attr-defined]
    [done] = [line for line in lines if line.get("job_id") == good and line["message"].endswith("done")]
    assert (done["task"], done["attempt"], done["organization_id"], done["user_id"]) == (
        "sample_units", 1, moh.id, amina.id,
    )  # fmt: skip
    [failed] = [line for line in lines if line.get("job_id") == bad and line["level"] == "error"]
    assert failed["traceback"][-1].endswith(" go_wrong")
    assert {"time", "level", "logger", "message"} <= set.intersection(*map(set, lines))
    for private in ("Amina", "moh.example", "k7@WrPx#9tMzd4eh", SECRET, DATA_KEY, environ["DATABASE_URL"]):
        assert private not in worker.log.read_text()  # type: ignore[attr-defined]


def test_maintenance_is_seen_at_once_by_all_processes(served: Served) -> None:
    assert {served.get("/login")[0] for _ in range(8)} == {200}
    said = served.command("maintenance", "on", "--message", "A new version is being installed.")
    assert said == "Maintenance is on. People read: A new version is being installed.\n"
    for _ in range(8):
        status, page, headers = served.get("/login")
        assert (status, headers["retry-after"]) == (503, "300")
        assert "A new version is being installed." in page
    style = re.search(r"/static/bmms\.\w+\.css", page)[0]  # type: ignore[index]
    assert served.get(style)[0] == 200
    assert served.get("/health/")[0] == 200
    assert json.loads(served.get("/ready/")[1])["maintenance"] == "on"
    assert served.command("maintenance", "off") == "Maintenance is off.\n"
    assert {served.get("/login")[0] for _ in range(8)} == {200}
