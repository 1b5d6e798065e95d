"""A change is requested, approved by somebody else, posted, and may be taken back (modules 8.10)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.changes import labels, news, offers, queries, rules
from bmms.domain.changes.queries import Balance
from bmms.domain.errors import RuleBroken
from bmms.domain.files.store import Upload
from bmms.domain.ledger import accounts, files, posting, room
from bmms.domain.permissions import P
from bmms.domain.workflow import LEAST_REMARK, Step, Steps
from bmms.models.authority import BudgetAccount
from bmms.models.changes import BudgetChange, BudgetChangeLine, ChangeKind, ChangeStatus
from bmms.models.ledger import DocumentKind, PostingVerb

S = ChangeStatus


def _step(verb: str, sources: set[S], target: S, need: P, label: str, done: str, **more: object) -> Step:
    return Step(verb, frozenset(sources), target, need, label, done, **more)  # type: ignore[arg-type]


STEPS: Steps = {
    step.verb: step
    for step in (
        _step(
            "request", {S.DRAFT}, S.REQUESTED, P.LEDGER_EDIT, "Request approval", "The change is requested.",
            follows="Somebody else looks at it and decides. It cannot be changed meanwhile.",
        ),
        _step("approve", {S.REQUESTED}, S.APPROVED, P.BUDGET_APPROVE, "Approve", "The change is approved."),
        _step(
            "reject", {S.REQUESTED}, S.REJECTED, P.BUDGET_APPROVE, "Reject", "The change is rejected.",
            asks="Why it is rejected", least=LEAST_REMARK, tone="danger",
        ),
        _step("post", {S.APPROVED}, S.POSTED, P.LEDGER_EDIT, "Post", "The change is posted."),
        _step("reverse", {S.POSTED}, S.REVERSED, P.BUDGET_APPROVE, "Reverse", "The change is reversed.", tone="danger"),
        _step(
            "cancel", {S.DRAFT, S.REQUESTED}, S.CANCELLED, P.LEDGER_EDIT, "Cancel the change",
            "The change is cancelled.", asks="Why it is cancelled", least=LEAST_REMARK, tone="danger",
        ),
    )
}  # fmt: skip


def steps_of(change: BudgetChange, lines: Sequence[BudgetChangeLine]) -> Steps:
    """The steps as they are taken with this change: between objects of one account, the budget review decides.

    A reversion has nothing to be requested; the side of a transfer that gives is posted by the side that receives.
    """
    steps = dict(STEPS)
    if rules.is_by_object(change, lines):
        steps |= {verb: replace(STEPS[verb], need=P.BUDGET_REVIEW) for verb in ("approve", "reject")}
    if change.kind == ChangeKind.TRANSFER_OUT:
        del steps["post"], steps["reverse"]
    return steps


def offered(actor: Actor, change: BudgetChange, lines: Sequence[BudgetChangeLine]) -> list[Step]:
    """The steps that the actor may take with a change now."""
    own = change.requested_by in actor.persons
    return workflow.offered(
        actor, steps_of(change, lines), change.status, approve=own, reject=own, cancel=not own, reverse=own
    )


def request(session: Session, actor: Actor, change: BudgetChange, *, note: str = "") -> None:
    """Ask for approval of a draft.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is no draft, or something that its kind has to say is missing.
        Shortfall: there is less to take than it takes.
    """
    lines = _require(session, actor, change, "request")
    if wrong := rules.missing(change, lines, queries.classes_of(session, lines)):
        (field, message), *rest = wrong.items()
        raise RuleBroken(message, field=field, **dict(rest))
    if change.kind == ChangeKind.TRANSFER_IN:
        offers.require_whole(offers.offer_of(session, change), lines)
    _require_room(session, change, lines)
    change.requested_by, change.requested_label, change.requested_at = actor.user_id, actor.signature, clock.now()
    _take(session, actor, change, "request", note)
    news.tell_of(session, actor, change, "request", waits_for=steps_of(change, lines)["approve"].need)


def approve(session: Session, actor: Actor, change: BudgetChange, *, seen: str) -> None:
    """Approve what somebody else requested, with the balances in sight.

    Args:
        seen: `mark_of` the balances that the page showed.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not requested, the actor requested it, the balances have moved since they were shown.
        Shortfall: there is less to take than it takes.
    """
    lines = _require(session, actor, change, "approve")
    workflow.refuse_own(actor, change.requested_by, "this change")
    _require_room(session, change, lines)
    accounts.named(session, {line.account_id for line in lines})  # as they are now, with their locks held
    balances = queries.balances_of(session, change)
    if mark_of(balances) != seen:
        raise RuleBroken("The balances have moved since this page was made. Look at them again, then approve.")
    change.balances_seen = "\n".join(map(str, balances))
    change.approved_by, change.approved_label, change.approved_at = actor.user_id, actor.signature, clock.now()
    _take(session, actor, change, "approve")
    news.tell_of(session, actor, change, "approve")


def mark_of(balances: Sequence[Balance]) -> str:
    """A short mark of balances as they were shown: it is another one when they have moved."""
    return hashlib.sha256("\n".join(map(str, balances)).encode()).hexdigest()[:32]


def reject(session: Session, actor: Actor, change: BudgetChange, *, note: str) -> None:
    """Reject what somebody else requested. Raises NotAllowed, RuleBroken."""
    _require(session, actor, change, "reject", note)
    workflow.refuse_own(actor, change.requested_by, "this change")
    change.remarks = note.strip()
    _take(session, actor, change, "reject", note)
    news.tell_of(session, actor, change, "reject")


def cancel(session: Session, actor: Actor, change: BudgetChange, *, note: str) -> None:
    """Take back the own draft or request; its reference stays taken. Raises NotAllowed, RuleBroken."""
    _require(session, actor, change, "cancel", note)
    if change.requested_by not in actor.persons:
        raise RuleBroken(f"{change.requested_label} requested this change. Only its requester cancels it.")
    change.remarks = note.strip()
    _take(session, actor, change, "cancel", note)


@dataclass(frozen=True)
class Instrument:
    """What is said on posting: the day in the ledger, and by which instrument MFBM or the Chief Minister agreed."""

    dated: date
    authority: str = ""
    file: Upload | None = None


def post(session: Session, actor: Actor, change: BudgetChange, said: Instrument, *, key: str) -> None:
    """Put an approved change into the ledger.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not approved, its instrument is not named, a rule of the ledger refuses.
        Shortfall: there is less to take than it takes.
    """
    actor.require(P.LEDGER_EDIT)
    if change.pair_key is not None:
        raise RuleBroken("A transfer is posted on both sides at once, by the side that receives.")
    session.refresh(change, with_for_update=True)
    if change.status == S.APPROVED:
        require_objects(session, take_in(session, actor, change, said))
    if posting.post(session, actor, order_of(change, key)) is not None:
        news.tell_of(session, actor, change, "post")
    session.refresh(change)


def reverse(session: Session, actor: Actor, change: BudgetChange, *, dated: date, note: str, key: str) -> None:
    """Take a posted change back by opposite entries on a day of an open month.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not posted, the actor requested it, the reason is too short, a rule of the ledger refuses.
        Shortfall: what it gave is spent.
    """
    actor.require(P.BUDGET_APPROVE)
    if change.pair_key is not None:
        raise RuleBroken("A transfer is reversed on both sides at once, by the side that received.")
    session.refresh(change, with_for_update=True)
    prepare_reversal(session, actor, change, dated, note)
    if posting.post(session, actor, reversal_of(change, dated, key, note)) is not None:
        news.tell_of(session, actor, change, "reverse")
    session.refresh(change)


def prepare_reversal(session: Session, actor: Actor, change: BudgetChange, dated: date, note: str) -> None:
    """What a reversal asks before the ledger does; a change that is reversed already is left to the ledger."""
    workflow.refuse_own(actor, change.requested_by, "this change")
    workflow.require_words(note, LEAST_REMARK)
    if dated < change.dated:
        raise RuleBroken("A reversal is not dated before what it takes back.", field="dated")
    if change.status == S.POSTED:
        change.remarks = note.strip()
        session.flush()
        require_objects(session, queries.lines_of(session, change), sign=-1)


def take_in(session: Session, actor: Actor, change: BudgetChange, said: Instrument) -> list[BudgetChangeLine]:
    """Write on an approved change what is said on posting; its lines. Raises RuleBroken: something is missing."""
    change.authority = said.authority.strip() or change.authority
    if said.dated > clock.today():
        raise RuleBroken("The day lies in the future.", field="dated")
    if said.dated.year < change.fiscal_year:
        raise RuleBroken(f"The money of {change.fiscal_year} is changed in that year at the earliest.", field="dated")
    change.dated = said.dated
    if said.file is not None:
        change.file_id = files.keep(session, actor, said.file)
    lines = queries.lines_of(session, change)
    if wrong := rules.missing(change, lines, queries.classes_of(session, lines), posting=True):
        (field, message), *rest = wrong.items()
        raise RuleBroken(message, field=field, **dict(rest))
    session.flush()
    return lines


def order_of(change: BudgetChange, key: str) -> posting.Order:
    """The change as the ledger takes it."""
    return posting.Order(
        DocumentKind.BUDGET_CHANGE, change.id, {S.APPROVED}, {"status": S.POSTED},
        label=f"{labels.KIND[change.kind]} {change.reference}", doc_date=change.dated, key=key,
        called=labels.STATUS[change.status][0].lower(),
    )  # fmt: skip


def reversal_of(change: BudgetChange, dated: date, key: str, note: str) -> posting.Order:
    """The opposite entries."""
    return posting.Order(
        DocumentKind.BUDGET_CHANGE, change.id, {S.POSTED}, {"status": S.REVERSED, "reversed_on": dated},
        label=f"Reversal of {labels.KIND[change.kind].lower()} {change.reference}", doc_date=dated, key=key,
        called=labels.STATUS[change.status][0].lower(), verb=PostingVerb.REVERSE, note=note,
    )  # fmt: skip


def _require(
    session: Session, actor: Actor, change: BudgetChange, verb: str, note: str = ""
) -> list[BudgetChangeLine]:  # fmt: skip
    """The change locked, the step allowed; its lines."""
    session.refresh(change, with_for_update=True)
    lines = queries.lines_of(session, change)
    steps = steps_of(change, lines)
    workflow.require(actor, steps, verb, change.status, note, labels.STATUS[change.status][0])
    return lines


def _take(session: Session, actor: Actor, change: BudgetChange, verb: str, note: str = "") -> None:
    before, change.status = change.status, STEPS[verb].target  # type: ignore[assignment]
    audit.record(
        session, actor, f"budget_changes:{verb}", change, label=change.reference, note=note,
        status=(before, change.status),
    )  # fmt: skip


def _require_room(session: Session, change: BudgetChange, lines: Sequence[BudgetChangeLine]) -> None:
    """Lock its accounts and look whether there is what it takes. Raises Shortfall, RuleBroken."""
    room.require(session, order_of(change, ""))
    require_objects(session, lines)


def require_objects(session: Session, lines: Sequence[BudgetChangeLine], *, sign: int = 1) -> None:
    """What is taken from an object of an account is there, with the account locked. Raises RuleBroken."""
    taken: dict[int, dict[str | None, Decimal]] = {}
    for line in lines:
        if any(one.object_code for one in lines if one.account_id == line.account_id):
            amounts = taken.setdefault(line.account_id, {})
            amounts[line.object_code] = amounts.get(line.object_code, NONE) + line.allotment * sign
    for account_id in sorted(taken):
        _require_objects_of(session, account_id, taken[account_id])


def _require_objects_of(session: Session, account_id: int, moved: Mapping[str | None, Decimal]) -> None:
    query = select(BudgetAccount).where(BudgetAccount.id == account_id)
    account = session.scalars(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one()  # fmt: skip
    rooms = rules.room_of_objects(account, queries.objects_of(session, account))
    for code, amount in moved.items():
        there = rooms.get(code, NONE)
        if amount < 0 and -amount > there:
            name, what = accounts.named(session, {account_id})[account_id][1], code or "what is not broken down"
            raise RuleBroken(
                f"{name}, {what}: ₱ {-amount - there:,.2f} too much. The change takes ₱ {-amount:,.2f}; "
                f"₱ {there:,.2f} of its allotment are not obligated.",
                field="lines",
            )
