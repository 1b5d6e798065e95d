"""The tables of execution: appropriations, accounts, the ledger, orders, obligations, disbursements, changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Twenty-five tables and one column."""
    op.create_table(
        "accounting_periods",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("asked", sa.String(length=20), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("confirmed_by <> asked_by", name=op.f("ck_accounting_periods_two_persons")),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_accounting_periods_first_day")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_accounting_periods_asked_by")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_accounting_periods_confirmed_by")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_accounting_periods_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounting_periods")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_accounting_periods_id_organization_id")),
        sa.UniqueConstraint("organization_id", "month", name=op.f("uq_accounting_periods_organization_id_month")),
    )
    op.create_index(
        op.f("ix_accounting_periods_organization_id"), "accounting_periods", ["organization_id"], unique=False
    )
    op.create_table(
        "cash_authorities",
        sa.Column("fund_cluster", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_cash_authorities_positive")),
        sa.CheckConstraint("confirmed_by <> entered_by", name=op.f("ck_cash_authorities_two_persons")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_cash_authorities_confirmed_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_cash_authorities_entered_by")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_cash_authorities_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_authorities")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_cash_authorities_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id", "number", "is_demo", name=op.f("uq_cash_authorities_organization_id_number_is_demo")
        ),
    )
    op.create_index(op.f("ix_cash_authorities_organization_id"), "cash_authorities", ["organization_id"], unique=False)
    op.create_table(
        "cash_controls",
        sa.Column("fund_cluster", sa.String(length=2), nullable=False),
        sa.Column("enforced_from", sa.Date(), nullable=True),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_cash_controls_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_controls")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_cash_controls_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id", "fund_cluster", name=op.f("uq_cash_controls_organization_id_fund_cluster")
        ),
    )
    op.create_index(op.f("ix_cash_controls_organization_id"), "cash_controls", ["organization_id"], unique=False)
    op.create_table(
        "ledger_postings",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column(
            "document_kind",
            sa.Enum(
                "appropriation",
                "allotment_order",
                "budget_change",
                "obligation",
                "obligation_adjustment",
                "due_note",
                "disbursement",
                "opening",
                name="documentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "verb",
            sa.Enum("post", "reverse", name="postingverb", native_enum=False, create_constraint=True, length=40),
            server_default="post",
            nullable=False,
        ),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("doc_date", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("posted_by", sa.BigInteger(), nullable=True),
        sa.Column("posted_label", sa.String(length=200), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("(verb = 'reverse') = (reverses_id IS NOT NULL)", name=op.f("ck_ledger_postings_reversal")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_ledger_postings_organization_id")
        ),
        sa.ForeignKeyConstraint(["posted_by"], ["users.id"], name=op.f("fk_ledger_postings_posted_by")),
        sa.ForeignKeyConstraint(
            ["reverses_id", "organization_id"],
            ["ledger_postings.id", "ledger_postings.organization_id"],
            name=op.f("fk_ledger_postings_reverses_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_postings")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_ledger_postings_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "document_kind",
            "document_id",
            "verb",
            name=op.f("uq_ledger_postings_organization_id_document_kind_document_id_verb"),
        ),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_ledger_postings_organization_id_key")),
    )
    op.create_index(op.f("ix_ledger_postings_organization_id"), "ledger_postings", ["organization_id"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_number_series_not_negative")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_number_series_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_series")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_number_series_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "fiscal_year",
            "series",
            "is_demo",
            name=op.f("uq_number_series_organization_id_fiscal_year_series_is_demo"),
        ),
    )
    op.create_index(op.f("ix_number_series_organization_id"), "number_series", ["organization_id"], unique=False)
    op.create_table(
        "payees",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "supplier",
                "employee",
                "agency",
                "beneficiary",
                "other",
                name="payeekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="supplier",
            nullable=False,
        ),
        sa.Column("tin_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("tin_digest", sa.LargeBinary(), nullable=True),
        sa.Column("tin_end", sa.String(length=3), server_default="", nullable=False),
        sa.Column("address", sa.String(length=300), server_default="", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_payees_name")),
        sa.CheckConstraint("(tin_sealed IS NULL) = (tin_digest IS NULL)", name=op.f("ck_payees_tin")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_payees_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payees")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_payees_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "name",
            "tin_digest",
            name=op.f("uq_payees_organization_id_name_tin_digest"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_payees_organization_id"), "payees", ["organization_id"], unique=False)
    op.create_index("ix_payees_tin", "payees", ["organization_id", "tin_digest"], unique=False)
    op.create_table(
        "allotment_orders",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "comprehensive",
                "special",
                "withdrawal",
                "transfer",
                name="orderkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.String(length=300), server_default="", nullable=False),
        sa.Column("request", sa.String(length=300), server_default="", nullable=False),
        sa.Column("counterpart", sa.String(length=200), server_default="", nullable=False),
        sa.Column("for_quarter", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("conditions", sa.Text(), server_default="", nullable=False),
        sa.Column("withdraws_id", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "released",
                "cancelled",
                name="orderstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("overdue_reports", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("released_by", sa.BigInteger(), nullable=True),
        sa.Column("released_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind <> 'special' OR request <> ''", name=op.f("ck_allotment_orders_e14_request")),
        sa.CheckConstraint("kind <> 'transfer' OR counterpart <> ''", name=op.f("ck_allotment_orders_counterpart")),
        sa.CheckConstraint("number <> ''", name=op.f("ck_allotment_orders_number")),
        sa.CheckConstraint("for_quarter BETWEEN 1 AND 4", name=op.f("ck_allotment_orders_quarter")),
        sa.CheckConstraint("released_by <> entered_by", name=op.f("ck_allotment_orders_two_persons")),
        sa.CheckConstraint("total > 0", name=op.f("ck_allotment_orders_positive")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_allotment_orders_entered_by")),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_allotment_orders_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_allotment_orders_organization_id")
        ),
        sa.ForeignKeyConstraint(["released_by"], ["users.id"], name=op.f("fk_allotment_orders_released_by")),
        sa.ForeignKeyConstraint(
            ["withdraws_id", "organization_id"],
            ["allotment_orders.id", "allotment_orders.organization_id"],
            name=op.f("fk_allotment_orders_withdraws_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allotment_orders")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_allotment_orders_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "fiscal_year",
            "number",
            "is_demo",
            name=op.f("uq_allotment_orders_organization_id_fiscal_year_number_is_demo"),
        ),
    )
    op.create_index(op.f("ix_allotment_orders_organization_id"), "allotment_orders", ["organization_id"], unique=False)
    op.create_table(
        "budget_changes",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "realignment",
                "augmentation",
                "transfer_out",
                "transfer_in",
                "supplement",
                "reduction",
                "reversion",
                "carry_over",
                name="changekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("authority", sa.String(length=300), server_default="", nullable=False),
        sa.Column("cited_law", sa.String(length=200), server_default="", nullable=False),
        sa.Column(
            "savings",
            sa.Enum(
                "finished", "vacant", "efficiency", name="savings", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("declared_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("pair_key", sa.String(length=40), nullable=True),
        sa.Column("counterpart_id", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "requested",
                "approved",
                "posted",
                "rejected",
                "reversed",
                "cancelled",
                name="changestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column("requested_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column("balances_seen", sa.Text(), server_default="", nullable=False),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(kind IN ('transfer_out', 'transfer_in')) = (pair_key IS NOT NULL)", name=op.f("ck_budget_changes_pair")
        ),
        sa.CheckConstraint("char_length(reason) >= 100 OR status = 'draft'", name=op.f("ck_budget_changes_reason")),
        sa.CheckConstraint(
            "kind <> 'augmentation' OR status = 'draft' OR (savings IS NOT NULL AND declared_by <> '')",
            name=op.f("ck_budget_changes_declared_savings"),
        ),
        sa.CheckConstraint("reference <> ''", name=op.f("ck_budget_changes_reference")),
        sa.CheckConstraint("approved_by <> requested_by", name=op.f("ck_budget_changes_two_persons")),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name=op.f("fk_budget_changes_approved_by")),
        sa.ForeignKeyConstraint(
            ["counterpart_id"], ["organizations.id"], name=op.f("fk_budget_changes_counterpart_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_budget_changes_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_budget_changes_organization_id")
        ),
        sa.ForeignKeyConstraint(["requested_by"], ["users.id"], name=op.f("fk_budget_changes_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_changes")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_budget_changes_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "fiscal_year",
            "reference",
            "is_demo",
            name=op.f("uq_budget_changes_organization_id_fiscal_year_reference_is_demo"),
        ),
    )
    op.create_index(op.f("ix_budget_changes_organization_id"), "budget_changes", ["organization_id"], unique=False)
    op.create_index(op.f("ix_budget_changes_pair_key"), "budget_changes", ["pair_key"], unique=False)
    op.create_table(
        "disbursements",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("fund_cluster", sa.String(length=2), server_default="01", nullable=False),
        sa.Column("dv_no", sa.String(length=30), server_default="", nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "check",
                "bank",
                "cash_advance",
                "tax_remittance",
                "other",
                name="paymentmode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("instrument", sa.String(length=60), server_default="", nullable=False),
        sa.Column("particulars", sa.Text(), server_default="", nullable=False),
        sa.Column("gross", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("tax", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("net", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "for_approval",
                "paid",
                "void",
                "cancelled",
                name="disbursementstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submitted_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_by", sa.BigInteger(), nullable=True),
        sa.Column("paid_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_on", sa.Date(), nullable=True),
        sa.Column("void_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("void_asked_by", sa.BigInteger(), nullable=True),
        sa.Column("void_asked_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("voided_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("status NOT IN ('paid', 'void') OR dv_no <> ''", name=op.f("ck_disbursements_numbered")),
        sa.CheckConstraint(
            "gross > 0 AND tax >= 0 AND net = gross - tax AND net >= 0", name=op.f("ck_disbursements_net")
        ),
        sa.CheckConstraint("paid_by <> submitted_by", name=op.f("ck_disbursements_two_persons")),
        sa.CheckConstraint("voided_by <> void_asked_by", name=op.f("ck_disbursements_two_persons_void")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_disbursements_organization_id")
        ),
        sa.ForeignKeyConstraint(["paid_by"], ["users.id"], name=op.f("fk_disbursements_paid_by")),
        sa.ForeignKeyConstraint(
            ["payee_id", "organization_id"],
            ["payees.id", "payees.organization_id"],
            name=op.f("fk_disbursements_payee_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_disbursements_submitted_by")),
        sa.ForeignKeyConstraint(["void_asked_by"], ["users.id"], name=op.f("fk_disbursements_void_asked_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["users.id"], name=op.f("fk_disbursements_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursements")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_disbursements_id_organization_id")),
    )
    op.create_index(op.f("ix_disbursements_organization_id"), "disbursements", ["organization_id"], unique=False)
    op.create_index(op.f("ix_disbursements_payee_id"), "disbursements", ["payee_id"], unique=False)
    op.create_index(
        "ix_disbursements_year", "disbursements", ["organization_id", "fiscal_year", "status"], unique=False
    )
    op.create_index(
        "uq_disbursements_dv_no",
        "disbursements",
        ["organization_id", "fiscal_year", "dv_no", "is_demo"],
        unique=True,
        postgresql_where="dv_no <> ''",
    )
    op.create_table(
        "obligations",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("fund_cluster", sa.String(length=2), server_default="01", nullable=False),
        sa.Column("ors_no", sa.String(length=30), server_default="", nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=200), server_default="", nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "purchase_order",
                "contract",
                "moa",
                "service_order",
                "payroll",
                "travel",
                "other",
                name="obligationtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=100), server_default="", nullable=False),
        sa.Column("reference_on", sa.Date(), nullable=True),
        sa.Column("particulars", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "requested",
                "obligated",
                "closed",
                "cancelled",
                name="obligationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column("requested_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certified_by", sa.BigInteger(), nullable=True),
        sa.Column("certified_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("balances_seen", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.Column("is_opening", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('obligated', 'closed') OR ors_no <> ''", name=op.f("ck_obligations_numbered")
        ),
        sa.CheckConstraint(
            "certified_by <> requested_by AND certified_by <> entered_by", name=op.f("ck_obligations_two_persons")
        ),
        sa.CheckConstraint("total > 0", name=op.f("ck_obligations_positive")),
        sa.ForeignKeyConstraint(["certified_by"], ["users.id"], name=op.f("fk_obligations_certified_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_obligations_entered_by")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_obligations_organization_id")),
        sa.ForeignKeyConstraint(
            ["payee_id", "organization_id"],
            ["payees.id", "payees.organization_id"],
            name=op.f("fk_obligations_payee_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["requested_by"], ["users.id"], name=op.f("fk_obligations_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligations")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_obligations_id_organization_id")),
    )
    op.create_index(op.f("ix_obligations_organization_id"), "obligations", ["organization_id"], unique=False)
    op.create_index(op.f("ix_obligations_payee_id"), "obligations", ["payee_id"], unique=False)
    op.create_index("ix_obligations_year", "obligations", ["organization_id", "fiscal_year", "status"], unique=False)
    op.create_index(
        "uq_obligations_ors_no",
        "obligations",
        ["organization_id", "fiscal_year", "fund_cluster", "ors_no", "is_demo"],
        unique=True,
        postgresql_where="ors_no <> ''",
    )
    op.create_table(
        "opening_positions",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("cut_over", sa.Date(), nullable=False),
        sa.Column("stated_allotted", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("stated_obligated", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("stated_disbursed", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "posted",
                "cancelled",
                name="openingstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("confirmed_by <> entered_by", name=op.f("ck_opening_positions_two_persons")),
        sa.CheckConstraint(
            "least(stated_allotted, stated_obligated, stated_disbursed) >= 0",
            name=op.f("ck_opening_positions_not_negative"),
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_opening_positions_confirmed_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_opening_positions_entered_by")),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_opening_positions_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_opening_positions_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_positions")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_opening_positions_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "fiscal_year",
            "reference",
            "is_demo",
            name=op.f("uq_opening_positions_organization_id_fiscal_year_reference_is_demo"),
        ),
    )
    op.create_index(
        op.f("ix_opening_positions_organization_id"), "opening_positions", ["organization_id"], unique=False
    )
    op.create_table(
        "obligation_adjustments",
        sa.Column("obligation_id", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("norsa_no", sa.String(length=30), server_default="", nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("closes", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "posted",
                "cancelled",
                name="adjustmentstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("certified_by", sa.BigInteger(), nullable=True),
        sa.Column("certified_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("balances_seen", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_obligation_adjustments_reason")),
        sa.CheckConstraint("certified_by <> entered_by", name=op.f("ck_obligation_adjustments_two_persons")),
        sa.ForeignKeyConstraint(["certified_by"], ["users.id"], name=op.f("fk_obligation_adjustments_certified_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_obligation_adjustments_entered_by")),
        sa.ForeignKeyConstraint(
            ["obligation_id", "organization_id"],
            ["obligations.id", "obligations.organization_id"],
            name=op.f("fk_obligation_adjustments_obligation_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_obligation_adjustments_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_adjustments")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_obligation_adjustments_id_organization_id")),
    )
    op.create_index(
        op.f("ix_obligation_adjustments_obligation_id"), "obligation_adjustments", ["obligation_id"], unique=False
    )
    op.create_index(
        op.f("ix_obligation_adjustments_organization_id"), "obligation_adjustments", ["organization_id"], unique=False
    )
    op.create_index(
        "uq_obligation_adjustments_number",
        "obligation_adjustments",
        ["organization_id", "fiscal_year", "norsa_no", "is_demo"],
        unique=True,
        postgresql_where="norsa_no <> ''",
    )
    op.create_table(
        "appropriations",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "gaab",
                "supplemental",
                "continuing",
                "automatic",
                "reenacted",
                name="lawkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="gaab",
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("act_id", sa.BigInteger(), nullable=True),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("obligate_until", sa.Date(), nullable=False),
        sa.Column("pay_until", sa.Date(), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "in_force",
                "lapsed",
                name="appropriationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("reference <> ''", name=op.f("ck_appropriations_reference")),
        sa.CheckConstraint("confirmed_by <> entered_by", name=op.f("ck_appropriations_two_persons")),
        sa.CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_appropriations_year")),
        sa.CheckConstraint(
            "obligate_until >= effective_on AND pay_until >= obligate_until", name=op.f("ck_appropriations_days")
        ),
        sa.CheckConstraint("total > 0", name=op.f("ck_appropriations_positive")),
        sa.ForeignKeyConstraint(
            ["act_id"], ["appropriation_acts.id"], name=op.f("fk_appropriations_act_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_appropriations_confirmed_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_appropriations_entered_by")),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_appropriations_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_appropriations_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id", "organization_id"],
            ["budget_proposals.id", "budget_proposals.organization_id"],
            name=op.f("fk_appropriations_proposal_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appropriations")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_appropriations_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "fiscal_year",
            "reference",
            "is_demo",
            name=op.f("uq_appropriations_organization_id_fiscal_year_reference_is_demo"),
        ),
    )
    op.create_index(op.f("ix_appropriations_act_id"), "appropriations", ["act_id"], unique=False)
    op.create_index(op.f("ix_appropriations_organization_id"), "appropriations", ["organization_id"], unique=False)
    op.create_table(
        "appropriation_lines",
        sa.Column("appropriation_id", sa.BigInteger(), nullable=False),
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
        sa.Column("fund_cluster", sa.String(length=2), server_default="01", nullable=False),
        sa.Column(
            "cost_structure",
            sa.Enum(
                "gas", "sto", "operations", name="coststructure", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("program_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "expense_class",
            sa.Enum(
                "PS", "MOOE", "CO", "FinEx", name="expenseclass", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_appropriation_lines_positive")),
        sa.ForeignKeyConstraint(
            ["appropriation_id", "organization_id"],
            ["appropriations.id", "appropriations.organization_id"],
            name=op.f("fk_appropriation_lines_appropriation_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_appropriation_lines_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "organization_id"],
            ["programs.id", "programs.organization_id"],
            name=op.f("fk_appropriation_lines_program_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appropriation_lines")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_appropriation_lines_id_organization_id")),
    )
    op.create_index(
        op.f("ix_appropriation_lines_organization_id"), "appropriation_lines", ["organization_id"], unique=False
    )
    op.create_index(
        "uq_appropriation_lines_key",
        "appropriation_lines",
        ["appropriation_id", "source", "fund_cluster", "cost_structure", "program_id", "expense_class"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "budget_accounts",
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("appropriation_id", sa.BigInteger(), nullable=False),
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
            nullable=False,
        ),
        sa.Column("fund_cluster", sa.String(length=2), nullable=False),
        sa.Column(
            "cost_structure",
            sa.Enum(
                "gas", "sto", "operations", name="coststructure", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("program_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "expense_class",
            sa.Enum(
                "PS", "MOOE", "CO", "FinEx", name="expenseclass", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("obligate_until", sa.Date(), nullable=False),
        sa.Column("pay_until", sa.Date(), nullable=False),
        sa.Column("by_object", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("authorised", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("adjustment", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("allotted", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("obligated", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("disbursed", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "appropriated",
            sa.Numeric(precision=18, scale=2),
            sa.Computed("authorised + adjustment", persisted=True),
            nullable=False,
        ),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "fund_cluster IN ('01', '02', '03', '04', '05', '06', '07')", name=op.f("ck_budget_accounts_cluster")
        ),
        sa.CheckConstraint(
            "allotted >= 0 AND allotted <= authorised + adjustment", name=op.f("ck_budget_accounts_e2_allotment")
        ),
        sa.CheckConstraint("authorised + adjustment >= 0", name=op.f("ck_budget_accounts_e1_appropriation")),
        sa.CheckConstraint(
            "disbursed >= 0 AND disbursed <= obligated", name=op.f("ck_budget_accounts_e4_disbursement")
        ),
        sa.CheckConstraint("obligated >= 0 AND obligated <= allotted", name=op.f("ck_budget_accounts_e3_obligation")),
        sa.ForeignKeyConstraint(
            ["appropriation_id", "organization_id"],
            ["appropriations.id", "appropriations.organization_id"],
            name=op.f("fk_budget_accounts_appropriation_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_budget_accounts_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "organization_id"],
            ["programs.id", "programs.organization_id"],
            name=op.f("fk_budget_accounts_program_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_accounts")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_budget_accounts_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id",
            "fiscal_year",
            "number",
            name=op.f("uq_budget_accounts_organization_id_fiscal_year_number"),
        ),
    )
    op.create_index(op.f("ix_budget_accounts_organization_id"), "budget_accounts", ["organization_id"], unique=False)
    op.create_index(op.f("ix_budget_accounts_program_id"), "budget_accounts", ["program_id"], unique=False)
    op.create_index(
        "ix_budget_accounts_year", "budget_accounts", ["organization_id", "fiscal_year", "number"], unique=False
    )
    op.create_index(
        "uq_budget_accounts_key",
        "budget_accounts",
        ["appropriation_id", "source", "fund_cluster", "cost_structure", "program_id", "expense_class"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "validity_extensions",
        sa.Column("appropriation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "expense_class",
            sa.Enum(
                "PS", "MOOE", "CO", "FinEx", name="expenseclass", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("obligate_until", sa.Date(), nullable=False),
        sa.Column("pay_until", sa.Date(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("confirmed_by <> entered_by", name=op.f("ck_validity_extensions_two_persons")),
        sa.CheckConstraint(
            "pay_until >= obligate_until AND obligate_until >= effective_on", name=op.f("ck_validity_extensions_days")
        ),
        sa.ForeignKeyConstraint(
            ["appropriation_id", "organization_id"],
            ["appropriations.id", "appropriations.organization_id"],
            name=op.f("fk_validity_extensions_appropriation_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_validity_extensions_confirmed_by")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_validity_extensions_entered_by")),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"],
            ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_validity_extensions_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_validity_extensions_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validity_extensions")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_validity_extensions_id_organization_id")),
    )
    op.create_index(
        op.f("ix_validity_extensions_appropriation_id"), "validity_extensions", ["appropriation_id"], unique=False
    )
    op.create_index(
        op.f("ix_validity_extensions_organization_id"), "validity_extensions", ["organization_id"], unique=False
    )
    op.create_table(
        "allotment_lines",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("object_code", sa.String(length=10), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("direction", sa.Integer(), server_default="1", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_allotment_lines_positive")),
        sa.CheckConstraint("direction IN (-1, 1)", name=op.f("ck_allotment_lines_direction")),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["budget_accounts.id", "budget_accounts.organization_id"],
            name=op.f("fk_allotment_lines_account_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["object_code"], ["object_codes.code"], name=op.f("fk_allotment_lines_object_code")),
        sa.ForeignKeyConstraint(
            ["order_id", "organization_id"],
            ["allotment_orders.id", "allotment_orders.organization_id"],
            name=op.f("fk_allotment_lines_order_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_allotment_lines_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allotment_lines")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_allotment_lines_id_organization_id")),
    )
    op.create_index(op.f("ix_allotment_lines_account_id"), "allotment_lines", ["account_id"], unique=False)
    op.create_index(op.f("ix_allotment_lines_order_id"), "allotment_lines", ["order_id"], unique=False)
    op.create_index(op.f("ix_allotment_lines_organization_id"), "allotment_lines", ["organization_id"], unique=False)
    op.create_table(
        "budget_account_objects",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("object_code", sa.String(length=10), nullable=False),
        sa.Column("is_controlled", sa.Boolean(), nullable=False),
        sa.Column("allotted", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("obligated", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("disbursed", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "NOT is_controlled OR obligated <= allotted", name=op.f("ck_budget_account_objects_e6_object")
        ),
        sa.CheckConstraint("disbursed <= obligated", name=op.f("ck_budget_account_objects_e4_object")),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["budget_accounts.id", "budget_accounts.organization_id"],
            name=op.f("fk_budget_account_objects_account_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["object_code"], ["object_codes.code"], name=op.f("fk_budget_account_objects_object_code")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_budget_account_objects_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_account_objects")),
        sa.UniqueConstraint("account_id", "object_code", name=op.f("uq_budget_account_objects_account_id_object_code")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_budget_account_objects_id_organization_id")),
    )
    op.create_index(
        op.f("ix_budget_account_objects_organization_id"), "budget_account_objects", ["organization_id"], unique=False
    )
    op.create_table(
        "budget_change_lines",
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("object_code", sa.String(length=10), nullable=True),
        sa.Column("appropriation", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("allotment", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("appropriation <> 0 OR allotment <> 0", name=op.f("ck_budget_change_lines_not_nothing")),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["budget_accounts.id", "budget_accounts.organization_id"],
            name=op.f("fk_budget_change_lines_account_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["change_id", "organization_id"],
            ["budget_changes.id", "budget_changes.organization_id"],
            name=op.f("fk_budget_change_lines_change_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["object_code"], ["object_codes.code"], name=op.f("fk_budget_change_lines_object_code")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_budget_change_lines_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_change_lines")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_budget_change_lines_id_organization_id")),
    )
    op.create_index(op.f("ix_budget_change_lines_account_id"), "budget_change_lines", ["account_id"], unique=False)
    op.create_index(op.f("ix_budget_change_lines_change_id"), "budget_change_lines", ["change_id"], unique=False)
    op.create_index(
        op.f("ix_budget_change_lines_organization_id"), "budget_change_lines", ["organization_id"], unique=False
    )
    op.create_table(
        "obligation_lines",
        sa.Column("obligation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("object_code", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("adjusted", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("due", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("paid", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column(
            "unpaid",
            sa.Numeric(precision=18, scale=2),
            sa.Computed("amount + adjusted - paid", persisted=True),
            nullable=False,
        ),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_obligation_lines_positive")),
        sa.CheckConstraint(
            "paid >= 0 AND paid <= due AND due <= amount + adjusted", name=op.f("ck_obligation_lines_e5_line")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["budget_accounts.id", "budget_accounts.organization_id"],
            name=op.f("fk_obligation_lines_account_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id", "organization_id"],
            ["work_items.id", "work_items.organization_id"],
            name=op.f("fk_obligation_lines_item_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["object_code"], ["object_codes.code"], name=op.f("fk_obligation_lines_object_code")),
        sa.ForeignKeyConstraint(
            ["obligation_id", "organization_id"],
            ["obligations.id", "obligations.organization_id"],
            name=op.f("fk_obligation_lines_obligation_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_obligation_lines_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_lines")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_obligation_lines_id_organization_id")),
    )
    op.create_index(op.f("ix_obligation_lines_account_id"), "obligation_lines", ["account_id"], unique=False)
    op.create_index(op.f("ix_obligation_lines_item_id"), "obligation_lines", ["item_id"], unique=False)
    op.create_index(op.f("ix_obligation_lines_obligation_id"), "obligation_lines", ["obligation_id"], unique=False)
    op.create_index(op.f("ix_obligation_lines_organization_id"), "obligation_lines", ["organization_id"], unique=False)
    op.create_table(
        "disbursement_lines",
        sa.Column("disbursement_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_disbursement_lines_positive")),
        sa.ForeignKeyConstraint(
            ["disbursement_id", "organization_id"],
            ["disbursements.id", "disbursements.organization_id"],
            name=op.f("fk_disbursement_lines_disbursement_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "organization_id"],
            ["obligation_lines.id", "obligation_lines.organization_id"],
            name=op.f("fk_disbursement_lines_line_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_disbursement_lines_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursement_lines")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_disbursement_lines_id_organization_id")),
    )
    op.create_index(
        op.f("ix_disbursement_lines_disbursement_id"), "disbursement_lines", ["disbursement_id"], unique=False
    )
    op.create_index(op.f("ix_disbursement_lines_line_id"), "disbursement_lines", ["line_id"], unique=False)
    op.create_index(
        op.f("ix_disbursement_lines_organization_id"), "disbursement_lines", ["organization_id"], unique=False
    )
    op.create_table(
        "due_notes",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("basis", sa.String(length=200), server_default="", nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_due_notes_positive")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_due_notes_entered_by")),
        sa.ForeignKeyConstraint(
            ["line_id", "organization_id"],
            ["obligation_lines.id", "obligation_lines.organization_id"],
            name=op.f("fk_due_notes_line_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_due_notes_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_notes")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_due_notes_id_organization_id")),
    )
    op.create_index(op.f("ix_due_notes_line_id"), "due_notes", ["line_id"], unique=False)
    op.create_index(op.f("ix_due_notes_organization_id"), "due_notes", ["organization_id"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("object_code", sa.String(length=10), nullable=True),
        sa.Column("obligation_line_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "measure",
            sa.Enum(
                "authorised",
                "adjustment",
                "allotment",
                "obligation",
                "due",
                "disbursement",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "statement_column",
            sa.Enum(
                "authorised",
                "adjustment",
                "received",
                "allotment_adjustment",
                "transfer_to",
                "transfer_from",
                "obligation",
                "disbursement",
                "due",
                name="statement_column",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("doc_date", sa.Date(), nullable=False),
        sa.Column(
            "quarter",
            sa.Integer(),
            sa.Computed("extract(quarter FROM doc_date)::integer", persisted=True),
            nullable=False,
        ),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "measure <> 'due' OR obligation_line_id IS NOT NULL", name=op.f("ck_ledger_entries_due_of_a_line")
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_entries_not_zero")),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["budget_accounts.id", "budget_accounts.organization_id"],
            name=op.f("fk_ledger_entries_account_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["object_code"], ["object_codes.code"], name=op.f("fk_ledger_entries_object_code")),
        sa.ForeignKeyConstraint(
            ["obligation_line_id", "organization_id"],
            ["obligation_lines.id", "obligation_lines.organization_id"],
            name=op.f("fk_ledger_entries_obligation_line_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_ledger_entries_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["posting_id", "organization_id"],
            ["ledger_postings.id", "ledger_postings.organization_id"],
            name=op.f("fk_ledger_entries_posting_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_ledger_entries_id_organization_id")),
    )
    op.create_index("ix_ledger_entries_account", "ledger_entries", ["account_id", "doc_date", "id"], unique=False)
    op.create_index(
        "ix_ledger_entries_line",
        "ledger_entries",
        ["obligation_line_id"],
        unique=False,
        postgresql_where="obligation_line_id IS NOT NULL",
    )
    op.create_index(op.f("ix_ledger_entries_organization_id"), "ledger_entries", ["organization_id"], unique=False)
    op.create_index("ix_ledger_entries_posting", "ledger_entries", ["posting_id"], unique=False)
    op.create_table(
        "obligation_adjustment_lines",
        sa.Column("adjustment_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_obligation_adjustment_lines_not_zero")),
        sa.ForeignKeyConstraint(
            ["adjustment_id", "organization_id"],
            ["obligation_adjustments.id", "obligation_adjustments.organization_id"],
            name=op.f("fk_obligation_adjustment_lines_adjustment_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "organization_id"],
            ["obligation_lines.id", "obligation_lines.organization_id"],
            name=op.f("fk_obligation_adjustment_lines_line_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_obligation_adjustment_lines_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_adjustment_lines")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_obligation_adjustment_lines_id_organization_id")),
    )
    op.create_index(
        op.f("ix_obligation_adjustment_lines_adjustment_id"),
        "obligation_adjustment_lines",
        ["adjustment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_obligation_adjustment_lines_line_id"), "obligation_adjustment_lines", ["line_id"], unique=False
    )
    op.create_index(
        op.f("ix_obligation_adjustment_lines_organization_id"),
        "obligation_adjustment_lines",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "opening_lines",
        sa.Column("opening_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("object_code", sa.String(length=10), nullable=True),
        sa.Column("line_id", sa.BigInteger(), nullable=True),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("allotted", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("obligated", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("due", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("disbursed", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "allotted <> 0 OR obligated <> 0 OR due <> 0 OR disbursed <> 0", name=op.f("ck_opening_lines_not_nothing")
        ),
        sa.CheckConstraint("due = 0 OR line_id IS NOT NULL", name=op.f("ck_opening_lines_due_of_a_line")),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["budget_accounts.id", "budget_accounts.organization_id"],
            name=op.f("fk_opening_lines_account_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id", "organization_id"],
            ["obligation_lines.id", "obligation_lines.organization_id"],
            name=op.f("fk_opening_lines_line_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["object_code"], ["object_codes.code"], name=op.f("fk_opening_lines_object_code")),
        sa.ForeignKeyConstraint(
            ["opening_id", "organization_id"],
            ["opening_positions.id", "opening_positions.organization_id"],
            name=op.f("fk_opening_lines_opening_id_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_opening_lines_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_lines")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_opening_lines_id_organization_id")),
    )
    op.create_index(op.f("ix_opening_lines_account_id"), "opening_lines", ["account_id"], unique=False)
    op.create_index(op.f("ix_opening_lines_opening_id"), "opening_lines", ["opening_id"], unique=False)
    op.create_index(op.f("ix_opening_lines_organization_id"), "opening_lines", ["organization_id"], unique=False)
    op.add_column("object_codes", sa.Column("is_controlled", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    """Everything goes."""
    op.drop_column("object_codes", "is_controlled")
    op.drop_table("opening_lines")
    op.drop_table("obligation_adjustment_lines")
    op.drop_table("ledger_entries")
    op.drop_table("due_notes")
    op.drop_table("disbursement_lines")
    op.drop_table("obligation_lines")
    op.drop_table("budget_change_lines")
    op.drop_table("budget_account_objects")
    op.drop_table("allotment_lines")
    op.drop_table("validity_extensions")
    op.drop_table("budget_accounts")
    op.drop_table("appropriation_lines")
    op.drop_table("appropriations")
    op.drop_table("obligation_adjustments")
    op.drop_table("opening_positions")
    op.drop_table("obligations")
    op.drop_table("disbursements")
    op.drop_table("budget_changes")
    op.drop_table("allotment_orders")
    op.drop_table("payees")
    op.drop_table("number_series")
    op.drop_table("ledger_postings")
    op.drop_table("cash_controls")
    op.drop_table("cash_authorities")
    op.drop_table("accounting_periods")
