"""What the accounts of a request have at its day, and what they have after it; controlled objects too (E-3, E-6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.ledger import accounts, room
from bmms.domain.ledger.room import Shortfall
from bmms.domain.obligations.choices import Choices
from bmms.domain.obligations.rules import Line, refuse
from bmms.models.authority import AccountObject, BudgetAccount
from bmms.models.reference import ObjectCode


@dataclass(frozen=True)
class Room:
    """One account, or one controlled object of it; pesos."""

    account: BudgetAccount
    name: str
    rows: tuple[int, ...]  # the lines that ask for it
    available: Decimal
    asked: Decimal
    object_code: str = ""  # of a controlled object

    @property
    def after(self) -> Decimal:
        """What is left when the request is posted; below zero: it will be refused."""
        return self.available - self.asked

    @property
    def short(self) -> Decimal:
        """How much too much it is."""
        return max(-self.after, NONE)


def rooms_of(session: Session, lines: Iterable[Line], day: date, choices: Choices | None = None) -> list[Room]:
    """The rooms that these lines ask for, in the order of the lines; lines without account or amount are left out.

    Args:
        choices: what the lines can name, where it is known already.
    """
    told = [line for line in lines if line.account_id and line.amount is not None and line.amount.is_finite()]
    if not told:
        return []
    ids = {line.account_id for line in told if line.account_id}
    known = choices.named if choices else {}
    named = {key: known[key] for key in ids} if ids <= known.keys() else accounts.named(session, ids)
    gaps = room.available_in(session, [account for account, _ in named.values()], day)
    found = []
    for account_id in dict.fromkeys(line.account_id for line in told if line.account_id in named):
        here = [line for line in told if line.account_id == account_id]
        account, name = named[account_id]
        found.append(Room(account, name, _rows(here), gaps[account_id].unobligated, _sum(here)))
    if choices and not choices.has_controlled(told):
        return found
    return found + [
        Room(named[account_id][0], f"{named[account_id][1]}, {one.dashed} {one.title}", _rows(here), left, _sum(here),
             one.code)
        for account_id, one, left, here in _controlled(session, told)
    ]  # fmt: skip


def require_objects(session: Session, lines: Sequence[Line], field: str = "amount") -> None:
    """Go on only when each controlled object has room (E-6). Raises RuleBroken at each line that lacks it: amount_2."""
    lacking = [one for one in _controlled(session, lines) if _sum(one[3]) > one[2]]
    if not lacking:
        return
    named = accounts.named(session, {account_id for account_id, *_ in lacking})
    refuse({
        f"{field}_{line.row}": (
            f"{named[account_id][1]}, {one.dashed} {one.title} is controlled by object (E-6): "
            f"₱ {max(left, NONE):,.2f} of its allotment is left, ₱ {_sum(here):,.2f} is asked for. Realign, or ask "
            "for an allotment that names it."
        )
        for account_id, one, left, here in lacking
        for line in here
    })  # fmt: skip


def at_lines(shortfall: Shortfall, lines: Iterable[Line]) -> Shortfall:
    """The same refusal, told at the amounts of the lines that ask for too much."""
    lacking = {one.account.id: str(one) for one in shortfall.lacking}
    shortfall.fields = {
        f"amount_{line.row}": lacking[line.account_id] for line in lines if line.account_id in lacking
    }  # fmt: skip
    return shortfall


def seen_before(session: Session, lines: Iterable[Line], day: date) -> dict[str, str]:
    """What the accounts had for a document that was posted just now and keeps them locked: account id to pesos."""
    taken: dict[int, Decimal] = {}
    for line in lines:
        if line.account_id and line.amount is not None:
            taken[line.account_id] = taken.get(line.account_id, NONE) + line.amount
    query = select(BudgetAccount).where(BudgetAccount.id.in_(taken))
    found = session.scalars(query.execution_options(populate_existing=True)).all()
    left = room.available_in(session, found, day)
    return {str(key): str(left[key].unobligated + amount) for key, amount in taken.items()}


def _controlled(session: Session, lines: Sequence[Line]) -> list[tuple[int, ObjectCode, Decimal, list[Line]]]:
    """(account id, object, what is left of its allotment, the lines that ask for it) of each controlled object."""
    query = (
        select(BudgetAccount.id, ObjectCode, AccountObject.allotted - AccountObject.obligated)
        .join(ObjectCode, or_(BudgetAccount.by_object, ObjectCode.is_controlled))
        .outerjoin(
            AccountObject,
            and_(AccountObject.object_code == ObjectCode.code, AccountObject.account_id == BudgetAccount.id),
        )
        .where(
            BudgetAccount.id.in_({line.account_id for line in lines}),
            ObjectCode.code.in_({line.object_code for line in lines}),
        )
        .order_by(BudgetAccount.id, ObjectCode.code)
    )
    found = []
    for account_id, one, left in session.execute(query):
        here = [line for line in lines if (line.account_id, line.object_code) == (account_id, one.code)]
        found.append((account_id, one, left or NONE, here))
    return [each for each in found if each[3]]


def _rows(lines: Iterable[Line]) -> tuple[int, ...]:
    return tuple(line.row for line in lines)


def _sum(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines if line.amount is not None), NONE)
