"""Files hang on obligation requests too (modules 8.10: above 50,000 pesos a request has one)."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An attachment can hang on an obligation."""
    op.add_column("attachments", sa.Column("obligation_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_attachments_obligation", "attachments", ["obligation_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_attachments_obligation_id_organization_id"),
        "attachments",
        "obligations",
        ["obligation_id", "organization_id"],
        ["id", "organization_id"],
        ondelete="CASCADE",
    )
    _hang_on("plan_id, work_plan_id, work_item_id, proposal_id, obligation_id")


def _hang_on(columns: str) -> None:
    op.drop_constraint(op.f("ck_attachments_one_subject"), "attachments")
    op.create_check_constraint(op.f("ck_attachments_one_subject"), "attachments", f"num_nonnulls({columns}) = 1")


def downgrade() -> None:
    """The files of obligations go."""
    op.execute("DELETE FROM attachments WHERE obligation_id IS NOT NULL")
    _hang_on("plan_id, work_plan_id, work_item_id, proposal_id")
    op.drop_column("attachments", "obligation_id")
