"""The lines of proposals as workbooks, made, checked and imported by the worker (D48, D49)."""

from uuid import UUID

from sqlalchemy.orm import Session

from bmms.domain import exports
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.imports.kept import KeptList
from bmms.domain.proposals import queries
from bmms.domain.proposals.sheets import export, steps
from bmms.models.jobs import Job
from bmms.models.proposals import BudgetProposal
from tasks.owners import actor_of
from tasks.queue import tenant_task, told_aside


@tenant_task(export.TASK)
def export_proposal_lines(session: Session, job: Job) -> None:
    """Make the workbook. A run that was interrupted has left no file behind."""
    actor, proposal = actor_of(session, job), _proposal(session, job)
    content = export.workbook_of(session, proposal, actor.signature)
    exports.hand_over(session, actor, job, content, export.name_of(session, proposal))
    job.message = "The workbook is ready."


@tenant_task(steps.CHECK_TASK)
def check_proposal_lines(session: Session, job: Job) -> None:
    """Check an uploaded list; what was found is kept beside it. Doing it again finds the same."""
    proposal = _proposal(session, job)
    steps.check(session, actor_of(session, job), proposal, _list(session, job, proposal))
    job.message = "The list is checked."


@tenant_task(steps.RUN_TASK)
def import_proposal_lines(session: Session, job: Job) -> None:
    """Import a checked list, whole or not at all. A run that was interrupted has left nothing behind."""
    proposal = _proposal(session, job)
    mine, watch = _list(session, job, proposal), told_aside(job)
    job.message = steps.run(session, actor_of(session, job), proposal, mine, watch=watch)


def _proposal(session: Session, job: Job) -> BudgetProposal:
    try:
        return queries.get_proposal(session, actor_of(session, job), job.arguments["proposal_id"])
    except NotFound:
        raise RuleBroken("The proposal is gone, or not yours to see any more.") from None


def _list(session: Session, job: Job, proposal: BudgetProposal) -> KeptList:
    try:
        return steps.find(session, actor_of(session, job), proposal, UUID(job.arguments["import_id"]))
    except NotFound:
        raise RuleBroken("The list is gone: it is kept for 24 hours. Send it again.") from None
