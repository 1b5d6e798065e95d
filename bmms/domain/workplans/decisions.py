"""The record of a work plan's steps, and the one step that it takes together with its strategic plan."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.models.planning import PlanDecision, PlanStatus, StrategicPlan
from bmms.models.work import AnnualWorkPlan


def note_decision(
    session: Session, actor: Actor, plan: AnnualWorkPlan, verb: str, before: PlanStatus, note: str
) -> None:
    """Keep the step beside the work plan, for its page."""
    session.add(
        PlanDecision(
            work_plan_id=plan.id, verb=verb, before=before, after=plan.status, note=note.strip(),
            actor_id=actor.user_id, actor_label=actor.signature, at=clock.now(),
        )
    )  # fmt: skip
    session.flush()


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
