"""Postings refused again and again: AL-9 (modules 2.9). `domain/journal.py` keeps the record of each refusal (D23)."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.alerts.causes import Cause, asked
from bmms.domain.alerts.limits import Limits
from bmms.domain.journal import REFUSED
from bmms.models.alerts import AlertKind

STANDS_FOR = timedelta(days=7)  # a day with refusals is called to mind for so long
_REFUSED = text("""
SELECT account.id AS account_id, account.fiscal_year, CAST(told.day AS text) AS period, account.is_demo,
       'warning' AS severity, told.day AS ends_on, told.times, told.asked, told.available
FROM budget_accounts account JOIN (
    SELECT subject_id, CAST(at AT TIME ZONE :zone AS date) AS day, count(*) AS times,
           (array_agg(CAST(changes -> 'asked' ->> 1 AS numeric) ORDER BY id DESC))[1] AS asked,
           (array_agg(CAST(changes -> 'available' ->> 1 AS numeric) ORDER BY id DESC))[1] AS available
    FROM audit_events
    WHERE organization_id = :organization_id AND action = :action AND subject_type = 'budget_accounts' AND at >= :since
      AND at < :until
    GROUP BY subject_id, day HAVING count(*) >= :refusals
) AS told ON told.subject_id = account.id
WHERE account.organization_id = :organization_id
""")


def refused(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-9: on one account so many refusals in one day of Manila, of this day and the six before it."""
    tomorrow = today + timedelta(days=1)
    return asked(
        session, AlertKind.REFUSED, _REFUSED, zone=clock.MANILA.key, action=REFUSED, refusals=limits["refusals"],
        since=_midnight(tomorrow - STANDS_FOR), until=_midnight(tomorrow),
    )  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.MANILA)
