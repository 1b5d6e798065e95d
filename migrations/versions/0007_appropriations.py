"""The appropriation acts as printed, and which programs their lines give money to."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import allow, protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ACTS = ("appropriation_acts", "act_bodies", "act_lines", "act_findings")
CLASSES = ("ps", "mooe", "finex", "co", "unclassed")
SECTIONS = ("gas", "sto", "operations", "fund", "none")
LEVELS = ("section", "fund", "program", "subprogram", "subprogram2")


def _amounts() -> list[sa.Column]:
    return [sa.Column(name, sa.Numeric(18, 2), nullable=False) for name in (*CLASSES, "total")]


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _word(name: str, of: str, *words: str) -> sa.Column:
    kind = sa.Enum(*words, name=of, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, kind, nullable=False)


def _adds_up(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"total = {' + '.join(CLASSES)}", name=op.f(f"ck_{table}_adds_up"))


def upgrade() -> None:
    """Four public tables that add up at every commit, and one of each organization."""
    _make_acts()
    _make_lines()
    op.create_table(
        "program_lines",
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        _id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_lines")),
        sa.UniqueConstraint("line_id", name=op.f("uq_program_lines_line_id")),
        sa.UniqueConstraint("id", "organization_id", name=op.f("uq_program_lines_id_organization_id")),
        sa.ForeignKeyConstraint(
            ["program_id", "organization_id"], ["programs.id", "programs.organization_id"],
            name=op.f("fk_program_lines_program_id_organization_id"), ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["act_lines.id"], name=op.f("fk_program_lines_line_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_program_lines_organization_id")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_program_lines_program_id"), "program_lines", ["program_id"])
    op.create_index(op.f("ix_program_lines_organization_id"), "program_lines", ["organization_id"])
    protect("program_lines", rights="SELECT, INSERT")
    for table in ACTS:
        allow(table, "SELECT, INSERT")  # an act is never changed; to load it anew, the whole act goes first
        op.execute(f"GRANT SELECT ON {table} TO bmms_ocm")
    allow("appropriation_acts", "DELETE")
    _insist_that_it_adds_up()


def _make_acts() -> None:
    op.create_table(
        "appropriation_acts",
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("stated_total", sa.Numeric(18, 2), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *_amounts(),
        _id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appropriation_acts")),
        sa.UniqueConstraint("fiscal_year", "title", name=op.f("uq_appropriation_acts_fiscal_year_title")),
        sa.UniqueConstraint("key", name=op.f("uq_appropriation_acts_key")),
        _adds_up("appropriation_acts"),
    )
    op.create_table(
        "act_bodies",
        sa.Column("act_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("is_group", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        *_amounts(),
        _id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_bodies")),
        sa.UniqueConstraint("act_id", "code", name=op.f("uq_act_bodies_act_id_code")),
        sa.UniqueConstraint("act_id", "ordinal", name=op.f("uq_act_bodies_act_id_ordinal")),
        sa.ForeignKeyConstraint(
            ["act_id"], ["appropriation_acts.id"], name=op.f("fk_act_bodies_act_id"), ondelete="CASCADE"
        ),
        _adds_up("act_bodies"),
    )
    op.create_index(op.f("ix_act_bodies_code"), "act_bodies", ["code"])
    op.create_table(
        "act_findings",
        sa.Column("act_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        _word("kind", "findingkind", "short", "over", "across", "on_top"),
        sa.Column("expense_class", sa.String(length=10), server_default="", nullable=False),
        sa.Column("difference", sa.Numeric(18, 2), nullable=False),
        _id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_findings")),
        sa.ForeignKeyConstraint(
            ["act_id"], ["appropriation_acts.id"], name=op.f("fk_act_findings_act_id"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_act_findings_act_id"), "act_findings", ["act_id"])


def _make_lines() -> None:
    op.create_table(
        "act_lines",
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("above", sa.Integer(), nullable=True),
        sa.Column("row_number", sa.Integer(), nullable=True),
        _word("section", "section", *SECTIONS),
        _word("level", "linelevel", *LEVELS),
        _word("kind", "linekind", "printed", "not_broken_down", "difference"),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("is_on_top", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        *_amounts(),
        _id(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_lines")),
        sa.UniqueConstraint("body_id", "ordinal", name=op.f("uq_act_lines_body_id_ordinal")),
        sa.ForeignKeyConstraint(
            ["body_id", "above"], ["act_lines.body_id", "act_lines.ordinal"],
            name=op.f("fk_act_lines_body_id_above"), ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["body_id"], ["act_bodies.id"], name=op.f("fk_act_lines_body_id"), ondelete="CASCADE"),
        sa.CheckConstraint("above < ordinal", name=op.f("ck_act_lines_below_another")),
        sa.CheckConstraint(
            "kind = 'difference' OR least(ps, mooe, finex, co, unclassed) >= 0",
            name=op.f("ck_act_lines_negative_differences_only"),
        ),
        sa.CheckConstraint(
            "kind <> 'printed' OR row_number IS NOT NULL", name=op.f("ck_act_lines_printed_somewhere")
        ),
        _adds_up("act_lines"),
    )  # fmt: skip


def _insist_that_it_adds_up() -> None:
    """Lines to body and bodies to act, class by class, when a transaction ends that has written any of them."""
    sums, own = ", ".join(f"coalesce(sum({name}), 0)" for name in CLASSES), ", ".join(CLASSES)
    for table, body, act in (
        ("act_lines", "NEW.body_id", "NULL"),
        ("act_bodies", "NEW.id", "NEW.act_id"),
        ("appropriation_acts", "NULL", "NEW.id"),
    ):
        op.execute(f"""
            CREATE FUNCTION {table}_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF EXISTS (
                SELECT {own} FROM act_bodies WHERE id = {body}
                EXCEPT SELECT {sums} FROM act_lines WHERE body_id = {body} AND counts
              ) OR EXISTS (
                SELECT {own} FROM appropriation_acts WHERE id = {act}
                EXCEPT SELECT {sums} FROM act_bodies WHERE act_id = {act}
              ) THEN
                RAISE EXCEPTION 'the lines of an act do not add up' USING ERRCODE = 'check_violation';
              END IF;
              RETURN NULL;
            END $$
        """)
        op.execute(
            f"CREATE CONSTRAINT TRIGGER adds_up AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_add_up()"
        )


def downgrade() -> None:
    """Everything goes."""
    for table in ("program_lines", "act_lines", "act_findings", "act_bodies", "appropriation_acts"):
        op.drop_table(table)
    for table in ACTS[:3]:
        op.execute(f"DROP FUNCTION {table}_add_up()")
