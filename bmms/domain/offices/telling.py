"""A central office that acts itself learns by mail that a proposal asks for it; its list says the same (D24)."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import outbox
from bmms.models.offices import Office
from bmms.models.proposals import BudgetProposal


def tell_office(session: Session, proposal: BudgetProposal, office: Office) -> int:
    """Write to everybody who speaks for the office, in an operated year; returns to how many."""
    if not proposal.is_operated or proposal.is_demo:
        return 0
    people = session.scalars(select(func.people_of_office(office.value))).all()
    for user_id in people:
        outbox.write(
            session, "office_asked", user_id=user_id, organization_id=proposal.organization_id,
            proposal_id=proposal.id, office=office.value,
        )  # fmt: skip
    return len(people)
