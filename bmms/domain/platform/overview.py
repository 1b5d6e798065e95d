"""The whole platform in figures, for its administrators."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.accounts import SignInLock, User, UserStatus
from bmms.models.organizations import Organization
from bmms.models.outbox import MailStatus, OutboxMessage


@dataclass(frozen=True)
class Figures:
    """How many: organizations in all and active, pilots, people who may sign in, locked now, mails that failed."""

    organizations: int
    active: int
    pilots: int
    people: int
    never: int
    locked: int
    failed_mails: int


def figures_of(session: Session) -> Figures:
    """Count everything in one statement. The session sees all accounts (bind_platform)."""
    people = select(func.count()).select_from(User).where(User.status == UserStatus.ACTIVE)
    organizations = select(func.count()).select_from(Organization)
    locked = select(func.count(SignInLock.user_id.distinct())).where(SignInLock.locked_until > clock.now())
    failed = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.status == MailStatus.FAILED)
    counts = (
        organizations,
        organizations.where(Organization.is_active),
        organizations.where(Organization.is_pilot),
        people,
        people.where(User.last_sign_in_at.is_(None)),
        locked,
        failed,
    )
    return Figures(*session.execute(select(*(count.scalar_subquery() for count in counts))).one())
