"""What people may change about themselves, and the browsers in which they are signed in."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.people.fields import clean_phone, clean_text
from bmms.domain.people.problems import Problem, refuse_if
from bmms.models.accounts import User, UserSession

OWN_FIELDS = ("first_name", "last_name", "phone", "mail_mode")


def change_own_profile(session: Session, actor: Actor, user: User, **answers: str) -> None:
    """Change name, phone and mail choice of the own account.

    Raises:
        RuleBroken: with a message for each field that is wrong.
    """
    problems = []
    for name in ("first_name", "last_name"):
        answers[name], message = clean_text(name, answers[name].strip())
        problems += [Problem(name, message)] if message else []
    if answers["phone"].strip():
        answers["phone"], message = clean_phone(answers["phone"].strip())
        problems += [Problem("phone", message)] if message else []
    refuse_if(problems)
    for name in OWN_FIELDS:
        setattr(user, name, answers.get(name, ""))
    changes = audit.changed_fields(user, *OWN_FIELDS)
    if changes:
        user.onboarded_at = user.onboarded_at or clock.now()
        audit.record(session, actor, "users:change_own_profile", user, label=user.username, **changes)


def open_sessions(session: Session, user: User) -> list[UserSession]:
    """The person's open sessions, newest first; at most three (S9)."""
    query = select(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    return list(session.scalars(query.order_by(UserSession.started_at.desc())))


def record_ended_sessions(session: Session, actor: Actor, user: User) -> None:
    """Note that the person ended all other sessions."""
    audit.record(session, actor, "users:end_sessions", user, label=user.username)
