"""The one step that a work plan takes together with its strategic plan."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.planning.decisions import note_decision
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.work import AnnualWorkPlan


def archive_with(session: Session, actor: Actor, parent: StrategicPlan) -> None:
    """The work plans go into the archive with their strategic plan; called by its step.

    Raises:
        RuleBroken: one of them is still being worked on.
    """
    query = select(AnnualWorkPlan).where(
        AnnualWorkPlan.plan_id == parent.id, AnnualWorkPlan.status != PlanStatus.ARCHIVED
    )
    for plan in session.scalars(query.order_by(AnnualWorkPlan.id).with_for_update()).all():
        if plan.status == PlanStatus.ACTIVE:
            raise RuleBroken(f"{plan.title} is still active. Complete it first.")
        before, plan.status = plan.status, PlanStatus.ARCHIVED
        note_decision(session, actor, plan, "archive", before, "")
        audit.record(
            session, actor, "annual_work_plans:archive", plan, label=plan.title, status=(before, plan.status)
        )  # fmt: skip
