"""Budget calls: who enters, who opens, until when; the budget calendar and its reminders."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.calls import actions, queries, reminders, steps
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.files import store
from bmms.models.budgets import Audience, BudgetCall, CalendarItem, CallExtension, CallStatus
from bmms.models.collaboration import Notification
from bmms.models.reference import Holiday, HolidayClass, HolidayScope
from bmms.tenancy import bind_platform
from tests.budgets import OFFICE, Office, call_answers, enter, hire_office, memorandum, step
from tests.planning import desk_of


@pytest.fixture
def office(engine, app, cast) -> Office:
    hire_office(engine, cast)
    desks = {name: desk_of(engine, app, cast, name) for name in OFFICE}
    with clock.stopped_at(datetime(2026, 2, 2, 1, tzinfo=UTC)):
        yield Office(**desks)
    for desk in desks.values():
        desk.session.close()


def fresh(desk, call: BudgetCall) -> BudgetCall:
    desk.session.expire_all()
    return desk.session.get_one(BudgetCall, call.id)


def test_one_enters_and_another_one_opens(office):
    call = enter(office.rahma, memorandum())
    opened = step(office.idris, call, "open")
    assert opened.status == CallStatus.OPEN
    assert (opened.entered_by, opened.opened_by) == (office.rahma.actor.user_id, office.idris.actor.user_id)
    assert queries.open_call(office.rahma.session, 2027).id == call.id
    told = office.rahma.session.scalars(select(Notification).where(Notification.kind == "call_open")).all()
    assert {one.text for one in told} == {"The budget call of FY 2027 is open until 31 March 2026."}


def test_nobody_opens_what_he_or_she_typed_and_the_database_agrees(office, engine):
    call = enter(office.nurul, memorandum())
    with pytest.raises(RuleBroken, match="You entered a part of this call"):
        step(office.nurul, call, "open")
    office.nurul.session.rollback()
    theirs = office.rahma.session.get_one(BudgetCall, call.id)
    actions.change_call(office.rahma.session, office.rahma.actor, theirs, call_answers(title="Call of 2027"))
    office.rahma.session.commit()
    with pytest.raises(RuleBroken, match="You entered a part"):
        step(office.nurul, call, "open")
    office.nurul.session.rollback()
    with pytest.raises(NotAllowed):
        step(office.rahma, call, "open")
    office.rahma.session.rollback()
    with pytest.raises(IntegrityError, match="two_persons"):
        office.rahma.session.execute(text("UPDATE budget_calls SET opened_by = entered_by"))
    office.rahma.session.rollback()


def test_without_the_memorandum_it_does_not_open(office):
    call = enter(office.rahma)
    with pytest.raises(RuleBroken, match="memorandum is not attached"):
        step(office.idris, call, "open")
    office.idris.session.rollback()
    theirs = fresh(office.rahma, call)
    actions.change_call(office.rahma.session, office.rahma.actor, theirs, call_answers(), memorandum())
    office.rahma.session.commit()
    assert step(office.idris, call, "open").status == CallStatus.OPEN


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"due_on": date(2026, 1, 14)}, "due_on", "ends before it opens"),
        ({"ceiling": Decimal(0)}, "ceiling", "above zero"),
        ({"ceiling_mooe": Decimal(-1)}, "ceiling_mooe", "not below zero"),
        ({"ceiling_mooe": Decimal("0.005")}, "ceiling_mooe", "two decimals"),
        ({"ceiling": Decimal(10) ** 15}, "ceiling", "999,999,999,999,999.99"),
        ({"ceiling_mooe": Decimal("20000000.01")}, "ceiling", "come to ₱ 50,000,000.01, more than the ceiling"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(office, wrong, field, words):
    with pytest.raises(RuleBroken) as refused:
        enter(office.rahma, **wrong)
    assert words in refused.value.fields[field]


def test_one_call_a_year_and_classes_within_the_ceiling_in_the_database_too(office):
    call = enter(office.rahma)
    with pytest.raises(RuleBroken, match="has its call already"):
        enter(office.rahma)
    for change in ("ceiling_mooe = 20000000.01", "ceiling = -1", "due_on = opens_on - 1", "status = 'open'"):
        with pytest.raises(IntegrityError), office.rahma.session.begin_nested():
            office.rahma.session.execute(text(f"UPDATE budget_calls SET {change} WHERE id = {call.id}"))


def test_every_status_and_verb_is_in_the_table_or_refused(office):
    allowed = {("planned", "open"), ("open", "amend"), ("open", "close")}
    call = enter(office.rahma, memorandum())
    for status in CallStatus:
        for verb, rule in steps.CALL_STEPS.items():
            desk = office.idris if rule.need.value.endswith("review") else office.rahma
            theirs = fresh(desk, call)
            theirs.status = status
            desk.session.flush()
            if (status.value, verb) in allowed:
                steps.take(desk.session, desk.actor, theirs, verb, note="Twenty characters and more.")
                assert theirs.status == rule.target
            else:
                with pytest.raises(RuleBroken, match="already"):
                    steps.take(desk.session, desk.actor, theirs, verb, note="Twenty characters and more.")
            desk.session.rollback()


def test_a_call_taken_back_for_changes_is_opened_anew(office):
    call = enter(office.rahma, memorandum())
    step(office.idris, call, "open")
    with pytest.raises(RuleBroken, match="Take it back for changes first"):
        actions.change_call(office.rahma.session, office.rahma.actor, fresh(office.rahma, call), call_answers())
    with pytest.raises(RuleBroken, match="20 characters"):
        step(office.rahma, call, "amend", note="Short")
    office.rahma.session.rollback()
    step(office.rahma, call, "amend")
    with pytest.raises(RuleBroken, match="was open. It stays"):
        actions.delete_call(office.rahma.session, office.rahma.actor, fresh(office.rahma, call))
    office.rahma.session.rollback()
    assert step(office.idris, call, "open").status == CallStatus.OPEN


def test_a_call_that_was_never_open_can_go(office):
    call = enter(office.rahma)
    actions.delete_call(office.rahma.session, office.rahma.actor, call)
    office.rahma.session.commit()
    assert queries.list_calls(office.rahma.session) == []


def extend(office, call: BudgetCall, day: date, desk=None) -> CallExtension:
    desk = desk or office.rahma
    theirs = fresh(desk, call)
    made = actions.enter_extension(
        desk.session, desk.actor, theirs, extended_to=day, reference="Memo 7", file=memorandum()
    )
    desk.session.commit()
    return made


def confirm(desk, call: BudgetCall, extension: CallExtension) -> None:
    theirs = desk.session.get_one(CallExtension, extension.id)
    steps.confirm_extension(desk.session, desk.actor, fresh(desk, call), theirs)
    desk.session.commit()


def test_an_extension_holds_once_somebody_else_has_confirmed_it(office):
    call = enter(office.rahma, memorandum())
    with pytest.raises(RuleBroken, match="planned still"):
        extend(office, call, date(2026, 4, 15))
    office.rahma.session.rollback()
    step(office.idris, call, "open")
    with pytest.raises(RuleBroken, match="deadline is 2026-03-31 already"):
        extend(office, call, date(2026, 3, 31))
    office.rahma.session.rollback()
    extension = extend(office, call, date(2026, 4, 15), office.nurul)
    assert fresh(office.rahma, call).extended_to is None
    with pytest.raises(RuleBroken, match="waits for confirmation already"):
        extend(office, call, date(2026, 4, 20))
    office.rahma.session.rollback()
    with pytest.raises(RuleBroken, match="You entered this extension"):
        confirm(office.nurul, call, extension)
    office.nurul.session.rollback()
    confirm(office.idris, call, extension)
    assert fresh(office.rahma, call).extended_to == date(2026, 4, 15)
    with pytest.raises(RuleBroken, match="confirmed already"):
        confirm(office.idris, call, extension)


def test_a_closed_call_is_open_again_once_it_is_extended(office):
    call = enter(office.rahma, memorandum())
    step(office.idris, call, "open")
    actor = system_actor("calendar", office.rahma.actor.organization_id)
    assert steps.close_due(office.rahma.session, actor, date(2026, 3, 31)) == 0, "the last day counts"
    assert steps.close_due(office.rahma.session, actor, date(2026, 4, 1)) == 1
    office.rahma.session.commit()
    assert queries.open_call(office.rahma.session, 2027) is None
    confirm(office.idris, call, extend(office, call, date(2026, 4, 15)))
    assert fresh(office.rahma, call).status == CallStatus.OPEN


def test_an_extension_that_nobody_confirmed_can_be_withdrawn(office):
    call = enter(office.rahma, memorandum())
    step(office.idris, call, "open")
    extension = extend(office, call, date(2026, 4, 15))
    steps.withdraw_extension(office.rahma.session, office.rahma.actor, call, extension)
    office.rahma.session.commit()
    assert queries.extensions_of(office.rahma.session, call) == []


def plant_holiday(engine, day: date) -> None:
    from sqlalchemy.orm import Session

    with Session(engine) as session:
        bind_platform(session, "tests")
        kind = {"kind": HolidayClass.REGULAR_NON_WORKING, "scope": HolidayScope.BOTH, "name": "A day"}
        session.add(Holiday(day=day, **kind))
        session.commit()


def test_a_deadline_moves_to_the_next_working_day(office, engine):
    plant_holiday(engine, date(2026, 4, 6))
    call = enter(office.rahma, memorandum(), due_on=date(2026, 4, 4))  # a Saturday before a holiday
    found = queries.deadline_of(office.rahma.session, call)
    assert (found.day, found.has_moved) == (date(2026, 4, 7), True)
    step(office.idris, call, "open")
    actor = system_actor("calendar", office.rahma.actor.organization_id)
    assert steps.close_due(office.rahma.session, actor, date(2026, 4, 7)) == 0
    assert steps.close_due(office.rahma.session, actor, date(2026, 4, 8)) == 1


def told(desk, today: date) -> list[str]:
    before = set(desk.session.scalars(select(Notification.id)))
    reminders.remind(desk.session, system_actor("calendar", desk.actor.organization_id), today)
    return sorted(one.text for one in desk.session.scalars(select(Notification)) if one.id not in before)


def test_dates_are_called_to_mind_a_week_and_a_day_before_and_once(office, engine):
    plant_holiday(engine, date(2026, 3, 30))
    call = enter(office.rahma, memorandum(), due_on=date(2026, 3, 30))
    step(office.idris, call, "open")
    answers = {
        "fiscal_year": 2027, "name": "Hearing", "starts_on": None, "due_on": date(2026, 3, 29),
        "audience": Audience.REVIEW, "source": "",
    }  # fmt: skip
    actions.add_item(office.rahma.session, office.rahma.actor, answers)
    office.rahma.session.commit()
    week = ["The budget call of FY 2027 closes in a week, on 31 March 2026."] * 2
    hearing = ["“Hearing” (FY 2027) is due in a week, on 31 March 2026."] * 2
    assert told(office.rahma, date(2026, 3, 24)) == sorted(week + hearing), "both moved by the holiday"
    assert told(office.rahma, date(2026, 3, 24)) == []
    assert told(office.rahma, date(2026, 3, 25)) == []
    assert len(told(office.rahma, date(2026, 3, 30))) == 4


def test_the_usual_dates_are_added_once(office):
    session, actor = office.rahma.session, office.rahma.actor
    added = actions.add_usual_items(session, actor, 2027)
    assert added == len(actions.usual_items(2027)) > 5
    assert actions.add_usual_items(session, actor, 2027) == 0
    item = queries.calendar_of(session, 2027)[0]
    with pytest.raises(RuleBroken, match="on the calendar of that year already"):
        actions.add_item(session, actor, {**actions.usual_items(2027)[0]})
    wrong = {**actions.usual_items(2027)[0], "due_on": date(2026, 3, 1)}
    with pytest.raises(RuleBroken, match="ends before it starts"):
        actions.change_item(session, actor, item, wrong)
    actions.remove_item(session, actor, item)
    assert len(session.scalars(select(CalendarItem)).all()) == added - 1


def test_only_those_who_prepare_budgets_type_calls(office):
    for act in (
        lambda: enter(office.idris),
        lambda: actions.add_usual_items(office.idris.session, office.idris.actor, 2027),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_the_instrument_is_read_by_everybody_in_the_organization_and_nobody_else(office, engine, app, cast):
    call = enter(office.rahma, memorandum())
    yusuf = desk_of(engine, app, cast, "yusuf")
    file, content = store.open_file(yusuf.session, yusuf.actor, call.file_id)
    content.close()
    assert file.name == "memorandum.pdf"
    yusuf.session.close()
