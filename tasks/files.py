"""Contents of uploads whose row is gone: removed at night, organization by organization."""

from collections import Counter

from huey import crontab
from sqlalchemy import select

from bmms.domain.files import store
from bmms.models.organizations import Organization
from bmms.tenancy import bind_scope
from tasks.queue import Counts, plain_task, transaction


@plain_task("sweep_files", every=crontab(minute="40", hour="18"))
def sweep_files() -> Counts:
    """Remove what is older than a day and belongs to no row; 2:40 in Manila. Safe at any time, in any number."""
    with transaction() as session:
        organization_ids = list(session.scalars(select(Organization.id)))
    swept: Counts = Counter()
    for organization_id in organization_ids:
        with transaction() as session:
            bind_scope(session, organization_id)
            swept["swept_files"] += store.sweep_orphans(session)
    return swept
