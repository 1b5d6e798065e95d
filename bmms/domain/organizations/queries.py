"""Looking up organizations. Their names are no secret; what stands in them is (decision D3)."""

from collections.abc import Iterable

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization, OrganizationKind


def get_organization(session: Session, code: str) -> Organization:
    """The organization with this code, in any case.

    Raises:
        NotFound: there is none.
    """
    found = session.scalar(select(Organization).where(Organization.code == code.strip().upper()))
    if found is None:
        raise NotFound(f"There is no organization with the code {code}.")
    return found


def organization_by_id(session: Session, organization_id: int) -> Organization:
    """The organization with this id.

    Raises:
        NotFound: there is none.
    """
    found = session.get(Organization, organization_id)
    if found is None:
        raise NotFound("There is no such organization.")
    return found


def list_organizations(
    *, search: str = "", kind: OrganizationKind | None = None, pilot: bool | None = None, active: bool | None = None
) -> Select[Organization]:
    """Organizations by name.

    Args:
        search: part of a code, name or acronym.
        kind, pilot, active: only those; None means all.
    """
    query = select(Organization).order_by(Organization.name, Organization.id)
    if search:
        columns = (Organization.code, Organization.name, Organization.acronym)
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    if kind is not None:
        query = query.where(Organization.kind == kind)
    if pilot is not None:
        query = query.where(Organization.is_pilot.is_(pilot))
    return query if active is None else query.where(Organization.is_active.is_(active))


def member_counts(session: Session, organizations: Iterable[Organization]) -> dict[int, int]:
    """How many active members each of these has, by id; in one query, for the rows of a page.

    Only a session of the platform sees the members of all organizations; others count what they may see.
    """
    ids = [organization.id for organization in organizations]
    query = (
        select(Membership.organization_id, func.count())
        .where(Membership.organization_id.in_(ids), Membership.is_active)
        .group_by(Membership.organization_id)
    )
    return dict.fromkeys(ids, 0) | dict(session.execute(query).all())
