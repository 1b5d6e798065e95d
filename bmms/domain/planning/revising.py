"""What revisions of strategic plans and of work plans share: a copy that is worked on, and its taking place (1.7)."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.models.planning import PlanStatus, StrategicPlan
from bmms.models.work import AnnualWorkPlan

P = TypeVar("P", bound=StrategicPlan | AnnualWorkPlan)
OPEN = (PlanStatus.DRAFT, PlanStatus.SUBMITTED, PlanStatus.RETURNED)
_NOT_COPIED = {
    "id", "organization_id", "created_at", "updated_at", "row_version", "status", "revises_id", "progress",
    "active_from", "submitted_by", "submitted_at", "created_by", "revision_reason", "revision_summary",
    "revision_impact", "effective_on", "superseded_at",
}  # fmt: skip


def open_revision_of(session: Session, plan: P) -> P | None:
    """The revision of an active plan or work plan that is being worked on."""
    model = type(plan)
    return session.scalar(select(model).where(model.revises_id == plan.id, model.status.in_(OPEN)))


def successor_of(session: Session, plan: P) -> P | None:
    """The revision that has taken the place of a plan in the archive."""
    model = type(plan)
    query = select(model).where(model.revises_id == plan.id, model.active_from.is_not(None))
    return session.scalar(query) if plan.status == PlanStatus.ARCHIVED else None


def given_up(model: Any) -> ColumnElement[bool]:
    """`is_given_up` of plans or work plans, for a query."""
    never_in_force: ColumnElement[bool] = model.revises_id.is_not(None) & model.active_from.is_(None)
    return never_in_force & (model.status == PlanStatus.ARCHIVED)


def begin(session: Session, actor: Actor, plan: P, answers: Mapping[str, Any], called: str) -> P:
    """A draft with the basics of an active plan or work plan; what is in it is copied by the caller.

    Args:
        answers: revision_reason, revision_summary, revision_impact, effective_on.
        called: what it is in words, such as "plan".

    Raises:
        RuleBroken: the plan is not active, or a revision of it is open already.
    """
    actor.require(Permission.PLAN_EDIT)
    session.refresh(plan, with_for_update=True)
    if plan.status != PlanStatus.ACTIVE:
        raise RuleBroken(f"Only an active {called} is revised. A draft or returned {called} is simply changed.")
    if open_revision_of(session, plan) is not None:
        raise RuleBroken(f"A revision of this {called} is open already. Go on with that one.")
    draft: P = copy_of(plan, revises_id=plan.id, created_by=actor.user_id, **answers)
    session.add(draft)
    session.flush()
    audit.record(
        session, actor, f"{plan.__tablename__}:open_revision", draft, label=plan.title,
        note=answers["revision_reason"],
    )  # fmt: skip
    return draft


def copy_of(row: Any, **other: Any) -> Any:
    """A new row with the same content."""
    columns = [attribute.key for attribute in inspect(type(row)).column_attrs if attribute.key not in _NOT_COPIED]
    return type(row)(**{name: getattr(row, name) for name in columns} | other)


def take_place(session: Session, actor: Actor, draft: P, called: str) -> P:
    """An approved revision is in force; the plan before it goes into the archive. Returns that one.

    Raises:
        RuleBroken: what it revises is not active any more.
    """
    plan: P = session.get_one(type(draft), draft.revises_id)
    session.refresh(plan, with_for_update=True)
    if plan.status != PlanStatus.ACTIVE:
        raise RuleBroken(f"The {called} that this revises is not active any more.")
    plan.status = PlanStatus.ARCHIVED
    session.flush()
    draft.status, draft.active_from = PlanStatus.ACTIVE, draft.effective_on or clock.today()
    session.flush()
    audit.record(
        session, actor, f"{plan.__tablename__}:supersede", plan, label=plan.title,
        status=(PlanStatus.ACTIVE, PlanStatus.ARCHIVED),
    )  # fmt: skip
    return plan
