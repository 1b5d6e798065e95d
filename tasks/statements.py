"""Statements of execution as workbooks (D48)."""

from sqlalchemy.orm import Session

from bmms.domain import exports
from bmms.domain.statements import workbook
from bmms.models.jobs import Job
from tasks.owners import actor_of
from tasks.queue import tenant_task


@tenant_task(workbook.TASK)
def export_statement(session: Session, job: Job) -> None:
    """Make the workbook. A run that was interrupted has left no file behind."""
    actor = actor_of(session, job)
    asked = workbook.asked_of(job.arguments)
    organization_id = job.organization_id
    assert organization_id is not None
    content = workbook.workbook_of(session, organization_id, asked, actor.signature)
    exports.hand_over(session, actor, job, content, workbook.name_of(session, organization_id, asked))
    job.message = "The workbook is ready."
