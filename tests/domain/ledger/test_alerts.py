"""Alerts of execution: each cause at its very threshold, and what becomes of an alert from night to night."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bmms.domain import clock, journal
from bmms.domain.actors import system_actor
from bmms.domain.alerts import actions, checking, limits
from bmms.domain.alerts.pace import last_quarter
from bmms.domain.alerts.words import said_of
from bmms.domain.errors import NotAllowed, RuleBroken, Stale
from bmms.models.alerts import AlertKind as K
from bmms.models.alerts import BudgetAlert, Severity
from bmms.models.authority import ValidityExtension
from bmms.models.bed import BedFigure, BedLine, BedProgram, BedStatus
from bmms.models.collaboration import Notification
from bmms.models.planning import PlanStatus
from bmms.models.reference import ExpenseClass
from bmms.models.work import ItemStatus
from tests.execution import YEAR, Treasury, allot, appropriate, obligate, on, opened, pay, pesos
from tests.obligations import line, obligated
from tests.planning import Desk, desk_of, make_lists, make_plan, until_somebody_waits
from tests.workplans import add, make_objective, make_work_plan

MIDSUMMER = date(YEAR, 7, 1)


@pytest.fixture
def at_desk() -> Iterator[Callable[[Desk], Desk]]:
    """Desks that leave no lock behind, whatever happens at them."""
    desks: list[Desk] = []

    def sit(desk: Desk) -> Desk:
        desks.append(desk)
        return desk

    yield sit
    for desk in desks:
        desk.session.close()


@contextmanager
def living(day: date):
    with clock.stopped_at(datetime.combine(day, time(12), clock.MANILA)):
        yield


def night(treasury: Treasury, day: date, *kinds: K) -> checking.Outcome:
    """The check of a night, in the scope of Health; committed."""
    session = treasury.rahma.session
    session.commit()
    with living(day):
        actor = system_actor("calendar", treasury.rahma.actor.organization_id)
        done = checking.check(session, actor, day, kinds or tuple(checking.FAMILIES))
    session.commit()
    return done


def alerts(treasury: Treasury, *kinds: K, state: bool = True) -> list[BudgetAlert]:
    session = treasury.rahma.session
    query = select(BudgetAlert).where(BudgetAlert.closed_at.is_(None) == state).order_by(BudgetAlert.id)
    if kinds:
        query = query.where(BudgetAlert.kind.in_(kinds))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_al1_near_the_limit_at_85_95_and_100(treasury):
    allot(treasury, treasury.mooe, "6M")
    obligate(treasury, treasury.mooe, "5099999.99")
    assert not night(treasury, on(3, 1), K.NEAR_LIMIT)
    obligate(treasury, treasury.mooe, "0.01")  # exactly 85 %
    assert night(treasury, on(3, 1), K.NEAR_LIMIT).opened == 1
    (one,) = alerts(treasury)
    assert (one.severity, one.account_id, one.period) == (Severity.INFO, treasury.mooe, str(YEAR))
    assert said_of(one) == "₱ 5,100,000.00 of an allotment of ₱ 6,000,000.00 are obligated, 85 %."
    assert not night(treasury, on(3, 2), K.NEAR_LIMIT), "a second night changes nothing"
    obligate(treasury, treasury.mooe, "600000")
    assert night(treasury, on(3, 3), K.NEAR_LIMIT).raised == 1
    assert [row.severity for row in alerts(treasury)] == [Severity.WARNING]
    obligate(treasury, treasury.mooe, "299999.99")
    night(treasury, on(3, 3), K.NEAR_LIMIT)
    assert [(row.severity, row.facts["rate"]) for row in alerts(treasury)] == [(Severity.WARNING, "99.99")]
    obligate(treasury, treasury.mooe, "0.01")
    night(treasury, on(3, 3), K.NEAR_LIMIT)
    assert [row.severity for row in alerts(treasury)] == [Severity.CRITICAL]
    allot(treasury, treasury.mooe, "4M")
    assert night(treasury, on(3, 4), K.NEAR_LIMIT).closed == 1
    assert (alerts(treasury), len(alerts(treasury, state=False))) == ([], 1)


def test_al1_ends_with_the_days_of_charging(treasury):
    allot(treasury, treasury.mooe, "6M")
    obligate(treasury, treasury.mooe, "6M")
    assert night(treasury, on(12, 31), K.NEAR_LIMIT).opened == 1
    assert night(treasury, date(YEAR + 1, 1, 1), K.NEAR_LIMIT).closed == 1


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (on(3, 31), (YEAR - 1, 4, date(YEAR - 1, 12, 31))), (on(4, 1), (YEAR, 1, on(3, 31))),
        (on(12, 31), (YEAR, 3, on(9, 30))), (date(YEAR + 1, 1, 1), (YEAR, 4, on(12, 31))),
    ],
)  # fmt: skip
def test_the_last_quarter_that_is_over(day, quarter):
    assert last_quarter(day) == quarter


def test_al2_slow_by_the_targets_of_each_quarter(treasury):
    """Of 10 M: at mid-year less than 4 M is slow (20 % under the target of 50 %), less than 3 M critical."""
    for account in (treasury.mooe, treasury.ps, treasury.co, treasury.support):
        allot(treasury, account, "5M")
    obligate(treasury, treasury.mooe, "2999999.99")
    obligate(treasury, treasury.ps, "3M", object_code="5010101001")
    obligate(treasury, treasury.co, "4M", object_code="5060405003")
    obligate(treasury, treasury.support, "5M")
    assert night(treasury, on(6, 30), K.SLOW).opened == 0, "the first quarter had 20 % and more"
    assert night(treasury, on(7, 1), K.SLOW).opened == 2
    found = {one.account_id: one for one in alerts(treasury)}
    assert {key: one.severity for key, one in found.items()} == {
        treasury.mooe: Severity.CRITICAL, treasury.ps: Severity.WARNING,
    }  # fmt: skip
    assert found[treasury.ps].period == f"{YEAR}-Q2"
    assert said_of(found[treasury.ps]) == (
        f"On 30 June {YEAR} ₱ 3,000,000.00 of an appropriation of ₱ 10,000,000.00 were obligated, 30 %. "
        "The target is 50 %; less than 40 % is slow."
    )
    obligate(treasury, treasury.ps, "1M", object_code="5010101001", day=on(6, 30))
    obligate(treasury, treasury.mooe, "2000000.01", day=on(7, 15))
    assert night(treasury, on(7, 2), K.SLOW).closed == 1, "what is dated later does not count"
    done = night(treasury, on(10, 1), K.SLOW)
    assert (done.opened, done.closed) == (3, 1), "a new period: below 60 % of 10 M are now three"
    severe = {one.account_id: (one.period, one.severity) for one in alerts(treasury)}
    assert severe[treasury.mooe] == (f"{YEAR}-Q3", Severity.WARNING), "5 M of 10 M are 50 %"
    assert severe[treasury.co] == (f"{YEAR}-Q3", Severity.CRITICAL)


def test_al3_idle_after_90_days_until_something_is_paid(treasury):
    allot(treasury, treasury.mooe, "6M")
    row = obligate(treasury, treasury.mooe, "1M", expected_on=on(3, 1))
    obligate(treasury, treasury.mooe, "1M")
    assert not night(treasury, on(3, 1) + timedelta(days=89), K.IDLE)
    assert night(treasury, on(3, 1) + timedelta(days=90), K.IDLE).opened == 1
    (one,) = alerts(treasury)
    assert (one.obligation_id, one.account_id) == (row.id, None)
    assert said_of(one) == (
        f"Nothing of ₱ 1,000,000.00 was paid within 90 days after 1 March {YEAR}, when payment was expected."
    )
    pay(treasury, row, "0.01", day=on(7, 1))
    assert night(treasury, on(7, 1), K.IDLE).closed == 1


def test_al4_validity_at_60_30_and_7_days_and_longer_by_law(treasury):
    allot(treasury, treasury.mooe, "10M")
    row = obligate(treasury, treasury.mooe, "10M")
    for account, code in ((treasury.ps, "5010101001"), (treasury.co, "5060405003"), (treasury.support, "5020301000")):
        amount = "5M" if account == treasury.support else "10M"
        allot(treasury, account, amount)
        pay(treasury, obligate(treasury, account, amount, object_code=code), amount)
    assert not night(treasury, on(10, 31), K.VALIDITY)
    assert night(treasury, on(11, 1), K.VALIDITY).opened == 1, "60 days before"
    (one,) = alerts(treasury)
    assert (one.account_id, one.period, one.severity) == (treasury.mooe, f"{YEAR}-12-31", Severity.INFO)
    assert said_of(one) == (
        f"₱ 10,000,000.00 of ₱ 10,000,000.00 obligated are not paid; the last day for it is 31 December {YEAR}."
    )
    for day, severity in (((12, 1), "warning"), ((12, 23), "warning"), ((12, 24), "critical"), ((12, 31), "critical")):
        night(treasury, on(*day), K.VALIDITY)
        assert [each.severity for each in alerts(treasury)] == [severity], day
    pay(treasury, row, "9999999.99", day=on(12, 31))
    assert not night(treasury, on(12, 31), K.VALIDITY).closed
    pay(treasury, row, "0.01", day=on(12, 31))
    assert night(treasury, on(12, 31), K.VALIDITY).closed == 1


def test_al4_is_over_with_the_window_and_follows_a_law_that_extends_it(treasury):
    assert night(treasury, on(12, 1), K.VALIDITY).opened == 4
    session, until = treasury.rahma.session, date(YEAR + 1, 3, 31)
    session.add(ValidityExtension(
        appropriation_id=treasury.account(treasury.mooe).appropriation_id, law="BAA No. 120", effective_on=on(12, 15),
        expense_class=ExpenseClass.CO, obligate_until=until, pay_until=until, entered_by=treasury.rahma.actor.user_id,
        confirmed_by=treasury.idris.actor.user_id, confirmed_at=clock.now(),
    ))  # fmt: skip
    assert night(treasury, on(12, 16), K.VALIDITY).closed == 1
    assert night(treasury, date(YEAR + 1, 1, 1), K.VALIDITY).closed == 3
    assert night(treasury, date(YEAR + 1, 2, 1), K.VALIDITY).opened == 1
    assert [(one.account_id, one.period) for one in alerts(treasury)] == [(treasury.co, str(until))]


def test_al5_unreleased_after_june_above_25_per_cent(treasury):
    for account in (treasury.mooe, treasury.ps, treasury.co):
        allot(treasury, account, "7.5M" if account != treasury.mooe else "7499999.99")
    allot(treasury, treasury.support, "5M")
    assert not night(treasury, on(6, 30), K.UNRELEASED)
    assert night(treasury, MIDSUMMER, K.UNRELEASED).opened == 1
    (one,) = alerts(treasury)
    assert (one.account_id, one.facts["rate"]) == (treasury.mooe, "25.00"), "a centavo more than a quarter"
    allot(treasury, treasury.mooe, "0.01")
    assert night(treasury, MIDSUMMER, K.UNRELEASED).closed == 1
    assert not night(treasury, date(YEAR + 1, 7, 1), K.UNRELEASED), "of last year nothing is released any more"


def test_al7_totals_that_differ(treasury, owner):
    allot(treasury, treasury.mooe, "6M")
    assert not night(treasury, on(3, 1), K.RECONCILIATION)
    with owner.begin() as connection:
        connection.execute(text(f"UPDATE budget_accounts SET obligated = 5 WHERE id = {treasury.mooe}"))
    done = night(treasury, on(3, 1), K.RECONCILIATION)
    assert (done.opened, done.is_broken) == (1, True)
    assert not night(treasury, on(3, 2), K.RECONCILIATION).is_broken, "known"
    (one,) = alerts(treasury)
    assert (one.severity, "kept as ₱ 5.00" in said_of(one)) == (Severity.CRITICAL, True)
    with owner.begin() as connection:
        connection.execute(text(f"UPDATE budget_accounts SET obligated = 0 WHERE id = {treasury.mooe}"))
    assert night(treasury, on(3, 2), K.RECONCILIATION).closed == 1


def test_al8_paid_more_than_25_points_ahead_of_the_work(treasury, app, engine, cast, at_desk):
    badar = at_desk(desk_of(engine, app, cast, "badar"))
    plan = make_plan(badar, *make_lists(engine), cast.memberships["badar"].id)
    plan.status = PlanStatus.APPROVED
    badar.session.flush()
    work_plan = make_work_plan(badar, plan)
    item = add(badar, make_objective(badar, work_plan), "activity", title="Cold boxes")
    work_plan.fiscal_year = YEAR
    item.planned_cost, item.progress, item.status = pesos("1M"), Decimal(20), ItemStatus.IN_PROGRESS
    badar.session.commit()
    item_id = item.id
    allot(treasury, treasury.mooe, "6M")
    row = obligated(treasury, line(treasury.mooe, "1M", item_id=item_id))
    pay(treasury, row, "450000")
    work_plan.status = PlanStatus.ACTIVE
    badar.session.commit()
    assert not night(treasury, MIDSUMMER, K.GAP), "exactly 25 points"
    pay(treasury, row, "0.01")
    assert night(treasury, MIDSUMMER, K.GAP).opened == 1
    (one,) = alerts(treasury)
    assert one.work_item_id == item_id
    assert said_of(one) == (
        "₱ 450,000.01 of a planned cost of ₱ 1,000,000.00 are paid, 45 %; physical progress is 20 %. The gap is more "
        "than 25 points."
    )
    badar.session.refresh(item)
    item.progress = Decimal("20.01")
    badar.session.commit()
    assert night(treasury, MIDSUMMER, K.GAP).closed == 1


def test_al9_three_refusals_on_one_account_in_a_day_of_manila(treasury, engine):
    name = "MOH 1"
    refusals = {
        account: journal.Refusal(account, name, pesos("6M"), pesos("1M")) for account in (treasury.mooe, treasury.ps)
    }

    def refuse(*accounts: int) -> None:
        journal.record_refusals(engine, treasury.rahma.actor, [refusals[one] for one in accounts], "POST /x")

    refuse(treasury.mooe, treasury.ps)
    refuse(treasury.mooe)
    today = clock.today()
    assert not night(treasury, today, K.REFUSED)
    refuse(treasury.mooe)
    assert night(treasury, today, K.REFUSED).opened == 1
    (one,) = alerts(treasury)
    assert (one.account_id, one.period, one.facts["times"]) == (treasury.mooe, str(today), "3")
    assert "The last one asked for ₱ 6,000,000.00; there were ₱ 1,000,000.00." in said_of(one)
    assert not night(treasury, today + timedelta(days=6), K.REFUSED)
    assert night(treasury, today + timedelta(days=7), K.REFUSED).closed == 1


def test_it_is_told_once_when_it_opens_and_again_when_it_grows_worse(treasury, cast):
    def told(name: str) -> list[str]:
        query = select(Notification.text).where(Notification.membership_id == cast.memberships[name].id)
        return list(treasury.rahma.session.scalars(query.order_by(Notification.id)))

    allot(treasury, treasury.mooe, "6M")
    obligate(treasury, treasury.mooe, "5.1M")
    before = {name: len(told(name)) for name in ("rahma", "salma", "omar", "hadji")}
    for day in (1, 2):
        night(treasury, on(3, day), K.NEAR_LIMIT)
    news = ["An alert is new: Near the limit of the allotment."]
    assert {name: told(name)[count:] for name, count in before.items() if told(name)[count:]} == {
        "rahma": news, "salma": news,
    }  # fmt: skip
    obligate(treasury, treasury.mooe, "0.9M")
    for day in (3, 4):
        night(treasury, on(3, day), K.NEAR_LIMIT)
    worse = [*news, "An alert is more severe now: Near the limit of the allotment."]
    assert told("salma")[before["salma"] :] == worse
    night(treasury, on(12, 31), K.VALIDITY)
    assert told("hadji")[before["hadji"] :] == ["4 alerts are new: Validity ends with a balance."]


def test_an_acknowledgement_is_kept_and_nobody_overwrites_it(treasury):
    allot(treasury, treasury.mooe, "6M")
    obligate(treasury, treasury.mooe, "5.1M")
    night(treasury, on(3, 1), K.NEAR_LIMIT)
    (one,) = alerts(treasury)
    rahma, salma, omar = treasury.rahma, treasury.salma, treasury.omar
    seen = one.row_version
    theirs = omar.session.get_one(BudgetAlert, one.id)
    with pytest.raises(NotAllowed):
        actions.acknowledge(omar.session, omar.actor, theirs, "Not mine", row_version=seen)
    with pytest.raises(RuleBroken, match="what is done"):
        actions.acknowledge(rahma.session, rahma.actor, one, "  ", row_version=seen)
    theirs = salma.session.get_one(BudgetAlert, one.id)
    with living(on(3, 1)):
        actions.acknowledge(rahma.session, rahma.actor, one, "More allotment is asked for", row_version=seen)
    rahma.session.commit()
    salma.session.refresh(theirs)
    with pytest.raises(RuleBroken, match="acknowledged this already"):
        actions.acknowledge(salma.session, salma.actor, theirs, "I know", row_version=seen)
    salma.session.rollback()
    obligate(treasury, treasury.mooe, "0.9M")
    night(treasury, on(3, 2), K.NEAR_LIMIT)
    (one,) = alerts(treasury)
    assert (one.note, one.is_acknowledged) == ("More allotment is asked for", False), "kept, but not of what it is now"
    theirs = salma.session.get_one(BudgetAlert, one.id, populate_existing=True)
    with pytest.raises(Stale):
        actions.acknowledge(salma.session, salma.actor, theirs, "I know", row_version=seen)
    actions.acknowledge(salma.session, salma.actor, theirs, "I know", row_version=theirs.row_version)
    salma.session.commit()
    allot(treasury, treasury.mooe, "4M")
    night(treasury, on(3, 3), K.NEAR_LIMIT)
    (closed,) = alerts(treasury, state=False)
    assert (closed.note, closed.acknowledged_by) == ("I know", salma.actor.user_id)
    with pytest.raises(RuleBroken, match="closed already"):
        actions.acknowledge(rahma.session, rahma.actor, closed, "Late", row_version=closed.row_version)


def test_limits_are_checked_kept_and_used(treasury, app, engine, cast, at_desk):
    jamila = at_desk(desk_of(engine, app, cast, "jamila"))
    session, values = jamila.session, dict(limits.limits_of(jamila.session))
    with pytest.raises(NotAllowed):
        actions.change_limits(treasury.rahma.session, treasury.rahma.actor, values, row_version=0)
    wrong = values | {"near_warning": Decimal(85), "idle_days": 0, "gap": Decimal("1.234"), "target_q2": Decimal(80)}
    with pytest.raises(RuleBroken) as refusal:
        actions.change_limits(session, jamila.actor, wrong, row_version=0)
    assert set(refusal.value.fields) == {"near_warning", "idle_days", "gap", "target_q3"}
    session.rollback()
    actions.change_limits(session, jamila.actor, values | {"near_info": Decimal(50)}, row_version=0)
    session.commit()
    with pytest.raises(Stale):
        actions.change_limits(session, jamila.actor, values, row_version=0)
    session.rollback()
    allot(treasury, treasury.mooe, "6M")
    obligate(treasury, treasury.mooe, "3M")
    assert night(treasury, on(3, 1), K.NEAR_LIMIT).opened == 1


def test_demo_accounts_alert_and_say_so(treasury, cast):
    account = treasury.account(treasury.mooe)
    amounts = {(account.cost_structure, account.program_id, account.expense_class): pesos("1M")}
    appropriate(treasury.rahma, treasury.idris, amounts, law="Demo law", is_demo=True)
    assert night(treasury, on(12, 31), K.VALIDITY).opened == 5
    assert [one.is_demo for one in alerts(treasury)].count(True) == 1
    query = select(Notification.text, Notification.is_demo).where(
        Notification.membership_id == cast.memberships["hadji"].id, Notification.kind == "alert_opened"
    )
    assert sorted(tuple(row) for row in treasury.rahma.session.execute(query)) == [
        ("4 alerts are new: Validity ends with a balance.", False),
        ("An alert is new: Validity ends with a balance.", True),
    ]


def test_two_checks_at_once_open_each_alert_once(treasury, engine, app, cast):
    rahma, found = treasury.rahma, []
    rahma.session.commit()

    def second() -> None:
        with opened(engine, app, cast) as desks:
            found.append(night(Treasury(**{**vars(treasury), **desks}), on(12, 31), K.VALIDITY))

    first = checking.check(rahma.session, rahma.actor, on(12, 31), [K.VALIDITY])
    waiting = threading.Thread(target=second)
    waiting.start()
    until_somebody_waits(engine)
    rahma.session.commit()
    waiting.join(300)
    assert (first.opened, found) == (4, [checking.Outcome()])
    assert len(alerts(treasury)) == 4


def test_the_database_knows_one_open_alert_of_a_kind_and_lets_none_go(treasury, engine):
    night(treasury, on(12, 31), K.VALIDITY)
    columns = "organization_id, kind, severity, account_id, fiscal_year, period"
    copied = f"INSERT INTO budget_alerts ({columns}) SELECT {columns} FROM budget_alerts"
    for statement, refusal in (
        (copied, "uq_budget_alerts_open"), ("DELETE FROM budget_alerts", "permission denied"),
        ("UPDATE budget_alerts SET note = 'x'", "ck_budget_alerts_acknowledged"),
        ("UPDATE budget_alerts SET account_id = NULL", "ck_budget_alerts_one_subject"),
    ):  # fmt: skip
        with engine.connect() as connection:
            connection.execute(
                text("SELECT set_config('bmms.organization_id', :here, true)"),
                {"here": str(treasury.rahma.actor.organization_id)},
            )
            with pytest.raises(DBAPIError, match=refusal):
                connection.execute(text(statement))


def test_al6_off_the_program_of_the_last_month_by_more_than_20_per_cent(treasury):
    account, session = treasury.account(treasury.mooe), treasury.rahma.session
    bed = BedProgram(
        fiscal_year=YEAR, status=BedStatus.DRAFT, prepared_by=treasury.rahma.actor.user_id,
        submitted_by=treasury.rahma.actor.user_id,
    )  # fmt: skip
    session.add(bed)
    session.flush()
    kind = {"cost_structure": account.cost_structure, "program_id": account.program_id}
    rows = [BedLine(bed_id=bed.id, expense_class=one, **kind) for one in (ExpenseClass.MOOE, ExpenseClass.PS)]
    session.add_all(rows)
    session.flush()
    session.add(BedFigure(line_id=rows[0].id, month=2, obligation=pesos("1M")))
    session.commit()
    allot(treasury, treasury.mooe, "6M")
    allot(treasury, treasury.ps, "6M")
    obligate(treasury, treasury.mooe, "1.2M", day=on(2, 1))
    assert not night(treasury, on(3, 1), K.PROGRAM), "not approved"
    bed.status = BedStatus.SUBMITTED
    session.commit()
    bed.status, bed.approved_by = BedStatus.APPROVED, treasury.idris.actor.user_id
    session.commit()
    assert not night(treasury, on(3, 1), K.PROGRAM), "exactly 20 % more"
    obligate(treasury, treasury.mooe, "0.01", day=on(2, 28))
    assert not night(treasury, on(2, 28), K.PROGRAM), "the month is not over"
    assert night(treasury, on(3, 1), K.PROGRAM).opened == 1
    (one,) = alerts(treasury)
    assert (one.program_id, one.expense_class, one.period) == (account.program_id, "MOOE", f"{YEAR}-02")
    assert said_of(one) == (
        f"In February {YEAR} ₱ 1,200,000.01 were obligated of ₱ 1,000,000.00 programmed, 120 %. "
        "More than 20 % away is too far."
    )
    obligate(treasury, treasury.ps, "1M", object_code="5010101001", day=on(3, 1))
    done = night(treasury, on(4, 1), K.PROGRAM)
    assert (done.opened, done.closed) == (1, 1)
    assert said_of(alerts(treasury)[0]) == (
        f"In March {YEAR} ₱ 1,000,000.00 were obligated; nothing was programmed for it."
    )
