"""What budgeting does by the calendar: calls close when their deadline is over, and dates are called to mind."""

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.calls import reminders, steps
from bmms.domain.proposals import reminders as endorsements
from bmms.models.organizations import Module
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task


@plain_task("close_calls", every=crontab(minute="10", hour="16"))
def close_calls() -> Counts:
    """Every night at 0:10 in Manila: the day after the last one."""
    return in_each_organization(_close, module=Module.BUDGETING)


@plain_task("remind_of_budget_dates", every=crontab(minute="0", hour="23"))
def remind_of_budget_dates() -> Counts:
    """At seven in the morning in Manila; each reminder goes out once, however often this runs."""
    return in_each_organization(_remind, module=Module.BUDGETING)


def _close(session: Session, organization_id: int) -> dict[str, int]:
    actor = system_actor("calendar", organization_id)
    return {"calls_closed": steps.close_due(session, actor, clock.today())}


def _remind(session: Session, organization_id: int) -> dict[str, int]:
    actor = system_actor("calendar", organization_id)
    today = clock.today()
    return {
        "budget_reminders": reminders.remind(session, actor, today),
        "endorsement_reminders": endorsements.remind(session, actor, today),
    }
