"""Up to which moment each device has sent its draft, so that an older copy on a device never covers what is here."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drafts that are there already know of no device."""
    devices = sa.Column("devices", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    op.add_column("drafts", devices)


def downgrade() -> None:
    """Devices are forgotten."""
    op.drop_column("drafts", "devices")
