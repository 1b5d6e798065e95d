"""The forms of execution are printed too: orders, obligation requests, notices of adjustment, vouchers."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BEFORE = "plan_id, work_plan_id, proposal_id, statement_id"
SUBJECTS = {
    "order": "allotment_orders",
    "obligation": "obligations",
    "adjustment": "obligation_adjustments",
    "disbursement": "disbursements",
}


def upgrade() -> None:
    """A document tells of one of these, too."""
    for name, table in SUBJECTS.items():
        column = f"{name}_id"
        op.add_column("documents", sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_index(f"ix_documents_{name}", "documents", [column, "id"], unique=False)
        op.create_foreign_key(
            op.f(f"fk_documents_{column}_organization_id"), "documents", table, [column, "organization_id"],
            ["id", "organization_id"], ondelete="CASCADE",
        )  # fmt: skip
    _tell_of(", ".join((BEFORE, *(f"{name}_id" for name in SUBJECTS))))


def _tell_of(columns: str) -> None:
    op.drop_constraint(op.f("ck_documents_one_subject"), "documents")
    op.create_check_constraint(op.f("ck_documents_one_subject"), "documents", f"num_nonnulls({columns}) = 1")


def downgrade() -> None:
    """The papers of these go."""
    columns = [f"{name}_id" for name in SUBJECTS]
    op.execute(f"DELETE FROM documents WHERE num_nonnulls({', '.join(columns)}) = 1")  # noqa: S608
    _tell_of(BEFORE)
    for column in columns:
        op.drop_column("documents", column)
