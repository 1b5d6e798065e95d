"""One person as those see him or her who administer: account, memberships, security, history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.mail_log import Delivery, delivery_state
from bmms.domain.people.listing import memberships_of
from bmms.domain.permissions import Permission
from bmms.models.accounts import CentralRole, PendingCredential, SignInLock, User, UserSession, UserStatus
from bmms.models.audit import AuditEvent
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization, Unit


@dataclass(frozen=True)
class Person:
    """An account with what belongs to it.

    Attributes:
        memberships: the one in the actor's organization; for the platform all, active ones first; with organization
            and rights.
        central: active roles above the organizations, for the platform only.
        is_shared: the account also serves another organization or a central role, so that only the platform changes it.
    """

    user: User
    memberships: Sequence[Membership]
    central: Sequence[CentralRole] = ()
    is_shared: bool = False

    @property
    def membership(self) -> Membership:
        """The membership that the pages of an organization are about."""
        return self.memberships[0]

    @property
    def name(self) -> str:
        """How pages call this person."""
        return self.user.full_name

    @property
    def is_here(self) -> bool:
        """Does this person still work here (or, for the platform, anywhere)?"""
        return self.user.status != UserStatus.DEACTIVATED and any(one.is_active for one in self.memberships)


def get_member(session: Session, actor: Actor, membership_id: int) -> Person:
    """A person of the actor's organization, by membership.

    Raises:
        NotFound: there is none, or in another organization.
        NotAllowed: the actor may not see people.
    """
    actor.require(Permission.USER_VIEW)
    found = session.execute(
        select(Membership, func.works_elsewhere(Membership.user_id))
        .join(Membership.user)
        .join(Membership.organization)
        .options(contains_eager(Membership.user), contains_eager(Membership.organization))
        .options(selectinload(Membership.rights))
        .where(Membership.id == membership_id, Membership.organization_id == actor.organization_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    membership, is_shared = found
    return Person(membership.user, [membership], is_shared=is_shared)


def get_account(session: Session, actor: Actor, user_id: int) -> Person:
    """Anybody who has an account, for the platform.

    Raises:
        NotFound: there is nobody, or the actor is not of the platform.
        NotAllowed: the actor may not see people.
    """
    actor.require(Permission.USER_VIEW)
    user = session.get(User, user_id) if actor.organization_id is None else None
    if user is None:
        raise NotFound
    held = select(CentralRole).where(CentralRole.user_id == user.id, CentralRole.is_active).order_by(CentralRole.role)
    return Person(user, session.scalars(memberships_of(actor, [user.id])).all(), session.scalars(held).all())


def place_of(session: Session, membership: Membership) -> str:
    """The unit of a membership of the bound organization; empty without one."""
    if membership.unit_id is None:
        return ""
    return session.scalar(select(Unit.name).where(Unit.id == membership.unit_id)) or ""


def names_of(session: Session, user_ids: Sequence[int | None]) -> dict[int, str]:
    """Full names by id, of those whom the session may see: who gave a right, who made an account."""
    wanted = {user_id for user_id in user_ids if user_id}
    people = session.scalars(select(User).where(User.id.in_(wanted))) if wanted else ()
    return {user.id: user.full_name for user in people}


@dataclass(frozen=True)
class Security:
    """How somebody signs in, now.

    Attributes:
        locked_until: when the lock after wrong passwords ends; None without one.
        failures: wrong passwords since the last right one.
        waiting_until: until when a temporary password waits for its person; None when none waits.
        open_sessions: signed-in browsers, the newest first.
        welcome: the latest welcome mail; None when there was none.
    """

    locked_until: datetime | None
    failures: int
    waiting_until: datetime | None
    open_sessions: Sequence[UserSession]
    welcome: Delivery | None


def security_of(session: Session, actor: Actor, user: User) -> Security:
    """Locks, open sessions and the temporary password of one person.

    Raises:
        NotAllowed: the actor changes no accounts.
    """
    actor.require(Permission.USER_CHANGE)
    locks = session.scalars(select(SignInLock).where(SignInLock.user_id == user.id)).all()
    now = clock.now()
    running = [lock.locked_until for lock in locks if lock.locked_until and lock.locked_until > now]
    open_ones = select(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    waiting = select(PendingCredential.expires_at).where(
        PendingCredential.user_id == user.id, PendingCredential.expires_at > now
    )
    return Security(
        locked_until=max(running, default=None),
        failures=sum(lock.failures for lock in locks),
        waiting_until=session.scalar(waiting),
        open_sessions=session.scalars(open_ones.order_by(UserSession.started_at.desc())).all(),
        welcome=delivery_state(session, [user.id]).get(user.id),
    )


def history_of(actor: Actor, person: Person) -> Select[AuditEvent, str]:
    """(event, organization code) of what was done to this account and its memberships, newest first.

    Raises:
        NotAllowed: the actor may not read the record.
    """
    actor.require(Permission.AUDIT_VIEW)
    memberships = [membership.id for membership in person.memberships]
    about = or_(
        and_(AuditEvent.subject_type == "users", AuditEvent.subject_id == person.user.id),
        and_(AuditEvent.subject_type == "memberships", AuditEvent.subject_id.in_(memberships)),
    )
    query = select(AuditEvent, Organization.code).outerjoin(Organization, Organization.id == AuditEvent.organization_id)
    if actor.organization_id is not None:
        query = query.where(AuditEvent.organization_id == actor.organization_id)
    return query.where(about).order_by(AuditEvent.id.desc())
