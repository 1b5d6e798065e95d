"""Taking a step with a strategic plan or a work plan: one function for both, and the rules that are the same for both.

What each kind has of its own stands in its `Life`, beside its diagram: `planning/steps.py` and `workplans/steps.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.documents import actions as documents
from bmms.domain.documents.papers import Paper
from bmms.domain.errors import RuleBroken
from bmms.domain.planning import news, turns
from bmms.domain.planning.checks import Gap, errors_in
from bmms.domain.planning.decisions import Plan, note_decision, refuse_withdrawal
from bmms.domain.planning.labels import PLAN_STATUS
from bmms.domain.planning.revising import open_revision_of
from bmms.domain.planning.versions import write_version
from bmms.domain.subjects import Subject
from bmms.domain.workflow import Step, Steps
from bmms.domain.workplans import rollup
from bmms.models.planning import PlanStatus

SETTLING = ("approve", "activate", "complete")  # steps that change what counts in the computed progress


@dataclass(frozen=True)
class Life:
    """What the life of one kind of plan has of its own; functions take the session, the actor if they act, the plan."""

    steps: Steps
    called: str  # "plan"
    paper: Paper
    gaps_of: Callable[[Session, Any], Sequence[Gap]]
    payload_of: Callable[[Session, Any], dict[str, Any]]  # its content, to be kept as a version
    put_in_force: Callable[[Session, Actor, Any], None]  # an approved revision
    taken: Callable[[Any], str]  # what to say when its years are taken by another one
    rules: Mapping[str, Callable[[Session, Actor, Any], None]]  # of the own steps, or more for a common one


def take(session: Session, actor: Actor, subject: Subject, verb: str, life: Life, note: str) -> Step:
    """Take one step with a plan: lock it, check it, change it, and record who did it with which words.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, words are missing, a rule of the step refuses.
    """
    turns.alone(session)
    plan = subject.row
    session.refresh(plan, with_for_update=True)
    step = workflow.require(actor, life.steps, verb, plan.status, note, PLAN_STATUS[plan.status][0])
    _prepare(session, actor, plan, verb, life, note)
    before, plan.status = plan.status, PlanStatus(step.target)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken(life.taken(plan)) from error
    if verb == "drop":
        documents.supersede(session, actor, life.paper, (plan.id,))
    if verb == "approve":
        documents.supersede(session, actor, life.paper, (plan.id, plan.revises_id))
        if plan.revises_id is not None:
            life.put_in_force(session, actor, plan)
    if verb in SETTLING:
        rollup.settle(session)
    note_decision(session, actor, plan, verb, before, note)
    audit.record(
        session, actor, f"{plan.__tablename__}:{verb}", plan, label=plan.title, note=note, status=(before, plan.status)
    )
    news.tell_of_step(session, actor, plan, verb, subject.kind.endpoint, **subject.key)
    return step


def _prepare(session: Session, actor: Actor, plan: Plan, verb: str, life: Life, note: str) -> None:
    """The rules of a step, before the status changes: those of both kinds, then the own ones."""
    if verb in ("approve", "return", "complete"):
        workflow.refuse_own(actor, plan.submitted_by, f"this {life.called}")
    if verb in ("submit", "approve"):
        _require_complete(session, plan, life)
    if verb == "submit":
        plan.submitted_by, plan.submitted_at = actor.user_id, clock.now()
    if verb == "approve":
        write_version(session, actor, plan, life.payload_of(session, plan), instrument=note.strip()[:200])
    if verb == "withdraw":
        refuse_withdrawal(session, actor, plan, life.called)
    if verb == "drop" and plan.revises_id is None:
        raise RuleBroken(f"Only a revision is given up. Go on with this {life.called}.")
    if verb in life.rules:
        life.rules[verb](session, actor, plan)
    if verb == "complete" and open_revision_of(session, plan) is not None:
        raise RuleBroken(f"A revision of this {life.called} is being worked on. Finish it or give it up first.")


def _require_complete(session: Session, plan: Plan, life: Life) -> None:
    if errors := errors_in(life.gaps_of(session, plan)):
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        raise RuleBroken(f"The {life.called} is not complete: {errors[0].message}{more}. Look at the review page.")
