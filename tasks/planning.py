"""What planning does by the calendar: approved plans become active when their first year has begun."""

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.planning import steps
from bmms.models.organizations import Module
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task


@plain_task("activate_plans", every=crontab(minute="5", hour="16"))
def activate_plans() -> Counts:
    """Every night at 0:05 in Manila, so on the first of January too; what another plan blocks stays approved."""
    return in_each_organization(_activate, module=Module.PLANNING)


def _activate(session: Session, organization_id: int) -> dict[str, int]:
    actor = system_actor("calendar", organization_id)
    return {"plans_activated": len(steps.activate_due(session, actor, clock.today()))}
