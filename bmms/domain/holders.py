"""Who holds a permission in the organization that a session serves: to tell those whom a matter waits for."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.permissions import Permission, permissions_of, with_carried
from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Designation, Membership, MembershipRight
from bmms.tenancy import scope_of


def holders_of(session: Session, permission: Permission) -> set[int]:
    """The memberships that hold it today: by role or grant, by a grant that a role carries, or as a deputy."""
    holding: dict[int, set[str]] = {}
    for right in session.scalars(_rights_at_work(session)):
        if right.holds_on(clock.today()):
            holding.setdefault(right.membership_id, set()).add(right.code)
    own = {key for key, codes in holding.items() if permission in permissions_of(with_carried(codes))}
    return own | _deputies_of(session, own)


def _at_work(session: Session):  # type: ignore[no-untyped-def]
    return (
        Membership.organization_id == scope_of(session).organization_id,
        Membership.is_active,
        User.status == UserStatus.ACTIVE,
    )


def _rights_at_work(session: Session):  # type: ignore[no-untyped-def]
    return (
        select(MembershipRight)
        .join(Membership, Membership.id == MembershipRight.membership_id)
        .join(User, User.id == Membership.user_id)
        .where(*_at_work(session))
    )


def _deputies_of(session: Session, principals: set[int]) -> set[int]:
    today = clock.today()
    query = (
        select(Designation.deputy_id)
        .join(Membership, Membership.id == Designation.deputy_id)
        .join(User, User.id == Membership.user_id)
        .where(
            *_at_work(session), Designation.principal_id.in_(principals), Designation.revoked_at.is_(None),
            Designation.starts_on <= today, Designation.ends_on >= today,
        )
    )  # fmt: skip
    return set(session.scalars(query)) if principals else set()
