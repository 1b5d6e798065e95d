"""Who may do what with a work item: its officer, its team, a planner (modules 0.3, 8.10)."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.permissions import Permission
from bmms.domain.workplans.queries import own_memberships
from bmms.models.work import WorkItem, WorkItemPerson


@dataclass(frozen=True)
class Duty:
    """How an actor stands to an item; who stands in for somebody has that person's duty."""

    is_officer: bool
    is_on_team: bool
    is_planner: bool

    @property
    def may_report(self) -> bool:
        """May say how far it is."""
        return self.is_officer or self.is_on_team


def duty_of(session: Session, actor: Actor, item: WorkItem) -> Duty:
    """How this actor stands to the item today. Viewers have no duty, whoever named them."""
    is_planner = actor.may(Permission.PLAN_EDIT)
    if not actor.may(Permission.PROGRESS_REPORT):
        return Duty(False, False, is_planner)
    own = own_memberships(session, actor)
    on_team = exists().where(WorkItemPerson.work_item_id == item.id, WorkItemPerson.membership_id.in_(own))
    is_officer = item.officer_id in own
    return Duty(is_officer, not is_officer and bool(own) and bool(session.scalar(select(on_team))), is_planner)
