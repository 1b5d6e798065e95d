"""Whose turn it is in an organization's plans: reports of progress go side by side, a step of a plan goes alone.

A report locks from the leaf to the root, a step of a plan begins at the root. Each takes its turn before its first lock
on a row, so that they wait for each other instead of each holding what the other one needs.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.models.locks import Lock
from bmms.tenancy import scope_of


def side_by_side(session: Session) -> None:
    """Until the end of the transaction no step of a plan begins. For all that computes progress upwards."""
    session.execute(select(func.pg_advisory_xact_lock_shared(Lock.PLANS, scope_of(session).organization_id)))


def alone(session: Session) -> None:
    """Wait until the reports under way have ended; new ones wait until the end of the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(Lock.PLANS, scope_of(session).organization_id)))
