"""Signing in, changing the own password, accepting the privacy notice (onboarding 3.4, 3.7; rules S3 to S5, S21)."""

from dataclasses import dataclass

from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from bmms.domain import access, audit, clock, journal, outbox
from bmms.domain.accounts import credentials, passwords, sessions
from bmms.domain.actors import Actor, Origin
from bmms.domain.errors import RuleBroken
from bmms.domain.installation import installation_of
from bmms.models.accounts import OldPassword, SignInLock, User, UserSession, UserStatus
from bmms.tenancy import bind_person

PRIVACY_VERSION = "2026-11"
WRONG = "The username or password is not right."


@dataclass(frozen=True)
class SignedIn:
    """A person who has just signed in, the session row, and the token for the cookie."""

    user: User
    row: UserSession
    token: str


def person_actor(session: Session, user: User, origin: Origin) -> Actor:
    """A person outside any organization, acting on the own account; recorded in that of the primary membership."""
    home = access.home_organization(session, user.id)
    return Actor(user.id, user.full_name, home_organization_id=home, origin=origin)


def as_login(typed: str) -> str:
    """A username or address as accounts are looked up by: lower case, without what no account can contain."""
    return typed.replace("\0", "").strip().lower()


def sign_in(session: Session, engine: Engine, login: str, password: str, origin: Origin) -> SignedIn:
    """Sign a person in by username or email, in any case.

    Raises:
        RuleBroken: wrong name or password (one text for both), locked, expired, or not active.
    """
    login = as_login(login)
    user_id, stored = _look_up(session, login)
    lock_key = installation_of(session).digest("sign-in lock", f"user:{user_id}" if user_id else f"name:{login}")
    ip = origin.ip or "0.0.0.0"  # noqa: S104  (a name for "unknown", nothing is bound to it)
    _refuse_locked(session.get(SignInLock, (lock_key, ip)))
    if not passwords.matches(stored, password):
        lock = journal.count_failure(engine, lock_key, ip, user_id)
        journal.record(engine, _somebody(session, user_id, origin), "sign_in:failed", failures=lock.failures)
        _refuse_locked(lock)
        left = journal.FAILURES_ALLOWED - lock.failures
        raise RuleBroken(
            f"{WRONG} After {left} more {'try' if left == 1 else 'tries'} signing in is locked for 30 minutes."
        )
    assert user_id is not None
    bind_person(session, user_id)
    user = session.get_one(User, user_id)
    actor = person_actor(session, user, origin)
    _refuse_inactive(engine, user, actor)
    journal.forget_failures(engine, lock_key, ip)
    session.execute(update(User).where(User.id == user.id).values(last_sign_in_at=clock.now()))  # no new row_version
    credentials.forget(session, user.id)
    row, token = sessions.open_session(session, user, origin)
    audit.record(session, actor, "users:sign_in", user, label=user.username)
    return SignedIn(user, row, token)


def _look_up(session: Session, login: str) -> tuple[int | None, str]:
    found = session.execute(text("SELECT user_id, password_hash FROM sign_in_lookup(:login)"), {"login": login}).first()
    return (found.user_id, found.password_hash) if found else (None, "")


def _somebody(session: Session, user_id: int | None, origin: Origin) -> Actor:
    """Whoever tries to sign in: the account is known, the person is not."""
    if user_id is None:
        return Actor(None, "somebody", origin=origin)
    bind_person(session, user_id)
    home = access.home_organization(session, user_id)
    return Actor(user_id, "somebody", home_organization_id=home, origin=origin)


def _refuse_locked(lock: SignInLock | None) -> None:
    if lock is None or lock.locked_until is None or lock.locked_until <= clock.now():
        return
    minutes = max(1, -(-int((lock.locked_until - clock.now()).total_seconds()) // 60))
    raise RuleBroken(
        f"Too many wrong tries. Signing in is locked for {minutes} more {'minute' if minutes == 1 else 'minutes'}. "
        "Wait, or ask your administrator to unlock it."
    )


def _refuse_inactive(engine: Engine, user: User, actor: Actor) -> None:
    if user.status != UserStatus.ACTIVE:
        journal.record(engine, actor, "sign_in:refused", note=f"account is {user.status}")
        raise RuleBroken("This account is not active. Ask your organization's administrator.")
    if user.must_change_password and user.temporary_until and user.temporary_until <= clock.now():
        journal.record(engine, actor, "sign_in:refused", note="temporary password expired")
        raise RuleBroken(
            'This temporary password has expired. Use "I forgot my password", or ask your administrator for a new one.'
        )


def sign_out(session: Session, actor: Actor, row: UserSession) -> None:
    """End this browser's session."""
    row.ended_at, row.end_reason = clock.now(), "signed out"
    audit.record(session, actor, "users:sign_out", label=actor.label)


def show_password_again(
    session: Session, engine: Engine, user: User, row: UserSession, password: str, origin: Origin
) -> None:
    """Step-up: the password again before a grave act; good for five minutes.

    Raises:
        RuleBroken: it is wrong; each wrong try counts towards the lock.
    """
    lock_key = installation_of(session).digest("sign-in lock", f"user:{user.id}")
    ip = origin.ip or "0.0.0.0"  # noqa: S104
    _refuse_locked(session.get(SignInLock, (lock_key, ip)))
    if not passwords.matches(user.password_hash, password):
        journal.count_failure(engine, lock_key, ip, user.id)
        raise RuleBroken("The password is not right.", field="confirm_password")
    journal.forget_failures(engine, lock_key, ip)
    row.password_shown_at = clock.now()


def change_own_password(
    session: Session, actor: Actor, user: User, row: UserSession, *, current: str, new: str
) -> None:
    """Replace the own password, which ends all other sessions and is confirmed by mail.

    Raises:
        RuleBroken: the current password is wrong, or the new one is weak or was used before.
    """
    if not passwords.matches(user.password_hash, current):
        raise RuleBroken("This is not your current password.", field="current")
    set_password(session, actor, user, new)
    sessions.end_sessions(session, user.id, "password changed", but=row.id)
    row.password_shown_at = clock.now()


def set_password(session: Session, actor: Actor, user: User, new: str) -> None:
    """Give a person the password that he or she chose; the last five may not come back (S4).

    Raises:
        RuleBroken: on the field `new`, with every rule that is not met.
    """
    names = (user.username, user.email, user.first_name, user.last_name)
    if lacking := passwords.weaknesses(new, names=names):
        raise RuleBroken(" ".join(lacking), field="new")
    but_the_present = 0 if user.must_change_password else 1  # a temporary one is none of the five
    earlier = session.scalars(
        select(OldPassword.password_hash)
        .where(OldPassword.user_id == user.id)
        .order_by(OldPassword.id.desc())
        .limit(passwords.REMEMBERED - but_the_present)
    )
    if any(passwords.matches(stored, new) for stored in (user.password_hash, *earlier) if stored):
        raise RuleBroken(f"Choose a password that is not one of your last {passwords.REMEMBERED}.", field="new")
    if user.password_hash:
        session.add(OldPassword(user_id=user.id, password_hash=user.password_hash, set_at=clock.now()))
    user.password_hash = passwords.hash_chosen(new)
    user.password_changed_at = clock.now()
    user.must_change_password, user.temporary_until = False, None
    credentials.forget(session, user.id)
    outbox.write(session, "password_changed", user_id=user.id)
    audit.record(session, actor, "users:change_password", user, label=user.username)


def accept_privacy_notice(session: Session, actor: Actor, user: User) -> None:
    """Note that the person has read and accepted the notice in its present version (RA 10173)."""
    user.privacy_version, user.privacy_accepted_at = PRIVACY_VERSION, clock.now()
    audit.record(session, actor, "users:accept_privacy", user, label=PRIVACY_VERSION)


def must_accept_privacy(user: User) -> bool:
    """Has this person not yet accepted the notice as it reads now?"""
    return user.privacy_version != PRIVACY_VERSION
