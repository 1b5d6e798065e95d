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
LISTED = 50


def key_of(plan: Plan) -> str:
    """The column by which decisions, versions and comments name it."""
    return "plan_id" if isinstance(plan, StrategicPlan) else "work_plan_id"


def note_decision(session: Session, actor: Actor, plan: Plan, verb: str, before: PlanStatus, note: str) -> None:
    """Keep the step beside the plan or work plan, for its page."""
    decision = PlanDecision(
        verb=verb, before=before, after=plan.status, note=note.strip(), actor_id=actor.user_id,
        actor_label=actor.signature, at=clock.now(), **{key_of(plan): plan.id},
    )  # fmt: skip
    session.add(decision)
    session.flush()


def decisions_of(session: Session, plan: Plan) -> list[PlanDecision]:
    """The steps of a plan or work plan, the latest first."""
    query = select(PlanDecision).where(getattr(PlanDecision, key_of(plan)) == plan.id)
    return list(session.scalars(query.order_by(PlanDecision.id.desc()).limit(LISTED)))


def refuse_withdrawal(session: Session, actor: Actor, plan: Plan, called: str) -> None:
    """Only its submitter takes a submission back, and only before anybody else has remarked on it (modules 8.10).

    Args:
        called: what it is in words, such as "plan".

    Raises:
        RuleBroken: somebody else submitted it, or there are remarks.
    """
    if plan.submitted_by not in actor.persons:
        raise RuleBroken(f"Only the person who submitted the {called} can withdraw it.")
    remarks = exists().where(
        getattr(Comment, key_of(plan)) == plan.id,
        Comment.created_at >= plan.submitted_at,
        Comment.author_id != plan.submitted_by,
    )
    if session.scalar(select(remarks)):
        raise RuleBroken(f"The review has begun: there are remarks. Ask the approver to return the {called}.")
