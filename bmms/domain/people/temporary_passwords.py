"""A new temporary password for somebody who cannot sign in, set by an administrator (onboarding 3.7)."""

from sqlalchemy.orm import Session

from bmms.domain.accounts import credentials
from bmms.domain.accounts.sessions import end_sessions
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.people import fields
from bmms.domain.people.belonging import check_account, record_on_account
from bmms.domain.people.problems import refuse_if
from bmms.models.accounts import User, UserStatus


def set_temporary_password(session: Session, actor: Actor, user: User, password: str = "") -> str:
    """Give a password that must be changed at the next sign-in, within 14 days. Open sessions end.

    Args:
        password: an explicit one, by the policy; without it a random one is made.

    Returns:
        the password: shown once, never recorded.

    Raises:
        RuleBroken: the password is weak; it is the own account; the person is not active, or works elsewhere too.
    """
    check_account(session, actor, user)
    if actor.user_id == user.id:
        raise RuleBroken("Change your own password in your profile.")
    if user.status != UserStatus.ACTIVE:
        raise RuleBroken(f"{user.username} is {user.status} and cannot sign in.")
    if password:
        names = ("username", "email", "first_name", "last_name")
        refuse_if(fields.check_password(password, {name: getattr(user, name) for name in names}))
    given = credentials.give_temporary_password(session, user, password)
    end_sessions(session, user.id, "temporary_password")
    record_on_account(session, actor, "users:temporary_password", user)
    return given
