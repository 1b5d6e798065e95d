"""The tables of planning, and of what all later modules stand on: drafts, comments, files, notices, documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lists, programs, plans, work plans, indicators."""
    op.create_table(
        "alignment_lists",
        sa.Column(
            "kind",
            sa.Enum(
                "development_plan",
                "priority_agenda",
                "sdg",
                "other",
                name="alignmentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("is_official", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alignment_lists")),
        sa.UniqueConstraint("kind", "year", name=op.f("uq_alignment_lists_kind_year")),
    )
    op.create_table(
        "themes",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
        sa.UniqueConstraint("code", name=op.f("uq_themes_code")),
    )
    op.create_table(
        "units_of_measure",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("counts_people", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units_of_measure")),
    )
    op.create_index("uq_units_of_measure_name", "units_of_measure", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "alignment_codes",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["alignment_lists.id"], name=op.f("fk_alignment_codes_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alignment_codes")),
        sa.UniqueConstraint("list_id", "code", name=op.f("uq_alignment_codes_list_id_code")),
    )
    op.create_table(
        "drafts",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("form_key", sa.String(length=200), nullable=False),
        sa.Column("label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_drafts_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_drafts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_drafts_id_organization_id")),
        sa.UniqueConstraint(
            "user_id", "organization_id", "form_key", name=op.f("uq_drafts_user_id_organization_id_form_key")
        ),
    )
    op.create_index(op.f("ix_drafts_organization_id"), "drafts", ["organization_id"], unique=False)
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"], unique=False)
    op.create_table(
        "programs",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("uacs_pap", sa.String(length=15), server_default="", nullable=False),
        sa.Column(
            "cost_structure",
            sa.Enum(
                "gas", "sto", "operations", name="coststructure", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "outcome",
                "program",
                "sub_program",
                name="programlevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("normal_title", sa.String(length=300), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "sector",
            sa.Enum(
                "economic",
                "social",
                "infrastructure",
                "environment",
                "governance",
                "peace",
                name="sector",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("active_from", sa.Integer(), nullable=True),
        sa.Column("active_to", sa.Integer(), nullable=True),
        sa.Column("same_as_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "cost_structure = 'operations' OR level <> 'outcome'", name=op.f("ck_programs_outcomes_in_operations")
        ),
        sa.CheckConstraint("active_to >= active_from", name=op.f("ck_programs_years")),
        sa.CheckConstraint("parent_id <> id AND same_as_id <> id", name=op.f("ck_programs_not_itself")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_programs_organization_id")),
        sa.ForeignKeyConstraint(
            ["parent_id", "organization_id"],
            ["programs.id", "programs.organization_id"],
            name=op.f("fk_programs_parent_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["same_as_id", "organization_id"],
            ["programs.id", "programs.organization_id"],
            name=op.f("fk_programs_same_as_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programs")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_programs_id_organization_id")),
        sa.UniqueConstraint("organization_id", "code", name=op.f("uq_programs_organization_id_code")),
    )
    op.create_index(op.f("ix_programs_organization_id"), "programs", ["organization_id"], unique=False)
    op.create_index(
        "uq_programs_title",
        "programs",
        ["organization_id", "cost_structure", "level", "parent_id", "normal_title"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "sent_forms",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_sent_forms_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sent_forms_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_forms")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_sent_forms_id_organization_id")),
        sa.UniqueConstraint(
            "user_id", "organization_id", "key", name=op.f("uq_sent_forms_user_id_organization_id_key")
        ),
    )
    op.create_index(op.f("ix_sent_forms_organization_id"), "sent_forms", ["organization_id"], unique=False)
    op.create_index("ix_sent_forms_sent_at", "sent_forms", ["sent_at"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("endpoint", sa.String(length=80), server_default="", nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("once", sa.String(length=120), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_notifications_membership_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_notifications_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_notifications_id_organization_id")),
    )
    op.create_index("ix_notifications_membership", "notifications", ["membership_id", "id"], unique=False)
    op.create_index(op.f("ix_notifications_organization_id"), "notifications", ["organization_id"], unique=False)
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["membership_id", "id"],
        unique=False,
        postgresql_where="read_at IS NULL",
    )
    op.create_index(
        "uq_notifications_once", "notifications", ["membership_id", "once"], unique=True, postgresql_where="once <> ''"
    )
    op.create_table(
        "strategic_plans",
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("start_year", sa.Integer(), nullable=False),
        sa.Column("end_year", sa.Integer(), nullable=False),
        sa.Column("vision", sa.Text(), server_default="", nullable=False),
        sa.Column("mission", sa.Text(), server_default="", nullable=False),
        sa.Column("narrative", sa.Text(), server_default="", nullable=False),
        sa.Column("span_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("lead_officer_id", sa.BigInteger(), nullable=True),
        sa.Column("lead_unit_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "approved",
                "active",
                "completed",
                "archived",
                name="planstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("revises_id", sa.BigInteger(), nullable=True),
        sa.Column("revision_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("revision_summary", sa.Text(), server_default="", nullable=False),
        sa.Column("revision_impact", sa.Text(), server_default="", nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("progress", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(organization_id, organization_id, '[]')"), "&&"),
            (sa.text("int4range(start_year, end_year, '[]')"), "&&"),
            where=sa.text("status = 'active'"),
            using="gist",
            name="one_active_plan_a_year",
        ),
        sa.CheckConstraint("revises_id <> id", name=op.f("ck_strategic_plans_own_revision")),
        sa.CheckConstraint(
            "start_year >= 2020 AND end_year >= start_year AND end_year - start_year < 10",
            name=op.f("ck_strategic_plans_years"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_strategic_plans_created_by")),
        sa.ForeignKeyConstraint(
            ["lead_officer_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_strategic_plans_lead_officer_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_unit_id", "organization_id"],
            ["units.id", "units.organization_id"],
            name=op.f("fk_strategic_plans_lead_unit_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_strategic_plans_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["revises_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_strategic_plans_revises_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_strategic_plans_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategic_plans")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_strategic_plans_id_organization_id")),
    )
    op.create_index(op.f("ix_strategic_plans_organization_id"), "strategic_plans", ["organization_id"], unique=False)
    op.create_index(
        "uq_strategic_plans_one_revision",
        "strategic_plans",
        ["revises_id"],
        unique=True,
        postgresql_where=sa.text("revises_id IS NOT NULL AND status IN ('draft', 'submitted', 'returned')"),
    )
    op.create_index(
        "uq_strategic_plans_title",
        "strategic_plans",
        ["organization_id", sa.literal_column("lower(title)")],
        unique=True,
        postgresql_where=sa.text("status <> 'archived' AND (revises_id IS NULL OR status IN ('active', 'completed'))"),
    )
    op.create_table(
        "annual_work_plans",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("narrative", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "approved",
                "active",
                "completed",
                "archived",
                name="planstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("revises_id", sa.BigInteger(), nullable=True),
        sa.Column("revision_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("revision_summary", sa.Text(), server_default="", nullable=False),
        sa.Column("revision_impact", sa.Text(), server_default="", nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("last_number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("progress", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_annual_work_plans_year")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_annual_work_plans_created_by")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_annual_work_plans_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_annual_work_plans_plan_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revises_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_annual_work_plans_revises_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_annual_work_plans_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_work_plans")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_annual_work_plans_id_organization_id")),
    )
    op.create_index(
        op.f("ix_annual_work_plans_organization_id"), "annual_work_plans", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_annual_work_plans_plan_id"), "annual_work_plans", ["plan_id"], unique=False)
    op.create_index(
        "uq_annual_work_plans_one_revision",
        "annual_work_plans",
        ["revises_id"],
        unique=True,
        postgresql_where=sa.text("revises_id IS NOT NULL AND status IN ('draft', 'submitted', 'returned')"),
    )
    op.create_index(
        "uq_annual_work_plans_year",
        "annual_work_plans",
        ["organization_id", "fiscal_year"],
        unique=True,
        postgresql_where=sa.text("status <> 'archived' AND (revises_id IS NULL OR status IN ('active', 'completed'))"),
    )
    op.create_table(
        "plan_alignments",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["alignment_codes.id"], name=op.f("fk_plan_alignments_code_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_plan_alignments_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_plan_alignments_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_alignments")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_plan_alignments_id_organization_id")),
        sa.UniqueConstraint("plan_id", "code_id", name=op.f("uq_plan_alignments_plan_id_code_id")),
    )
    op.create_index(op.f("ix_plan_alignments_organization_id"), "plan_alignments", ["organization_id"], unique=False)
    op.create_table(
        "plan_themes",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("theme_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_plan_themes_organization_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_plan_themes_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_plan_themes_theme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_themes")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_plan_themes_id_organization_id")),
        sa.UniqueConstraint("plan_id", "theme_id", name=op.f("uq_plan_themes_plan_id_theme_id")),
    )
    op.create_index(op.f("ix_plan_themes_organization_id"), "plan_themes", ["organization_id"], unique=False)
    op.create_table(
        "strategic_goals",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("statement", sa.Text(), server_default="", nullable=False),
        sa.Column("focus_area", sa.String(length=100), server_default="", nullable=False),
        sa.Column(
            "sector",
            sa.Enum(
                "economic",
                "social",
                "infrastructure",
                "environment",
                "governance",
                "peace",
                name="sector",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("theme_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum(
                "critical",
                "high",
                "medium",
                "low",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="medium",
            nullable=False,
        ),
        sa.Column("weight", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("target_year", sa.Integer(), nullable=True),
        sa.Column("lead_unit_id", sa.BigInteger(), nullable=True),
        sa.Column("revises_id", sa.BigInteger(), nullable=True),
        sa.Column("progress", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("weight > 0 AND weight <= 100", name=op.f("ck_strategic_goals_weight")),
        sa.ForeignKeyConstraint(
            ["lead_unit_id", "organization_id"],
            ["units.id", "units.organization_id"],
            name=op.f("fk_strategic_goals_lead_unit_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_strategic_goals_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_strategic_goals_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["revises_id", "organization_id"],
            ["strategic_goals.id", "strategic_goals.organization_id"],
            name=op.f("fk_strategic_goals_revises_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_strategic_goals_theme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategic_goals")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_strategic_goals_id_organization_id")),
        sa.UniqueConstraint(
            "plan_id", "ordinal", deferrable=True, initially="DEFERRED", name=op.f("uq_strategic_goals_plan_id_ordinal")
        ),
    )
    op.create_index(op.f("ix_strategic_goals_organization_id"), "strategic_goals", ["organization_id"], unique=False)
    op.create_index(op.f("ix_strategic_goals_plan_id"), "strategic_goals", ["plan_id"], unique=False)
    op.create_table(
        "documents",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("work_plan_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_by_label", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("num_nonnulls(plan_id, work_plan_id) = 1", name=op.f("ck_documents_one_subject")),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_documents_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_documents_made_by")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_documents_organization_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_documents_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_plan_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_documents_work_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_documents_id_organization_id")),
    )
    op.create_index(op.f("ix_documents_organization_id"), "documents", ["organization_id"], unique=False)
    op.create_index("ix_documents_plan", "documents", ["plan_id", "id"], unique=False)
    op.create_index("ix_documents_work_plan", "documents", ["work_plan_id", "id"], unique=False)
    op.create_index("uq_documents_code", "documents", ["code"], unique=True)
    op.create_table(
        "plan_decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("work_plan_id", sa.BigInteger(), nullable=True),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "approved",
                "active",
                "completed",
                "archived",
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
                "returned",
                "approved",
                "active",
                "completed",
                "archived",
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
        sa.CheckConstraint("num_nonnulls(plan_id, work_plan_id) = 1", name=op.f("ck_plan_decisions_one_subject")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_plan_decisions_actor_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_plan_decisions_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_plan_decisions_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_plan_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_plan_decisions_work_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_decisions")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_plan_decisions_id_organization_id")),
    )
    op.create_index(op.f("ix_plan_decisions_organization_id"), "plan_decisions", ["organization_id"], unique=False)
    op.create_index("ix_plan_decisions_plan", "plan_decisions", ["plan_id", "id"], unique=False)
    op.create_index("ix_plan_decisions_work_plan", "plan_decisions", ["work_plan_id", "id"], unique=False)
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("work_plan_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_by_label", sa.String(length=200), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instrument", sa.String(length=200), server_default="", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("num_nonnulls(plan_id, work_plan_id) = 1", name=op.f("ck_plan_versions_one_subject")),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name=op.f("fk_plan_versions_approved_by")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_plan_versions_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_plan_versions_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_plan_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_plan_versions_work_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_plan_versions_id_organization_id")),
    )
    op.create_index(op.f("ix_plan_versions_organization_id"), "plan_versions", ["organization_id"], unique=False)
    op.create_index("uq_plan_versions_plan", "plan_versions", ["plan_id", "number"], unique=True)
    op.create_index("uq_plan_versions_work_plan", "plan_versions", ["work_plan_id", "number"], unique=True)
    op.create_table(
        "strategic_objectives",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("goal_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("statement", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "priority",
            sa.Enum(
                "critical",
                "high",
                "medium",
                "low",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="medium",
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("weight", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "completed",
                "deferred",
                "cancelled",
                name="objectivestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="open",
            nullable=False,
        ),
        sa.Column("close_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("revises_id", sa.BigInteger(), nullable=True),
        sa.Column("progress", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("target_on >= starts_on", name=op.f("ck_strategic_objectives_dates")),
        sa.CheckConstraint("weight > 0 AND weight <= 100", name=op.f("ck_strategic_objectives_weight")),
        sa.ForeignKeyConstraint(
            ["goal_id", "organization_id"],
            ["strategic_goals.id", "strategic_goals.organization_id"],
            name=op.f("fk_strategic_objectives_goal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_strategic_objectives_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_strategic_objectives_owner_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_strategic_objectives_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["revises_id", "organization_id"],
            ["strategic_objectives.id", "strategic_objectives.organization_id"],
            name=op.f("fk_strategic_objectives_revises_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id", "organization_id"],
            ["units.id", "units.organization_id"],
            name=op.f("fk_strategic_objectives_unit_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategic_objectives")),
        sa.UniqueConstraint(
            "goal_id",
            "ordinal",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_strategic_objectives_goal_id_ordinal"),
        ),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_strategic_objectives_id_organization_id")),
    )
    op.create_index(
        op.f("ix_strategic_objectives_organization_id"), "strategic_objectives", ["organization_id"], unique=False
    )
    op.create_index(
        "uq_strategic_objectives_title",
        "strategic_objectives",
        ["plan_id", sa.literal_column("lower(title)")],
        unique=True,
    )
    op.create_table(
        "annual_objectives",
        sa.Column("work_plan_id", sa.BigInteger(), nullable=False),
        sa.Column("objective_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("q1", sa.Text(), server_default="", nullable=False),
        sa.Column("q2", sa.Text(), server_default="", nullable=False),
        sa.Column("q3", sa.Text(), server_default="", nullable=False),
        sa.Column("q4", sa.Text(), server_default="", nullable=False),
        sa.Column("weight", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("revises_id", sa.BigInteger(), nullable=True),
        sa.Column("progress", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("weight > 0 AND weight <= 100", name=op.f("ck_annual_objectives_weight")),
        sa.ForeignKeyConstraint(
            ["objective_id", "organization_id"],
            ["strategic_objectives.id", "strategic_objectives.organization_id"],
            name=op.f("fk_annual_objectives_objective_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_annual_objectives_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_annual_objectives_owner_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revises_id", "organization_id"],
            ["annual_objectives.id", "annual_objectives.organization_id"],
            name=op.f("fk_annual_objectives_revises_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["work_plan_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_annual_objectives_work_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_objectives")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_annual_objectives_id_organization_id")),
        sa.UniqueConstraint(
            "work_plan_id",
            "ordinal",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_annual_objectives_work_plan_id_ordinal"),
        ),
    )
    op.create_index(op.f("ix_annual_objectives_objective_id"), "annual_objectives", ["objective_id"], unique=False)
    op.create_index(
        op.f("ix_annual_objectives_organization_id"), "annual_objectives", ["organization_id"], unique=False
    )
    op.create_table(
        "objective_risks",
        sa.Column("objective_id", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "likelihood",
            sa.Enum("low", "medium", "high", name="likelihood", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "impact",
            sa.Enum("low", "medium", "high", name="impact", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("mitigation", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["objective_id", "organization_id"],
            ["strategic_objectives.id", "strategic_objectives.organization_id"],
            name=op.f("fk_objective_risks_objective_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_objective_risks_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_objective_risks_owner_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objective_risks")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_objective_risks_id_organization_id")),
    )
    op.create_index(op.f("ix_objective_risks_objective_id"), "objective_risks", ["objective_id"], unique=False)
    op.create_index(op.f("ix_objective_risks_organization_id"), "objective_risks", ["organization_id"], unique=False)
    op.create_table(
        "work_items",
        sa.Column("work_plan_id", sa.BigInteger(), nullable=False),
        sa.Column("annual_objective_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("ordinal", sa.Integer(), server_default="0", nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "project",
                "activity",
                "task",
                "milestone",
                name="itemkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("is_multi_year", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("has_children", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("progress", sa.Numeric(precision=5, scale=2), server_default="0", nullable=False),
        sa.Column("progressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "not_started",
                "in_progress",
                "blocked",
                "completed",
                "deferred",
                "cancelled",
                name="itemstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="not_started",
            nullable=False,
        ),
        sa.Column("status_reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "priority",
            sa.Enum(
                "critical",
                "high",
                "medium",
                "low",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="medium",
            nullable=False,
        ),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("planned_cost", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("beneficiaries", sa.Integer(), nullable=True),
        sa.Column("female", sa.Integer(), nullable=True),
        sa.Column("male", sa.Integer(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.String(length=20)), server_default="{}", nullable=False),
        sa.Column("on_calendar", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("carried_from_id", sa.BigInteger(), nullable=True),
        sa.Column("revises_id", sa.BigInteger(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(kind = 'project') <= (parent_id IS NULL)", name=op.f("ck_work_items_projects_at_the_top")),
        sa.CheckConstraint(
            "(kind IN ('task', 'milestone')) <= (parent_id IS NOT NULL)", name=op.f("ck_work_items_tasks_below")
        ),
        sa.CheckConstraint("kind <> 'milestone' OR starts_on = ends_on", name=op.f("ck_work_items_milestone_is_a_day")),
        sa.CheckConstraint("status <> 'completed' OR progress = 100", name=op.f("ck_work_items_completed_is_all")),
        sa.CheckConstraint("status <> 'not_started' OR progress = 0", name=op.f("ck_work_items_not_started_is_zero")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_work_items_dates")),
        sa.CheckConstraint("female + male <= beneficiaries", name=op.f("ck_work_items_beneficiaries")),
        sa.CheckConstraint("finished_on >= started_on", name=op.f("ck_work_items_actual_dates")),
        sa.CheckConstraint("least(beneficiaries, female, male) >= 0", name=op.f("ck_work_items_no_negative_people")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_work_items_own_parent")),
        sa.CheckConstraint("planned_cost >= 0", name=op.f("ck_work_items_cost")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_work_items_progress")),
        sa.ForeignKeyConstraint(
            ["annual_objective_id", "organization_id"],
            ["annual_objectives.id", "annual_objectives.organization_id"],
            name=op.f("fk_work_items_annual_objective_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["carried_from_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_work_items_carried_from_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["officer_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_work_items_officer_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_work_items_organization_id")),
        sa.ForeignKeyConstraint(
            ["parent_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_work_items_parent_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "organization_id"],
            ["programs.id", "programs.organization_id"],
            name=op.f("fk_work_items_program_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revises_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_work_items_revises_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id", "organization_id"],
            ["units.id", "units.organization_id"],
            name=op.f("fk_work_items_unit_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["work_plan_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_work_items_work_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_items")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_work_items_id_organization_id")),
    )
    op.create_index("ix_work_items_officer", "work_items", ["officer_id", "ends_on"], unique=False)
    op.create_index(op.f("ix_work_items_organization_id"), "work_items", ["organization_id"], unique=False)
    op.create_index("ix_work_items_parent", "work_items", ["parent_id"], unique=False)
    op.create_index("ix_work_items_plan_ends", "work_items", ["work_plan_id", "ends_on"], unique=False)
    op.create_index(op.f("ix_work_items_program_id"), "work_items", ["program_id"], unique=False)
    op.create_index("ix_work_items_tree", "work_items", ["annual_objective_id", "parent_id", "ordinal"], unique=False)
    op.create_index(
        "uq_work_items_code",
        "work_items",
        ["organization_id", "code"],
        unique=True,
        postgresql_where=sa.text("revises_id IS NULL"),
    )
    op.create_table(
        "attachments",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("work_plan_id", sa.BigInteger(), nullable=True),
        sa.Column("work_item_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "category",
            sa.Enum(
                "mandate",
                "instrument",
                "technical",
                "evidence",
                "other",
                name="filecategory",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="other",
            nullable=False,
        ),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("uploader_id", sa.BigInteger(), nullable=True),
        sa.Column("uploader_label", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(plan_id, work_plan_id, work_item_id) = 1", name=op.f("ck_attachments_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_attachments_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_attachments_organization_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_attachments_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["uploader_id"], ["users.id"], name=op.f("fk_attachments_uploader_id")),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_attachments_work_item_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_plan_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_attachments_work_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_attachments_id_organization_id")),
    )
    op.create_index(op.f("ix_attachments_organization_id"), "attachments", ["organization_id"], unique=False)
    op.create_index("ix_attachments_plan", "attachments", ["plan_id"], unique=False)
    op.create_index("ix_attachments_work_item", "attachments", ["work_item_id"], unique=False)
    op.create_index("ix_attachments_work_plan", "attachments", ["work_plan_id"], unique=False)
    op.create_index("uq_attachments_file", "attachments", ["file_id"], unique=True)
    op.create_table(
        "comments",
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("work_plan_id", sa.BigInteger(), nullable=True),
        sa.Column("work_item_id", sa.BigInteger(), nullable=True),
        sa.Column("section", sa.String(length=40), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("author_label", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(plan_id, work_plan_id, work_item_id) = 1", name=op.f("ck_comments_one_subject")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_comments_author_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_comments_organization_id")),
        sa.ForeignKeyConstraint(
            ["plan_id", "organization_id"],
            ["strategic_plans.id", "strategic_plans.organization_id"],
            name=op.f("fk_comments_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_comments_work_item_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_plan_id", "organization_id"],
            ["annual_work_plans.id", "annual_work_plans.organization_id"],
            name=op.f("fk_comments_work_plan_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_comments_id_organization_id")),
    )
    op.create_index(op.f("ix_comments_organization_id"), "comments", ["organization_id"], unique=False)
    op.create_index("ix_comments_plan", "comments", ["plan_id", "id"], unique=False)
    op.create_index("ix_comments_work_item", "comments", ["work_item_id", "id"], unique=False)
    op.create_index("ix_comments_work_plan", "comments", ["work_plan_id", "id"], unique=False)
    op.create_table(
        "indicators",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("definition", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "input",
                "activity",
                "output",
                "outcome",
                "impact",
                name="indicatorlevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "measure",
            sa.Enum(
                "count",
                "amount",
                "percentage",
                "ratio",
                "score",
                "yes_no",
                "milestone",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="count",
            nullable=False,
        ),
        sa.Column("unit_of_measure_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "direction",
            sa.Enum(
                "increase",
                "decrease",
                "maintain",
                "achieve",
                name="direction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="increase",
            nullable=False,
        ),
        sa.Column(
            "accumulation",
            sa.Enum(
                "cumulative",
                "additive",
                "snapshot",
                "average",
                name="accumulation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="cumulative",
            nullable=False,
        ),
        sa.Column(
            "frequency",
            sa.Enum(
                "monthly",
                "quarterly",
                "semestral",
                "annual",
                "at_completion",
                name="frequency",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="quarterly",
            nullable=False,
        ),
        sa.Column("numerator_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("denominator_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("baseline", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("baseline_year", sa.Integer(), nullable=True),
        sa.Column("baseline_source", sa.String(length=300), server_default="", nullable=False),
        sa.Column("baseline_pending", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("baseline_due_on", sa.Date(), nullable=True),
        sa.Column("end_target", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("tolerance", sa.Numeric(precision=18, scale=4), server_default="0", nullable=False),
        sa.Column("may_exceed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("green", sa.Numeric(precision=5, scale=2), server_default="90", nullable=False),
        sa.Column("amber", sa.Numeric(precision=5, scale=2), server_default="70", nullable=False),
        sa.Column("breakdown", postgresql.ARRAY(sa.String(length=20)), server_default="{}", nullable=False),
        sa.Column("source", sa.String(length=300), server_default="", nullable=False),
        sa.Column("method", sa.Text(), server_default="", nullable=False),
        sa.Column("kept_at", sa.String(length=200), server_default="", nullable=False),
        sa.Column("assumptions", sa.Text(), server_default="", nullable=False),
        sa.Column("sdg", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("verifier_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "active",
                "retired",
                name="indicatorstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("goal_id", sa.BigInteger(), nullable=True),
        sa.Column("objective_id", sa.BigInteger(), nullable=True),
        sa.Column("annual_objective_id", sa.BigInteger(), nullable=True),
        sa.Column("program_id", sa.BigInteger(), nullable=True),
        sa.Column("work_item_id", sa.BigInteger(), nullable=True),
        sa.Column("revises_id", sa.BigInteger(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "direction NOT IN ('increase', 'decrease') OR baseline IS NULL OR end_target IS NULL OR (direction = 'increase' AND end_target > baseline) OR (direction = 'decrease' AND end_target < baseline)",
            name=op.f("ck_indicators_target_fits_direction"),
        ),
        sa.CheckConstraint(
            "measure <> 'percentage' OR may_exceed OR (coalesce(baseline, 0) BETWEEN 0 AND 100 AND coalesce(end_target, 0) BETWEEN 0 AND 100)",
            name=op.f("ck_indicators_percent"),
        ),
        sa.CheckConstraint("NOT (baseline_pending AND baseline IS NOT NULL)", name=op.f("ck_indicators_baseline")),
        sa.CheckConstraint("green > amber AND amber >= 0", name=op.f("ck_indicators_thresholds")),
        sa.CheckConstraint(
            "num_nonnulls(goal_id, objective_id, annual_objective_id, program_id, work_item_id) = 1",
            name=op.f("ck_indicators_one_anchor"),
        ),
        sa.CheckConstraint("owner_id <> verifier_id", name=op.f("ck_indicators_two_people")),
        sa.CheckConstraint("tolerance >= 0", name=op.f("ck_indicators_tolerance")),
        sa.ForeignKeyConstraint(
            ["annual_objective_id", "organization_id"],
            ["annual_objectives.id", "annual_objectives.organization_id"],
            name=op.f("fk_indicators_annual_objective_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["goal_id", "organization_id"],
            ["strategic_goals.id", "strategic_goals.organization_id"],
            name=op.f("fk_indicators_goal_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["objective_id", "organization_id"],
            ["strategic_objectives.id", "strategic_objectives.organization_id"],
            name=op.f("fk_indicators_objective_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_indicators_organization_id")),
        sa.ForeignKeyConstraint(
            ["owner_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_indicators_owner_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "organization_id"],
            ["programs.id", "programs.organization_id"],
            name=op.f("fk_indicators_program_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revises_id", "organization_id"],
            ["indicators.id", "indicators.organization_id"],
            name=op.f("fk_indicators_revises_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_of_measure_id"], ["units_of_measure.id"], name=op.f("fk_indicators_unit_of_measure_id")
        ),
        sa.ForeignKeyConstraint(
            ["verifier_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_indicators_verifier_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_indicators_work_item_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicators")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_indicators_id_organization_id")),
        sa.UniqueConstraint("organization_id", "code", name=op.f("uq_indicators_organization_id_code")),
    )
    op.create_index(op.f("ix_indicators_annual_objective_id"), "indicators", ["annual_objective_id"], unique=False)
    op.create_index(op.f("ix_indicators_goal_id"), "indicators", ["goal_id"], unique=False)
    op.create_index(op.f("ix_indicators_objective_id"), "indicators", ["objective_id"], unique=False)
    op.create_index(op.f("ix_indicators_organization_id"), "indicators", ["organization_id"], unique=False)
    op.create_index(op.f("ix_indicators_program_id"), "indicators", ["program_id"], unique=False)
    op.create_index(op.f("ix_indicators_work_item_id"), "indicators", ["work_item_id"], unique=False)
    op.create_table(
        "progress_updates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("work_item_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("before", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("after", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("drop_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("author_label", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("after BETWEEN 0 AND 100", name=op.f("ck_progress_updates_percent")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_progress_updates_author_id")),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_progress_updates_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_progress_updates_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_progress_updates_work_item_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_updates")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_progress_updates_id_organization_id")),
    )
    op.create_index("ix_progress_updates_item", "progress_updates", ["work_item_id", "id"], unique=False)
    op.create_index(op.f("ix_progress_updates_organization_id"), "progress_updates", ["organization_id"], unique=False)
    op.create_table(
        "work_item_people",
        sa.Column("work_item_id", sa.BigInteger(), nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_work_item_people_membership_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_work_item_people_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_work_item_people_work_item_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item_people")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_work_item_people_id_organization_id")),
        sa.UniqueConstraint(
            "work_item_id", "membership_id", name=op.f("uq_work_item_people_work_item_id_membership_id")
        ),
    )
    op.create_index(op.f("ix_work_item_people_organization_id"), "work_item_people", ["organization_id"], unique=False)
    op.create_table(
        "work_item_places",
        sa.Column("work_item_id", sa.BigInteger(), nullable=False),
        sa.Column("psgc", sa.String(length=10), nullable=False),
        sa.Column("barangay", sa.String(length=120), server_default="", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_work_item_places_organization_id")
        ),
        sa.ForeignKeyConstraint(["psgc"], ["places.psgc"], name=op.f("fk_work_item_places_psgc")),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_work_item_places_work_item_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item_places")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_work_item_places_id_organization_id")),
        sa.UniqueConstraint(
            "work_item_id", "psgc", "barangay", name=op.f("uq_work_item_places_work_item_id_psgc_barangay")
        ),
    )
    op.create_index(op.f("ix_work_item_places_organization_id"), "work_item_places", ["organization_id"], unique=False)
    op.create_table(
        "work_item_predecessors",
        sa.Column("work_item_id", sa.BigInteger(), nullable=False),
        sa.Column("predecessor_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("predecessor_id <> work_item_id", name=op.f("ck_work_item_predecessors_not_itself")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_work_item_predecessors_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_work_item_predecessors_predecessor_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_work_item_predecessors_work_item_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item_predecessors")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_work_item_predecessors_id_organization_id")),
        sa.UniqueConstraint(
            "work_item_id", "predecessor_id", name=op.f("uq_work_item_predecessors_work_item_id_predecessor_id")
        ),
    )
    op.create_index(
        op.f("ix_work_item_predecessors_organization_id"), "work_item_predecessors", ["organization_id"], unique=False
    )
    op.create_index(
        op.f("ix_work_item_predecessors_predecessor_id"), "work_item_predecessors", ["predecessor_id"], unique=False
    )
    op.create_table(
        "indicator_targets",
        sa.Column("indicator_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("target", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(indicator_id, indicator_id, '[]')"), "&&"),
            (sa.text("daterange(starts_on, ends_on, '[]')"), "&&"),
            where=sa.text("superseded_at IS NULL"),
            using="gist",
            name="one_target_a_period",
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_indicator_targets_dates")),
        sa.ForeignKeyConstraint(
            ["indicator_id", "organization_id"],
            ["indicators.id", "indicators.organization_id"],
            name=op.f("fk_indicator_targets_indicator_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_indicator_targets_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_targets")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_indicator_targets_id_organization_id")),
    )
    op.create_index(
        op.f("ix_indicator_targets_organization_id"), "indicator_targets", ["organization_id"], unique=False
    )


def downgrade() -> None:
    """The last made goes first."""
    for table in (
        "indicator_targets",
        "work_item_predecessors",
        "work_item_places",
        "work_item_people",
        "progress_updates",
        "indicators",
        "comments",
        "attachments",
        "work_items",
        "objective_risks",
        "annual_objectives",
        "strategic_objectives",
        "plan_versions",
        "plan_decisions",
        "documents",
        "strategic_goals",
        "plan_themes",
        "plan_alignments",
        "annual_work_plans",
        "strategic_plans",
        "notifications",
        "sent_forms",
        "programs",
        "drafts",
        "alignment_codes",
        "units_of_measure",
        "themes",
        "alignment_lists",
    ):
        op.drop_table(table)
