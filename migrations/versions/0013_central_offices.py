"""Central offices: in which years they act themselves, and the table that leads them to what waits for them (D24)."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import ORGANIZATION, allow, define, keep_history, policy, shut

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OFFICES = ("mfbm", "bpda", "mpw", "menre", "bicto", "bwc")
OFFICE = "(SELECT nullif(current_setting('bmms.office', true), ''))"
TODAY = "(now() AT TIME ZONE 'Asia/Manila')::date"


def upgrade() -> None:
    """Two tables; triggers keep the second in step with proposals and endorsements."""
    op.create_table(
        "fiscal_years",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "central_acts",
            sa.Enum("recorded", "operated", name="actsmode", native_enum=False, create_constraint=False, length=40),
            server_default="recorded",
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("central_acts IN ('recorded', 'operated')", name=op.f("ck_fiscal_years_actsmode")),
        sa.CheckConstraint("year BETWEEN 2020 AND 2100", name=op.f("ck_fiscal_years_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fiscal_years")),
        sa.UniqueConstraint("year", name=op.f("uq_fiscal_years_year")),
    )
    allow("fiscal_years", "SELECT, INSERT, UPDATE")
    keep_history("fiscal_years")
    op.create_table(
        "office_matters",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=40), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("entered_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            f"office IN ({', '.join(repr(office) for office in OFFICES)})", name=op.f("ck_office_matters_office")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_office_matters_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_office_matters_proposal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_matters")),
        sa.UniqueConstraint("proposal_id", "office", name=op.f("uq_office_matters_proposal_id_office")),
    )
    op.create_index(op.f("ix_office_matters_organization_id"), "office_matters", ["organization_id"], unique=False)
    op.create_index("ix_office_matters_office", "office_matters", ["office", "done_on", "due_on"], unique=False)
    shut("office_matters")
    policy("office_matters", "own_or_asked", "SELECT", f"organization_id = {ORGANIZATION} OR office = {OFFICE}")
    allow("office_matters", "SELECT")
    op.add_column("proposal_endorsements", sa.Column("declined_for", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "proposal_endorsements", sa.Column("declined_label", sa.String(length=200), server_default="", nullable=False)
    )
    op.add_column("proposal_endorsements", sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_proposal_endorsements_declined_with_reason"),
        "proposal_endorsements",
        "declined_at IS NULL OR (declined_for <> '' AND confirmed_at IS NULL)",
    )
    _lead_mfbm()
    _lead_desks()


def _lead_mfbm() -> None:
    """MFBM is asked from the transmittal on, until the proposal goes back, becomes law or is rejected."""
    define(
        "lead_mfbm()",
        "lead_mfbm()",
        f"""
        RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            UPDATE office_matters SET title = NEW.title, fiscal_year = NEW.fiscal_year
            WHERE proposal_id = NEW.id AND (title, fiscal_year) IS DISTINCT FROM (NEW.title, NEW.fiscal_year);
            IF NEW.status IN ('transmitted', 'endorsed') THEN
                INSERT INTO office_matters (organization_id, proposal_id, office, fiscal_year, title, asked_on)
                VALUES (NEW.organization_id, NEW.id, 'mfbm', NEW.fiscal_year, NEW.title,
                        coalesce(NEW.transmitted_on, {TODAY}))
                ON CONFLICT (proposal_id, office) DO UPDATE SET asked_on = EXCLUDED.asked_on, done_on = NULL;
            ELSE
                UPDATE office_matters SET done_on = {TODAY}
                WHERE proposal_id = NEW.id AND done_on IS NULL
                  AND (office = 'mfbm' OR NEW.status IN ('rejected', 'cancelled'));
            END IF;
            RETURN NULL;
        END $$
        """,
        callers="",
    )
    op.execute(
        "CREATE TRIGGER lead_mfbm AFTER INSERT OR UPDATE OF status, title, fiscal_year, transmitted_on "
        "ON budget_proposals FOR EACH ROW EXECUTE FUNCTION lead_mfbm()"
    )


def _lead_desks() -> None:
    """A desk is asked with the clock of its endorsement, until the answer is confirmed or declined."""
    define(
        "lead_desk()",
        "lead_desk()",
        f"""
        RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                DELETE FROM office_matters WHERE proposal_id = OLD.proposal_id AND office = OLD.desk;
                RETURN NULL;
            END IF;
            INSERT INTO office_matters
                (organization_id, proposal_id, office, fiscal_year, title, asked_on, due_on, entered_on, done_on)
            SELECT NEW.organization_id, NEW.proposal_id, NEW.desk, proposal.fiscal_year, proposal.title, NEW.asked_on,
                   NEW.due_on, CASE WHEN NEW.reference <> '' THEN {TODAY} END,
                   CASE WHEN coalesce(NEW.confirmed_at, NEW.declined_at) IS NOT NULL THEN {TODAY} END
            FROM budget_proposals proposal WHERE proposal.id = NEW.proposal_id
            ON CONFLICT (proposal_id, office) DO UPDATE SET asked_on = EXCLUDED.asked_on, due_on = EXCLUDED.due_on,
                entered_on = coalesce(office_matters.entered_on, EXCLUDED.entered_on),
                done_on = CASE WHEN EXCLUDED.done_on IS NOT NULL
                               THEN coalesce(office_matters.done_on, EXCLUDED.done_on) END;
            RETURN NULL;
        END $$
        """,
        callers="",
    )
    op.execute(
        "CREATE TRIGGER lead_desk AFTER INSERT OR UPDATE OR DELETE ON proposal_endorsements "
        "FOR EACH ROW EXECUTE FUNCTION lead_desk()"
    )
    op.execute(f"""
        INSERT INTO office_matters
            (organization_id, proposal_id, office, fiscal_year, title, asked_on, due_on, entered_on, done_on)
        SELECT row.organization_id, row.proposal_id, row.desk, proposal.fiscal_year, proposal.title, row.asked_on,
               row.due_on, CASE WHEN row.reference <> '' THEN {TODAY} END, row.confirmed_at::date
        FROM proposal_endorsements row JOIN budget_proposals proposal ON proposal.id = row.proposal_id
        UNION ALL
        SELECT organization_id, id, 'mfbm', fiscal_year, title, transmitted_on, NULL, NULL,
               CASE WHEN status NOT IN ('transmitted', 'endorsed') THEN {TODAY} END
        FROM budget_proposals WHERE transmitted_on IS NOT NULL
    """)


def downgrade() -> None:
    """Everything goes."""
    op.execute("DROP TRIGGER lead_desk ON proposal_endorsements")
    op.execute("DROP FUNCTION lead_desk()")
    op.execute("DROP TRIGGER lead_mfbm ON budget_proposals")
    op.execute("DROP FUNCTION lead_mfbm()")
    op.drop_constraint(op.f("ck_proposal_endorsements_declined_with_reason"), "proposal_endorsements")
    for column in ("declined_at", "declined_label", "declined_for"):
        op.drop_column("proposal_endorsements", column)
    op.drop_table("office_matters")
    op.drop_table("fiscal_years")
