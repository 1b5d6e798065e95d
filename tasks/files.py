"""At night, organization by organization: exports whose days are over, and contents of files whose row is gone."""

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain import exports
from bmms.domain.files import store
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task


@plain_task("sweep_files", every=crontab(minute="40", hour="18"))
def sweep_files() -> Counts:
    """Remove old exports, and contents older than a day without a row; 2:40 in Manila. Safe at any time."""

    def sweep(session: Session, organization_id: int) -> dict[str, int]:
        return {"old_exports": exports.forget_old(session), "swept_files": store.sweep_orphans(session)}

    return in_each_organization(sweep, also_inactive=True)
