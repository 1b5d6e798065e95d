"""What each page costs: bytes as sent (gzip), statements, and time beside that of an answer with one statement
and no template in the same run.

Run by `make bench` on the pilot that `make run` has loaded; signs in with `instance/demo-signins.csv`. Nothing but the
sign-ins themselves is changed.
"""

import csv
import gzip
import re
import statistics
import time
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bmms.app import complete, create_app
from bmms.config import Limits, from_environ
from bmms.extensions import db
from bmms.web.guard import PUBLIC, guard

ROUNDS = 15
VISITS = {
    "moh_planner": ("/moa/MOH/", "/account/", "/organizations"),
    "moh_admin": (
        "/moa/MOH/",
        "/moa/MOH/admin/",
        "/moa/MOH/admin/users",
        "/moa/MOH/admin/audit",
        "/moa/MOH/admin/mail",
        "/moa/MOH/admin/units",
        "/moa/MOH/search?q=a",
    ),
    "superadmin": ("/admin/", "/admin/users", "/admin/organizations", "/admin/audit"),
}


def sign_in(app: Flask, username: str, password: str) -> FlaskClient:
    """A browser with this person signed in and the privacy notice accepted."""
    browser = app.test_client()

    def token(path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(path).get_data(as_text=True))
        return found[1] if found else ""

    browser.post("/login", data={"username": username, "password": password, "csrf_token": token("/login")})
    browser.post("/account/privacy", data={"accepted": "y", "csrf_token": token("/account/privacy")})
    return browser


def milliseconds(browser: FlaskClient, path: str) -> float:
    """The median of a few visits."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        browser.get(path)
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def main() -> None:
    """Print one line for each page."""
    config = complete(from_environ())
    app = create_app(replace(config, bench=True, log_level="ERROR", limits=Limits(*(["100000 per minute"] * 8))))
    with (config.instance / "demo-signins.csv").open() as file:
        passwords = {row["username"]: row["password"] for row in csv.DictReader(file)}
    app.add_url_rule("/floor/", "floor", guard(PUBLIC)(lambda: str(db.session.scalar(text("SELECT 1")))))
    floor = milliseconds(app.test_client(), "/floor/")
    print(f"One statement without a template takes {floor:.1f} ms here; times below are multiples of it.")
    print(f"{'person':14}{'page':28}{'status':>7}{'bytes':>8}{'queries':>9}{'time':>7}")
    for username, paths in VISITS.items():
        browser = sign_in(app, username, passwords[username])
        for path in paths:
            answer = browser.get(path)
            size = len(gzip.compress(answer.get_data(), 6))
            queries = answer.headers.get("X-SQL-Count", "?")
            ratio = milliseconds(browser, path) / floor
            print(f"{username:14}{path:28}{answer.status_code:>7}{size:>8}{queries:>9}{ratio:>6.1f}x")


if __name__ == "__main__":
    main()
