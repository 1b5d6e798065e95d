"""How much one MOA may hold during the pilot: the setting PILOT_LIMITS (onboarding 5.1)."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken
from bmms.domain.installation import installation_of
from bmms.models.accounts import UserStatus
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization
from bmms.tenancy import ScopeError

Count = Callable[[Session, Organization], int]
WARN_AT = 0.8


@dataclass(frozen=True)
class Usage:
    """How much of a limit is used, without what is about to be added; `limit` None means there is none."""

    used: int
    limit: int | None
    warning: str = ""


@dataclass(frozen=True)
class _Limited:
    noun: str
    count: Count


_limited: dict[str, _Limited] = {}


def register(limit: str, noun: str, count: Count) -> None:
    """Say how the rows under a limit are counted; the module that owns the rows calls this once, at import.

    Args:
        limit: a key of PILOT_LIMITS: max_users, max_programs or max_activities.
        noun: the rows in the plural, as messages name them: "users".
        count: counts the rows of one organization, without demo rows (conflict C-07).
    """
    _limited[limit] = _Limited(noun, count)


def check_limit(session: Session, organization: Organization, limit: str, adding: int = 1) -> Usage:
    """Is there room for so many more? Call it in the transaction that creates them, before it does.

    The organization's row stays locked until that transaction ends, so that two creations at once cannot pass the limit
    together. The lock (FOR NO KEY UPDATE) leaves everybody else's work in the organization undisturbed.

    Returns:
        what is used now, with a warning from 80 % on; outside the pilot there is no limit.

    Raises:
        RuleBroken: they do not fit.
        ScopeError: the session serves neither this organization nor the platform, so it could not count.
    """
    pilot = installation_of(session).config.pilot
    if not pilot.mode:
        return usage_of(session, organization, limit)
    row = select(Organization.id).where(Organization.id == organization.id).with_for_update(key_share=True)
    if session.scalar(row) is None:
        raise ScopeError(f"{limit} of {organization.code} was checked in a session that does not serve it")
    used, allowed = _count(session, organization, limit), getattr(pilot, limit)
    held = f"{used} of {allowed} allowed pilot {_limited[limit].noun}"
    if used >= allowed:
        raise RuleBroken(f"{organization.code} already has {held}.")
    if used + adding > allowed:
        raise RuleBroken(f"{organization.code} has {held}: {adding} more do not fit.")
    return Usage(used, allowed, warning(organization.code, limit, used + adding, allowed))


def usage_of(session: Session, organization: Organization, limit: str) -> Usage:
    """How much is used now, for pages: nothing is locked, nothing refused; with a warning from 80 % on."""
    pilot = installation_of(session).config.pilot
    used, allowed = _count(session, organization, limit), getattr(pilot, limit) if pilot.mode else None
    if allowed is None or used < WARN_AT * allowed:
        return Usage(used, allowed)
    noun = _limited[limit].noun
    return Usage(used, allowed, f"{organization.code} has {used} of {allowed} allowed pilot {noun}.")


def warning(code: str, limit: str, reached: int, allowed: int) -> str:
    """What is told when so many will be there, from 80 % of the limit on; empty below."""
    text = f"{code} will have {reached} of {allowed} allowed pilot {_limited[limit].noun}."
    return text if reached >= WARN_AT * allowed else ""


def _count(session: Session, organization: Organization, limit: str) -> int:
    return _limited[limit].count(session, organization)


def _users(session: Session, organization: Organization) -> int:
    """Active people with an active membership, without demo people (onboarding 3.2)."""
    query = select(func.count()).where(
        Membership.organization_id == organization.id,
        Membership.is_active,
        Membership.user.has(is_demo=False, status=UserStatus.ACTIVE),
    )
    return session.scalar(query) or 0


register("max_users", "users", _users)
