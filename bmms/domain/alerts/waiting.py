"""Critical alerts that concern a person and that nobody has acknowledged, for "My work"."""

from typing import Any

from sqlalchemy import Select, String, case, cast, or_, select

from bmms.domain.actors import Actor
from bmms.domain.alerts.kinds import KINDS, SEVERITY, concerns
from bmms.domain.workplace import Heap, Waiting
from bmms.models.alerts import AlertKind, BudgetAlert, Severity


def _rows(actor: Actor) -> Select[Any] | None:
    kinds = [kind for kind in KINDS if concerns(actor, kind)]
    if not kinds:
        return None
    row = BudgetAlert
    unseen = or_(row.acknowledged_at.is_(None), row.raised_at > row.acknowledged_at)
    return select(
        cast(row.kind, String).label("what"), row.id, cast("", String).label("name"),
        case((row.is_demo, ", demo"), else_="").label("note"), row.fiscal_year, row.opened_at.label("since"),
    ).where(row.kind.in_(kinds), row.severity == Severity.CRITICAL, row.closed_at.is_(None), unseen)  # fmt: skip


def _told(row: Any) -> Waiting:
    return Waiting(
        KINDS[AlertKind(row.what)].label, f"FY {row.fiscal_year}{row.note}", *SEVERITY[Severity.CRITICAL],
        "execution.alert_show", {"alert_id": row.id},
    )  # fmt: skip


HEAP = Heap(_rows, _told)
