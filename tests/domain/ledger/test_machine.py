"""A machine draws documents of every kind at random; the ledger takes exactly those that a clerk's books would take.

After each document the totals of all accounts and lines are those of the books (INV-26 to INV-28). `make drill` draws
new ones, and more.
"""

import os
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bmms.domain.errors import RuleBroken
from bmms.models.allotments import OrderKind
from bmms.models.authority import AccountObject, BudgetAccount
from bmms.models.changes import ChangeKind
from bmms.models.ledger import AccountingPeriod
from bmms.models.obligations import ObligationLine
from tests.domain.ledger.books import NOTHING, Books, Clerk, Move
from tests.execution import YEAR, Treasury, on, opened, pesos, set_up_treasury

DRILL = bool(os.environ.get("BMMS_DRILL"))
STEPS, EXAMPLES = (60, 60) if DRILL else (25, 8)
ACCOUNTS = ("mooe", "co", "support")
DAYS = st.sampled_from([date(YEAR, month, day) for month in range(2, 9) for day in (1, 28)])
# Whole millions meet each other, odd centavos add up to odd sums.
AMOUNTS = st.one_of(
    st.integers(1, 8).map(lambda n: Decimal(n) * 500_000),
    st.integers(1, 120_000_000).map(lambda n: Decimal(n).scaleb(-2)),
)
NAMES = st.sampled_from(ACCOUNTS)


class Ledger(RuleBasedStateMachine):
    """The documents of Health in a year."""

    office: Treasury
    lines, vouchers, changes = Bundle("lines"), Bundle("vouchers"), Bundle("changes")

    def __init__(self) -> None:
        super().__init__()
        self.clerk, self.books = Clerk(self.office), Books()
        given = {"mooe": "10M", "co": "10M", "support": "5M"}
        self.books.moves += [
            Move(self._id(name), "appropriation", pesos(amount), on(1, 1)) for name, amount in given.items()
        ]

    def _id(self, name: str) -> int:
        return getattr(self.office, name)

    def _agree(self, moves: list[Move], act) -> bool:  # type: ignore[no-untyped-def]
        """The ledger takes it when the books would, and refuses it in words when they would not."""
        expected = self.books.would_take(moves)
        refusal = None
        try:
            act()
        except RuleBroken as broken:
            refusal = broken
        assert (refusal is None) == expected, f"{refusal or 'taken'}, against the books: {moves}"
        event(f"{moves[0].measure} {'taken' if expected else 'refused'}")
        if expected:
            self.books.moves += moves
        return expected

    @initialize(target=lines)
    def begin_the_year(self):
        parts = [(self._id(name), pesos(amount)) for name, amount in (("mooe", "8M"), ("co", "6M"), ("support", "4M"))]
        moves = [Move(one, "allotment", amount, on(1, 15)) for one, amount in parts]
        self._agree(moves, lambda: self.clerk.order(OrderKind.SPECIAL, on(1, 15), *parts))
        return self.obligate_parts(on(2, 1), [(one, pesos("2M")) for one, _ in parts])

    @rule(name=NAMES, amount=AMOUNTS, day=DAYS)
    def allot(self, name, amount, day):
        one = self._id(name)
        self._agree(
            [Move(one, "allotment", amount, day)], lambda: self.clerk.order(OrderKind.SPECIAL, day, (one, amount))
        )

    @rule(name=NAMES, amount=AMOUNTS, day=DAYS)
    def withdraw(self, name, amount, day):
        one = self._id(name)
        moves = [Move(one, "allotment", -amount, day)]
        self._agree(moves, lambda: self.clerk.order(OrderKind.WITHDRAWAL, day, (one, -amount)))

    @rule(target=lines, first=NAMES, second=NAMES, amount=AMOUNTS, more=AMOUNTS, day=DAYS)
    def obligate(self, first, second, amount, more, day):
        return self.obligate_parts(
            day, [(self._id(first), amount)] + ([(self._id(second), more)] if second != first else [])
        )

    def obligate_parts(self, day, parts):
        """An obligation over these accounts; its lines, if it is taken."""
        ids: list[int] = []
        expected = [Move(one, "obligation", each, day) for one, each in parts]
        if not self._agree(expected, lambda: ids.extend(self.clerk.obligation(day, *parts))):
            return multiple()
        self.books.moves[-len(parts) :] = [
            Move(one, "obligation", each, day, line) for (one, each), line in zip(parts, ids, strict=True)
        ]
        return multiple(*[(line, one) for line, (one, _) in zip(ids, parts, strict=True)])

    @rule(line=lines, amount=AMOUNTS, sign=st.sampled_from([1, -1]), day=DAYS)
    def adjust(self, line, amount, sign, day):
        its_id, one = line
        moves = [Move(one, "obligation", amount * sign, day, its_id)]
        self._agree(moves, lambda: self.clerk.adjustment(its_id, day, amount * sign))

    @rule(line=lines, amount=AMOUNTS, day=DAYS)
    def note_due(self, line, amount, day):
        its_id, one = line
        self._agree([Move(one, "due", amount, day, its_id)], lambda: self.clerk.due(its_id, day, amount))

    @rule(target=vouchers, line=lines, amount=AMOUNTS, whole=st.booleans(), day=DAYS)
    def pay(self, line, amount, whole, day):
        its_id, one = line
        if whole:
            left = self.books.total("obligation", line=its_id) - self.books.total("disbursement", line=its_id)
            amount = left or amount
        missing = self.books.total("disbursement", line=its_id) + amount - self.books.total("due", line=its_id)
        moves = [Move(one, "disbursement", amount, day, its_id)]
        if missing > 0:
            moves.append(Move(one, "due", missing, day, its_id))
        made: list[int] = []
        taken = self._agree(moves, lambda: made.append(self.clerk.voucher(day, (its_id, amount))))
        return (made[0], moves[0]) if taken else multiple()

    @rule(voucher=consumes(vouchers), day=DAYS)
    def void(self, voucher, day):
        its_id, move = voucher
        back = [Move(move.account, "disbursement", -move.amount, day, move.line)]
        self._agree(back, lambda: self.clerk.void(its_id, day))

    @rule(target=changes, first=NAMES, amount=AMOUNTS, released=st.booleans(), day=DAYS)
    def realign(self, first, amount, released, day):
        source, target = (self.office.mooe, self.office.co) if first == "mooe" else (self.office.co, self.office.mooe)
        allotted = amount if released else NOTHING
        moves = [
            Move(account, measure, sign * each, day)
            for account, sign in ((source, -1), (target, 1))
            for measure, each in (("appropriation", amount), ("allotment", allotted))
            if each
        ]
        made: list[int] = []
        rows = ((source, -amount, -allotted), (target, amount, allotted))
        taken = self._agree(moves, lambda: made.append(self.clerk.change(ChangeKind.REALIGNMENT, day, *rows)))
        return (made[0], moves) if taken else multiple()

    @rule(change=consumes(changes), day=DAYS)
    def reverse(self, change, day):
        its_id, moves = change
        back = [Move(move.account, move.measure, -move.amount, day) for move in moves]
        self._agree(back, lambda: self.clerk.reverse(its_id, day))

    @precondition(lambda self: len(self.books.closed) < 2 and len(self.books.moves) > 25)
    @rule()
    def close_the_next_month(self):
        month = max(self.books.closed, default=1) + 1
        self.books.closed.add(month)
        session = self.office.rahma.session
        session.add(AccountingPeriod(month=on(month, 1), is_closed=True))
        session.commit()

    @invariant()
    def the_totals_are_those_of_the_books(self):
        session = self.office.rahma.session
        session.commit()
        fresh = {"populate_existing": True}
        for name in ACCOUNTS:
            row = session.get_one(BudgetAccount, self._id(name), populate_existing=True)
            told = {"appropriation": row.appropriated, "allotment": row.allotted, "obligation": row.obligated,
                    "disbursement": row.disbursed}  # fmt: skip
            assert told == {measure: self.books.total(measure, account=row.id) for measure in told}, name
        for line in session.scalars(select(ObligationLine).execution_options(**fresh)):
            if self.books.total("obligation", line=line.id):
                sums = [self.books.total(one, line=line.id) for one in ("obligation", "due", "disbursement")]
                assert [line.amount + line.adjusted, line.due, line.paid] == sums
        for part in session.scalars(select(AccountObject).execution_options(**fresh)):
            assert part.obligated == self.books.total("obligation", account=part.account_id), "one object is used"

    def teardown(self) -> None:
        for name in ("rahma", "idris", "salma", "omar", "hadji"):
            getattr(self.office, name).session.rollback()


@pytest.mark.timeout(3600 if DRILL else 1800)
def test_the_ledger_takes_what_the_books_would_take(engine, app, cast, ground):
    set_up_treasury(engine, app, cast, ground)
    with opened(engine, app, cast) as desks:
        desks_open = desks

        class Fresh(Ledger):
            """Each example begins with the same ground."""

            def __init__(self) -> None:
                for desk in desks_open.values():
                    desk.session.rollback()
                self.office = Treasury(**desks_open, **set_up_treasury(engine, app, cast, ground))
                super().__init__()

        run_state_machine_as_test(
            Fresh,
            settings=settings(
                max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip


def test_the_books_themselves_refuse_what_breaks_the_chain():
    books = Books([Move(1, "appropriation", Decimal(5), on(1, 1))])
    assert books.would_take([Move(1, "allotment", Decimal(5), on(2, 1))])
    assert not books.would_take([Move(1, "allotment", Decimal("5.01"), on(2, 1))])
    books.moves.append(Move(1, "allotment", Decimal(5), on(2, 1)))
    assert not books.would_take([Move(1, "obligation", Decimal(1), on(1, 31))]), "there was no allotment on that day"
    books.closed.add(2)
    assert not books.would_take([Move(1, "obligation", Decimal(1), on(2, 5))])
