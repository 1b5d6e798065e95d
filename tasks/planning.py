"""What planning does by the calendar: approved plans and work plans become active when their year has begun.

After that, all computed progress is computed again from the reports; what is stored otherwise goes into the log.
"""

import logging

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.installation import installation_of
from bmms.domain.planning import steps
from bmms.domain.workplans import reminders, rollup
from bmms.domain.workplans import steps as work_plan_steps
from bmms.models.organizations import Module
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task

logger = logging.getLogger("bmms.plans")


@plain_task("activate_plans", every=crontab(minute="5", hour="16"))
def activate_plans() -> Counts:
    """Every night at 0:05 in Manila, so on the first of January too; what another plan blocks stays approved."""
    return in_each_organization(_turn, module=Module.PLANNING)


@plain_task("remind_of_items", every=crontab(minute="0", hour="23"))
def remind_of_items() -> Counts:
    """At seven in the morning in Manila; each reminder goes out once, however often this runs."""
    return in_each_organization(_remind, module=Module.PLANNING)


def _remind(session: Session, organization_id: int) -> dict[str, int]:
    actor = system_actor("calendar", organization_id)
    days = installation_of(session).config.planning.escalate_days
    return {"item_reminders": reminders.remind(session, actor, clock.today(), escalate_days=days)}


def _turn(session: Session, organization_id: int) -> dict[str, int]:
    actor, today = system_actor("calendar", organization_id), clock.today()
    plans = len(steps.activate_due(session, actor, today))
    work_plans = len(work_plan_steps.activate_due(session, actor, today))
    wrong = rollup.differences(session)
    for one in wrong:
        logger.error("organization %s: %s", organization_id, one)
    return {"plans_activated": plans, "work_plans_activated": work_plans, "wrong_rollups": len(wrong)}
