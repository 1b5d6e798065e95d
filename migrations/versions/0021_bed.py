"""Budget execution documents: the program of a year by month; what is approved stays as it is."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = ("bed_programs", "bed_lines", "bed_figures")
OPEN = "('draft', 'returned')"


def upgrade() -> None:
    """Three tables, and triggers that keep what is submitted or approved."""
    _programs()
    _lines()
    _figures()
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_organization_id"), table, ["organization_id"])
        protect(table)
    _keep_programs()
    _keep_rows()


def _keys(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f(f"fk_{table}_organization_id")
        ),
        sa.UniqueConstraint("id", "organization_id", name=op.f(f"uq_{table}_id_organization_id")),
    )  # fmt: skip


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column, "organization_id"], [f"{to}.id", f"{to}.organization_id"],
        name=op.f(f"fk_{table}_{column}_organization_id"), ondelete=ondelete,
    )  # fmt: skip


def _words(name: str, words: tuple[str, ...], **more: object) -> sa.Column:
    kind = sa.Enum(*words, name=name, native_enum=False, create_constraint=False, length=40)
    column = {"expenseclass": "expense_class", "coststructure": "cost_structure", "bedstatus": "status"}[name]
    return sa.Column(column, kind, **more)  # type: ignore[arg-type]


def _programs() -> None:
    people = [
        part
        for act in ("prepared", "submitted", "approved")
        for part in (
            sa.Column(f"{act}_by", sa.BigInteger(), nullable=True),
            sa.Column(f"{act}_label", sa.String(200), server_default="", nullable=False),
            sa.ForeignKeyConstraint([f"{act}_by"], ["users.id"], name=op.f(f"fk_bed_programs_{act}_by")),
        )
    ]
    moments = [
        sa.Column(f"{act}_at", sa.DateTime(timezone=True), nullable=True) for act in ("submitted", "approved")
    ]  # fmt: skip
    stamps = [
        sa.Column(f"{act}_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for act in ("created", "updated")
    ]
    statuses = ("draft", "submitted", "returned", "approved", "superseded")
    op.create_table(
        "bed_programs",
        *_keys("bed_programs"),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), server_default="1", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        _words("bedstatus", statuses, server_default="draft", nullable=False),
        *people,
        *moments,
        *stamps,
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.UniqueConstraint(
            "organization_id", "fiscal_year", "is_demo", "edition",
            name=op.f("uq_bed_programs_organization_id_fiscal_year_is_demo_edition"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'returned', 'approved', 'superseded')",
            name=op.f("ck_bed_programs_bedstatus"),
        ),
        sa.CheckConstraint("fiscal_year BETWEEN 2020 AND 2100", name=op.f("ck_bed_programs_year")),
        sa.CheckConstraint("edition > 0", name=op.f("ck_bed_programs_edition")),
        sa.CheckConstraint("edition = 1 OR char_length(reason) >= 20", name=op.f("ck_bed_programs_reason")),
        sa.CheckConstraint(
            "approved_by <> prepared_by AND approved_by <> submitted_by", name=op.f("ck_bed_programs_two_persons")
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'superseded') OR (approved_by IS NOT NULL AND submitted_by IS NOT NULL)",
            name=op.f("ck_bed_programs_approved"),
        ),
    )  # fmt: skip
    for name, where in (("open", "status IN ('draft', 'submitted', 'returned')"), ("approved", "status = 'approved'")):
        op.create_index(
            f"uq_bed_programs_{name}", "bed_programs", ["organization_id", "fiscal_year", "is_demo"], unique=True,
            postgresql_where=sa.text(where),
        )  # fmt: skip


def _lines() -> None:
    op.create_table(
        "bed_lines",
        *_keys("bed_lines"),
        sa.Column("bed_id", sa.BigInteger(), nullable=False),
        _words("coststructure", ("gas", "sto", "operations"), nullable=True),
        sa.Column("program_id", sa.BigInteger(), nullable=True),
        _words("expenseclass", ("PS", "MOOE", "CO", "FinEx"), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("edited_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["edited_by"], ["users.id"], name=op.f("fk_bed_lines_edited_by")),
        _refers("bed_lines", "bed_id", "bed_programs", "CASCADE"),
        _refers("bed_lines", "program_id", "programs"),
        sa.CheckConstraint("cost_structure IN ('gas', 'sto', 'operations')", name=op.f("ck_bed_lines_coststructure")),
        sa.CheckConstraint("expense_class IN ('PS', 'MOOE', 'CO', 'FinEx')", name=op.f("ck_bed_lines_expenseclass")),
    )
    op.create_index(op.f("ix_bed_lines_program_id"), "bed_lines", ["program_id"])
    op.create_index(
        "uq_bed_lines_key", "bed_lines", ["bed_id", "cost_structure", "program_id", "expense_class"], unique=True,
        postgresql_nulls_not_distinct=True,
    )  # fmt: skip


def _figures() -> None:
    op.create_table(
        "bed_figures",
        *_keys("bed_figures"),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("obligation", sa.Numeric(18, 2), server_default="0", nullable=False),
        sa.Column("disbursement", sa.Numeric(18, 2), server_default="0", nullable=False),
        _refers("bed_figures", "line_id", "bed_lines", "CASCADE"),
        sa.UniqueConstraint("line_id", "month", name=op.f("uq_bed_figures_line_id_month")),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_bed_figures_month")),
        sa.CheckConstraint("obligation >= 0 AND disbursement >= 0", name=op.f("ck_bed_figures_not_negative")),
    )


def _keep_programs() -> None:
    """An approved program is superseded, never changed; nothing is submitted that pays before it obligates."""
    op.execute(f"""
CREATE FUNCTION keep_bed_programs() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.is_demo OR OLD.status IN {OPEN} THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.status = 'draft' THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.status IN ('approved', 'superseded') THEN
        IF OLD.status = 'approved' AND NEW.status = 'superseded'
           AND to_jsonb(NEW) - '{{status,row_version,updated_at}}'::text[]
             = to_jsonb(OLD) - '{{status,row_version,updated_at}}'::text[] THEN
            RETURN NEW;
        END IF;
    ELSIF ROW(NEW.organization_id, NEW.fiscal_year, NEW.edition, NEW.is_demo)
          = ROW(OLD.organization_id, OLD.fiscal_year, OLD.edition, OLD.is_demo)
          AND (NEW.status = OLD.status
               OR OLD.status IN {OPEN} AND NEW.status = 'submitted'
               OR OLD.status = 'submitted' AND NEW.status IN ('approved', 'returned')) THEN
        IF NEW.status = 'submitted' AND EXISTS (
            SELECT FROM (
                SELECT sum(figure.obligation - figure.disbursement)
                       OVER (PARTITION BY figure.line_id ORDER BY figure.month) AS unpaid
                FROM bed_figures figure JOIN bed_lines line ON line.id = figure.line_id
                WHERE line.bed_id = NEW.id
            ) AS running WHERE unpaid < 0
        ) THEN
            RAISE EXCEPTION 'more is programmed to be paid than to be obligated'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_paid_before_obligated';
        END IF;
        IF NEW.status = 'approved' AND OLD.status <> 'approved' AND EXISTS (
            SELECT FROM bed_lines WHERE bed_id = NEW.id AND edited_by = NEW.approved_by
        ) THEN
            RAISE EXCEPTION 'nobody approves figures that he or she wrote'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'two_persons';
        END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is approved stays as it is; reopening makes the next edition'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_stays';
END $$
""")
    op.execute(
        "CREATE TRIGGER keep_bed_programs BEFORE INSERT OR UPDATE OR DELETE ON bed_programs "
        "FOR EACH ROW EXECUTE FUNCTION keep_bed_programs()"
    )


def _keep_rows() -> None:
    """Lines and figures move in a draft, or in what was returned."""
    lookups = {
        "bed_lines": "SELECT status, is_demo INTO its FROM bed_programs WHERE id = its_id FOR SHARE",
        "bed_figures": "SELECT program.status, program.is_demo INTO its FROM bed_lines line "
        "JOIN bed_programs program ON program.id = line.bed_id WHERE line.id = its_id FOR SHARE OF program",
    }
    for table, look in lookups.items():
        key = "bed_id" if table == "bed_lines" else "line_id"
        op.execute(f"""
CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    its record;
    its_id bigint;
BEGIN
    FOR its_id IN SELECT DISTINCT id FROM unnest(ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.{key} END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.{key} END
    ]) AS id WHERE id IS NOT NULL LOOP
        {look};
        IF FOUND AND its.status NOT IN {OPEN} AND NOT (TG_OP = 'DELETE' AND its.is_demo) THEN
            RAISE EXCEPTION 'the rows of a program that is submitted or approved stay as they are'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bed_stays';
        END IF;
    END LOOP;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
""")
        op.execute(
            f"CREATE TRIGGER keep_{table} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
        )


def downgrade() -> None:
    """Everything goes."""
    for table in reversed(TABLES):
        op.drop_table(table)
        op.execute(f"DROP FUNCTION keep_{table}()")
