"""How many jobs one person may have under way: two running and five waiting."""

import pytest
from sqlalchemy import update

from bmms.domain import jobs
from bmms.domain.actors import command_actor
from bmms.domain.errors import RuleBroken
from bmms.models.jobs import Job, JobStatus
from tests.planning import Desk, desk_of


@pytest.fixture
def desks(engine, app, cast):
    """Badar and Amina."""
    both = [desk_of(engine, app, cast, name) for name in ("badar", "amina")]
    yield both
    for desk in both:
        desk.session.close()


def start(desk: Desk, count: int = 1) -> Job:
    for _ in range(count):
        job = jobs.start(desk.session, desk.actor, "sample")
    desk.session.commit()
    return job


def test_the_eighth_job_of_a_person_waits_for_the_first(desks, cast):
    badar, amina = desks
    first = start(badar)
    start(badar, 6)
    with pytest.raises(RuleBroken, match=r"7 of your jobs are under way.*\(Sample, asked for at \d\d:\d\d\)"):
        start(badar)
    badar.session.rollback()
    start(amina)
    for _ in range(8):
        jobs.start(badar.session, command_actor(cast.moh.id), "sample")
    badar.session.execute(update(Job).where(Job.id == first.id).values(status=JobStatus.DONE))
    start(badar)
