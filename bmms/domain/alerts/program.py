"""Programs that obligate otherwise in a month than the program of the year says: AL-6 (modules 2.9)."""

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from bmms.domain.alerts.causes import Cause, asked
from bmms.domain.alerts.limits import Limits
from bmms.models.alerts import AlertKind

_OFF = text("""
SELECT line.cost_structure, line.program_id, line.expense_class, bed.fiscal_year, CAST(:period AS text) AS period,
       bed.is_demo, 'warning' AS severity, CAST(:first AS date) AS month,
       coalesce(figure.obligation, 0.00) AS programmed, coalesce(told.obligated, 0.00) AS obligated,
       trunc(coalesce(told.obligated, 0) * 100 / nullif(figure.obligation, 0), 2) AS rate,
       CAST(:program AS numeric) AS "limit"
FROM bed_programs bed JOIN bed_lines line ON line.bed_id = bed.id AND line.organization_id = bed.organization_id
LEFT JOIN bed_figures figure
    ON figure.line_id = line.id AND figure.organization_id = line.organization_id AND figure.month = :month
LEFT JOIN (
    SELECT account.cost_structure, account.program_id, account.expense_class, account.is_demo,
           sum(entry.amount) AS obligated
    FROM ledger_entries entry JOIN budget_accounts account ON account.id = entry.account_id
    WHERE entry.organization_id = :organization_id AND entry.measure = 'obligation'
      AND entry.doc_date BETWEEN :first AND :ended AND account.fiscal_year = :year
    GROUP BY account.cost_structure, account.program_id, account.expense_class, account.is_demo
) AS told ON told.cost_structure IS NOT DISTINCT FROM line.cost_structure
    AND told.program_id IS NOT DISTINCT FROM line.program_id AND told.expense_class = line.expense_class
    AND told.is_demo = bed.is_demo
WHERE bed.organization_id = :organization_id AND bed.fiscal_year = :year AND bed.status = 'approved'
  AND abs(coalesce(told.obligated, 0) - coalesce(figure.obligation, 0)) * 100
      > :program * coalesce(figure.obligation, 0)
""")


def off_program(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-6: in the last month that is over, more or less was obligated than its approved program says (BED-1).

    For each line of the program; where nothing was programmed, whatever was obligated is too much.
    """
    ended = today.replace(day=1) - timedelta(days=1)
    return asked(
        session, AlertKind.PROGRAM, _OFF, first=ended.replace(day=1), ended=ended, year=ended.year, month=ended.month,
        period=f"{ended:%Y-%m}", program=limits["program"],
    )  # fmt: skip
