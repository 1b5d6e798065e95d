"""As whom a job acts: its owner, with the rights of today."""

from sqlalchemy.orm import Session

from bmms.domain import access
from bmms.domain.actors import Actor, Origin, system_actor
from bmms.domain.errors import RuleBroken
from bmms.models.accounts import User
from bmms.models.jobs import Job
from bmms.models.organizations import Organization


def actor_of(session: Session, job: Job) -> Actor:
    """The owner of the job with the rights of today; BMMS itself where the command line started it.

    Raises:
        RuleBroken: he or she has lost them.
    """
    if job.owner_id is None:
        return system_actor(job.task, job.organization_id)
    user = session.get_one(User, job.owner_id)
    if job.organization_id is None:
        return access.central_actor(session, user, Origin())
    organization = session.get_one(Organization, job.organization_id)
    entered = access.enter(session, user, organization.code, Origin())
    if entered is None:
        raise RuleBroken(f"You have no access to {organization.code} any more.")
    return access.actor_here(session, user, entered, Origin())
