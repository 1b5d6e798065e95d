"""Changes of the budget: what each kind has to say, who decides, what is taken from where, and taken back (INV-34)."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from bmms.domain.actors import Actor
from bmms.domain.changes import actions, queries, rules, steps
from bmms.domain.changes.rules import DECLARERS, Line, Way
from bmms.domain.changes.steps import STEPS, Instrument
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.ledger.room import Shortfall
from bmms.domain.permissions import RULES, permissions_of
from bmms.models.authority import AccountObject, BudgetAccount
from bmms.models.changes import BudgetChange, BudgetChangeLine, ChangeKind, ChangeStatus, Savings
from bmms.models.reference import ExpenseClass
from tests.execution import PAPER, TRAVEL, YEAR, Treasury, allot, key, obligate, on, pesos
from tests.planning import Desk

REASON = "The clinics of the islands were built by another agency, so that the money is needed for their supplies. " * 2
MFBM = "MFBM approval 12"


def moved(account_id: int, released: str = "0", unreleased: str = "0", **other: Any) -> Line:
    """Released money moves appropriation and allotment, other money the appropriation alone."""
    return Line(account_id, pesos(released) + pesos(unreleased), pesos(released), **other)


def enter(office: Treasury, way: Way, *lines: Line, desk: Desk | None = None, **other: Any) -> BudgetChange:
    """A draft of Rahma; committed."""
    desk = desk or office.rahma
    answers = {"fiscal_year": YEAR, "reference": f"R {key()}", "dated": on(6, 1), "reason": REASON, **other}
    row = actions.enter(desk.session, desk.actor, way, answers, lines)
    desk.session.commit()
    return row


def at(desk: Desk, row: BudgetChange) -> BudgetChange:
    """The change as somebody else sees it."""
    desk.session.commit()
    return desk.session.get_one(BudgetChange, row.id, populate_existing=True)


def request(office: Treasury, row: BudgetChange, desk: Desk | None = None) -> None:
    desk = desk or office.rahma
    steps.request(desk.session, desk.actor, at(desk, row))
    desk.session.commit()


def approve(office: Treasury, row: BudgetChange, desk: Desk | None = None) -> None:
    desk = desk or office.hadji
    theirs = at(desk, row)
    steps.approve(desk.session, desk.actor, theirs, seen=steps.mark_of(queries.balances_of(desk.session, theirs)))
    desk.session.commit()


def post(office: Treasury, row: BudgetChange, *, authority: str = MFBM, day: date | None = None, **other: Any) -> None:
    desk = office.rahma
    said = Instrument(day or row.dated, authority)
    steps.post(desk.session, desk.actor, at(desk, row), said, key=other.get("key") or key())
    desk.session.commit()


def done(office: Treasury, way: Way, *lines: Line, **other: Any) -> BudgetChange:
    """Entered, requested, approved by the head, posted."""
    row = enter(office, way, *lines, **other)
    request(office, row)
    approve(office, row, office.idris if way == Way.OBJECTS else office.hadji)
    post(office, row)
    return row


@pytest.fixture
def office(treasury) -> Treasury:
    """Of 10 M for MOOE 6 M are released and 4 M obligated; of 10 M for CO nothing."""
    allot(treasury, treasury.mooe, "6M")
    obligate(treasury, treasury.mooe, "4M")
    return treasury


def test_a_realignment_moves_appropriation_and_allotment_together(office):
    row = done(office, Way.CLASSES, moved(office.mooe, "-2M", "-1M"), moved(office.co, "2M", "1M"))
    assert office.state(office.mooe) == (pesos("7M"), pesos("4M"), pesos("4M"), 0)
    assert office.state(office.co) == (pesos("13M"), pesos("2M"), 0, 0)
    mine = at(office.rahma, row)
    assert (mine.status, mine.authority) == (ChangeStatus.POSTED, MFBM)
    assert "not obligated ₱ 2,000,000.00" in mine.balances_seen
    assert (mine.approved_by, mine.requested_by) == (office.hadji.actor.user_id, office.rahma.actor.user_id)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((("mooe", "-2M", "0"), ("co", "1M", "0")), "₱ 1,000,000.00 more of the appropriation is taken than given"),
        ((("mooe", "-1M", "0"), ("co", "0", "1M")), "₱ 1,000,000.00 more of the released money is taken than given"),
        ((("mooe", "-1M", "0"), ("support", "1M", "0")), "stays in one program"),
        ((("mooe", "0.005", "0"), ("co", "-0.005", "0")), "two decimals"),
        ((), "at least one account"),
    ],
)
def test_what_is_taken_is_given_in_one_program(office, lines, told):
    with pytest.raises(RuleBroken, match=told) as refusal:
        enter(office, Way.CLASSES, *(moved(getattr(office, name), *amounts) for name, *amounts in lines))
    assert refusal.value.field == "lines"


def test_no_more_is_taken_than_is_not_obligated_and_not_released(office):
    for lines, link in (
        ((moved(office.mooe, "-2000000.01"), moved(office.co, "2000000.01")), "unobligated"),
        ((moved(office.mooe, "0", "-4000000.01"), moved(office.co, "0", "4000000.01")), "unreleased"),
    ):
        row = enter(office, Way.CLASSES, *lines)
        with pytest.raises(Shortfall) as refusal:
            request(office, row)
        office.rahma.session.rollback()
        assert [one.link for one in refusal.value.lacking] == [link]
    row = enter(office, Way.CLASSES, moved(office.mooe, "-2M"), moved(office.co, "2M"))
    request(office, row)
    obligate(office, office.mooe, "1M", day=on(7, 1))
    with pytest.raises(Shortfall):
        approve(office, row)


def test_a_change_dated_back_asks_for_room_on_each_day_since(office):
    row = enter(office, Way.CLASSES, moved(office.mooe, "-2M"), moved(office.co, "2M"), dated=on(3, 1))
    request(office, row)
    approve(office, row)
    obligate(office, office.mooe, "2M", day=on(5, 1))
    with pytest.raises(Shortfall):
        post(office, row)
    office.rahma.session.rollback()
    allot(office, office.mooe, "2M", day=on(9, 1))
    with pytest.raises(Shortfall, match="on each day since"):
        post(office, row)
    office.rahma.session.rollback()
    post(office, row, day=on(9, 1))
    assert office.state(office.mooe) == (pesos("8M"), pesos("6M"), pesos("6M"), 0)
    assert at(office.rahma, row).dated == on(9, 1)


def test_a_realignment_between_classes_is_posted_with_the_instrument_of_mfbm(office):
    row = enter(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.co, "1M"))
    request(office, row)
    approve(office, row)
    with pytest.raises(RuleBroken, match="MFBM") as refusal:
        post(office, row, authority=" ")
    assert refusal.value.field == "authority"


def test_personal_services(office):
    allot(office, office.ps, "5M")
    into = enter(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.ps, "1M"), authority=MFBM)
    with pytest.raises(RuleBroken, match="Cite it") as refusal:
        request(office, into)
    assert refusal.value.field == "cited_law"
    office.rahma.session.rollback()
    done(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.ps, "1M"), cited_law="BAA No. 5, Sec. 2")
    out = enter(office, Way.CLASSES, moved(office.ps, "-1M"), moved(office.mooe, "1M"))
    with pytest.raises(RuleBroken, match="Out of personal services") as refusal:
        request(office, out)
    assert refusal.value.field == "authority"


def test_a_reason_is_given_at_length(office):
    row = enter(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.co, "1M"), reason="x" * 99)
    with pytest.raises(RuleBroken, match="1 are missing") as refusal:
        request(office, row)
    assert refusal.value.field == "reason"


def test_an_account_opens_for_a_class_that_has_none(office):
    line = moved(office.support, "0", "1M", opens=ExpenseClass.CO)
    row = done(office, Way.CLASSES, moved(office.support, "0", "-1M"), line)
    session = office.rahma.session
    [opened] = session.scalars(
        select(BudgetAccount).join(BudgetChangeLine, BudgetChangeLine.account_id == BudgetAccount.id)
        .where(BudgetChangeLine.change_id == row.id, BudgetAccount.id != office.support)
    ).all()  # fmt: skip
    assert (opened.expense_class, opened.number) == (ExpenseClass.CO, 5)
    assert office.state(opened.id) == (pesos("1M"), 0, 0, 0)
    again = enter(office, Way.CLASSES, moved(office.support, "0", "-1M"), line)
    assert {one.account_id for one in queries.lines_of(session, again)} == {office.support, opened.id}


def objects(office: Treasury, account_id: int) -> dict[str, tuple]:
    """Allotted and obligated by object."""
    session = office.rahma.session
    session.commit()
    rows = session.scalars(
        select(AccountObject).where(AccountObject.account_id == account_id).execution_options(populate_existing=True)
    )
    return {one.object_code: (one.allotted, one.obligated) for one in rows}


def test_between_objects_only_the_split_moves_and_the_review_decides(office):
    """Of 6 M not broken down by object, 4 M are obligated for paper; 2 M can be given to an object."""
    before = office.state(office.mooe)
    too_much = enter(
        office, Way.OBJECTS, Line(office.mooe, pesos(0), pesos("-2000000.01")),
        Line(office.mooe, pesos(0), pesos("2000000.01"), TRAVEL),
    )  # fmt: skip
    with pytest.raises(RuleBroken, match=r"₱ 0.01 too much.*₱ 2,000,000.00 of its allotment are not obligated"):
        request(office, too_much)
    office.rahma.session.rollback()
    row = enter(
        office, Way.OBJECTS, Line(office.mooe, pesos(0), pesos("-2M")), Line(office.mooe, pesos(0), pesos("2M"), TRAVEL)
    )
    request(office, row)
    with pytest.raises(NotAllowed):
        approve(office, row, office.hadji)
    office.hadji.session.rollback()
    approve(office, row, office.idris)
    post(office, row, authority="")
    seen = at(office.rahma, row).balances_seen.splitlines()
    assert seen[0] == "Not broken down by object: not obligated ₱ 2,000,000.00"
    assert seen[1].startswith(TRAVEL)
    assert office.state(office.mooe) == before
    assert objects(office, office.mooe) == {PAPER: (0, pesos("4M")), TRAVEL: (pesos("2M"), 0)}
    back = enter(
        office, Way.OBJECTS, Line(office.mooe, pesos(0), pesos("-3M"), TRAVEL),
        Line(office.mooe, pesos(0), pesos("3M"), PAPER),
    )  # fmt: skip
    with pytest.raises(RuleBroken, match="₱ 1,000,000.00 too much"):
        request(office, back)


def test_an_augmentation_comes_from_declared_savings(office):
    lines = (moved(office.mooe, "-1M"), moved(office.support, "1M"))
    row = enter(office, Way.AUGMENTATION, *lines)
    with pytest.raises(RuleBroken) as refusal:
        request(office, row)
    assert set(refusal.value.fields) == {"savings", "declared_by"}
    office.rahma.session.rollback()
    with pytest.raises(RuleBroken, match="Within one program it is a realignment"):
        enter(office, Way.AUGMENTATION, moved(office.mooe, "-1M"), moved(office.co, "1M"))
    office.rahma.session.rollback()
    done(office, Way.AUGMENTATION, *lines, savings=Savings.FINISHED, declared_by=DECLARERS[0])
    assert office.state(office.support)[:2] == (pesos("6M"), pesos("1M"))


@pytest.mark.parametrize(
    ("way", "lines", "state"),
    [
        (Way.SUPPLEMENT, ("1M", "2M"), ("13M", "7M")),
        (Way.CARRY_OVER, ("0", "2M"), ("12M", "6M")),
        (Way.REDUCTION, ("-1M", "-2M"), ("7M", "5M")),
    ],
)
def test_what_others_decide_names_their_instrument_first(office, way, lines, state):
    row = enter(office, way, moved(office.mooe, *lines))
    with pytest.raises(RuleBroken, match="Chief Minister or MFBM"):
        request(office, row)
    office.rahma.session.rollback()
    done(office, way, moved(office.mooe, *lines), authority="CM directive 3")
    assert office.state(office.mooe)[:2] == tuple(map(pesos, state))
    other = (lines[0], str(-pesos(lines[1])))
    with pytest.raises(RuleBroken, match="above zero"):
        enter(office, way, moved(office.mooe, *other))


def test_nobody_approves_what_they_requested(office):
    """Nurul may do all of it, but not both."""
    line = (Line(office.mooe, pesos(0), pesos("-1M")), Line(office.mooe, pesos(0), pesos("1M"), TRAVEL))
    row = enter(office, Way.OBJECTS, *line, desk=office.nurul)
    request(office, row, office.nurul)
    nurul = office.nurul
    for act in (
        lambda: approve(office, row, nurul),
        lambda: steps.reject(nurul.session, nurul.actor, at(nurul, row), note="x" * 20),
    ):
        with pytest.raises(RuleBroken, match="Somebody else decides"):
            act()
        office.nurul.session.rollback()


def test_an_approval_is_of_the_balances_that_were_seen(office):
    row = enter(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.co, "1M"))
    request(office, row)
    hadji = office.hadji
    seen = steps.mark_of(queries.balances_of(hadji.session, at(hadji, row)))
    obligate(office, office.mooe, "100", day=on(6, 2))
    with pytest.raises(RuleBroken, match="have moved"):
        steps.approve(hadji.session, hadji.actor, at(hadji, row), seen=seen)


def test_a_button_pressed_twice_posts_once(office):
    row = enter(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.co, "1M"))
    request(office, row)
    approve(office, row)
    for _ in range(3):
        post(office, row, key="the same button")
    assert office.state(office.co)[0] == pesos("11M")
    with pytest.raises(RuleBroken, match="already posted"):
        post(office, row)


def test_a_reversal_is_dated_and_needs_what_was_given(office):
    row = done(office, Way.CLASSES, moved(office.mooe, "-2M"), moved(office.co, "2M"))
    hadji = office.hadji

    def reverse(day: date, note: str = "The supplies are needed after all.") -> None:
        steps.reverse(hadji.session, hadji.actor, at(hadji, row), dated=day, note=note, key=key())
        hadji.session.commit()

    for day, note, told in ((on(5, 31), "x" * 20, "not dated before"), (on(6, 2), "Why not", "at least 20")):
        with pytest.raises(RuleBroken, match=told):
            reverse(day, note)
        hadji.session.rollback()
    reverse(on(8, 1))
    assert office.state(office.mooe) == (pesos("10M"), pesos("6M"), pesos("4M"), 0)
    assert office.state(office.co) == (pesos("10M"), 0, 0, 0)
    mine = at(office.rahma, row)
    assert (mine.status, mine.reversed_on) == (ChangeStatus.REVERSED, on(8, 1))


def test_only_the_requester_cancels_and_even_a_short_draft(office):
    row = enter(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.co, "1M"), reason="Soon")
    nurul, rahma = office.nurul, office.rahma
    with pytest.raises(RuleBroken, match="Only its requester"):
        steps.cancel(nurul.session, nurul.actor, at(nurul, row), note="x" * 20)
    nurul.session.rollback()
    steps.cancel(rahma.session, rahma.actor, at(rahma, row), note="It was entered by mistake.")
    rahma.session.commit()
    with pytest.raises(RuleBroken, match="in this year already"):
        enter(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.co, "1M"), reference=row.reference)


EDITS, REVIEWS, HEADS = {"pilot_budget_officer"}, {"budget_review"}, {"budget_approve"}
SOURCES = {
    "request": {"draft"}, "approve": {"requested"}, "reject": {"requested"}, "post": {"approved"},
    "reverse": {"posted"}, "cancel": {"draft", "requested"},
}  # fmt: skip


@pytest.mark.parametrize("by_object", [False, True])
@pytest.mark.parametrize("verb", STEPS)
def test_who_takes_which_step_by_status_verb_and_role(verb, by_object):
    lines = [BudgetChangeLine(account_id=1), BudgetChangeLine(account_id=1 if by_object else 2)]
    step = steps.steps_of(BudgetChange(kind=ChangeKind.REALIGNMENT), lines)[verb]
    takers = {
        (code, status)
        for code in RULES for status in ChangeStatus
        if step.possible(Actor(1, "Somebody", permissions=permissions_of({code})), status)
    }  # fmt: skip
    decides = REVIEWS if by_object else HEADS
    roles = {"approve": decides, "reject": decides, "reverse": HEADS}.get(verb, EDITS)
    assert takers == set(product(roles, SOURCES[verb]))
    assert STEPS.keys() == SOURCES.keys()


@pytest.mark.parametrize("verb", STEPS)
def test_the_domain_refuses_each_step_without_its_permission(office, verb):
    """Omar pays; he changes no budget."""
    row = enter(office, Way.CLASSES, moved(office.mooe, "-1M"), moved(office.co, "1M"))
    omar = office.omar
    theirs = at(omar, row)
    act = {
        "request": lambda: steps.request(omar.session, omar.actor, theirs),
        "approve": lambda: steps.approve(omar.session, omar.actor, theirs, seen=""),
        "reject": lambda: steps.reject(omar.session, omar.actor, theirs, note="x" * 20),
        "post": lambda: steps.post(omar.session, omar.actor, theirs, Instrument(on(6, 1)), key=key()),
        "reverse": lambda: steps.reverse(
            omar.session, omar.actor, theirs, dated=on(6, 1), note="x" * 20, key=key()
        ),
        "cancel": lambda: steps.cancel(omar.session, omar.actor, theirs, note="x" * 20),
    }[verb]  # fmt: skip
    with pytest.raises(NotAllowed):
        act()


def test_ways_and_kinds_fit(office):
    for way, kind in rules.KIND_OF.items():
        lines = [BudgetChangeLine(account_id=1), BudgetChangeLine(account_id=1 if way == Way.OBJECTS else 2)]
        assert rules.way_of(BudgetChange(kind=kind), lines) == way
