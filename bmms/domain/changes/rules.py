"""What a change of the budget has to say, by its kind (modules 2.8, INV-34, BAA No. 84 Sec. 46-50)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.money import is_pesos
from bmms.models.authority import AccountObject, BudgetAccount
from bmms.models.changes import BudgetChange, ChangeKind
from bmms.models.reference import ExpenseClass

LEAST_REASON = 100  # characters
DECLARERS = ("The Chief Minister", "The Speaker of the Parliament", "The Presiding Justice")  # Sec. 47


class Way(StrEnum):
    """How a change is entered: a realignment has two forms."""

    CLASSES = "classes"
    OBJECTS = "objects"
    AUGMENTATION = "augmentation"
    TRANSFER = "transfer"
    SUPPLEMENT = "supplement"
    REDUCTION = "reduction"
    CARRY_OVER = "carry_over"
    RECEIPT = "receipt"  # the other side of a transfer


KIND_OF = {
    Way.CLASSES: ChangeKind.REALIGNMENT,
    Way.OBJECTS: ChangeKind.REALIGNMENT,
    Way.AUGMENTATION: ChangeKind.AUGMENTATION,
    Way.TRANSFER: ChangeKind.TRANSFER_OUT,
    Way.SUPPLEMENT: ChangeKind.SUPPLEMENT,
    Way.REDUCTION: ChangeKind.REDUCTION,
    Way.CARRY_OVER: ChangeKind.CARRY_OVER,
    Way.RECEIPT: ChangeKind.TRANSFER_IN,
}
ZERO_SUM = {ChangeKind.REALIGNMENT, ChangeKind.AUGMENTATION}
TAKES = {ChangeKind.TRANSFER_OUT, ChangeKind.REDUCTION, ChangeKind.REVERSION}
INSTRUMENT_FIRST = {  # somebody else decided it: the instrument is there before it is requested
    ChangeKind.TRANSFER_OUT, ChangeKind.TRANSFER_IN, ChangeKind.SUPPLEMENT, ChangeKind.REDUCTION, ChangeKind.CARRY_OVER,
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What an account gains (or, below zero, loses); pesos.

    Args:
        account_id: the account; where `opens` names a class, a sibling beside which one of that class is opened.
        object_code: of a realignment between objects; None: what is not broken down by object.
    """

    account_id: int
    appropriation: Decimal
    allotment: Decimal
    object_code: str | None = None
    opens: ExpenseClass | None = None


@dataclass(frozen=True)
class Sums:
    """What is taken and what is given, above zero; pesos."""

    taken: Decimal
    given: Decimal

    @property
    def left(self) -> Decimal:
        """What is taken and not yet given (below zero: given and not taken)."""
        return self.taken - self.given


def sums_of(amounts: Sequence[Decimal]) -> Sums:
    """What amounts above and below zero come to."""
    return Sums(
        -sum((one for one in amounts if one < 0), NONE), sum((one for one in amounts if one > 0), NONE)
    )  # fmt: skip


def way_of(change: BudgetChange, lines: Sequence[Any]) -> Way:
    """How a change was entered, from its kind and its lines."""
    if change.kind == ChangeKind.REALIGNMENT:
        return Way.OBJECTS if is_by_object(change, lines) else Way.CLASSES
    return next(way for way, kind in KIND_OF.items() if kind == change.kind)


def is_by_object(change: BudgetChange, lines: Sequence[Any]) -> bool:
    """Does it move money between the objects of one account only?"""
    return change.kind == ChangeKind.REALIGNMENT and len({line.account_id for line in lines}) == 1


def group_of(account: BudgetAccount) -> tuple[Any, ...]:
    """Accounts of one program in one law and fund: between them money is realigned."""
    return (account.appropriation_id, account.source, account.fund_cluster, account.cost_structure, account.program_id)


def fund_of(account: BudgetAccount) -> tuple[Any, ...]:
    """Accounts of one law and fund: between them programs are augmented."""
    return (account.appropriation_id, account.source, account.fund_cluster)


def wrong_lines(way: Way, lines: Sequence[Line], named: Mapping[int, tuple[BudgetAccount, str]]) -> str:
    """What is wrong with the lines of a change that is entered in this way; empty if nothing is."""
    if not lines:
        return "Give at least one account its amount."
    if any(line.account_id not in named for line in lines):
        return "One of the accounts is no longer there. Choose another one."
    found = [named[line.account_id][0] for line in lines]
    if not all(is_pesos(line.appropriation) and is_pesos(line.allotment) for line in lines):
        return "An amount has two decimals at most."
    if len({account.is_demo for account in found}) > 1:
        return "Demonstration data and real data do not mix."
    if len({fund_of(account) for account in found}) > 1:
        return "A change stays in one law, one funding source and one fund cluster."
    return _wrong_signs(way, lines) or _wrong_extent(way, lines, found)


def _wrong_signs(way: Way, lines: Sequence[Line]) -> str:
    kind, appropriation = KIND_OF[way], sums_of([line.appropriation for line in lines])
    allotment = sums_of([line.allotment for line in lines])
    if kind in ZERO_SUM:
        for sums, what in ((appropriation, "appropriation"), (allotment, "released money")):
            if sums.left:
                more = "taken than given" if sums.left > 0 else "given than taken"
                return f"₱ {abs(sums.left):,.2f} more of the {what} is {more}. What is taken is given (INV-34)."
        return ""
    sign = 1 if kind in TAKES else -1
    if any(line.allotment * sign > 0 or (line.appropriation - line.allotment) * sign > 0 for line in lines):
        return "Type amounts above zero: the kind of the change says where they go."
    return ""


def _wrong_extent(way: Way, lines: Sequence[Line], found: Sequence[BudgetAccount]) -> str:
    groups, accounts = {group_of(account) for account in found}, {(line.account_id, line.opens) for line in lines}
    if way == Way.OBJECTS and (len(accounts) > 1 or any(line.appropriation for line in lines)):
        return "A realignment between objects stays in one account."
    if way == Way.CLASSES and len(groups) > 1:
        return "A realignment stays in one program. Between programs it is an augmentation from savings (Sec. 48)."
    if way == Way.CLASSES and len(accounts) < 2:
        return "A realignment between classes names at least two accounts."
    if way == Way.AUGMENTATION and len(groups) < 2:
        return "An augmentation goes from one program to another. Within one program it is a realignment."
    return ""


def missing(
    change: BudgetChange, lines: Sequence[Any], classes: Mapping[int, ExpenseClass], *, posting: bool = False
) -> dict[str, str]:
    """What has to be said before a change is requested (or posted), by the field that says it.

    Args:
        lines: with account_id, appropriation, allotment.
        classes: of the accounts.
    """
    wrong: dict[str, str] = {}
    said = len(" ".join(change.reason.split()))
    if said < LEAST_REASON:
        wrong["reason"] = (
            f"Write a reason of at least {LEAST_REASON} characters; {LEAST_REASON - said} are missing (modules 2.8)."
        )
    ps = sum((line.appropriation for line in lines if classes[line.account_id] == ExpenseClass.PS), NONE)
    if change.kind in ZERO_SUM and ps > 0 and not change.cited_law.strip():
        wrong["cited_law"] = "Personal services grow only where a law says so. Cite it (INV-34)."
    if not change.authority.strip():
        if change.kind in INSTRUMENT_FIRST:
            wrong["authority"] = "Name the instrument of the Chief Minister or MFBM."
        elif change.kind in ZERO_SUM and ps < 0:
            wrong["authority"] = (
                "Out of personal services only with the approval of MFBM. Name its instrument (Sec. 49)."
            )
        elif posting and needs_instrument(change, lines):
            wrong["authority"] = "Name the instrument by which MFBM approved it (Sec. 49)."
    if change.kind == ChangeKind.AUGMENTATION:
        if change.savings is None:
            wrong["savings"] = "Say what makes the amount savings (Sec. 46)."
        if change.declared_by not in DECLARERS:
            wrong["declared_by"] = "Say who declared the savings (Sec. 47)."
    return wrong


def needs_instrument(change: BudgetChange, lines: Sequence[Any]) -> bool:
    """Is it posted only with the reference of an instrument of MFBM or the Chief Minister?"""
    return change.kind != ChangeKind.REVERSION and not is_by_object(change, lines)


def room_of_objects(account: BudgetAccount, objects: Sequence[AccountObject]) -> dict[str | None, Decimal]:
    """What can be taken from each object of an account, and (None) from what is not broken down; pesos."""
    spoken_for = sum((max(one.allotted, one.obligated) for one in objects), NONE)
    rooms: dict[str | None, Decimal] = {None: min(max(account.allotted - spoken_for, NONE), account.headroom)}
    for one in objects:
        rooms[one.object_code] = min(max(one.allotted - one.obligated, NONE), account.headroom)
    return rooms
