"""Alerts of execution: every night for each organization, and for one when an officer asks (modules 2.9)."""

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain import clock, jobs
from bmms.domain.actors import system_actor
from bmms.domain.alerts import checking
from bmms.domain.alerts.checking import TASK
from bmms.models.alerts import AlertKind
from bmms.models.jobs import Job
from bmms.models.organizations import Module
from tasks.each_organization import in_each_organization
from tasks.owners import actor_of
from tasks.queue import Counts, plain_task, tenant_task

NIGHTLY = tuple(kind for kind in checking.FAMILIES if kind != AlertKind.RECONCILIATION)  # that one: tasks/ledger.py

jobs.LABELS[TASK] = "Check the alerts"


@plain_task("check_alerts", every=crontab(minute="45", hour="17"))
def check_alerts() -> Counts:
    """Every night at 1:45 in Manila, after the totals have been compared with the ledger."""
    return in_each_organization(_check, module=Module.BUDGETING)


def _check(session: Session, organization_id: int) -> dict[str, int]:
    done = checking.check(session, system_actor("calendar", organization_id), clock.today(), NIGHTLY)
    return {"alerts_opened": done.opened, "alerts_raised": done.raised, "alerts_closed": done.closed}


@tenant_task(TASK)
def check_one(session: Session, job: Job) -> None:
    """The same for one organization. Run twice, the second finds nothing to do."""
    done = checking.check(session, actor_of(session, job), clock.today(), NIGHTLY)
    job.message = f"{done.opened} opened, {done.raised} more severe, {done.closed} closed."
