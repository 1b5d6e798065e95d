"""Whom the steps of planning concern, and what they are told (modules 1.8)."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import Permission
from bmms.models.memberships import Membership
from bmms.tenancy import scope_of

SAID = {
    "submit": "{who} submitted “{title}”. It waits for your approval.",
    "return": "{who} returned “{title}” for changes.",
    "approve": "{who} approved “{title}”.",
    "drop": "{who} gave up the revision of “{title}”. What is in force stays as it is.",
}


def tell_of_step(session: Session, actor: Actor, plan: Any, verb: str, endpoint: str, **values: Any) -> None:
    """Submitted: the approvers are told, deputies too. Afterwards: the authors and the lead officer.

    Args:
        plan: a strategic plan or a work plan.
        endpoint: its page, with `values` for its address.
    """
    if verb not in SAID:
        return
    people = holders_of(session, Permission.PLAN_APPROVE) if verb == "submit" else _owners(session, plan)
    text = SAID[verb].format(who=actor.signature, title=plan.title)
    tell(session, actor, people, f"plan_{verb}", text, endpoint, is_demo=plan.is_demo, **values)


def tell_of_assignment(session: Session, actor: Actor, plan: Any, people: Collection[int]) -> None:
    """Whoever answers for items of a work plan that comes into force, or stands in their teams: one notice each.

    Args:
        people: memberships.
    """
    text = f"“{plan.title}” is in force, with work for you. Look at your items."
    tell(session, actor, people, "item_assigned", text, "planning.my_items", is_demo=plan.is_demo)


def _owners(session: Session, plan: Any) -> set[int]:
    """The memberships of who began it, who submitted it and who leads it."""
    users = {plan.created_by, plan.submitted_by} - {None}
    here = Membership.organization_id == scope_of(session).organization_id
    found = set(session.scalars(select(Membership.id).where(here, Membership.user_id.in_(users))))
    lead: int | None = getattr(plan, "lead_officer_id", None)
    return found | {lead} if lead else found
