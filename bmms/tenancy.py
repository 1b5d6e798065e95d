"""Who a database session works for: the only place that knows how ministries are kept apart.

Two locks, each sufficient for reads (decision D3): the ORM filter in this module, which fails loudly when no
organization is bound, and row-level security in PostgreSQL, which reads the settings that this module sends.
A session serves one organization for its whole life, because the identity map answers without SQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, ForeignKey, Table, UniqueConstraint, event, inspect, text
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, declared_attr, mapped_column, with_loader_criteria
from sqlalchemy.sql import visitors


class ScopeError(RuntimeError):
    """A row was asked for or written outside the organization that the session serves. Always a bug of ours."""


class PrivilegedLogin(ScopeError):
    """DATABASE_URL signs in as somebody whom row-level security does not bind (decision D3)."""


@dataclass(frozen=True)
class Scope:
    """What PostgreSQL is told at the start of each transaction."""

    organization_id: int | None = None
    user_id: int | None = None
    office: str = ""  # the central office whose queue it may read
    platform: str = ""  # why this session may read the accounts of all organizations
    crossing: str = ""  # why this read-only session crosses organizations
    request_id: str = ""
    read_only: bool = False  # a safe request: PostgreSQL itself refuses to write


class TenantOwned:
    """Mixin: every row belongs to exactly one organization; children refer to (id, organization_id)."""

    @declared_attr
    def organization_id(cls) -> Mapped[int]:
        return mapped_column(BigInteger, ForeignKey("organizations.id"), index=True)

    @declared_attr.directive
    def __table_args__(cls) -> tuple:
        return (UniqueConstraint("id", "organization_id"), *getattr(cls, "__constraints__", ()))


def scope_of(session: Session) -> Scope:
    """The scope of a session; an unbound one has no organization and no person."""
    return session.info.get("scope", Scope())


def _bind(session: Session, **bound: Any) -> None:
    before = scope_of(session)
    for name, value in bound.items():
        if getattr(before, name) not in (None, "", False, value):
            raise ScopeError(f"a session serves one {name}; open a new one")
    session.info["scope"] = replace(before, **bound)
    if session.in_transaction():
        _tell_postgres(session.connection(), session.info["scope"])


def bind_scope(session: Session, organization_id: int) -> None:
    """Bind a session to one organization, once. Callers: the guard, the task runner, the command line."""
    _bind(session, organization_id=organization_id)


def speak_again(session: Session) -> None:
    """Tell PostgreSQL once more for whom this session works, where two share one connection (decision D25)."""
    _tell_postgres(session.connection(), scope_of(session))


def bind_person(session: Session, user_id: int) -> None:
    """Bind a session to the person who acts, once: their own account and memberships become visible."""
    _bind(session, user_id=user_id)


def bind_request(session: Session, request_id: str, *, read_only: bool) -> None:
    """Tell a session which request it serves. A safe request cannot write: PostgreSQL refuses (law 4)."""
    _bind(session, request_id=request_id, read_only=read_only)


def bind_office(session: Session, office: str) -> None:
    """Let a session see what waits for a central office in all organizations: titles and days only (decision D24)."""
    _bind(session, office=office)


def bind_platform(session: Session, reason: str) -> None:
    """Let a session see accounts, memberships and audit rows of all organizations; business rows stay shut."""
    _bind(session, platform=reason)


def refuse_privileged_logins(engine: Engine) -> None:
    """The second lock holds only for a login that it binds: nobody connects as superuser or past row-level security.

    Raises (at each new connection):
        PrivilegedLogin: the login of this engine is one of those.
    """

    @event.listens_for(engine, "connect")
    def check(connection: Any, record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone()[0]:
                raise PrivilegedLogin(
                    "DATABASE_URL signs in past row-level security. Use the application's login, such as bmms_app."
                )
        connection.rollback()


@contextmanager
def cross_tenant(engine: Engine, reason: str) -> Iterator[Session]:
    """The escape hatch: a read-only session on the oversight login (decision D27). Grep to audit each use."""
    with Session(engine, info={"scope": Scope(crossing=reason)}) as session:
        yield session
        session.rollback()


@event.listens_for(Session, "after_begin")
def _begin(session: Session, transaction: object, connection: Connection) -> None:
    if scope := session.info.get("scope"):
        _tell_postgres(connection, scope)


_SETTINGS = text(
    "SELECT set_config('bmms.organization_id', :organization_id, true), set_config('bmms.user_id', :user_id, true), "
    "set_config('bmms.platform', :platform, true), set_config('bmms.request_id', :request_id, true), "
    "set_config('bmms.office', :office, true)"
)
_READ_ONLY = text("SELECT set_config('transaction_read_only', 'on', true)")


def _tell_postgres(connection: Connection, scope: Scope) -> None:
    if scope.crossing:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        return
    values = {
        "organization_id": str(scope.organization_id or ""),
        "user_id": str(scope.user_id or ""),
        "platform": "on" if scope.platform else "",
        "request_id": scope.request_id,
        "office": scope.office,
    }
    connection.execute(_SETTINGS, values)
    if scope.read_only:
        connection.execute(_READ_ONLY)


@event.listens_for(Session, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    scope = scope_of(state.session)
    if scope.crossing:
        return
    if scope.organization_id is None:
        if table := _tenant_table(state.statement):
            raise ScopeError(f"{table} was queried before an organization was bound")
        return
    organization_id = scope.organization_id
    # Each later load of a row comes through here again, so rows need not carry the criteria with them: a row that is
    # refreshed often would carry them as often, and each refresh would take longer than the one before.
    state.statement = state.statement.options(
        with_loader_criteria(
            TenantOwned, lambda model: model.organization_id == organization_id, include_aliases=True,
            propagate_to_loaders=False,
        )
    )  # fmt: skip


def is_tenant_table(table: Table) -> bool:
    """Rows of this table belong to one organization each. `info={"shared": True}` marks the greppable exceptions."""
    return "organization_id" in table.c and not table.info.get("shared")


def _tenant_table(statement: object) -> str | None:
    parts = visitors.iterate(statement)  # type: ignore[arg-type]
    return next((part.name for part in parts if isinstance(part, Table) and is_tenant_table(part)), None)


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, context: object, instances: object) -> None:
    scope = scope_of(session)
    changed = {*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))}
    if changed:
        session.info["wrote"] = True
    for row in changed:
        if not isinstance(row, TenantOwned):
            continue
        name = type(row).__name__
        if scope.organization_id is None:
            raise ScopeError(f"{name} was written outside an organization")
        if row.organization_id is None:
            row.organization_id = scope.organization_id  # type: ignore[assignment]
        if row.organization_id != scope.organization_id or inspect(row).attrs.organization_id.history.deleted:
            raise ScopeError(f"{name} does not belong to this organization")
