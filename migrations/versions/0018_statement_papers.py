"""Statements of execution are printed too: a document tells of a plan, a work plan, a proposal or a statement."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was asked of the ledger is kept once; papers hang on it."""
    op.create_table(
        "kept_statements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("asked", sa.String(500), nullable=False),
        sa.CheckConstraint("asked <> ''", name=op.f("ck_kept_statements_asked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_statements")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_kept_statements_organization_id")
        ),
        sa.UniqueConstraint(
            "organization_id", "kind", "asked", name=op.f("uq_kept_statements_organization_id_kind_asked")
        ),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_kept_statements_id_organization_id")),
    )
    op.create_index(op.f("ix_kept_statements_organization_id"), "kept_statements", ["organization_id"])
    protect("kept_statements")
    op.add_column("documents", sa.Column("statement_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_documents_statement", "documents", ["statement_id", "id"], unique=False)
    op.create_foreign_key(
        op.f("fk_documents_statement_id_organization_id"),
        "documents",
        "kept_statements",
        ["statement_id", "organization_id"],
        ["id", "organization_id"],
        ondelete="CASCADE",
    )
    _tell_of("plan_id, work_plan_id, proposal_id, statement_id")


def _tell_of(columns: str) -> None:
    op.drop_constraint(op.f("ck_documents_one_subject"), "documents")
    op.create_check_constraint(op.f("ck_documents_one_subject"), "documents", f"num_nonnulls({columns}) = 1")


def downgrade() -> None:
    """The papers of statements go."""
    op.execute("DELETE FROM documents WHERE statement_id IS NOT NULL")
    _tell_of("plan_id, work_plan_id, proposal_id")
    op.drop_column("documents", "statement_id")
    op.drop_table("kept_statements")
