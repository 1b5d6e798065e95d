"""The budget proposal: programs, amounts, line items, compliance, endorsements, decisions; days of object codes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    "compliance_items",
    "budget_proposals",
    "compliance_answers",
    "proposal_endorsements",
    "proposal_programs",
    "proposal_versions",
    "proposal_amounts",
    "proposal_decisions",
    "budget_lines",
    "proposal_indicators",
)


def upgrade() -> None:
    """Ten tables, and what hangs on proposals."""
    op.create_table(
        "compliance_items",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("citation", sa.String(length=200), server_default="", nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("is_hard", sa.Boolean(), nullable=False),
        sa.Column("needs_file", sa.Boolean(), nullable=False),
        sa.Column("from_year", sa.Integer(), nullable=True),
        sa.Column("to_year", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("to_year >= from_year", name=op.f("ck_compliance_items_years")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_items")),
        sa.UniqueConstraint("code", name=op.f("uq_compliance_items_code")),
    )
    op.create_table(
        "budget_proposals",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "annual",
                "supplemental",
                "special",
                name="proposalkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="annual",
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("work_plan_id", sa.BigInteger(), nullable=True),
        sa.Column("no_work_plan_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("legal_source", sa.String(length=300), server_default="", nullable=False),
        sa.Column("sources", postgresql.ARRAY(sa.String(length=40)), server_default="{gaab}", nullable=False),
        sa.Column("nil_sources", postgresql.ARRAY(sa.String(length=40)), server_default="{}", nullable=False),
        sa.Column("other_source", sa.String(length=100), server_default="", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "under_review",
                "for_signature",
                "approved",
                "transmitted",
                "endorsed",
                "enacted",
                "returned",
                "rejected",
                "cancelled",
                name="proposalstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column(
            "resume_status",
            sa.Enum(
                "draft",
                "submitted",
                "under_review",
                "for_signature",
                "approved",
                "transmitted",
                "endorsed",
                "enacted",
                "returned",
                "rejected",
                "cancelled",
                name="resume_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submitted_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.BigInteger(), nullable=True),
        sa.Column("signed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_file_id", sa.BigInteger(), nullable=True),
        sa.Column("transmittal", sa.String(length=100), server_default="", nullable=False),
        sa.Column("transmitted_on", sa.Date(), nullable=True),
        sa.Column("law", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "kind <> 'annual' OR call_id IS NOT NULL", name=op.f("ck_budget_proposals_annual_answers_a_call")
        ),
        sa.CheckConstraint(
            "kind = 'annual' OR (reason <> '' AND legal_source <> '')",
            name=op.f("ck_budget_proposals_reason_of_others"),
        ),
        sa.CheckConstraint(
            "cardinality(sources) > 0 AND nil_sources <@ sources", name=op.f("ck_budget_proposals_sources")
        ),
        sa.CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_budget_proposals_year")),
        sa.CheckConstraint("number > 0", name=op.f("ck_budget_proposals_number")),
        sa.ForeignKeyConstraint(
            ["call_id", "organization_id"],
            ["budget_calls.id", "budget_calls.organization_id"],
            name=op.f("fk_budget_proposals_call_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_budget_proposals_created_by")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_budget_proposals_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_budget_proposals_plan_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["signed_by"], ["users.id"], name=op.f("fk_budget_proposals_signed_by")),
        sa.ForeignKeyConstraint(
            ["signed_file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_budget_proposals_signed_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_budget_proposals_submitted_by")),
        sa.ForeignKeyConstraint(
            ["work_plan_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_budget_proposals_work_plan_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_proposals")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_budget_proposals_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "fiscal_year",
            "kind",
            "number",
            name=op.f("uq_budget_proposals_organization_id_fiscal_year_kind_number"),
        ),
    )
    op.create_index(op.f("ix_budget_proposals_call_id"), "budget_proposals", ["call_id"], unique=False)
    op.create_index(op.f("ix_budget_proposals_organization_id"), "budget_proposals", ["organization_id"], unique=False)
    op.create_index(
        "uq_budget_proposals_live_annual",
        "budget_proposals",
        ["organization_id", "fiscal_year"],
        unique=True,
        postgresql_where=sa.text("kind = 'annual' AND status NOT IN ('rejected', 'cancelled')"),
    )
    op.create_table(
        "compliance_answers",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "met", "not_met", "not_applicable", name="answer", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "answer <> 'not_applicable' OR note <> ''", name=op.f("ck_compliance_answers_reason_why_not")
        ),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_compliance_answers_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_compliance_answers_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_compliance_answers_proposal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_answers")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_compliance_answers_id_organization_id")),
        sa.UniqueConstraint("proposal_id", "code", name=op.f("uq_compliance_answers_proposal_id_code")),
    )
    op.create_index(
        op.f("ix_compliance_answers_organization_id"), "compliance_answers", ["organization_id"], unique=False
    )
    op.create_table(
        "proposal_endorsements",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "desk",
            sa.Enum(
                "bpda",
                "mpw",
                "menre",
                "bicto",
                "bwc",
                name="desk",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("reference", sa.String(length=100), server_default="", nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR (reference <> '' AND issued_on IS NOT NULL AND file_id IS NOT NULL)",
            name=op.f("ck_proposal_endorsements_confirmed_with_instrument"),
        ),
        sa.CheckConstraint("confirmed_by <> entered_by", name=op.f("ck_proposal_endorsements_two_persons")),
        sa.CheckConstraint("due_on >= asked_on", name=op.f("ck_proposal_endorsements_days")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_proposal_endorsements_confirmed_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_proposal_endorsements_entered_by")),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_proposal_endorsements_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_proposal_endorsements_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_proposal_endorsements_proposal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_endorsements")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_proposal_endorsements_id_organization_id")),
        sa.UniqueConstraint("proposal_id", "desk", name=op.f("uq_proposal_endorsements_proposal_id_desk")),
    )
    op.create_index(
        op.f("ix_proposal_endorsements_organization_id"), "proposal_endorsements", ["organization_id"], unique=False
    )
    op.create_table(
        "proposal_programs",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("thrust", sa.Text(), server_default="", nullable=False),
        sa.Column("expected_result", sa.Text(), server_default="", nullable=False),
        sa.Column("change_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("goal_id", sa.BigInteger(), nullable=True),
        sa.Column("alignment_code_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["alignment_code_id"], ["alignment_codes.id"], name=op.f("fk_proposal_programs_alignment_code_id")
        ),
        sa.ForeignKeyConstraint(
            ["goal_id", "organization_id"],
            ["strategic_goals.id", "strategic_goals.organization_id"],
            name=op.f("fk_proposal_programs_goal_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_proposal_programs_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "organization_id"],
            ["programs.id", "programs.organization_id"],
            name=op.f("fk_proposal_programs_program_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_proposal_programs_proposal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_programs")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_proposal_programs_id_organization_id")),
        sa.UniqueConstraint(
            "proposal_id",
            "ordinal",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_proposal_programs_proposal_id_ordinal"),
        ),
        sa.UniqueConstraint("proposal_id", "program_id", name=op.f("uq_proposal_programs_proposal_id_program_id")),
    )
    op.create_index(
        op.f("ix_proposal_programs_organization_id"), "proposal_programs", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_proposal_programs_program_id"), "proposal_programs", ["program_id"], unique=False)
    op.create_table(
        "proposal_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_proposal_versions_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_proposal_versions_proposal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_versions")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_proposal_versions_id_organization_id")),
        sa.UniqueConstraint("proposal_id", "number", name=op.f("uq_proposal_versions_proposal_id_number")),
    )
    op.create_index(
        op.f("ix_proposal_versions_organization_id"), "proposal_versions", ["organization_id"], unique=False
    )
    op.create_table(
        "proposal_amounts",
        sa.Column("proposal_program_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "expense_class",
            sa.Enum(
                "PS", "MOOE", "CO", "FinEx", name="expenseclass", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("previous_actual", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("planning_figure", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("recommended", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("approved", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "least(previous_actual, planning_figure, recommended, approved) >= 0",
            name=op.f("ck_proposal_amounts_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_proposal_amounts_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_program_id", "organization_id"],
            ["proposal_programs.id", "proposal_programs.organization_id"],
            name=op.f("fk_proposal_amounts_proposal_program_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_amounts")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_proposal_amounts_id_organization_id")),
        sa.UniqueConstraint(
            "proposal_program_id", "expense_class", name=op.f("uq_proposal_amounts_proposal_program_id_expense_class")
        ),
    )
    op.create_index(op.f("ix_proposal_amounts_organization_id"), "proposal_amounts", ["organization_id"], unique=False)
    op.create_table(
        "proposal_decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "draft",
                "submitted",
                "under_review",
                "for_signature",
                "approved",
                "transmitted",
                "endorsed",
                "enacted",
                "returned",
                "rejected",
                "cancelled",
                name="before",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "draft",
                "submitted",
                "under_review",
                "for_signature",
                "approved",
                "transmitted",
                "endorsed",
                "enacted",
                "returned",
                "rejected",
                "cancelled",
                name="after",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_label", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_proposal_decisions_actor_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_proposal_decisions_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_proposal_decisions_proposal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id", "organization_id"],
            ["proposal_versions.id", "proposal_versions.organization_id"],
            name=op.f("fk_proposal_decisions_version_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_decisions")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_proposal_decisions_id_organization_id")),
    )
    op.create_index(
        op.f("ix_proposal_decisions_organization_id"), "proposal_decisions", ["organization_id"], unique=False
    )
    op.create_index("ix_proposal_decisions_proposal", "proposal_decisions", ["proposal_id", "id"], unique=False)
    op.create_table(
        "budget_lines",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_program_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("work_item_id", sa.BigInteger(), nullable=True),
        sa.Column("object_code", sa.String(length=10), nullable=False),
        sa.Column(
            "expense_class",
            sa.Enum(
                "PS", "MOOE", "CO", "FinEx", name="expenseclass", native_enum=False, create_constraint=True, length=40
            ),
            sa.Computed(
                "CASE substr(object_code, 2, 2) WHEN '01' THEN 'PS' WHEN '02' THEN 'MOOE' WHEN '03' THEN 'FinEx' ELSE 'CO' END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("unit_cost", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column(
            "amount",
            sa.Numeric(precision=18, scale=2),
            sa.Computed("round(quantity * unit_cost, 2)", persisted=True),
            nullable=False,
        ),
        sa.Column("q1", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("q2", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("q3", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("q4", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("place_psgc", sa.String(length=10), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "gaab",
                "supplemental",
                "contingent_fund",
                "sdf",
                "tdif",
                "mp_allocation",
                "national",
                "local",
                "grant",
                "other",
                name="fundingsource",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="gaab",
            nullable=False,
        ),
        sa.Column("gad_percent", sa.Numeric(precision=5, scale=2), server_default="0", nullable=False),
        sa.Column(
            "climate",
            sa.Enum(
                "adaptation", "mitigation", name="climatetag", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column(
            "sphere",
            sa.Enum(
                "infrastructure",
                "environment",
                "ict",
                name="sphere",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "tier",
            sa.Enum("within", "above", name="tier", native_enum=False, create_constraint=True, length=40),
            server_default="within",
            nullable=False,
        ),
        sa.Column(
            "procurement",
            sa.Enum(
                "competitive_bidding",
                "limited_source",
                "direct_contracting",
                "repeat_order",
                "small_value",
                "negotiated",
                "by_administration",
                name="procurement",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("justification", sa.Text(), server_default="", nullable=False),
        sa.Column("price_references", sa.Text(), server_default="", nullable=False),
        sa.Column("procurement_entry", sa.String(length=200), server_default="", nullable=False),
        sa.Column("is_not_itemised", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "substr(object_code, 1, 3) IN ('501', '502', '503', '506')", name=op.f("ck_budget_lines_object_of_budgets")
        ),
        sa.CheckConstraint("amount > 0 AND amount <= 999999999999999.99", name=op.f("ck_budget_lines_amount")),
        sa.CheckConstraint("gad_percent BETWEEN 0 AND 100", name=op.f("ck_budget_lines_gad")),
        sa.CheckConstraint(
            "least(q1, q2, q3, q4) >= 0 AND q1 + q2 + q3 + q4 = amount", name=op.f("ck_budget_lines_quarters")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_budget_lines_quantity")),
        sa.CheckConstraint("unit_cost >= 0.01", name=op.f("ck_budget_lines_unit_cost")),
        sa.ForeignKeyConstraint(["object_code"], ["object_codes.code"], name=op.f("fk_budget_lines_object_code")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_budget_lines_organization_id")
        ),
        sa.ForeignKeyConstraint(["place_psgc"], ["places.psgc"], name=op.f("fk_budget_lines_place_psgc")),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_budget_lines_proposal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["proposal_program_id", "organization_id"],
            ["proposal_programs.id", "proposal_programs.organization_id"],
            name=op.f("fk_budget_lines_proposal_program_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_budget_lines_work_item_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_lines")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_budget_lines_id_organization_id")),
        sa.UniqueConstraint(
            "proposal_program_id",
            "ordinal",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_budget_lines_proposal_program_id_ordinal"),
        ),
    )
    op.create_index(op.f("ix_budget_lines_organization_id"), "budget_lines", ["organization_id"], unique=False)
    op.create_index(
        "ix_budget_lines_proposal_id",
        "budget_lines",
        ["proposal_id", "proposal_program_id", "expense_class"],
        unique=False,
    )
    op.create_table(
        "proposal_indicators",
        sa.Column("proposal_program_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_id", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id", "organization_id"],
            ["indicators.id", "indicators.organization_id"],
            name=op.f("fk_proposal_indicators_indicator_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_proposal_indicators_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_program_id", "organization_id"],
            ["proposal_programs.id", "proposal_programs.organization_id"],
            name=op.f("fk_proposal_indicators_proposal_program_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_indicators")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_proposal_indicators_id_organization_id")),
        sa.UniqueConstraint(
            "proposal_program_id", "indicator_id", name=op.f("uq_proposal_indicators_proposal_program_id_indicator_id")
        ),
    )
    op.create_index(op.f("ix_proposal_indicators_indicator_id"), "proposal_indicators", ["indicator_id"], unique=False)
    op.create_index(
        op.f("ix_proposal_indicators_organization_id"), "proposal_indicators", ["organization_id"], unique=False
    )
    op.add_column("attachments", sa.Column("proposal_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_attachments_proposal", "attachments", ["proposal_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_attachments_proposal_id_organization_id"),
        "attachments",
        "budget_proposals",
        ["proposal_id", "organization_id"],
        ["id", "organization_id"],
        ondelete="CASCADE",
    )
    op.add_column("comments", sa.Column("proposal_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_comments_proposal", "comments", ["proposal_id", "id"], unique=False)
    op.create_foreign_key(
        op.f("fk_comments_proposal_id_organization_id"),
        "comments",
        "budget_proposals",
        ["proposal_id", "organization_id"],
        ["id", "organization_id"],
        ondelete="CASCADE",
    )
    op.add_column("object_codes", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("object_codes", sa.Column("valid_to", sa.Date(), nullable=True))
    op.create_check_constraint(op.f("ck_object_codes_days"), "object_codes", "valid_to >= valid_from")

    for table in ("comments", "attachments"):
        _hang_on(table, "plan_id, work_plan_id, work_item_id, proposal_id")


def _hang_on(table: str, columns: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_one_subject"), table)
    op.create_check_constraint(op.f(f"ck_{table}_one_subject"), table, f"num_nonnulls({columns}) = 1")


def downgrade() -> None:
    """Everything goes."""
    for table in ("comments", "attachments"):
        op.execute(f"DELETE FROM {table} WHERE proposal_id IS NOT NULL")
        _hang_on(table, "plan_id, work_plan_id, work_item_id")
        op.drop_column(table, "proposal_id")
    op.drop_constraint(op.f("ck_object_codes_days"), "object_codes")
    for column in ("valid_from", "valid_to"):
        op.drop_column("object_codes", column)
    for table in reversed(TABLES):
        op.drop_table(table)
