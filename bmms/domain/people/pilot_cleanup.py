"""Demo rows go away after the training: as the owner of the database, in the order of their keys (decision D34)."""

from graphlib import TopologicalSorter
from typing import Any

from sqlalchemy import Connection, Table, delete, select, union_all, update
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
from bmms.models.organizations import StoredFile
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
    files = set(connection.scalars(_files_in_use()))
    for table in _in_key_order():
        removed[table.name] = connection.execute(delete(table).where(table.c.is_demo)).rowcount
    removed["stored_files"] = _remove_files(connection, files)
    removed["alignment_lists"] = _remove_each(connection, AlignmentList, AlignmentList.source == LABEL)
    removed |= _remove_people(connection)
    removed = {name: count for name, count in removed.items() if count}
    changes: dict[str, Any] = {name.replace(" ", "_"): [None, count] for name, count in removed.items()}
    audit.record(session, actor, "pilot_data:cleanup", label=PHRASE, **changes)
    return removed


def _in_key_order() -> list[Table]:
    """The tables that hold demo rows, each before those whose rows it keeps from going, or with whose rows it goes."""
    going = {table: _goes_with(table) for table in _tables() if "is_demo" in table.c and table is not User.__table__}
    before = {
        table: {
            other
            for other, with_it in going.items()
            if other is not table and (other in gone or any(_keeps(one, gone) for one in with_it - gone))
        }
        for table, gone in going.items()
    }
    return list(TopologicalSorter(before).static_order())


def _goes_with(table: Table) -> set[Table]:
    """The table, and all from which rows go when one of its rows goes."""
    found = {table}
    while more := {one for one in _tables() if one not in found and _keys_to(one, found, cascade=True)}:
        found |= more
    return found


def _keeps(table: Table, others: set[Table]) -> bool:
    return bool(_keys_to(table, others, cascade=False))


def _keys_to(table: Table, others: set[Table], *, cascade: bool) -> list[Any]:
    return [
        key
        for key in table.foreign_key_constraints
        if key.referred_table in others and (key.ondelete == "CASCADE") is cascade
    ]


def _tables() -> list[Table]:
    return Base.metadata.sorted_tables


def _files_in_use() -> Any:
    """The ids of all files on which something hangs."""
    stored: Any = StoredFile.__table__
    columns = [
        element.parent
        for table in _tables()
        for key in _keys_to(table, {stored}, cascade=False)
        for element in key.elements
        if element.column is stored.c.id
    ]
    return union_all(*(select(column).where(column.is_not(None)) for column in columns))


def _remove_files(connection: Connection, before: set[int]) -> int:
    """Forget the files that hung on demo rows only; `files.store.sweep_orphans` clears their contents away."""
    free = before - set(connection.scalars(_files_in_use()))
    return connection.execute(delete(StoredFile).where(StoredFile.id.in_(free))).rowcount


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
