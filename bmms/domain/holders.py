"""Who holds a permission in the organization that a session serves: to tell those whom a matter waits for."""

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session, aliased

from bmms.domain import clock
from bmms.domain.permissions import Permission, permissions_of, with_carried
from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Designation, Membership, MembershipRight
from bmms.tenancy import scope_of


def holders_of(session: Session, permission: Permission) -> set[int]:
    """The memberships that hold it today: by role or grant, by a grant that a role carries, or as a deputy."""
    holding: dict[int, set[str]] = {}
    deputies: dict[int, set[int]] = {}
    for right, deputy_id in session.execute(_rights_at_work(session)):
        if right.holds_on(clock.today()):
            holding.setdefault(right.membership_id, set()).add(right.code)
        if deputy_id is not None:
            deputies.setdefault(right.membership_id, set()).add(deputy_id)
    own = {key for key, codes in holding.items() if permission in permissions_of(with_carried(codes))}
    return own.union(*(deputies.get(key, set()) for key in own))


def _rights_at_work(session: Session):  # type: ignore[no-untyped-def]
    """(right, membership of a deputy or None) of everybody who works here; deputies are those of today."""
    today = clock.today()
    deputy, person = aliased(Membership), aliased(User)
    stands_in = and_(
        Designation.principal_id == Membership.id, Designation.revoked_at.is_(None),
        Designation.starts_on <= today, Designation.ends_on >= today,
    )  # fmt: skip
    works = and_(person.id == deputy.user_id, person.status == UserStatus.ACTIVE)
    return (
        select(MembershipRight, case((person.id.is_not(None), deputy.id)))
        .join(Membership, Membership.id == MembershipRight.membership_id)
        .join(User, User.id == Membership.user_id)
        .outerjoin(Designation, stands_in)
        .outerjoin(deputy, and_(deputy.id == Designation.deputy_id, deputy.is_active))
        .outerjoin(person, works)
        .where(
            Membership.organization_id == scope_of(session).organization_id,
            Membership.is_active,
            User.status == UserStatus.ACTIVE,
        )
    )
