"""Accounts that obligate too slowly at the end of a quarter: AL-2 (modules 2.9)."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain.alerts.causes import Cause, asked
from bmms.domain.alerts.limits import Limits
from bmms.models.alerts import AlertKind

_SLOW = text("""
SELECT account.id AS account_id, account.fiscal_year, CAST(:period AS text) AS period, account.is_demo,
       CAST(:ends_on AS date) AS ends_on, told.obligated, told.appropriated,
       trunc(told.obligated * 100 / told.appropriated, 2) AS rate,
       CAST(:target AS numeric) AS target,
       greatest(CAST(:below AS numeric), CAST(:least AS numeric)) AS "limit",
       CASE WHEN told.obligated * 100 < CAST(:least AS numeric) * told.appropriated THEN 'critical' ELSE 'warning' END
           AS severity
FROM budget_accounts account JOIN (
    SELECT account_id, coalesce(sum(amount) FILTER (WHERE measure IN ('authorised', 'adjustment')), 0) AS appropriated,
           coalesce(sum(amount) FILTER (WHERE measure = 'obligation'), 0) AS obligated
    FROM ledger_entries WHERE organization_id = :organization_id AND doc_date <= :ends_on GROUP BY account_id
) AS told ON told.account_id = account.id
WHERE account.organization_id = :organization_id AND account.fiscal_year = :year AND told.appropriated > 0
  AND told.obligated * 100 < greatest(CAST(:below AS numeric), CAST(:least AS numeric)) * told.appropriated
""")


def last_quarter(today: date) -> tuple[int, int, date]:
    """Year, number and last day of the last quarter that is over."""
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    ended = first - timedelta(days=1)
    return ended.year, ended.month // 3, ended


def slow(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-2: at the end of the last quarter less was obligated of the appropriation than the target less its margin.

    Of the accounts of that year, and as the ledger stood on that day. Below the floor of mid-year, or of the third
    quarter, it is critical.
    """
    year, quarter, ended = last_quarter(today)
    target = Decimal(limits[f"target_q{quarter}"])
    return asked(
        session, AlertKind.SLOW, _SLOW, year=year, period=f"{year}-Q{quarter}", ends_on=ended, target=target,
        below=target * (100 - limits["slow_below"]) / 100, least=limits.get(f"least_q{quarter}", 0),
    )  # fmt: skip
