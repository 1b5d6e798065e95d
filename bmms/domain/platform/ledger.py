"""A ledger that disagrees with itself is told to the platform team (AL-7, E-11)."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import outbox
from bmms.models.accounts import CentralRole


def tell_of_differences(session: Session, organization_ids: Iterable[int]) -> None:
    """A mail to each platform administrator for each organization in which totals differ; the session is unbound."""
    people = session.scalars(
        select(CentralRole.user_id).where(CentralRole.role == "superadmin", CentralRole.is_active)
    ).all()
    for organization_id in organization_ids:
        for user_id in people:
            outbox.write(session, "ledger_differs", user_id=user_id, about_id=organization_id)
