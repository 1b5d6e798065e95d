"""The words about an item, one row each, never changed afterwards (modules 8.2)."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.models.work import ProgressUpdate, WorkItem


def note_update(
    session: Session,
    actor: Actor,
    item: WorkItem,
    before: Decimal,
    note: str,
    day: date,
    *,
    drop_reason: str = "",
    file_id: int | None = None,
) -> ProgressUpdate:
    """Keep what was said, with the progress that the item has now."""
    update = ProgressUpdate(
        work_item_id=item.id, day=day, before=before, after=item.progress, note=note, drop_reason=drop_reason,
        file_id=file_id, author_id=actor.user_id, author_label=actor.signature, at=clock.now(),
    )  # fmt: skip
    item.progressed_at = update.at
    session.add(update)
    session.flush()
    return update
