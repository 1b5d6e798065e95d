"""What follows a proposal outside its organization: transmittal, evaluation by MFBM, the CM's budget, the law.

In recorded mode (D16) the budget officer enters what was decided from its instrument, and somebody else who reviews
budgets compares the two and confirms: only then does the step happen. In operated mode two people of MFBM do so. Of the
three figures by program and class none ever replaces another: requested is what the lines ask for, recommended and
approved stand beside it (INV-22, INV-25).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.authority import actions as authority
from bmms.domain.documents import actions as documents
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.files import store
from bmms.domain.money import is_pesos
from bmms.domain.offices import modes, telling
from bmms.domain.permissions import P
from bmms.domain.proposals import files, news, papers, queries
from bmms.domain.proposals.figures import Sums, sums_of
from bmms.domain.proposals.labels import COLUMNS, PROPOSAL_STATUS
from bmms.domain.proposals.programs import Figures, figures_of
from bmms.domain.proposals.steps import note_decision, version_of
from bmms.domain.workflow import Step, Steps
from bmms.models.offices import Office
from bmms.models.proposals import BudgetProposal, CentralAct, ProposalAmount
from bmms.models.proposals import ProposalStatus as S
from bmms.models.reference import ExpenseClass

CENTRAL_STEPS = {
    step.verb: step
    for step in (
        Step("evaluate", frozenset({S.TRANSMITTED}), S.TRANSMITTED, P.BUDGET_EDIT, "Enter an evaluation",
             "It is entered. Somebody else confirms it.", asks="Notes of the evaluation",
             follows="What MFBM recommends for each program and class, beside what was requested."),
        Step("send_back", frozenset({S.TRANSMITTED}), S.RETURNED, P.BUDGET_EDIT, "Enter a return by MFBM",
             "It is entered. Somebody else confirms it.", asks="What has to be changed",
             least=workflow.LEAST_REMARK, tone="plain",
             follows="Once it is submitted again it is transmitted, as it was."),
        Step("include", frozenset({S.TRANSMITTED}), S.ENDORSED, P.BUDGET_EDIT, "Enter its place in the CM's budget",
             "It is entered. Somebody else confirms it.", asks="Words of the instrument",
             follows="Everything that is requested has its recommended amount by then."),
        Step("enact", frozenset({S.ENDORSED}), S.ENACTED, P.BUDGET_EDIT, "Enter the enactment",
             "It is entered. Somebody else confirms it.", asks="Words of the instrument",
             follows="The amounts by program and class come to the total that the law states."),
        Step("turn_down", frozenset({S.TRANSMITTED, S.ENDORSED}), S.REJECTED, P.BUDGET_EDIT, "Enter a rejection",
             "It is entered. Somebody else confirms it.", asks="Why it is rejected",
             least=workflow.LEAST_REMARK, tone="danger"),
    )
}  # fmt: skip
FIGURE_OF = {"evaluate": "recommended", "enact": "approved"}  # which of the three figures a step brings
CONFIRMED = {
    "evaluate": "evaluated", "send_back": "returned by MFBM", "include": "taken into the Chief Minister's budget",
    "enact": "enacted", "turn_down": "rejected",
}  # fmt: skip
Amounts = Mapping[tuple[int, ExpenseClass], Decimal]  # (program of the proposal, class) to pesos


def transmit(session: Session, actor: Actor, proposal: BudgetProposal, *, number: str, day: date) -> None:
    """Note that the signed proposal went to MFBM.

    Raises:
        RuleBroken: it is not signed, or the day lies in the future.
    """
    actor.require(P.BUDGET_EDIT)
    session.refresh(proposal, with_for_update=True)
    if proposal.status != S.APPROVED:
        raise RuleBroken("Only a signed proposal is transmitted.")
    if day > clock.today():
        raise RuleBroken("The day of the transmittal lies in the future.", field="day")
    proposal.transmittal, proposal.transmitted_on = number.strip(), day
    proposal.status = S.TRANSMITTED
    session.flush()
    version = version_of(session, proposal)
    note_decision(session, actor, proposal, "transmit", S.APPROVED, f"Transmittal {number.strip()}", version.id)
    audit.record(
        session, actor, "budget_proposals:transmit", proposal, label=proposal.title, note=number,
        status=(S.APPROVED, S.TRANSMITTED),
    )  # fmt: skip
    telling.tell_office(session, proposal, Office.MFBM)


def steps_of(proposal: BudgetProposal) -> Steps:
    """The steps as they are entered in the fiscal year of the proposal: by its organization, or by MFBM."""
    return modes.steps_of(proposal, CENTRAL_STEPS)


def who_enters(proposal: BudgetProposal) -> P:
    """The permission of those who enter what was decided about it."""
    return modes.need_of(proposal, P.BUDGET_EDIT)


def who_confirms(proposal: BudgetProposal) -> P:
    """The permission of those who confirm what was entered about it."""
    return modes.need_of(proposal, P.BUDGET_REVIEW)


def acts_of(session: Session, proposal: BudgetProposal) -> Sequence[CentralAct]:
    """What was entered about a proposal, the latest first; one at most waits for confirmation."""
    query = select(CentralAct).where(CentralAct.proposal_id == proposal.id)
    return session.scalars(query.order_by(CentralAct.id.desc())).all()


def get_act(session: Session, proposal: BudgetProposal, act_id: int) -> CentralAct:
    """One of them. Raises NotFound."""
    act = session.get(CentralAct, act_id)
    if act is None or act.proposal_id != proposal.id:
        raise NotFound("There is no such act.")
    return act


def places_of(
    programs: Sequence[queries.Chosen], sums: Sums, figures: Mapping[int, Figures]
) -> list[tuple[int, ExpenseClass]]:
    """Where amounts are recommended and approved: each program in each class that anything in the proposal is in."""
    used = {
        kind
        for one in programs
        for kind, column in COLUMNS.items()
        if getattr(sums.of(one.part.id).amounts, column)
        or (row := figures.get(one.part.id, {}).get(kind))
        and (row.recommended is not None or row.approved is not None)
    }
    return [(one.part.id, kind) for one in programs for kind in COLUMNS if kind in used]


def enter(
    session: Session, actor: Actor, proposal: BudgetProposal, verb: str, *, reference: str, issued_on: date,
    file: store.Upload | None, note: str = "", amounts: Amounts | None = None, total: Decimal | None = None,
) -> CentralAct:  # fmt: skip
    """Enter what was decided, from its instrument.

    Args:
        amounts: of an evaluation or an enactment, one for each of `places_of`.
        total: of an enactment, as the law states it for the organization.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, another act waits for confirmation, the instrument, an amount or words are
            missing, or the amounts do not come to the total of the law.
    """
    session.refresh(proposal, with_for_update=True)
    steps = steps_of(proposal)
    step = workflow.require(actor, steps, verb, proposal.status, note, PROPOSAL_STATUS[proposal.status][0])
    modes.refuse_own(actor, proposal)
    if issued_on > clock.today():
        raise RuleBroken("The day of the instrument lies in the future.", field="issued_on")
    if file is None:
        raise RuleBroken("Attach the instrument.", field="file")
    amounts = amounts or {}
    if verb in FIGURE_OF:
        _require_all(session, proposal, amounts)
    if verb == "enact":
        _require_total(amounts, total)
    if any(act.confirmed_at is None for act in acts_of(session, proposal)):
        raise RuleBroken("Something that was entered waits for confirmation. Confirm or withdraw that first.")
    act = CentralAct(
        proposal_id=proposal.id, verb=verb, reference=reference.strip(), issued_on=issued_on, note=note.strip(),
        file_id=files.keep(session, actor, file).id, amounts=_as_texts(amounts), total=total,
        entered_by=actor.user_id, entered_label=actor.signature, entered_at=clock.now(),
    )  # fmt: skip
    session.add(act)
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken("Somebody has just entered something about this proposal.") from error
    audit.record(
        session, actor, "central_acts:create", act, label=proposal.title, note=act.reference,
        verb=(None, step.verb), total=(None, total),
    )  # fmt: skip
    return act


def withdraw(session: Session, actor: Actor, proposal: BudgetProposal, act: CentralAct) -> None:
    """Take back what nobody has confirmed. Raises RuleBroken."""
    actor.require(who_enters(proposal))
    session.refresh(act, with_for_update=True)
    if act.confirmed_at is not None:
        raise RuleBroken("This is confirmed and stays.")
    audit.record(session, actor, "central_acts:delete", proposal, label=proposal.title, note=act.reference)
    session.delete(act)
    session.flush()


def confirm(session: Session, actor: Actor, proposal: BudgetProposal, act: CentralAct) -> None:
    """Put into force what somebody else entered.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the actor entered it, it is confirmed already, the status has moved on, amounts are missing.
    """
    session.refresh(proposal, with_for_update=True)
    actor.require(who_confirms(proposal))
    modes.refuse_own(actor, proposal)
    session.refresh(act, with_for_update=True)
    step = CENTRAL_STEPS[act.verb]
    if act.confirmed_at is not None:
        raise RuleBroken("This is confirmed already.")
    if act.entered_by in actor.persons:
        raise RuleBroken("You entered this. Somebody else confirms it.")
    if proposal.status not in step.sources:
        raise RuleBroken(f"This is already {PROPOSAL_STATUS[proposal.status][0].lower()}. Withdraw what was entered.")
    if figure := FIGURE_OF.get(act.verb):
        _write_amounts(session, proposal, figure, act)
    if act.verb == "include":
        _require_recommended(session, proposal)
    if act.verb == "enact":
        proposal.law, proposal.enacted_total = act.reference, act.total
    before, proposal.status = proposal.status, S(step.target)
    if proposal.status == S.RETURNED:
        proposal.resume_status = before
    act.confirmed_by, act.confirmed_label, act.confirmed_at = actor.user_id, actor.signature, clock.now()
    session.flush()
    documents.supersede(session, actor, papers.PROPOSAL, (proposal.id,))
    note = f"{act.reference} of {act.issued_on:%d %B %Y}. {act.note}".strip()
    note_decision(session, actor, proposal, act.verb, before, note, version_of(session, proposal).id)
    audit.record(
        session, actor, "central_acts:confirm", act, label=proposal.title, note=act.reference,
        status=(before, proposal.status),
    )  # fmt: skip
    if act.verb == "enact":
        authority.draft_of_enacted(session, actor, proposal, act)
    news.tell_of_central_act(session, actor, proposal, CONFIRMED[act.verb])


def amounts_in(act: CentralAct) -> dict[tuple[int, ExpenseClass], Decimal]:
    """The amounts of an act."""
    return {
        (int(part_id), ExpenseClass(kind)): Decimal(amount)
        for part_id, by_class in act.amounts.items()
        for kind, amount in by_class.items()
    }


def _as_texts(amounts: Amounts) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (part_id, kind), amount in amounts.items():
        found.setdefault(str(part_id), {})[kind.value] = f"{amount:.2f}"
    return found


def _require_all(session: Session, proposal: BudgetProposal, amounts: Amounts) -> None:
    """Every place has its amount, zero or more, and nothing else has one."""
    wanted = places_of(
        queries.programs_of(session, proposal), sums_of(session, proposal), figures_of(session, proposal)
    )
    wrong: dict[str, str] = {}
    for place in wanted:
        amount = amounts.get(place)
        if amount is None:
            wrong[field_of(*place)] = "Type the amount; 0 where nothing is given."
        elif amount < 0 or not is_pesos(amount):
            wrong[field_of(*place)] = "An amount is not below zero and has two decimals at most."
    if set(amounts) - set(wanted):
        wrong[""] = "The programs of this proposal have changed. Reload the page."
    if wrong:
        (field, message), *others = wrong.items()
        raise RuleBroken(message, field=field, **dict(others))


def field_of(part_id: int, kind: ExpenseClass) -> str:
    """The name of an amount in forms: a7_mooe."""
    return f"a{part_id}_{COLUMNS[kind]}"


def _require_total(amounts: Amounts, total: Decimal | None) -> None:
    """INV-25."""
    if total is None:
        raise RuleBroken("Type the total that the law states for this organization.", field="total")
    given = sum(amounts.values(), Decimal(0))
    if given != total:
        off = given - total
        way = "above" if off > 0 else "short of"
        raise RuleBroken(
            f"The amounts come to ₱ {given:,.2f}, which is ₱ {abs(off):,.2f} {way} the total of the law.", field="total"
        )


def _require_recommended(session: Session, proposal: BudgetProposal) -> None:
    programs, figures = queries.programs_of(session, proposal), figures_of(session, proposal)
    for part_id, kind in places_of(programs, sums_of(session, proposal), figures):
        row = figures.get(part_id, {}).get(kind)
        if row is None or row.recommended is None:
            title = next(one.program.title for one in programs if one.part.id == part_id)
            raise RuleBroken(f"Nothing is recommended yet for {title}, {kind}. Enter the evaluation first.")


def _write_amounts(session: Session, proposal: BudgetProposal, figure: str, act: CentralAct) -> None:
    rows = figures_of(session, proposal)
    for (part_id, kind), amount in amounts_in(act).items():
        row = rows.get(part_id, {}).get(kind)
        if row is None:
            row = ProposalAmount(proposal_program_id=part_id, expense_class=kind)
            session.add(row)
        setattr(row, figure, amount)
    session.flush()
