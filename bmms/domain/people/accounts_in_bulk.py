"""The rows of new accounts, written in few statements: 1,000 people take seconds, most of them for hashing."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.dialects.postgresql import insert as insert_unless_taken
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.accounts import passwords
from bmms.domain.accounts.credentials import GOOD_FOR
from bmms.domain.actors import Actor
from bmms.domain.installation import installation_of
from bmms.domain.people.checking import Checked
from bmms.models.accounts import PendingCredential, User
from bmms.models.audit import AuditEvent
from bmms.models.base import Base
from bmms.models.memberships import Membership, MembershipRight


@dataclass(frozen=True)
class NewPerson:
    """An account that was just made, with the temporary password to hand over; keep it nowhere."""

    user_id: int
    membership_id: int
    organization_id: int
    organization: str  # the code
    username: str
    email: str
    full_name: str
    role: str
    password: str
    expires_at: datetime
    warnings: tuple[str, ...] = ()


def insert_accounts(
    session: Session, actor: Actor, people: Sequence[Checked], *, passwords: Sequence[str] = (), is_demo: bool = False
) -> list[NewPerson]:
    """Write accounts, primary memberships, roles, waiting passwords and the records of it.

    Args:
        people: ready ones, all new.
        passwords: explicit ones, in the order of the people; blank or missing ones are made at random.

    Returns:
        those that were made. Who is missing collided with an account that was made since the check.
    """
    expires_at = clock.now() + GOOD_FOR
    given = _passwords(session, len(people), passwords)
    hashes = _hashes(given, chosen=bool(any(passwords)))
    by_username = {checked.values["username"]: n for n, checked in enumerate(people)}
    rows = [
        _account(actor, checked, hashed, expires_at, is_demo) for checked, hashed in zip(people, hashes, strict=True)
    ]
    statement = insert_unless_taken(_table(User)).on_conflict_do_nothing()
    ids = {
        by_username[username]: user_id
        for user_id, username in session.execute(statement.returning(User.id, User.username), rows)
    }
    memberships = _insert_memberships(session, [(user_id, people[n]) for n, user_id in ids.items()])
    made = [
        NewPerson(
            user_id=user_id,
            membership_id=memberships[user_id],
            organization_id=people[n].home.id,
            organization=people[n].home.code,
            username=people[n].values["username"],
            email=people[n].values["email"],
            full_name=f"{people[n].values['first_name']} {people[n].values['last_name']}".strip(),
            role=people[n].values["role"],
            password=given[n],
            expires_at=expires_at,
            warnings=tuple(people[n].warnings),
        )
        for n, user_id in sorted(ids.items())
    ]
    if made:
        _insert_rights(session, actor, made)
        _keep_passwords(session, made)
        _record(session, actor, made)
    return made


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def _passwords(session: Session, count: int, explicit: Sequence[str]) -> list[str]:
    length = installation_of(session).config.pilot.password_length
    padded = [*explicit, *[""] * (count - len(explicit))]
    return [password or passwords.new_temporary_password(length) for password in padded]


def _hashes(given: Sequence[str], *, chosen: bool) -> list[str]:
    """Argon2 lets other threads run while it works, so all processors take part."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(passwords.hash_chosen if chosen else passwords.hash_temporary, given))


def _account(actor: Actor, checked: Checked, hashed: str, expires_at: datetime, is_demo: bool) -> dict:
    fields = ("username", "email", "first_name", "last_name", "phone")
    return {name: checked.values[name] for name in fields} | {
        "password_hash": hashed,
        "password_changed_at": clock.now(),
        "must_change_password": True,
        "temporary_until": expires_at,
        "created_by": actor.user_id,
        "is_demo": is_demo,
    }


def _insert_memberships(session: Session, people: Sequence[tuple[int, Checked]]) -> dict[int, int]:
    """Returns user id to membership id."""
    if not people:
        return {}
    rows = [
        {
            "organization_id": checked.home.id,
            "user_id": user_id,
            "position": checked.values["position"],
            "department": checked.values["department"],
            "is_primary": True,
            "joined_on": clock.today(),
        }
        for user_id, checked in people
    ]
    statement = insert(_table(Membership)).returning(Membership.user_id, Membership.id)
    return dict(session.execute(statement, rows).all())


def _insert_rights(session: Session, actor: Actor, people: Sequence[NewPerson]) -> None:
    rows = [
        {
            "organization_id": person.organization_id,
            "membership_id": person.membership_id,
            "code": person.role,
            "given_by": actor.user_id,
            "given_at": clock.now(),
        }
        for person in people
    ]
    session.execute(insert(_table(MembershipRight)).inline(), rows)


def _keep_passwords(session: Session, people: Sequence[NewPerson]) -> None:
    vault = installation_of(session).credentials
    rows = [
        {"user_id": person.user_id, "ciphertext": vault.seal(person.password), "expires_at": person.expires_at}
        for person in people
    ]
    session.execute(insert(_table(PendingCredential)), rows)


def _record(session: Session, actor: Actor, people: Sequence[NewPerson]) -> None:
    rows = []
    for person in people:
        what: dict[str, tuple[str, int, dict[str, Any]]] = {
            "users:create": ("users", person.user_id, {"email": (None, person.email)}),
            "memberships:create": ("memberships", person.membership_id, {}),
            "membership_rights:change": ("memberships", person.membership_id, {"rights": ([], [person.role])}),
        }
        for action, (table, row_id, changes) in what.items():
            event = audit.describe(
                actor, action, None,
                organization_id=person.organization_id, label=person.username, note="", changes=changes,
            )  # fmt: skip
            rows.append(event | {"subject_type": table, "subject_id": row_id})
    session.execute(insert(_table(AuditEvent)).inline(), rows)
    session.info["wrote"] = True
