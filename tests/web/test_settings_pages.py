"""Settings and module switches of an organization: everybody reads, its administrator changes."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.models.organizations import Organization
from tests import uploads

GOOD = {
    "acronym": "",
    "head_official": "Dr. Kadil Sample",
    "head_title": "Minister",
    "email": "Office@MOH.example.gov.ph",
    "phone": "(064) 552-0000",
    "website": "https://moh.example.org/",
    "address": "Gov. Gutierrez Avenue\r\nCotabato City",
    "mandate": "Health for all",
    "reply_to": "desk@moh.example.gov.ph",
    "mail_mode": "daily",
    "training_note": "Monday at 9:00, function hall",
}


def health(engine, cast) -> Organization:
    """The row as it stands."""
    with Session(engine) as session:
        return session.get_one(Organization, cast.moh.id)


def send(reader, cast, *, version: int = 0, htmx: bool = False, **changes):
    """The form of the settings."""
    fields = {"row_version": version or cast.moh.row_version, **GOOD, **changes}
    return reader.post("admin.settings_edit", fields, htmx=htmx, org="MOH")


@pytest.mark.parametrize("name", ["amina", "badar", "yusuf"])
def test_everybody_here_reads_and_nobody_but_the_administrator_changes(reader, name):
    person = reader(name)
    page = person.get("admin.settings_show", org="MOH")
    assert "Ministry of Health" in page.get_text()
    assert not page.find_all("a", string=lambda words: words and words.strip() in ("Change settings", "Add a logo"))
    assert "Switch off" not in page.get_text()
    for path in ("edit", "logo", "modules/planning"):
        assert person.browser.get(f"/moa/MOH/admin/settings/{path}").status_code == 403
        assert person.post(f"/moa/MOH/admin/settings/{path}").status_code == 403


def test_settings_are_saved_as_typed_and_shown(engine, cast, reader):
    jamila = reader("jamila")
    answer = send(jamila, cast)
    assert (answer.status_code, answer.location) == (303, "/moa/MOH/admin/settings")
    saved = health(engine, cast)
    assert (saved.email, saved.mail_mode, saved.head_title) == ("office@moh.example.gov.ph", "daily", "Minister")
    shown = jamila.get("admin.settings_show", org="MOH").get_text()
    for words in ("Dr. Kadil Sample, Minister", "Once a day, at 9:00", "Gov. Gutierrez Avenue, Cotabato City"):
        assert words in shown


def test_with_htmx_the_browser_is_sent_on(cast, reader):
    answer = send(reader("jamila"), cast, htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/moa/MOH/admin/settings")


@pytest.mark.parametrize("htmx", [False, True])
def test_bad_answers_are_named_at_their_fields_and_nothing_typed_is_lost(engine, cast, reader, htmx):
    answer = send(reader("jamila"), cast, htmx=htmx, email="not an address", website="moh", mandate="Health, of course")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "The email address &#39;not an address&#39; is not valid" in page
    assert "Write it like https://moh.example.org/" in page
    for typed in ("not an address", 'value="moh"', "Health, of course", "Dr. Kadil Sample", "Cotabato City"):
        assert typed in page
    assert 'aria-invalid="true"' in page
    assert health(engine, cast).head_official == ""


def test_days_of_the_pilot_are_shown_and_are_not_the_ministrys_to_change(engine, cast, reader):
    send(reader("jamila"), cast, pilot_starts_on="2026-01-01")
    assert health(engine, cast).pilot_starts_on is None


@pytest.mark.parametrize("htmx", [False, True])
def test_who_saves_second_is_told_loses_nothing_typed_and_overwrites_nothing(engine, cast, reader, htmx):
    jamila = reader("jamila")
    send(jamila, cast)
    answer = send(jamila, cast, head_official="Somebody else", htmx=htmx)
    assert answer.status_code == 422
    page = uploads.soup(answer)
    assert "Somebody else changed the settings of MOH meanwhile" in page.select_one(".errors").get_text()
    assert page.select_one("[name=head_official]")["value"] == "Somebody else"
    assert health(engine, cast).head_official == "Dr. Kadil Sample"


def test_a_form_without_its_version_changes_nothing(engine, cast, reader):
    answer = reader("jamila").post("admin.settings_edit", GOOD, org="MOH")
    assert answer.status_code == 422
    assert "Reload the page" in answer.get_data(as_text=True)
    assert health(engine, cast).head_official == ""


# modules


def test_switching_off_planning_asks_first_and_names_what_depends_on_it(engine, cast, reader):
    jamila = reader("jamila")
    page = jamila.get("admin.module_switch", org="MOH", module="planning")
    assert page.h1.get_text() == "Switch off Planning?"
    notes = [note.get_text() for note in page.select(".note")]
    assert [note.split(" depends")[0].strip() for note in notes] == ["Budgeting", "M&E"]
    assert health(engine, cast).enable_planning, "asking changes nothing"
    form = page.select_one("main form[method=post]")
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    answer = jamila.browser.post(form["action"], data=fields)
    assert answer.status_code == 303
    assert not health(engine, cast).enable_planning
    after = jamila.get("admin.settings_show", org="MOH").get_text()
    assert "Planning is switched off." in after
    assert "Budgeting depends on Planning: while that is off" in after


def test_a_module_without_dependents_has_no_warning(reader):
    page = reader("jamila").get("admin.module_switch", org="MOH", module="coordination")
    assert page.select(".note") == []


def test_two_clicks_do_not_undo_each_other(engine, cast, reader):
    jamila = reader("jamila")
    fields = {"row_version": cast.moh.row_version, "on": "0"}
    assert jamila.post("admin.module_switch", fields, org="MOH", module="mana").status_code == 303
    answer = jamila.post("admin.module_switch", fields, org="MOH", module="mana")
    assert answer.status_code == 409, "the second looked at an older state"
    assert not health(engine, cast).enable_mana


def test_an_unknown_module_is_404(reader):
    assert reader("jamila").browser.get("/moa/MOH/admin/settings/modules/payroll").status_code == 404


def test_changes_stand_in_the_record(cast, reader, owner):
    jamila = reader("jamila")
    send(jamila, cast, htmx=False)
    with owner.connect() as connection:
        found = connection.execute(
            text("SELECT changes FROM audit_events WHERE action = 'organizations:change_settings'")
        ).scalar_one()
    assert found["head_official"] == ["", "Dr. Kadil Sample"]
    assert "website" in found


def test_the_overview_leads_to_what_a_person_may_see(reader):
    def cards(name: str) -> list[str]:
        return [card.get_text() for card in reader(name).get("admin.overview", org="MOH").select(".card h3")]

    assert cards("yusuf")[:4] == ["Settings", "Units", "Designations", "Signatories"]
    assert set(cards("yusuf")) < set(cards("jamila"))
