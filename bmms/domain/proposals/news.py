"""Whom the steps of a proposal concern, and what they are told."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import P
from bmms.models.memberships import Membership
from bmms.models.proposals import BudgetProposal
from bmms.models.proposals import ProposalStatus as S
from bmms.tenancy import scope_of

WAITS_FOR = {S.SUBMITTED: P.BUDGET_REVIEW, S.UNDER_REVIEW: P.BUDGET_REVIEW, S.FOR_SIGNATURE: P.BUDGET_APPROVE}
SAID = {
    "submit": "{who} submitted “{title}”. It waits for you.",
    "endorse": "{who} endorsed “{title}”. It waits for your signature.",
    "return": "{who} returned “{title}” for changes.",
    "hand_back": "{who} returned “{title}” for changes.",
    "sign": "{who} signed “{title}”. It can be transmitted.",
    "reject": "{who} rejected “{title}”.",
}


def tell_of_step(session: Session, actor: Actor, proposal: BudgetProposal, verb: str) -> None:
    """Those for whom it waits now, else those who prepared it."""
    if verb not in SAID:
        return
    need = WAITS_FOR.get(proposal.status)
    people = holders_of(session, need) if need else _preparers(session, proposal)
    text = SAID[verb].format(who=actor.signature, title=proposal.title)
    tell(
        session, actor, people, f"proposal_{verb}", text, "budgeting.proposal_show", is_demo=proposal.is_demo,
        proposal_id=proposal.id,
    )  # fmt: skip


def tell_of_central_act(session: Session, actor: Actor, proposal: BudgetProposal, what: str) -> None:
    """Those who prepared it learn what was decided outside."""
    text = f"“{proposal.title}” is {what}."
    tell(
        session, actor, _preparers(session, proposal), "proposal_central", text, "budgeting.proposal_show",
        is_demo=proposal.is_demo, proposal_id=proposal.id,
    )  # fmt: skip


def tell_of_desk(session: Session, actor: Actor, proposal: BudgetProposal, text: str) -> None:
    """Those who prepared it learn what an office has answered."""
    tell(
        session, actor, _preparers(session, proposal), "proposal_central", text, "budgeting.proposal_compliance",
        is_demo=proposal.is_demo, proposal_id=proposal.id,
    )  # fmt: skip


def _preparers(session: Session, proposal: BudgetProposal) -> set[int]:
    users = {proposal.created_by, proposal.submitted_by} - {None}
    here = Membership.organization_id == scope_of(session).organization_id
    return set(session.scalars(select(Membership.id).where(here, Membership.user_id.in_(users))))
