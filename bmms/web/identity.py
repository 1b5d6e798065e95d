"""The person behind a request: Flask-Login's user, backed by a session row that can be ended at any time."""

from datetime import timedelta

from flask import Flask, current_app, g, request, session
from flask_login import UserMixin, login_user, logout_user
from flask_login import current_user as current_user
from structlog.contextvars import bind_contextvars

from bmms.domain import clock, journal
from bmms.domain.accounts import sessions
from bmms.domain.accounts.signing_in import SignedIn
from bmms.extensions import db, login_manager
from bmms.models.accounts import User, UserSession
from bmms.tenancy import bind_person

SEEN_EVERY = timedelta(seconds=60)


class Person(UserMixin):
    """A signed-in person: the account and the session of this browser."""

    def __init__(self, user: User, row: UserSession) -> None:
        self.user, self.row = user, row

    def get_id(self) -> str:
        """The account's id, as the cookie keeps it."""
        return str(self.user.id)


def init_identity(app: Flask) -> None:
    """Flask-Login reads the signed cookie; the row decides whether it still counts."""
    login_manager.session_protection = None  # the session row does it
    login_manager.user_loader(_load)


def _load(user_id: str) -> Person | None:
    token = session.get("key", "")
    bind_person(db.session(), int(user_id))
    found = sessions.resume(db.session(), int(user_id), token)
    if found is None:
        return None
    user, row = found
    if reason := sessions.why_over(current_app.extensions["installation"], row):
        journal.ended(db.engine, user.id, row.id, reason)
        return None
    if not g.get("quiet") and clock.now() - row.last_seen_at > SEEN_EVERY:
        journal.seen(db.engine, user.id, row.id)
    g.person_id = user.id  # readable after the transaction has ended
    bind_contextvars(user_id=user.id)
    return Person(user, row)


def remember(signed_in: SignedIn) -> None:
    """Give the browser a new cookie for this person; nothing of an earlier one survives in it."""
    session.clear()
    session["key"] = signed_in.token
    login_user(Person(signed_in.user, signed_in.row))


def forget() -> None:
    """Take the cookie back."""
    logout_user()
    session.clear()


def ask_no_more() -> None:
    """Whoever sent this request, the rest of its answer is for nobody: the database that knows people is away."""
    login_manager._update_request_context_with_user()


def cookie_owner() -> int | None:
    """Whose cookie this is, also when it has run out; for keeping a form for its own person (decision D46)."""
    value = session.get("_user_id", "")
    return int(value) if value.isdigit() and request else None
