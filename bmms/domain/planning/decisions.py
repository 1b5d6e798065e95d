"""What the steps of a strategic plan and of a work plan share: their record, and who may take a submission back."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.models.collaboration import Comment
from bmms.models.planning import PlanDecision, PlanStatus, StrategicPlan
from bmms.models.work import AnnualWorkPlan

Plan = StrategicPlan | AnnualWorkPlan


def note_decision(session: Session, actor: Actor, plan: Plan, verb: str, before: PlanStatus, note: str) -> None:
    """Keep the step beside the plan or work plan, for its page."""
    decision = PlanDecision(
        verb=verb, before=before, after=plan.status, note=note.strip(), actor_id=actor.user_id,
        actor_label=actor.signature, at=clock.now(),
    )  # fmt: skip
    if isinstance(plan, StrategicPlan):
        decision.plan_id = plan.id
    else:
        decision.work_plan_id = plan.id
    session.add(decision)
    session.flush()


def refuse_withdrawal(session: Session, actor: Actor, plan: Plan, called: str) -> None:
    """Only its submitter takes a submission back, and only before anybody else has remarked on it (modules 8.10).

    Args:
        called: what it is in words, such as "the plan".

    Raises:
        RuleBroken: somebody else submitted it, or there are remarks.
    """
    if plan.submitted_by not in actor.persons:
        raise RuleBroken(f"Only the person who submitted {called} can withdraw it.")
    here = Comment.plan_id if isinstance(plan, StrategicPlan) else Comment.work_plan_id
    remarks = exists().where(
        here == plan.id, Comment.created_at >= plan.submitted_at, Comment.author_id != plan.submitted_by
    )
    if session.scalar(select(remarks)):
        raise RuleBroken(f"The review has begun: there are remarks. Ask the approver to return {called}.")
