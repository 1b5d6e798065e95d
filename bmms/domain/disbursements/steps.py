"""The life of a voucher (modules 8.10): draft, waits for payment, paid; returned or cancelled; void by two persons.

Nobody pays what he or she prepared, nor what he or she certified as an obligation. Money moves by `posting.post` only.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, workflow
from bmms.domain.actors import Actor
from bmms.domain.cash.room import Cash
from bmms.domain.disbursements import checks, news, queries
from bmms.domain.disbursements.labels import STATUS, called, told
from bmms.domain.disbursements.queries import Payable
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import posting
from bmms.domain.ledger.numbers import Series
from bmms.domain.permissions import P
from bmms.domain.workflow import LEAST_REMARK, Step, Steps
from bmms.models.authority import BudgetAccount
from bmms.models.disbursements import Disbursement
from bmms.models.disbursements import DisbursementStatus as S
from bmms.models.ledger import DocumentKind, PostingVerb

STEPS = {
    step.verb: step
    for step in (
        Step("submit", frozenset({S.DRAFT}), S.FOR_APPROVAL, P.LEDGER_EDIT, "Submit for payment",
             "The voucher waits for payment. The accountants are told.",
             follows="It cannot be changed then. Somebody else pays it, or returns it."),
        Step("return", frozenset({S.FOR_APPROVAL}), S.DRAFT, P.LEDGER_PAY, "Return", "The voucher is a draft again.",
             asks="What has to be changed", least=LEAST_REMARK, tone="plain"),
        Step("cancel", frozenset({S.FOR_APPROVAL}), S.CANCELLED, P.LEDGER_PAY, "Cancel", "The voucher is cancelled.",
             asks="Why it is not paid", least=LEAST_REMARK, tone="danger",
             follows="A cancelled voucher stays as it is; nothing of it is paid."),
        Step("post", frozenset({S.FOR_APPROVAL}), S.PAID, P.LEDGER_PAY, "Pay", "The voucher is paid."),
        Step("ask_void", frozenset({S.PAID}), S.PAID, P.LEDGER_PAY, "Ask to void",
             "Somebody else confirms that the voucher is void.", asks="Why it is void", least=LEAST_REMARK,
             tone="danger"),
        Step("refuse_void", frozenset({S.PAID}), S.PAID, P.BUDGET_REVIEW, "Keep as paid",
             "The voucher stays paid.", asks="Why it stays paid", least=LEAST_REMARK, tone="plain"),
        Step("void", frozenset({S.PAID}), S.VOID, P.BUDGET_REVIEW, "Confirm that it is void",
             "The voucher is void; what it paid is unpaid again.", tone="danger"),
    )
}  # fmt: skip
ASKED = frozenset({"refuse_void", "void"})  # only once somebody has asked for it


def steps_of(actor: Actor) -> Steps:
    """The table as it holds for this actor: an accountant submits, too."""
    if actor.may(P.LEDGER_PAY) and not actor.may(P.LEDGER_EDIT):
        return {**STEPS, "submit": replace(STEPS["submit"], need=P.LEDGER_PAY)}
    return STEPS


def offered(actor: Actor, voucher: Disbursement) -> list[Step]:
    """The steps that this actor may take now."""
    asked = voucher.void_asked_by is not None
    unless = {verb: (verb in ASKED) != asked for verb in (*ASKED, "ask_void")}
    return workflow.offered(actor, steps_of(actor), voucher.status, **unless)


def take(session: Session, actor: Actor, voucher: Disbursement, verb: str, *, note: str = "") -> Step:
    """Submit, return or cancel a voucher.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: the status has moved on, words are missing, or the ledger would refuse the payment.
    """
    step = _require(session, actor, voucher, verb, note)
    if verb == "submit":
        _require_payable(session, voucher)
        voucher.submitted_by, voucher.submitted_label = actor.user_id, actor.signature
        voucher.submitted_at, voucher.remarks = clock.now(), ""
    else:
        voucher.remarks = note
    before, voucher.status = voucher.status, S(step.target)
    session.flush()
    audit.record(
        session, actor, f"disbursements:{verb}", voucher, label=called(voucher), note=note,
        status=(before, voucher.status),
    )  # fmt: skip
    news.tell_of_step(session, actor, voucher, verb)
    return step


def obstacles(
    session: Session, actor: Actor, voucher: Disbursement, lines: Sequence[Payable] | None = None,
    cash: Cash | None = None,
) -> list[str]:  # fmt: skip
    """Why this actor cannot pay this voucher now; nothing when it can be paid."""
    if voucher.status != S.FOR_APPROVAL:
        return [f"This voucher does not wait for payment: {STATUS[voucher.status][0].lower()}."]
    lines = queries.lines_of(session, voucher) if lines is None else lines
    found = []
    if queries.preparers_of(session, voucher) & actor.persons:
        found.append("You prepared or submitted this voucher. Somebody else pays it.")
    if own := sorted({one.obligation.ors_no for one in lines if one.obligation.certified_by in actor.persons}):
        found.append(f"You certified ORS {', '.join(own)}. Somebody else pays it.")
    return found + list(checks.wrong_to_pay(session, voucher, lines, cash).values())


def pay(session: Session, actor: Actor, voucher: Disbursement, *, key: str) -> bool:
    """Post a voucher that somebody else has submitted; it gets its number.

    Returns:
        False when this very button has paid it before: nothing happens again (INV-31).

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it does not wait for payment, the actor prepared or certified it, or a rule of the ledger refuses.
        Shortfall: the account has less that is obligated and unpaid.
    """
    actor.require(P.LEDGER_PAY)
    session.refresh(voucher, with_for_update=True)
    if voucher.status == S.FOR_APPROVAL:
        _hold_accounts(session, queries.lines_of(session, voucher))
        if found := obstacles(session, actor, voucher):
            raise RuleBroken(" ".join(found))
    year, month = voucher.dated.year, voucher.dated.month
    posted = posting.post(
        session,
        actor,
        posting.Order(
            DocumentKind.DISBURSEMENT, voucher.id, {S.FOR_APPROVAL},
            {"status": S.PAID, "paid_by": actor.user_id, "paid_label": actor.signature, "paid_at": clock.now()},
            label="DV {number}", doc_date=voucher.dated, key=key, called=STATUS[voucher.status][0].lower(),
            series=Series("dv", year, f"{year}-{month:02d}-{{:04d}}", "dv_no"),
        ),
    )  # fmt: skip
    session.refresh(voucher)
    return posted is not None


def ask_void(session: Session, actor: Actor, voucher: Disbursement, *, voided_on: date, note: str) -> None:
    """Ask that a payment be taken back, dated in an open month; somebody else confirms it.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not paid, somebody has asked already, the reason is too short, or the day is wrong.
    """
    _require(session, actor, voucher, "ask_void", note)
    if voucher.void_asked_by is not None:
        raise RuleBroken(f"{voucher.void_asked_label} has asked for this already. It waits for confirmation.")
    _require_day_of_void(session, voucher, voided_on)
    voucher.voided_on, voucher.void_reason = voided_on, note
    voucher.void_asked_by, voucher.void_asked_label = actor.user_id, actor.signature
    session.flush()
    audit.record(
        session, actor, "disbursements:ask_void", voucher, label=called(voucher), note=note, voided_on=(None, voided_on)
    )
    news.tell_of_step(session, actor, voucher, "ask_void")


def refuse_void(session: Session, actor: Actor, voucher: Disbursement, *, note: str) -> None:
    """Leave a payment as it is although somebody has asked to void it. Raises RuleBroken."""
    _require(session, actor, voucher, "refuse_void", note)
    _require_asked(voucher)
    news.tell_of_step(session, actor, voucher, "refuse_void")
    asked_for, voucher.voided_on, voucher.void_reason = voucher.voided_on, None, ""
    voucher.void_asked_by, voucher.void_asked_label = None, ""
    session.flush()
    audit.record(
        session, actor, "disbursements:refuse_void", voucher, label=called(voucher), note=note,
        voided_on=(asked_for, None),
    )  # fmt: skip


def void(session: Session, actor: Actor, voucher: Disbursement, *, key: str) -> bool:
    """Take a payment back by a posting of its own, dated as was asked for.

    Returns:
        False when this very button has done it before.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: nobody has asked for it, the actor has, or the day is no longer open.
    """
    actor.require(STEPS["void"].need)
    session.refresh(voucher, with_for_update=True)
    if voucher.status == S.PAID:
        _require_asked(voucher)
        if voucher.void_asked_by in actor.persons:
            raise RuleBroken("You asked that this voucher be void. Somebody else confirms it.")
        _hold_accounts(session, queries.lines_of(session, voucher))
        _require_day_of_void(session, voucher, voucher.voided_on, field="")
    posted = posting.post(
        session,
        actor,
        posting.Order(
            DocumentKind.DISBURSEMENT, voucher.id, {S.PAID},
            {"status": S.VOID, "voided_by": actor.user_id, "voided_label": actor.signature},
            label=f"DV {voucher.dv_no}, void", doc_date=voucher.voided_on or voucher.dated, key=key,
            called=STATUS[voucher.status][0].lower(), verb=PostingVerb.REVERSE, note=voucher.void_reason,
        ),
    )  # fmt: skip
    session.refresh(voucher)
    return posted is not None


def _require(session: Session, actor: Actor, voucher: Disbursement, verb: str, note: str) -> Step:
    session.refresh(voucher, with_for_update=True)
    return workflow.require(actor, steps_of(actor), verb, voucher.status, note, STATUS[voucher.status][0])


def _require_asked(voucher: Disbursement) -> None:
    if voucher.void_asked_by is None:
        raise RuleBroken("Nobody asks any more that this voucher be void. Look at it again before you go on.")


def _require_payable(session: Session, voucher: Disbursement) -> None:
    if found := checks.wrong_to_pay(session, voucher, queries.lines_of(session, voucher)):
        raise RuleBroken(" ".join(found.values()))


def _require_day_of_void(session: Session, voucher: Disbursement, day: date | None, field: str = "voided_on") -> None:
    lines = queries.lines_of(session, voucher)
    if day is None or day < voucher.dated:
        raise RuleBroken(f"The payment is of {told(voucher.dated)}. It cannot be void before that day.", field=field)
    for message in checks.wrong_day(session, day, lines).values():
        raise RuleBroken(message, field=field)


def _hold_accounts(session: Session, lines: Sequence[Payable]) -> None:
    """Lock the accounts in the order of their ids, so that what is unpaid stays so until this transaction ends."""
    query = select(BudgetAccount.id).where(BudgetAccount.id.in_({one.account.id for one in lines}))
    session.execute(query.order_by(BudgetAccount.id).with_for_update(key_share=True))
