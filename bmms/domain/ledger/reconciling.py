"""Are the totals that accounts, object splits and lines keep what the entries of the ledger come to (E-11, INV-28)?

One statement for each level. The ledger keeps them so at every moment; this looks again, every night and before a month
is closed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from bmms.domain.ledger import accounts
from bmms.tenancy import scope_of


def _sum(measure: str, *more: str) -> str:
    condition = " AND ".join([f"measure = '{measure}'", *more])
    return f"coalesce(sum(amount) FILTER (WHERE {condition}), 0)"


_CHAIN = {"allotted": "allotment", "obligated": "obligation", "disbursed": "disbursement"}
_ACCOUNTS = text(f"""
SELECT account.id AS account_id, '' AS part,
       account.authorised, account.adjustment, account.allotted, account.obligated, account.disbursed,
       coalesce(told.authorised, 0) AS told_authorised, coalesce(told.adjustment, 0) AS told_adjustment,
       coalesce(told.allotted, 0) AS told_allotted, coalesce(told.obligated, 0) AS told_obligated,
       coalesce(told.disbursed, 0) AS told_disbursed
FROM budget_accounts account LEFT JOIN (
    SELECT account_id, {_sum("authorised")} AS authorised, {_sum("adjustment")} AS adjustment,
           {", ".join(f"{_sum(measure)} AS {name}" for name, measure in _CHAIN.items())}
    FROM ledger_entries WHERE organization_id = :organization_id GROUP BY account_id
) AS told ON told.account_id = account.id
WHERE account.organization_id = :organization_id
  AND (account.authorised, account.adjustment, account.allotted, account.obligated, account.disbursed)
      IS DISTINCT FROM (coalesce(told.authorised, 0), coalesce(told.adjustment, 0), coalesce(told.allotted, 0),
                        coalesce(told.obligated, 0), coalesce(told.disbursed, 0))
ORDER BY account.id
""")  # noqa: S608
_OBJECTS = text(f"""
SELECT coalesce(part.account_id, told.account_id) AS account_id, coalesce(part.object_code, told.object_code) AS part,
       coalesce(part.allotted, 0) AS allotted, coalesce(part.obligated, 0) AS obligated,
       coalesce(part.disbursed, 0) AS disbursed, coalesce(told.allotted, 0) AS told_allotted,
       coalesce(told.obligated, 0) AS told_obligated, coalesce(told.disbursed, 0) AS told_disbursed
FROM (SELECT * FROM budget_account_objects WHERE organization_id = :organization_id) AS part FULL JOIN (
    SELECT account_id, object_code, {", ".join(f"{_sum(measure)} AS {name}" for name, measure in _CHAIN.items())}
    FROM ledger_entries WHERE organization_id = :organization_id AND object_code IS NOT NULL
    GROUP BY account_id, object_code
) AS told ON told.account_id = part.account_id AND told.object_code = part.object_code
WHERE (coalesce(part.allotted, 0), coalesce(part.obligated, 0), coalesce(part.disbursed, 0))
      IS DISTINCT FROM (coalesce(told.allotted, 0), coalesce(told.obligated, 0), coalesce(told.disbursed, 0))
ORDER BY 1, 2
""")  # noqa: S608
_LINES = text(f"""
SELECT line.account_id, document.ors_no || ' line ' || line.id AS part,
       CASE WHEN document.status IN ('obligated', 'closed') THEN line.amount ELSE 0 END AS amount,
       line.adjusted, line.due, line.paid, coalesce(told.amount, 0) AS told_amount,
       coalesce(told.adjusted, 0) AS told_adjusted, coalesce(told.due, 0) AS told_due,
       coalesce(told.paid, 0) AS told_paid
FROM obligation_lines line JOIN obligations document ON document.id = line.obligation_id LEFT JOIN (
    SELECT entry.obligation_line_id AS id,
           {_sum("obligation", "posting.document_kind <> 'obligation_adjustment'")} AS amount,
           {_sum("obligation", "posting.document_kind = 'obligation_adjustment'")} AS adjusted,
           {_sum("due")} AS due, {_sum("disbursement")} AS paid
    FROM ledger_entries entry JOIN ledger_postings posting ON posting.id = entry.posting_id
    WHERE entry.organization_id = :organization_id AND entry.obligation_line_id IS NOT NULL
    GROUP BY entry.obligation_line_id
) AS told ON told.id = line.id
WHERE line.organization_id = :organization_id
  AND (CASE WHEN document.status IN ('obligated', 'closed') THEN line.amount ELSE 0 END,
       line.adjusted, line.due, line.paid)
      IS DISTINCT FROM (coalesce(told.amount, 0), coalesce(told.adjusted, 0), coalesce(told.due, 0),
                        coalesce(told.paid, 0))
ORDER BY line.id
""")  # noqa: S608
LEVELS: Mapping[str, tuple[TextClause, tuple[str, ...]]] = {
    "account": (_ACCOUNTS, ("authorised", "adjustment", "allotted", "obligated", "disbursed")),
    "object": (_OBJECTS, ("allotted", "obligated", "disbursed")),
    "line": (_LINES, ("amount", "adjusted", "due", "paid")),
}  # level: what compares it, and the totals that it keeps


@dataclass(frozen=True)
class Difference:
    """A total that is not what the entries come to; pesos.

    Args:
        level: account, object or line.
        part: the object, or the line of an obligation; empty for the account as a whole.
        total: which one: authorised, adjustment, allotted, obligated, disbursed; amount, due, paid of a line.
    """

    level: str
    account: str
    part: str
    total: str
    kept: Decimal
    entries: Decimal
    account_id: int

    def __str__(self) -> str:
        where = f"{self.account}, {self.part}" if self.part else self.account
        return (
            f"{where}: {self.total} is kept as ₱ {self.kept:,.2f}, the entries of the ledger come to "
            f"₱ {self.entries:,.2f}"
        )


def differences(session: Session) -> list[Difference]:
    """All totals of the organization that differ from its entries, accounts first; none when E-11 holds."""
    session.flush()
    asked = {"organization_id": scope_of(session).organization_id}
    found = [
        (level, row._mapping, totals)
        for level, (query, totals) in LEVELS.items()
        for row in session.execute(query, asked)
    ]
    if not found:
        return []
    named = accounts.named(session, {row["account_id"] for _, row, _ in found})
    return [one for level, row, totals in found for one in _told(level, row, totals, lambda key: named[key][1])]


def _told(
    level: str, row: Mapping[Any, Any], totals: tuple[str, ...], name_of: Callable[[int], str]
) -> list[Difference]:
    return [
        Difference(
            level, name_of(row["account_id"]), row["part"], total, row[total], row[f"told_{total}"], row["account_id"]
        )
        for total in totals
        if row[total] != row[f"told_{total}"]
    ]
