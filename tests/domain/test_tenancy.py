"""The two locks, each proved without the other: the ORM's as a superuser, PostgreSQL's by raw SQL."""

from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, create_engine, event, func, insert, inspect, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError, InternalError, ProgrammingError
from sqlalchemy.orm import Session, aliased, selectinload

from bmms.extensions import Base, db
from bmms.models.accounts import User
from bmms.models.memberships import Membership, MembershipRight
from bmms.models.organizations import Organization, Unit
from bmms.models.planning import StrategicPlan
from bmms.tenancy import (
    ScopeError,
    bind_person,
    bind_platform,
    bind_request,
    bind_scope,
    cross_tenant,
    is_tenant_table,
)
from tests.cast import Cast, foreign_rows
from tests.conftest import running
from tests.ground import Ground


def bound(engine: Engine, organization: Organization) -> Session:
    """A session that serves one organization."""
    session = Session(engine)
    bind_scope(session, organization.id)
    return session


@pytest.fixture
def units(engine: Engine, cast: Cast) -> dict[str, int]:
    """One unit in each ministry."""
    made = {}
    for code in ("moh", "mbhte"):
        with bound(engine, getattr(cast, code)) as session:
            unit = Unit(name=f"Planning Division of {code}")
            session.add(unit)
            session.commit()
            made[code] = unit.id
    return made


@pytest.fixture
def superuser(server: str, engine: Engine):
    """An engine that row-level security does not bind: what it hides, the ORM hides."""
    made = create_engine(
        "postgresql://", creator=lambda: psycopg.connect(make_conninfo(server, dbname=engine.url.database))
    )
    yield made
    made.dispose()


# the first lock: the ORM


@pytest.mark.parametrize(
    "statement",
    [
        select(Unit),
        select(Unit.name),
        select(func.count()).select_from(Unit),
        select(aliased(Unit)),
        select(Organization).join(Unit, Unit.organization_id == Organization.id),
        select(Organization).where(Organization.id.in_(select(Unit.organization_id))),
        update(Unit).values(name="x"),
        select(Unit.__table__),
    ],
    ids=str,
)
def test_without_a_scope_every_statement_fails_loudly(superuser, units, statement):
    with Session(superuser) as session, pytest.raises(ScopeError, match="units"):
        session.execute(statement)


def test_the_orm_alone_hides_foreign_rows(superuser, cast, units):
    with bound(superuser, cast.moh) as session:
        assert session.execute(text("SELECT count(*) FROM units")).scalar_one() == 2, (
            "the superuser is not bound by RLS"
        )
        assert [unit.id for unit in session.scalars(select(Unit))] == [units["moh"]]
        assert session.scalar(select(func.count(Unit.id))) == 1
        assert session.get(Unit, units["mbhte"]) is None
        other = aliased(Unit)
        assert [unit.id for unit in session.scalars(select(other))] == [units["moh"]]
        assert session.execute(update(Unit).values(code="x")).rowcount == 1


def test_parts_that_are_loaded_with_a_row_are_filtered_too(superuser, cast, units):
    """Loading the parts of a row is a statement of its own; it names the organization, which no row carries."""
    with bound(superuser, cast.moh) as session:
        plan = StrategicPlan(title="Plan", start_year=2026, end_year=2026)
        session.add(plan)
        session.flush()
        said: list[str] = []
        event.listen(superuser, "before_cursor_execute", listen := lambda *args: said.append(args[2]))
        session.scalars(select(StrategicPlan).options(selectinload(StrategicPlan.goals))).all()
        event.remove(superuser, "before_cursor_execute", listen)
        assert ["organization_id = " in one.partition("WHERE")[2] for one in said] == [True, True]
        for _ in range(50):
            session.refresh(plan)
        assert len(inspect(plan).load_options) <= 1, "a row that is refreshed often carries no more than before"


def test_the_orm_stamps_new_rows_and_refuses_foreign_ones(superuser, cast, units):
    with bound(superuser, cast.moh) as session:
        unit = Unit(name="New")
        session.add(unit)
        session.flush()
        assert unit.organization_id == cast.moh.id
        session.add(Unit(name="Foreign", organization_id=cast.mbhte.id))
        with pytest.raises(ScopeError, match="does not belong"):
            session.flush()
    with bound(superuser, cast.moh) as session:
        own = session.get_one(Unit, units["moh"])
        own.organization_id = cast.mbhte.id
        with pytest.raises(ScopeError, match="does not belong"):
            session.flush()


def test_a_session_serves_one_organization_and_one_person(engine, cast):
    with bound(engine, cast.moh) as session:
        bind_scope(session, cast.moh.id)
        with pytest.raises(ScopeError, match="one organization_id"):
            bind_scope(session, cast.mbhte.id)
        bind_person(session, cast.amina.id)
        with pytest.raises(ScopeError, match="one user_id"):
            bind_person(session, cast.ben.id)


def test_writing_without_a_scope_fails_loudly(engine, cast):
    with Session(engine) as session:
        session.add(Unit(name="Nobody's", organization_id=cast.moh.id))
        with pytest.raises(ScopeError, match="outside an organization"):
            session.flush()


# the second lock: PostgreSQL


def raw(engine: Engine, organization_id: int | None, statement: str, user_id: int | None = None):
    """One raw statement on a connection of its own, after telling PostgreSQL the scope, as a forgetful view would."""
    with engine.connect() as connection:
        for name, value in (("organization_id", organization_id), ("user_id", user_id)):
            connection.execute(text(f"SELECT set_config('bmms.{name}', :value, true)"), {"value": str(value or "")})
        result = connection.execute(text(statement))
        return result.all() if result.returns_rows else result.rowcount


def test_row_level_security_alone_hides_foreign_rows(engine, cast, units):
    assert raw(engine, None, "SELECT id FROM units") == []
    assert raw(engine, cast.moh.id, "SELECT id FROM units") == [(units["moh"],)]
    assert raw(engine, cast.moh.id, f"SELECT id FROM units WHERE id = {units['mbhte']}") == []
    assert raw(engine, cast.moh.id, f"UPDATE units SET name = 'x' WHERE id = {units['mbhte']}") == 0
    assert raw(engine, cast.moh.id, f"DELETE FROM units WHERE id = {units['mbhte']}") == 0


TENANT_TABLES = sorted(table.name for table in Base.metadata.tables.values() if is_tenant_table(table))


WRITTEN_ONCE = {
    "budget_account_objects",
    "budget_accounts",
    "due_notes",
    "ledger_entries",
    "ledger_postings",
    "plan_decisions",
    "plan_versions",
    "program_lines",
    "progress_updates",
    "proposal_decisions",
    "proposal_versions",
    "report_submissions",
}  # the application may add and read
NEVER_GONE = {
    "alert_limits",
    "budget_alerts",
    "cash_controls",  # set and set back, with who did it
    "number_series",  # a series that went would begin anew
    "reporting_deadlines",  # a report stays due
}
NEVER_MOVED = {
    "cash_authorities",  # it may confirm one, or take out one that waits
    "obligation_lines",  # it may take one out of a draft, but change none of its keys or sums
}


@pytest.fixture
def planted(engine: Engine, cast: Cast, ground: Ground) -> None:
    """A row of Health in each tenant table; made once, then brought back."""
    ground.stage("foreign rows", lambda: foreign_rows(engine, cast))


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_no_row_of_another_ministry_can_be_reached_by_raw_sql(engine, owner, cast, planted, table):
    """A connection of its own, past the ORM, bound to Education: every tenant table holds nothing of Health."""
    of_health = f"FROM {table} WHERE organization_id = {cast.moh.id}"
    with owner.connect() as connection:
        there = connection.execute(text(f"SELECT count(*) {of_health}")).scalar_one()
    assert there, "plant a row in tests/cast.py"
    assert raw(engine, cast.moh.id, f"SELECT count(*) {of_health}") == [(there,)]
    for bound_to in (cast.mbhte.id, None):
        assert raw(engine, bound_to, f"SELECT 1 {of_health}") == []
        for statement in (f"UPDATE {table} SET organization_id = organization_id", f"DELETE {of_health}"):
            refused = NEVER_MOVED if statement.startswith("UPDATE") else NEVER_GONE
            if table in WRITTEN_ONCE | refused:
                with pytest.raises(ProgrammingError, match="permission denied"):
                    raw(engine, bound_to, statement)
            else:
                assert raw(engine, bound_to, statement) == 0


OF_HEALTH = {
    "tenant_rows ON units": "organization_id = {moh}",
    "here_or_mine ON memberships": "organization_id = {moh}",
    "here_or_mine ON membership_rights": "organization_id = {moh}",
    "visible_people ON users": "username = 'amina'",
    "own_organization ON audit_events": "organization_id = {moh}",
    "own_organization ON row_history": "organization_id = {moh}",
    "own_roles ON central_roles": "true",
}


@pytest.mark.parametrize("policy", OF_HEALTH)
def test_each_policy_is_what_hides_the_rows(superuser, engine, cast, planted, policy):
    """The mutation: the same question finds nothing under the policy, and something once it lets all through."""
    question = f"SELECT count(*) FROM {policy.split()[-1]} WHERE {OF_HEALTH[policy].format(moh=cast.moh.id)}"
    assert raw(engine, cast.mbhte.id, question, cast.bai.id) == [(0,)]
    with superuser.connect() as connection:
        connection.execute(text(f"ALTER POLICY {policy} USING (true)"))
        connection.execute(text("SET LOCAL ROLE bmms_app"))
        connection.execute(text(f"SELECT set_config('bmms.organization_id', '{cast.mbhte.id}', true)"))
        assert connection.execute(text(question)).scalar_one() > 0
        connection.rollback()


def test_row_level_security_refuses_to_write_for_another(engine, cast, units):
    with pytest.raises(ProgrammingError, match="row-level security"):
        raw(engine, cast.moh.id, f"INSERT INTO units (name, organization_id) VALUES ('x', {cast.mbhte.id})")
    with pytest.raises(ProgrammingError, match="row-level security"):
        raw(engine, cast.moh.id, f"UPDATE units SET organization_id = {cast.mbhte.id}")


def test_bulk_and_core_writes_meet_the_second_lock(engine, cast):
    with bound(engine, cast.moh) as session, pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(insert(Unit), [{"name": "x", "organization_id": cast.mbhte.id}])


def test_a_child_cannot_hang_under_a_foreign_parent(owner, cast, units):
    """Foreign keys look past row-level security; the composite key closes that (law 1)."""
    with owner.connect() as connection, pytest.raises(IntegrityError, match="fk_units_parent_id"):
        connection.execute(
            insert(Unit.__table__).values(name="child", organization_id=cast.moh.id, parent_id=units["mbhte"])
        )


def test_people_are_visible_to_colleagues_and_themselves_only(engine, cast):
    everybody = "SELECT username FROM users ORDER BY username"
    assert raw(engine, None, everybody) == []
    assert raw(engine, None, everybody, cast.ben.id) == [("ben",)]
    in_health = [row[0] for row in raw(engine, cast.moh.id, everybody, cast.amina.id)]
    assert in_health == ["amina", "badar", "dan", "jamila", "yusuf"]


def test_sessions_and_credentials_follow_the_person(engine, cast, reader):
    reader("ben"), reader("amina")
    count = "SELECT count(*) FROM user_sessions"
    assert raw(engine, None, count) == [(0,)]
    assert raw(engine, None, count, cast.ben.id) == [(1,)]
    assert raw(engine, cast.mbhte.id, count, cast.bai.id) == [(1,)]


def test_nobody_gives_himself_a_membership_or_a_right(engine, cast):
    mine = f"INSERT INTO memberships (user_id, organization_id) VALUES ({cast.ben.id}, {cast.moh.id})"
    with pytest.raises(ProgrammingError, match="row-level security"):
        raw(engine, cast.mbhte.id, mine, cast.ben.id)
    right = (
        "INSERT INTO membership_rights (membership_id, organization_id, code, given_at) "
        f"VALUES ({cast.memberships['bai'].id}, {cast.mbhte.id}, 'accounting', now())"
    )
    with pytest.raises(DatabaseError, match="own roles or grants"):
        raw(engine, cast.mbhte.id, right, cast.bai.id)


def test_audit_rows_cannot_be_changed_or_removed(engine, owner, cast):
    for verb in ("UPDATE audit_events SET note = 'x'", "DELETE FROM audit_events"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            raw(engine, cast.moh.id, verb)
    with owner.begin() as connection:
        connection.execute(text("INSERT INTO audit_events (action) VALUES ('tests:plant')"))
    for verb in ("UPDATE audit_events SET note = 'x'", "DELETE FROM audit_events"):
        with owner.connect() as connection, pytest.raises(DatabaseError, match="append-only"):
            connection.execute(text(verb))


def test_row_history_keeps_old_and_new_of_bulk_sql_with_the_actor(engine, cast, units):
    with engine.begin() as connection:
        for name, value in (("organization_id", cast.moh.id), ("user_id", cast.jamila.id), ("request_id", "req-1")):
            connection.execute(text(f"SELECT set_config('bmms.{name}', :value, true)"), {"value": str(value)})
        connection.execute(text("UPDATE units SET code = 'PD'"))
    rows = raw(
        engine,
        cast.moh.id,
        "SELECT operation, row_id, actor_id, request_id, old, new FROM row_history "
        "WHERE table_name = 'units' ORDER BY id",
    )
    assert [row.operation for row in rows] == ["insert", "update"]
    change = rows[1]
    assert (change.row_id, change.actor_id, change.request_id) == (units["moh"], cast.jamila.id, "req-1")
    assert change.old == {"code": ""}
    assert change.new == {"code": "PD"}
    assert raw(engine, cast.mbhte.id, "SELECT 1 FROM row_history WHERE request_id = 'req-1'") == []


def test_row_history_never_holds_a_password_hash(engine, owner, cast):
    with owner.connect() as connection:
        count = text("SELECT count(*) FROM row_history WHERE old ? 'password_hash' OR new ? 'password_hash'")
        assert connection.execute(count).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM row_history WHERE table_name = 'users'")).scalar_one() > 0


def test_a_safe_request_cannot_write_whatever_it_tries(engine, cast):
    with Session(engine) as session:
        bind_request(session, "req-2", read_only=True)
        bind_scope(session, cast.moh.id)
        with pytest.raises(InternalError, match="read-only transaction"):
            session.execute(text("UPDATE units SET code = 'x'"))


def test_the_platform_sees_accounts_but_no_business_rows(engine, cast, units):
    with Session(engine) as session:
        bind_platform(session, "tests")
        assert session.scalar(select(func.count(Membership.id))) == 8
        assert session.scalar(select(func.count(User.id))) == 9
        assert session.scalar(select(func.count(MembershipRight.id))) == 16
        assert session.execute(text("SELECT count(*) FROM units")).scalar_one() == 0
        with pytest.raises(ScopeError, match="units"):
            session.scalars(select(Unit))


def test_the_oversight_login_reads_names_only_and_writes_nothing(database, cast, units):
    oversight = create_engine(database["DATABASE_OCM_URL"])
    with cross_tenant(oversight, "tests") as session:
        assert session.execute(text("SELECT count(*) FROM organizations")).scalar_one() == 2
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text("SELECT 1 FROM units"))
    with cross_tenant(oversight, "tests") as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("SELECT 1 FROM users"))
    oversight.dispose()


def test_the_application_refuses_a_login_that_no_policy_binds(config, database):
    with running(replace(config, database_url=database["DATABASE_OWNER_URL"])) as app, app.app_context():
        with pytest.raises(ScopeError, match="past row-level security"):
            db.session.execute(text("SELECT 1"))
        db.session.remove()
