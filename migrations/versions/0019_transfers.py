"""Transfers between organizations: what one side tells the other; a draft of few words may be cancelled (D25)."""

import sqlalchemy as sa
from alembic import op

from migrations.rls import ORGANIZATION, allow, define, policy, shut

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OPEN = "status IN ('draft', 'cancelled')"


def upgrade() -> None:
    """One table that a trigger writes; two checks."""
    _checks(OPEN)
    op.create_table(
        "transfer_offers",
        sa.Column("pair_key", sa.String(length=40), nullable=False),
        sa.Column("from_organization_id", sa.BigInteger(), nullable=False),
        sa.Column("to_organization_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("appropriation", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("allotment", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "offered", "answered", "posted", "reversed", name="offerstatus", native_enum=False,
                create_constraint=False, length=40,
            ),
            server_default="offered",
            nullable=False,
        ),
        sa.Column("is_demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("from_organization_id <> to_organization_id", name=op.f("ck_transfer_offers_two_sides")),
        sa.CheckConstraint(
            "status IN ('offered', 'answered', 'posted', 'reversed')", name=op.f("ck_transfer_offers_offerstatus")
        ),
        sa.ForeignKeyConstraint(
            ["from_organization_id"], ["organizations.id"], name=op.f("fk_transfer_offers_from_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_organization_id"], ["organizations.id"], name=op.f("fk_transfer_offers_to_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_offers")),
        sa.UniqueConstraint("pair_key", name=op.f("uq_transfer_offers_pair_key")),
    )  # fmt: skip
    for side in ("from_organization_id", "to_organization_id"):
        op.create_index(op.f(f"ix_transfer_offers_{side}"), "transfer_offers", [side], unique=False)
    shut("transfer_offers")
    policy(
        "transfer_offers", "either_side", "SELECT",
        f"from_organization_id = {ORGANIZATION} OR to_organization_id = {ORGANIZATION}",
    )  # fmt: skip
    allow("transfer_offers", "SELECT")
    _lead()


def _lead() -> None:
    """From the approval on, the other side sees an offer; its own document answers it, or gives it free again."""
    define(
        "lead_transfer",
        "lead_transfer()",
        """
() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status ELSE '' END;
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM transfer_offers WHERE pair_key = OLD.pair_key AND from_organization_id = OLD.organization_id;
    ELSIF NEW.kind = 'transfer_out' AND NEW.status = 'approved' AND before <> 'approved' THEN
        INSERT INTO transfer_offers (pair_key, from_organization_id, to_organization_id, reference, dated,
                                     appropriation, allotment, is_demo)
        SELECT NEW.pair_key, NEW.organization_id, NEW.counterpart_id, NEW.reference, NEW.dated,
               -sum(line.appropriation), -sum(line.allotment), NEW.is_demo
        FROM budget_change_lines line WHERE line.change_id = NEW.id;
    ELSIF NEW.kind = 'transfer_out' THEN
        UPDATE transfer_offers SET dated = NEW.dated,
               status = CASE WHEN NEW.status IN ('posted', 'reversed') THEN NEW.status ELSE status END
        WHERE pair_key = NEW.pair_key AND from_organization_id = NEW.organization_id;
    ELSIF NEW.kind = 'transfer_in' AND TG_OP = 'INSERT' THEN
        UPDATE transfer_offers SET status = 'answered'
        WHERE pair_key = NEW.pair_key AND to_organization_id = NEW.organization_id AND status = 'offered';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'nobody offers this transfer'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'no_offer';
        END IF;
    ELSIF NEW.kind = 'transfer_in' AND NEW.status IN ('cancelled', 'rejected') THEN
        UPDATE transfer_offers SET status = 'offered'
        WHERE pair_key = NEW.pair_key AND to_organization_id = NEW.organization_id AND status = 'answered';
    END IF;
    RETURN NULL;
END $$
""",
        callers="",
    )
    op.execute(
        "CREATE TRIGGER lead_transfer AFTER INSERT OR DELETE OR UPDATE OF status, dated ON budget_changes "
        "FOR EACH ROW EXECUTE FUNCTION lead_transfer()"
    )


def _checks(is_open: str) -> None:
    for name, rule in (
        ("reason", f"char_length(reason) >= 100 OR {is_open}"),
        ("declared_savings", f"kind <> 'augmentation' OR {is_open} OR (savings IS NOT NULL AND declared_by <> '')"),
    ):
        op.drop_constraint(op.f(f"ck_budget_changes_{name}"), "budget_changes")
        op.create_check_constraint(op.f(f"ck_budget_changes_{name}"), "budget_changes", rule)


def downgrade() -> None:
    """Everything goes."""
    op.execute("DROP TRIGGER lead_transfer ON budget_changes")
    op.execute("DROP FUNCTION lead_transfer()")
    op.drop_table("transfer_offers")
    _checks("status = 'draft'")
