"""Mail: written here in the transaction of its reason, sent later by the worker (law 3)."""

import secrets

from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.models.outbox import OutboxMessage

KINDS = (
    "welcome",
    "reset",
    "reset_inactive",
    "role_changed",
    "locked",
    "locked_admin",
    "security_alert",
    "password_changed",
    "access_given",
    "notice",
    "digest",
    "office_asked",
    "ledger_differs",
)


def write(
    session: Session, kind: str, *, user_id: int, organization_id: int | None = None, **ids: object
) -> OutboxMessage:
    """Put one mail of a kind (a folder under `templates/emails/`) into the outbox for one person.

    Args:
        ids: what the template needs to find its facts again; ids and short words, never a password or a token.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no mail of the kind {kind!r}")
    message = OutboxMessage(
        kind=kind,
        user_id=user_id,
        organization_id=organization_id,
        arguments=ids,
        message_id=f"<{secrets.token_hex(16)}@bmms>",
        next_try_at=clock.now(),
    )
    session.add(message)
    wake(session, "send_mail")
    return message


def wake(session: Session, task: str, job_id: int | None = None) -> None:
    """Have the worker do this once the transaction stands; `tasks/queue.py` writes the queue row before the commit."""
    session.info.setdefault("to_queue", []).append((task, job_id))
