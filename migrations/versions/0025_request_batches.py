"""Obligation requests that came in together from a list."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import protect

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The lists, and to which of them a request belongs."""
    op.create_table(
        "request_batches",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_request_batches_entered_by")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_request_batches_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_batches")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_request_batches_id_organization_id")),
    )
    op.create_index(op.f("ix_request_batches_organization_id"), "request_batches", ["organization_id"], unique=False)
    protect("request_batches")
    op.add_column("obligations", sa.Column("batch_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_obligations_batch_id"), "obligations", ["batch_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_obligations_batch_id_organization_id"), "obligations", "request_batches",
        ["batch_id", "organization_id"], ["id", "organization_id"],
    )  # fmt: skip


def downgrade() -> None:
    """The requests stay; what they came in with is forgotten."""
    op.drop_column("obligations", "batch_id")
    op.drop_table("request_batches")
