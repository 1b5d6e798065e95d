"""The clocks of other offices: who prepares the budget learns a day before an answer is due, and once it is late."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.holders import holders_of
from bmms.domain.notices.telling import tell
from bmms.domain.permissions import Permission
from bmms.domain.proposals.endorsements import CLOSED
from bmms.domain.proposals.labels import DESK
from bmms.models.compliance import ProposalEndorsement
from bmms.models.proposals import BudgetProposal

LATE_FOR = timedelta(days=14)  # later than that nobody is told any more


def remind(session: Session, actor: Actor, today: date) -> int:
    """Tell what is due tomorrow and what is late, each once; returns how many notices."""
    near = ProposalEndorsement.due_on.between(today - LATE_FOR, today + timedelta(days=1))
    query = (
        select(ProposalEndorsement, BudgetProposal)
        .join(BudgetProposal, BudgetProposal.id == ProposalEndorsement.proposal_id)
        .where(
            near,
            ProposalEndorsement.reference == "",
            ProposalEndorsement.declined_at.is_(None),
            BudgetProposal.status.not_in(CLOSED),
        )
        .order_by(ProposalEndorsement.id)
    )
    told = 0
    for row, proposal in session.execute(query).all():
        if row.due_on == today:
            continue
        when = "is due tomorrow" if row.due_on > today else f"was due on {row.due_on:%d %B %Y}"
        text = f"The answer of {DESK[row.desk].split(':')[0]} on “{proposal.title}” {when}."
        told += tell(
            session, actor, sorted(holders_of(session, Permission.BUDGET_EDIT)), "endorsement_due", text,
            "budgeting.proposal_compliance", once=f"endorsement {row.id} {'soon' if row.due_on > today else 'late'}",
            is_demo=proposal.is_demo, proposal_id=proposal.id,
        )  # fmt: skip
    return told
