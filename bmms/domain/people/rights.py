"""The one place where roles and grants of a membership change: locked, recorded, and told to the person.

Demo people have addresses that nobody reads; no mail is written for them (onboarding 4.4).
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bmms.domain import audit, clock, outbox
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, RuleBroken
from bmms.domain.people.administrators import ADMINISTRATOR, keep_an_administrator, lock_rights
from bmms.domain.people.role_rules import own_rights
from bmms.domain.permissions import Permission
from bmms.models.accounts import User
from bmms.models.memberships import Membership, MembershipRight


@dataclass(frozen=True)
class Right:
    """A role or grant as it shall be: for ever, or from a day to a day (both inclusive)."""

    code: str
    starts_on: date | None = None
    ends_on: date | None = None
    reason: str = ""

    def __str__(self) -> str:
        since = f" from {self.starts_on}" if self.starts_on else ""
        until = f" until {self.ends_on}" if self.ends_on else ""
        return f"{self.code}{since}{until}"


def as_right(row: MembershipRight) -> Right:
    """A stored right as a value."""
    return Right(row.code, row.starts_on, row.ends_on, row.reason)


def check_giver(actor: Actor, user: User, organization_id: int) -> None:
    """Who may change the rights of this person in this organization?

    Raises:
        NotAllowed: the permission is missing, or the organization is another than the actor's.
        RuleBroken: it is the actor's own membership, or a principal's (D10).
    """
    actor.require(Permission.RIGHT_ASSIGN)
    if actor.organization_id not in (None, organization_id):
        raise NotAllowed("Roles are given by the administrators of that organization.")
    if refusal := own_rights(actor, user):
        raise RuleBroken(refusal, field="role")


def check_days(right: Right) -> None:
    """Dates that make sense.

    Raises:
        RuleBroken: the last day lies before the first, or in the past.
    """
    if right.ends_on and right.starts_on and right.ends_on < right.starts_on:
        raise RuleBroken("The last day lies before the first day.", field="ends_on")
    if right.ends_on and right.ends_on < clock.today():
        raise RuleBroken("The last day lies in the past.", field="ends_on")


def membership_with_rights(session: Session, user_id: int, organization_id: int) -> Membership | None:
    """The membership as it stands in the database now, whatever this session has read before."""
    return session.scalar(
        select(Membership)
        .where(Membership.user_id == user_id, Membership.organization_id == organization_id)
        .options(selectinload(Membership.rights))
        .execution_options(populate_existing=True)
    )


def set_rights(
    session: Session,
    actor: Actor,
    user: User,
    membership: Membership,
    *,
    put: tuple[Right, ...] = (),
    drop: frozenset[str] = frozenset(),
    mail: str = "role_changed",
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put and drop rights of one membership; what is neither put nor dropped stays.

    Args:
        mail: the kind of mail that tells the person; "" tells nobody.

    Returns:
        the codes of all rights before and after, sorted; equal rights mean that nothing was written.

    Raises:
        NotAllowed, RuleBroken: see `check_giver`, `check_days`, `administrators.keep_an_administrator`.
    """
    check_giver(actor, user, membership.organization_id)
    for right in put:
        check_days(right)
    lock_rights(session, [membership.organization_id])
    session.refresh(membership, ["rights"])
    before = {row.code: as_right(row) for row in membership.rights}
    after = {code: right for code, right in before.items() if code not in drop} | {
        right.code: right for right in put if not _same_days(before.get(right.code), right)
    }
    if after == before:
        return tuple(sorted(before)), tuple(sorted(before))
    if ADMINISTRATOR in before and after.get(ADMINISTRATOR) != before[ADMINISTRATOR]:
        keep_an_administrator(session, membership.organization_id, user)
    _write(session, actor, membership, before, after)
    reason = "; ".join(right.reason for right in put if right.reason)
    told = [[str(rights[code]) for code in sorted(rights)] for rights in (before, after)]
    audit.record(session, actor, "membership_rights:change", membership, label=user.username, note=reason, rights=told)
    if mail and not user.is_demo:
        given = sorted(code for code, right in after.items() if before.get(code) != right)
        taken = sorted(before.keys() - after.keys())
        outbox.write(
            session, mail, user_id=user.id, organization_id=membership.organization_id, given=given, taken=taken
        )
    return tuple(sorted(before)), tuple(sorted(after))


def _same_days(held: Right | None, wanted: Right) -> bool:
    return held is not None and (held.starts_on, held.ends_on) == (wanted.starts_on, wanted.ends_on)


def _write(
    session: Session, actor: Actor, membership: Membership, before: dict[str, Right], after: dict[str, Right]
) -> None:
    rows = {row.code: row for row in membership.rights}
    for code in before.keys() - after.keys():
        membership.rights.remove(rows[code])
    for code, right in after.items():
        if before.get(code) == right:
            continue
        row = rows.get(code)
        if row is None:
            row = MembershipRight(organization_id=membership.organization_id, code=code)
            membership.rights.append(row)
        row.starts_on, row.ends_on, row.reason = right.starts_on, right.ends_on, right.reason
        row.given_by, row.given_at = actor.user_id, clock.now()
    session.flush()
