"""As whom a person acts: in an organization by membership, rights and designations; above them by central roles."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from bmms.domain import audit, clock
from bmms.domain.actors import Actor, Origin
from bmms.domain.notices import reading
from bmms.domain.permissions import permissions_of, with_carried
from bmms.models.accounts import CentralRole, User, UserStatus
from bmms.models.memberships import Designation, Membership, MembershipRight
from bmms.models.organizations import Organization


@dataclass(frozen=True)
class Entered:
    """An organization, and the membership by which a person is in it; its rights are loaded."""

    organization: Organization
    membership: Membership


def enter(session: Session, user: User, code: str, origin: Origin) -> Entered | None:
    """The person's way into an organization, or None: unknown, inactive (D35), foreign or ended."""
    query = (
        select(Membership)
        .join(Membership.organization)
        .outerjoin(Membership.rights)
        .options(contains_eager(Membership.organization), contains_eager(Membership.rights))
        .where(Membership.user_id == user.id, Membership.is_active, Organization.code == code, Organization.is_active)
    )
    membership = session.scalars(query).unique().one_or_none()
    return Entered(membership.organization, membership) if membership else None


def actor_here(session: Session, user: User, entered: Entered, origin: Origin) -> Actor:
    """The actor in this organization: own rights of today, and those of principals whom the person stands in for."""
    today = clock.today()
    rights = {right.code for right in entered.membership.rights if right.holds_on(today)}
    principals: dict[int, str] = {}
    unread = 0
    for count, user_id, first, last, right in session.execute(_principals(entered.membership.id)):
        unread = count
        if user_id is None:
            continue
        principals[user_id] = f"{first} {last}".strip()
        if right is not None and right.holds_on(today):
            rights.add(right.code)
    rights = set(with_carried(rights))
    return Actor(
        user_id=user.id,
        label=user.full_name,
        organization_id=entered.organization.id,
        permissions=permissions_of(rights),
        rights=frozenset(rights),
        principals=tuple(principals),
        principal_names=tuple(principals.values()),
        origin=origin,
        unread=unread,
    )


def _principals(membership_id: int):  # type: ignore[no-untyped-def]
    """(unread notices, user id, first name, last name, right or None) of each principal whom this membership stands in
    for today; without any, one row with the notices alone.
    """
    principal = aliased(Membership)
    today = clock.today()
    stands_in = and_(
        Designation.deputy_id == Membership.id,
        Designation.revoked_at.is_(None),
        Designation.starts_on <= today,
        Designation.ends_on >= today,
    )
    return (
        select(reading.unread_of(membership_id), User.id, User.first_name, User.last_name, MembershipRight)
        .select_from(Membership)
        .outerjoin(Designation, stands_in)
        .outerjoin(principal, and_(principal.id == Designation.principal_id, principal.is_active))
        .outerjoin(User, and_(User.id == principal.user_id, User.status == UserStatus.ACTIVE))
        .outerjoin(MembershipRight, and_(MembershipRight.membership_id == principal.id, User.id.is_not(None)))
        .where(Membership.id == membership_id)
    )


def central_actor(session: Session, user: User, origin: Origin) -> Actor:
    """The person in his or her central roles; without any, an actor who may nothing."""
    codes = set(session.scalars(select(CentralRole.role).where(CentralRole.user_id == user.id, CentralRole.is_active)))
    return Actor(user.id, user.full_name, permissions=permissions_of(codes), rights=frozenset(codes), origin=origin)


def home_organization(session: Session, user_id: int) -> int | None:
    """The organization of the person's primary active membership: in its record the person's own acts stand."""
    return session.scalar(
        select(Membership.organization_id).where(
            Membership.user_id == user_id, Membership.is_primary, Membership.is_active
        )
    )


def memberships_of(session: Session, user: User) -> list[Membership]:
    """The person's active memberships in active organizations, the primary one first, then by name."""
    query = (
        select(Membership)
        .join(Membership.organization)
        .outerjoin(Membership.rights)
        .options(contains_eager(Membership.organization), contains_eager(Membership.rights))
        .where(Membership.user_id == user.id, Membership.is_active, Organization.is_active)
        .order_by(Membership.is_primary.desc(), Organization.name)
    )
    return list(session.scalars(query).unique())


def choose_primary(session: Session, actor: Actor, membership_id: int) -> bool:
    """Make one of the actor's own memberships the primary one, whatever organization it is in.

    Returns:
        False when it is not an active membership of the actor.
    """
    chosen = bool(session.scalar(select(func.choose_primary(membership_id))))
    if chosen:
        audit.record(session, actor, "memberships:choose_primary", note=f"membership {membership_id}")
    return chosen
