"""The opening position: every cell checked, the whole posted once by two persons, and nothing counted twice."""

import threading
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.ledger import reconciling
from bmms.domain.openings import actions, queries, steps
from bmms.domain.permissions import RULES, permissions_of
from bmms.models.ledger import AccountingPeriod, LedgerEntry, LedgerPosting, NumberSeries
from bmms.models.obligations import Obligation, ObligationLine, ObligationStatus
from bmms.models.openings import OpeningPosition, OpeningStatus
from bmms.models.payees import Payee
from tests import openings as paper
from tests.execution import YEAR, allot, obligate, on, pay, pesos, tried
from tests.planning import until_somebody_waits

FIRST, SECOND = f"01-{YEAR}-02-0007", f"01-{YEAR}-04-0031"


def refused(office, opening, desk=None) -> str:
    desk = desk or office.idris
    return str(tried(desk, lambda: paper.confirm(desk, opening)) or "")


def numbers(office) -> dict[str, Obligation]:
    session = office.rahma.session
    session.commit()
    query = select(Obligation).where(Obligation.is_opening).execution_options(populate_existing=True)
    return {row.ors_no: row for row in session.scalars(query)}


def test_the_whole_position_is_posted_and_nothing_counts_twice(treasury):
    opening = paper.imported(treasury)
    assert treasury.state(treasury.mooe) == (pesos("10M"), 0, 0, 0), "nothing counts before it is confirmed"
    assert {row.status for row in numbers(treasury).values()} == {ObligationStatus.DRAFT}
    paper.confirm(treasury.idris, opening)
    assert treasury.state(treasury.mooe) == (pesos("10M"), pesos("6M"), pesos("4M"), pesos("2M"))
    assert treasury.state(treasury.co) == (pesos("10M"), pesos("5M"), pesos("2M"), pesos("2M"))
    session = treasury.rahma.session
    assert reconciling.differences(session) == []
    sums = session.execute(
        select(LedgerEntry.quarter, LedgerEntry.measure, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account_id == treasury.mooe, LedgerEntry.measure.in_(["obligation", "disbursement"]))
        .group_by(LedgerEntry.quarter, LedgerEntry.measure).order_by(LedgerEntry.quarter, LedgerEntry.measure)
    ).all()  # fmt: skip
    assert [(one[0], one[1].value, one[2]) for one in sums] == [
        (1, "disbursement", pesos("1M")), (1, "obligation", pesos("3M")),
        (2, "disbursement", pesos("1M")), (2, "obligation", pesos("1M")),
    ]  # fmt: skip
    days = session.scalars(select(LedgerEntry.doc_date).where(LedgerEntry.measure != "authorised").distinct())
    assert sorted(days) == [on(3, 31), paper.CUT_OVER]
    assert session.scalars(select(LedgerPosting.label).where(LedgerPosting.document_kind == "opening")).all() == [
        "Opening position, FAR No. 1 as of May"
    ]


def test_unpaid_obligations_become_obligations_of_their_own(treasury):
    paper.confirm(treasury.idris, paper.imported(treasury))
    found, session = numbers(treasury), treasury.rahma.session
    assert {number: (row.status, row.dated, row.total) for number, row in found.items()} == {
        FIRST: (ObligationStatus.OBLIGATED, on(2, 10), pesos("2M")),
        SECOND: (ObligationStatus.OBLIGATED, on(4, 5), pesos("1250000")),
    }
    first = found[FIRST]
    assert (first.requested_by, first.certified_by) == (treasury.rahma.actor.user_id, treasury.idris.actor.user_id)
    line = session.scalars(select(ObligationLine).where(ObligationLine.obligation_id == first.id)).one()
    assert (line.amount, line.due, line.paid) == (pesos("2M"), pesos("1500000"), pesos("1250000"))
    moves = session.execute(
        select(LedgerEntry.doc_date, LedgerEntry.measure, LedgerEntry.amount)
        .where(LedgerEntry.obligation_line_id == line.id)
        .order_by(LedgerEntry.doc_date, LedgerEntry.measure)
    ).all()
    assert [(day, measure.value, amount) for day, measure, amount in moves] == [
        (on(3, 31), "disbursement", pesos("1M")), (on(3, 31), "due", pesos("1M")),
        (on(3, 31), "obligation", pesos("2M")), (paper.CUT_OVER, "disbursement", pesos("250000")),
        (paper.CUT_OVER, "due", pesos("500000")),
    ]  # fmt: skip
    names = {payee.id: payee.name for payee in session.scalars(select(Payee))}
    assert first.payee_id == treasury.payee, "found by its name, whatever the capitals"
    assert names[found[SECOND].payee_id] == "Maluso Trading"


def test_what_is_unpaid_can_be_paid_and_numbers_go_on(treasury):
    paper.confirm(treasury.idris, paper.imported(treasury))
    session = treasury.rahma.session
    assert session.scalar(select(NumberSeries.last).where(NumberSeries.series == "ors-01")) == 31
    session.commit()
    assert obligate(treasury, treasury.mooe, "1M", day=on(6, 3)).ors_no == f"01-{YEAR}-06-0032"
    second = numbers(treasury)[SECOND]
    early = tried(treasury.rahma, lambda: pay(treasury, second, "1M", day=on(5, 30)))
    assert "cannot be dated before" in str(early)
    treasury.omar.session.rollback()
    pay(treasury, second, "1250000", day=on(6, 10))
    assert treasury.state(treasury.mooe)[3] == pesos("3250000")
    assert reconciling.differences(treasury.rahma.session) == []


def test_a_series_that_has_come_further_stays_there(treasury):
    session = treasury.rahma.session
    session.add(NumberSeries(fiscal_year=YEAR, series="ors-01", last=90))
    session.commit()
    paper.confirm(treasury.idris, paper.imported(treasury))
    assert session.scalar(select(NumberSeries.last).where(NumberSeries.series == "ors-01")) == 90


@pytest.mark.parametrize(
    ("number", "serial"),
    [("01-2026-03-0031", 31), ("0031", 31), ("01-2026-03-0031 ", 31), ("ORS A", None), ("20260300031", None)],
)
def test_the_running_number_is_the_last_part(number, serial):
    assert steps.serial_of(number) == serial


def test_two_persons_and_the_whole_or_nothing(treasury):
    opening = paper.imported(treasury)
    rahma, nurul = treasury.rahma, treasury.nurul
    assert "permission" in refused(treasury, opening, rahma)
    mine = nurul.session.get_one(OpeningPosition, opening.id)
    actions.change(nurul.session, nurul.actor, mine, paper.answers(), None)
    nurul.session.commit()
    assert "You entered this" in refused(treasury, opening, nurul)
    paper.confirm(treasury.idris, opening)
    again = refused(treasury, opening)
    assert "already posted" in again
    assert treasury.state(treasury.mooe)[1] == pesos("6M")


def test_the_same_button_posts_once(treasury):
    opening = paper.imported(treasury)
    for _ in range(3):
        paper.confirm(treasury.idris, opening, key="one button")
    assert treasury.state(treasury.mooe)[1] == pesos("6M")


@pytest.mark.parametrize(
    ("name", "stated", "told"),
    [
        ("stated_allotted", "11000000.01", "Allotments: the workbook comes to ₱ 11,000,000.00"),
        ("stated_obligated", "5M", "the difference is ₱ 1,000,000.00"),
        ("stated_disbursed", "4500000", "the difference is ₱ -500,000.00"),
    ],
)
def test_the_totals_of_the_signed_statement_have_to_be_met(treasury, name, stated, told):
    opening = paper.imported(treasury, **{name: pesos(stated)})
    assert told in refused(treasury, opening)
    assert treasury.state(treasury.mooe)[1] == 0
    assert {row.status for row in numbers(treasury).values()} == {ObligationStatus.DRAFT}


def test_without_workbook_or_statement_nothing_is_confirmed(treasury):
    opening = paper.entered(treasury)
    assert "Nothing is imported yet" in refused(treasury, opening)
    other = paper.imported(treasury, reference="FAR again")
    other.file_id = None
    treasury.rahma.session.commit()
    assert "not attached" in refused(treasury, other)


def test_nothing_else_is_posted_in_its_accounts_before_the_cut_over(treasury):
    opening = paper.imported(treasury)
    order = allot(treasury, treasury.mooe, "1M", day=on(5, 31))
    told = refused(treasury, opening)
    assert f"Allotment order {order.number}, special of 31 May {YEAR}" in told
    assert "posted before anything else of that time" in told
    found = paper.checked(treasury, opening)
    assert not found.is_good
    assert "postings up to the cut-over already" in found.refusals[0], "said at the check already"


def test_what_is_dated_after_the_cut_over_does_not_stand_in_the_way(treasury):
    opening = paper.imported(treasury)
    allot(treasury, treasury.mooe, "1M", day=on(6, 1))
    paper.confirm(treasury.idris, opening)
    assert treasury.state(treasury.mooe)[1] == pesos("7M")


def test_what_is_dated_up_to_the_cut_over_would_count_twice_afterwards(treasury):
    paper.confirm(treasury.idris, paper.imported(treasury))
    for account_id in (treasury.mooe, treasury.support):  # the whole law, not only the accounts that it names
        with pytest.raises(RuleBroken, match="holds everything up to its cut-over"):
            allot(treasury, account_id, "1M", day=on(5, 31))
        treasury.idris.session.rollback()
    allot(treasury, treasury.mooe, "1M", day=on(6, 1))
    assert treasury.state(treasury.mooe)[1] == pesos("7M")


def test_there_is_one_for_each_year_and_law(treasury):
    paper.confirm(treasury.idris, paper.imported(treasury))
    support = paper.number_of(treasury, treasury.support)
    rows = [{"account": support, "quarter": 1, "allotted": 1_000_000}]
    other = paper.entered(treasury, reference="FAR of the rest")
    found = paper.checked(treasury, other, rows, [])
    assert "BAA No. 99 has its opening position already: FAR No. 1 as of May" in found.refusals[0]


def test_a_rule_of_the_ledger_that_refuses_leaves_nothing(treasury):
    opening = paper.imported(treasury)
    session = treasury.rahma.session
    session.add(AccountingPeriod(month=on(3, 1), is_closed=True))
    session.commit()
    assert "March" in refused(treasury, opening)
    session.execute(text("UPDATE accounting_periods SET is_closed = false"))
    session.execute(text(f"UPDATE opening_lines SET disbursed = 4000000 WHERE account_id = {treasury.co} AND"
                         " disbursed > 0"))  # fmt: skip
    session.execute(text("UPDATE opening_positions SET stated_disbursed = 6000000"))
    session.commit()
    told = refused(treasury, opening)
    assert "too much" in told, told
    assert treasury.state(treasury.mooe)[1] == 0
    assert {row.status for row in numbers(treasury).values()} == {ObligationStatus.DRAFT}
    assert session.scalar(select(NumberSeries.last).where(NumberSeries.series == "ors-01")) is None


def test_an_obligation_that_was_changed_since_the_import_is_found(treasury):
    opening = paper.imported(treasury)
    session = treasury.rahma.session
    session.execute(text(f"UPDATE obligation_lines SET amount = 1 WHERE account_id = {treasury.mooe} AND id IN"
                         " (SELECT max(id) FROM obligation_lines)"))  # fmt: skip
    session.commit()
    assert "not what was imported any more" in refused(treasury, opening)


def test_what_came_over_from_paper_stays_as_it_was_posted(treasury, engine):
    paper.confirm(treasury.idris, paper.imported(treasury))
    for attack in (
        "UPDATE obligations SET status = 'draft' WHERE is_opening",
        "UPDATE obligations SET total = total + 1 WHERE is_opening",
        "DELETE FROM opening_lines",
        "UPDATE opening_positions SET stated_allotted = 1",
    ):
        assert attacked(engine, treasury, attack) in ("inv29_never_changed", "document_open"), attack


def attacked(engine, office, statement: str) -> str:
    """The name of what refuses a statement of the application's own login."""
    try:
        with engine.begin() as connection:
            organization_id = str(office.rahma.actor.organization_id)
            connection.execute(text("SELECT set_config('bmms.organization_id', :id, true)"), {"id": organization_id})
            connection.execute(text(statement))
    except DBAPIError as error:
        return error.orig.diag.constraint_name
    return ""


@pytest.mark.parametrize(("cut_over", "closed", "told"), [((5, 31), 4, True), ((5, 31), 5, False), ((5, 30), 4, False)])
def test_the_months_that_it_covers_are_to_be_closed(treasury, cut_over, closed, told):
    opening = paper.imported(treasury, cut_over=on(*cut_over))
    session = treasury.rahma.session
    assert not queries.leaves_months_open(session, opening), "only when it is in the ledger"
    session.commit()
    paper.confirm(treasury.idris, opening)
    session.refresh(opening)
    assert queries.leaves_months_open(session, opening)
    session.add(AccountingPeriod(month=on(closed, 1), is_closed=True))
    session.commit()
    assert queries.leaves_months_open(session, opening) == told


def test_another_cut_over_takes_out_what_was_imported(treasury):
    opening = paper.imported(treasury)
    rahma, session = treasury.rahma, treasury.rahma.session
    actions.change(session, rahma.actor, opening, paper.answers(reference="Named anew"), None)
    session.commit()
    assert len(numbers(treasury)) == 2
    actions.change(session, rahma.actor, opening, paper.answers(cut_over=on(4, 30)), None)
    session.commit()
    assert numbers(treasury) == {}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("reference", " ", "Name the statement"),
        ("cut_over", on(1, 1).replace(year=YEAR - 1), "Choose a day of the fiscal year"),
        ("fiscal_year", YEAR - 3, "No appropriation of this year"),
        ("stated_allotted", Decimal(0), "without allotment"),
        ("stated_obligated", pesos("12M"), "between zero and"),
        ("stated_disbursed", pesos("7M"), "between zero and"),
    ],
)
def test_what_is_typed_is_checked(treasury, field, value, told):
    rahma = treasury.rahma
    with pytest.raises(RuleBroken) as broken:
        actions.enter(rahma.session, rahma.actor, paper.answers(**{field: value}), paper.scan())
    assert told in broken.value.fields[field]


def test_a_day_to_come_and_a_name_that_is_taken(treasury):
    paper.entered(treasury)
    rahma, year = treasury.rahma, clock.today().year
    with pytest.raises(RuleBroken) as broken:
        actions.enter(rahma.session, rahma.actor, paper.answers(), paper.scan())
    assert "one with this name" in broken.value.fields["reference"]
    future = clock.today().replace(year=year + 1, day=1)
    with pytest.raises(RuleBroken) as broken:
        actions.enter(rahma.session, rahma.actor, paper.answers(cut_over=future, fiscal_year=year + 1), None)
    assert "future" in broken.value.fields["cut_over"]


# (status, verb): who may.
EDIT, REVIEW = {"pilot_budget_officer"}, {"budget_review"}
TABLE = {("draft", "change"): EDIT, ("draft", "cancel"): EDIT, ("draft", "confirm"): REVIEW}


@pytest.mark.parametrize("status", OpeningStatus)
def test_who_may_do_what_in_which_status(treasury, status):
    opening = paper.imported(treasury)
    if status == OpeningStatus.POSTED:
        paper.confirm(treasury.idris, opening)
    session = treasury.idris.session
    row = session.get_one(OpeningPosition, opening.id, populate_existing=True)
    if status == OpeningStatus.CANCELLED:
        actions.cancel(treasury.rahma.session, treasury.rahma.actor, opening)
        treasury.rahma.session.commit()
    session.commit()
    acts = {
        "change": lambda actor: actions.change(session, actor, row, paper.answers(), None),
        "cancel": lambda actor: actions.cancel(session, actor, row),
        "confirm": lambda actor: steps.confirm(session, actor, row, key="a button"),
    }
    able: dict[tuple[str, str], set[str]] = {}
    for verb, act in acts.items():
        for code in RULES:
            idris = treasury.idris.actor
            actor = Actor(idris.user_id, "Somebody", idris.organization_id, permissions=permissions_of({code}))
            try:
                act(actor)
                able.setdefault((status.value, verb), set()).add(code)
            except (NotAllowed, RuleBroken):
                pass
            session.rollback()
    assert able == {key: codes for key, codes in TABLE.items() if key[0] == status}


def test_drafts_are_seen_by_those_who_work_on_them(treasury):
    opening = paper.entered(treasury)
    session = treasury.rahma.session
    viewer = Actor(1, "Viewer", opening.organization_id, permissions=permissions_of({"pilot_viewer"}))
    with pytest.raises(NotFound):
        queries.get_opening(session, viewer, opening.id)
    assert session.scalars(queries.list_openings(viewer)).all() == []
    assert session.scalars(queries.list_openings(treasury.idris.actor)).all() == [opening]


def test_of_two_who_confirm_at_once_one_posts(treasury, engine):
    opening = paper.imported(treasury)
    idris, nurul, told = treasury.idris, treasury.nurul, list[Exception | None]()
    row = idris.session.get_one(OpeningPosition, opening.id)
    steps.confirm(idris.session, idris.actor, row, key="first")
    thread = threading.Thread(target=lambda: told.append(tried(nurul, lambda: paper.confirm(nurul, opening))))
    thread.start()
    until_somebody_waits(engine)
    idris.session.commit()
    thread.join(300)
    assert "already posted" in str(told[0])
    assert treasury.state(treasury.mooe)[1] == pesos("6M")


def test_a_posting_that_was_begun_first_stands_in_the_way(treasury, engine):
    """Idris releases an order of May and has not committed; Nurul's confirmation waits for it, and is refused."""
    opening = paper.imported(treasury)
    idris, nurul, told = treasury.idris, treasury.nurul, list[Exception | None]()
    release = idris.session.commit
    idris.session.commit = lambda: None  # type: ignore[method-assign]
    order = allot(treasury, treasury.mooe, "1M", day=on(5, 2))
    thread = threading.Thread(target=lambda: told.append(tried(nurul, lambda: paper.confirm(nurul, opening))))
    thread.start()
    until_somebody_waits(engine)
    release()
    thread.join(300)
    idris.session.commit = release  # type: ignore[method-assign]
    assert f"Allotment order {order.number}" in str(told[0])
    assert treasury.state(treasury.mooe)[1] == pesos("1M")
