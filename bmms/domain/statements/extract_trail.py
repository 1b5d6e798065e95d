"""Of the audit extract: each act of a period and each field that it changed, with old and new value (R-20, S17)."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Text, func, select, true
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.statements import sums as ledger
from bmms.domain.statements.period import Period
from bmms.domain.statements.shape import Column, Look, Report, Row
from bmms.models.audit import AuditEvent
from bmms.tenancy import scope_of

OBJECTS = {
    "": "All of the budget",
    "appropriations": "Appropriations", "validity_extensions": "Extensions of validity",
    "budget_accounts": "Budget accounts", "allotment_orders": "Allotment orders", "obligations": "Obligations",
    "obligation_adjustments": "Adjustments of obligations", "disbursements": "Vouchers",
    "budget_changes": "Changes of the budget", "accounting_periods": "Months",
    "opening_positions": "Opening positions", "payees": "Payees", "number_series": "Series of numbers",
    "budget_proposals": "Budget proposals",
}  # fmt: skip
COLUMNS = (
    Column("title", "Date and time (UTC+8)", Look.TEXT),
    Column("person", "User", Look.TEXT),
    Column("act", "Action", Look.TEXT),
    Column("object", "Object", Look.TEXT),
    Column("field", "Field", Look.TEXT),
    Column("before", "Old value", Look.TEXT),
    Column("after", "New value", Look.TEXT),
    Column("note", "Reason", Look.TEXT),
    Column("ip", "IP address", Look.TEXT),
)
NOTES = (
    "One row for each field that an act changed; an act that changed none has one row. Acts stand on the day on which "
    "they were done, whatever the day of the document.",
)


def read(session: Session, asked: Period, objects: str, page: int | None) -> Report:
    """Acts in the order in which they were recorded.

    Args:
        objects: one of OBJECTS.
    """
    event, first = AuditEvent, asked.window(page)[0]
    changed = func.jsonb_each(event.changes).table_valued("key", "value", name="changed").render_derived()
    where = (
        event.organization_id == scope_of(session).organization_id,
        event.at >= datetime.combine(asked.since, time.min, clock.MANILA),
        event.at < datetime.combine(asked.as_of + timedelta(days=1), time.min, clock.MANILA),
        event.subject_type.in_([objects] if objects else [each for each in OBJECTS if each]),
    )
    at = func.to_char(func.timezone("Asia/Manila", event.at), "YYYY-MM-DD HH24:MI:SS")
    query = (
        select(
            at.label("at"), event.actor_label, event.action, event.subject_type, event.subject_id, event.subject_label,
            event.note, func.host(event.ip).label("ip"), changed.c.key,
            as_type(changed.c.value, Text).op("::jsonb ->>")(0).label("before"),
            as_type(changed.c.value, Text).op("::jsonb ->>")(1).label("after"),
        )
        .select_from(event)
        .outerjoin(changed, true())
        .where(*where)
    )  # fmt: skip
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(event.id, changed.c.key)
    most = asked.window(page)[1]
    rows = session.execute(ordered.limit(most).offset(first) if most is not None else ordered).all()
    is_demo = ledger.accounts_of(session, asked).is_demo
    return Report(COLUMNS, [_row(row) for row in rows], None, count, None, is_demo, first=first, notes=NOTES)


def _row(row: Any) -> Row:
    kind = OBJECTS[row.subject_type]
    name = row.subject_label or (f"no. {row.subject_id}" if row.subject_id else "")
    return Row({
        "title": row.at, "person": row.actor_label, "act": row.action.split(":")[-1].replace("_", " "),
        "object": f"{kind}: {name}" if name else kind, "field": (row.key or "").replace("_", " "),
        "before": row.before or "", "after": row.after or "", "note": row.note, "ip": row.ip or "",
    })  # fmt: skip
