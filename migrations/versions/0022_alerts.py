"""Alerts of execution, AL-1 to AL-9, and from when on an organization wants to be alerted (modules 2.9)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Alerts open, change and close; they never go."""
    op.create_table(
        "budget_alerts",
        sa.Column(
            "kind",
            sa.Enum(
                "AL-1",
                "AL-2",
                "AL-3",
                "AL-4",
                "AL-5",
                "AL-6",
                "AL-7",
                "AL-8",
                "AL-9",
                name="alertkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "severity",
            sa.Enum(
                "info", "warning", "critical", name="severity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("obligation_id", sa.BigInteger(), nullable=True),
        sa.Column("work_item_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "cost_structure",
            sa.Enum(
                "gas",
                "sto",
                "operations",
                name="coststructure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("program_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "expense_class",
            sa.Enum(
                "PS", "MOOE", "CO", "FinEx", name="expenseclass", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(acknowledged_by, acknowledged_at) IN (0, 2) AND (acknowledged_at IS NULL) = (note = '')",
            name=op.f("ck_budget_alerts_acknowledged"),
        ),
        sa.CheckConstraint("period <> ''", name=op.f("ck_budget_alerts_period")),
        sa.CheckConstraint("closed_at >= opened_at", name=op.f("ck_budget_alerts_order")),
        sa.CheckConstraint(
            "num_nonnulls(account_id, obligation_id, work_item_id, expense_class) = 1",
            name=op.f("ck_budget_alerts_one_subject"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(cost_structure, program_id) = 0 OR expense_class IS NOT NULL",
            name=op.f("ck_budget_alerts_class_of"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["budget_accounts.id", "budget_accounts.organization_id"],
            name=op.f("fk_budget_alerts_account_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["users.id"], name=op.f("fk_budget_alerts_acknowledged_by")),
        sa.ForeignKeyConstraint(
            ["obligation_id", "organization_id"],
            ["obligations.id", "obligations.organization_id"],
            name=op.f("fk_budget_alerts_obligation_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_budget_alerts_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "organization_id"],
            ["programs.id", "programs.organization_id"],
            name=op.f("fk_budget_alerts_program_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_budget_alerts_work_item_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_alerts")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_budget_alerts_id_organization_id")),
    )
    op.create_index(
        "ix_budget_alerts_account", "budget_alerts", ["account_id"], unique=False, postgresql_where="closed_at IS NULL"
    )
    op.create_index(op.f("ix_budget_alerts_organization_id"), "budget_alerts", ["organization_id"], unique=False)
    op.create_index(
        "uq_budget_alerts_open",
        "budget_alerts",
        [
            "organization_id",
            "kind",
            "account_id",
            "obligation_id",
            "work_item_id",
            "cost_structure",
            "program_id",
            "expense_class",
            "fiscal_year",
            "period",
            "is_demo",
        ],
        unique=True,
        postgresql_where="closed_at IS NULL",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "alert_limits",
        sa.Column("near_info", sa.Numeric(precision=5, scale=2), server_default="85", nullable=False),
        sa.Column("near_warning", sa.Numeric(precision=5, scale=2), server_default="95", nullable=False),
        sa.Column("target_q1", sa.Numeric(precision=5, scale=2), server_default="20", nullable=False),
        sa.Column("target_q2", sa.Numeric(precision=5, scale=2), server_default="50", nullable=False),
        sa.Column("target_q3", sa.Numeric(precision=5, scale=2), server_default="75", nullable=False),
        sa.Column("target_q4", sa.Numeric(precision=5, scale=2), server_default="95", nullable=False),
        sa.Column("slow_below", sa.Numeric(precision=5, scale=2), server_default="20", nullable=False),
        sa.Column("least_q2", sa.Numeric(precision=5, scale=2), server_default="30", nullable=False),
        sa.Column("least_q3", sa.Numeric(precision=5, scale=2), server_default="50", nullable=False),
        sa.Column("idle_days", sa.Integer(), server_default="90", nullable=False),
        sa.Column("validity_info", sa.Integer(), server_default="60", nullable=False),
        sa.Column("validity_warning", sa.Integer(), server_default="30", nullable=False),
        sa.Column("validity_critical", sa.Integer(), server_default="7", nullable=False),
        sa.Column("unreleased", sa.Numeric(precision=5, scale=2), server_default="25", nullable=False),
        sa.Column("program", sa.Numeric(precision=5, scale=2), server_default="20", nullable=False),
        sa.Column("gap", sa.Numeric(precision=5, scale=2), server_default="25", nullable=False),
        sa.Column("refusals", sa.Integer(), server_default="3", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "0 < near_info AND near_info < near_warning AND near_warning < 100", name=op.f("ck_alert_limits_near")
        ),
        sa.CheckConstraint(
            "0 < target_q1 AND target_q1 <= target_q2 AND target_q2 <= target_q3 AND target_q3 <= target_q4 AND target_q4 <= 100",
            name=op.f("ck_alert_limits_targets"),
        ),
        sa.CheckConstraint(
            "0 <= validity_critical AND validity_critical < validity_warning AND validity_warning < validity_info AND validity_info <= 365",
            name=op.f("ck_alert_limits_validity"),
        ),
        sa.CheckConstraint(
            "greatest(slow_below, least_q2, least_q3, unreleased, gap) <= 100", name=op.f("ck_alert_limits_per_cent")
        ),
        sa.CheckConstraint("idle_days BETWEEN 1 AND 1000", name=op.f("ck_alert_limits_idle")),
        sa.CheckConstraint(
            "least(slow_below, least_q2, least_q3, unreleased, program, gap) >= 0",
            name=op.f("ck_alert_limits_not_negative"),
        ),
        sa.CheckConstraint("refusals BETWEEN 1 AND 1000", name=op.f("ck_alert_limits_refusals")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_alert_limits_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_limits")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_alert_limits_id_organization_id")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_alert_limits_organization_id")),
    )
    op.create_index(op.f("ix_alert_limits_organization_id"), "alert_limits", ["organization_id"], unique=False)
    protect("budget_alerts", rights="SELECT, INSERT, UPDATE")
    protect("alert_limits", rights="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    """Neither alerts nor limits."""
    op.drop_table("alert_limits")
    op.drop_table("budget_alerts")
