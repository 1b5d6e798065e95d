"""Who may see and do what in the database: roles, row-level security, row history, append-only audit."""

from alembic import op

from migrations.rls import ORGANIZATION, PERSON, PLATFORM, allow, define, keep_history, policy, protect, shut

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT_TABLES = ("units", "signatory_blocks", "stored_files", "designations")
HIDDEN_FROM_HISTORY = {"users": ("password_hash",)}
OWN_OR_PLATFORM = f"user_id = {PERSON} OR {PLATFORM}"
PERSON_IS_VISIBLE = "EXISTS (SELECT 1 FROM users person WHERE person.id = user_id)"  # as the policy of users decides
HERE_OR_PLATFORM = f"organization_id = {ORGANIZATION} OR {PLATFORM}"


def upgrade() -> None:
    """Shut first, then open what each duty needs."""
    op.execute("GRANT USAGE ON SCHEMA public TO bmms_app, bmms_ocm")
    _row_history()
    for table in TENANT_TABLES:
        protect(table)
    _organizations()
    _people()
    _memberships()
    _audit()
    _sign_in()
    _queue()
    for table in ("holidays", "places", "object_codes", "roles"):
        allow(table, "SELECT, INSERT, UPDATE, DELETE")
        op.execute(f"GRANT SELECT ON {table} TO bmms_ocm")


def _row_history() -> None:
    define(
        "record_row_history()",
        "record_row_history()",
        """
        RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
            before jsonb; after jsonb; was jsonb; is_now jsonb; hidden text[] := coalesce(TG_ARGV::text[], '{}');
        BEGIN
            IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD) - hidden; END IF;
            IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW) - hidden; END IF;
            was := before; is_now := after;
            IF TG_OP = 'UPDATE' THEN
                SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, after -> key) INTO was, is_now
                FROM jsonb_each(before) WHERE after -> key IS DISTINCT FROM value;
                IF was IS NULL THEN RETURN NULL; END IF;
            END IF;
            INSERT INTO row_history (transaction_id, table_name, operation, row_id, organization_id,
                                     actor_id, request_id, old, new)
            VALUES (pg_current_xact_id()::text::bigint, TG_TABLE_NAME, lower(TG_OP),
                    (coalesce(after, before) ->> 'id')::bigint,
                    CASE WHEN TG_TABLE_NAME = 'organizations' THEN (coalesce(after, before) ->> 'id')::bigint
                         ELSE (coalesce(after, before) ->> 'organization_id')::bigint END,
                    nullif(current_setting('bmms.user_id', true), '')::bigint,
                    coalesce(current_setting('bmms.request_id', true), ''), was, is_now);
            RETURN NULL;
        END $$
        """,
        callers="",
    )
    shut("row_history")
    policy("row_history", "own_organization", "SELECT", HERE_OR_PLATFORM)
    allow("row_history", "SELECT")


def _organizations() -> None:
    """Everybody may know the names of all organizations; only an own one, or the platform, changes."""
    shut("organizations")
    policy("organizations", "names_are_public", "SELECT", "true")
    policy("organizations", "own_organization", "UPDATE", f"id = {ORGANIZATION} OR {PLATFORM}")
    policy("organizations", "new_by_platform", "INSERT", PLATFORM)
    keep_history("organizations")
    allow("organizations", "SELECT, INSERT, UPDATE")
    op.execute("GRANT SELECT ON organizations TO bmms_ocm")
    op.execute("CREATE POLICY names_for_oversight ON organizations FOR SELECT TO bmms_ocm USING (true)")


def _people() -> None:
    """A person is visible to himself or herself, to the colleagues of the bound organization and to the platform.

    A row just made has no membership yet; whoever makes it sees it until the transaction ends.
    """
    here = f"EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id AND m.organization_id = {ORGANIZATION})"
    visible = f"id = {PERSON} OR {PLATFORM} OR (created_by = {PERSON} AND created_at = now()) OR {here}"
    shut("users")
    policy("users", "visible_people", "SELECT", visible)
    policy("users", "change_visible_people", "UPDATE", visible)
    policy("users", "new_people", "INSERT", f"{PLATFORM} OR ({ORGANIZATION} IS NOT NULL AND created_by = {PERSON})")
    keep_history("users", secrets=HIDDEN_FROM_HISTORY["users"])
    allow("users", "SELECT, INSERT, UPDATE")
    for table in ("user_sessions", "old_passwords", "reset_tokens", "pending_credentials"):
        shut(table)
        policy(table, "visible_people", "ALL", PERSON_IS_VISIBLE)
        allow(table, "SELECT, INSERT, UPDATE, DELETE")
    shut("central_roles")
    policy("central_roles", "own_roles", "SELECT", OWN_OR_PLATFORM)
    for command in ("INSERT", "UPDATE", "DELETE"):
        policy("central_roles", f"platform_{command.lower()}", command, PLATFORM)
    keep_history("central_roles")
    allow("central_roles", "SELECT, INSERT, UPDATE, DELETE")
    allow("sign_in_locks", "SELECT, INSERT, UPDATE, DELETE")


def _memberships() -> None:
    shut("memberships")
    policy("memberships", "here_or_mine", "SELECT", f"{HERE_OR_PLATFORM} OR user_id = {PERSON}")
    shut("membership_rights")
    mine = f"EXISTS (SELECT 1 FROM memberships m WHERE m.id = membership_id AND m.user_id = {PERSON})"
    policy("membership_rights", "here_or_mine", "SELECT", f"{HERE_OR_PLATFORM} OR {mine}")
    for table in ("memberships", "membership_rights"):
        for command in ("INSERT", "UPDATE", "DELETE"):
            policy(table, f"here_{command.lower()}", command, HERE_OR_PLATFORM)
        keep_history(table)
    allow("memberships", "SELECT, INSERT, UPDATE")
    allow("membership_rights", "SELECT, INSERT, UPDATE, DELETE")
    define(
        "nobody_changes_own_rights()",
        "nobody_changes_own_rights()",
        """
        RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE person bigint := nullif(current_setting('bmms.user_id', true), '')::bigint;
        BEGIN
            IF person IS NOT NULL AND person = (SELECT user_id FROM memberships
                                                WHERE id = coalesce(NEW.membership_id, OLD.membership_id)) THEN
                RAISE EXCEPTION 'nobody changes their own roles or grants (D10)' USING ERRCODE = 'BM001';
            END IF;
            RETURN coalesce(NEW, OLD);
        END $$
        """,
        callers="",
    )
    op.execute(
        "CREATE TRIGGER own_rights BEFORE INSERT OR UPDATE OR DELETE ON membership_rights "
        "FOR EACH ROW EXECUTE FUNCTION nobody_changes_own_rights()"
    )


def _audit() -> None:
    """Append-only for the application: INSERT and SELECT, and a trigger that refuses the rest to everybody."""
    shut("audit_events")
    policy("audit_events", "append", "INSERT", "true")
    policy("audit_events", "own_organization", "SELECT", HERE_OR_PLATFORM)
    allow("audit_events", "SELECT, INSERT")
    op.execute("GRANT INSERT ON audit_events TO bmms_ocm")
    op.execute("CREATE POLICY append_by_oversight ON audit_events FOR INSERT TO bmms_ocm WITH CHECK (true)")
    define(
        "refuse_change()",
        "refuse_change()",
        """
        RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'BM002';
        END $$
        """,
        callers="",
    )
    for table in ("audit_events", "row_history"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def _sign_in() -> None:
    """What must be known before anybody is signed in, and which names are taken in all organizations (D39)."""
    define(
        "sign_in_lookup(login text)",
        "sign_in_lookup(text)",
        """
        RETURNS TABLE (user_id bigint, password_hash text) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
            SELECT id, users.password_hash FROM users WHERE username = lower(login) OR email = lower(login)
            ORDER BY (username = lower(login)) DESC LIMIT 1
        $$
        """,
    )
    define(
        "reset_lookup(digest bytea)",
        "reset_lookup(bytea)",
        """
        RETURNS TABLE (token_id bigint, user_id bigint) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
            SELECT id, reset_tokens.user_id FROM reset_tokens
            WHERE token_digest = digest AND used_at IS NULL AND expires_at > now()
        $$
        """,
    )
    define(
        "taken_logins(names text[])",
        "taken_logins(text[])",
        """
        RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            SELECT username FROM users WHERE username = ANY (names)
            UNION SELECT email FROM users WHERE email = ANY (names)
        $$
        """,
    )
    define(
        "choose_primary(membership bigint)",
        "choose_primary(bigint)",
        """
        RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE person bigint := nullif(current_setting('bmms.user_id', true), '')::bigint;
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM memberships WHERE id = membership AND user_id = person AND is_active) THEN
                RETURN false;
            END IF;
            UPDATE memberships SET is_primary = false WHERE user_id = person AND is_primary AND id <> membership;
            UPDATE memberships SET is_primary = true WHERE id = membership AND NOT is_primary;
            RETURN true;
        END $$
        """,
    )


def _queue() -> None:
    """Huey's own tables (version 3.5), made here because the application's login makes no tables."""
    op.execute(
        "CREATE TABLE huey_kv (queue text NOT NULL, key text NOT NULL, value bytea NOT NULL, PRIMARY KEY (queue, key))"
    )
    op.execute(
        "CREATE TABLE huey_schedule (id bigserial PRIMARY KEY, queue text NOT NULL, data bytea NOT NULL, "
        "timestamp double precision NOT NULL)"
    )
    op.execute("CREATE INDEX huey_schedule_queue_timestamp ON huey_schedule (queue, timestamp)")
    op.execute(
        "CREATE TABLE huey_task (id bigserial PRIMARY KEY, queue text NOT NULL, data bytea NOT NULL, "
        "priority double precision NOT NULL DEFAULT 0.0)"
    )
    op.execute("CREATE INDEX huey_task_queue_priority_id ON huey_task (queue, priority DESC, id)")
    op.execute(
        "CREATE TABLE huey_counter (queue text NOT NULL, key text NOT NULL, value bigint NOT NULL DEFAULT 0, "
        "PRIMARY KEY (queue, key))"
    )
    for table in ("huey_kv", "huey_schedule", "huey_task", "huey_counter"):
        allow(table, "SELECT, INSERT, UPDATE, DELETE")
    for sequence in ("huey_schedule_id_seq", "huey_task_id_seq"):
        op.execute(f"GRANT USAGE ON SEQUENCE {sequence} TO bmms_app")
    allow("jobs", "SELECT, INSERT, UPDATE")
    allow("outbox", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    """Open everything again; 0001 then removes the tables."""
    for table in ("huey_kv", "huey_schedule", "huey_task", "huey_counter"):
        op.execute(f"DROP TABLE {table}")
    op.execute(
        """
        DO $$
        DECLARE found record;
        BEGIN
            FOR found IN SELECT tgname, tgrelid::regclass AS tab FROM pg_trigger
                         WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class
                               WHERE relnamespace = 'public'::regnamespace) LOOP
                EXECUTE format('DROP TRIGGER %I ON %s', found.tgname, found.tab);
            END LOOP;
            FOR found IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
                EXECUTE format('DROP POLICY %I ON %I', found.policyname, found.tablename);
            END LOOP;
            FOR found IN SELECT oid::regclass AS tab FROM pg_class
                         WHERE relrowsecurity AND relnamespace = 'public'::regnamespace LOOP
                EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', found.tab);
                EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', found.tab);
            END LOOP;
        END $$
        """
    )
    for signature in (
        "record_row_history()",
        "nobody_changes_own_rights()",
        "refuse_change()",
        "sign_in_lookup(text)",
        "reset_lookup(bytea)",
        "taken_logins(text[])",
        "choose_primary(bigint)",
    ):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM bmms_app, bmms_ocm")
