"""What of budget preparation waits for a person: proposals to decide about, own ones that came back, confirmations."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, literal, or_, select, union_all
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.offices import queue
from bmms.domain.permissions import P
from bmms.domain.workplace import Waiting
from bmms.models.compliance import ProposalEndorsement
from bmms.models.memberships import Membership
from bmms.models.offices import Office
from bmms.models.proposals import GIVEN_UP, BudgetProposal, CentralAct
from bmms.models.proposals import ProposalStatus as S
from bmms.tenancy import scope_of

MOST = 20
SAID = {
    "review": ("Waits for your review", "info"),
    "signature": ("Waits for your signature", "info"),
    "returned": ("Returned to you", "warn"),
    "transmit": ("Signed: transmit it to MFBM", "info"),
    "endorsement": ("An endorsement waits for your confirmation", "info"),
    "central": ("What was decided outside waits for your confirmation", "info"),
}


def matters_of(session: Session, actor: Actor, membership: Membership) -> list[Waiting]:
    """In one statement; nobody decides about what he or she (or a principal) submitted or entered."""
    strange = BudgetProposal.submitted_by.not_in(actor.persons)
    own = or_(BudgetProposal.created_by.in_(actor.persons), BudgetProposal.submitted_by.in_(actor.persons))
    endorsement = exists().where(
        ProposalEndorsement.proposal_id == BudgetProposal.id, ProposalEndorsement.reference != "",
        ProposalEndorsement.confirmed_at.is_(None), ProposalEndorsement.declined_at.is_(None),
        ProposalEndorsement.entered_by.not_in(actor.persons), ~BudgetProposal.is_operated,
    )  # fmt: skip
    decided = exists().where(
        CentralAct.proposal_id == BudgetProposal.id, CentralAct.confirmed_at.is_(None),
        CentralAct.entered_by.not_in(actor.persons), ~BudgetProposal.is_operated,
    )  # fmt: skip
    in_review = BudgetProposal.status.in_((S.SUBMITTED, S.UNDER_REVIEW))
    parts = union_all(
        _those("review", actor.may(P.BUDGET_REVIEW), and_(in_review, strange)),
        _those("signature", actor.may(P.BUDGET_APPROVE), and_(BudgetProposal.status == S.FOR_SIGNATURE, strange)),
        _those("returned", actor.may(P.BUDGET_EDIT), and_(BudgetProposal.status == S.RETURNED, own)),
        _those("transmit", actor.may(P.BUDGET_EDIT), BudgetProposal.status == S.APPROVED),
        _those("endorsement", actor.may(P.BUDGET_REVIEW), and_(endorsement, BudgetProposal.status.not_in(GIVEN_UP))),
        _those("central", actor.may(P.BUDGET_REVIEW), decided),
    ).subquery()
    rows = session.execute(select(parts).order_by(parts.c.changed).limit(MOST))
    return [
        Waiting(
            row.title, f"Budget proposal of FY {row.fiscal_year}", *SAID[row.what], "budgeting.proposal_show",
            {"proposal_id": row.id},
        )
        for row in rows
    ] + _asked_of_desk(session)  # fmt: skip


def _asked_of_desk(session: Session) -> list[Waiting]:
    """Proposals of other organizations that need the word of this one, for those who speak for its desk."""
    if not (office := scope_of(session).office):
        return []
    return [
        Waiting(
            matter.title, f"Budget proposal of {matter.organization.code}, FY {matter.fiscal_year}",
            "Waits for your endorsement", "info", "budgeting.proposal_compliance",
            {"org": matter.organization.code, "proposal_id": matter.proposal_id, "_anchor": "desks"},
        )
        for matter in session.scalars(queue.list_matters(Office(office), state="open").limit(MOST))
    ]  # fmt: skip


def _those(what: str, may: bool, condition: ColumnElement[bool]) -> Any:
    return select(
        literal(what).label("what"), BudgetProposal.id, BudgetProposal.title, BudgetProposal.fiscal_year,
        BudgetProposal.updated_at.label("changed"),
    ).where(condition if may else false())  # fmt: skip
