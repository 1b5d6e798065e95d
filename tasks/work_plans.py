"""Work plans as workbooks, made, checked and imported by the worker (D48, D49)."""

from uuid import UUID

from sqlalchemy.orm import Session

from bmms.domain import exports
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.imports.kept import KeptList
from bmms.domain.workplans import queries
from bmms.domain.workplans.sheets import export, steps
from bmms.models.jobs import Job
from bmms.models.work import AnnualWorkPlan
from tasks.owners import actor_of
from tasks.queue import tenant_task, told_aside


@tenant_task(export.TASK)
def export_work_plan(session: Session, job: Job) -> None:
    """Make the workbook. A run that was interrupted has left no file behind."""
    actor, plan = actor_of(session, job), _plan(session, job)
    content = export.workbook_of(session, plan, actor.signature)
    exports.hand_over(session, actor, job, content, export.name_of(session, plan))
    job.message = "The workbook is ready."


@tenant_task(steps.CHECK_TASK)
def check_work_plan(session: Session, job: Job) -> None:
    """Check an uploaded workbook; what was found is kept beside it. Doing it again finds the same."""
    plan = _plan(session, job)
    steps.check(session, actor_of(session, job), plan, _list(session, job, plan))
    job.message = "The file is checked."


@tenant_task(steps.RUN_TASK)
def import_work_plan(session: Session, job: Job) -> None:
    """Import a checked workbook, whole or not at all. A run that was interrupted has left nothing behind."""
    plan = _plan(session, job)
    mine, watch = _list(session, job, plan), told_aside(job)
    job.message = steps.run(session, actor_of(session, job), plan, mine, watch=watch)


def _plan(session: Session, job: Job) -> AnnualWorkPlan:
    try:
        return queries.get_work_plan(session, actor_of(session, job), job.arguments["work_plan_id"])
    except NotFound:
        raise RuleBroken("The work plan is gone, or not yours to see any more.") from None


def _list(session: Session, job: Job, plan: AnnualWorkPlan) -> KeptList:
    try:
        return steps.find(session, actor_of(session, job), plan, UUID(job.arguments["import_id"]))
    except NotFound:
        raise RuleBroken("The file is gone: it is kept for 24 hours. Upload it again.") from None
