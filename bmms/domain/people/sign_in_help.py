"""Help for somebody who cannot sign in, and an end for sessions that should not be."""

from sqlalchemy.orm import Session

from bmms.domain import audit, mail_log
from bmms.domain.accounts.sessions import end_sessions
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.people.belonging import check_account
from bmms.domain.people.temporary_passwords import set_temporary_password
from bmms.domain.people.welcome import generate_welcome_email
from bmms.models.accounts import User


def mail_temporary_password(session: Session, actor: Actor, user: User, organization_id: int | None) -> None:
    """Set a new temporary password and queue the mail that brings it; open sessions end.

    Args:
        organization_id: on whose behalf the mail is written; None for people above the organizations.

    Raises:
        RuleBroken: see `set_temporary_password`.
    """
    set_temporary_password(session, actor, user)
    generate_welcome_email(session, user, organization_id)  # type: ignore[arg-type]


def resend_welcome(session: Session, actor: Actor, user: User) -> None:
    """Send the welcome mail again, with a fresh temporary password, to somebody who has not signed in yet.

    Raises:
        RuleBroken: the account is not active or works elsewhere too, or the person has chosen an own password.
        NotAllowed: the actor may not send mails again.
    """
    check_account(session, actor, user)
    mail_log.resend_welcome(session, actor, user)


def sign_out_everywhere(session: Session, actor: Actor, user: User) -> int:
    """End all sessions of somebody, for example after a telephone was lost. Returns how many ended.

    Raises:
        RuleBroken: the own account, or one that works elsewhere too.
        NotAllowed: the actor changes no accounts.
    """
    check_account(session, actor, user)
    if actor.user_id == user.id:
        raise RuleBroken("End your own sessions in your profile.")
    ended = end_sessions(session, user.id, "ended by an administrator")
    audit.record(session, actor, "users:end_sessions", user, label=user.username, sessions_ended=[None, ended])
    return ended
