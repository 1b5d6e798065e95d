"""How rows of one organization refer to each other: always together with the organization (decision D3, INV-2)."""

from sqlalchemy import ForeignKeyConstraint


def part_of(column: str, table: str) -> ForeignKeyConstraint:
    """A row that goes when the row goes which it is a part of: a goal with its draft plan."""
    return ForeignKeyConstraint(
        [column, "organization_id"], [f"{table}.id", f"{table}.organization_id"], ondelete="CASCADE"
    )


def refers_to(column: str, table: str) -> ForeignKeyConstraint:
    """A reference that keeps the row which it names from going."""
    return ForeignKeyConstraint([column, "organization_id"], [f"{table}.id", f"{table}.organization_id"])


def member(column: str) -> ForeignKeyConstraint:
    """Somebody who works in this organization."""
    return refers_to(column, "memberships")
