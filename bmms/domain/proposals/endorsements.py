"""The word of other offices: asked for with a clock, entered from the instrument, confirmed by another (C-05, C-16).

In recorded mode (D16) the budget officer enters what BPDA or a desk has answered; whoever reviews budgets compares it
with the instrument. In operated mode two people of the office do both. An endorsement covers the amount for which it
was asked: more of it is asked for again, and so is a word that was declined.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.errors import NotAllowed, NotFound, RuleBroken
from bmms.domain.files import store
from bmms.domain.offices import modes, telling
from bmms.domain.permissions import Permission
from bmms.domain.proposals import files, news
from bmms.domain.proposals.facts import Facts, endorsements_of
from bmms.domain.proposals.labels import DESK
from bmms.domain.reference.queries import non_working_days
from bmms.domain.reference.working_days import add_working_days
from bmms.models.compliance import Desk, ProposalEndorsement
from bmms.models.offices import Office
from bmms.models.proposals import GIVEN_UP, BudgetProposal, ProposalStatus

WORKING_DAYS = 10  # that a desk has for its answer
CLOSED = (*GIVEN_UP, ProposalStatus.ENACTED)
ANYBODY = frozenset(Desk)


@dataclass(frozen=True)
class Answering:
    """For which offices an actor may enter an answer, and for which confirm one."""

    enters: frozenset[Desk] = frozenset()
    confirms: frozenset[Desk] = frozenset()


def answering(actor: Actor, proposal: BudgetProposal) -> Answering:
    """Recorded, the officers and reviewers of the organization answer for all offices; operated, each for itself."""
    if not proposal.is_operated:
        return Answering(
            ANYBODY if actor.may(Permission.BUDGET_EDIT) else frozenset(),
            ANYBODY if actor.may(Permission.BUDGET_REVIEW) else frozenset(),
        )
    own = actor.offices if actor.may(Permission.BUDGET_ENDORSE) else ()
    desks = frozenset(desk for desk in Desk if Office(desk.value) in own)
    return Answering(desks, desks)


def get_endorsement(session: Session, proposal: BudgetProposal, desk: Desk) -> ProposalEndorsement:
    """What was asked of an office. Raises NotFound: nothing was."""
    found = endorsements_of(session, proposal).get(desk)
    if found is None:
        raise NotFound("Nothing was asked of this office.")
    return found


def ask(session: Session, actor: Actor, facts: Facts, desk: Desk) -> ProposalEndorsement:
    """Start the clock of an office; asking again replaces an answer that covers too little.

    Raises:
        RuleBroken: no line concerns this office, or its word is in force for as much already.
    """
    proposal = facts.proposal
    _begin(session, actor, proposal, may=actor.may(Permission.BUDGET_EDIT))
    amount = facts.desks.get(desk)
    if amount is None:
        raise RuleBroken("No line of this proposal concerns this office.")
    row = endorsements_of(session, proposal).get(desk)
    if row is not None and row.confirmed_at is not None and row.amount >= amount:
        raise RuleBroken("The word of this office is in force for as much.")
    if row is not None:
        session.delete(row)
        session.flush()
    today = clock.today()
    holidays = non_working_days(session, today.year, today.year + 1)
    row = ProposalEndorsement(
        proposal_id=proposal.id, desk=desk, asked_on=today, amount=amount,
        due_on=add_working_days(today, WORKING_DAYS, holidays),
    )  # fmt: skip
    session.add(row)
    audit.record(
        session, actor, "proposal_endorsements:ask", row, label=_label(proposal, desk), amount=(None, amount),
        due_on=(None, row.due_on),
    )  # fmt: skip
    telling.tell_office(session, proposal, Office(desk.value))
    return row


def enter(
    session: Session, actor: Actor, proposal: BudgetProposal, row: ProposalEndorsement, *, reference: str,
    issued_on: date, file: store.Upload | None,
) -> None:  # fmt: skip
    """Enter what the office answered, with its instrument.

    Raises:
        RuleBroken: it is confirmed already, the day lies in the future, or the instrument is missing.
    """
    _begin_answer(session, actor, proposal, row, answering(actor, proposal).enters)
    if issued_on > clock.today():
        raise RuleBroken("The day of the instrument lies in the future.", field="issued_on")
    if file is None and row.file_id is None:
        raise RuleBroken("Attach the instrument.", field="file")
    if file is not None:
        row.file_id = files.keep(session, actor, file).id
    before, row.reference, row.issued_on = row.reference, reference.strip(), issued_on
    row.entered_by, row.entered_label = actor.user_id, actor.signature
    audit.record(
        session, actor, "proposal_endorsements:enter", row, label=_label(proposal, row.desk),
        reference=(before, row.reference), issued_on=(None, issued_on),
    )  # fmt: skip


def confirm(session: Session, actor: Actor, proposal: BudgetProposal, row: ProposalEndorsement) -> None:
    """Put the word of an office in force, after comparing it with its instrument.

    Raises:
        RuleBroken: nothing was entered, it is confirmed already, or the actor entered it.
    """
    _begin_answer(session, actor, proposal, row, answering(actor, proposal).confirms)
    if not row.reference or row.file_id is None:
        raise RuleBroken("Nothing was entered yet that could be confirmed.")
    if row.entered_by in actor.persons:
        raise RuleBroken("You entered this. Somebody else confirms it.")
    row.confirmed_by, row.confirmed_label, row.confirmed_at = actor.user_id, actor.signature, clock.now()
    audit.record(
        session, actor, "proposal_endorsements:confirm", row, label=_label(proposal, row.desk), note=row.reference,
        amount=(None, row.amount),
    )  # fmt: skip
    if actor.offices:
        news.tell_of_desk(session, actor, proposal, f"{_office(row.desk)} has endorsed “{proposal.title}”.")


def decline(session: Session, actor: Actor, proposal: BudgetProposal, row: ProposalEndorsement, *, note: str) -> None:
    """Note that an office does not endorse, and why; once the proposal is changed its word is asked for again.

    Raises:
        RuleBroken: its word is in force, it declined already, or the reason is shorter than 20 characters.
    """
    _begin_answer(session, actor, proposal, row, answering(actor, proposal).enters)
    workflow.require_words(note, workflow.LEAST_REMARK)
    row.declined_for, row.declined_label, row.declined_at = note.strip(), actor.signature, clock.now()
    audit.record(session, actor, "proposal_endorsements:decline", row, label=_label(proposal, row.desk), note=note)
    news.tell_of_desk(session, actor, proposal, f"{_office(row.desk)} does not endorse “{proposal.title}”.")


def uncovered(row: ProposalEndorsement | None, amount: Decimal) -> Decimal:
    """What the word of an office does not cover yet; pesos."""
    return amount if row is None or row.confirmed_at is None else max(amount - row.amount, Decimal("0.00"))


def _begin(session: Session, actor: Actor, proposal: BudgetProposal, *, may: bool) -> None:
    if not may:
        raise NotAllowed("This is for others to answer.")
    session.refresh(proposal, with_for_update=True)
    if proposal.status in CLOSED:
        raise RuleBroken("This proposal has ended.")


def _begin_answer(
    session: Session, actor: Actor, proposal: BudgetProposal, row: ProposalEndorsement, desks: frozenset[Desk]
) -> None:
    """Nobody has answered yet, and the actor may for these desks. Raises NotAllowed, RuleBroken."""
    _begin(session, actor, proposal, may=row.desk in desks)
    session.refresh(row, with_for_update=True)
    modes.refuse_own(actor, proposal)
    if row.confirmed_at is not None:
        raise RuleBroken("This is confirmed already. Ask again if more has to be covered.")
    if row.declined_at is not None:
        raise RuleBroken("This office has declined. Whoever prepares the proposal asks it again.")


def _office(desk: Desk) -> str:
    return DESK[desk].split(":")[0]


def _label(proposal: BudgetProposal, desk: Desk) -> str:
    return f"{proposal.title}, {_office(desk)}"
