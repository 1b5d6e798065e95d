"""Jobs as people see them: start, watch, cancel. The running itself is `tasks/queue.py`."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.outbox import wake
from bmms.domain.permissions import Permission
from bmms.models.jobs import Job, JobStatus


def start(session: Session, actor: Actor, task: str, **arguments: object) -> Job:
    """Ask the worker for one run of a task. Business row, job row and queue row commit together (decision D5).

    Args:
        arguments: ids and switches only; they are stored in clear.
    """
    job = Job(
        task=task,
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        arguments=arguments,
        queued_at=clock.now(),
    )
    session.add(job)
    audit.record(session, actor, "jobs:start", job, label=task)
    wake(session, task, job.id)
    return job


def get_job(session: Session, actor: Actor, job_id: int) -> Job:
    """One job that the actor owns, or, for administrators, one of the own organization.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    job = session.scalar(_visible(actor).where(Job.id == job_id))
    if job is None:
        raise NotFound
    return job


def list_jobs(actor: Actor) -> Select[Job]:
    """The actor's jobs, newest first; administrators see those of the organization, the platform all."""
    return _visible(actor).order_by(Job.id.desc())


def _visible(actor: Actor) -> Select[Job]:
    query = select(Job)
    if not actor.may(Permission.JOB_VIEW):
        return query.where(Job.owner_id == actor.user_id, Job.organization_id == actor.organization_id)
    return query if actor.organization_id is None else query.where(Job.organization_id == actor.organization_id)


def cancel(session: Session, actor: Actor, job: Job) -> None:
    """Stop a job: at once when it waits, at its next step when it runs.

    Raises:
        NotAllowed: the job is somebody else's and the actor administers nothing.
        RuleBroken: it has ended already.
    """
    if job.owner_id != actor.user_id and not actor.may(Permission.JOB_VIEW):
        raise NotAllowed("Only the person who started a job, or an administrator, can cancel it.")
    if not job.active:
        raise RuleBroken(f"This job is already {job.status}.")
    job.cancel_asked_at = clock.now()
    if job.status == JobStatus.QUEUED:
        job.status, job.finished_at = JobStatus.CANCELLED, clock.now()
    audit.record(session, actor, "jobs:cancel", job, label=job.task)
