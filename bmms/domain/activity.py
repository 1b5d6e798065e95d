"""What happened to a record, from its decisions and from the audit log, as one list."""

from typing import Any

from sqlalchemy import CompoundSelect, Select, Text, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB

from bmms.domain.actors import Actor
from bmms.models.audit import AuditEvent

COLUMNS = ("at", "place", "who", "action", "label", "note", "changes")


def events(actor: Actor, table: str, ids: Any) -> Select:  # type: ignore[type-arg]
    """Audit rows about rows of a table of the own organization, in the columns of the list.

    Args:
        ids: one id, or a subquery of ids.
    """
    about = AuditEvent.subject_id == ids if isinstance(ids, int) else AuditEvent.subject_id.in_(ids)
    return select(
        AuditEvent.at, AuditEvent.id.label("place"), AuditEvent.actor_label.label("who"), AuditEvent.action,
        AuditEvent.subject_label.label("label"), AuditEvent.note, AuditEvent.changes,
    ).where(AuditEvent.organization_id == actor.organization_id, AuditEvent.subject_type == table, about)  # fmt: skip


def decisions(model: Any, table: str, about: Any) -> Select:  # type: ignore[type-arg]
    """Decisions about a record, in the columns of the list.

    Args:
        model: has at, actor_label, verb, note, before and after.
    """
    status = func.jsonb_build_array(cast(model.before, Text), cast(model.after, Text))
    return select(
        model.at, model.id.label("place"), model.actor_label.label("who"),
        (literal(f"{table}:") + cast(model.verb, Text)).label("action"), literal("").label("label"), model.note,
        cast(func.jsonb_build_object("status", status), JSONB).label("changes"),
    ).where(about)  # fmt: skip


def merged(*parts: Select) -> Select:  # type: ignore[type-arg]
    """All of them, the latest first."""
    together: CompoundSelect = union_all(*parts)
    rows = together.subquery()
    return select(*(rows.c[name] for name in COLUMNS)).order_by(rows.c.at.desc(), rows.c.place.desc())
