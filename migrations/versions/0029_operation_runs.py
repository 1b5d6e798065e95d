"""A record of backups, restore drills and restores; the application reads it, the owner's commands write it."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Global: it concerns all organizations and holds nothing of theirs."""
    op.create_table(
        "operation_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", _one_of("operationkind", "backup", "drill", "restore"), nullable=False),
        sa.Column("outcome", _one_of("operationoutcome", "done", "incomplete", "failed"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("backup", sa.String(200), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_operation_runs_ended_after_it_began")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation_runs")),
    )
    op.create_index("ix_operation_runs_kind", "operation_runs", ["kind", "began_at"])
    op.execute("GRANT SELECT ON operation_runs TO bmms_app")


def downgrade() -> None:
    """The record goes with it."""
    op.drop_table("operation_runs")


def _one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)
