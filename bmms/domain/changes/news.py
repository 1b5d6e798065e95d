"""Whom the steps of a change of the budget concern, and what they are told: no amounts, because it goes into mails."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.changes import labels
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import P
from bmms.models.changes import BudgetChange
from bmms.models.memberships import Membership
from bmms.tenancy import scope_of

SAID = {
    "request": "{who} asks for a change of the budget: {what}. It waits for approval.",
    "approve": "{who} approved a change of the budget: {what}. It can be posted.",
    "reject": "{who} rejected a change of the budget: {what}.",
    "post": "{who} posted a change of the budget: {what}.",
    "reverse": "{who} reversed a change of the budget: {what}.",
}


def tell_of(session: Session, actor: Actor, change: BudgetChange, verb: str, *, waits_for: P | None = None) -> None:
    """Those for whom it waits now, by their permission, else whoever requested it."""
    people = holders_of(session, waits_for) if waits_for else _requester(session, change)
    text = SAID[verb].format(who=actor.signature, what=f"{labels.KIND[change.kind]} {change.reference}")
    tell(
        session, actor, people, f"change_{verb}", text, "execution.change_show", is_demo=change.is_demo,
        change_id=change.id,
    )  # fmt: skip


def _requester(session: Session, change: BudgetChange) -> set[int]:
    here = Membership.organization_id == scope_of(session).organization_id
    return set(session.scalars(select(Membership.id).where(here, Membership.user_id == change.requested_by)))
