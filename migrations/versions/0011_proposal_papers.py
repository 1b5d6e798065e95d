"""Budget proposals are printed too: a document tells of a plan, of a work plan or of a proposal."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A document can hang on a proposal."""
    op.add_column("documents", sa.Column("proposal_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_documents_proposal", "documents", ["proposal_id", "id"], unique=False)
    op.create_foreign_key(
        op.f("fk_documents_proposal_id_organization_id"),
        "documents",
        "budget_proposals",
        ["proposal_id", "organization_id"],
        ["id", "organization_id"],
        ondelete="CASCADE",
    )
    _tell_of("plan_id, work_plan_id, proposal_id")


def _tell_of(columns: str) -> None:
    op.drop_constraint(op.f("ck_documents_one_subject"), "documents")
    op.create_check_constraint(op.f("ck_documents_one_subject"), "documents", f"num_nonnulls({columns}) = 1")


def downgrade() -> None:
    """The papers of proposals go."""
    op.execute("DELETE FROM documents WHERE proposal_id IS NOT NULL")
    _tell_of("plan_id, work_plan_id")
    op.drop_column("documents", "proposal_id")
