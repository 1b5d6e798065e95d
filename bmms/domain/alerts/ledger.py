"""Totals that differ from the ledger, which must never happen: AL-7 (E-11, modules 2.9)."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.alerts.causes import Cause
from bmms.domain.alerts.limits import Limits
from bmms.domain.ledger import reconciling
from bmms.domain.ledger.reconciling import Difference
from bmms.models.alerts import AlertKind, Severity
from bmms.models.authority import BudgetAccount

MOST_TOLD = 5


def differs(session: Session, today: date, limits: Limits) -> list[Cause]:
    """AL-7: one for each account of which a total, or one of its objects or lines, is not what the entries come to."""
    return causes_of(session, reconciling.differences(session))


def causes_of(session: Session, found: Sequence[Difference]) -> list[Cause]:
    """The same, of differences that were found already."""
    if not found:
        return []
    told: dict[int, list[str]] = {}
    for one in found:
        told.setdefault(one.account_id, []).append(str(one))
    columns = (BudgetAccount.id, BudgetAccount.fiscal_year, BudgetAccount.is_demo)
    return [
        Cause(
            kind=AlertKind.RECONCILIATION, severity=Severity.CRITICAL, account_id=row.id, fiscal_year=row.fiscal_year,
            period=str(row.fiscal_year), is_demo=row.is_demo,
            facts={"differences": str(len(told[row.id])), "told": told[row.id][:MOST_TOLD]},
        )
        for row in session.execute(select(*columns).where(BudgetAccount.id.in_(told)))
    ]  # fmt: skip
