"""Cash authorities keep what was confirmed and hold on each day (E-10); reports have their days (modules 2.10)."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

PERIODS = 7267  # bmms/models/locks.py
KINDS = ("financial", "physical", "monthly", "annual")


def upgrade() -> None:
    """What a cash authority is proved by, who set a control; the rule itself; the calendar of reports."""
    _cash_columns()
    _cash_rules()
    _deadlines()


def _cash_columns() -> None:
    op.add_column("cash_authorities", sa.Column("file_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_cash_authorities_file_id_organization_id"), "cash_authorities", "stored_files",
        ["file_id", "organization_id"], ["id", "organization_id"],
    )  # fmt: skip
    op.create_index(
        "ix_cash_authorities_cluster", "cash_authorities", ["organization_id", "fund_cluster", "received_on"]
    )
    op.create_check_constraint(
        op.f("ck_cash_authorities_confirmed"), "cash_authorities",
        "num_nonnulls(confirmed_by, confirmed_at) = 0 OR num_nonnulls(confirmed_by, confirmed_at, entered_by) = 3",
    )  # fmt: skip
    op.add_column("cash_controls", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("cash_controls", sa.Column("set_by", sa.BigInteger(), nullable=True))
    op.add_column("cash_controls", sa.Column("set_label", sa.String(200), server_default="", nullable=False))
    op.add_column("cash_controls", sa.Column("set_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_cash_controls_set_by"), "cash_controls", "users", ["set_by"], ["id"])
    # An authority is entered once and then confirmed or withdrawn; a control is set, never forgotten.
    op.execute("REVOKE UPDATE ON cash_authorities FROM bmms_app")
    op.execute("GRANT UPDATE (confirmed_by, confirmed_label, confirmed_at) ON cash_authorities TO bmms_app")
    op.execute("REVOKE DELETE ON cash_controls FROM bmms_app")


def _cash_rules() -> None:
    op.execute("""
CREATE FUNCTION cash_balances(its_organization bigint, its_cluster text, since date)
RETURNS TABLE (is_demo boolean, day date, received numeric, paid numeric, balance numeric)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    -- What was paid before `since` beyond the cash on record is left out: the control begins without a debt.
    WITH moved AS (
        SELECT authority.is_demo, authority.received_on AS day, authority.amount AS received, 0 AS paid
        FROM cash_authorities authority
        WHERE authority.organization_id = its_organization AND authority.fund_cluster = its_cluster
          AND authority.confirmed_at IS NOT NULL
        UNION ALL
        SELECT entry.is_demo, entry.doc_date, 0, entry.amount FROM ledger_entries entry
        JOIN budget_accounts account ON account.id = entry.account_id
        WHERE entry.organization_id = its_organization AND account.fund_cluster = its_cluster
          AND entry.measure = 'disbursement'
    ), running AS (
        SELECT moved.is_demo, moved.day, sum(sum(moved.received)) OVER days AS received,
               sum(sum(moved.paid)) OVER days AS paid
        FROM moved GROUP BY moved.is_demo, moved.day
        WINDOW days AS (PARTITION BY moved.is_demo ORDER BY moved.day)
    ), debts AS (
        SELECT moved.is_demo, greatest(sum(moved.paid) - sum(moved.received), 0) AS debt
        FROM moved WHERE moved.day < since GROUP BY moved.is_demo
    )
    SELECT running.is_demo, running.day, running.received, running.paid,
           running.received - running.paid + CASE WHEN running.day >= since THEN coalesce(debts.debt, 0) ELSE 0 END
    FROM running LEFT JOIN debts ON debts.is_demo = running.is_demo
$$
""")
    op.execute("REVOKE ALL ON FUNCTION cash_balances(bigint, text, date) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION cash_balances(bigint, text, date) TO bmms_app")
    op.execute("""
CREATE OR REPLACE FUNCTION cash_is_short(its_organization bigint, its_cluster text, since date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM cash_balances(its_organization, its_cluster, since) AS one
                   WHERE one.day >= since AND one.balance < 0)
$$
""")
    op.execute("""
CREATE FUNCTION keep_within_cash() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    control cash_controls;
BEGIN
    -- A payment dated before the control takes cash from the days under it; two accounts share one cluster.
    FOR control IN
        SELECT one.* FROM cash_controls one WHERE one.enforced_from IS NOT NULL AND EXISTS (
            SELECT FROM fresh JOIN budget_accounts account ON account.id = fresh.account_id
            WHERE fresh.measure = 'disbursement' AND fresh.amount > 0
              AND fresh.organization_id = one.organization_id AND account.fund_cluster = one.fund_cluster)
        ORDER BY one.id FOR NO KEY UPDATE
    LOOP
        IF cash_is_short(control.organization_id, control.fund_cluster, control.enforced_from) THEN
            RAISE EXCEPTION 'E-10: more would be paid than cash was received'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'e10_cash', DETAIL = control.fund_cluster;
        END IF;
    END LOOP;
    RETURN NULL;
END $$
""")
    op.execute(
        "CREATE TRIGGER keep_within_cash AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_within_cash()"
    )
    op.execute(f"""
CREATE FUNCTION keep_cash_control() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.organization_id, NEW.fund_cluster) <> (OLD.organization_id, OLD.fund_cluster) THEN
        RAISE EXCEPTION 'a control stays with its fund cluster'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'e10_cash';
    END IF;
    IF NEW.enforced_from IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock({PERIODS}, NEW.organization_id::integer);
        IF cash_is_short(NEW.organization_id, NEW.fund_cluster, NEW.enforced_from) THEN
            RAISE EXCEPTION 'E-10: more is paid already than cash was received'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'e10_cash', DETAIL = NEW.fund_cluster;
        END IF;
    END IF;
    RETURN NEW;
END $$
""")
    op.execute(
        "CREATE TRIGGER keep_cash_control BEFORE INSERT OR UPDATE ON cash_controls "
        "FOR EACH ROW EXECUTE FUNCTION keep_cash_control()"
    )
    op.execute("""
CREATE FUNCTION keep_cash_authority() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.confirmed_at IS NOT NULL AND NOT (TG_OP = 'DELETE' AND OLD.is_demo) THEN
        RAISE EXCEPTION 'a cash authority that is confirmed stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'inv29_never_changed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
""")
    op.execute(
        "CREATE TRIGGER keep_cash_authority BEFORE UPDATE OR DELETE ON cash_authorities "
        "FOR EACH ROW EXECUTE FUNCTION keep_cash_authority()"
    )


def _deadlines() -> None:
    op.create_table(
        "reporting_deadlines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="reportkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_role", sa.String(40), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "period BETWEEN 1 AND CASE kind WHEN 'monthly' THEN 12 WHEN 'annual' THEN 1 ELSE 4 END",
            name=op.f("ck_reporting_deadlines_period"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_deadlines")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_reporting_deadlines_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id", "organization_id"], ["memberships.id", "memberships.organization_id"],
            name=op.f("fk_reporting_deadlines_owner_id_organization_id"),
        ),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_reporting_deadlines_id_organization_id")),
        sa.UniqueConstraint(
            "organization_id", "fiscal_year", "kind", "period",
            name=op.f("uq_reporting_deadlines_organization_id_fiscal_year_kind_period"),
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_reporting_deadlines_organization_id"), "reporting_deadlines", ["organization_id"])
    op.create_index(op.f("ix_reporting_deadlines_owner_id"), "reporting_deadlines", ["owner_id"])
    op.create_index("ix_reporting_deadlines_due", "reporting_deadlines", ["organization_id", "due_on"])
    op.create_table(
        "report_submissions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("deadline_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submitted_label", sa.String(200), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_submissions")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_report_submissions_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["deadline_id", "organization_id"], ["reporting_deadlines.id", "reporting_deadlines.organization_id"],
            name=op.f("fk_report_submissions_deadline_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id", "organization_id"], ["stored_files.id", "stored_files.organization_id"],
            name=op.f("fk_report_submissions_file_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_report_submissions_submitted_by")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_report_submissions_id_organization_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_report_submissions_organization_id"), "report_submissions", ["organization_id"])
    op.create_index("ix_report_submissions_deadline", "report_submissions", ["deadline_id", "id"])
    protect("reporting_deadlines", rights="SELECT, INSERT, UPDATE")
    protect("report_submissions", rights="SELECT, INSERT")


def downgrade() -> None:
    """The calendar goes; cash is looked at as before."""
    op.drop_table("report_submissions")
    op.drop_table("reporting_deadlines")
    op.execute("DROP TRIGGER keep_cash_authority ON cash_authorities")
    op.execute("DROP TRIGGER keep_cash_control ON cash_controls")
    op.execute("DROP TRIGGER keep_within_cash ON ledger_entries")
    for function in ("keep_cash_authority()", "keep_cash_control()", "keep_within_cash()"):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("""
CREATE OR REPLACE FUNCTION cash_is_short(its_organization bigint, its_cluster text, since date) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT day, sum(sum(received)) OVER (ORDER BY day) AS received, sum(sum(paid)) OVER (ORDER BY day) AS paid
            FROM (
                SELECT received_on AS day, amount AS received, 0 AS paid FROM cash_authorities
                WHERE organization_id = its_organization AND fund_cluster = its_cluster AND confirmed_at IS NOT NULL
                UNION ALL
                SELECT entry.doc_date, 0, entry.amount FROM ledger_entries entry
                JOIN budget_accounts account ON account.id = entry.account_id
                WHERE entry.organization_id = its_organization AND account.fund_cluster = its_cluster
                  AND entry.measure = 'disbursement' AND entry.doc_date >= since
            ) AS moved GROUP BY day
        ) AS running WHERE paid > received AND day >= since)
$$
""")
    op.execute("DROP FUNCTION cash_balances(bigint, text, date)")
    op.execute("GRANT UPDATE ON cash_authorities TO bmms_app")
    op.execute("GRANT DELETE ON cash_controls TO bmms_app")
    for column in ("set_at", "set_label", "set_by", "reason"):
        op.drop_column("cash_controls", column)
    op.drop_constraint(op.f("ck_cash_authorities_confirmed"), "cash_authorities")
    op.drop_index("ix_cash_authorities_cluster", "cash_authorities")
    op.drop_column("cash_authorities", "file_id")
