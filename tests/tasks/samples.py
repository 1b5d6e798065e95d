"""Tasks that only the tests know, and a worker that knows them: `python samples.py worker`."""

import sys
import time
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.errors import RuleBroken
from bmms.models.accounts import User
from bmms.models.jobs import Job
from bmms.models.organizations import Unit
from tasks.queue import job_progress, platform_task, tenant_task


@tenant_task("sample_units", pauses=(1, 1, 1))
def make_units(session: Session, job: Job) -> None:
    """Make `rows` units, those that are missing; `pause` seconds each."""
    job.total = job.arguments["rows"]
    known = set(session.scalars(select(Unit.name)))
    pause, total = job.arguments.get("pause", 0), job.total
    for number in range(1, total + 1):
        if f"unit {number}" not in known:
            session.add(Unit(name=f"unit {number}"))
            session.flush()
        time.sleep(pause)
        job_progress(session, job, number)
    job.message = f"{total} units."


@tenant_task("sample_long")
def sleep_long(session: Session, job: Job) -> None:
    """One step that takes `seconds`."""
    time.sleep(job.arguments["seconds"])
    job.result = {"attempts": job.attempts}


@tenant_task("sample_endless", pauses=(), timeout=1)
def never_end(session: Session, job: Job) -> None:
    """Take far too long."""
    time.sleep(60)


@tenant_task("sample_wrong")
def go_wrong(session: Session, job: Job) -> None:
    """Write something, then fail until the attempt of that number."""
    session.add(Unit(name=f"of attempt {job.attempts}"))
    session.flush()
    if job.attempts < job.arguments["until"]:
        raise ValueError(f"no room for 'Amina Salik' amina@moh.example {job.arguments['telling']} in row 7")


@tenant_task("sample_refused")
def be_refused(session: Session, job: Job) -> None:
    """Meet a rule."""
    raise RuleBroken("Row 7: Email 'x' is already registered.")


@platform_task("sample_people")
def count_people(session: Session, job: Job) -> None:
    """Count the accounts of all organizations."""
    job.result = {"people": len(session.scalars(select(User.id)).all())}


@tenant_task("sample_signed")
def leave_a_note(session: Session, job: Job) -> None:
    """Write to a file that it has begun, and a second later that it has ended."""
    note = Path(job.arguments["note"])
    with note.open("a") as file:
        file.write("begun\n")
    time.sleep(1)
    with note.open("a") as file:
        file.write("ended\n")


if __name__ == "__main__":
    from bmms.cli.main import main

    sys.modules["tests.tasks.samples"] = sys.modules[__name__]
    main()
