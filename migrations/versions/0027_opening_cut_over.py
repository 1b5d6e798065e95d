"""An opening position holds all allotments, obligations and payments of its laws up to the cut-over: none may follow."""

from alembic import op

from migrations.rls import define

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is dated on or before the cut-over would count twice."""
    define(
        "keep_the_opening",
        "keep_the_opening()",
        """
() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    twice bigint;
BEGIN
    SELECT account.id INTO twice FROM fresh
    JOIN opening_positions opening ON opening.organization_id = fresh.organization_id
     AND opening.status = 'posted' AND opening.cut_over >= fresh.doc_date AND opening.is_demo = fresh.is_demo
    JOIN budget_accounts account ON account.id = fresh.account_id
    WHERE fresh.measure NOT IN ('authorised', 'adjustment')
      AND EXISTS (SELECT FROM opening_lines line JOIN budget_accounts covered ON covered.id = line.account_id
                  WHERE line.opening_id = opening.id AND covered.appropriation_id = account.appropriation_id)
      AND NOT EXISTS (SELECT FROM ledger_postings posting
                      WHERE posting.id = fresh.posting_id AND posting.document_kind = 'opening')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the opening position holds everything up to its cut-over'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'before_cut_over', DETAIL = twice;
    END IF;
    RETURN NULL;
END $$
""",
        callers="",
    )
    op.execute(
        "CREATE TRIGGER keep_the_opening AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_the_opening()"
    )


def downgrade() -> None:
    """Only closed months hold it then."""
    op.execute("DROP TRIGGER keep_the_opening ON ledger_entries")
    op.execute("DROP FUNCTION keep_the_opening()")
