"""Reports of execution: every night their deadlines of the year are entered, every morning they are called to mind."""

from huey import crontab
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import system_actor
from bmms.domain.deadlines import actions, reminders
from bmms.models.organizations import Module
from tasks.each_organization import in_each_organization
from tasks.queue import Counts, plain_task


@plain_task("lay_out_deadlines", every=crontab(minute="15", hour="16"))
def lay_out_deadlines() -> Counts:
    """Every night at 0:15 in Manila; of a year that has begun only what is still to come."""
    return in_each_organization(_lay_out, module=Module.BUDGETING)


@plain_task("remind_of_reports", every=crontab(minute="10", hour="23"))
def remind_of_reports() -> Counts:
    """At ten past seven in the morning in Manila; each reminder goes out once, however often this runs."""
    return in_each_organization(_remind, module=Module.BUDGETING)


def _lay_out(session: Session, organization_id: int) -> dict[str, int]:
    today = clock.today()
    actor = system_actor("calendar", organization_id)
    return {"deadlines_entered": actions.lay_out(session, actor, today.year, since=today)}


def _remind(session: Session, organization_id: int) -> dict[str, int]:
    return {"report_reminders": reminders.remind(session, system_actor("calendar", organization_id), clock.today())}
