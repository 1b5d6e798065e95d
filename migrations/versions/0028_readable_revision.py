"""The application may read at which migration its database stands: `/ready/` asks."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Reading only; migrations run as the owner."""
    op.execute("GRANT SELECT ON alembic_version TO bmms_app")


def downgrade() -> None:
    """Only the owner knows."""
    op.execute("REVOKE SELECT ON alembic_version FROM bmms_app")
