"""Files that the worker makes for one person, of what that person may see; kept for seven days (modules 7.1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock, jobs
from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound
from bmms.domain.files import kinds, rights, store
from bmms.models.jobs import Job, JobStatus
from bmms.models.organizations import StoredFile
from bmms.tenancy import scope_of

FILE = "export"  # the purpose of the files
KEPT_FOR = timedelta(days=7)
Find = Callable[[Session, Actor, dict[str, Any]], object]
_sources: dict[str, Find] = {}


def declare(task: str, find: Find) -> None:
    """Say of what a task makes files; its module calls this once, at import.

    Args:
        find: finds it by the arguments of the job; raises NotFound for whoever may not see it today.
    """
    if task in _sources:
        raise ValueError(f"the export {task!r} is declared already")
    _sources[task] = find


def ask(session: Session, actor: Actor, task: str, **arguments: Any) -> Job:
    """Have a file made; one that is being made already for this person is not begun a second time.

    Raises:
        NotFound: there is nothing of that kind for this actor.
    """
    _sources[task](session, actor, arguments)
    query = _own(actor, task).where(Job.status.in_((JobStatus.QUEUED, JobStatus.RUNNING)))
    at_work = session.scalar(query.where(Job.arguments == arguments).limit(1))
    return at_work or jobs.start(session, actor, task, **arguments)


def get(session: Session, actor: Actor, task: str, job_id: int, **arguments: Any) -> Job:
    """One export of the actor's own that was asked for with these arguments, and maybe more. Raises NotFound."""
    job = session.scalar(_own(actor, task).where(Job.id == job_id, Job.arguments.contains(arguments)))
    if job is None:
        raise NotFound("There is no such export.")
    return job


def _own(actor: Actor, task: str) -> Any:
    """Nobody but the person who asked for it gets a file, also no administrator."""
    return select(Job).where(
        Job.task == task, Job.owner_id == actor.user_id, Job.organization_id == actor.organization_id
    )  # fmt: skip


def hand_over(
    session: Session, actor: Actor, job: Job, content: bytes, name: str, kind: kinds.Kind = kinds.XLSX
) -> None:  # fmt: skip
    """Keep the file and note it in its job, in one transaction: made twice by two workers, it is kept once."""
    file = store.keep_made(session, actor, content, name, kind, FILE)
    job.result = {"file_id": file.id, "file_name": name}


def file_of(session: Session, job: Job) -> StoredFile | None:
    """The file, once it is made and as long as it is kept."""
    key = job.result.get("file_id")
    return session.get(StoredFile, key) if key else None


def forget_old(session: Session) -> int:
    """Remove the files of the organization that the session serves whose days are over; the sweep takes the contents.

    Returns:
        how many there were.
    """
    old = select(StoredFile).where(StoredFile.purpose == FILE, StoredFile.created_at < clock.now() - KEPT_FOR)
    files = session.scalars(old).all()
    for file in files:
        session.delete(file)
    session.flush()
    return len(files)


def _may_read(session: Session, actor: Actor, file: StoredFile) -> bool:
    query = select(Job).where(
        Job.owner_id == actor.user_id,
        Job.organization_id == scope_of(session).organization_id,
        Job.result["file_id"].as_integer() == file.id,
    )
    job = session.scalar(query.limit(1))
    find = _sources.get(job.task) if job is not None else None
    if job is None or find is None:
        return False
    try:
        find(session, actor, job.arguments)
    except NotFound:
        return False
    return True


rights.readable_when(FILE, _may_read)
