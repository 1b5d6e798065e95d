"""Reference data: the real files load, loading again changes nothing, and a bad file is refused by row and column."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.actors import command_actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.reference import queries, rows
from bmms.domain.reference.loader import Counts, load_reference
from bmms.domain.reference.working_days import is_working_day
from bmms.models.audit import AuditEvent
from bmms.models.reference import ExpenseClass, Holiday, HolidayClass, HolidayScope, ObjectCode, Place
from bmms.tenancy import bind_platform

OPERATOR = command_actor()
FILES = (
    "holidays.csv", "places.csv", "object_codes.csv", "themes.csv", "units_of_measure.csv", "compliance_items.csv",
)  # fmt: skip
UNTOUCHED = {
    "holidays": Counts(0, 0, 152),
    "places": Counts(0, 0, 135),
    "object_codes": Counts(0, 0, 255),
    "themes": Counts(0, 0, 5),
    "units_of_measure": Counts(0, 0, 37),
    "compliance_items": Counts(0, 0, 32),
}


@pytest.fixture
def session(session: Session) -> Session:
    bind_platform(session, "test")
    return session


@pytest.fixture
def loaded(session: Session) -> Session:
    load_reference(session, OPERATOR)
    return session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the files, to be spoilt."""
    for name in FILES:
        shutil.copy(rows.FOLDER / name, tmp_path)
    return tmp_path


def edit(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {file}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def loads(session: Session) -> list[AuditEvent]:
    return list(session.scalars(select(AuditEvent).where(AuditEvent.action == "reference:load")))


def test_the_files_load_whole_and_the_second_time_nothing_changes(session):
    first = load_reference(session, OPERATOR)
    assert {name: count.created for name, count in first.items()} == {
        "holidays": 152,
        "places": 135,
        "object_codes": 255,
        "themes": 5,
        "units_of_measure": 37,
        "compliance_items": 32,
    }
    assert load_reference(session, OPERATOR) == UNTOUCHED
    (record,) = loads(session)
    assert record.actor_label.startswith("cli:")
    assert record.changes["places"][1]["created"] == 135
    assert session.scalar(select(func.count()).select_from(Place).where(Place.parent_psgc.is_(None))) == 2
    assert session.get(ObjectCode, "5010101001").dashed == "5-01-01-010-01"


def test_a_changed_row_is_updated_and_only_that_one(loaded, folder):
    edit(folder, "object_codes.csv", "Basic Salary - Civilian", "Basic Salary of Civilians")
    assert load_reference(loaded, OPERATOR, folder) == UNTOUCHED | {"object_codes": Counts(0, 1, 254)}
    assert queries.find_object_code(loaded, "5010101001").title == "Basic Salary of Civilians"
    assert len(loads(loaded)) == 2


def test_a_holiday_that_moves_does_not_stand_twice(loaded, folder):
    (eid,) = [day for day in queries.holidays_between(loaded, date(2027, 3, 1), date(2027, 3, 31)) if "Eid" in day.name]
    edit(folder, "holidays.csv", f"{eid.day},Eid al-Fitr", "2027-03-12,Eid al-Fitr")
    counts = load_reference(loaded, OPERATOR, folder)["holidays"]
    assert counts == Counts(1, 0, 151, removed=(f"{eid.day} Eid al-Fitr",))
    march = queries.holidays_between(loaded, date(2027, 3, 1), date(2027, 3, 31))
    assert [day.day for day in march if "Eid" in day.name] == [date(2027, 3, 12)]


def test_vanished_places_go_with_their_towns_but_not_while_something_refers_to_them(loaded, folder):
    loaded.add(Place(psgc="1907099999", name="New Town", level="municipality", parent_psgc="1907000000", in_barmm=True))
    loaded.flush()
    path = folder / "places.csv"
    kept = [line for line in path.read_text().splitlines() if "1907000000" not in line and "19007" not in line]
    path.write_text("\n".join(kept) + "\n")
    counts = load_reference(loaded, OPERATOR, folder)["places"]
    assert counts.kept == ("1907000000",)  # Tawi-Tawi: the town that somebody typed refers to it
    assert len(counts.removed) == 11 + 1 + 12  # its towns, Basilan and the towns of Basilan
    assert loaded.get(Place, "1900700000") is None
    assert load_reference(loaded, OPERATOR, folder)["places"] == Counts(0, 0, 110, kept=("1907000000",))


def test_what_people_typed_stays_as_it_is(loaded):
    confirmed = loaded.scalar(select(Holiday).where(Holiday.is_estimated).limit(1))
    confirmed.is_estimated, confirmed.source = False, ""
    own = Holiday(
        day=date(2026, 9, 14),
        name="Founding Day of the Province",
        kind=HolidayClass.SPECIAL_NON_WORKING,
        scope=HolidayScope.BARMM,
    )
    loaded.add(own)
    loaded.flush()
    assert load_reference(loaded, OPERATOR) == UNTOUCHED
    assert not confirmed.is_estimated
    assert is_working_day(own.day, frozenset())
    assert not is_working_day(own.day, queries.non_working_days(loaded, 2026))


NEW_YEAR = "2025-01-01,New Year's Day"
LAMITAN = "1900702000,City of Lamitan,city,1900700000,yes,45"
SALARY = "5010101001,Basic Salary - Civilian,PS"
BAD_FILES = [
    ("holidays", NEW_YEAR, "2025-13-01,New Year's Day", "row 2, column date: must be a date like 2026-01-21, not '2"),
    ("holidays", NEW_YEAR, "2025-01-01,", "row 2, column name: is empty."),
    ("holidays", NEW_YEAR, f"2025-01-01,{'N' * 201}", "row 2, column name: has 201 characters; at most 200 fit."),
    ("holidays", NEW_YEAR, '2025-01-01,"New\nYear"', "row 2, column name: holds a line break"),
    ("holidays", NEW_YEAR, '2025-01-01,"New Year', "is not CSV ("),
    ("holidays", f"{NEW_YEAR},regular_non_working", f"{NEW_YEAR},rest", "row 2, column class: must be one of regular_"),
    ("holidays", "2025-01-21,Bangsamoro Foundation Day", NEW_YEAR, "row 3, column date: repeats row 2."),
    ("holidays", "2025-01-21,", "2025-01-21,,", "row 3: has 9 cells under 8 columns."),
    ("holidays", "date,name,class", "date,name,sort", "row 1: the column “class” is missing."),
    ("places", LAMITAN, LAMITAN.replace("yes", "ja"), "row 4, column in_barmm: must be yes or no, not 'ja'."),
    ("places", LAMITAN, LAMITAN.replace("45", "many"), "row 4, column barangays: must be a whole number, not 'many'."),
    ("places", LAMITAN, LAMITAN.replace("190070200", "19007020"), "row 4, column psgc: must be ten digits, not '1"),
    ("places", LAMITAN, LAMITAN.replace("city,", "town,"), "row 4, column level: must be one of region, province,"),
    (
        "places",
        LAMITAN,
        LAMITAN.replace("700000", "700009"),
        "column parent_psgc: 1900700009 is no place of this file.",
    ),
    ("places", LAMITAN, LAMITAN.replace("700000", "703000"), "parent_psgc: 1900703000 is no higher level than city."),
    ("object_codes", SALARY, SALARY.replace("501", "504"), "row 2, column code: 5040101001 is no object of PS (501)"),
    ("object_codes", SALARY, SALARY.replace("PS", "CO"), "row 2, column expense_class: must be PS, as the digits of 5"),
]


@pytest.mark.parametrize(("file", "before", "after", "message"), BAD_FILES, ids=[case[-1] for case in BAD_FILES])
def test_a_malformed_file_is_refused_by_file_row_and_column(loaded, folder, file, before, after, message):
    edit(folder, f"{file}.csv", before, after)
    with pytest.raises(RuleBroken) as refused:
        load_reference(loaded, OPERATOR, folder)
    assert str(refused.value).startswith(f"{file}.csv, row ")
    assert message in str(refused.value)
    assert load_reference(loaded, OPERATOR) == UNTOUCHED


def test_a_file_that_is_missing_empty_or_not_utf8_is_refused(session, folder):
    (folder / "places.csv").write_bytes(b"psgc,name\n1900700000,Bas\xedlan\n")
    with pytest.raises(RuleBroken, match="places.csv, row 2: is not UTF-8 text"):
        load_reference(session, OPERATOR, folder)
    (folder / "places.csv").write_text("")
    with pytest.raises(RuleBroken, match="places.csv, row 1: the columns “psgc”, “name”, "):
        load_reference(session, OPERATOR, folder)
    (folder / "places.csv").unlink()
    with pytest.raises(RuleBroken, match="places.csv: there is no such file"):
        load_reference(session, OPERATOR, folder)
    assert session.scalar(select(func.count()).select_from(Holiday)) == 0


def test_a_byte_order_mark_and_empty_lines_do_no_harm(loaded, folder):
    path = folder / "holidays.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n")
    assert load_reference(loaded, OPERATOR, folder) == UNTOUCHED


def test_national_and_bangsamoro_days_off_are_no_working_days_but_special_working_days_are(loaded):
    off = queries.non_working_days(loaded, 2026)
    assert not is_working_day(date(2026, 6, 12), off)  # Independence Day: national
    assert not is_working_day(date(2026, 1, 21), off)  # Bangsamoro Foundation Day: Bangsamoro
    assert not is_working_day(date(2026, 5, 26), off)  # Day of Arafah: special non-working
    assert is_working_day(date(2026, 3, 6), off)  # Bud Daho: special working
    assert is_working_day(date(2026, 2, 25), off)  # EDSA: special working
    assert all(day.year == 2026 for day in off)
    assert queries.non_working_days(loaded, 2025, 2026) == off | queries.non_working_days(loaded, 2025)


def test_a_day_off_counts_once_its_date_is_confirmed(loaded):
    eid = loaded.scalar(
        select(Holiday).where(Holiday.name == "Eid al-Fitr", Holiday.day >= date(2027, 1, 1), Holiday.is_estimated)
    )
    assert eid.day not in queries.non_working_days(loaded, eid.day.year)
    eid.is_estimated = False
    assert eid.day in queries.non_working_days(loaded, eid.day.year)


def test_places_are_found_by_parent_name_and_code(loaded):
    def names(query):
        return [place.name for place in loaded.scalars(query)]

    basilan = names(queries.list_places("1900700000"))
    assert len(basilan) == 12
    assert basilan == sorted(basilan)
    assert names(queries.list_places(search="lamitan")) == ["City of Lamitan"]
    assert names(queries.list_places("1900700000", search="1900702")) == ["City of Lamitan"]
    assert names(queries.list_places(search="100%")) == []
    assert len(names(queries.list_places(in_barmm=False))) == 20


def test_object_codes_are_found_however_they_are_written(loaded):
    for code in ("5010101001", "5-01-01-010-01", " 5-0101-01001 "):
        assert queries.find_object_code(loaded, code).title == "Basic Salary - Civilian"
    for code in ("5010101999", "5-01", "", "salary", "5010101001\x00"):
        with pytest.raises(NotFound):
            queries.find_object_code(loaded, code)


def test_object_codes_are_searched_by_title_beginning_and_class(loaded):
    def codes(**filters):
        return [row.code for row in loaded.scalars(queries.list_object_codes(**filters))]

    assert "5010101001" in codes(search="basic salary")
    assert set(codes(search="5-01")) == set(codes(expense_class=ExpenseClass.PS))
    assert len(codes(expense_class=ExpenseClass.PS)) == 31
    assert codes(search="basic salary", expense_class=ExpenseClass.CO) == []
    assert codes() == sorted(codes())
