"""Demo rows go away after the training: as the owner of the database, in the order of their keys (decision D34)."""

from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.people.pilot_data import LABEL
from bmms.extensions import Base
from bmms.models.accounts import (
    CentralRole,
    OldPassword,
    PendingCredential,
    ResetToken,
    SignInLock,
    User,
    UserSession,
    UserStatus,
)
from bmms.models.lists import AlignmentList
from bmms.models.memberships import Membership
from bmms.models.outbox import OutboxMessage

PHRASE = "DELETE PILOT DATA"
EMPTIED = "accounts emptied"
_ACCOUNT_TABLES = (UserSession, OldPassword, ResetToken, PendingCredential, SignInLock, CentralRole, OutboxMessage)


def cleanup_pilot_data(session: Session, actor: Actor) -> dict[str, int]:
    """Remove every demo row. Nothing is reversed or booked back; one audit row says what went.

    An account that other records name, such as the audit log after a sign-in, cannot go without them: it is emptied of
    everything personal, shut for good, and is a demo account no longer.

    Args:
        session: of the owner of the database, whom row-level security does not bind.

    Returns:
        table to number of rows removed, and `accounts emptied`; tables without demo rows are left out.
    """
    connection = session.connection()
    removed: dict[str, int] = {}
    for table in reversed(Base.metadata.sorted_tables):
        if "is_demo" in table.c and table is not User.__table__:
            removed[table.name] = connection.execute(delete(table).where(table.c.is_demo)).rowcount
    removed["alignment_lists"] = _remove_each(connection, AlignmentList, AlignmentList.source == LABEL)
    removed |= _remove_people(connection)
    removed = {name: count for name, count in removed.items() if count}
    changes: dict[str, Any] = {name.replace(" ", "_"): [None, count] for name, count in removed.items()}
    audit.record(session, actor, "pilot_data:cleanup", label=PHRASE, **changes)
    return removed


def _remove_people(connection: Connection) -> dict[str, int]:
    people = list(connection.scalars(select(User.id).where(User.is_demo)))
    for model in _ACCOUNT_TABLES:
        connection.execute(delete(model).where(model.user_id.in_(people)))
    memberships = _remove_each(connection, Membership, Membership.user_id.in_(people))
    before = len(people)
    while people and _remove_each(connection, User, User.id.in_(people)):  # one may have made the other
        people = list(connection.scalars(select(User.id).where(User.id.in_(people))))
    for user_id in people:
        _empty(connection, user_id)
    return {"memberships": memberships, "users": before - len(people), EMPTIED: len(people)}


def _remove_each(
    connection: Connection, model: type[Membership | User | AlignmentList], which: ColumnElement[bool]
) -> int:
    """Delete rows one by one, leaving those to which other rows refer. Returns how many went."""
    gone = 0
    for row_id in list(connection.scalars(select(model.id).where(which))):
        try:
            with connection.begin_nested():
                connection.execute(delete(model).where(model.id == row_id))
            gone += 1
        except IntegrityError:
            continue
    return gone


def _empty(connection: Connection, user_id: int) -> None:
    connection.execute(update(Membership).where(Membership.user_id == user_id).values(is_active=False))
    connection.execute(
        update(User)
        .where(User.id == user_id)
        .values(
            username=f"removed-{user_id}",
            email=f"removed-{user_id}@bmms.invalid",
            first_name="Removed",
            last_name="demo person",
            phone="",
            password_hash="",
            status=UserStatus.DEACTIVATED,
            deactivated_at=clock.now(),
            deactivation_reason="Demo data was removed",
            is_demo=False,
        )
    )


def as_sentence(removed: dict[str, int]) -> str:
    """The counts for people: `users: 30, memberships: 30`."""
    names = sorted(removed, key=lambda name: (name != User.__tablename__, name))
    return ", ".join(f"{name.replace('_', ' ')}: {removed[name]}" for name in names) or "nothing"
