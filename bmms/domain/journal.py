"""Records of access: failed sign-ins, denials, downloads, views by oversight, last-seen (decision D23); and of postings
that were refused for lack of room, from which AL-9 counts.

Written on a connection of their own and committed at once, whatever becomes of the request. It is the one thing that a
GET may write. The two callers that must not answer without their record (denial, oversight) let an error here through.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, outbox
from bmms.domain.actors import Actor, system_actor
from bmms.models.accounts import CentralRole, SignInLock, UserSession
from bmms.models.audit import AuditEvent
from bmms.models.locks import Lock
from bmms.models.memberships import Membership, MembershipRight
from bmms.tenancy import bind_person, bind_platform

FAILURES_ALLOWED = 5
FAILURES_ALARMING = 10  # more of one name within LOCK_FOR, from whatever addresses, alert the platform team (rule S5)
LOCK_FOR = timedelta(minutes=30)
REFUSED = "budget_accounts:refuse"


@contextmanager
def _at_once(engine: Engine) -> Iterator[Session]:
    """A short transaction of its own."""
    with Session(engine) as session:
        yield session
        session.commit()


def record(
    engine: Engine,
    actor: Actor,
    action: str,
    *,
    organization_id: int | None = None,
    label: str = "",
    note: str = "",
    **details: Any,
) -> None:
    """Write one access record, for example `access:denied` or `files:download`."""
    changes = {name: [None, value] for name, value in details.items()}
    row = audit.describe(actor, action, None, organization_id=organization_id, label=label, note=note, changes=changes)
    with _at_once(engine) as session:
        session.execute(insert(AuditEvent.__table__).inline(), row)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Refusal:
    """A budget account in which there was less room than somebody asked for; pesos."""

    account_id: int
    name: str
    asked: Decimal
    available: Decimal


def record_refusals(engine: Engine, actor: Actor, refusals: Sequence[Refusal], note: str) -> None:
    """Write one record for each account that kept something from being requested or posted.

    Called once the refused request is rolled back: it holds no lock of the ledger and no second connection.
    """
    rows = [
        {
            **audit.describe(
                actor, REFUSED, None, organization_id=None, label=one.name, note=note,
                changes={"asked": (None, one.asked), "available": (None, one.available)},
            ),
            "subject_type": "budget_accounts", "subject_id": one.account_id,
        }
        for one in refusals
    ]  # fmt: skip
    with _at_once(engine) as session:
        session.execute(insert(AuditEvent.__table__).inline(), rows)  # type: ignore[arg-type]


def count_failure(engine: Engine, login_digest: bytes, ip: str, user_id: int | None) -> SignInLock:
    """Count one failed sign-in of this name from this address; the fifth in a row locks it for 30 minutes (S5).

    The person and the administrators of the person's organizations are told by mail when the lock falls; more than ten
    failures of one name, from whatever addresses, alert the platform team.

    Returns:
        the lock as it is now: `failures` counted since the last success, `locked_until` or None.
    """
    at = clock.now()
    lock = SignInLock.__table__
    row = upsert(lock).values(  # type: ignore[arg-type]
        login_digest=login_digest, ip=ip, user_id=user_id, failures=1, last_failure_at=at
    )
    statement = row.on_conflict_do_update(
        index_elements=[lock.c.login_digest, lock.c.ip],
        set_={
            "failures": case((lock.c.locked_until <= at, 1), else_=lock.c.failures + 1),
            "last_failure_at": row.excluded.last_failure_at,
            "user_id": row.excluded.user_id,
        },
    ).returning(lock.c.failures)
    with _at_once(engine) as session:
        failures = session.execute(statement).scalar_one()
        locked_until = at + LOCK_FOR if failures >= FAILURES_ALLOWED else None
        session.execute(
            update(lock)  # type: ignore[arg-type]
            .where(lock.c.login_digest == login_digest, lock.c.ip == ip)
            .values(locked_until=locked_until)
        )
        if failures == FAILURES_ALLOWED and user_id is not None:
            _tell_of_lock(session, user_id, locked_until)
        _alert(session, login_digest, user_id, at)
    return SignInLock(login_digest=login_digest, ip=ip, user_id=user_id, failures=failures, locked_until=locked_until)


def _alert(session: Session, login_digest: bytes, user_id: int | None, at: datetime) -> None:
    """The eleventh failure of a name, however many addresses share them, is recorded and told; once in half an hour."""
    since = at - LOCK_FOR
    recent = select(func.sum(SignInLock.failures)).where(
        SignInLock.login_digest == login_digest, SignInLock.last_failure_at > since
    )
    failures = session.scalar(recent) or 0
    if failures <= FAILURES_ALARMING:
        return
    session.execute(select(func.pg_advisory_xact_lock(Lock.ALERT)))
    bind_platform(session, "an attack on a name is told to the platform team")
    name = login_digest.hex()[:16]
    told = select(AuditEvent.id).where(
        AuditEvent.action == "sign_in:alert", AuditEvent.subject_label == name, AuditEvent.at > since
    )
    if session.scalar(told.limit(1)) is not None:
        return
    row = audit.describe(
        system_actor("sign-in"), "sign_in:alert", None, organization_id=None, label=name, note="",
        changes={"failures": [None, failures], "person": [None, user_id]},
    )  # fmt: skip
    session.execute(insert(AuditEvent.__table__).inline(), row | {"at": at})  # type: ignore[arg-type]
    superadmins = select(CentralRole.user_id).where(CentralRole.role == "superadmin", CentralRole.is_active)
    for superadmin_id in session.scalars(superadmins).all():
        outbox.write(session, "security_alert", user_id=superadmin_id, person_id=user_id, failures=failures)


def _tell_of_lock(session: Session, user_id: int, locked_until: datetime | None) -> None:
    bind_platform(session, "a lock is told to the administrators")
    until = locked_until.isoformat() if locked_until else ""
    outbox.write(session, "locked", user_id=user_id, until=until)
    mine = select(Membership.organization_id).where(Membership.user_id == user_id, Membership.is_active)
    today = clock.today()
    administrators = (
        select(Membership.user_id, Membership.organization_id)
        .join(MembershipRight, MembershipRight.membership_id == Membership.id)
        .where(
            Membership.organization_id.in_(mine),
            Membership.is_active,
            Membership.user_id != user_id,
            MembershipRight.code == "pilot_admin",
            MembershipRight.starts_on.is_(None) | (MembershipRight.starts_on <= today),
            MembershipRight.ends_on.is_(None) | (MembershipRight.ends_on >= today),
        )
    )
    for administrator_id, organization_id in session.execute(administrators).all():
        outbox.write(
            session,
            "locked_admin",
            user_id=administrator_id,
            organization_id=organization_id,
            person_id=user_id,
            until=until,
        )


def forget_failures(engine: Engine, login_digest: bytes, ip: str) -> None:
    """A right password starts the count anew."""
    with _at_once(engine) as session:
        session.execute(delete(SignInLock).where(SignInLock.login_digest == login_digest, SignInLock.ip == ip))


def seen(engine: Engine, user_id: int, session_id: int) -> None:
    """Note that a person is still there, so that an idle session can be told from a busy one."""
    with _at_once(engine) as session:
        bind_person(session, user_id)
        session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=clock.now()))


def ended(engine: Engine, user_id: int, session_id: int, reason: str) -> None:
    """Close a session that has run out, found while answering a request that may not write."""
    with _at_once(engine) as session:
        bind_person(session, user_id)
        session.execute(
            update(UserSession)
            .where(UserSession.id == session_id, UserSession.ended_at.is_(None))
            .values(ended_at=clock.now(), end_reason=reason)
        )
