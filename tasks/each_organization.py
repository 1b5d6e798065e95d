"""Periodic work that every organization has for itself: in its own scope, in its own transaction."""

import logging
from collections import Counter
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.log_lines import describe
from bmms.models.organizations import Module, Organization
from bmms.tenancy import bind_scope
from tasks.queue import Counts, transaction

logger = logging.getLogger("bmms.jobs")


def in_each_organization(
    work: Callable[[Session, int], dict[str, int]], *, module: Module | None = None, also_inactive: bool = False
) -> Counts:
    """Do some work for each active organization; one that fails is logged, undone and does not hold up the next.

    Args:
        work: takes a session bound to the organization, and its id; returns what it counted.
        module: only where this module is switched on.
        also_inactive: for housekeeping, which closed organizations need too.
    """
    with transaction() as session:
        every = select(Organization).order_by(Organization.id)
        query = every if also_inactive else every.where(Organization.is_active)
        wanted = [one.id for one in session.scalars(query) if module is None or one.has(module)]
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
