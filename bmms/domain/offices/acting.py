"""As whom a person of a central office acts in an organization without being a member of it (decision D24)."""

from dataclasses import replace

from sqlalchemy import ScalarSelect, and_, func, select, text
from sqlalchemy.orm import Session, aliased

from bmms.domain import clock
from bmms.domain.actors import Actor, Origin
from bmms.domain.permissions import permissions_of
from bmms.models.accounts import CentralRole, User
from bmms.models.memberships import Membership, MembershipRight
from bmms.models.offices import Office
from bmms.models.organizations import Organization

ENDORSE = "endorse"  # the grant of a desk
BY_ROLE = {"mfbm": Office.MFBM, "bpda": Office.BPDA}
DESKS = {"MPW": Office.MPW, "MENRE": Office.MENRE, "BICTO": Office.BICTO, "BWC": Office.BWC}  # by organization
CODES = frozenset(office.upper() for office in Office)  # organizations that are offices: about their own proposals, too


def desk_here(actor: Actor, code: str) -> Office | None:
    """The desk for which a member of this organization speaks."""
    return DESKS.get(code) if actor.belongs and ENDORSE in actor.rights else None


def actor_from_outside(session: Session, user: User, code: str, origin: Origin) -> tuple[Organization, Actor] | None:
    """The organization, and the person there as one of a central office; None: unknown or inactive, or of no office."""
    home = select(Membership.organization_id).where(
        Membership.user_id == user.id, Membership.is_primary, Membership.is_active
    )
    query = select(Organization, _roles_of(user), _desks_of(user), home.scalar_subquery())
    found = session.execute(query.where(Organization.code == code, Organization.is_active)).first()
    if found is None:
        return None
    organization, roles, desks, home_id = found
    offices = {BY_ROLE[role] for role in roles} | {DESKS[desk] for desk in desks}
    if not offices:
        return None
    rights = frozenset(roles) | ({ENDORSE} if desks else frozenset())
    called = ", ".join(sorted(office.upper() for office in offices))
    return organization, Actor(
        user_id=user.id,
        label=f"{user.full_name}, {called}",
        organization_id=organization.id,
        acting_organization_id=home_id,
        permissions=permissions_of(rights),
        rights=rights,
        origin=origin,
        offices=frozenset(offices),
        belongs=False,
    )


def with_office(member: Actor, outsider: Actor) -> Actor:
    """A member of an office's own organization who speaks for it there as well."""
    return replace(member, permissions=member.permissions | outsider.permissions, offices=outsider.offices)


def _roles_of(user: User) -> ScalarSelect:
    """The central roles of offices that a person holds, as an array."""
    query = select(func.coalesce(func.array_agg(CentralRole.role), text("'{}'")))
    return query.where(
        CentralRole.user_id == user.id, CentralRole.is_active, CentralRole.role.in_(BY_ROLE)
    ).scalar_subquery()


def _desks_of(user: User) -> ScalarSelect:
    """The codes of the organizations for whose desk a person speaks today, as an array."""
    today, office = clock.today(), aliased(Organization)
    holds = and_(
        MembershipRight.membership_id == Membership.id, MembershipRight.code == ENDORSE,
        func.coalesce(MembershipRight.starts_on, today) <= today,
        func.coalesce(MembershipRight.ends_on, today) >= today,
    )  # fmt: skip
    return (
        select(func.coalesce(func.array_agg(office.code), text("'{}'")))
        .select_from(Membership)
        .join(office, office.id == Membership.organization_id)
        .join(MembershipRight, holds)
        .where(Membership.user_id == user.id, Membership.is_active, office.is_active, office.code.in_(DESKS))
        .scalar_subquery()
    )
