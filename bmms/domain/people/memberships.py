"""Who works where: a person joins an organization, leaves it, comes back."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.people import handover
from bmms.domain.people.administrators import keep_an_administrator, lock_rights
from bmms.domain.people.rights import Right, check_giver, membership_with_rights, set_rights
from bmms.domain.people.seats import check_seat
from bmms.domain.permissions import ROLES, Permission
from bmms.models.accounts import User
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization


def assign_to_organization(
    session: Session,
    actor: Actor,
    user: User,
    organization: Organization,
    role: str,
    *,
    position: str = "",
    department: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    reason: str = "",
    quiet: bool = False,
) -> Membership:
    """Let somebody who has an account work in an (other) organization, with one role; an ended membership is resumed.

    Args:
        role: a canonical name, checked already.
        starts_on, ends_on: first and last day of the role, for temporary cover.
        quiet: without a mail.

    Raises:
        RuleBroken: the organization has no seat left; or it is the actor's own membership.
        NotAllowed: the actor administers another organization.
    """
    check_giver(actor, user, organization.id)
    membership = membership_with_rights(session, user.id, organization.id)
    was_active = membership is not None and membership.is_active
    if not was_active:
        check_seat(session, organization, user)
    if membership is None:
        membership = _join(session, actor, user, organization)
    elif not was_active:
        membership.is_active = True
        audit.record(session, actor, "memberships:resume", membership, label=user.username, is_active=[False, True])
    membership.position = position or membership.position
    membership.department = department or membership.department
    session.flush()
    left_over = {right.code for right in membership.rights} - {role}  # of somebody who comes back, grants as well
    drop = frozenset(left_over & set(ROLES) if was_active else left_over)
    put = (Right(role, starts_on, ends_on, reason),)
    mail = "role_changed" if was_active else "access_given"
    set_rights(session, actor, user, membership, put=put, drop=drop, mail="" if quiet else mail)
    return membership


def _join(session: Session, actor: Actor, user: User, organization: Organization) -> Membership:
    has_primary = session.scalar(select(Membership.id).where(Membership.user_id == user.id, Membership.is_primary))
    membership = Membership(
        organization_id=organization.id,
        user_id=user.id,
        position="",
        department="",
        is_primary=has_primary is None,
        joined_on=clock.today(),
        rights=[],
    )
    session.add(membership)
    audit.record(session, actor, "memberships:create", membership, label=user.username)
    return membership


def end_membership(
    session: Session, actor: Actor, membership: Membership, *, reason: str, successor: User | None = None
) -> dict[str, int]:
    """Somebody leaves an organization, the account stays. The rights are kept for the record; they allow nothing now.

    Returns:
        what was handed over to the successor (or left unassigned), by kind.

    Raises:
        RuleBroken: no reason; the own membership; ended already; the last administrator.
    """
    actor.require(Permission.USER_CHANGE)
    user = session.get_one(User, membership.user_id)
    check_giver(actor, user, membership.organization_id)
    if not reason.strip():
        raise RuleBroken("Say why the membership ends.", field="reason")
    if not membership.is_active:
        raise RuleBroken(f"The membership of {user.username} has ended already.")
    lock_rights(session, [membership.organization_id])
    keep_an_administrator(session, membership.organization_id, user)
    membership.is_active = False
    audit.record(
        session, actor, "memberships:end", membership, label=user.username, note=reason.strip(), is_active=[True, False]
    )
    return handover.hand_over(session, actor, user, successor)
