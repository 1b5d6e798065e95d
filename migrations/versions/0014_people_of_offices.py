"""Whom to write to when a central office is asked."""

from alembic import op

from migrations.rls import define

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The ids of those who speak for an office; their memberships elsewhere stay hidden from who asks (D39)."""
    define(
        "people_of_office(asked text)",
        "people_of_office(text)",
        """
        RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            SELECT users.id FROM users JOIN central_roles held ON held.user_id = users.id AND held.is_active
            WHERE users.status = 'active' AND asked IN ('mfbm', 'bpda') AND held.role = asked
            UNION
            SELECT users.id FROM users
            JOIN memberships ON memberships.user_id = users.id AND memberships.is_active
            JOIN organizations ON organizations.id = memberships.organization_id AND organizations.is_active
            JOIN membership_rights held ON held.membership_id = memberships.id AND held.code = 'endorse'
            WHERE users.status = 'active' AND asked IN ('mpw', 'menre', 'bicto', 'bwc')
              AND organizations.code = upper(asked)
              AND (now() AT TIME ZONE 'Asia/Manila')::date
                  BETWEEN coalesce(held.starts_on, '-infinity') AND coalesce(held.ends_on, 'infinity')
        $$
        """,
    )


def downgrade() -> None:
    """It goes."""
    op.execute("DROP FUNCTION people_of_office(text)")
