"""Whether a person also works in another organization: administrators do not change such accounts."""

from alembic import op

from migrations.rls import define

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Row-level security hides the other memberships, so the owner is asked, and answers yes or no."""
    define(
        "works_elsewhere(person bigint)",
        "works_elsewhere(bigint)",
        """
        RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            SELECT EXISTS (SELECT 1 FROM memberships m
                           WHERE m.user_id = person AND m.is_active
                             AND m.organization_id IS DISTINCT FROM
                                 nullif(current_setting('bmms.organization_id', true), '')::bigint)
                OR EXISTS (SELECT 1 FROM central_roles c WHERE c.user_id = person AND c.is_active)
        $$
        """,
    )


def downgrade() -> None:
    """Nobody asks any more."""
    op.execute("DROP FUNCTION works_elsewhere(bigint)")
