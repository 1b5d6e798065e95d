"""What execution does by the calendar: every night the totals of the ledger are compared with its entries (E-11)."""

import logging

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain.ledger import reconciling
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task

logger = logging.getLogger("bmms.ledger")


@plain_task("reconcile_ledger", every=crontab(minute="25", hour="17"))
def reconcile_ledger() -> Counts:
    """Every night at 1:25 in Manila; what differs goes into the log, and keeps months from being closed."""
    return in_each_organization(_reconcile, also_inactive=True)


def _reconcile(session: Session, organization_id: int) -> dict[str, int]:
    wrong = reconciling.differences(session)
    for one in wrong:
        logger.error("organization %s: %s", organization_id, one)
    return {"wrong_totals": len(wrong)}
