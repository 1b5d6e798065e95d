"""Budget accounts near their limit, about to lapse, or held back: AL-1, AL-4, AL-5 (modules 2.9)."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain.alerts.causes import Cause, asked
from bmms.domain.alerts.limits import Limits
from bmms.models.alerts import AlertKind

HALF_YEAR = 7  # the month with which the second half begins
_NEAR = text("""
SELECT id AS account_id, fiscal_year, CAST(fiscal_year AS text) AS period, is_demo, obligated, allotted,
       trunc(obligated * 100 / allotted, 2) AS rate,
       CASE WHEN obligated >= allotted THEN 'critical' WHEN obligated * 100 >= :near_warning * allotted THEN 'warning'
            ELSE 'info' END AS severity
FROM budget_accounts account
WHERE organization_id = :organization_id AND allotted > 0 AND obligated * 100 >= :near_info * allotted
  AND may_charge(account, :today, 'obligation')
""")
_VALIDITY = text("""
SELECT account.id AS account_id, account.fiscal_year, CAST(part.ends_on AS text) AS period, account.is_demo,
       part.ends_on, sum(part.unobligated) AS unobligated, sum(part.unpaid) AS unpaid,
       account.appropriated, account.obligated,
       CASE WHEN part.ends_on - :today <= :validity_critical THEN 'critical'
            WHEN part.ends_on - :today <= :validity_warning THEN 'warning' ELSE 'info' END AS severity
FROM budget_accounts account
CROSS JOIN LATERAL (
    SELECT greatest(account.obligate_until, max(law.obligate_until)) AS obligate_until,
           greatest(account.pay_until, max(law.pay_until)) AS pay_until
    FROM validity_extensions law
    WHERE law.organization_id = account.organization_id AND law.appropriation_id = account.appropriation_id
      AND law.confirmed_at IS NOT NULL AND coalesce(law.expense_class, account.expense_class) = account.expense_class
) AS until
CROSS JOIN LATERAL (
    VALUES (until.obligate_until, account.appropriated - account.obligated, 0),
           (until.pay_until, 0, account.obligated - account.disbursed)
) AS part (ends_on, unobligated, unpaid)
WHERE account.organization_id = :organization_id
  AND part.ends_on BETWEEN :today AND :today + CAST(:validity_info AS integer)
GROUP BY account.id, part.ends_on HAVING sum(part.unobligated) + sum(part.unpaid) > 0
""")
_UNRELEASED = text("""
SELECT id AS account_id, fiscal_year, CAST(fiscal_year AS text) AS period, is_demo, 'warning' AS severity,
       appropriated - allotted AS unreleased, appropriated,
       trunc((appropriated - allotted) * 100 / appropriated, 2) AS rate, CAST(:unreleased AS numeric) AS "limit"
FROM budget_accounts
WHERE organization_id = :organization_id AND fiscal_year = :year AND appropriated > 0
  AND (appropriated - allotted) * 100 > :unreleased * appropriated
""")


def near_limit(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-1: of the allotment so much is obligated, as long as more can be."""
    return asked(
        session, AlertKind.NEAR_LIMIT, _NEAR, today=today, near_info=limits["near_info"],
        near_warning=limits["near_warning"],
    )  # fmt: skip


def validity(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-4: the last day to obligate, or to pay, comes near and something is left; extensions by law count."""
    days = {name: limits[name] for name in ("validity_info", "validity_warning", "validity_critical")}
    return asked(session, AlertKind.VALIDITY, _VALIDITY, today=today, **days)


def unreleased(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-5: in the second half of the year, more than a share of the appropriation is not released."""
    if today.month < HALF_YEAR:
        return []
    return asked(session, AlertKind.UNRELEASED, _UNRELEASED, year=today.year, unreleased=limits["unreleased"])
