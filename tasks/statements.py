"""Statements of execution as workbooks and CSV (D48)."""

from sqlalchemy.orm import Session

from bmms.domain import exports
from bmms.domain.statements import workbook
from bmms.models.jobs import Job
from tasks.owners import actor_of
from tasks.queue import tenant_task


@tenant_task(workbook.TASK)
def export_statement(session: Session, job: Job) -> None:
    """Make the file. A run that was interrupted has left none behind."""
    actor = actor_of(session, job)
    asked, form = workbook.asked_of(job.arguments), workbook.form_of(job.arguments)
    organization_id = job.organization_id
    assert organization_id is not None
    if form == "csv":
        content = workbook.csv_of(session, asked)
    else:
        content = workbook.workbook_of(session, organization_id, asked, actor.signature)
    name = workbook.name_of(session, organization_id, asked, form)
    exports.hand_over(session, actor, job, content, name, workbook.FORMS[form])
    job.message = "The file is ready."
