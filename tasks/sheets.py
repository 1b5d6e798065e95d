"""What people edit in a spreadsheet, made, checked and imported by the worker (D48, D49)."""

from typing import Any

from sqlalchemy.orm import Session

from bmms.domain import exports
from bmms.domain.imports.working import Sheet
from bmms.domain.obligations.sheets.steps import REQUESTS
from bmms.domain.openings.sheets.steps import OPENINGS
from bmms.domain.proposals.sheets.steps import LINES
from bmms.domain.workplans.sheets.steps import WORK_ITEMS
from bmms.models.jobs import Job
from tasks.owners import actor_of
from tasks.queue import tenant_task, told_aside

SHEETS: tuple[Sheet[Any, Any], ...] = (LINES, WORK_ITEMS, OPENINGS, REQUESTS)


def work_on(sheet: Sheet[Any, Any]) -> None:
    """Let the worker know the three tasks of one kind of sheet."""

    @tenant_task(sheet.export_task)
    def export(session: Session, job: Job) -> None:
        """Make the workbook. A run that was interrupted has left no file behind."""
        actor = actor_of(session, job)
        record = sheet.record_of(session, actor, job.arguments)
        content = sheet.workbook_of(session, record, actor.signature)
        exports.hand_over(session, actor, job, content, sheet.name_of(session, record))
        job.message = "The workbook is ready."

    @tenant_task(sheet.check_task)
    def check(session: Session, job: Job) -> None:
        """Check an uploaded list; what was found is kept beside it. Doing it again finds the same."""
        actor = actor_of(session, job)
        record = sheet.record_of(session, actor, job.arguments)
        sheet.check(session, actor, record, sheet.list_of(session, actor, record, job.arguments))
        job.message = sheet.words.checked

    @tenant_task(sheet.run_task)
    def run(session: Session, job: Job) -> None:
        """Import a checked list, whole or not at all. A run that was interrupted has left nothing behind."""
        actor = actor_of(session, job)
        record = sheet.record_of(session, actor, job.arguments)
        mine, meant = sheet.list_of(session, actor, record, job.arguments), bool(job.arguments.get(sheet.consent))
        job.message = sheet.run(session, actor, record, mine, meant=meant, watch=told_aside(job))


for each in SHEETS:
    work_on(each)
