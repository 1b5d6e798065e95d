"""Periodic work that every organization has for itself: in its own scope, in its own transaction."""

import logging
from collections import Counter
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.models.organizations import Module, Organization
from bmms.tenancy import bind_scope
from tasks.queue import Counts, transaction
from tasks.running import describe

logger = logging.getLogger("bmms.jobs")


def in_each_organization(work: Callable[[Session, int], dict[str, int]], *, module: Module | None = None) -> Counts:
    """Do some work for each active organization; one that fails is logged, undone and does not hold up the next.

    Args:
        work: takes a session bound to the organization, and its id; returns what it counted.
        module: only where this module is switched on.
    """
    with transaction() as session:
        active = select(Organization).where(Organization.is_active).order_by(Organization.id)
        wanted = [one.id for one in session.scalars(active) if module is None or one.has(module)]
    counts: Counts = Counter()
    for organization_id in wanted:
        try:
            with transaction() as session:
                bind_scope(session, organization_id)
                done = work(session, organization_id)
            counts.update(done)
        except Exception as wrong:
            logger.error("%s failed for organization %s: %s", work.__name__, organization_id, describe(wrong))
    return +counts
