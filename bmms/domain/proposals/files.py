"""Documents of a proposal: evidence of compliance, endorsements, the signed copy. Who sees the proposal reads them."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.files import kinds, rights, store
from bmms.domain.proposals.queries import visible
from bmms.models.compliance import ComplianceAnswer, ProposalEndorsement
from bmms.models.organizations import StoredFile
from bmms.models.proposals import BudgetProposal, CentralAct

PURPOSE = "budget_proposal"


def keep(session: Session, actor: Actor, file: store.Upload) -> StoredFile:
    """Take in a document. Raises RuleBroken: it is of no kind that is taken, or too large."""
    kept = store.keep(session, actor, file.content, file.name, PURPOSE, allowed=kinds.EVERY)
    session.flush()
    return kept


def _reads(session: Session, actor: Actor, file: StoredFile) -> bool:
    hangs_on = or_(
        BudgetProposal.signed_file_id == file.id,
        BudgetProposal.id.in_(select(CentralAct.proposal_id).where(CentralAct.file_id == file.id)),
        BudgetProposal.id.in_(select(ComplianceAnswer.proposal_id).where(ComplianceAnswer.file_id == file.id)),
        BudgetProposal.id.in_(select(ProposalEndorsement.proposal_id).where(ProposalEndorsement.file_id == file.id)),
    )
    return session.scalar(visible(actor).where(hangs_on).limit(1)) is not None


rights.readable_when(PURPOSE, _reads, outside=True)
