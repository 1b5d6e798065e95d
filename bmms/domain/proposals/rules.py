"""What holds before each change of a proposal (INV-24); the database says the same (migration 0010)."""

from typing import Any

from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.models.planning import StrategicPlan
from bmms.models.proposals import BudgetProposal
from bmms.models.work import AnnualWorkPlan


def begin(session: Session, actor: Actor, proposal: BudgetProposal, *, alone: bool = False) -> None:
    """Before each change of content: a submission under way ends first, then the proposal has to be open.

    Args:
        alone: nobody else changes any of its content meanwhile; for what concerns the whole, such as an order.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is submitted.
    """
    actor.require(Permission.BUDGET_EDIT)
    session.refresh(proposal, with_for_update=True if alone else {"read": True})
    if not proposal.is_open:
        raise RuleBroken("This proposal is submitted and stays as it is. Withdraw it, or ask for it to be returned.")


def require_same_kind(session: Session, proposal: BudgetProposal) -> None:
    """What is not demo does not rest on demo data, which goes away (decision D34). Raises RuleBroken."""
    if proposal.is_demo:
        return
    with session.no_autoflush:
        for field, model in (("plan_id", StrategicPlan), ("work_plan_id", AnnualWorkPlan)):
            row_id = getattr(proposal, field)
            row: Any = session.get(model, row_id) if row_id else None
            if row is not None and row.is_demo:
                raise RuleBroken("This plan is demo data, and the proposal is not. Choose another one.", field=field)
