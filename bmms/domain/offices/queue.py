"""What waits for a central office in all organizations, from the routing table alone (decision D24)."""

from sqlalchemy import ColumnElement, Select, func, nulls_last, or_, select
from sqlalchemy.orm import Session, contains_eager

from bmms.models.offices import Office, OfficeMatter
from bmms.models.organizations import Organization

STATES = {"open": "Waits", "done": "Answered"}


def list_matters(office: Office, *, state: str = "", code: str = "") -> Select[OfficeMatter]:
    """What the office was asked about: what waits first, by the day on which its answer is due.

    Of laws and orders those of years that are operated: in all others the organization confirms them itself.

    Args:
        state: one of STATES, or empty for all.
        code: of one organization, or empty for all.
    """
    query = (
        select(OfficeMatter)
        .join(OfficeMatter.organization)
        .options(contains_eager(OfficeMatter.organization))
        .where(*_asked(office))
    )
    if state in STATES:
        query = query.where(OfficeMatter.done_on.is_(None) if state == "open" else OfficeMatter.done_on.is_not(None))
    if code:
        query = query.where(Organization.code == code)
    return query.order_by(
        OfficeMatter.done_on.is_not(None), nulls_last(OfficeMatter.due_on), OfficeMatter.asked_on, OfficeMatter.id
    )


def how_many_wait(session: Session, office: Office) -> int:
    """How many matters wait for the office."""
    waits = (*_asked(office), OfficeMatter.done_on.is_(None))
    return session.scalar(select(func.count()).select_from(OfficeMatter).where(*waits)) or 0


def _asked(office: Office) -> tuple[ColumnElement[bool], ...]:
    return OfficeMatter.office == office, or_(OfficeMatter.proposal_id.is_not(None), OfficeMatter.is_operated)


def organizations_at_work(session: Session) -> list[Organization]:
    """The organizations that work in BMMS, with the module Budgeting on, by name."""
    query = select(Organization).where(Organization.is_active, Organization.enable_budgeting)
    return list(session.scalars(query.order_by(Organization.name)))
