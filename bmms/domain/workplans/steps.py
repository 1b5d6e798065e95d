"""The life of a work plan: the steps of a strategic plan, without an archive of its own (modules 1.4, 8.10)."""

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.planning import news, taking
from bmms.domain.planning.checks import Gap
from bmms.domain.planning.steps import PLAN_STEPS
from bmms.domain.planning.subjects import WORK_PLAN
from bmms.domain.subjects import Subject
from bmms.domain.workflow import Step
from bmms.domain.workplans import checks, papers, revisions, rules, snapshots
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.work import CLOSED, AnnualWorkPlan, WorkItem

WORK_PLAN_STEPS = {verb: step for verb, step in PLAN_STEPS.items() if verb != "archive"}


def take(session: Session, actor: Actor, plan: AnnualWorkPlan, verb: str, *, note: str = "") -> Step:
    """Take one step with a work plan. Raises NotAllowed, RuleBroken: see `taking.take`."""
    return taking.take(session, actor, Subject(WORK_PLAN, plan), verb, LIFE, note)


def _gaps_of(session: Session, plan: AnnualWorkPlan) -> list[Gap]:
    rules.require_year(session, session.get_one(StrategicPlan, plan.plan_id), plan.fiscal_year, plan)
    return checks.gaps_of(session, plan)


def _taken(plan: AnnualWorkPlan) -> str:
    return f"{plan.fiscal_year} has another work plan already (INV-10)."


def _activate(session: Session, actor: Actor, plan: AnnualWorkPlan) -> None:
    parent = session.get_one(StrategicPlan, plan.plan_id)
    if parent.status != PlanStatus.ACTIVE:
        raise RuleBroken(f"{parent.title} is not active. Activate the strategic plan first.")
    plan.active_from = clock.today()
    people = {membership_id for _, membership_id in revisions.duties(session, plan)}
    news.tell_of_assignment(session, actor, plan, people)


def _complete(session: Session, actor: Actor, plan: AnnualWorkPlan) -> None:
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


LIFE = taking.Life(
    steps=WORK_PLAN_STEPS,
    called="work plan",
    paper=papers.WORK_PLAN,
    gaps_of=_gaps_of,
    payload_of=snapshots.payload_of,
    put_in_force=revisions.put_in_force,
    taken=_taken,
    rules={"activate": _activate, "complete": _complete, "drop": revisions.lay_aside},
)


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
