"""The life of a strategic plan: the whole diagram of modules 8.10, and the one function that takes a step."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.documents import actions as documents
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import P
from bmms.domain.planning import checks, news, papers, queries, revisions, snapshots
from bmms.domain.planning.decisions import note_decision, refuse_withdrawal
from bmms.domain.planning.labels import PLAN_STATUS
from bmms.domain.workflow import Step
from bmms.domain.workplans import rollup
from bmms.domain.workplans.decisions import archive_with
from bmms.models.indicators import IndicatorStatus
from bmms.models.planning import ObjectiveStatus, PlanStatus, StrategicObjective, StrategicPlan
from bmms.models.planning import PlanStatus as S

PLAN_STEPS = {
    step.verb: step
    for step in (
        Step("submit", frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED, P.PLAN_EDIT, "Submit for approval",
             "The plan is submitted. The approvers are told.", asks="Note to the approver"),
        Step("withdraw", frozenset({S.SUBMITTED}), S.DRAFT, P.PLAN_EDIT, "Withdraw",
             "The plan is a draft again.", tone="plain"),
        Step("approve", frozenset({S.SUBMITTED}), S.APPROVED, P.PLAN_APPROVE, "Approve",
             "The plan is approved.", asks="Number of the approving instrument"),
        Step("return", frozenset({S.SUBMITTED}), S.RETURNED, P.PLAN_APPROVE, "Return for changes",
             "The plan is returned. Its author is told.", asks="What has to be changed",
             least=workflow.LEAST_REMARK, tone="plain"),
        Step("activate", frozenset({S.APPROVED}), S.ACTIVE, P.PLAN_EDIT, "Activate", "The plan is active."),
        Step("complete", frozenset({S.ACTIVE}), S.COMPLETED, P.PLAN_APPROVE, "Complete", "The plan is completed.",
             asks="Closing words", tone="plain"),
        Step("archive", frozenset({S.COMPLETED, S.APPROVED}), S.ARCHIVED, P.PLAN_EDIT, "Archive",
             "The plan is in the archive.", tone="plain"),
    )
}  # fmt: skip


def take(session: Session, actor: Actor, plan: StrategicPlan, verb: str, *, note: str = "") -> Step:
    """Take one step with a plan: lock it, check it, change it, and record who did it with which words.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, words are missing, a rule of the step refuses.
    """
    session.refresh(plan, with_for_update=True)
    step = workflow.require(actor, PLAN_STEPS, verb, plan.status, note, PLAN_STATUS[plan.status][0])
    _RULES[verb](session, actor, plan, note)
    before, plan.status = plan.status, PlanStatus(step.target)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken(
            "Another active plan covers one of these years (INV-9). Complete or revise that one first."
        ) from error
    if verb == "approve":
        documents.supersede(session, actor, papers.PLAN, (plan.id, plan.revises_id))
        if plan.revises_id is not None:
            revisions.put_in_force(session, actor, plan)
            rollup.settle(session)
    note_decision(session, actor, plan, verb, before, note)
    audit.record(
        session, actor, f"strategic_plans:{verb}", plan, label=plan.title, note=note, status=(before, plan.status)
    )
    news.tell_of_step(session, actor, plan, verb, "planning.plan_show", plan_id=plan.id)
    return step


def _submit(session: Session, actor: Actor, plan: StrategicPlan, note: str) -> None:
    _require_complete(session, plan)
    plan.submitted_by, plan.submitted_at = actor.user_id, clock.now()


def _require_complete(session: Session, plan: StrategicPlan) -> queries.Outline:
    outline = queries.outline(session, plan)
    if errors := checks.errors_in(checks.gaps_of(session, outline)):
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        raise RuleBroken(f"The plan is not complete: {errors[0].message}{more}. Look at the review page.")
    return outline


def _withdraw(session: Session, actor: Actor, plan: StrategicPlan, note: str) -> None:
    refuse_withdrawal(session, actor, plan, "the plan")


def _approve(session: Session, actor: Actor, plan: StrategicPlan, note: str) -> None:
    workflow.refuse_own(actor, plan.submitted_by, "this plan")
    outline = _require_complete(session, plan)
    snapshots.write_version(session, actor, plan, snapshots.payload_of(session, outline), instrument=note.strip()[:200])


def _return(session: Session, actor: Actor, plan: StrategicPlan, note: str) -> None:
    workflow.refuse_own(actor, plan.submitted_by, "this plan")


def _activate(session: Session, actor: Actor, plan: StrategicPlan, note: str) -> None:
    plan.active_from = clock.today()
    for kpi in queries.outline(session, plan).kpis:
        kpi.status = IndicatorStatus.ACTIVE


def _complete(session: Session, actor: Actor, plan: StrategicPlan, note: str) -> None:
    workflow.refuse_own(actor, plan.submitted_by, "this plan")
    open_ones = session.scalars(
        select(StrategicObjective.title).where(
            StrategicObjective.plan_id == plan.id, StrategicObjective.status == ObjectiveStatus.OPEN
        )
    ).all()
    if open_ones:
        raise RuleBroken(
            f"{len(open_ones)} objectives are still open, such as “{open_ones[0]}”. Close each of them first."
        )
    if queries.open_revision_of(session, plan) is not None:
        raise RuleBroken("A revision of this plan is being worked on. Finish or delete it first.")


def _archive(session: Session, actor: Actor, plan: StrategicPlan, note: str) -> None:
    archive_with(session, actor, plan)


_RULES: dict[str, Any] = {
    "submit": _submit,
    "withdraw": _withdraw,
    "approve": _approve,
    "return": _return,
    "activate": _activate,
    "complete": _complete,
    "archive": _archive,
}


def close_objective(
    session: Session,
    actor: Actor,
    plan: StrategicPlan,
    objective: StrategicObjective,
    status: ObjectiveStatus,
    reason: str,
) -> None:
    """Say how an objective of an active plan has ended: completed by the planner, otherwise by the approver.

    Raises:
        NotAllowed, RuleBroken: not active, closed already, or the reason is missing.
    """
    actor.require(P.PLAN_EDIT if status == ObjectiveStatus.COMPLETED else P.PLAN_APPROVE)
    session.refresh(objective, with_for_update=True)
    if plan.status != PlanStatus.ACTIVE:
        raise RuleBroken("Objectives are closed while the plan is active.")
    if objective.status != ObjectiveStatus.OPEN or status == ObjectiveStatus.OPEN:
        raise RuleBroken("This objective is closed already.")
    if len(" ".join(reason.split())) < workflow.LEAST_REMARK:
        raise RuleBroken(f"Give the reason in at least {workflow.LEAST_REMARK} characters.", field="reason")
    objective.status, objective.close_reason = status, reason.strip()
    rollup.climb_strategy(session, objective.id)
    audit.record(
        session, actor, "strategic_objectives:close", objective, label=objective.title, note=reason,
        status=(ObjectiveStatus.OPEN, status),
    )  # fmt: skip


def activate_due(session: Session, actor: Actor, today: date) -> list[StrategicPlan]:
    """Approved plans whose first year has begun become active by themselves (modules 1.4); blocked ones stay."""
    query = select(StrategicPlan).where(
        StrategicPlan.status == PlanStatus.APPROVED, StrategicPlan.start_year <= today.year,
        StrategicPlan.end_year >= today.year,
    )  # fmt: skip
    done = []
    for plan in session.scalars(query.order_by(StrategicPlan.id)).all():
        try:
            with session.begin_nested():
                take(session, actor, plan, "activate")
        except RuleBroken:
            continue
        done.append(plan)
    return done
