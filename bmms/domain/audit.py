"""The record of what happened, written in the transaction of the act: a rollback takes it along."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.models.audit import AuditEvent
from bmms.models.base import Base

NEVER_RECORDED = ("password", "token", "secret", "ciphertext")


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: Base | None = None,
    *,
    organization_id: int | None = None,
    label: str = "",
    note: str = "",
    **changes: tuple[Any, Any] | list[Any],
) -> None:
    """Write one audit row.

    Args:
        action: `<table>:<verb>`, for example `users:create`.
        subject: the row that was acted on; it is flushed first because the record needs its id.
        organization_id: whose log this belongs to, when neither actor nor subject say it.
        changes: field name to (before, after); never passwords, tokens or whole documents.
    """
    session.flush()
    session.execute(
        AuditEvent.__table__.insert().inline(),  # type: ignore[attr-defined]
        describe(actor, action, subject, organization_id=organization_id, label=label, note=note, changes=changes),
    )
    session.info["wrote"] = True


def record_many(
    session: Session,
    actor: Actor,
    action: str,
    happened: Iterable[tuple[Base, str, Mapping[str, tuple[Any, Any]]]],
    note: str = "",
) -> None:
    """Write one audit row for each of many acts of one kind, in one statement.

    Args:
        happened: subject, label and changes of each.
        note: the reason of them all.
    """
    session.flush()
    rows = [
        describe(actor, action, subject, organization_id=None, label=label, note=note, changes=dict(changes))
        for subject, label, changes in happened
    ]
    if rows:
        session.execute(AuditEvent.__table__.insert().inline(), rows)  # type: ignore[attr-defined]
        session.info["wrote"] = True


def describe(
    actor: Actor,
    action: str,
    subject: Base | None,
    *,
    organization_id: int | None,
    label: str,
    note: str,
    changes: dict[str, Any],
) -> dict[str, Any]:
    """One audit row as columns and values."""
    if told := [name for name in changes if any(word in name for word in NEVER_RECORDED)]:
        raise ValueError(f"audit rows never hold secrets: {', '.join(told)}")
    home = organization_id or actor.organization_id or getattr(subject, "organization_id", None)
    home = home or actor.home_organization_id
    return {
        "organization_id": home,
        "acting_organization_id": actor.acting_organization_id,
        "actor_id": actor.user_id,
        "actor_label": actor.signature,
        "action": action,
        "subject_type": subject.__tablename__ if subject is not None else "",
        "subject_id": _key_of(subject),
        "subject_label": label[:300],
        "changes": {name: [_plain(value) for value in pair] for name, pair in changes.items()},
        "note": note,
        "ip": actor.origin.ip,
        "request_id": actor.origin.request_id,
        "user_agent": actor.origin.user_agent[:300],
    }


def _key_of(subject: Base | None) -> int | None:
    identity = inspect(subject).identity if subject is not None else None
    return identity[0] if identity and isinstance(identity[0], int) else None


def changed_fields(row: Base, *names: str) -> dict[str, Any]:
    """Before and after of those named fields that have changed since the last flush."""
    state = inspect(row)
    found: dict[str, Any] = {}
    for name in names:
        history = state.attrs[name].history
        if history.has_changes():
            found[name] = (history.deleted[0] if history.deleted else None, history.added[0] if history.added else None)
    return found


def _plain(value: Any) -> Any:
    """A value as JSON keeps it; money stays exact as text."""
    if isinstance(value, Decimal | date | datetime):
        return str(value)
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)
