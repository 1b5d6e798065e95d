"""The lists that all organizations share as pages of the platform's administration."""

from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import command_actor
from bmms.domain.lists import actions
from bmms.models.lists import AlignmentCode, AlignmentKind, AlignmentList, Theme, UnitOfMeasure
from bmms.models.reference import ExpenseClass, ObjectCode
from bmms.tenancy import bind_platform
from tests import uploads
from tests.cast import foreign_rows


@pytest.fixture
def lists(app, engine, cast) -> dict[str, int]:
    """Two themes, a unit of measure, an alignment list with a code, an object code."""
    with Session(engine) as session:
        bind_platform(session, "test")
        operator = command_actor()
        of = AlignmentList(kind=AlignmentKind.SDG, year=2026, title="Goals of 2026", is_official=False)
        unit = UnitOfMeasure(name="km", counts_people=False)
        themes = [Theme(code="A", title="First theme"), Theme(code="B", title="Second theme")]
        training = ObjectCode(code="5020201000", title="Training")
        for entry in (*themes, unit, of, training):
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
        return list(session.scalars(select(model).order_by(*model.__table__.primary_key)))


def test_only_the_platforms_administrators_see_them(cast, reader, lists):
    jamila = reader("jamila")
    for path in (
        "themes", "alignment", f"alignment/{lists['alignment']}", "units-of-measure", "object-codes", "themes/import",
    ):  # fmt: skip
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
        ("object-codes", {"code": "5-02-02-010-00", "title": "Again"}, "There is an object of this code already."),
        ("object-codes", {"code": "5040101000", "title": "X"}, "Type ten digits that begin with 501 (PS)"),
        ("object-codes", {"code": "50203010", "title": "X"}, "Type ten digits that begin with 501 (PS)"),
        ("object-codes", {"code": "5020301000", "title": "X", "valid_to": "soon"}, "This is no date."),
        (
            "object-codes", {"code": "5020301000", "title": "X", "valid_from": "2027-02-01", "valid_to": "2027-01-31"},
            "The last day is before the first one.",
        ),
    ):  # fmt: skip
        answer = sitti.post("platform.entry_new", answers, kind=kind)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
    for path in (
        "codes/new", "codes/new?list=999999", "codes/import?list=x", "themes/999999/edit", "no/new",
        "object-codes/5029999099/edit",
    ):  # fmt: skip
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
    theme, code = stored(engine, Theme)[0], stored(engine, ObjectCode)[0]
    sitti = reader("sitti")
    for kind, entry_id, said in (
        ("themes", theme.id, "X A theme is in use and stays"),
        ("object-codes", code.code, "5-02-02-010-00 Training is in use and stays"),
    ):
        answer = sitti.post("platform.entry_remove", kind=kind, entry_id=entry_id)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)


def test_lists_are_imported_as_the_example_shows(engine, reader, lists):
    sitti = reader("sitti")
    for kind, model, more in (
        ("themes", Theme, {}),
        ("codes", AlignmentCode, {"list": lists["alignment"]}),
        ("units-of-measure", UnitOfMeasure, {}),
        ("object-codes", ObjectCode, {}),
    ):
        before = len(stored(engine, model))
        example = sitti.browser.get(sitti.address("platform.entry_template", kind=kind)).get_data()
        for content, status in ((b"code,title\n,\n" if "code" in kind else b"x\n", 422), (example, 303)):
            file = {"file": (BytesIO(content), "list.csv")}
            assert uploads.send(sitti, "platform.entry_import", file, kind=kind, **more).status_code == status
        assert len(stored(engine, model)) == before + (1 if kind == "codes" else 2)


def test_object_codes_are_found_added_and_ended(engine, reader, lists):
    sitti = reader("sitti")
    new = {"code": "5-06-04-050-02", "title": "Office Equipment", "valid_from": "2015-01-01"}
    answer = sitti.post("platform.entry_new", new, kind="object-codes")
    assert "5-06-04-050-02 Office Equipment is added." in sitti.get(answer.location).get_text()
    made = stored(engine, ObjectCode)[-1]
    assert (made.code, made.expense_class, made.level) == ("5060405002", ExpenseClass.CO, "sub-object")
    for asked, found in (
        ({"q": "equip"}, ["5-06-04-050-02"]), ({"q": "5-02-02"}, ["5-02-02-010-00"]), ({"class": "CO"}, [made.dashed]),
        ({"class": "no"}, ["5-02-02-010-00", "5-06-04-050-02"]), ({"q": "zebra"}, []),
    ):  # fmt: skip
        rows = sitti.get("platform.object_code_list", **asked).select("td[data-label=Code]")
        assert [row.get_text() for row in rows] == found, asked
    page = sitti.get("platform.entry_edit", kind="object-codes", entry_id=5060405002)
    assert page.select_one("#code") is None
    sent = {
        "seen": page.select_one("input[name=seen]")["value"], "code": "5060405099", "title": "Office equipment",
        "valid_from": "2015-01-01", "valid_to": "2026-12-31",
    }  # fmt: skip
    answer = sitti.post("platform.entry_edit", sent, kind="object-codes", entry_id=5060405002)
    assert "1 January 2015 to 31 December 2026" in sitti.get(answer.location).get_text()
    assert sitti.post("platform.entry_edit", sent, kind="object-codes", entry_id=5060405002).status_code == 422
    assert [row.code for row in stored(engine, ObjectCode)] == ["5020201000", "5060405002"]
    assert "changed an object code" in sitti.get("platform.audit_list").get_text()
    assert sitti.post("platform.entry_remove", kind="object-codes", entry_id=5060405002).status_code == 303
    assert [row.code for row in stored(engine, ObjectCode)] == ["5020201000"]


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
                ObjectCode(code=f"50299990{n:02}", title=words, expense_class=ExpenseClass.MOOE, level="sub-object"),
            ])  # fmt: skip
        session.commit()
    sitti = reader("sitti")
    for view, more in (
        ("theme_list", {}), ("measure_list", {}), ("alignment_list", {}), ("object_code_list", {}),
        ("alignment_show", {"list_id": lists["alignment"]}),
    ):  # fmt: skip
        assert len(sitti.get(f"platform.{view}", **more).select("tbody tr")) == 25
        sitti.fragment(f"platform.{view}", "results", page=3, **more)
