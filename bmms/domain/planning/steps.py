"""The life of a strategic plan: the whole diagram of modules 8.10, and what its steps have of their own."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import P
from bmms.domain.planning import checks, papers, queries, revisions, snapshots, taking, turns
from bmms.domain.planning.subjects import PLAN
from bmms.domain.subjects import Subject
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
        Step("drop", frozenset({S.DRAFT, S.RETURNED}), S.ARCHIVED, P.PLAN_EDIT, "Give up the revision",
             "The revision is given up. What is in force stays as it is.", asks="Why it is given up",
             least=workflow.LEAST_REMARK, tone="danger",
             follows="The revision goes into the archive and stays readable. What is in force stays as it is."),
    )
}  # fmt: skip


def take(session: Session, actor: Actor, plan: StrategicPlan, verb: str, *, note: str = "") -> Step:
    """Take one step with a plan. Raises NotAllowed, RuleBroken: see `taking.take`."""
    return taking.take(session, actor, Subject(PLAN, plan), verb, LIFE, note)


def _gaps_of(session: Session, plan: StrategicPlan) -> list[checks.Gap]:
    return checks.gaps_of(session, queries.outline(session, plan))


def _payload_of(session: Session, plan: StrategicPlan) -> dict[str, Any]:
    return snapshots.payload_of(session, queries.outline(session, plan))


def _taken(plan: StrategicPlan) -> str:
    return "Another active plan covers one of these years (INV-9). Complete or revise that one first."


def _activate(session: Session, actor: Actor, plan: StrategicPlan) -> None:
    plan.active_from = clock.today()
    for kpi in queries.outline(session, plan).kpis:
        kpi.status = IndicatorStatus.ACTIVE


def _complete(session: Session, actor: Actor, plan: StrategicPlan) -> None:
    open_ones = session.scalars(
        select(StrategicObjective.title).where(
            StrategicObjective.plan_id == plan.id, StrategicObjective.status == ObjectiveStatus.OPEN
        )
    ).all()
    if open_ones:
        raise RuleBroken(
            f"{len(open_ones)} objectives are still open, such as “{open_ones[0]}”. Close each of them first."
        )


LIFE = taking.Life(
    steps=PLAN_STEPS,
    called="plan",
    paper=papers.PLAN,
    gaps_of=_gaps_of,
    payload_of=_payload_of,
    put_in_force=revisions.put_in_force,
    taken=_taken,
    rules={"activate": _activate, "complete": _complete, "archive": archive_with, "drop": revisions.lay_aside},
)


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
    turns.side_by_side(session)
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
