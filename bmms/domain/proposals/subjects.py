"""Proposals take comments and files: clarifications are threads, and change no status (modules 2.4)."""

from collections.abc import Collection

from bmms.domain import subjects
from bmms.domain.permissions import Permission
from bmms.domain.proposals.queries import get_proposal
from bmms.models.collaboration import FileCategory
from bmms.models.proposals import GIVEN_UP, BudgetProposal, ProposalStatus

AFTERWARDS = frozenset({FileCategory.INSTRUMENT, FileCategory.EVIDENCE})  # come into being once it is signed
SIGNED = (ProposalStatus.APPROVED, ProposalStatus.TRANSMITTED, ProposalStatus.ENDORSED)


def _taking(proposal: BudgetProposal) -> Collection[FileCategory]:
    """All while it is written; nothing while it is under review; then what comes back from outside."""
    if proposal.is_open:
        return frozenset(FileCategory)
    return AFTERWARDS if proposal.status in SIGNED else frozenset()


PROPOSAL = subjects.Kind(
    word="proposals", column="proposal_id", label="Proposal", called="the proposal", find=get_proposal,
    view=Permission.BUDGET_VIEW, remark=Permission.BUDGET_DRAFT_VIEW, attach=Permission.BUDGET_EDIT,
    taking=_taking, is_open=lambda proposal: proposal.is_open,
    takes_remarks=lambda proposal: proposal.status not in GIVEN_UP,
    sections={
        "information": "Information", "programs": "Programs", "lines": "Lines", "compliance": "Compliance",
        "recommended": "Recommended amounts",
    },
    module="budgeting", endpoint="budgeting.proposal_show",
)  # fmt: skip
subjects.register(PROPOSAL)
