"""Obligation requests in the demo of Health, and certifiers who post them through the web by the key of a button."""

import html
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg

from bmms.launch.cluster import attach
from tests.drill.conftest import Installation
from tests.drill.storm import TOKEN, Visitor

AMOUNT = Decimal("1000.00")  # of each request; up to 50,000 none needs a file
PLACE = "/moa/MOH/execution/obligations"
RIGHTS = """
INSERT INTO membership_rights (membership_id, organization_id, code, given_at)
SELECT membership.id, membership.organization_id, 'allotment_certify', now() FROM memberships membership
JOIN organizations organization ON organization.id = membership.organization_id JOIN users ON users.id = user_id
WHERE organization.code = 'MOH' AND username = ANY(%(names)s) ON CONFLICT (membership_id, code) DO NOTHING
"""
ACCOUNT = """
SELECT account.id FROM budget_accounts account JOIN organizations ON organizations.id = organization_id
WHERE organizations.code = 'MOH' AND account.is_demo AND expense_class = 'MOOE' AND allotted > obligated
  AND obligate_until >= (now() AT TIME ZONE 'Asia/Manila')::date
ORDER BY fiscal_year DESC, allotted - obligated DESC LIMIT 1
"""
REQUESTS = """
WITH account AS (SELECT * FROM budget_accounts WHERE id = %(account)s), rahma AS (
  SELECT id FROM users WHERE username = 'moh_budget'), made AS (
  INSERT INTO obligations (organization_id, fiscal_year, fund_cluster, dated, payee_id, kind, office, particulars,
    total, status, entered_by, requested_by, requested_at, is_demo)
  SELECT account.organization_id, account.fiscal_year, account.fund_cluster, (now() AT TIME ZONE 'Asia/Manila')::date,
    (SELECT min(id) FROM payees WHERE organization_id = account.organization_id), 'other', 'Drill', %(what)s,
    %(amount)s, 'draft', rahma.id, rahma.id, now(), true
  FROM account, rahma, generate_series(1, %(count)s) RETURNING id, organization_id)
INSERT INTO obligation_lines (organization_id, obligation_id, account_id, object_code, amount)
SELECT organization_id, id, %(account)s, '5020301000', %(amount)s FROM made RETURNING obligation_id
"""
STANDS = """
SELECT document.id, document.status, coalesce(posted.times, 0), coalesce(posted.entries, 0),
  coalesce(posted.total, 0), coalesce(posted.keys, '{}') FROM obligations document LEFT JOIN (
    SELECT posting.document_id, count(DISTINCT posting.id) AS times, count(entry.id) AS entries,
      sum(entry.amount) AS total, array_agg(DISTINCT posting.key) AS keys
    FROM ledger_postings posting LEFT JOIN ledger_entries entry ON entry.posting_id = posting.id
    WHERE posting.document_kind = 'obligation' GROUP BY posting.document_id
  ) AS posted ON posted.document_id = document.id WHERE document.particulars = 'Drill'
"""
TOTALS = """
SELECT account.id FROM budget_accounts account LEFT JOIN (
  SELECT account_id, sum(amount) FILTER (WHERE measure = 'allotment') AS allotted,
    sum(amount) FILTER (WHERE measure = 'obligation') AS obligated,
    sum(amount) FILTER (WHERE measure = 'disbursement') AS disbursed FROM ledger_entries GROUP BY account_id
) AS told ON told.account_id = account.id
WHERE (account.allotted, account.obligated, account.disbursed) <>
  (coalesce(told.allotted, 0), coalesce(told.obligated, 0), coalesce(told.disbursed, 0))
"""


def say(installation: Installation, *statements: tuple[str, dict]) -> list[tuple]:
    """As the owner of the database; the rows of the last statement."""
    with (
        attach(installation.instance) as cluster, psycopg.connect(cluster.url("bmms_owner", "bmms")) as connection,
    ):  # fmt: skip
        for statement, values in statements:
            found = connection.execute(statement, values)
        return found.fetchall() if found.description else []


def ask_for(installation: Installation, account: int, count: int, what: str = "Drill") -> list[int]:
    """So many requests that wait for Box B."""
    values = {"account": account, "count": count, "amount": AMOUNT, "what": what}
    ids = [row[0] for row in say(installation, (REQUESTS, values))]
    say(installation, ("UPDATE obligations SET status = 'requested' WHERE id = ANY(%(ids)s)", {"ids": ids}))
    return ids


@dataclass
class Books:
    """What the server said is posted: the key of the button by request."""

    waiting: list[int] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    again: int = 0  # how often a button was pressed again because its answer was broken
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> int | None:
        """A request that nobody has taken yet."""
        with self.lock:
            return self.waiting.pop() if self.waiting else None


class Certifier(Visitor):
    """Somebody who certifies without reading."""

    def enter(self) -> bool:
        """Sign in, however long it takes within three minutes."""
        deadline = time.monotonic() + 180
        while not (inside := self.sign_in()) and time.monotonic() < deadline:
            time.sleep(13)  # five tries a minute are allowed
        return inside

    def certify(self, document_id: int, key: str, books: Books, give_up: float) -> None:
        """Press the button; press it again with the same key as long as no answer came, and once more now and then."""
        path, twice = f"{PLACE}/{document_id}/certify", self._draw.random() < 0.1
        while time.monotonic() < give_up:
            found = TOKEN.search(self.ask(path)[1]) or TOKEN.search(self.ask(PLACE + f"/{document_id}")[1])
            if not found:
                time.sleep(0.3)
                continue
            sent = {"csrf_token": found[1], "certified": "y", "key": key, "row_version": "1"}
            status, text = self.ask(path, sent)
            books.answers[status] += 1
            if status == 303 and self.location.endswith(f"/obligations/{document_id}"):
                books.told[document_id] = key
                if not twice:
                    return
                twice = False
            elif status == 422:
                books.refused.append(text)
                return
            elif status in (0, 502, 503, 504):
                books.again += 1
                time.sleep(0.2)
            else:
                books.failures.append(f"{document_id}: {status} {self.location} {text[:300]}")
                return

    def work_once(self, books: Books) -> None:
        """The next request, if there is one."""
        document_id = books.next()
        if document_id is not None:
            self.certify(document_id, f"k{document_id}-{self._draw.randrange(10**9)}", books, time.monotonic() + 180)
        time.sleep(self._draw.random() * 0.5)

    def export(self) -> bool:
        """Have the worker make a workbook of a statement; True when the server says that it is started."""
        page = self.ask("/moa/MOH/execution/statements/far-1")[1]
        token, action = TOKEN.search(page), re.search(r'action="([^"]*/export\?[^"]*)"', page)
        if not token or not action:
            return False
        status, _ = self.ask(html.unescape(action[1]), {"csrf_token": token[1]})
        return status == 303 and "/exports/" in self.location


def certifiers(installation: Installation, count: int) -> list[Certifier]:
    """Signed out, with the right to certify in Health."""
    people = [one for one in installation.people if one[0].startswith("moh_") and one[0] != "moh_budget"][:count]
    say(installation, (RIGHTS, {"names": [name for name, _ in people]}))
    return [Certifier(installation.base, name, password, n) for n, (name, password) in enumerate(people)]


def faults(installation: Installation, told: dict[int, str]) -> list[str]:
    """What of the promise is broken now: acknowledged and not there, half there, there twice, totals that differ.

    Args:
        told: what had been acknowledged before this question.
    """
    found = []
    for its_id, status, times, entries, total, keys in installation.ask(STANDS):
        whole = (1, 1, AMOUNT) if status == "obligated" else (0, 0, 0)
        if (times, entries, total) != whole:
            found.append(f"{its_id} is {status}: {times} postings, {entries} entries, {total}")
        if its_id in told and keys != [told[its_id]]:
            found.append(f"{its_id} was acknowledged for {told[its_id]}, in the ledger by {keys}")
    return found + [f"account {its_id} differs from its entries" for (its_id,) in installation.ask(TOTALS)]
