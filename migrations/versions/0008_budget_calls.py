"""Budget calls with their ceilings and extensions, and the budget calendar."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("budget_calls", "call_extensions", "budget_calendar_items")


def _moment(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _own(table: str, *, versioned: bool = True) -> list:
    """What each table of an organization has, at its end."""
    version = [sa.Column("row_version", sa.Integer(), server_default="1", nullable=False)] if versioned else []
    return [
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        *version,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("id", "organization_id", name=op.f(f"uq_{table}_id_organization_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f(f"fk_{table}_organization_id")),
    ]


def _user(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}"))


def _with(table: str, column: str, other: str, **more: str) -> sa.ForeignKeyConstraint:
    """A row of the same organization."""
    return sa.ForeignKeyConstraint(
        [column, "organization_id"], [f"{other}.id", f"{other}.organization_id"],
        name=op.f(f"fk_{table}_{column}_organization_id"), **more,
    )  # fmt: skip


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _word(name: str, of: str, *words: str, **more: str) -> sa.Column:
    kind = sa.Enum(*words, name=of, native_enum=False, create_constraint=True, length=40)
    return sa.Column(name, kind, nullable=False, **more)


def upgrade() -> None:
    """Three tables of each organization."""
    _make_calls()
    _make_extensions()
    _make_calendar()
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_organization_id"), table, ["organization_id"])
        protect(table)


def _make_calls() -> None:
    table = "budget_calls"
    amounts = [sa.Column(f"ceiling_{name}", sa.Numeric(18, 2), nullable=True) for name in ("ps", "mooe", "finex", "co")]
    op.create_table(
        table,
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended_to", sa.Date(), nullable=True),
        sa.Column("ceiling", sa.Numeric(18, 2), nullable=False),
        *amounts,
        sa.Column("above_ceiling", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("wanted", sa.Text(), server_default="", nullable=False),
        _word("status", "callstatus", "planned", "open", "closed", server_default="planned"),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("opened_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        *_own(table),
        _with(table, "file_id", "stored_files"),
        _user(table, "entered_by"),
        _user(table, "opened_by"),
        sa.UniqueConstraint("organization_id", "fiscal_year", name=op.f("uq_budget_calls_organization_id_fiscal_year")),
        _check(table, "year", "fiscal_year BETWEEN 2020 AND 2100"),
        _check(table, "days", "due_on >= opens_on"),
        _check(table, "extension", "extended_to > due_on"),
        _check(table, "not_negative", "least(ceiling, ceiling_ps, ceiling_mooe, ceiling_finex, ceiling_co) >= 0"),
        _check(
            table, "classes_within_ceiling",
            "coalesce(ceiling_ps, 0) + coalesce(ceiling_mooe, 0) + coalesce(ceiling_finex, 0) + coalesce(ceiling_co, 0)"
            " <= ceiling",
        ),
        _check(table, "open_with_instrument", "status = 'planned' OR file_id IS NOT NULL"),
        _check(table, "two_persons", "opened_by <> entered_by"),
    )  # fmt: skip


def _make_extensions() -> None:
    table = "call_extensions"
    op.create_table(
        table,
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("extended_to", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("entered_label", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        *_own(table, versioned=False),
        _with(table, "call_id", "budget_calls", ondelete="CASCADE"),
        _with(table, "file_id", "stored_files"),
        _user(table, "entered_by"),
        _user(table, "confirmed_by"),
        _check(table, "two_persons", "confirmed_by <> entered_by"),
    )
    op.create_index(op.f("ix_call_extensions_call_id"), table, ["call_id"])
    op.create_index(
        "uq_call_extensions_waiting", table, ["call_id"], unique=True, postgresql_where=sa.text("confirmed_at IS NULL")
    )


def _make_calendar() -> None:
    table = "budget_calendar_items"
    op.create_table(
        table,
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        _word("audience", "audience", "budget", "review", "planning", "everybody"),
        sa.Column("source", sa.String(length=300), server_default="", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        *_own(table),
        sa.UniqueConstraint(
            "organization_id", "fiscal_year", "name",
            name=op.f("uq_budget_calendar_items_organization_id_fiscal_year_name"),
        ),
        _check(table, "days", "due_on >= starts_on"),
        _check(table, "year", "fiscal_year BETWEEN 2020 AND 2100"),
    )  # fmt: skip


def downgrade() -> None:
    """Everything goes."""
    for table in reversed(TABLES):
        op.drop_table(table)
