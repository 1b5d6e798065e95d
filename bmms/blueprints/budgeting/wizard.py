"""What the six steps of the proposal wizard share: the way through it, and the meter above it."""

from dataclasses import dataclass

from flask import g, url_for

from bmms.domain.permissions import Permission
from bmms.domain.proposals import figures, queries
from bmms.extensions import db
from bmms.models.budgets import BudgetCall
from bmms.models.proposals import BudgetProposal

STEPS = ("Information", "Programs", "Allocation", "Lines", "Compliance", "Review")
PAGES = (
    "proposal_about",
    "proposal_programs",
    "proposal_allocation",
    "proposal_lines",
    "proposal_compliance",
    "proposal_review",
)


@dataclass(frozen=True)
class Wizard:
    """Where somebody is on the way, from 1 to 6, with the figures that each step shows."""

    current: int
    links: list[tuple[str, str]]  # (label, address); no address before the proposal exists
    sums: figures.Sums = figures.Sums()
    call: BudgetCall | None = None
    can_edit: bool = False

    @property
    def meter(self) -> figures.Meter | None:
        """How the proposal stands to its ceiling."""
        return figures.meter_of(self.sums, self.call)


def wizard(proposal: BudgetProposal | None, current: int, sums: figures.Sums | None = None) -> Wizard:
    """The way through the proposal; `sums` where they are known already."""
    if proposal is None:
        return Wizard(current, [(step, "") for step in STEPS])
    session, can_edit = db.session(), proposal.is_open and g.actor.may(Permission.BUDGET_EDIT)
    pages = PAGES if can_edit else ("proposal_show", *PAGES[1:])
    links = [
        (step, url_for(f"budgeting.{view}", proposal_id=proposal.id)) for step, view in zip(STEPS, pages, strict=True)
    ]
    return Wizard(
        current, links, sums or figures.sums_of(session, proposal), queries.call_of(session, proposal), can_edit
    )


def proposal_of(proposal_id: int) -> BudgetProposal:
    """The proposal of the address. Raises NotFound."""
    return queries.get_proposal(db.session(), g.actor, proposal_id)
