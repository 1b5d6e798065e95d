"""Maintenance: every page says so, with htmx and without; nothing typed is lost; `off` opens everything again."""

import json
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text

from bmms.domain import clock
from bmms.domain.platform import maintenance
from tests.client import check_page
from tests.conftest import running

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=clock.MANILA)


@pytest.fixture
def command(app):
    """Runs `bmms maintenance …` as an operator does; whatever it left on is off after the test."""
    runner = app.test_cli_runner()

    def run(*words: str, code: int = 0) -> str:
        ran = runner.invoke(args=["maintenance", *words])
        assert ran.exit_code == code, ran.output
        return ran.output

    yield run
    maintenance.switch_off(app.extensions["installation"].config.instance)


PAGES = ("/", "/login", "/moa/MOH/", "/organizations", "/admin/", "/help/", "/reset/x", "/verify/x", "/no/such/page")


def test_every_page_says_so_to_everybody(command, reader):
    readers = [reader(), reader("amina"), reader("sitti")]
    command("on", "--message", "A new version is being installed.")
    for one in readers:
        for path in PAGES:
            answer = one.browser.get(path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "300"), path
            page = check_page(answer)
            assert page.h1.get_text() == "BMMS is being maintained"
            assert page.title.get_text() == "BMMS is being maintained – BMMS"
            assert "A new version is being installed." in page.main.get_text()
            assert "Nothing that you saved or typed is lost." in page.main.get_text()
            assert page.select_one("main a.button")["href"] == path
            assert "Set-Cookie" not in answer.headers, "nobody is signed out, nothing is told later"


def test_htmx_gets_a_toast_and_the_page_stays_as_it_is(command, reader):
    amina = reader("amina")
    with clock.stopped_at(NOON):
        command("on", "--until", "14:30", "--message", "<b>Soon.</b>")
        for method in ("get", "post"):
            answer = getattr(amina.browser, method)("/moa/MOH/search?q=a", headers={"HX-Request": "true"})
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "9000")
            assert answer.headers["HX-Reswap"] == "none"
            region = BeautifulSoup(answer.get_data(as_text=True), "html5lib").select_one("[hx-swap-oob]")
            assert region["hx-swap-oob"] == "innerHTML:#toasts"
            said = "BMMS is being maintained. Nothing that you have typed is lost. It is expected to end at 14:30."
            assert f"{said} <b>Soon.</b>" in region.get_text()
    command("off")
    assert "being maintained" not in amina.get("workplace.my_work", org="MOH").get_text(), "no toast comes late"


def test_a_boosted_link_and_a_way_back_get_the_page(command, reader):
    amina = reader("amina")
    command("on")
    for name in ("HX-Boosted", "HX-History-Restore-Request"):
        answer = amina.browser.get("/moa/MOH/", headers={"HX-Request": "true", name: "true"})
        assert answer.status_code == 503
        assert check_page(answer).h1.get_text() == "BMMS is being maintained"


def test_a_form_that_is_sent_is_not_taken_and_says_so(command, reader, owner):
    amina = reader("amina")
    token = amina.token()
    command("on")
    answer = amina.browser.post("/account/", data={"csrf_token": token, "first_name": "Changed"})
    page = check_page(answer)
    assert answer.status_code == 503
    assert "What you have just sent was not taken" in page.main.get_text()
    assert page.select_one("main a.button")["href"] == "/"
    with owner.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM users WHERE first_name = 'Changed'")) == 0


def test_drafts_are_kept_meanwhile_and_are_there_afterwards(command, reader):
    badar = reader("badar")
    form = badar.get("planning.plan_new", org="MOH").select_one("form[data-draft]")
    token = badar.token()
    command("on")
    fields = {"csrf_token": token, "form_key": form["data-draft"], "seen": "{}", "f-title": "Half a plan"}
    kept = badar.browser.post(form["data-keep"], data=fields)
    assert kept.status_code == 200
    assert kept.json["saved"]
    discarded = badar.browser.post(form["data-keep"].replace("keep", "discard"), data=fields)
    assert discarded.status_code == 503
    nobody = reader().browser.post(form["data-keep"], data=fields)
    assert nobody.status_code == 401, "the guard stands as always"
    command("off")
    assert badar.get("planning.plan_new", org="MOH").find(id="title")["value"] == "Half a plan"


def test_health_readiness_and_static_files_are_served_as_always(command, app, reader):
    nobody = reader()
    command("on")
    assert nobody.browser.get("/health/").get_json() == {"status": "ok"}
    assert nobody.browser.get("/ready/").get_json()["maintenance"] == "on"
    assert nobody.browser.get(app.extensions["assets"].url("bmms.css"), buffered=True).status_code == 200


def test_off_opens_everything_again(command, reader):
    amina = reader("amina")
    assert command() == "Maintenance is off.\n"
    assert command("on") == "Maintenance is on.\n"
    assert command() == "Maintenance is on.\n"
    assert amina.browser.get("/moa/MOH/").status_code == 503
    assert command("off") == "Maintenance is off.\n"
    assert command("off") == "Maintenance is off.\n"
    amina.get("workplace.my_work", org="MOH")
    reader().get("accounts.sign_in")


def test_both_are_on_record_with_the_words(command, reader, owner):
    with clock.stopped_at(NOON):
        command("on", "--until", "14:30", "--message", "Soon.")
        command("off")
        command("off")
    with owner.connect() as connection:
        statement = "SELECT action, note, changes, actor_label FROM audit_events WHERE action LIKE 'maintenance:%'"
        rows = connection.execute(text(f"{statement} ORDER BY id")).all()
    ends = {"until": [None, "2026-11-30 14:30:00+08:00"]}
    assert [row[:3] for row in rows] == [
        ("maintenance:switch_on", "Soon.", ends), ("maintenance:switch_off", "Soon.", ends),
    ]  # fmt: skip
    assert all(row[3].startswith("cli:") for row in rows)
    record = reader("sitti").get("platform.audit_list").get_text()
    assert "let pages say that BMMS is being maintained" in record
    assert "ended the maintenance" in record


@pytest.mark.parametrize(
    ("now", "until", "wait", "shown"),
    [
        (NOON, "14:30", "9000", "30 November 2026, 14:30"),
        (NOON, "11:00", str(23 * 3600), "1 December 2026, 11:00"),
    ],
)
def test_the_expected_end_is_that_of_manila(command, reader, now, until, wait, shown):
    with clock.stopped_at(now):
        command("on", "--until", until)
        answer = reader().browser.get("/login")
    assert answer.headers["Retry-After"] == wait
    assert shown in check_page(answer).main.get_text()


def test_when_the_time_is_over_pages_promise_nothing(command, reader):
    with clock.stopped_at(NOON):
        command("on", "--until", "12:01")
    with clock.stopped_at(NOON + timedelta(minutes=2)):
        answer = reader().browser.get("/login")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "300")
    assert "It comes back as soon as the work is done." in check_page(answer).main.get_text()


def test_machines_read_the_state(command):
    assert json.loads(command("--format", "json")) == {"maintenance": "off"}
    said = json.loads(command("on", "--message", "Soon.", "--format", "json"))
    assert said == {"maintenance": "on", "until": None, "message": "Soon."}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("on", "--until", "25:00"), 1),
        (("on", "--until", "soon"), 1),
        (("on", "--message", "x" * 301), 1),
        (("off", "--message", "Done."), 2),
        (("--until", "14:30"), 2),
        (("perhaps",), 2),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(command, words, code):
    command(*words, code=code)
    assert command() == "Maintenance is off.\n"


def test_a_file_made_by_hand_counts(command, app, reader):
    file = app.extensions["installation"].config.instance / "maintenance"
    for content in ("", "tomorrow", "[]", '{"until": 7}', '{"until": "soon"}', "\0"):
        file.write_text(content)
        assert reader().browser.get("/login").status_code == 503, content
        assert command() == "Maintenance is on.\n"
    file.unlink()
    assert reader().browser.get("/login").status_code == 200


def test_it_works_without_the_database(config, tmp_path, reader):
    from dataclasses import replace

    cookie = reader("amina").browser.get_cookie("bmms").value
    away = "postgresql://bmms_app:x@127.0.0.1:1/nowhere"
    with running(replace(config, database_url=away, instance=tmp_path)) as app:
        ran = app.test_cli_runner().invoke(args=["maintenance", "on"])
        assert ran.exit_code == 0
        assert ran.stdout == "Maintenance is on.\n"
        assert ran.stderr == "The database did not answer: this is done, but stands in no record.\n"
        browser = app.test_client()
        browser.set_cookie("bmms", cookie)
        assert check_page(browser.get("/moa/MOH/")).h1.get_text() == "BMMS is being maintained"
        assert app.test_cli_runner().invoke(args=["maintenance", "off"]).exit_code == 0
        assert check_page(browser.get("/moa/MOH/")).h1.get_text() == "BMMS is not available at the moment"


def test_a_folder_that_cannot_be_written_is_named(config, tmp_path):
    from dataclasses import replace

    with running(replace(config, instance=tmp_path / "here")) as app:
        (tmp_path / "here").rename(tmp_path / "gone")
        ran = app.test_cli_runner().invoke(args=["maintenance", "on"])
    assert ran.exit_code == 1
    assert "maintenance cannot be written: No such file or directory." in ran.stderr
