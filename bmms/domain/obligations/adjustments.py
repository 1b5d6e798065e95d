"""Notices of adjustment (NORSA): more or less of a line, or the unpaid balance cancelled; entered, then certified."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.ledger import posting, room
from bmms.domain.ledger.numbers import Series
from bmms.domain.money import is_pesos
from bmms.domain.obligations import headroom, rules
from bmms.domain.obligations.labels import ADJUSTMENT
from bmms.domain.obligations.news import tell_of
from bmms.domain.obligations.queries import ShownLine, lines_of
from bmms.domain.obligations.rules import Line
from bmms.domain.permissions import P
from bmms.domain.versions import require_unchanged
from bmms.models.ledger import DocumentKind
from bmms.models.obligations import (
    AdjustmentStatus,
    Obligation,
    ObligationAdjustment,
    ObligationAdjustmentLine,
    ObligationStatus,
)


def get_adjustment(session: Session, obligation: Obligation, adjustment_id: int) -> ObligationAdjustment:
    """One adjustment of a request. Raises NotFound."""
    row = session.get(ObligationAdjustment, adjustment_id)
    if row is None or row.obligation_id != obligation.id:
        raise NotFound("There is no such adjustment.")
    return row


def enter(
    session: Session, actor: Actor, obligation: Obligation, *, dated: date, reason: str,
    changes: Mapping[int, Decimal] | None = None, closes: bool = False,
) -> ObligationAdjustment:  # fmt: skip
    """Enter a change of a posted obligation, to be certified by somebody else.

    Args:
        changes: id of a line to by how much it changes, pesos; below zero: less.
        closes: cancel all that is not paid instead; on certification the obligation is closed.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not obligated, an adjustment waits already, the reason is short, the day is wrong, or a
            change is too large (field: change_<line id>).
        Shortfall: there is not enough allotment for an increase.
    """
    actor.require(P.LEDGER_EDIT)
    _lock(session, obligation)
    if session.scalar(_waiting(obligation)):
        raise RuleBroken("An adjustment of this obligation waits already. Have it certified or cancel it first.")
    lines = lines_of(session, obligation)
    wanted = _balance(lines) if closes else {key: amount for key, amount in (changes or {}).items() if amount}
    adjustment = ObligationAdjustment(
        obligation_id=obligation.id, fiscal_year=dated.year, dated=dated, reason=reason.strip(), closes=closes,
        entered_by=actor.user_id, entered_label=actor.signature, is_demo=obligation.is_demo,
    )  # fmt: skip
    _require_sound(session, obligation, adjustment, lines, wanted)
    session.add(adjustment)
    session.flush()
    session.add_all(
        ObligationAdjustmentLine(adjustment_id=adjustment.id, line_id=key, amount=amount)
        for key, amount in wanted.items()
    )
    session.flush()
    _require_room(session, actor, adjustment, lines, wanted)
    audit.record(
        session, actor, "obligation_adjustments:create", adjustment, label=obligation.title, note=adjustment.reason,
        amount=(None, sum(wanted.values(), NONE)), closes=(None, closes),
    )  # fmt: skip
    tell_of(session, actor, obligation, "adjust")
    return adjustment


def cancel(
    session: Session, actor: Actor, obligation: Obligation, adjustment: ObligationAdjustment, *, note: str
) -> None:  # fmt: skip
    """Drop an adjustment that is not posted: its author does, or a certifier refuses it so.

    Raises:
        NotAllowed: neither permission is there.
        RuleBroken: it is posted or cancelled, or the reason is shorter than 20 characters.
    """
    if not actor.may(P.LEDGER_CERTIFY):
        actor.require(P.LEDGER_EDIT)
    session.refresh(adjustment, with_for_update=True)
    _require_draft(adjustment)
    rules.require_reason(note, "note")
    adjustment.status = AdjustmentStatus.CANCELLED
    audit.record(
        session, actor, "obligation_adjustments:cancel", adjustment, label=obligation.title, note=note,
        status=(AdjustmentStatus.DRAFT, AdjustmentStatus.CANCELLED),
    )  # fmt: skip


def certify(
    session: Session, actor: Actor, obligation: Obligation, adjustment: ObligationAdjustment, *, certified: bool,
    key: str, version: int | None = None,
) -> None:  # fmt: skip
    """Post an adjustment that somebody else entered; one that cancels the balance closes the obligation with it.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is no draft any more, the actor entered it, the tick is missing, or more was paid meanwhile.
        Shortfall: there is not enough allotment for an increase.
    """
    actor.require(P.LEDGER_CERTIFY)
    session.refresh(obligation, with_for_update=True)
    session.refresh(adjustment, with_for_update=True)
    lines = lines_of(session, obligation)
    wanted = changes_of(session, adjustment)
    if adjustment.status == AdjustmentStatus.DRAFT:
        require_unchanged(adjustment, version, "this adjustment")
        if adjustment.entered_by in actor.persons:
            raise RuleBroken("You entered this adjustment. Somebody else certifies it.")
        if not certified:
            raise RuleBroken("Tick the certification of Box B: without it nothing is posted.", field="certified")
        _require_obligated(obligation)
        _require_sound(session, obligation, adjustment, lines, wanted)
    try:
        posted = posting.post(session, actor, _order(actor, obligation, adjustment, key))
    except room.Shortfall as shortfall:
        raise _at_lines(shortfall, lines, wanted) from None
    session.refresh(adjustment)
    if posted is None:
        return
    adjustment.balances_seen = headroom.seen_before(session, as_lines(lines, wanted), adjustment.dated)
    if adjustment.closes:
        obligation.status = ObligationStatus.CLOSED
        audit.record(
            session, actor, "obligations:close", obligation, label=obligation.title, note=adjustment.reason,
            status=(ObligationStatus.OBLIGATED, ObligationStatus.CLOSED),
        )  # fmt: skip
    session.flush()
    tell_of(session, actor, obligation, "adjusted", to=adjustment.entered_by)


def changes_of(session: Session, adjustment: ObligationAdjustment) -> dict[int, Decimal]:
    """Id of a line to by how much it changes; pesos."""
    query = select(ObligationAdjustmentLine).where(ObligationAdjustmentLine.adjustment_id == adjustment.id)
    return {one.line_id: one.amount for one in session.scalars(query.order_by(ObligationAdjustmentLine.line_id))}


def as_lines(lines: Sequence[ShownLine], changes: Mapping[int, Decimal]) -> list[Line]:
    """The changes as rooms look at them, each at the number of its line."""
    return [
        Line(one.line.account_id, one.line.object_code, changes[one.id], row=one.number)
        for one in lines
        if one.id in changes
    ]


def least_of(line: ShownLine) -> Decimal:
    """By how much a line can be lowered: what is neither paid nor due; pesos."""
    return line.current - max(line.line.paid, line.line.due)


def _order(
    actor: Actor, obligation: Obligation, adjustment: ObligationAdjustment, key: str = ""
) -> posting.Order:  # fmt: skip
    year, month = adjustment.fiscal_year, adjustment.dated.month
    return posting.Order(
        DocumentKind.OBLIGATION_ADJUSTMENT, adjustment.id, {AdjustmentStatus.DRAFT},
        {
            "status": AdjustmentStatus.POSTED, "certified_by": actor.user_id, "certified_label": actor.signature,
            "certified_at": clock.now(),
        },
        label=f"NORSA {{number}} of {obligation.title}", doc_date=adjustment.dated, key=key,
        called=ADJUSTMENT[adjustment.status][0].lower(),
        series=Series("norsa", year, f"{year}-{month:02d}-{{:04d}}", "norsa_no"),
    )  # fmt: skip


def _lock(session: Session, obligation: Obligation) -> None:
    session.refresh(obligation, with_for_update=True)
    _require_obligated(obligation)


def _require_obligated(obligation: Obligation) -> None:
    if obligation.status != ObligationStatus.OBLIGATED:
        raise RuleBroken("Only what is obligated is adjusted, noted as due, or has its balance cancelled.")


def _require_draft(adjustment: ObligationAdjustment) -> None:
    if adjustment.status != AdjustmentStatus.DRAFT:
        called = ADJUSTMENT[adjustment.status][0].lower()
        raise RuleBroken(f"This adjustment is already {called}. Look at it again before you go on.")


def _waiting(obligation: Obligation):  # type: ignore[no-untyped-def]
    return select(ObligationAdjustment.id).where(
        ObligationAdjustment.obligation_id == obligation.id, ObligationAdjustment.status == AdjustmentStatus.DRAFT
    )


def _balance(lines: Sequence[ShownLine]) -> dict[int, Decimal]:
    return {one.id: -one.line.unpaid for one in lines if one.line.unpaid > 0}


def _require_sound(
    session: Session, obligation: Obligation, adjustment: ObligationAdjustment, lines: Sequence[ShownLine],
    changes: Mapping[int, Decimal],
) -> None:  # fmt: skip
    wrong = rules.wrong_day(session, adjustment.dated, "adjustment")
    if not wrong and adjustment.dated < obligation.dated:
        wrong["dated"] = f"It cannot be before the obligation, {obligation.dated:%d %B %Y}."
    rules.refuse(wrong)
    rules.require_reason(adjustment.reason)
    if not changes:
        raise RuleBroken(
            "Nothing is left that could be cancelled." if adjustment.closes else "Type by how much a line changes."
        )
    if adjustment.closes and changes != _balance(lines):
        raise RuleBroken("The balance has changed since this was entered. Cancel it, and enter it again.")
    by_id = {one.id: one for one in lines}
    for key, amount in changes.items():
        if key not in by_id:
            raise RuleBroken("This line is not part of the obligation.")
        if message := _wrong_change(by_id[key], amount):
            wrong[f"change_{key}"] = message
    rules.refuse(wrong)
    up = [one for one in lines if changes.get(one.id, NONE) > 0]
    named = {one.line.account_id: (one.account_row, one.account) for one in up}
    closed = rules.wrong_accounts(session, obligation, named, adjustment.dated) if up else {}
    rules.refuse({f"change_{one.id}": closed[one.line.account_id] for one in up if one.line.account_id in closed})
    if up:
        more = [Line(one.line.account_id, one.line.object_code, changes[one.id], row=one.id) for one in up]
        headroom.require_objects(session, more, "change")


def _wrong_change(line: ShownLine, amount: Decimal) -> str:
    if not amount.is_finite() or not is_pesos(amount):
        return "An amount has two decimals at most."
    if -amount > line.line.unpaid:
        return f"₱ {line.line.unpaid:,.2f} of this line is not paid. It can be lowered by that at most."
    if -amount > least_of(line):
        return (
            f"₱ {line.line.due - line.line.paid:,.2f} of this line is due and demandable. It can be lowered by "
            f"₱ {least_of(line):,.2f} at most."
        )
    return ""


def _require_room(
    session: Session, actor: Actor, adjustment: ObligationAdjustment, lines: Sequence[ShownLine],
    changes: Mapping[int, Decimal],
) -> None:  # fmt: skip
    obligation = session.get_one(Obligation, adjustment.obligation_id)
    try:
        room.require(session, _order(actor, obligation, adjustment))
    except room.Shortfall as shortfall:
        raise _at_lines(shortfall, lines, changes) from None


def _at_lines(
    shortfall: room.Shortfall, lines: Sequence[ShownLine], changes: Mapping[int, Decimal]
) -> room.Shortfall:  # fmt: skip
    lacking = {one.account.id: str(one) for one in shortfall.lacking}
    shortfall.fields = {
        f"change_{one.id}": lacking[one.line.account_id]
        for one in lines
        if one.line.account_id in lacking and changes.get(one.id, NONE) > 0
    }
    return shortfall
