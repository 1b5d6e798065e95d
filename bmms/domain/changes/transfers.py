"""Transfers between organizations: offered by one, received by the other, posted for both in ONE transaction (D25).

The only place where two ORM sessions share a connection. Each serves its own organization, and tells PostgreSQL so
again before each of its statements and flushes; accounts of both sides are locked in the order of their ids.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor, Origin
from bmms.domain.changes import actions, news, offers, queries, steps
from bmms.domain.changes.rules import Line, Way
from bmms.domain.changes.steps import Instrument
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import posting
from bmms.domain.permissions import P
from bmms.models.authority import BudgetAccount
from bmms.models.changes import BudgetChange, ChangeKind, ChangeStatus, OfferStatus
from bmms.tenancy import bind_request, bind_scope, scope_of, speak_again

# Checked at once, while PostgreSQL still sees the rows of that side; the pair itself is checked at the end.
_CHECK_POSTED = text("SET CONSTRAINTS require_posting IMMEDIATE")
_CHECK_LATER = text("SET CONSTRAINTS require_posting DEFERRED")


def offer(
    session: Session, actor: Actor, answers: Mapping[str, Any], lines: Sequence[Line]
) -> BudgetChange:  # fmt: skip
    """Enter what is given to another organization (`counterpart_id`); once approved, that one sees the offer.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: with a message for each wrong field.
    """
    if answers["counterpart_id"] == scope_of(session).organization_id:
        raise RuleBroken("Choose another organization than this one.", field="counterpart_id")
    return actions.enter(session, actor, Way.TRANSFER, {**answers, "pair_key": offers.new_key()}, lines)


def receive(
    session: Session, actor: Actor, pair_key: str, answers: Mapping[str, Any], lines: Sequence[Line]
) -> BudgetChange:  # fmt: skip
    """Enter into which accounts an offer goes, as a draft.

    Raises:
        NotAllowed: the permission is missing.
        NotFound: nobody offers that.
        RuleBroken: it is answered already, the lines do not come to what is offered.
    """
    found = offers.get_offer(session, pair_key).offer
    if found.status != OfferStatus.OFFERED:
        raise RuleBroken("This offer is answered already.")
    offers.require_whole(found, lines)
    pair = {"pair_key": pair_key, "counterpart_id": found.from_organization_id}
    return actions.enter(session, actor, Way.RECEIPT, {**answers, **pair}, lines)


def post(session: Session, actor: Actor, change: BudgetChange, said: Instrument, *, key: str) -> None:
    """Put both sides of a transfer into the ledger; done by the side that receives.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not approved, the other side cannot give it now, a rule of the ledger refuses.
    """
    actor.require(P.LEDGER_EDIT)
    _require_receipt(change)
    with _beside(session, change) as (theirs, given):
        _lock(session, change, theirs, given)
        if change.status == ChangeStatus.APPROVED:
            if said.dated < given.dated:
                raise RuleBroken(f"The money is given from {given.dated:%d %B %Y} on.", field="dated")
            offers.require_whole(offers.offer_of(session, change), queries.lines_of(session, change))
            steps.take_in(session, actor, change, said)
            given.dated = said.dated
            theirs.flush()
            _post_theirs(session, actor, change, theirs, steps.order_of(given, key))
        is_first = _post(session, actor, steps.order_of(change, key))
    session.refresh(change)
    if is_first:
        news.tell_of(session, actor, change, "post")


def reverse(session: Session, actor: Actor, change: BudgetChange, *, dated: date, note: str, key: str) -> None:
    """Give a transfer back on both sides; done by the side that received.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not posted, the actor requested it, a rule of the ledger refuses.
        Shortfall: what was received is spent.
    """
    actor.require(P.BUDGET_APPROVE)
    _require_receipt(change)
    with _beside(session, change) as (theirs, given):
        _lock(session, change, theirs, given)
        steps.prepare_reversal(session, actor, change, dated, note)
        if change.status == ChangeStatus.POSTED:
            back = steps.reversal_of(given, dated, key, "")
            _post_theirs(session, actor, change, theirs, back)
        is_first = _post(session, actor, steps.reversal_of(change, dated, key, note))
    session.refresh(change)
    if is_first:
        news.tell_of(session, actor, change, "reverse")


def _require_receipt(change: BudgetChange) -> None:
    if change.kind != ChangeKind.TRANSFER_IN:
        raise RuleBroken("A transfer is posted, and reversed, on both sides at once by the side that receives.")


def _post_theirs(
    session: Session, actor: Actor, change: BudgetChange, theirs: Session, order: posting.Order
) -> None:  # fmt: skip
    """The side that gives: no person of the other side is named there, and nothing of its accounts is told here."""
    name = offers.name_of(session, actor.organization_id)
    other = replace(
        actor, user_id=None, label=name, organization_id=change.counterpart_id, principals=(), principal_names=(),
        acting_organization_id=actor.organization_id, origin=Origin(request_id=actor.origin.request_id),
    )  # fmt: skip
    session.execute(_CHECK_POSTED)
    try:
        _post(theirs, other, order)
    except RuleBroken:
        giver = offers.name_of(session, change.counterpart_id)
        raise RuleBroken(
            f"{giver} cannot do its part on that day: it has not approved it, a month is closed, or the money is not "
            "there. Ask there, or choose another day."
        ) from None
    theirs.execute(_CHECK_POSTED)


def _post(which: Session, actor: Actor, order: posting.Order) -> bool:
    """Post one side: the session speaks first, for what posting says goes past its events. False: done before."""
    which.execute(_CHECK_LATER)
    return posting.post(which, actor, order) is not None


def _lock(session: Session, change: BudgetChange, theirs: Session, given: BudgetChange) -> None:
    """Both documents, then the accounts of both, each in the order of their ids."""
    for _, which, row in sorted(((change.id, session, change), (given.id, theirs, given)), key=lambda one: one[0]):
        which.refresh(row, with_for_update=True)
    named = [(line.account_id, session) for line in queries.lines_of(session, change)]
    named += [(line.account_id, theirs) for line in queries.lines_of(theirs, given)]
    for account_id, which in sorted(named, key=lambda one: one[0]):
        which.execute(
            select(BudgetAccount.id).where(BudgetAccount.id == account_id).with_for_update(key_share=True)
        )  # fmt: skip


@contextmanager
def _beside(session: Session, change: BudgetChange) -> Iterator[tuple[Session, BudgetChange]]:
    """A second session, bound to the organization that gives, on the connection and in the transaction of the first.

    Yields:
        that session, and the document of the pair that it finds there.
    """
    theirs = Session(
        bind=session.connection(), join_transaction_mode="rollback_only", expire_on_commit=False,
        info={name: value for name, value in session.info.items() if name == "installation"},
    )  # fmt: skip
    bind_scope(theirs, change.counterpart_id or 0)
    bind_request(theirs, scope_of(session).request_id, read_only=False)
    speaker: list[Session] = [session]
    tellers = [(which, _teller(which, speaker)) for which in (session, theirs)]
    listeners = [(which, name, tell) for which, tell in tellers for name in ("do_orm_execute", "before_flush")]
    for listener in listeners:
        event.listen(*listener)
    try:
        pair = BudgetChange.pair_key == change.pair_key
        query = select(BudgetChange).where(pair, BudgetChange.kind == ChangeKind.TRANSFER_OUT)
        yield theirs, theirs.scalars(query).one()
        theirs.flush()
    finally:
        for listener in listeners:
            event.remove(*listener)
        theirs.close()
    speak_again(session)


def _teller(which: Session, speaker: list[Session]) -> Any:
    """Before anything of this session goes to PostgreSQL: say for whom, unless it spoke last."""

    def tell(*_: object) -> None:
        if speaker[0] is not which:
            speaker[0] = which
            speak_again(which)

    return tell
