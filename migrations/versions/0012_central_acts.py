"""What MFBM and the Parliament decide about proposals, and that what is enacted comes to what the law states."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table, one column, one rule."""
    op.create_table(
        "central_acts",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("amounts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("confirmed_by <> entered_by", name=op.f("ck_central_acts_two_persons")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_central_acts_confirmed_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_central_acts_entered_by")),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_central_acts_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_central_acts_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_central_acts_proposal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_central_acts")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_central_acts_id_organization_id")),
    )
    op.create_index(op.f("ix_central_acts_organization_id"), "central_acts", ["organization_id"], unique=False)
    op.create_index("ix_central_acts_proposal", "central_acts", ["proposal_id", "id"], unique=False)
    op.create_index(
        "uq_central_acts_waiting",
        "central_acts",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("confirmed_at IS NULL"),
    )
    op.add_column("budget_proposals", sa.Column("enacted_total", sa.Numeric(precision=18, scale=2), nullable=True))
    op.create_check_constraint(
        op.f("ck_budget_proposals_enacted_by_law"),
        "budget_proposals",
        "status <> 'enacted' OR (law <> '' AND enacted_total IS NOT NULL)",
    )
    protect("central_acts")
    _insist_on_the_law()


def _insist_on_the_law() -> None:
    """INV-25: what is approved by program and class comes to the total that the law states for the organization."""
    op.execute("""
CREATE FUNCTION keep_to_the_law() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'enacted' AND OLD.status <> 'enacted' AND NEW.enacted_total IS DISTINCT FROM (
        SELECT sum(amount.approved) FROM proposal_amounts amount
        JOIN proposal_programs part ON part.id = amount.proposal_program_id
        WHERE part.proposal_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'what is approved does not come to the total of the law' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""")
    op.execute(
        "CREATE TRIGGER keep_to_the_law BEFORE UPDATE OF status ON budget_proposals "
        "FOR EACH ROW EXECUTE FUNCTION keep_to_the_law()"
    )


def downgrade() -> None:
    """Everything goes."""
    op.execute("DROP TRIGGER keep_to_the_law ON budget_proposals")
    op.execute("DROP FUNCTION keep_to_the_law()")
    op.drop_table("central_acts")
    op.drop_constraint(op.f("ck_budget_proposals_enacted_by_law"), "budget_proposals")
    op.drop_column("budget_proposals", "enacted_total")
