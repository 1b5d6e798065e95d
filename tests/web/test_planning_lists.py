"""The lists of planning as pages of the platform's administration."""

from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import command_actor
from bmms.domain.lists import actions
from bmms.models.lists import AlignmentCode, AlignmentKind, AlignmentList, Theme, UnitOfMeasure
from bmms.tenancy import bind_platform
from tests import uploads
from tests.cast import foreign_rows


@pytest.fixture
def lists(app, engine, cast) -> dict[str, int]:
    """Two themes, a unit of measure, an alignment list with a code."""
    with Session(engine) as session:
        bind_platform(session, "test")
        operator = command_actor()
        of = AlignmentList(kind=AlignmentKind.SDG, year=2026, title="Goals of 2026", is_official=False)
        unit = UnitOfMeasure(name="km", counts_people=False)
        themes = [Theme(code="A", title="First theme"), Theme(code="B", title="Second theme")]
        for entry in (*themes, unit, of):
            actions.add(session, operator, entry)
        code = AlignmentCode(list_id=of.id, code="1.1", title="A code")
        actions.add(session, operator, code)
        made = {
            "themes": themes[0].id, "alignment": of.id, "codes": code.id, "units-of-measure": unit.id,
            "second": themes[1].id,
        }  # fmt: skip
        session.commit()
    return made


def stored(engine, model) -> list:
    """All rows as they stand."""
    with Session(engine) as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_only_the_platforms_administrators_see_them(cast, reader, lists):
    jamila = reader("jamila")
    for path in ("themes", "alignment", f"alignment/{lists['alignment']}", "units-of-measure", "themes/import"):
        assert jamila.browser.get(f"/admin/lists/{path}").status_code == 403
    assert jamila.post("/admin/lists/themes/new", {"code": "X", "title": "X"}).status_code == 403


def test_entries_are_added_changed_and_removed(engine, reader, lists):
    sitti = reader("sitti")
    for kind, model, answers, changed in (
        ("themes", Theme, {"code": "C", "title": "Third"}, {"code": "C", "title": "Peace"}),
        ("alignment", AlignmentList, {"kind": "other", "year": 2027, "title": "L"}, {"title": "M", "is_official": "y"}),
        ("codes", AlignmentCode, {"code": "2", "title": "Two"}, {"code": "2.1", "title": "Two"}),
        ("units-of-measure", UnitOfMeasure, {"name": "beds"}, {"name": "beds", "counts_people": "y"}),
    ):
        more = {"list": lists["alignment"]} if kind == "codes" else {}
        sitti.get("platform.entry_new", kind=kind, **more)
        answer = sitti.post("platform.entry_new", answers, kind=kind, **more)
        assert answer.status_code == 303, kind
        made = stored(engine, model)[-1]
        page = sitti.get("platform.entry_edit", kind=kind, entry_id=made.id)
        seen = page.select_one("input[name=seen]")["value"]
        sent = {**answers, **changed, "seen": seen}
        answer = sitti.post("platform.entry_edit", sent, kind=kind, entry_id=made.id)
        assert "is saved." in sitti.get(answer.location).get_text()
        row = stored(engine, model)[-1]
        assert {name: str(getattr(row, name)) for name in changed} == {
            name: "True" if value == "y" else value for name, value in changed.items()
        }
        assert sitti.post("platform.entry_edit", {**sent, **answers}, kind=kind, entry_id=made.id).status_code == 422
        sitti.get("platform.entry_remove", kind=kind, entry_id=made.id)
        assert sitti.post("platform.entry_remove", kind=kind, entry_id=made.id).status_code == 303
        assert len(stored(engine, model)) == (2 if kind == "themes" else 1)


def test_what_is_wrong_is_said_at_the_field(reader, lists):
    sitti = reader("sitti")
    for kind, answers, said in (
        ("themes", {"code": "a", "title": "Again"}, "This code is taken by another theme."),
        ("themes", {"code": "", "title": "X"}, "Give the code."),
        ("alignment", {"kind": "sdg", "year": 2026, "title": "X"}, "There is a list of this kind and year already."),
        ("units-of-measure", {"name": "x" * 61}, "60"),
    ):
        answer = sitti.post("platform.entry_new", answers, kind=kind)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
    for path in ("codes/new", "codes/new?list=999999", "codes/import?list=x", "themes/999999/edit", "no/new"):
        assert sitti.browser.get(f"/admin/lists/{path}").status_code == 404, path


def test_themes_are_moved_and_retired_on_the_list(engine, reader, lists):
    sitti = reader("sitti")
    sitti.post("platform.theme_move", {"by": "1"}, entry_id=lists["themes"])
    sitti.post("platform.entry_switch", {"on": "0"}, kind="themes", entry_id=lists["second"])
    rows = sitti.get("platform.theme_list").select("tbody tr")
    assert [(row.a.get_text(), row.select_one("[data-label=State]").get_text()) for row in rows] == [
        ("Second theme", "Retired"), ("First theme", "Offered")
    ]  # fmt: skip
    sitti.post("platform.entry_switch", {"on": "1"}, kind="themes", entry_id=lists["second"])
    assert all(theme.is_active for theme in stored(engine, Theme))


def test_what_plans_have_chosen_stays_and_the_page_says_so(app, engine, cast, reader):
    foreign_rows(engine, cast)
    theme = stored(engine, Theme)[0]
    answer = reader("sitti").post("platform.entry_remove", kind="themes", entry_id=theme.id)
    assert answer.status_code == 422
    assert "X A theme is in use and stays" in answer.get_data(as_text=True)


def test_lists_are_imported_as_the_example_shows(engine, reader, lists):
    sitti = reader("sitti")
    for kind, model, more in (
        ("themes", Theme, {}),
        ("codes", AlignmentCode, {"list": lists["alignment"]}),
        ("units-of-measure", UnitOfMeasure, {}),
    ):
        before = len(stored(engine, model))
        example = sitti.browser.get(sitti.address("platform.entry_template", kind=kind)).get_data()
        for content, status in ((b"code,title\n,\n" if kind != "units-of-measure" else b"x\n", 422), (example, 303)):
            file = {"file": (BytesIO(content), "list.csv")}
            assert uploads.send(sitti, "platform.entry_import", file, kind=kind, **more).status_code == status
        assert len(stored(engine, model)) == before + (1 if kind == "codes" else 2)


def test_long_lists_come_in_pages_within_the_budgets(engine, reader, lists):
    """The client checks bytes and queries of each page."""
    with Session(engine) as session:
        for n in range(60):
            words = f"A long title of number {n} that says what is meant in some detail " * 2
            session.add_all([
                Theme(code=f"T{n}", title=words, ordinal=n + 10),
                UnitOfMeasure(name=f"unit {n}"),
                AlignmentCode(list_id=lists["alignment"], code=f"9.{n}", title=words),
                AlignmentList(kind=AlignmentKind.OTHER, year=2000 + n, title=words),
            ])  # fmt: skip
        session.commit()
    sitti = reader("sitti")
    for view, more in (
        ("theme_list", {}), ("measure_list", {}), ("alignment_list", {}),
        ("alignment_show", {"list_id": lists["alignment"]}),
    ):  # fmt: skip
        assert len(sitti.get(f"platform.{view}", **more).select("tbody tr")) == 25
        sitti.fragment(f"platform.{view}", "results", page=3, **more)
