"""What the steps of a strategic plan and of a work plan share: their record, and who may take a submission back."""

from collections.abc import Sequence

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


def why_it_stays(actor: Actor, plan: Plan, decisions: Sequence[PlanDecision]) -> str:
    """Why it cannot be deleted; empty for a draft that was never submitted, and whoever made it.

    Args:
        decisions: all steps that were taken with it.
    """
    if plan.revises_id is not None:
        return "A revision is given up, not deleted: no code that was drawn in it is drawn again."
    if plan.status != PlanStatus.DRAFT or decisions:
        return "Only a draft that was never submitted can be deleted."
    if plan.created_by not in actor.persons:
        return "Only the person who made this draft can delete it."
    return ""


def refuse_deletion(session: Session, actor: Actor, plan: Plan) -> None:
    """Lock it, and refuse to delete what has to stay. Raises RuleBroken: see `why_it_stays`."""
    session.refresh(plan, with_for_update=True)
    if why := why_it_stays(actor, plan, decisions_of(session, plan)):
        raise RuleBroken(why)


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
