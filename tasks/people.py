"""Lists of people that are too long for a request, and all workbooks (D49): checked and imported by the worker."""

from uuid import UUID

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.imports import kept
from bmms.domain.imports.kept import KeptList
from bmms.domain.people.imports import steps
from bmms.models.jobs import Job
from tasks.owners import actor_of
from tasks.queue import Counts, plain_task, platform_task, tenant_task, told_aside, transaction


@platform_task(f"{steps.CHECK_TASK}{steps.ANYWHERE}")
@tenant_task(steps.CHECK_TASK)
def check_people(session: Session, job: Job) -> None:
    """Check an uploaded list; what was found is kept beside it. Doing it again finds the same."""
    steps.check(session, actor_of(session, job), _list(session, job))
    job.message = "The list is checked."


@platform_task(f"{steps.RUN_TASK}{steps.ANYWHERE}")
@tenant_task(steps.RUN_TASK)
def import_people(session: Session, job: Job) -> None:
    """Import a checked list, whole or not at all. A run that was interrupted has left nothing behind."""
    actor, mine = actor_of(session, job), _list(session, job)
    switches = {name: job.arguments[name] for name in ("send_emails", "skip_invalid")}
    created = steps.run(session, actor, mine, **switches, watch=told_aside(job))
    job.message = "The list is imported." if created else "Rows have errors; nothing was created."


@plain_task("forget_lists", every=crontab(minute="17"))
def forget_lists() -> Counts:
    """Remove uploaded lists whose day is over, also when nobody uploads another."""
    with transaction() as session:
        return Counts(lists_forgotten=kept.sweep(session))


def _list(session: Session, job: Job) -> KeptList:
    try:
        return kept.find_list(session, actor_of(session, job), UUID(job.arguments["import_id"]))
    except NotFound:
        raise RuleBroken("The list is gone: it is kept for 24 hours. Upload it again.") from None
