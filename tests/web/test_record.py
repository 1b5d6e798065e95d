"""The record of what was done: search, one act, export, and who may see which."""

import ast
import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text

from bmms.domain.ledger.posting import MODELS
from bmms.domain.planning.steps import PLAN_STEPS
from bmms.domain.workplans.itemsteps import ITEM_STEPS
from bmms.domain.workplans.steps import WORK_PLAN_STEPS
from bmms.models.audit import AuditEvent
from bmms.web.acts import ACT_WORDS
from tests.cast import Cast


@pytest.fixture
def acts(cast: Cast, owner) -> None:
    """Thirty acts in Health, one in Education, one of the platform."""
    units = [
        {
            "organization_id": cast.moh.id,
            "actor_id": cast.jamila.id,
            "actor_label": "Jamila Usop",
            "action": "units:rename",
            "subject_label": f"=Unit {number}",
            "changes": {"name": ["Old", "New <b>name</b>"]},
            "at": datetime(2026, 3, 1, 2, tzinfo=UTC),
        }
        for number in range(30)
    ]
    others = [
        {"organization_id": cast.mbhte.id, "action": "tests:other", "subject_label": "Secret of Education"},
        {"organization_id": None, "action": "tests:other", "subject_label": "Secret of the platform"},
    ]
    plant(owner, units)
    plant(owner, others)


def plant(owner: Engine, rows: list[dict]) -> None:
    """Write events past the application."""
    with owner.begin() as connection:
        connection.execute(insert(AuditEvent.__table__), rows)


def test_an_administrator_sees_the_own_organization_only(reader, acts):
    page = reader("jamila").get("admin.audit_list", org="MOH")
    assert "Unit 29" in page.get_text()
    assert "Secret of" not in page.get_text()
    platform = reader("sitti").get("platform.audit_list")
    assert "Secret of Education" in platform.get_text()
    assert "Secret of the platform" in platform.get_text()


@pytest.mark.parametrize("name", ["amina", "badar", "yusuf"])
def test_others_do_not_see_the_record(reader, acts, name):
    assert reader(name).browser.get("/moa/MOH/admin/audit").status_code == 403


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "Unit 2"}, 11),
        ({"q": "Jamila", "action": "units"}, 30),
        ({"action": "users:sign_in"}, 1),
        ({"first": "2026-03-01", "last": "2026-03-01"}, 30),
        ({"first": "2026-03-02", "last": "2026-03-03"}, 0),
        ({"q": "100%_"}, 0),
    ],
)
def test_search(reader, acts, filters, found):
    jamila = reader("jamila")
    section = jamila.fragment("admin.audit_list", "results", org="MOH", **filters)
    said = section.select_one("[data-announce]")
    shown = said.get_text().split(" of ")[-1] if said else section.get_text().strip()
    assert shown.startswith(plural(found) if found else "No act fits")


def plural(found: int) -> str:
    """As the pager says it."""
    return f"{found}\u00a0act" if found == 1 else f"{found}\u00a0acts"


def test_a_day_that_is_none_is_named_and_the_rest_is_shown(reader, acts):
    page = reader("jamila").get("admin.audit_list", org="MOH", first="yesterday")
    assert "From: 'yesterday' is no date" in page.get_text()
    assert "Unit" in page.get_text()


def test_pages_of_25_and_nonsense_numbers(reader, acts):
    jamila = reader("jamila")
    first = jamila.get("admin.audit_list", org="MOH", action="units")
    second = jamila.get("admin.audit_list", org="MOH", action="units", page=2)
    assert len(first.select("tbody tr")) == 25
    assert len(second.select("tbody tr")) == 5
    for odd in ("0", "-1", "x", "999"):
        jamila.get("admin.audit_list", org="MOH", page=odd)


def test_acts_are_told_in_words_and_found_by_them(cast, reader, acts, owner):
    jamila = reader("jamila")
    page = jamila.get("admin.audit_list", org="MOH", action="units")
    assert {row.select("td")[1].get_text() for row in page.select("tbody tr")} == {"changed the name or code of a unit"}
    assert page.find("option", value="units:rename").get_text() == "Changed the name or code of a unit"
    page = jamila.get(page.select_one("tbody a")["href"])
    assert page.h1.get_text() == "Jamila Usop changed the name or code of a unit"
    assert "units:rename" in page.main.get_text(), "the stored name, for whoever compares with the export"


@pytest.mark.parametrize(
    "asked", [{"first": "0001-01-01", "last": "9999-12-31"}, {"q": "\0"}, {"action": "a\0"}, {"page": "9" * 20}]
)
def test_nonsense_in_the_address_breaks_nothing(reader, acts, asked):
    reader("jamila").get("admin.audit_list", org="MOH", **asked)
    reader("sitti").get("platform.audit_list", **asked)
    assert reader("jamila").post("admin.audit_export", asked, org="MOH").status_code == 200


@pytest.mark.parametrize("name", ["units", "mail", "designations", "jobs", "users"])
def test_no_list_breaks_on_a_sign_that_cannot_be_stored(reader, name):
    reader("jamila").get(f"/moa/MOH/admin/{name}?q=a%00b&kind=%00&status=%00&page={'9' * 30}")


def test_neither_does_the_search_nor_an_address(reader):
    reader("jamila").get("workplace.search_results", org="MOH", q="\0")
    reader("sitti").get("platform.organization_list", q="\0", kind="\0")
    assert reader("jamila").browser.get("/moa/MO%00H/").status_code == 404


def recorded_acts() -> set[str]:
    """The acts that the source names in full, wherever something is recorded."""
    found = set()
    for path in [*Path("bmms").rglob("*.py"), *Path("tasks").rglob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and "record" in ast.unparse(call.func):
                texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
                found |= {text for text in texts if re.fullmatch(r"[a-z_]+:[a-z_]+", str(text))}
    return found


def test_each_act_that_is_recorded_has_its_words():
    found = recorded_acts()
    assert {"users:sign_in", "units:merge", "access:foreign"} <= found
    assert found - ACT_WORDS.keys() == set()


@pytest.mark.parametrize(
    ("table", "steps"),
    [("strategic_plans", PLAN_STEPS), ("annual_work_plans", WORK_PLAN_STEPS), ("work_items", ITEM_STEPS)],
)
def test_each_step_of_a_workflow_has_its_words(table, steps):
    assert {f"{table}:{verb}" for verb in steps} - ACT_WORDS.keys() == set()


def test_each_posting_has_its_words():
    verbs = {f"{model.__tablename__}:post" for model in MODELS.values()}
    assert verbs | {"disbursements:reverse", "budget_changes:reverse"} <= ACT_WORDS.keys()


def test_one_act_shows_before_and_after_escaped(cast, reader, acts, owner):
    with owner.connect() as connection:
        event_id = connection.execute(text("SELECT id FROM audit_events WHERE subject_label = '=Unit 3'")).scalar_one()
    page = reader("jamila").get("admin.audit_show", org="MOH", event_id=event_id)
    assert page.select_one("del").get_text() == "Old"
    assert page.select_one("ins").get_text() == "New <b>name</b>"


def test_an_act_shows_the_rows_that_changed_with_it(cast, reader, owner):
    jamila = reader("jamila")
    fields = {"first_name": "Jamila", "last_name": "Usop-Lim", "phone": "", "mail_mode": ""}
    jamila.post("accounts.profile", fields)
    with owner.connect() as connection:
        event = connection.execute(
            text("SELECT id, organization_id FROM audit_events WHERE action = 'users:change_own_profile'")
        ).one()
    assert event.organization_id == cast.moh.id
    page = jamila.get("admin.audit_show", org="MOH", event_id=event.id)
    assert "Usop-Lim" in page.get_text()


def test_export_is_a_csv_without_formulas_and_recorded(cast, reader, acts, owner):
    answer = reader("jamila").post("admin.audit_export", {"action": "units"}, org="MOH")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert len(rows) == 31
    assert rows[1][5] == "'=Unit 29"
    assert rows[1][6] == "name: Old → New <b>name</b>"
    with owner.connect() as connection:
        note = "SELECT note FROM audit_events WHERE action = 'audit_events:export'"
        assert connection.execute(text(note)).scalar_one() == "30 of 30 rows"


def test_export_of_many_says_how_many_there_are(cast, reader, owner):
    plant(owner, [{"organization_id": cast.moh.id, "action": "tests:many"}] * 1100)
    jamila = reader("jamila")
    answer = jamila.post("admin.audit_export", {"action": "tests"}, org="MOH")
    assert answer.get_data(as_text=True).count("tests:many") == 1000
    assert "1100 acts were found" in jamila.get("admin.audit_list", org="MOH").get_text()
