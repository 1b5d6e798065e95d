"""What of execution waits for MFBM in operated years: appropriations, extensions, allotment orders (D24)."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import define

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TODAY = "(now() AT TIME ZONE 'Asia/Manila')::date"
SUBJECTS = {
    "appropriation": "appropriations",
    "validity": "validity_extensions",
    "order": "allotment_orders",
}
LEADING = {
    "appropriations": "status, reference, fiscal_year",
    "validity_extensions": "law, confirmed_at",
    "allotment_orders": "status, number, fiscal_year",
}  # table to the columns whose changes the routing table follows


def upgrade() -> None:
    """The routing table leads to appropriations, extensions and orders as well; triggers keep it in step."""
    op.alter_column("office_matters", "proposal_id", nullable=True)
    for name, table in SUBJECTS.items():
        column = f"{name}_id"
        op.add_column("office_matters", sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_office_matters_{column}_organization_id"), "office_matters", table, [column, "organization_id"],
            ["id", "organization_id"], ondelete="CASCADE",
        )  # fmt: skip
        if name != "appropriation":
            op.create_unique_constraint(op.f(f"uq_office_matters_{column}"), "office_matters", [column])
    op.create_index(
        "uq_office_matters_appropriation", "office_matters", ["appropriation_id"], unique=True,
        postgresql_where=sa.text("validity_id IS NULL"),
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_office_matters_one_subject"), "office_matters",
        "num_nonnulls(proposal_id, appropriation_id, order_id) = 1",
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_office_matters_extension_of_law"), "office_matters",
        "validity_id IS NULL OR appropriation_id IS NOT NULL",
    )  # fmt: skip
    _lead_mfbm()


def _lead_mfbm() -> None:
    """MFBM is asked as long as one of these waits for its second person; in recorded years its queue leaves it out."""
    define(
        "lead_mfbm_to_money()",
        "lead_mfbm_to_money()",
        f"""
        RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
            law bigint; extension bigint; its_order bigint;
            its_title text; its_year integer; waits boolean;
        BEGIN
            IF TG_TABLE_NAME = 'appropriations' THEN
                law := NEW.id; its_title := 'Appropriation: ' || NEW.reference;
                its_year := NEW.fiscal_year; waits := NEW.status = 'draft';
            ELSIF TG_TABLE_NAME = 'allotment_orders' THEN
                its_order := NEW.id; its_title := 'Allotment order ' || NEW.number;
                its_year := NEW.fiscal_year; waits := NEW.status = 'draft';
            ELSE
                law := NEW.appropriation_id; extension := NEW.id; waits := NEW.confirmed_at IS NULL;
                its_title := 'Extension: ' || NEW.law;
                SELECT fiscal_year INTO its_year FROM appropriations WHERE id = law;
            END IF;
            UPDATE office_matters SET title = left(its_title, 200), fiscal_year = its_year,
                   done_on = CASE WHEN NOT waits THEN coalesce(done_on, {TODAY}) END
            WHERE order_id = its_order OR validity_id = extension
               OR (extension IS NULL AND validity_id IS NULL AND appropriation_id = law);
            IF NOT FOUND AND waits THEN
                INSERT INTO office_matters
                    (organization_id, appropriation_id, validity_id, order_id, office, fiscal_year, title, asked_on)
                VALUES (NEW.organization_id, law, extension, its_order, 'mfbm', its_year, left(its_title, 200), {TODAY});
            END IF;
            RETURN NULL;
        END $$
        """,
        callers="",
    )
    for table, columns in LEADING.items():
        op.execute(
            f"CREATE TRIGGER lead_mfbm_to_money AFTER INSERT OR UPDATE OF {columns} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION lead_mfbm_to_money()"
        )
    op.execute(f"""
        INSERT INTO office_matters (organization_id, appropriation_id, validity_id, order_id, office, fiscal_year, title, asked_on)
        SELECT organization_id, id, NULL::bigint, NULL::bigint, 'mfbm', fiscal_year, left('Appropriation: ' || reference, 200), {TODAY}
        FROM appropriations WHERE status = 'draft'
        UNION ALL
        SELECT organization_id, NULL, NULL, id, 'mfbm', fiscal_year, left('Allotment order ' || number, 200), {TODAY}
        FROM allotment_orders WHERE status = 'draft'
        UNION ALL
        SELECT extension.organization_id, law.id, extension.id, NULL, 'mfbm', law.fiscal_year,
               left('Extension: ' || extension.law, 200), {TODAY}
        FROM validity_extensions extension JOIN appropriations law ON law.id = extension.appropriation_id
        WHERE extension.confirmed_at IS NULL
    """)


def downgrade() -> None:
    """What is not about a proposal goes."""
    for table in LEADING:
        op.execute(f"DROP TRIGGER lead_mfbm_to_money ON {table}")
    op.execute("DROP FUNCTION lead_mfbm_to_money()")
    op.execute("DELETE FROM office_matters WHERE proposal_id IS NULL")
    op.drop_constraint(op.f("ck_office_matters_extension_of_law"), "office_matters")
    op.drop_constraint(op.f("ck_office_matters_one_subject"), "office_matters")
    for name in SUBJECTS:
        op.drop_column("office_matters", f"{name}_id")
    op.alter_column("office_matters", "proposal_id", nullable=False)
