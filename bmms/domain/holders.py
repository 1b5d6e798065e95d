"""Who holds a permission or a right in the organization that a session serves: to tell those whom it concerns."""

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session, aliased

from bmms.domain import clock
from bmms.domain.permissions import Permission, permissions_of, with_carried
from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Designation, Membership, MembershipRight
from bmms.tenancy import scope_of


def holders_of(session: Session, permission: Permission) -> set[int]:
    """The memberships that hold it today: by role or grant, by a grant that a role carries, or as a deputy."""
    return {key for key, codes in codes_at_work(session).items() if permission in permissions_of(codes)}


def having(session: Session, code: str) -> set[int]:
    """The memberships that have a role or grant today, or stand in for somebody who has it."""
    return {key for key, codes in codes_at_work(session).items() if code in codes}


def codes_at_work(session: Session) -> dict[int, frozenset[str]]:
    """Membership to the roles and grants in force today: its own, those they carry, those of its principals."""
    holding: dict[int, set[str]] = {}
    deputies: dict[int, set[int]] = {}
    for right, deputy_id in session.execute(_rights_at_work(session)):
        if right.holds_on(clock.today()):
            holding.setdefault(right.membership_id, set()).add(right.code)
        if deputy_id is not None:
            deputies.setdefault(deputy_id, set()).add(right.membership_id)
    codes = {
        key: holding.get(key, set()).union(*(holding.get(one, set()) for one in deputies.get(key, ())))
        for key in holding.keys() | deputies.keys()
    }
    return {key: with_carried(held) for key, held in codes.items()}


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
