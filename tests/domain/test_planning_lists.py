"""The lists that all organizations share: nothing in use is lost, an import is whole or not at all."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import command_actor
from bmms.domain.errors import NotAllowed, RuleBroken, Stale
from bmms.domain.lists import actions
from bmms.domain.lists.importing import import_list
from bmms.domain.planning import queries
from bmms.domain.reference.loader import load_reference
from bmms.models.audit import AuditEvent
from bmms.models.lists import AlignmentCode, AlignmentKind, AlignmentList, Theme, UnitOfMeasure
from bmms.models.reference import ExpenseClass, ObjectCode
from bmms.tenancy import bind_platform
from tests.cast import foreign_rows
from tests.planning import desk_of

OPERATOR = command_actor()


@pytest.fixture
def session(session: Session) -> Session:
    """A session of the platform."""
    bind_platform(session, "test")
    return session


def theme(session: Session, code: str, title: str = "A theme") -> Theme:
    entry = Theme(code=code, title=title)
    actions.add(session, OPERATOR, entry)
    return entry


def codes_of(session: Session, kind: AlignmentKind, year: int, *codes: str) -> AlignmentList:
    of = AlignmentList(kind=kind, year=year, title=f"{kind} {year}")
    actions.add(session, OPERATOR, of)
    for code in codes:
        actions.add(session, OPERATOR, AlignmentCode(list_id=of.id, code=code, title=f"Title {code}"))
    return of


def events(session: Session) -> list[tuple[str, str]]:
    query = select(AuditEvent).order_by(AuditEvent.id)
    return [(event.action, event.subject_label) for event in session.scalars(query)]


def test_themes_are_added_moved_and_retired(session):
    first, second, third = (theme(session, code, f"Theme {code}") for code in "ABC")
    actions.move_theme(session, OPERATOR, third, -1)
    actions.move_theme(session, OPERATOR, first, -1)  # at the edge already
    assert [each.code for each in queries.theme_choices(session)] == ["A", "C", "B"]
    actions.retire(session, OPERATOR, second, True)
    assert [each.code for each in queries.theme_choices(session)] == ["A", "C"]
    assert [each.code for each in queries.theme_choices(session, [second.id])] == ["A", "C", "B"]
    actions.retire(session, OPERATOR, second, False)
    assert events(session)[3:] == [
        ("themes:move", "C Theme C"), ("themes:retire", "B Theme B"), ("themes:offer", "B Theme B")
    ]  # fmt: skip


def test_what_was_typed_survives_loading_the_reference_data_again(session):
    load_reference(session, OPERATOR)
    row = session.scalars(select(Theme).where(Theme.code == "HD")).one()
    actions.change(session, OPERATOR, row, {"code": "HD", "title": "People first"})
    actions.retire(session, OPERATOR, session.scalars(select(Theme).where(Theme.code == "MG")).one(), True)
    load_reference(session, OPERATOR)
    session.expire_all()
    assert row.title == "People first"
    assert "MG" not in [each.code for each in queries.theme_choices(session)]


def test_two_people_change_one_entry(session):
    entry = theme(session, "A")
    seen = actions.seen_of(entry)
    actions.change(session, OPERATOR, entry, {"code": "A", "title": "Hers"}, seen=seen)
    with pytest.raises(Stale, match="A Hers"):
        actions.change(session, OPERATOR, entry, {"code": "A", "title": "His"}, seen=seen)


@pytest.mark.parametrize(
    ("entry", "field", "said"),
    [
        (Theme(code=" a ", title="Another"), "code", "taken by another theme"),
        (Theme(code="x" * 21, title="Long"), "code", "at most 20 fit"),
        (Theme(code="N", title="  "), "title", "Give the title."),
        (Theme(code="N", title="a\x07b"), "title", "a control character"),
        (UnitOfMeasure(name="KM", counts_people=False), "name", "this name already"),
        (AlignmentList(kind=AlignmentKind.SDG, year=2026, title="Again", is_official=False), "year", "of this kind"),
        (ObjectCode(code="5-02-03-010-00", title="Again"), "code", "of this code already"),
        (ObjectCode(code="5040101000", title="Depreciation"), "code", "begin with 501"),
        (ObjectCode(code="50203010001", title="Long"), "code", "begin with 501"),
        (ObjectCode(code="٥٠٢٠٣٠١٠٠٠", title="Other digits"), "code", "begin with 501"),
    ],
)
def test_wrong_answers_are_refused_at_their_field(session, entry, field, said):
    theme(session, "A")
    actions.add(session, OPERATOR, UnitOfMeasure(name="km", counts_people=False))
    codes_of(session, AlignmentKind.SDG, 2026)
    actions.add(session, OPERATOR, ObjectCode(code="5020301000", title="Office Supplies"))
    with pytest.raises(RuleBroken, match=said) as refused:
        actions.add(session, OPERATOR, entry)
    assert refused.value.field == field


def test_of_each_kind_the_latest_list_with_codes_is_offered(session):
    old = codes_of(session, AlignmentKind.SDG, 2025, "1", "2")
    codes_of(session, AlignmentKind.SDG, 2026, "1")
    codes_of(session, AlignmentKind.SDG, 2027)
    codes_of(session, AlignmentKind.OTHER, 2020, "x")

    def offered(*kept: int) -> list[tuple[int, str]]:
        return [(of.year, code.code) for code, of in queries.code_choices(session, kept)]

    assert offered() == [(2020, "x"), (2026, "1")]
    second = session.scalars(select(AlignmentCode).where(AlignmentCode.list_id == old.id).offset(1)).first()
    assert offered(second.id) == [(2020, "x"), (2026, "1"), (2025, second.code)]


def test_an_import_adds_and_changes_or_does_nothing(session):
    of = codes_of(session, AlignmentKind.PRIORITY_AGENDA, 2026, "1")
    assert import_list(session, OPERATOR, AlignmentCode, "Code,Title\n1,Other words\n2,New\n", of) == (1, 1)
    assert import_list(session, OPERATOR, AlignmentCode, "code,title\n1,Other words\n2,New\n", of) == (0, 0)
    assert import_list(session, OPERATOR, UnitOfMeasure, "name,counts_people\nnurses,Yes\nbeds,\n") == (2, 0)
    with pytest.raises(RuleBroken, match="3 cells need correction") as refused:
        import_list(session, OPERATOR, AlignmentCode, "code,title\n3,Good\n 3 ,Twice\n,None\n4,\n", of)
    assert refused.value.fields == {
        "row 3, column code": "Row 3, column code: It stands in row 2 already.",
        "row 4, column code": "Row 4, column code: Give the code.",
        "row 5, column title": "Row 5, column title: Give the title.",
    }
    with pytest.raises(RuleBroken, match="1 cells need") as refused:
        import_list(session, OPERATOR, UnitOfMeasure, "name,counts_people\nbeds,perhaps\n")
    assert "Must be yes or no" in refused.value.fields["row 2, column counts_people"]
    titles = session.scalars(select(AlignmentCode.title).where(AlignmentCode.list_id == of.id).order_by("code")).all()
    assert titles == ["Other words", "New"]


def test_object_codes_are_imported_however_they_are_written(session):
    load_reference(session, OPERATOR)
    head = "code,title,valid_from,valid_to\n"
    text = f"{head}5-02-03-010-00,Office Supplies Expenses,,2026-12-31\n5020399999,New,2027-01-01,\n"
    assert import_list(session, OPERATOR, ObjectCode, text) == (1, 1)
    assert import_list(session, OPERATOR, ObjectCode, text) == (0, 0)
    ended, new = (session.get_one(ObjectCode, code) for code in ("5020301000", "5020399999"))
    assert (ended.valid_to, ended.is_valid_in(2026), ended.is_valid_in(2027)) == (date(2026, 12, 31), True, False)
    assert (new.expense_class, new.level, new.is_valid_in(2026)) == (ExpenseClass.MOOE, "sub-object", False)
    load_reference(session, OPERATOR)
    session.expire_all()
    assert ended.valid_to == date(2026, 12, 31)
    wrong = f"{head}5020301000,A,2027,\n5-02-03-010-00,B,,\n501,C,,\n"
    with pytest.raises(RuleBroken, match="3 cells need correction") as refused:
        import_list(session, OPERATOR, ObjectCode, wrong)
    assert refused.value.fields == {
        "row 2, column valid_from": "Row 2, column valid_from: Must be a day like 2027-01-01, not '2027'.",
        "row 3, column code": "Row 3, column code: It stands in row 2 already.",
        "row 4, column code": "Row 4, column code: Type ten digits that begin with 501 (PS), 502 (MOOE), 503 (FinEx) "
        "or 506 (CO).",
    }


def test_what_a_plan_has_chosen_stays(app, engine, cast):
    """A plan holds a theme and a code of a list: the platform sees no plan, yet cannot remove them."""
    foreign_rows(engine, cast)
    with Session(engine) as session:
        bind_platform(session, "test")
        for model, instead in (
            (Theme, "Retire it instead"), (AlignmentCode, "goes out of use"), (AlignmentList, "goes out of use"),
            (ObjectCode, "Give it a last day instead"),
        ):  # fmt: skip
            entry = session.scalars(select(model)).one()
            with pytest.raises(RuleBroken, match=instead):
                actions.remove(session, OPERATOR, entry)
        free = theme(session, "FREE")
        actions.remove(session, OPERATOR, free)
        assert events(session)[-1] == ("themes:delete", "FREE A theme")


def test_only_the_platforms_administrators_keep_the_lists(app, engine, cast):
    desk = desk_of(engine, app, cast, "jamila")
    entry = Theme(code="J", title="Hers")
    for act in (
        lambda: actions.add(desk.session, desk.actor, entry),
        lambda: actions.change(desk.session, desk.actor, entry, {}),
        lambda: actions.retire(desk.session, desk.actor, entry, True),
        lambda: actions.remove(desk.session, desk.actor, entry),
        lambda: actions.move_theme(desk.session, desk.actor, entry, 1),
        lambda: import_list(desk.session, desk.actor, Theme, "code,title\nA,B\n"),
    ):
        with pytest.raises(NotAllowed):
            act()
    desk.session.close()
