"""The second lock: each table that holds rows of organizations or people is shut by row-level security."""

import pytest
from sqlalchemy import Engine, text

from bmms.extensions import Base
from bmms.tenancy import TenantOwned, is_tenant_table

OPEN_BECAUSE = {
    "alembic_version": "the state of the schema",
    "holidays": "public reference data",
    "places": "public reference data",
    "object_codes": "public reference data",
    "appropriation_acts": "published acts (D22)",
    "act_bodies": "published acts (D22)",
    "act_lines": "published acts (D22)",
    "act_findings": "published acts (D22)",
    "compliance_items": "public list: what the law asks of a proposal",
    "roles": "names of roles, as the code has them",
    "fiscal_years": "public: in which years the central offices act themselves (D16)",
    "themes": "public lists of the platform",
    "alignment_lists": "public lists of the platform",
    "alignment_codes": "public lists of the platform",
    "units_of_measure": "public lists of the platform",
    "jobs": "global, ids only (D39); pages filter by owner and organization",
    "outbox": "global, ids only (D39)",
    "operation_runs": "global: backups and drills of the whole installation",
    "sign_in_locks": "digests and addresses, needed before anybody is known",
    "huey_kv": "the queue",
    "huey_schedule": "the queue",
    "huey_task": "the queue: names of tasks and job ids, signed",
    "huey_counter": "the queue",
}
PLAIN = "(organization_id = ( SELECT (NULLIF(current_setting('bmms.organization_id'::text, true), ''::text))::bigint"


def tenant_tables() -> set[str]:
    """Tables of TenantOwned models."""
    return {table.name for table in Base.metadata.tables.values() if is_tenant_table(table)}


def unprotected(connection) -> set[str]:
    """Tables without forced row-level security, and tenant tables without the plain policy or with one beside it."""
    tables = connection.execute(
        text(
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    ).all()
    every = {name for name, _ in tables}
    forced = {name for name, is_forced in tables if is_forced}
    policies = connection.execute(
        text("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'")
    ).all()
    plain = {
        row.tablename
        for row in policies
        if row.cmd == "ALL" and row.qual.startswith(PLAIN) and row.with_check == row.qual
    }
    others = {row.tablename for row in policies if row.policyname != "tenant_rows"}
    return ((every - forced) - set(OPEN_BECAUSE)) | (tenant_tables() - plain) | (tenant_tables() & others)


def test_every_table_is_shut_or_has_a_reason(owner: Engine):
    with owner.connect() as connection:
        assert unprotected(connection) == set()
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        assert set(OPEN_BECAUSE) <= set(tables.scalars())


MUTATIONS = {
    "a dropped policy": "DROP POLICY tenant_rows ON {table}",
    "a policy that lets everything through": "ALTER POLICY tenant_rows ON {table} USING (true) WITH CHECK (true)",
    "a policy that checks no new row": "ALTER POLICY tenant_rows ON {table} WITH CHECK (true)",
    "a second, wider policy": "CREATE POLICY wider ON {table} FOR SELECT TO bmms_app USING (true)",
    "row-level security switched off": "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "an owner who is not bound": "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_each_mutation_turns_the_census_red(owner: Engine, mutation: str):
    """Of every table, one after the other: the census names that table and no other."""
    found = {}
    for table in sorted(tenant_tables()):
        with owner.connect() as connection:
            connection.execute(text(MUTATIONS[mutation].format(table=table)))
            found[table] = unprotected(connection)
            connection.rollback()
    assert {table: told for table, told in found.items() if told != {table}} == {}
    assert found


def test_a_new_table_without_protection_turns_the_census_red(owner: Engine):
    with owner.connect() as connection:
        connection.execute(text("CREATE TABLE forgotten (id bigint, organization_id bigint)"))
        assert unprotected(connection) == {"forgotten"}
        connection.rollback()


def test_tenant_owned_models_and_tenant_tables_are_the_same():
    models = {mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantOwned)}
    assert models == tenant_tables()


def test_each_tenant_table_keeps_row_history_and_composite_keys(owner: Engine):
    with owner.connect() as connection:
        triggers = connection.execute(
            text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'row_history'")
        )
        watched = {row[0] for row in triggers}
    assert tenant_tables() <= watched
    assert {"users", "memberships", "membership_rights", "organizations", "central_roles"} <= watched
    for table in Base.metadata.tables.values():
        for constraint in table.foreign_key_constraints:
            if is_tenant_table(table) and is_tenant_table(constraint.referred_table):
                assert "organization_id" in constraint.column_keys, f"{table.name} -> {constraint.referred_table.name}"


def test_the_application_signs_in_without_any_privilege(engine: Engine, owner: Engine):
    with engine.connect() as connection:
        role = connection.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        ).one()
        assert tuple(role) == (False, False, False, False)
        memberships = text(
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user"
        )
        assert connection.execute(memberships).scalar_one() == 0


def test_functions_that_look_past_the_lock_are_the_reviewed_few(owner: Engine):
    with owner.connect() as connection:
        found = connection.execute(
            text(
                "SELECT p.proname, p.proconfig::text, has_function_privilege('public', p.oid, 'EXECUTE') AS open "
                "FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
            )
        ).all()
    assert {row.proname for row in found} == {
        "record_row_history",
        "keep_the_opening",  # a trigger of the ledger: compares days with the cut-over, returns nothing
        "nobody_changes_own_rights",
        "sign_in_lookup",
        "reset_lookup",
        "taken_logins",
        "choose_primary",
        "works_elsewhere",
        "document_standing",
        "lead_mfbm",
        "lead_desk",
        "lead_mfbm_to_money",  # appropriations, extensions, orders: title, year, day (D24)
        "people_of_office",
        "lead_transfer",  # tells the other side of a transfer its name, reference, amounts, day: nothing more (D25)
        "keep_the_ledger",  # these five: the rules of the ledger, for triggers alone (D43)
        "require_authority",
        "require_days",
        "require_document",
        "require_entries",
    }
    for row in found:
        assert "search_path=public, pg_temp" in row.proconfig.replace('"', ""), (
            f"{row.proname} has no fixed search_path"
        )
        assert not row.open, f"{row.proname} may be called by everybody"
