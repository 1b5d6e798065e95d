"""Clients who put every kind of document into few accounts at random, and a watcher who looks at every snapshot."""

import random
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, text

from bmms.domain.changes import queries, steps, transfers
from bmms.domain.changes.steps import Instrument
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import posting, reconciling
from bmms.domain.periods import actions as periods
from bmms.models.allotments import OrderKind
from bmms.models.changes import BudgetChange, ChangeKind
from bmms.models.ledger import DocumentKind
from tests.cast import Cast
from tests.domain.ledger.books import Clerk
from tests.domain.ledger.test_changes import MFBM, REASON, moved
from tests.execution import YEAR, Treasury, key, on, opened, pesos
from tests.planning import Desk, desk_of

DAYS = [on(month, day) for month in (2, 3, 5, 8) for day in (1, 28)]
CLOSES = on(2, 1)  # the month that is closed and opened again all the time
PARTS = {
    DocumentKind.ALLOTMENT_ORDER: ("allotment_orders", "allotment_lines", "order_id"),
    DocumentKind.OBLIGATION: ("obligations", "obligation_lines", "obligation_id"),
    DocumentKind.OBLIGATION_ADJUSTMENT: (
        "obligation_adjustments", "obligation_adjustment_lines", "adjustment_id",
    ),
    DocumentKind.DISBURSEMENT: ("disbursements", "disbursement_lines", "disbursement_id"),
    DocumentKind.BUDGET_CHANGE: ("budget_changes", "budget_change_lines", "change_id"),
}  # fmt: skip
RUNNING = """
SELECT '{rule}', {owner}, doc_date FROM (
  SELECT {owner}, doc_date,
    sum(sum(amount) FILTER (WHERE measure IN ('authorised', 'adjustment'))) OVER days AS appropriated,
    sum(sum(amount) FILTER (WHERE measure = 'allotment')) OVER days AS allotted,
    sum(sum(amount) FILTER (WHERE measure = 'obligation')) OVER days AS obligated,
    sum(sum(amount) FILTER (WHERE measure = 'due')) OVER days AS due,
    sum(sum(amount) FILTER (WHERE measure = 'disbursement')) OVER days AS paid
  FROM ledger_entries WHERE {owner} IS NOT NULL GROUP BY {owner}, doc_date
  WINDOW days AS (PARTITION BY {owner} ORDER BY doc_date)) AS running
WHERE NOT ({chain})
"""
BROKEN = {
    "E-1 to E-4, E-12": RUNNING.format(
        rule="account",
        owner="account_id",
        chain="0 <= coalesce(paid, 0) AND coalesce(paid, 0) <= coalesce(obligated, 0)"
        " AND coalesce(obligated, 0) <= coalesce(allotted, 0) AND coalesce(allotted, 0) <= coalesce(appropriated, 0)",
    ),
    "E-5, E-9": RUNNING.format(
        rule="line",
        owner="obligation_line_id",
        chain="0 <= coalesce(paid, 0) AND coalesce(paid, 0) <= coalesce(due, 0)"
        " AND coalesce(due, 0) <= coalesce(obligated, 0)",
    ),
    "E-6": "SELECT account_id, object_code FROM budget_account_objects WHERE is_controlled AND obligated > allotted",
    # what becomes due by a payment depends on what was due before, so it is not told again afterwards
    "E-7": "SELECT posting.id FROM ledger_postings posting LEFT JOIN LATERAL (SELECT count(*) AS parts,"
    " sum(amount) AS total FROM ledger_entries WHERE posting_id = posting.id AND (measure <> 'due' OR"
    " posting.document_kind <> 'disbursement')) AS said ON true LEFT JOIN LATERAL (SELECT count(*) AS parts,"
    " sum(amount) AS total FROM entries_of(posting.document_kind, posting.document_id, posting.verb)"
    " WHERE measure <> 'due' OR posting.document_kind <> 'disbursement') AS told ON true"
    " WHERE (said.parts, said.total) IS DISTINCT FROM (told.parts, told.total)",
    "E-8": "SELECT entry.id FROM ledger_entries entry JOIN budget_accounts account ON account.id = entry.account_id"
    " WHERE entry.measure = 'obligation' AND entry.amount > 0 AND entry.doc_date > account.obligate_until",
    "E-10": "SELECT organization_id FROM cash_controls WHERE cash_is_short(organization_id, fund_cluster,"
    " enforced_from)",
    "E-13": "SELECT posting.id FROM ledger_postings posting JOIN accounting_periods period"
    " ON period.organization_id = posting.organization_id WHERE period.is_closed"
    " AND posting.doc_date < period.month + interval '1 month' AND posting.posted_at > period.confirmed_at",
    "E-14": "SELECT line.id FROM allotment_lines line JOIN allotment_orders document ON document.id = line.order_id"
    " JOIN budget_accounts account ON account.id = line.account_id WHERE document.kind = 'comprehensive'"
    " AND document.status = 'released' AND account.expense_class NOT IN ('PS', 'MOOE')",
    "INV-31": "SELECT document.id FROM obligations document WHERE (document.status IN ('obligated', 'closed'))"
    " <> EXISTS (SELECT FROM ledger_postings WHERE document_kind = 'obligation' AND document_id = document.id)",
    "D25": "SELECT pair_key FROM budget_changes document WHERE pair_key IS NOT NULL GROUP BY pair_key"
    " HAVING count(*) FILTER (WHERE status = 'posted') = 1 AND count(*) = 2",
}  # what a rule broken would leave behind; told by the entries, not by the totals that the trigger keeps


@dataclass
class Shared:
    """What all clients draw from, and what they found."""

    lines: list[tuple[int, int]] = field(default_factory=list)  # with their account
    vouchers: list[int] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    snapshots: int = 0


class Client(Clerk):
    """A clerk among others: the numbers of his documents are his own, what is refused he throws away."""

    def __init__(self, office: Treasury, name: int) -> None:
        super().__init__(office)
        self._name = name

    def _number(self) -> str:
        return f"{super()._number()} of {self._name}"

    def _post(self, desk: Desk, order: posting.Order) -> None:
        try:
            super()._post(desk, order)
        except RuleBroken:
            if order.kind in PARTS and order.verb == "post":
                table, parts, column = PARTS[order.kind]
                self._session.rollback()
                self._session.execute(text(f"DELETE FROM {parts} WHERE {column} = :id"), {"id": order.document_id})  # noqa: S608
                self._session.execute(text(f"DELETE FROM {table} WHERE id = :id"), {"id": order.document_id})  # noqa: S608
                self._session.commit()
            raise


@dataclass
class Mixer:
    """One client: draws an act, a day and an amount, again and again."""

    office: Treasury
    clerk: Client
    theirs: dict[str, Desk]  # in the ministry that receives
    receives: int  # its account
    shared: Shared
    draw: random.Random

    def live(self, until: float) -> None:
        """Work until then; what is refused in words is counted, anything else is a failure."""
        acts = ("order", "order", "withdraw", "obligate", "obligate", "obligate", "adjust", "due", "pay", "pay",
                "void", "realign", "reverse", "transfer", "close", "reopen", "comprehensive")  # fmt: skip
        while time.monotonic() < until:
            name = self.draw.choice(acts)
            try:
                if getattr(self, name)() is not False:
                    self.shared.taken[name] += 1
            except RuleBroken:
                self.shared.refused[name] += 1
            except Exception as error:
                self.shared.failures.append(f"{name}: {type(error).__name__}: {str(error)[:400]}")
            finally:
                self._let_go()

    def _let_go(self) -> None:
        office = self.office
        for desk in (office.rahma, office.idris, office.salma, office.omar, office.hadji, *self.theirs.values()):
            desk.session.rollback()

    @property
    def _day(self) -> date:
        return self.draw.choice(DAYS)

    @property
    def _amount(self) -> Decimal:
        return Decimal(self.draw.randrange(1, 60_000_000)).scaleb(-2)

    @property
    def _account(self) -> int:
        return self.draw.choice([self.office.mooe, self.office.co, self.office.support])

    def _line(self) -> tuple[int, int]:
        return self.draw.choice(self.shared.lines)

    def order(self) -> None:
        """More is allotted."""
        self.clerk.order(OrderKind.SPECIAL, self._day, (self._account, self._amount))

    def comprehensive(self) -> None:
        """As a comprehensive order, which must not carry capital outlay."""
        self.clerk.order(OrderKind.COMPREHENSIVE, self._day, (self._account, self._amount))

    def withdraw(self) -> None:
        """Less is allotted."""
        self.clerk.order(OrderKind.WITHDRAWAL, self._day, (self._account, -self._amount))

    def obligate(self) -> None:
        """Over one account or two, in either order."""
        accounts = list(dict.fromkeys((self._account, self._account)))
        ids = self.clerk.obligation(self._day, *((one, self._amount) for one in accounts))
        self.shared.lines += zip(ids, accounts, strict=True)

    def adjust(self) -> None:
        """More or less of a line."""
        self.clerk.adjustment(self._line()[0], self._day, self._amount * self.draw.choice((1, -1)))

    def due(self) -> None:
        """Some of a line is due."""
        self.clerk.due(self._line()[0], self._day, self._amount)

    def pay(self) -> None:
        """Of one line or two."""
        ids = dict.fromkeys((self._line()[0], self._line()[0]))
        self.shared.vouchers.append(self.clerk.voucher(self._day, *((one, self._amount) for one in ids)))

    def void(self) -> bool | None:
        """A payment is taken back, by two clients at once now and then."""
        if not self.shared.vouchers:
            return False
        return self.clerk.void(self.draw.choice(self.shared.vouchers[-5:]), self._day)

    def realign(self) -> None:
        """Between two classes of a program, in either direction."""
        amount, day = self._amount, self._day
        source, target = self.draw.sample([self.office.mooe, self.office.co], 2)
        released = amount if self.draw.random() < 0.5 else Decimal(0)
        rows = ((source, -amount, -released), (target, amount, released))
        self.shared.changes.append(self.clerk.change(ChangeKind.REALIGNMENT, day, *rows))

    def reverse(self) -> bool | None:
        """A change is taken back."""
        if not self.shared.changes:
            return False
        return self.clerk.reverse(self.draw.choice(self.shared.changes[-5:]), self._day)

    def close(self) -> None:
        """February is closed, asked for by one and confirmed by another."""
        omar, idris = self.office.omar, self.office.idris
        periods.ask_close(omar.session, omar.actor, CLOSES)
        omar.session.commit()
        periods.close(idris.session, idris.actor, CLOSES)
        idris.session.commit()

    def reopen(self) -> None:
        """And opened again."""
        omar, hadji = self.office.omar, self.office.hadji
        periods.ask_reopen(omar.session, omar.actor, CLOSES, "A document came late.")
        omar.session.commit()
        periods.reopen(hadji.session, hadji.actor, CLOSES)
        hadji.session.commit()

    def transfer(self) -> None:
        """Money goes to the other ministry: offered, approved, received, approved, posted on both sides."""
        amount, office = str(self._amount), self.office
        common = {"fiscal_year": YEAR, "dated": on(5, 1), "reason": REASON, "authority": MFBM}
        given = self._approved(
            office.rahma, office.hadji,
            lambda desk: transfers.offer(
                desk.session, desk.actor,
                {**common, "reference": f"T {key()}", "counterpart_id": self.theirs["rahma"].actor.organization_id},
                [moved(self.office.mooe, f"-{amount}")],
            ),
        )  # fmt: skip
        rahma = self.theirs["rahma"]
        got = self._approved(
            rahma, self.theirs["hadji"],
            lambda desk: transfers.receive(
                desk.session, desk.actor, given.pair_key or "", {**common, "reference": f"In {key()}"},
                [moved(self.receives, amount)],
            ),
        )  # fmt: skip
        mine = rahma.session.get_one(BudgetChange, got.id, populate_existing=True)
        transfers.post(rahma.session, rahma.actor, mine, Instrument(on(5, 1), MFBM), key=key())
        rahma.session.commit()

    def _approved(self, desk: Desk, head: Desk, enter) -> BudgetChange:  # type: ignore[no-untyped-def]
        row = enter(desk)
        desk.session.commit()
        try:
            steps.request(desk.session, desk.actor, row)
            desk.session.commit()
            theirs = head.session.get_one(BudgetChange, row.id, populate_existing=True)
            seen = steps.mark_of(queries.balances_of(head.session, theirs))
            steps.approve(head.session, head.actor, theirs, seen=seen)
            head.session.commit()
        except RuleBroken:
            desk.session.rollback()
            raise
        return row


def watch(owner: Engine, organizations: tuple[int, ...], shared: Shared, done: threading.Event) -> None:
    """One snapshot after the other: no rule is broken by the entries, no total differs from them."""
    while True:
        last = done.is_set()
        with owner.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            for rule, query in BROKEN.items():
                if found := connection.execute(text(query)).first():
                    shared.failures.append(f"{rule}: {found}")
            for level, (compared, _) in reconciling.LEVELS.items():
                for one in organizations:
                    if wrong := connection.execute(compared, {"organization_id": one}).first():
                        shared.failures.append(f"E-11 {level}: {wrong}")
            shared.snapshots += 1
        if last or shared.failures:
            return


def mix(
    engine: Engine, owner: Engine, app: Flask, cast: Cast, ids: dict[str, int], receives: int, *, clients: int,
    seconds: float, seed: int,
) -> Shared:  # fmt: skip
    """Let so many clients post for so many seconds, and watch."""
    shared, done = Shared(), threading.Event()
    crowd = create_engine(engine.url, poolclass=NullPool)
    with ExitStack() as stack:
        mixers = []
        for number in range(clients):
            office = Treasury(**stack.enter_context(opened(crowd, app, cast)), **ids)
            theirs = {name: desk_of(crowd, app, cast, name, cast.mbhte) for name in ("rahma", "hadji")}
            mixers.append(Mixer(office, Client(office, number), theirs, receives, shared, random.Random(seed + number)))
        first = mixers[0]
        first.clerk.order(OrderKind.SPECIAL, on(2, 1), *((one, pesos("4M")) for one in (first.office.mooe,
                          first.office.co, first.office.support)))  # fmt: skip
        for account in (first.office.mooe, first.office.co):
            shared.lines += [(one, account) for one in first.clerk.obligation(on(3, 1), (account, pesos("1M")))]
        watcher = threading.Thread(target=watch, args=(owner, (cast.moh.id, cast.mbhte.id), shared, done))
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=one.live, args=(until,)) for one in mixers]
        for thread in (watcher, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        watcher.join()
        for one in mixers:
            for desk in one.theirs.values():
                desk.session.close()
    return shared
