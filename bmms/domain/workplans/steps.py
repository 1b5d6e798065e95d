"""The life of a work plan: the steps of a strategic plan, without an archive of its own (modules 1.4, 8.10)."""

from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.documents import actions as documents
from bmms.domain.errors import RuleBroken
from bmms.domain.planning import news
from bmms.domain.planning.checks import errors_in
from bmms.domain.planning.decisions import note_decision, refuse_withdrawal
from bmms.domain.planning.labels import PLAN_STATUS
from bmms.domain.planning.steps import PLAN_STEPS
from bmms.domain.workflow import Step
from bmms.domain.workplans import checks, papers, rollup, rules, snapshots
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.work import CLOSED, AnnualWorkPlan, WorkItem

WORK_PLAN_STEPS = {verb: step for verb, step in PLAN_STEPS.items() if verb != "archive"}


def take(session: Session, actor: Actor, plan: AnnualWorkPlan, verb: str, *, note: str = "") -> Step:
    """Take one step with a work plan: lock it, check it, change it, and record who did it with which words.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, words are missing, a rule of the step refuses.
    """
    session.refresh(plan, with_for_update=True)
    step = workflow.require(actor, WORK_PLAN_STEPS, verb, plan.status, note, PLAN_STATUS[plan.status][0])
    _RULES[verb](session, actor, plan, note)
    before, plan.status = plan.status, PlanStatus(step.target)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken(f"{plan.fiscal_year} has another work plan already (INV-10).") from error
    if verb == "approve":
        documents.supersede(session, actor, papers.WORK_PLAN, (plan.id, plan.revises_id))
    if verb in ("activate", "complete"):
        rollup.settle(session)
    note_decision(session, actor, plan, verb, before, note)
    audit.record(
        session, actor, f"annual_work_plans:{verb}", plan, label=plan.title, note=note, status=(before, plan.status)
    )
    news.tell_of_step(session, actor, plan, verb, "planning.work_plan_show", work_plan_id=plan.id)
    return step


def _submit(session: Session, actor: Actor, plan: AnnualWorkPlan, note: str) -> None:
    _require_complete(session, plan)
    plan.submitted_by, plan.submitted_at = actor.user_id, clock.now()


def _require_complete(session: Session, plan: AnnualWorkPlan) -> None:
    rules.require_year(session, session.get_one(StrategicPlan, plan.plan_id), plan.fiscal_year, plan)
    if errors := errors_in(checks.gaps_of(session, plan)):
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        raise RuleBroken(f"The work plan is not complete: {errors[0].message}{more}. Look at the review page.")


def _withdraw(session: Session, actor: Actor, plan: AnnualWorkPlan, note: str) -> None:
    refuse_withdrawal(session, actor, plan, "the work plan")


def _approve(session: Session, actor: Actor, plan: AnnualWorkPlan, note: str) -> None:
    workflow.refuse_own(actor, plan.submitted_by, "this work plan")
    _require_complete(session, plan)
    snapshots.write_version(session, actor, plan, instrument=note.strip()[:200])


def _return(session: Session, actor: Actor, plan: AnnualWorkPlan, note: str) -> None:
    workflow.refuse_own(actor, plan.submitted_by, "this work plan")


def _activate(session: Session, actor: Actor, plan: AnnualWorkPlan, note: str) -> None:
    parent = session.get_one(StrategicPlan, plan.plan_id)
    if parent.status != PlanStatus.ACTIVE:
        raise RuleBroken(f"{parent.title} is not active. Activate the strategic plan first.")
    plan.active_from = clock.today()


def _complete(session: Session, actor: Actor, plan: AnnualWorkPlan, note: str) -> None:
    workflow.refuse_own(actor, plan.submitted_by, "this work plan")
    carried = aliased(WorkItem)
    query = select(WorkItem.code, WorkItem.title).where(
        WorkItem.work_plan_id == plan.id, WorkItem.status.not_in(CLOSED),
        ~exists().where(carried.carried_from_id == WorkItem.id),
    )  # fmt: skip
    left = session.execute(query.order_by(WorkItem.code)).all()
    if left:
        many = f"{len(left)} items are" if len(left) > 1 else "One item is"
        raise RuleBroken(
            f"{many} neither closed nor carried over, such as {left[0].code} “{left[0].title}”. Close or carry over."
        )


_RULES: dict[str, Any] = {
    "submit": _submit,
    "withdraw": _withdraw,
    "approve": _approve,
    "return": _return,
    "activate": _activate,
    "complete": _complete,
}


def activate_due(session: Session, actor: Actor, today: date) -> list[AnnualWorkPlan]:
    """Approved work plans whose year has begun become active by themselves; blocked ones stay (modules 1.4)."""
    query = select(AnnualWorkPlan).where(
        AnnualWorkPlan.status == PlanStatus.APPROVED, AnnualWorkPlan.fiscal_year == today.year
    )
    done = []
    for plan in session.scalars(query.order_by(AnnualWorkPlan.id)).all():
        try:
            with session.begin_nested():
                take(session, actor, plan, "activate")
        except RuleBroken:
            continue
        done.append(plan)
    return done
