"""Jobs as people see them: start, watch, cancel. The running itself is `tasks/queue.py`."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.outbox import wake
from bmms.domain.permissions import Permission
from bmms.models.jobs import Job, JobStatus
from bmms.models.locks import Lock

MOST_RUNNING, MOST_WAITING = 2, 5  # of one person (modules 7.1)
LABELS: dict[str, str] = {}  # task name to what people call it; each module adds its own


def label_of(job: Job) -> str:
    """What people call this job."""
    return LABELS.get(job.task, job.task.replace("_", " ").capitalize())


def start(session: Session, actor: Actor, task: str, **arguments: object) -> Job:
    """Ask the worker for one run of a task. Business row, job row and queue row commit together (decision D5).

    Args:
        arguments: ids and switches only; they are stored in clear.

    Raises:
        RuleBroken: this person has as many jobs under way as one may have; it says which to wait for.
    """
    if actor.user_id is not None:
        _require_room(session, actor.user_id)
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


def _require_room(session: Session, user_id: int) -> None:
    """Two running and five waiting at most; one after another, so that two presses at once do not both fit."""
    session.execute(select(func.pg_advisory_xact_lock(Lock.JOBS, user_id % 2**31)))
    under_way = select(Job).where(Job.owner_id == user_id, Job.status.in_((JobStatus.QUEUED, JobStatus.RUNNING)))
    found = session.scalars(under_way.order_by(Job.id)).all()
    if len(found) >= MOST_RUNNING + MOST_WAITING:
        first = found[0]
        raise RuleBroken(
            f"{len(found)} of your jobs are under way, which is the most for one person. Wait until the first is done "
            f"({label_of(first)}, asked for at {first.queued_at.astimezone(clock.MANILA):%H:%M}), or cancel one."
        )


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
