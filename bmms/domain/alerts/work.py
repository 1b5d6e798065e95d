"""Work that is paid for faster than it is done: AL-8 (modules 2.9)."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain.alerts.causes import Cause, asked
from bmms.domain.alerts.limits import Limits
from bmms.models.alerts import AlertKind

_GAP = text("""
SELECT item.id AS work_item_id, plan.fiscal_year, CAST(plan.fiscal_year AS text) AS period, item.is_demo,
       'warning' AS severity, item.planned_cost, item.progress, told.paid,
       trunc(told.paid * 100 / item.planned_cost, 2) AS rate, CAST(:gap AS numeric) AS "limit"
FROM work_items item
JOIN annual_work_plans plan ON plan.id = item.work_plan_id AND plan.organization_id = item.organization_id
JOIN (
    SELECT item_id, sum(paid) AS paid FROM obligation_lines
    WHERE organization_id = :organization_id AND item_id IS NOT NULL GROUP BY item_id
) AS told ON told.item_id = item.id
WHERE item.organization_id = :organization_id AND plan.status = 'active'
  AND item.status NOT IN ('deferred', 'cancelled') AND item.planned_cost > 0
  AND told.paid * 100 > (item.progress + :gap) * item.planned_cost
""")


def ahead(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-8: the share paid of the planned cost is so many points above the physical progress."""
    return asked(session, AlertKind.GAP, _GAP, gap=limits["gap"])
