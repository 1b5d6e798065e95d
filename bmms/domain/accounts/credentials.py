"""Temporary passwords on their way to their person: encrypted, gone after the first sign-in (onboarding 3.5)."""

from datetime import timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.accounts import passwords
from bmms.domain.actors import Actor
from bmms.domain.installation import installation_of
from bmms.models.accounts import OldPassword, PendingCredential, User

GOOD_FOR = timedelta(days=14)


def give_temporary_password(session: Session, user: User, password: str = "", hashed: str = "") -> str:
    """Set a temporary password that must be changed at the next sign-in and stops working after 14 days.

    Args:
        password: an explicit one, already checked against the policy; without it a random one is made.
        hashed: its hash, when a bulk run has computed it already.

    Returns:
        the password, which is kept encrypted until the first sign-in and never shown again after that.
    """
    installation = installation_of(session)
    chosen = bool(password) and not hashed
    if user.password_hash and not user.must_change_password:  # else the person could go on with the one before
        session.add(OldPassword(user_id=user.id, password_hash=user.password_hash, set_at=clock.now()))
    password = password or passwords.new_temporary_password(installation.config.pilot.password_length)
    user.password_hash = hashed or (passwords.hash_chosen if chosen else passwords.hash_temporary)(password)
    user.must_change_password = True
    user.temporary_until = clock.now() + GOOD_FOR
    user.password_changed_at = clock.now()
    session.flush()
    forget(session, user.id)
    session.add(
        PendingCredential(
            user_id=user.id,
            ciphertext=installation.credentials.seal(password),
            expires_at=user.temporary_until,
        )
    )
    return password


def waiting_password(session: Session, user_id: int) -> str | None:
    """The temporary password that still waits for its person; None when it was used, has expired or cannot be read."""
    found = session.scalar(
        select(PendingCredential).where(
            PendingCredential.user_id == user_id, PendingCredential.expires_at > clock.now()
        )
    )
    if found is None:
        return None
    try:
        return installation_of(session).credentials.open(found.ciphertext)
    except InvalidToken:
        return None


def forget(session: Session, user_id: int) -> None:
    """Remove what waits: the person has signed in, has a newer password, or has left."""
    session.execute(delete(PendingCredential).where(PendingCredential.user_id == user_id))


def reseal_all(session: Session, actor: Actor) -> tuple[int, int]:
    """Encrypt every waiting password with the newest key (decision D36).

    Returns:
        how many were encrypted anew, and how many no key of DATA_KEYS opens.
    """
    vault = installation_of(session).credentials
    resealed = lost = 0
    for row in session.scalars(select(PendingCredential).with_for_update()):
        if vault.is_newest(row.ciphertext):
            continue
        try:
            row.ciphertext = vault.seal(vault.open(row.ciphertext))
            resealed += 1
        except InvalidToken:
            lost += 1
    if resealed:
        audit.record(session, actor, "credentials:reseal", note=f"{resealed} values")
    return resealed, lost
