"""Reading the record of what happened: search, one event, export (rule S17)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.permissions import Permission
from bmms.models.audit import AuditEvent, RowHistory
from bmms.models.organizations import Organization

STREAMED_ROWS = 1_000
COLUMNS = (
    "Time (UTC+8)",
    "Organization",
    "Who",
    "Act",
    "Object",
    "Name",
    "Before and after",
    "Note",
    "Address",
    "Request",
)


@dataclass(frozen=True)
class Filters:
    """What a person looks for; empty values ask for everything."""

    words: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None


def list_events(actor: Actor, filters: Filters) -> Select[AuditEvent, str]:
    """(event, organization code), newest first: of the own organization, or for the platform of all."""
    actor.require(Permission.AUDIT_VIEW)
    query = select(AuditEvent, Organization.code).outerjoin(Organization, Organization.id == AuditEvent.organization_id)
    if actor.organization_id is not None:
        query = query.where(AuditEvent.organization_id == actor.organization_id)
    if filters.words:
        fields = (AuditEvent.actor_label, AuditEvent.subject_label, AuditEvent.note, AuditEvent.request_id)
        query = query.where(or_(*(field.icontains(filters.words, autoescape=True) for field in fields)))
    if filters.action:
        query = query.where(AuditEvent.action.startswith(filters.action, autoescape=True))
    if filters.first:
        query = query.where(AuditEvent.at >= _start_of(filters.first))
    if filters.last and filters.last < date.max:
        query = query.where(AuditEvent.at < _start_of(filters.last + timedelta(days=1)))
    return query.order_by(AuditEvent.id.desc())


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.MANILA)


def get_event(session: Session, actor: Actor, event_id: int) -> tuple[AuditEvent, list[RowHistory]]:
    """One event, and the rows that changed in its request.

    Raises:
        NotFound: there is none, or it belongs to another organization.
    """
    found = session.scalar(
        select(AuditEvent).where(
            AuditEvent.id == event_id,
            *([AuditEvent.organization_id == actor.organization_id] if actor.organization_id is not None else []),
        )
    )
    if found is None:
        raise NotFound
    if not found.request_id:
        return found, []
    rows = select(RowHistory).where(RowHistory.request_id == found.request_id).order_by(RowHistory.id).limit(50)
    return found, list(session.scalars(rows))


def differences(event: AuditEvent) -> list[tuple[str, object, object]]:
    """(field, before, after) of an event."""
    return [(name.replace("_", " "), pair[0], pair[1]) for name, pair in event.changes.items()]


def row_differences(row: RowHistory) -> list[tuple[str, object, object]]:
    """(column, before, after) of one changed row."""
    old, new = row.old or {}, row.new or {}
    return [(name, old.get(name), new.get(name)) for name in sorted({*old, *new})]


def known_actions(session: Session, actor: Actor) -> list[str]:
    """The kinds of acts that the log of this actor holds, by name; for the filter."""
    query = select(AuditEvent.action).group_by(AuditEvent.action).order_by(AuditEvent.action)
    if actor.organization_id is not None:
        query = query.where(AuditEvent.organization_id == actor.organization_id)
    return list(session.scalars(query))


def export_events(session: Session, actor: Actor, filters: Filters) -> tuple[int, Iterator[list[str]]]:
    """The found events as rows of text for a CSV of at most 1,000 rows; the export itself is recorded.

    Returns:
        how many there are in all, and the rows, newest first.
    """
    actor.require(Permission.AUDIT_EXPORT)
    query = list_events(actor, filters)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    audit.record(session, actor, "audit_events:export", note=f"{min(total, STREAMED_ROWS)} of {total} rows")
    return total, (as_row(event, code) for event, code in session.execute(query.limit(STREAMED_ROWS)))


def as_row(event: AuditEvent, code: str | None) -> list[str]:
    """One event as the export prints it, in the order of `COLUMNS`."""
    changes = "; ".join(f"{name}: {before} → {after}" for name, (before, after) in event.changes.items())
    subject = f"{event.subject_type} {event.subject_id}" if event.subject_id else event.subject_type
    return [
        event.at.astimezone(clock.MANILA).strftime("%Y-%m-%d %H:%M:%S"),
        code or "",
        event.actor_label,
        event.action,
        subject,
        event.subject_label,
        changes,
        event.note,
        str(event.ip or ""),
        event.request_id,
    ]
