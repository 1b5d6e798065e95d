"""Signed-in browsers (rule S9): opened at sign-in, closed by time, by choice, or by a change of password or status."""

import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Origin
from bmms.domain.installation import Installation, installation_of
from bmms.models.accounts import User, UserSession, UserStatus


def open_session(session: Session, user: User, origin: Origin) -> tuple[UserSession, str]:
    """Sign a browser in; of more than three at once the oldest is ended.

    Returns:
        the row, and the token for the cookie, of which only a digest is kept.
    """
    installation = installation_of(session)
    token, at = secrets.token_urlsafe(32), clock.now()
    row = UserSession(
        user_id=user.id,
        token_digest=installation.digest("session", token),
        started_at=at,
        last_seen_at=at,
        password_shown_at=at,
        ip=origin.ip,
        user_agent=origin.user_agent[:300],
    )
    session.add(row)
    session.flush()
    oldest = (
        select(UserSession.id)
        .where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
        .order_by(UserSession.started_at.desc(), UserSession.id.desc())
        .offset(installation.config.sessions.at_most)
    )
    session.execute(
        update(UserSession)
        .where(UserSession.id.in_(oldest))
        .values(ended_at=at, end_reason="more than allowed at once")
    )
    return row, token


def resume(session: Session, user_id: int, token: str) -> tuple[User, UserSession] | None:
    """The person and session behind a cookie, or None when the session has ended or the account is not active."""
    digest = installation_of(session).digest("session", token)
    found = session.execute(
        select(User, UserSession)
        .join(UserSession, UserSession.user_id == User.id)
        .where(User.id == user_id, UserSession.token_digest == digest, UserSession.ended_at.is_(None))
    ).first()
    if found is None or found[0].status != UserStatus.ACTIVE:
        return None
    return found[0], found[1]


def why_over(installation: Installation, row: UserSession) -> str:
    """Why this session has run out by now: "idle", "absolute", or "" when it has not."""
    rules, at = installation.config.sessions, clock.now()
    if at - row.started_at >= timedelta(minutes=rules.absolute_minutes):
        return "absolute"
    return "idle" if at - row.last_seen_at >= timedelta(minutes=rules.idle_minutes) else ""


def is_stepped_up(installation: Installation, row: UserSession) -> bool:
    """Was the password given within the last five minutes?"""
    return clock.now() - row.password_shown_at < timedelta(minutes=installation.config.sessions.step_up_minutes)


def end_sessions(session: Session, user_id: int, reason: str, *, but: int | None = None) -> int:
    """End all sessions of a person, or all but the one in use. Returns how many ended."""
    statement = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    if but is not None:
        statement = statement.where(UserSession.id != but)
    ended = statement.values(ended_at=clock.now(), end_reason=reason).returning(UserSession.id)
    return len(session.scalars(ended).all())
