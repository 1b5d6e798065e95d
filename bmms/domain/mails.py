"""What each mail says: the facts that its templates need, found again at the moment of sending (decision D39)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from bmms.domain import clock
from bmms.domain.accounts import credentials, reset
from bmms.domain.designations.queries import Listed, get_designation
from bmms.domain.installation import installation_of
from bmms.domain.notices import digests
from bmms.domain.permissions import RULES
from bmms.models.accounts import CentralRole, SignInLock, User, UserStatus
from bmms.models.collaboration import Notification
from bmms.models.memberships import Membership, RoleKind
from bmms.models.offices import Office, OfficeMatter
from bmms.models.organizations import Organization
from bmms.models.outbox import OutboxMessage

ESSENTIAL = frozenset({"welcome", "reset", "reset_inactive", "password_changed", "locked"})  # go out when mails are off
NEEDS_MEMBERSHIP = frozenset({"welcome", "role_changed", "locked_admin", "access_given", "notice", "digest"})
SUPPORT_HOURS = "Monday to Friday, 8:00 to 17:00"

Facts = dict[str, Any]


def context_of(session: Session, message: OutboxMessage) -> Facts | None:
    """Everything that the templates of one mail need.

    What each kind expects among the `ids` of `outbox.write`: `role_changed` may bring `given` and `taken` (lists of
    codes), `locked_admin` brings `person_id` (whose account is locked), `notice` brings `notice_id`, `digest` brings
    `at` (when its notices were taken), `office_asked` brings `proposal_id` and `office`; the others bring nothing.

    Args:
        session: bound to the recipient, and to the organization of the message if it has one.

    Returns:
        `user`, `name`, `organization` (or None), `roles` (labels), `base_url`, `sign_in_url`, `support_email`,
        `support_hours`, `office_phone`, `pilot`, the facts of the kind, and `secrets`: what must not be shown to
        anyone else. None when the mail has lost its reason: the temporary password was used, the lock is gone, the
        person has left.
    """
    user = session.get(User, message.user_id)
    if user is None or not _may_receive(session, user, message):
        return None
    facts = _FACTS[message.kind](session, message, user)
    return None if facts is None else _common(session, message, user) | facts


def _may_receive(session: Session, user: User, message: OutboxMessage) -> bool:
    wanted = UserStatus.INACTIVE if message.kind == "reset_inactive" else UserStatus.ACTIVE
    if user.status != wanted:
        return False
    if message.organization_id is None or message.kind not in NEEDS_MEMBERSHIP:
        return True
    membership = _membership(session, message)
    return membership is not None and membership.is_active


def _membership(session: Session, message: OutboxMessage) -> Membership | None:
    return session.scalar(
        select(Membership)
        .where(Membership.user_id == message.user_id, Membership.organization_id == message.organization_id)
        .options(selectinload(Membership.rights))
    )


def _common(session: Session, message: OutboxMessage, user: User) -> Facts:
    config = installation_of(session).config
    organization = session.get(Organization, message.organization_id) if message.organization_id else None
    return {
        "user": user,
        "name": " ".join(user.full_name.split()),
        "organization": organization,
        "roles": [RULES[code].label for code in _codes(session, message, RoleKind.ROLE)],
        "base_url": config.base_url,
        "sign_in_url": f"{config.base_url}/login",
        "support_email": config.mail.support,
        "support_phone": config.mail.support_phone,
        "support_hours": SUPPORT_HOURS,
        "office_phone": organization.phone if organization else "",
        "pilot": config.pilot.mode,
        "secrets": [],
    }


def _codes(session: Session, message: OutboxMessage, kind: RoleKind) -> list[str]:
    """The roles (or grants) in force today: of the membership, or above the organizations when the mail names none."""
    if message.organization_id is None:
        query = select(CentralRole.role).where(CentralRole.user_id == message.user_id, CentralRole.is_active)
        return list(session.scalars(query.order_by(CentralRole.role)))
    membership = _membership(session, message)
    rights = membership.rights if membership else []
    return [right.code for right in rights if right.holds_on(clock.today()) and RULES[right.code].kind == kind]


def _welcome(session: Session, message: OutboxMessage, user: User) -> Facts | None:
    password = credentials.waiting_password(session, user.id)
    if password is None or user.temporary_until is None:
        return None
    base_url = installation_of(session).config.base_url
    guides = [("Guide for everybody", f"{base_url}/help/")]
    for code in _codes(session, message, RoleKind.ROLE):
        guides.append((f"Guide: {RULES[code].label}", f"{base_url}/help/roles/{code}"))
    return {
        "temporary_password": password,
        "good_until": day(user.temporary_until),
        "guides": [*guides, ("Quick reference cards", f"{base_url}/help/cards")],
        "secrets": [password],
    }


def _reset(session: Session, message: OutboxMessage, user: User) -> Facts:
    """A token is stored as a digest only, so it is made here, anew at each try, and the try before loses its own."""
    token = reset.issue_token(session, user)
    link = f"{installation_of(session).config.base_url}/reset/{token}"
    return {"link": link, "good_until": moment(clock.now() + reset.GOOD_FOR), "secrets": [token]}


def _role_changed(session: Session, message: OutboxMessage, user: User) -> Facts:
    return {
        "given": [RULES[code].label for code in message.arguments.get("given", []) if code in RULES],
        "taken": [RULES[code].label for code in message.arguments.get("taken", []) if code in RULES],
        "grants": [RULES[code].label for code in _codes(session, message, RoleKind.GRANT)],
        "designation": _designation(session, message),
    }


def _designation(session: Session, message: OutboxMessage) -> Listed | None:
    designation_id = message.arguments.get("designation_id")
    return get_designation(session, designation_id) if designation_id is not None else None


def _locked(session: Session, message: OutboxMessage, user: User) -> Facts | None:
    return _lock_of(session, user)


def _locked_admin(session: Session, message: OutboxMessage, user: User) -> Facts | None:
    person = session.get(User, message.arguments["person_id"])
    lock = _lock_of(session, person) if person else None
    return None if person is None or lock is None else lock | {"person": person}


def _security_alert(session: Session, message: OutboxMessage, user: User) -> Facts:
    person_id = message.arguments.get("person_id")
    return {
        "person": session.get(User, person_id) if person_id else None,
        "failures": message.arguments.get("failures", 0),
        "at": moment(message.made_at),
    }


def _ledger_differs(session: Session, message: OutboxMessage, user: User) -> Facts:
    return {"about": session.get_one(Organization, message.arguments["about_id"]), "at": moment(message.made_at)}


def _lock_of(session: Session, person: User) -> Facts | None:
    """The latest lock; it is gone after a sign-in that worked, and when an administrator has lifted it."""
    until = session.scalar(select(func.max(SignInLock.locked_until)).where(SignInLock.user_id == person.id))
    return None if until is None else {"until": moment(until)}


def _made_at(session: Session, message: OutboxMessage, user: User) -> Facts:
    return {"at": moment(message.made_at)}


def _notice(session: Session, message: OutboxMessage, user: User) -> Facts | None:
    """Nobody is mailed what he or she has read already."""
    mine = select(Notification).join(Membership, Membership.id == Notification.membership_id)
    notice = session.scalar(
        mine.where(
            Notification.id == message.arguments["notice_id"],
            Membership.user_id == user.id,
            Notification.read_at.is_(None),
        )
    )
    return None if notice is None else {"notice": notice, "link": f"{_notices(session, message)}{notice.id}"}


def _digest(session: Session, message: OutboxMessage, user: User) -> Facts | None:
    found, more = digests.of_mail(session, user.id, datetime.fromisoformat(message.arguments["at"]))
    return {"notices": found, "more": more, "list_url": _notices(session, message)} if found else None


def _notices(session: Session, message: OutboxMessage) -> str:
    code = session.get_one(Organization, message.organization_id).code
    return f"{installation_of(session).config.base_url}/moa/{code}/notices/"


def _office_asked(session: Session, message: OutboxMessage, user: User) -> Facts | None:
    """Nobody is asked any more once the office has answered, or the proposal is gone."""
    proposal_id, office = message.arguments["proposal_id"], Office(message.arguments["office"])
    matter = session.scalar(
        select(OfficeMatter).where(
            OfficeMatter.proposal_id == proposal_id, OfficeMatter.office == office, OfficeMatter.done_on.is_(None)
        )
    )
    if matter is None:
        return None
    code = session.get_one(Organization, message.organization_id).code
    link = f"{installation_of(session).config.base_url}/moa/{code}/budgeting/proposals/{proposal_id}"
    due = f"{matter.due_on.day} {matter.due_on:%B %Y}" if matter.due_on else ""
    return {"matter": matter, "office": office.upper(), "due": due, "link": link}


_FACTS: dict[str, Callable[[Session, OutboxMessage, User], Facts | None]] = {
    "welcome": _welcome,
    "reset": _reset,
    "reset_inactive": _made_at,
    "role_changed": _role_changed,
    "locked": _locked,
    "locked_admin": _locked_admin,
    "security_alert": _security_alert,
    "ledger_differs": _ledger_differs,
    "password_changed": _made_at,
    "access_given": _made_at,
    "notice": _notice,
    "digest": _digest,
    "office_asked": _office_asked,
}


def day(at: datetime) -> str:
    """2 December 2026, in Manila."""
    local = at.astimezone(clock.MANILA)
    return f"{local.day} {local:%B %Y}"


def moment(at: datetime) -> str:
    """2 December 2026, 14:05 (Philippine time)."""
    return f"{day(at)}, {at.astimezone(clock.MANILA):%H:%M} (Philippine time)"
