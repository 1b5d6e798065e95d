"""Who may see and do what with the tables of planning."""

from alembic import op

from migrations.rls import allow, define, protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHANGEABLE = (
    "strategic_plans",
    "plan_themes",
    "plan_alignments",
    "strategic_goals",
    "strategic_objectives",
    "objective_risks",
    "programs",
    "indicators",
    "indicator_targets",
    "annual_work_plans",
    "annual_objectives",
    "work_items",
    "work_item_people",
    "work_item_places",
    "work_item_predecessors",
    "comments",
    "attachments",
    "notifications",
    "documents",
)
WRITTEN_ONCE = ("plan_decisions", "plan_versions", "progress_updates")
TYPED = {"drafts": ("fields",), "sent_forms": ()}  # half-typed words do not go into the history of rows
LISTS = ("themes", "alignment_lists", "alignment_codes", "units_of_measure")


def upgrade() -> None:
    """Rows of the own organization; versions, decisions and progress are written once."""
    for table in CHANGEABLE:
        protect(table)
    for table in WRITTEN_ONCE:
        protect(table, rights="SELECT, INSERT")
    for table, secrets in TYPED.items():
        protect(table, secrets=secrets)
    for table in LISTS:
        allow(table, "SELECT, INSERT, UPDATE, DELETE")
        op.execute(f"GRANT SELECT ON {table} TO bmms_ocm")
    define(
        "document_standing(given text)",
        "document_standing(text)",
        """
        RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
            SELECT CASE WHEN superseded_at IS NULL THEN 'genuine' ELSE 'superseded' END
            FROM documents WHERE code = given
        $$
        """,
    )


def downgrade() -> None:
    """Open everything again; 0004 then removes the tables."""
    op.execute("DROP FUNCTION document_standing(text)")
    for table in (*CHANGEABLE, *WRITTEN_ONCE, *TYPED):
        op.execute(f"DROP TRIGGER row_history ON {table}")
        op.execute(f"DROP POLICY tenant_rows ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in (*CHANGEABLE, *WRITTEN_ONCE, *TYPED, *LISTS):
        op.execute(f"REVOKE ALL ON {table} FROM bmms_app, bmms_ocm")
