"""Who reaches proposals, and what the database itself refuses: changes after submission, and more than the ceiling."""

from alembic import op

from migrations.rls import allow, protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHANGEABLE = (
    "budget_proposals",
    "proposal_programs",
    "proposal_amounts",
    "budget_lines",
    "proposal_indicators",
    "proposal_endorsements",
    "compliance_answers",
)
WRITTEN_ONCE = ("proposal_versions", "proposal_decisions")
CONTENT = {
    "proposal_programs": "proposal_id",
    "budget_lines": "proposal_id",
    "compliance_answers": "proposal_id",
    "proposal_amounts": "proposal_program_id",
    "proposal_indicators": "proposal_program_id",
}  # by which column each names its proposal, or the program that does


def upgrade() -> None:
    """Rows of the own organization; the checklist is public."""
    for table in CHANGEABLE:
        protect(table)
    for table in WRITTEN_ONCE:
        protect(table, rights="SELECT, INSERT")
    allow("compliance_items", "SELECT, INSERT, UPDATE, DELETE")
    _keep_content()
    _keep_within_ceiling()


def _keep_content() -> None:
    """INV-24: the content of a proposal changes while it is a draft or returned, and a line stays in its proposal.

    The proposal is locked for reading, so that a submission and a change wait for each other. Of the figures only those
    of the preparing office are content: what is recommended and approved comes later, each at its time (INV-22).
    """
    op.execute("""
CREATE FUNCTION keep_proposal_content() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_now jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    row_before jsonb := to_jsonb(CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END);
    proposal bigint;
    its_status text;
BEGIN
    IF row_now -> TG_ARGV[0] <> row_before -> TG_ARGV[0] THEN
        RAISE EXCEPTION 'a part of a proposal stays where it is' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_ARGV[0] = 'proposal_id' THEN
        proposal := (row_now ->> 'proposal_id')::bigint;
    ELSE
        SELECT part.proposal_id INTO proposal FROM proposal_programs part
        WHERE part.id = (row_now ->> 'proposal_program_id')::bigint;
    END IF;
    IF TG_TABLE_NAME = 'budget_lines' AND TG_OP <> 'DELETE' AND NOT EXISTS (
        SELECT FROM proposal_programs part
        WHERE part.id = (row_now ->> 'proposal_program_id')::bigint AND part.proposal_id = proposal
    ) THEN
        RAISE EXCEPTION 'the program of a line is one of its proposal' USING ERRCODE = 'check_violation';
    END IF;
    SELECT status INTO its_status FROM budget_proposals WHERE id = proposal FOR SHARE;
    IF TG_TABLE_NAME = 'proposal_amounts' AND TG_OP <> 'DELETE' THEN
        IF TG_OP = 'INSERT' THEN
            row_before := '{"planning_figure": null, "previous_actual": null, "recommended": null, "approved": null}';
        END IF;
        IF row_now -> 'recommended' <> row_before -> 'recommended' AND its_status <> 'transmitted' THEN
            RAISE EXCEPTION 'amounts are recommended while a proposal is transmitted' USING ERRCODE = 'check_violation';
        END IF;
        IF row_now -> 'approved' <> row_before -> 'approved' AND its_status <> 'endorsed' THEN
            RAISE EXCEPTION 'amounts are approved while a proposal is endorsed' USING ERRCODE = 'check_violation';
        END IF;
        IF row_now -> 'planning_figure' = row_before -> 'planning_figure'
            AND row_now -> 'previous_actual' = row_before -> 'previous_actual' THEN
            RETURN NEW;
        END IF;
    END IF;
    IF its_status NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'the content of a proposal that is % stays as it is', its_status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
""")
    for table, column in CONTENT.items():
        op.execute(
            f"CREATE TRIGGER keep_content BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION keep_proposal_content('{column}')"
        )


def _keep_within_ceiling() -> None:
    """INV-21: nothing leaves the draft above the ceiling of its call, in total or in a class; lines above it count
    apart, where the call allows them (BP-07). A proposal begins as a draft."""
    op.execute("""
CREATE FUNCTION keep_proposal_within_ceiling() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    call budget_calls;
    asked record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' THEN
            RAISE EXCEPTION 'a proposal begins as a draft' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.status NOT IN ('draft', 'returned') OR NEW.status IN ('draft', 'returned', 'cancelled') THEN
        RETURN NEW;
    END IF;
    SELECT
        count(*) AS lines,
        count(*) FILTER (WHERE tier = 'above') AS above,
        coalesce(sum(amount) FILTER (WHERE tier = 'within'), 0) AS total,
        coalesce(sum(amount) FILTER (WHERE tier = 'within' AND expense_class = 'PS'), 0) AS ps,
        coalesce(sum(amount) FILTER (WHERE tier = 'within' AND expense_class = 'MOOE'), 0) AS mooe,
        coalesce(sum(amount) FILTER (WHERE tier = 'within' AND expense_class = 'FinEx'), 0) AS finex,
        coalesce(sum(amount) FILTER (WHERE tier = 'within' AND expense_class = 'CO'), 0) AS co
    INTO asked FROM budget_lines WHERE proposal_id = NEW.id;
    IF asked.lines = 0 THEN
        RAISE EXCEPTION 'a proposal without lines is not submitted' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.call_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO call FROM budget_calls WHERE id = NEW.call_id FOR SHARE;
    IF asked.total > call.ceiling OR asked.ps > call.ceiling_ps OR asked.mooe > call.ceiling_mooe
        OR asked.finex > call.ceiling_finex OR asked.co > call.ceiling_co THEN
        RAISE EXCEPTION 'a proposal above its ceiling is not submitted' USING ERRCODE = 'check_violation';
    END IF;
    IF asked.above > 0 AND NOT call.above_ceiling THEN
        RAISE EXCEPTION 'the call allows no lines above the ceiling' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""")
    op.execute(
        "CREATE TRIGGER keep_within_ceiling BEFORE INSERT OR UPDATE OF status ON budget_proposals "
        "FOR EACH ROW EXECUTE FUNCTION keep_proposal_within_ceiling()"
    )


def downgrade() -> None:
    """The rules go with their tables; their functions go here."""
    for table in CONTENT:
        op.execute(f"DROP TRIGGER keep_content ON {table}")
    op.execute("DROP TRIGGER keep_within_ceiling ON budget_proposals")
    for function in ("keep_proposal_content", "keep_proposal_within_ceiling"):
        op.execute(f"DROP FUNCTION {function}()")
