"""Each MOA keeps an administrator: the last one is neither demoted, removed nor deactivated (onboarding 2.2)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import RULES
from bmms.models.accounts import User, UserStatus
from bmms.models.memberships import Membership, MembershipRight
from bmms.models.organizations import Organization

ADMINISTRATOR = "pilot_admin"


def lock_rights(session: Session, organization_ids: list[int]) -> None:
    """Let nobody else change rights in these organizations until this transaction ends.

    The lock leaves the key of the row free, so that rows which refer to the organization can still be written.
    """
    rows = select(Organization.id).where(Organization.id.in_(organization_ids)).order_by(Organization.id)
    session.execute(rows.with_for_update(key_share=True)).all()


def keep_an_administrator(session: Session, organization_id: int, user: User) -> None:
    """Refuse to take from this person what the organization cannot do without. The caller holds `lock_rights`.

    Somebody whose role ends on a day does not count as the one who stays; nor does a demo person for a real one.

    Raises:
        RuleBroken: no other administrator would stay.
    """
    found = {row.user_id: row for row in session.execute(_administrators(organization_id))}
    if user.id not in found:
        return
    others = [row.ends_on for row in found.values() if row.user_id != user.id and (user.is_demo or not row.is_demo)]
    if not others or (found[user.id].ends_on is None and None not in others):
        code = session.scalar(select(Organization.code).where(Organization.id == organization_id))
        raise RuleBroken(
            f"{user.username} is the last active administrator of {code}. "
            f"Give another person the role {RULES[ADMINISTRATOR].label} first."
        )


def _administrators(organization_id: int):
    today = clock.today()
    return (
        select(Membership.user_id, MembershipRight.ends_on, User.is_demo)
        .join(MembershipRight, MembershipRight.membership_id == Membership.id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organization_id == organization_id,
            Membership.is_active,
            User.status == UserStatus.ACTIVE,
            MembershipRight.code == ADMINISTRATOR,
            (MembershipRight.starts_on.is_(None)) | (MembershipRight.starts_on <= today),
            (MembershipRight.ends_on.is_(None)) | (MembershipRight.ends_on >= today),
        )
    )
