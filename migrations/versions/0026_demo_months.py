"""Months that the demo closed go with it (decision D34)."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A month tells whether demo people closed it."""
    op.add_column(
        "accounting_periods", sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    """Months of the demo go."""
    op.execute("DELETE FROM accounting_periods WHERE is_demo")
    op.drop_column("accounting_periods", "is_demo")
