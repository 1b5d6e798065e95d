"""The tables of organizations, accounts, audit, jobs, mail and reference data."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "regular_non_working",
                "special_non_working",
                "special_working",
                name="holidayclass",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "scope",
            sa.Enum(
                "national",
                "barmm",
                "national+barmm",
                name="holidayscope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_estimated", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("legal_basis", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holidays")),
        sa.UniqueConstraint("day", "name", name=op.f("uq_holidays_day_name")),
    )
    op.create_index(op.f("ix_holidays_day"), "holidays", ["day"], unique=False)
    op.create_table(
        "object_codes",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column(
            "expense_class",
            sa.Enum(
                "PS", "MOOE", "CO", "FinEx", name="expenseclass", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("level", sa.String(length=30), nullable=False),
        sa.Column("authority", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("code ~ '^5[0-9]{9}$'", name=op.f("ck_object_codes_digits")),
        sa.CheckConstraint(
            "expense_class = CASE substr(code, 2, 2) WHEN '01' THEN 'PS' WHEN '02' THEN 'MOOE' WHEN '03' THEN 'FinEx' ELSE 'CO' END",
            name=op.f("ck_object_codes_class_of_code"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_object_codes")),
    )
    op.create_table(
        "organizations",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ministry",
                "office",
                "agency",
                "commission",
                "council",
                "board",
                "parliament",
                name="organizationkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cluster", sa.String(length=100), server_default="", nullable=False),
        sa.Column("parent_code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("acronym", sa.String(length=20), server_default="", nullable=False),
        sa.Column("mandate", sa.Text(), server_default="", nullable=False),
        sa.Column("head_official", sa.String(length=200), server_default="", nullable=False),
        sa.Column("head_title", sa.String(length=100), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("website", sa.String(length=200), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=40), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("reply_to", sa.String(length=254), server_default="", nullable=False),
        sa.Column("training_note", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "mail_mode",
            sa.Enum(
                "immediate", "daily", "weekly", name="mailmode", native_enum=False, create_constraint=True, length=40
            ),
            server_default="immediate",
            nullable=False,
        ),
        sa.Column("logo_file_id", sa.BigInteger(), nullable=True),
        sa.Column("enable_planning", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("enable_budgeting", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("enable_monitoring", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("enable_coordination", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("enable_policies", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("enable_mana", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("is_pilot", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("counts_as_moa", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("central_oversight", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("pilot_starts_on", sa.Date(), nullable=True),
        sa.Column("pilot_ends_on", sa.Date(), nullable=True),
        sa.Column("onboarded_on", sa.Date(), nullable=True),
        sa.Column("go_live_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'", name=op.f("ck_organizations_code")),
        sa.CheckConstraint("go_live_on >= onboarded_on", name=op.f("ck_organizations_go_live_date")),
        sa.CheckConstraint("pilot_ends_on >= pilot_starts_on", name=op.f("ck_organizations_pilot_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("code", name=op.f("uq_organizations_code")),
    )
    op.create_index("ix_organizations_kind_active", "organizations", ["kind", "is_active"], unique=False)
    op.create_table(
        "places",
        sa.Column("psgc", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=30), nullable=False),
        sa.Column("parent_psgc", sa.String(length=10), nullable=True),
        sa.Column("in_barmm", sa.Boolean(), nullable=False),
        sa.Column("barangays", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["parent_psgc"], ["places.psgc"], name=op.f("fk_places_parent_psgc")),
        sa.PrimaryKeyConstraint("psgc", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_parent_psgc"), "places", ["parent_psgc"], unique=False)
    op.create_table(
        "roles",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("role", "grant", "central", name="rolekind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.String(length=80)), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_roles")),
    )
    op.create_table(
        "row_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("operation", sa.String(length=6), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("old", postgresql.JSONB(), nullable=True),
        sa.Column("new", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_history")),
        info={"shared": True},
    )
    op.create_index(op.f("ix_row_history_organization_id"), "row_history", ["organization_id"], unique=False)
    op.create_index("ix_row_history_row", "row_history", ["table_name", "row_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("first_name", sa.String(length=150), server_default="", nullable=False),
        sa.Column("last_name", sa.String(length=150), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=13), server_default="", nullable=False),
        sa.Column("employee_number", sa.String(length=40), server_default="", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "inactive",
                "deactivated",
                name="userstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="active",
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=200), server_default="", nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("temporary_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("privacy_version", sa.String(length=20), server_default="", nullable=False),
        sa.Column("privacy_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("onboarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("onboarding_step", sa.String(length=20), server_default="", nullable=False),
        sa.Column("mail_mode", sa.String(length=20), server_default="", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deactivation_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("successor_id", sa.BigInteger(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("phone ~ '^([+]63[0-9]{10})?$'", name=op.f("ck_users_phone")),
        sa.CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{2,149}$'", name=op.f("ck_users_username")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_lower")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_users_created_by")),
        sa.ForeignKeyConstraint(["successor_id"], ["users.id"], name=op.f("fk_users_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("acting_organization_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject_type", sa.String(length=60), server_default="", nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_label", sa.String(length=300), server_default="", nullable=False),
        sa.Column("changes", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("request_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("user_agent", sa.String(length=300), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["acting_organization_id"], ["organizations.id"], name=op.f("fk_audit_events_acting_organization_id")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_audit_events_actor_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_events_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        info={"shared": True},
    )
    op.create_index(op.f("ix_audit_events_action"), "audit_events", ["action"], unique=False)
    op.create_index(op.f("ix_audit_events_actor_id"), "audit_events", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_events_at"), "audit_events", ["at"], unique=False)
    op.create_index("ix_audit_events_organization_at", "audit_events", ["organization_id", "id"], unique=False)
    op.create_index("ix_audit_events_subject", "audit_events", ["subject_type", "subject_id"], unique=False)
    op.create_table(
        "central_roles",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["given_by"], ["users.id"], name=op.f("fk_central_roles_given_by")),
        sa.ForeignKeyConstraint(["role"], ["roles.code"], name=op.f("fk_central_roles_role")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_central_roles_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_central_roles")),
        sa.UniqueConstraint("user_id", "role", name=op.f("uq_central_roles_user_id_role")),
    )
    op.create_table(
        "jobs",
        sa.Column("task", sa.String(length=80), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("arguments", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "cancelled",
                name="jobstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("result", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_jobs_organization_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_jobs_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        info={"shared": True},
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["status", "lease_until"],
        unique=False,
        postgresql_where="status IN ('queued', 'running')",
    )
    op.create_index(op.f("ix_jobs_organization_id"), "jobs", ["organization_id"], unique=False)
    op.create_index("ix_jobs_owner", "jobs", ["owner_id", "id"], unique=False)
    op.create_table(
        "old_passwords",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_old_passwords_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_passwords")),
    )
    op.create_index(op.f("ix_old_passwords_user_id"), "old_passwords", ["user_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("arguments", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "sent",
                "failed",
                "skipped",
                name="mailstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_outbox_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_outbox_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
        info={"shared": True},
    )
    op.create_index("ix_outbox_due", "outbox", ["next_try_at"], unique=False, postgresql_where="status = 'queued'")
    op.create_index(op.f("ix_outbox_organization_id"), "outbox", ["organization_id"], unique=False)
    op.create_index("ix_outbox_user", "outbox", ["user_id", "id"], unique=False)
    op.create_table(
        "pending_credentials",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_pending_credentials_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_pending_credentials")),
    )
    op.create_table(
        "reset_tokens",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reset_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_tokens")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_reset_tokens_token_digest")),
    )
    op.create_index(op.f("ix_reset_tokens_user_id"), "reset_tokens", ["user_id"], unique=False)
    op.create_table(
        "sign_in_locks",
        sa.Column("login_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_locks_user_id")),
        sa.PrimaryKeyConstraint("login_digest", "ip", name=op.f("pk_sign_in_locks")),
    )
    op.create_index(op.f("ix_sign_in_locks_user_id"), "sign_in_locks", ["user_id"], unique=False)
    op.create_table(
        "signatory_blocks",
        sa.Column("document_kind", sa.String(length=40), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_signatory_blocks_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatory_blocks")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_signatory_blocks_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id", "document_kind", name=op.f("uq_signatory_blocks_organization_id_document_kind")
        ),
    )
    op.create_index(op.f("ix_signatory_blocks_organization_id"), "signatory_blocks", ["organization_id"], unique=False)
    op.create_table(
        "stored_files",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_stored_files_created_by")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_stored_files_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_stored_files_id_organization_id")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_stored_files_storage_key")),
    )
    op.create_index(op.f("ix_stored_files_organization_id"), "stored_files", ["organization_id"], unique=False)
    op.create_table(
        "units",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=30), server_default="", nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_units_own_parent")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_units_organization_id")),
        sa.ForeignKeyConstraint(
            ["parent_id", "organization_id"],
            ["units.id", "units.organization_id"],
            name=op.f("fk_units_parent_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_units_id_organization_id")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_units_organization_id_name")),
    )
    op.create_index(op.f("ix_units_organization_id"), "units", ["organization_id"], unique=False)
    op.create_table(
        "user_sessions",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=40), server_default="", nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.String(length=300), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_user_sessions_token_digest")),
    )
    op.create_index(
        "ix_user_sessions_open", "user_sessions", ["user_id"], unique=False, postgresql_where="ended_at IS NULL"
    )
    op.create_table(
        "memberships",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.String(length=200), server_default="", nullable=False),
        sa.Column("department", sa.String(length=200), server_default="", nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_memberships_organization_id")),
        sa.ForeignKeyConstraint(
            ["unit_id", "organization_id"],
            ["units.id", "units.organization_id"],
            name=op.f("fk_memberships_unit_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_memberships_id_organization_id")),
        sa.UniqueConstraint("user_id", "organization_id", name=op.f("uq_memberships_user_id_organization_id")),
        info={"shared": True},
    )
    op.create_index(op.f("ix_memberships_organization_id"), "memberships", ["organization_id"], unique=False)
    op.create_index("uq_memberships_primary", "memberships", ["user_id"], unique=True, postgresql_where="is_primary")
    op.create_table(
        "designations",
        sa.Column("deputy_id", sa.BigInteger(), nullable=False),
        sa.Column("principal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("oic", "deputy", name="designationkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("instrument_number", sa.String(length=80), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("instrument_number <> ''", name=op.f("ck_designations_instrument")),
        sa.CheckConstraint("deputy_id <> principal_id", name=op.f("ck_designations_two_people")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_designations_dates")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_designations_created_by")),
        sa.ForeignKeyConstraint(
            ["deputy_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_designations_deputy_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_designations_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_designations_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["principal_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_designations_principal_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designations")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_designations_id_organization_id")),
    )
    op.create_index(op.f("ix_designations_organization_id"), "designations", ["organization_id"], unique=False)
    op.create_table(
        "membership_rights",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("given_by", sa.BigInteger(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_membership_rights_dates")),
        sa.ForeignKeyConstraint(["code"], ["roles.code"], name=op.f("fk_membership_rights_code")),
        sa.ForeignKeyConstraint(["given_by"], ["users.id"], name=op.f("fk_membership_rights_given_by")),
        sa.ForeignKeyConstraint(
            ["membership_id", "organization_id"],
            ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_membership_rights_membership_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_membership_rights_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_rights")),
        sa.UniqueConstraint("membership_id", "code", name=op.f("uq_membership_rights_membership_id_code")),
        info={"shared": True},
    )
    op.create_index(
        op.f("ix_membership_rights_organization_id"), "membership_rights", ["organization_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_membership_rights_organization_id"), table_name="membership_rights")
    op.drop_table("membership_rights")
    op.drop_index(op.f("ix_designations_organization_id"), table_name="designations")
    op.drop_table("designations")
    op.drop_index("uq_memberships_primary", table_name="memberships", postgresql_where="is_primary")
    op.drop_index(op.f("ix_memberships_organization_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index("ix_user_sessions_open", table_name="user_sessions", postgresql_where="ended_at IS NULL")
    op.drop_table("user_sessions")
    op.drop_index(op.f("ix_units_organization_id"), table_name="units")
    op.drop_table("units")
    op.drop_index(op.f("ix_stored_files_organization_id"), table_name="stored_files")
    op.drop_table("stored_files")
    op.drop_index(op.f("ix_signatory_blocks_organization_id"), table_name="signatory_blocks")
    op.drop_table("signatory_blocks")
    op.drop_index(op.f("ix_sign_in_locks_user_id"), table_name="sign_in_locks")
    op.drop_table("sign_in_locks")
    op.drop_index(op.f("ix_reset_tokens_user_id"), table_name="reset_tokens")
    op.drop_table("reset_tokens")
    op.drop_table("pending_credentials")
    op.drop_index("ix_outbox_user", table_name="outbox")
    op.drop_index(op.f("ix_outbox_organization_id"), table_name="outbox")
    op.drop_index("ix_outbox_due", table_name="outbox", postgresql_where="status = 'queued'")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_old_passwords_user_id"), table_name="old_passwords")
    op.drop_table("old_passwords")
    op.drop_index("ix_jobs_owner", table_name="jobs")
    op.drop_index(op.f("ix_jobs_organization_id"), table_name="jobs")
    op.drop_index("ix_jobs_open", table_name="jobs", postgresql_where="status IN ('queued', 'running')")
    op.drop_table("jobs")
    op.drop_table("central_roles")
    op.drop_index("ix_audit_events_subject", table_name="audit_events")
    op.drop_index("ix_audit_events_organization_at", table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_at"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_actor_id"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_action"), table_name="audit_events")
    op.drop_table("audit_events")
    op.drop_table("users")
    op.drop_index("ix_row_history_row", table_name="row_history")
    op.drop_index(op.f("ix_row_history_organization_id"), table_name="row_history")
    op.drop_table("row_history")
    op.drop_table("roles")
    op.drop_index(op.f("ix_places_parent_psgc"), table_name="places")
    op.drop_table("places")
    op.drop_index("ix_organizations_kind_active", table_name="organizations")
    op.drop_table("organizations")
    op.drop_table("object_codes")
    op.drop_index(op.f("ix_holidays_day"), table_name="holidays")
    op.drop_table("holidays")
