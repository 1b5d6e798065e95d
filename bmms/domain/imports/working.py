"""An uploaded list and the worker: start a job for it, wait for that, refuse a second one at the same time."""

from sqlalchemy.orm import Session

from bmms.domain import jobs
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.imports import kept
from bmms.domain.imports.kept import KeptList
from bmms.models.jobs import Job


def start(session: Session, actor: Actor, mine: KeptList, task: str, **arguments: object) -> None:
    """Let the worker do something with a list; the list remembers the job once it stands."""
    job_id = jobs.start(session, actor, task, import_id=mine.import_id.hex, **arguments).id
    kept.after_commit(session, lambda: mine.change(job_id=job_id))


def refuse_unless_open(session: Session, actor: Actor, mine: KeptList) -> None:
    """Go on only with a list that waits for its person.

    Raises:
        RuleBroken: it has been imported, or is at work.
    """
    if mine.outcome is not None:
        raise RuleBroken("This list has been imported already. Upload it again to import what has changed in it since.")
    job = job_of(session, actor, mine)
    if job is not None and job.active:
        raise RuleBroken("This list is being worked on. Wait until it is done.")


def job_of(session: Session, actor: Actor, mine: KeptList) -> Job | None:
    """The job that checks or imports a list; None for lists that need none."""
    job_id = mine.facts.job_id
    return jobs.get_job(session, actor, job_id) if job_id else None
