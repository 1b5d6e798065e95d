"""A forgotten password: a mail with a link that works once, for 24 hours (rule S6, onboarding 3.7)."""

import secrets
from datetime import timedelta

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, outbox
from bmms.domain.accounts import sessions, signing_in
from bmms.domain.actors import Actor, Origin
from bmms.domain.errors import NotFound
from bmms.domain.installation import installation_of
from bmms.models.accounts import ResetToken, User, UserStatus
from bmms.tenancy import bind_person

GOOD_FOR = timedelta(hours=24)


def ask_for_reset(session: Session, login: str, origin: Origin) -> None:
    """Queue the mail, if there is such a person. Nothing that is returned or shown tells whether there is.

    An inactive person gets a mail that says so, without a link (C-16). The token is made only when the mail is sent.
    """
    found = _person_of(session, login)
    if found is None:
        audit.record(
            session, Actor(None, "somebody", origin=origin), "users:ask_reset", note="there is no such account"
        )
        return
    bind_person(session, found)
    user = session.get_one(User, found)
    kind = "reset" if user.status == UserStatus.ACTIVE else "reset_inactive"
    outbox.write(session, kind, user_id=user.id)
    audit.record(session, signing_in.person_actor(session, user, origin), "users:ask_reset", user, label=user.username)


def account_of(session: Session, login: str) -> str:
    """By what requests are counted: the same for a person's username and address, and for no one's name as well."""
    found = _person_of(session, login)
    return f"name {signing_in.as_login(login)}" if found is None else f"person {found}"


def _person_of(session: Session, login: str) -> int | None:
    question = text("SELECT user_id FROM sign_in_lookup(:login)")
    return session.execute(question, {"login": signing_in.as_login(login)}).scalar_one_or_none()


def issue_token(session: Session, user: User) -> str:
    """Make the one link that works for this person now; earlier ones stop working.

    Returns:
        the clear token, of which only a digest is kept.
    """
    session.execute(
        update(ResetToken)
        .where(ResetToken.user_id == user.id, ResetToken.used_at.is_(None))
        .values(used_at=clock.now())
    )
    token, at = secrets.token_urlsafe(32), clock.now()
    session.add(
        ResetToken(
            user_id=user.id,
            token_digest=installation_of(session).digest("reset", token),
            made_at=at,
            expires_at=at + GOOD_FOR,
        )
    )
    session.flush()
    return token


def person_of_token(session: Session, token: str, *, to_use: bool = False) -> tuple[User, ResetToken]:
    """The person whom a link belongs to; binds the session to that person.

    Args:
        to_use: lock the link, so that of two people who use it at once only one succeeds.

    Raises:
        NotFound: the link was used, has expired, or never existed; nobody learns which.
    """
    digest = installation_of(session).digest("reset", token)
    found = session.execute(text("SELECT token_id, user_id FROM reset_lookup(:digest)"), {"digest": digest}).first()
    if found is None:
        raise NotFound
    bind_person(session, found.user_id)
    user, row = (
        session.get_one(User, found.user_id),
        session.get_one(ResetToken, found.token_id, with_for_update=to_use),
    )
    if user.status != UserStatus.ACTIVE or row.used_at is not None:
        raise NotFound
    return user, row


def use_token(session: Session, token: str, new: str, origin: Origin) -> User:
    """Set the new password; the link is used up and all sessions end.

    Raises:
        NotFound: as `person_of_token`.
        RuleBroken: the new password is weak or was used before; the link stays good.
    """
    user, row = person_of_token(session, token, to_use=True)
    signing_in.set_password(session, signing_in.person_actor(session, user, origin), user, new)
    row.used_at = clock.now()
    sessions.end_sessions(session, user.id, "password reset")
    return user
