"""What a budget officer does with a proposal as a whole: begin it, change its first step, delete an unused draft.

Every function needs Permission.BUDGET_EDIT. A proposal that is neither draft nor returned is shut: `rules.begin`
refuses, and so does the database (INV-24).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.attachments import actions as attachments
from bmms.domain.calls.queries import open_call
from bmms.domain.documents import actions as documents
from bmms.domain.documents.papers import paper_of
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.proposals import rules
from bmms.domain.proposals.labels import SOURCE
from bmms.domain.proposals.rules import begin
from bmms.domain.proposals.subjects import PROPOSAL
from bmms.domain.signatories.kinds import DocumentKind
from bmms.domain.subjects import Subject
from bmms.models.proposals import (
    GIVEN_UP,
    BudgetLine,
    BudgetProposal,
    FundingSource,
    ProposalDecision,
    ProposalKind,
    ProposalStatus,
)

Answers = Mapping[str, Any]
FIXED = ("fiscal_year", "kind")  # they name the proposal, and its call follows from them


def create_proposal(session: Session, actor: Actor, answers: Answers) -> BudgetProposal:
    """Begin a proposal: the annual one of a year with an open call, or a further one with its reason.

    Args:
        answers: columns of BudgetProposal.

    Raises:
        RuleBroken: no call of that year is open, the year has its annual proposal (BP-01), a source or reason is wrong.
    """
    actor.require(Permission.BUDGET_EDIT)
    _require_sound(answers)
    year, kind = answers["fiscal_year"], answers["kind"]
    call = open_call(session, year)
    if kind == ProposalKind.ANNUAL:
        if call is None:
            raise RuleBroken(
                f"No budget call of FY {year} is open. It is entered and opened first.", field="fiscal_year"
            )
        if there := _annual_of(session, year):
            raise RuleBroken(
                f"FY {year} has its annual proposal already: “{there.title}”. Go on with that one.", field="fiscal_year"
            )
    of_kind = (BudgetProposal.fiscal_year == year, BudgetProposal.kind == kind)
    number = (session.scalar(select(func.max(BudgetProposal.number)).where(*of_kind)) or 0) + 1
    proposal = BudgetProposal(
        **answers, number=number, call_id=call.id if call and kind == ProposalKind.ANNUAL else None,
        is_demo=call is not None and kind == ProposalKind.ANNUAL and call.is_demo, created_by=actor.user_id,
    )  # fmt: skip
    rules.require_same_kind(session, proposal)
    session.add(proposal)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken("Somebody has just begun this proposal. Look at the list.", field="fiscal_year") from error
    audit.record(
        session, actor, "budget_proposals:create", proposal, label=proposal.title,
        fiscal_year=(None, year), kind=(None, kind), number=(None, number),
    )  # fmt: skip
    return proposal


def change_proposal(session: Session, actor: Actor, proposal: BudgetProposal, answers: Answers, **ways: Any) -> None:
    """Change the first step; year and kind stay. Raises RuleBroken, Conflicts (see `merging.save`)."""
    begin(session, actor, proposal, alone=True)
    answers = {name: value for name, value in answers.items() if name not in FIXED}
    _require_sound({**answers, "kind": proposal.kind})
    used = set(session.scalars(select(BudgetLine.source).where(BudgetLine.proposal_id == proposal.id).distinct()))
    if missing := [SOURCE[source] for source in used if source not in answers["sources"]]:
        raise RuleBroken(f"Lines are paid from {', '.join(missing)}. Change those lines first.", field="sources")
    if nil := [SOURCE[source] for source in used if source in answers["nil_sources"]]:
        raise RuleBroken(f"Lines are paid from {', '.join(nil)}, so it is not nil.", field="nil_sources")
    changes = merging.save(session, proposal, answers, **ways)
    try:
        rules.require_same_kind(session, proposal)
        if not set(proposal.nil_sources) <= set(proposal.sources):
            raise RuleBroken("A nil source is one of those in scope.", field="nil_sources")
    except RuleBroken:
        session.expire(proposal)
        raise
    if changes:
        audit.record(session, actor, "budget_proposals:change", proposal, label=proposal.title, **changes)


def delete_proposal(session: Session, actor: Actor, proposal: BudgetProposal) -> None:
    """Remove a draft that was never submitted. Raises RuleBroken."""
    actor.require(Permission.BUDGET_EDIT)
    session.refresh(proposal, with_for_update=True)
    steps = select(ProposalDecision.id).where(ProposalDecision.proposal_id == proposal.id).limit(1)
    if why := why_it_stays(actor, proposal, was_submitted=session.scalar(steps) is not None):
        raise RuleBroken(why)
    attachments.remove_all(session, actor, Subject(PROPOSAL, proposal))
    documents.forget(session, actor, paper_of(DocumentKind.PROPOSAL), proposal.id)
    audit.record(session, actor, "budget_proposals:delete", proposal, label=proposal.title)
    session.delete(proposal)
    session.flush()


def why_it_stays(actor: Actor, proposal: BudgetProposal, *, was_submitted: bool) -> str:
    """Why it cannot be deleted; empty for a draft of this actor that was never submitted."""
    if proposal.status != ProposalStatus.DRAFT or was_submitted:
        return "Only a draft that was never submitted can be deleted. Cancel this one instead."
    if proposal.created_by not in actor.persons:
        return "Only the person who made this draft can delete it."
    return ""


def _annual_of(session: Session, year: int) -> BudgetProposal | None:
    return session.scalar(
        select(BudgetProposal).where(
            BudgetProposal.fiscal_year == year,
            BudgetProposal.kind == ProposalKind.ANNUAL,
            BudgetProposal.status.not_in(GIVEN_UP),
        )
    )


def _require_sound(answers: Answers) -> None:
    """BP-01: kind, source and reason fit; every wrong field is named."""
    wrong: dict[str, str] = {}
    sources, kind = answers["sources"], answers["kind"]
    if not sources:
        wrong["sources"] = "Choose at least one source of funds."
    if FundingSource.OTHER in sources and not answers["other_source"].strip():
        wrong["other_source"] = "Name the other source of funds."
    if not set(answers["nil_sources"]) <= set(sources):
        wrong["nil_sources"] = "A nil source is one of those in scope."
    if kind == ProposalKind.ANNUAL and FundingSource.CONTINGENT_FUND in sources:
        wrong["sources"] = "Money of the Contingent Fund is asked for by a special proposal (C-23)."
    if kind != ProposalKind.ANNUAL:
        if not answers["reason"].strip():
            wrong["reason"] = "Say why the year's appropriation does not suffice."
        if not answers["legal_source"].strip():
            name = "the fund" if kind == ProposalKind.SPECIAL else "the law"
            wrong["legal_source"] = f"Name {name} from which the money would come."
    if wrong:
        (field, message), *others = wrong.items()
        raise RuleBroken(message, field=field, **dict(others))
