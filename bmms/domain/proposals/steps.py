"""The life of a proposal inside its organization: prepared, submitted, reviewed, signed (modules 8.10, INV-72)."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.documents import actions as documents
from bmms.domain.errors import RuleBroken
from bmms.domain.files import store
from bmms.domain.permissions import P
from bmms.domain.planning.checks import errors_in
from bmms.domain.proposals import checks, files, news, papers, snapshots
from bmms.domain.proposals.compliance import checklist
from bmms.domain.proposals.facts import Facts, facts_of
from bmms.domain.proposals.labels import PROPOSAL_STATUS
from bmms.domain.workflow import Step
from bmms.models.proposals import BudgetProposal, ProposalDecision, ProposalVersion
from bmms.models.proposals import ProposalStatus as S

_BEFORE_TRANSMITTAL = frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.FOR_SIGNATURE, S.APPROVED})
PROPOSAL_STEPS = {
    step.verb: step
    for step in (
        Step("submit", frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED, P.BUDGET_EDIT, "Submit for review",
             "The proposal is submitted. Those who decide next are told.", asks="Note to the reviewer"),
        Step("withdraw", frozenset({S.SUBMITTED}), S.DRAFT, P.BUDGET_EDIT, "Withdraw",
             "The proposal is a draft again.", tone="plain"),
        Step("take_up", frozenset({S.SUBMITTED}), S.UNDER_REVIEW, P.BUDGET_REVIEW, "Take up for review",
             "The review has begun.", follows="From now on it can be returned, but no longer withdrawn."),
        Step("endorse", frozenset({S.UNDER_REVIEW}), S.FOR_SIGNATURE, P.BUDGET_REVIEW, "Endorse to the head",
             "The proposal waits for the signature of the head.", asks="Findings of the review"),
        Step("return", frozenset({S.UNDER_REVIEW}), S.RETURNED, P.BUDGET_REVIEW, "Return for changes",
             "The proposal is returned. Its author is told.", asks="What has to be changed",
             least=workflow.LEAST_REMARK, tone="plain",
             follows="Once it is submitted again it comes back to this very place."),
        Step("sign", frozenset({S.FOR_SIGNATURE}), S.APPROVED, P.BUDGET_APPROVE, "Sign",
             "The proposal is approved.", asks="Words to go with the signature",
             follows="You sign as the head of the organization or as a formal delegate. Your password is asked for."),
        Step("hand_back", frozenset({S.FOR_SIGNATURE}), S.RETURNED, P.BUDGET_APPROVE, "Return for changes",
             "The proposal is returned. Its author is told.", asks="What has to be changed",
             least=workflow.LEAST_REMARK, tone="plain",
             follows="Once it is submitted again it comes back to this very place."),
        Step("reject", _BEFORE_TRANSMITTAL, S.REJECTED, P.BUDGET_APPROVE, "Reject",
             "The proposal is rejected.", asks="Why it is rejected", least=workflow.LEAST_REMARK, tone="danger",
             follows="It cannot be taken up again; another proposal of the year can be begun."),
        Step("cancel", frozenset({S.DRAFT, S.RETURNED}), S.CANCELLED, P.BUDGET_EDIT, "Cancel the proposal",
             "The proposal is cancelled.", asks="Why it is cancelled", least=workflow.LEAST_REMARK, tone="danger",
             follows="It stays readable; another proposal of the year can be begun."),
    )
}  # fmt: skip
BY_OTHERS = ("take_up", "endorse", "return", "sign", "hand_back", "reject")
REVIEWED_BY = ("take_up", "endorse")
# what was printed before does not hold after them
SUPERSEDING = ("submit", "withdraw", "return", "sign", "hand_back", "reject", "cancel")


def take(
    session: Session, actor: Actor, proposal: BudgetProposal, verb: str, *, note: str = "", certified: bool = False,
    signed_copy: store.Upload | None = None,
) -> Step:  # fmt: skip
    """Take one step with a proposal: lock it, check it, keep what lay before the person, change it, record it.

    Args:
        certified: the person who submits has ticked the certification.
        signed_copy: the scan that goes with a signature.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, words or documents are missing, a rule of the step refuses.
    """
    session.refresh(proposal, with_for_update=True)
    step = workflow.require(actor, PROPOSAL_STEPS, verb, proposal.status, note, PROPOSAL_STATUS[proposal.status][0])
    if verb == "submit" and not certified:
        raise RuleBroken("Tick the certification first.", field="certified")
    if verb in BY_OTHERS:
        workflow.refuse_own(actor, proposal.submitted_by, "this proposal")
    facts = facts_of(session, proposal)
    _require_ready(session, actor, facts, verb)
    if verb == "sign":
        _sign(session, actor, proposal, signed_copy)
    version = version_of(session, proposal, facts) if verb != "cancel" else None
    before = proposal.status
    proposal.status = _target(proposal, step)
    if verb == "submit":
        proposal.submitted_by, proposal.submitted_label = actor.user_id, actor.signature
        proposal.submitted_at, proposal.resume_status = clock.now(), None
    if proposal.status == S.RETURNED:
        proposal.resume_status = before
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken(
            "The database refused this step: a line or the ceiling has just changed. Try again."
        ) from error
    if verb in SUPERSEDING:
        documents.supersede(session, actor, papers.PROPOSAL, (proposal.id,))
    note_decision(session, actor, proposal, verb, before, note, version.id if version else None)
    audit.record(
        session, actor, f"budget_proposals:{verb}", proposal, label=proposal.title, note=note,
        status=(before, proposal.status),
    )  # fmt: skip
    news.tell_of_step(session, actor, proposal, verb)
    return step


def note_decision(
    session: Session, actor: Actor, proposal: BudgetProposal, verb: str, before: S, note: str, version_id: int | None
) -> None:
    """Keep the step beside the proposal, with the version that lay before the person."""
    decision = ProposalDecision(
        proposal_id=proposal.id, version_id=version_id, verb=verb, before=before, after=proposal.status,
        note=note.strip(), actor_id=actor.user_id, actor_label=actor.signature, at=clock.now(),
    )  # fmt: skip
    session.add(decision)
    session.flush()


def _target(proposal: BudgetProposal, step: Step) -> S:
    """Where a step leads: a returned proposal goes back to the level that returned it."""
    if step.verb == "submit" and proposal.resume_status is not None:
        return proposal.resume_status
    return S(step.target)


def version_of(session: Session, proposal: BudgetProposal, facts: Facts | None = None) -> ProposalVersion:
    """The proposal as it stands, kept for ever; `facts` where they are known already."""
    facts = facts or facts_of(session, proposal)
    payload = snapshots.payload_of(session, facts, checklist(session, facts))
    return snapshots.keep_version(session, proposal, payload)


def _require_ready(session: Session, actor: Actor, facts: Facts, verb: str) -> None:
    proposal = facts.proposal
    if verb == "submit":
        _require_complete(session, facts)
    if verb == "withdraw" and proposal.submitted_by not in actor.persons:
        raise RuleBroken("Only the person who submitted the proposal can withdraw it.")
    if verb in ("endorse", "sign"):
        blocking = [point for point in checklist(session, facts) if point.blocks and point.code != "C-01"]
        if blocking:
            raise RuleBroken(f"{blocking[0].code} is not met any more: {blocking[0].message}")


def _require_complete(session: Session, facts: Facts) -> None:
    errors = errors_in(checks.gaps_of(session, facts, checklist(session, facts)))
    if errors:
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        raise RuleBroken(
            f"The proposal is not complete: {errors[0].message.rstrip('.')}{more}. Look at the review page."
        )


def _sign(session: Session, actor: Actor, proposal: BudgetProposal, copy: store.Upload | None) -> None:
    """The signer has not reviewed it (D10), and the signed copy goes along."""
    reviewers = select(ProposalDecision.actor_id).where(
        ProposalDecision.proposal_id == proposal.id, ProposalDecision.verb.in_(REVIEWED_BY)
    )
    if set(session.scalars(reviewers)) & actor.persons:
        raise RuleBroken("You reviewed this proposal. Somebody else signs it.")
    if copy is None:
        raise RuleBroken("Attach the signed copy.", field="file")
    proposal.signed_file_id = files.keep(session, actor, copy).id
    proposal.signed_by, proposal.signed_label, proposal.signed_at = actor.user_id, actor.signature, clock.now()
