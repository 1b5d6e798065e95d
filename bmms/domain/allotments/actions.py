"""What is typed about allotment orders. One person enters an order of MFBM, another one releases it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import accounts, news
from bmms.domain.money import is_pesos
from bmms.domain.offices import modes
from bmms.domain.permissions import P
from bmms.domain.versions import put_back_if_refused, require_unchanged
from bmms.models.allotments import AllotmentLine, AllotmentOrder, OrderKind, OrderStatus
from bmms.models.authority import BudgetAccount
from bmms.models.reference import ExpenseClass, ObjectCode

COMPREHENSIVE = (ExpenseClass.PS, ExpenseClass.MOOE)  # what Sec. 36 releases without a request (E-14)


@dataclass(frozen=True)
class Line:
    """An amount for one account, pesos; of a transfer, `direction` -1 goes to others.

    Args:
        object_code: where the order names the object: a controlled one can be obligated only then (E-6).
        row: of the form, for messages; 0: the account's own amount.
    """

    account_id: int
    amount: Decimal
    object_code: str | None = None
    direction: int = 1
    row: int = 0


def who_enters(order: AllotmentOrder) -> P:
    """The permission of those who enter, change and cancel it."""
    return modes.need_of(order, P.LEDGER_EDIT)


def enter(session: Session, actor: Actor, answers: Mapping[str, Any], lines: Sequence[Line]) -> AllotmentOrder:
    """Enter an order, to be released by somebody else.

    Args:
        answers: columns of AllotmentOrder.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: with a message for each wrong field; the number is given already.
    """
    actor.require(modes.need_in(session, answers["fiscal_year"], P.LEDGER_EDIT))
    order = AllotmentOrder(**answers, entered_by=actor.user_id, entered_label=actor.signature)
    _require_sound(session, order, lines)
    session.add(order)
    session.flush()
    _write_lines(session, order, lines)
    audit.record(
        session, actor, "allotment_orders:create", order, label=order.number, total=(None, order.total),
        kind=(None, order.kind),
    )  # fmt: skip
    news.tell_of(session, actor, order, "order_entered")
    return order


def change(
    session: Session, actor: Actor, order: AllotmentOrder, answers: Mapping[str, Any], lines: Sequence[Line], *,
    version: int | None = None,
) -> None:  # fmt: skip
    """Change an order that is not released.

    Args:
        version: the row_version that the person looked at.

    Raises:
        NotAllowed: the permission is missing.
        Stale: somebody else has changed it meanwhile.
        RuleBroken: it is released or cancelled, or an answer is wrong.
    """
    actor.require(who_enters(order))
    session.refresh(order, with_for_update=True)
    require_draft(order)
    require_unchanged(order, version, "this order")
    with put_back_if_refused(session, order):
        for name, value in answers.items():
            setattr(order, name, value)
        order.entered_by, order.entered_label = actor.user_id, actor.signature
        _require_sound(session, order, lines)
        changes = audit.changed_fields(order, *answers)
    session.flush()
    _write_lines(session, order, lines)
    audit.record(session, actor, "allotment_orders:change", order, label=order.number, **changes)


def cancel(session: Session, actor: Actor, order: AllotmentOrder) -> None:
    """Cancel an order that is not released. Its number stays taken (INV-41). Raises RuleBroken."""
    actor.require(who_enters(order))
    session.refresh(order, with_for_update=True)
    require_draft(order)
    order.status = OrderStatus.CANCELLED
    audit.record(
        session, actor, "allotment_orders:cancel", order, label=order.number,
        status=(OrderStatus.DRAFT, OrderStatus.CANCELLED),
    )  # fmt: skip


def require_draft(order: AllotmentOrder) -> None:
    """Raises RuleBroken unless it may be changed."""
    if order.status != OrderStatus.DRAFT:
        raise RuleBroken(f"This order is {order.status.value}. It is changed by a further order only.")


def _write_lines(session: Session, order: AllotmentOrder, lines: Sequence[Line]) -> None:
    session.execute(delete(AllotmentLine).where(AllotmentLine.order_id == order.id))
    session.add_all(
        AllotmentLine(
            order_id=order.id, account_id=line.account_id, object_code=line.object_code, amount=line.amount,
            direction=-1 if order.kind == OrderKind.WITHDRAWAL else line.direction,
        )
        for line in lines
    )  # fmt: skip
    session.flush()


def _require_sound(session: Session, order: AllotmentOrder, lines: Sequence[Line]) -> None:
    """All that is wrong at once; an order is demonstration data when the account of its first line is."""
    wrong: dict[str, str] = {}
    first = session.get(BudgetAccount, lines[0].account_id) if lines else None
    order.is_demo = first.is_demo if first else False
    number, others = order.number.strip(), {}
    if not number:
        wrong["number"] = "Type the number of the order."
    elif session.scalar(_same(order)):
        wrong["number"] = "There is an order with this number in this year already."
    if order.dated > clock.today():
        wrong["dated"] = "The day of the order lies in the future."
    if order.kind == OrderKind.SPECIAL and not order.request.strip():
        wrong["request"] = "A special order names its budget request (BAA No. 84, Sec. 37)."
    if order.kind == OrderKind.TRANSFER and not order.counterpart.strip():
        wrong["counterpart"] = "Say to whom the authority goes, or from whom it comes."
    wrong |= _wrong_lines(session, order, lines)
    if wrong:
        (field, message), *rest = wrong.items()
        others = dict(rest)
        raise RuleBroken(message, field=field, **others)


def _wrong_lines(session: Session, order: AllotmentOrder, lines: Sequence[Line]) -> dict[str, str]:
    if not lines:
        return {"lines": "Give at least one account its amount."}
    found = accounts.named(session, {line.account_id for line in lines})
    for line in lines:
        if line.account_id not in found:
            return {"lines": "One of the accounts is no longer there. Choose another one."}
        account, name = found[line.account_id]
        if line.amount <= 0 or not is_pesos(line.amount):
            return {"lines": f"{name}: an amount is above zero and has two decimals at most."}
        if order.kind == OrderKind.COMPREHENSIVE and account.expense_class not in COMPREHENSIVE:
            return {"lines": f"{name}: a comprehensive order releases PS and MOOE only. Enter a special order (E-14)."}
        if account.is_demo != bool(order.is_demo):
            return {"lines": f"{name}: demonstration data and real data do not mix."}
    if wrong := _wrong_objects(session, order, lines, found):
        return wrong
    given = sum((line.amount * line.direction for line in lines), Decimal(0))
    if abs(given) != order.total:
        return {"total": f"The lines come to ₱ {abs(given):,.2f}. Type that total, or correct a line."}
    return {}


def _wrong_objects(
    session: Session, order: AllotmentOrder, lines: Sequence[Line], found: Mapping[int, tuple[BudgetAccount, str]]
) -> dict[str, str]:
    """Each object is of the class of its account, valid in the year, and named once for an account."""
    wrong, seen = {}, set()
    codes = {line.object_code for line in lines if line.object_code}
    known = {one.code: one for one in session.scalars(select(ObjectCode).where(ObjectCode.code.in_(codes)))}
    for line in lines:
        account, name = found[line.account_id]
        if (line.account_id, line.object_code) in seen:
            wrong[f"object_{line.row}"] = f"{name} is named twice with this object. Add the two up."
        seen.add((line.account_id, line.object_code))
        one = known.get(line.object_code or "")
        if line.object_code and (one is None or not one.is_valid_in(order.fiscal_year)):
            wrong[f"object_{line.row}"] = f"{line.object_code} is no object of {order.fiscal_year}. Choose another one."
        elif one and one.expense_class != account.expense_class:
            wrong[f"object_{line.row}"] = (
                f"{one.dashed} {one.title} is {one.expense_class}; the account gives {account.expense_class}."
            )
    return wrong


def _same(order: AllotmentOrder) -> Any:
    query = select(AllotmentOrder.id).where(
        AllotmentOrder.fiscal_year == order.fiscal_year, AllotmentOrder.number == order.number.strip(),
        AllotmentOrder.is_demo == bool(order.is_demo),
    )  # fmt: skip
    return query.where(AllotmentOrder.id != order.id) if order.id else query


def room_of(account: BudgetAccount, kind: OrderKind) -> Decimal:
    """What an order of this kind could move in an account today."""
    return account.headroom if kind == OrderKind.WITHDRAWAL else account.unreleased
