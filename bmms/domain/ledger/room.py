"""How much room an account has at a day, and what is said when a document asks for more (E-1 to E-6, E-12).

The chain is appropriation >= allotment >= obligation >= disbursement >= 0. Each link has a gap; a posting moves gaps.
A posting dated back is measured against the smallest gap of all days from its own on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import accounts
from bmms.models.authority import BudgetAccount

if TYPE_CHECKING:
    from bmms.domain.ledger.posting import Order

_LOCKED = text("""
SELECT account.id, account.authorised + account.adjustment AS appropriated, account.allotted, account.obligated,
       account.disbursed, account.last_on, moved.appropriation, moved.allotment, moved.obligation, moved.disbursement,
       moved.since
FROM budget_accounts account JOIN (
    SELECT account_id, min(doc_date) AS since,
           coalesce(sum(amount) FILTER (WHERE measure IN ('authorised', 'adjustment')), 0) AS appropriation,
           coalesce(sum(amount) FILTER (WHERE measure = 'allotment'), 0) AS allotment,
           coalesce(sum(amount) FILTER (WHERE measure = 'obligation'), 0) AS obligation,
           coalesce(sum(amount) FILTER (WHERE measure = 'disbursement'), 0) AS disbursement
    FROM entries_of(:kind, :document_id, :verb) GROUP BY account_id
) AS moved ON moved.account_id = account.id
ORDER BY account.id FOR NO KEY UPDATE OF account
""")
_EACH_DAY = text("""
SELECT account_id, min(appropriated - allotted) AS unreleased, min(allotted - obligated) AS unobligated,
       min(obligated - disbursed) AS unpaid, min(disbursed) AS paid, min(appropriated) AS appropriated
FROM (
    SELECT account_id, doc_date,
           sum(sum(amount) FILTER (WHERE measure IN ('authorised', 'adjustment'))) OVER days AS appropriated,
           coalesce(sum(sum(amount) FILTER (WHERE measure = 'allotment')) OVER days, 0) AS allotted,
           coalesce(sum(sum(amount) FILTER (WHERE measure = 'obligation')) OVER days, 0) AS obligated,
           coalesce(sum(sum(amount) FILTER (WHERE measure = 'disbursement')) OVER days, 0) AS disbursed
    FROM (
        SELECT account_id, greatest(doc_date, :since) AS doc_date, measure, amount FROM ledger_entries
        WHERE account_id = ANY(:account_ids)
        UNION ALL SELECT id, :since, 'authorised', 0 FROM unnest(CAST(:account_ids AS bigint[])) AS id
    ) AS clipped GROUP BY account_id, doc_date WINDOW days AS (PARTITION BY account_id ORDER BY doc_date)
) AS running GROUP BY account_id
""")
_COMPETING = text("""
SELECT posting.label, posting.doc_date, sum(entry.amount) AS amount
FROM ledger_entries entry JOIN ledger_postings posting ON posting.id = entry.posting_id
WHERE entry.account_id = :account_id AND entry.measure = :measure
GROUP BY posting.id ORDER BY posting.id DESC LIMIT 3
""")
# the gap that a measure eats when it grows, and the measure that eats it
LINKS = {
    "unreleased": ("allotment", "appropriation that is not released"),
    "unobligated": ("obligation", "allotment that is not obligated"),
    "unpaid": ("disbursement", "obligations that are not paid"),
    "paid": ("disbursement", "payments"),
    "appropriated": ("adjustment", "appropriation"),
}


@dataclass(frozen=True)
class Gaps:
    """What is left at each link of the chain; pesos."""

    unreleased: Decimal
    unobligated: Decimal
    unpaid: Decimal
    paid: Decimal
    appropriated: Decimal


@dataclass(frozen=True)
class Competing:
    """A document that took room of the same account."""

    label: str
    doc_date: date
    amount: Decimal


@dataclass(frozen=True)
class Lacking:
    """One account in which there is less room than a document asks for."""

    account: BudgetAccount
    name: str
    link: str  # of LINKS
    asked: Decimal
    available: Decimal
    on_a_day: bool  # the room is there today, but was not on every day since that of the document
    competing: Sequence[Competing]

    @property
    def short(self) -> Decimal:
        """How much too much it is."""
        return self.asked - self.available

    def __str__(self) -> str:
        what = LINKS[self.link][1]
        told = (
            f"{self.name}: ₱ {self.short:,.2f} too much. You ask for ₱ {self.asked:,.2f}; "
            f"of {what} there are ₱ {self.available:,.2f}"
        )
        told += " on each day since that of the document." if self.on_a_day else "."
        if self.competing:
            one = self.competing[0]
            told += f" {one.label} (₱ {one.amount:,.2f}) was posted under {one.doc_date:%d %B %Y}."
        if self.link == "unobligated" and self.account.unreleased > 0:
            told += f" ₱ {self.account.unreleased:,.2f} of the appropriation is not released yet."
        return told


class Shortfall(RuleBroken):
    """There is not enough room, with all accounts that lack it; none of the document is posted."""

    def __init__(self, lacking: Sequence[Lacking]) -> None:
        super().__init__(" ".join(str(one) for one in lacking))
        self.lacking = lacking


def require(session: Session, order: "Order") -> None:
    """Lock the accounts of a document in the order of their ids and look at their room. Raises Shortfall."""
    asked = {"kind": order.kind.value, "document_id": order.document_id, "verb": order.verb.value}
    rows = session.connection().execute(_LOCKED, asked).all()
    found: list[tuple[Any, str, Decimal, Decimal, bool]] = []
    for row in rows:
        found += _lacking(session, row, order.doc_date)
    if found:
        raise Shortfall(explain(session, found))


def available(session: Session, account: BudgetAccount, day: date) -> Gaps:
    """What a document of that day could move: now and on every later day."""
    return available_in(session, [account], day)[account.id]


def available_in(session: Session, found: Iterable[BudgetAccount], day: date) -> dict[int, Gaps]:
    """The same for several accounts by their ids, in one statement at most."""
    gaps, later = {}, []
    for account in found:
        gaps[account.id] = Gaps(
            account.unreleased, account.headroom, account.unpaid, account.disbursed, account.appropriated
        )
        if account.last_on is not None and account.last_on > day:
            later.append(account.id)
    return gaps | _smallest(session, later, day)


def _smallest(session: Session, account_ids: Sequence[int], day: date) -> dict[int, Gaps]:
    if not account_ids:
        return {}
    rows = session.execute(_EACH_DAY, {"account_ids": list(account_ids), "since": day})
    return {key: Gaps(*(value if value is not None else NONE for value in gaps)) for key, *gaps in rows}


def _lacking(session: Session, row: Any, day: date) -> list[tuple[Any, str, Decimal, Decimal, bool]]:
    """(account id, link, what it takes from the gap, how much there is, whether only on a day) for each broken link."""
    now = Gaps(
        row.appropriated - row.allotted, row.allotted - row.obligated, row.obligated - row.disbursed, row.disbursed,
        row.appropriated,
    )  # fmt: skip
    day = row.since or day
    is_later = row.last_on is not None and row.last_on > day
    smallest = _smallest(session, [row.id], day)[row.id] if is_later else now
    taken: Mapping[str, Decimal] = {
        "appropriated": -row.appropriation,
        "unreleased": row.allotment - row.appropriation,
        "unobligated": row.obligation - row.allotment,
        "unpaid": row.disbursement - row.obligation,
        "paid": -row.disbursement,
    }
    return [
        (row.id, link, amount, getattr(smallest, link), amount <= getattr(now, link))
        for link, amount in taken.items()
        if amount > 0 and amount > getattr(smallest, link)
    ]


def explain(session: Session, found: Sequence[tuple[int, str, Decimal, Decimal, bool]]) -> list[Lacking]:
    """Names of the accounts, and the documents that took the room."""
    named = accounts.named(session, {account_id for account_id, *_ in found})
    told = []
    for account_id, link, asked, there, on_a_day in found:
        rows = session.execute(_COMPETING, {"account_id": account_id, "measure": LINKS[link][0]}).all()
        competing = [Competing(row.label, row.doc_date, row.amount) for row in rows]
        account, name = named[account_id]
        told.append(Lacking(account, name, link, asked, max(there, NONE), on_a_day, competing))
    return told
