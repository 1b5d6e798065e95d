"""Obligations that nobody pays: AL-3 (modules 2.9)."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain.alerts.causes import Cause, asked
from bmms.domain.alerts.limits import Limits
from bmms.models.alerts import AlertKind

_IDLE = text("""
SELECT obligation.id AS obligation_id, obligation.fiscal_year, CAST(obligation.fiscal_year AS text) AS period,
       obligation.is_demo, 'warning' AS severity, obligation.expected_on, CAST(:idle_days AS integer) AS "limit",
       sum(line.unpaid) AS unpaid
FROM obligations obligation
JOIN obligation_lines line ON line.obligation_id = obligation.id AND line.organization_id = obligation.organization_id
WHERE obligation.organization_id = :organization_id AND obligation.status = 'obligated'
  AND obligation.expected_on <= :today - CAST(:idle_days AS integer)
GROUP BY obligation.id HAVING sum(line.paid) = 0 AND sum(line.unpaid) > 0
""")


def idle(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-3: nothing of it is paid, so many days after payment was expected."""
    return asked(session, AlertKind.IDLE, _IDLE, today=today, idle_days=limits["idle_days"])
