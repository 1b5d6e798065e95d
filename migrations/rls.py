"""How a table is shut: row-level security and row history (decision D3). Each tenant table calls `protect`."""

from alembic import op

ORGANIZATION = "(SELECT nullif(current_setting('bmms.organization_id', true), '')::bigint)"
PERSON = "(SELECT nullif(current_setting('bmms.user_id', true), '')::bigint)"
PLATFORM = "(SELECT current_setting('bmms.platform', true) = 'on')"


def protect(table: str, *, secrets: tuple[str, ...] = (), rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Shut a tenant table: rows of the bound organization only, and a record of each change.

    Args:
        rights: what the application may do; `SELECT, INSERT` for what is never changed once it is written.
    """
    shut(table)
    policy(table, "tenant_rows", "ALL", f"organization_id = {ORGANIZATION}")
    keep_history(table, secrets=secrets)
    allow(table, rights)


def shut(table: str) -> None:
    """No policy, no row: not even for the owner of the table."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def policy(table: str, name: str, command: str, rows: str, *, written: str = "") -> None:
    """Open a shut table for the application: `rows` it may see, `written` (default: the same) it may leave behind."""
    using = "" if command == "INSERT" else f" USING ({rows})"
    check = "" if command in ("SELECT", "DELETE") else f" WITH CHECK ({written or rows})"
    op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO bmms_app{using}{check}")


def keep_history(table: str, *, secrets: tuple[str, ...] = (), events: str = "INSERT OR UPDATE OR DELETE") -> None:
    """Record old and new values of each changed row, bulk SQL included; columns in `secrets` stay out.

    Args:
        events: fewer, where rows are written once or columns are sums of other rows that are kept.
    """
    left_out = ", ".join(f"'{column}'" for column in secrets)
    op.execute(
        f"CREATE TRIGGER row_history AFTER {events} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION record_row_history({left_out})"
    )


def allow(table: str, rights: str) -> None:
    """What the application's login may do with a table; row-level security decides on which rows."""
    op.execute(f"GRANT {rights} ON {table} TO bmms_app")


def define(function: str, signature: str, body: str, *, callers: str = "bmms_app") -> None:
    """A function that runs as the owner of the tables: the few looks past row-level security, each with a reason."""
    op.execute(f"CREATE FUNCTION {function} {body.strip().rstrip(';')}")
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    if callers:
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {callers}")
