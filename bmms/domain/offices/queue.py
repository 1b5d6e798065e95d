"""What waits for a central office in all organizations, from the routing table alone (decision D24)."""

from sqlalchemy import Select, func, nulls_last, select
from sqlalchemy.orm import Session, contains_eager

from bmms.models.offices import Office, OfficeMatter
from bmms.models.organizations import Organization

STATES = {"open": "Waits", "done": "Answered"}


def list_matters(office: Office, *, state: str = "", code: str = "") -> Select[OfficeMatter]:
    """The proposals that the office was asked about: those that wait first, by the day on which its answer is due.

    Args:
        state: one of STATES, or empty for all.
        code: of one organization, or empty for all.
    """
    query = (
        select(OfficeMatter)
        .join(OfficeMatter.organization)
        .options(contains_eager(OfficeMatter.organization))
        .where(OfficeMatter.office == office)
    )
    if state in STATES:
        query = query.where(OfficeMatter.done_on.is_(None) if state == "open" else OfficeMatter.done_on.is_not(None))
    if code:
        query = query.where(Organization.code == code)
    return query.order_by(
        OfficeMatter.done_on.is_not(None), nulls_last(OfficeMatter.due_on), OfficeMatter.asked_on, OfficeMatter.id
    )


def how_many_wait(session: Session, office: Office) -> int:
    """How many proposals wait for the office."""
    waits = (OfficeMatter.office == office, OfficeMatter.done_on.is_(None))
    return session.scalar(select(func.count()).select_from(OfficeMatter).where(*waits)) or 0


def organizations_at_work(session: Session) -> list[Organization]:
    """The organizations that work in BMMS, with the module Budgeting on, by name."""
    query = select(Organization).where(Organization.is_active, Organization.enable_budgeting)
    return list(session.scalars(query.order_by(Organization.name)))
