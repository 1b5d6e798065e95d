"""Contents of uploads whose row is gone: removed at night, organization by organization."""

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain.files import store
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task


@plain_task("sweep_files", every=crontab(minute="40", hour="18"))
def sweep_files() -> Counts:
    """Remove what is older than a day and belongs to no row; 2:40 in Manila. Safe at any time, in any number."""

    def sweep(session: Session, organization_id: int) -> dict[str, int]:
        return {"swept_files": store.sweep_orphans(session)}

    return in_each_organization(sweep, also_inactive=True)
