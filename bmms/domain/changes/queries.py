"""Changes of the budget as screens list them, and the places where their amounts can be typed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.allotments.queries import sees_drafts
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.changes.rules import Way, fund_of, group_of, is_by_object, room_of_objects
from bmms.domain.errors import NotFound
from bmms.domain.ledger import accounts, room
from bmms.domain.ledger.accounts import Shown
from bmms.domain.proofs import Proof
from bmms.models.authority import AccountObject, BudgetAccount
from bmms.models.changes import BudgetChange, BudgetChangeLine, ChangeStatus
from bmms.models.ledger import LedgerEntry, LedgerPosting, Measure
from bmms.models.reference import ExpenseClass, ObjectCode

UNSEEN = (ChangeStatus.DRAFT, ChangeStatus.CANCELLED)  # by those who do not work on documents


@dataclass(frozen=True)
class Part:
    """A line of a change with its account, and the title of its object."""

    line: BudgetChangeLine
    account: Shown
    object_title: str = ""


@dataclass(frozen=True)
class Place:
    """A row of the form: where an amount can be typed, and what could be taken there; pesos."""

    key: str  # of its fields
    title: str
    note: str
    account_id: int  # of a class that has no account yet: a sibling of it
    unobligated: Decimal = NONE
    unreleased: Decimal = NONE
    object_code: str | None = None
    opens: ExpenseClass | None = None


def list_changes(actor: Actor, *, fiscal_year: int | None = None, status: ChangeStatus | None = None) -> Select:
    """The changes, the latest first."""
    query = select(BudgetChange).order_by(BudgetChange.dated.desc(), BudgetChange.id.desc())
    if not sees_drafts(actor):
        query = query.where(BudgetChange.status.not_in(UNSEEN))
    if fiscal_year:
        query = query.where(BudgetChange.fiscal_year == fiscal_year)
    return query.where(BudgetChange.status == status) if status else query


def get_change(session: Session, actor: Actor, change_id: int) -> BudgetChange:
    """One. Raises NotFound, also for a draft that the actor may not see."""
    change = session.get(BudgetChange, change_id)
    if change is None or (change.status in UNSEEN and not sees_drafts(actor)):
        raise NotFound("There is no such change of the budget.")
    return change


def lines_of(session: Session, change: BudgetChange) -> list[BudgetChangeLine]:
    """The lines of a change in the order of accounts."""
    query = select(BudgetChangeLine).where(BudgetChangeLine.change_id == change.id)
    return list(session.scalars(query.order_by(BudgetChangeLine.account_id, BudgetChangeLine.id)))


def parts_of(session: Session, change: BudgetChange) -> list[Part]:
    """The lines with what they are about."""
    rows = lines_of(session, change)
    shown = accounts.shown_by_id(session, {line.account_id for line in rows})
    codes = {line.object_code for line in rows if line.object_code}
    titles = _titles(session, codes) if codes else {}
    return [Part(line, shown[line.account_id], titles.get(line.object_code or "", "")) for line in rows]


def _titles(session: Session, codes: Iterable[str]) -> dict[str, str]:
    rows = session.execute(select(ObjectCode.code, ObjectCode.title).where(ObjectCode.code.in_(codes)))
    return {row.code: row.title for row in rows}


def classes_of(session: Session, lines: Sequence[BudgetChangeLine]) -> dict[int, ExpenseClass]:
    """The class of each account that lines name."""
    ids = {line.account_id for line in lines}
    rows = session.execute(select(BudgetAccount.id, BudgetAccount.expense_class).where(BudgetAccount.id.in_(ids)))
    return {row.id: row.expense_class for row in rows}


def moved_of(session: Session, ids: Sequence[int]) -> dict[int, Decimal]:
    """What each of these changes moves: what it takes, or where it takes nothing what it gives; pesos."""
    line = BudgetChangeLine
    amount = func.coalesce(func.nullif(line.appropriation, 0), line.allotment)
    taken, given = func.sum(amount).filter(amount < 0), func.sum(amount).filter(amount > 0)
    query = select(line.change_id, func.coalesce(-taken, given, 0)).where(line.change_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(query.group_by(line.change_id))}


def proof_of_change(change: BudgetChange, parts: Sequence[Part]) -> Proof:
    """The adjustments of a change: of a realignment they come to nothing."""
    given = sum((max(one.line.appropriation or one.line.allotment, NONE) for one in parts), NONE)
    taken = -sum((min(one.line.appropriation or one.line.allotment, NONE) for one in parts), NONE)
    return Proof(len(parts), ("line", "lines"), given, taken, "what is taken")


def proof_of_list(session: Session, fiscal_year: int | None) -> Proof:
    """Posted changes, those reversed left out, against the adjustments that the ledger has of them."""
    rows = (
        select(func.count(func.distinct(BudgetChange.id)), func.coalesce(func.sum(BudgetChangeLine.appropriation), 0))
        .join(BudgetChangeLine, BudgetChangeLine.change_id == BudgetChange.id)
        .where(BudgetChange.status == ChangeStatus.POSTED)
    )
    entries = (
        select(func.coalesce(func.sum(LedgerEntry.amount), 0))
        .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
        .where(LedgerEntry.measure == Measure.ADJUSTMENT, LedgerPosting.document_kind == "budget_change")
    )
    if fiscal_year:
        rows = rows.where(BudgetChange.fiscal_year == fiscal_year)
        ids = select(BudgetChange.id).where(BudgetChange.fiscal_year == fiscal_year)
        entries = entries.where(LedgerPosting.document_id.in_(ids))
    count, total = session.execute(rows).one()
    return Proof(count, ("posted change", "posted changes"), total, session.scalar(entries) or NONE, "the ledger")


def starts(session: Session, way: Way) -> list[tuple[int, str]]:
    """What a change of this way can be about: accounts for objects, else one account for each program in a law."""
    found = accounts.chargeable(session)
    if way == Way.OBJECTS:
        return [(one.account.id, one.name) for one in found if one.account.allotted > 0]
    programs: dict[tuple, tuple[int, str]] = {}
    for one in found:
        title = f"{one.title.rsplit(',', 1)[0]}, {one.account.fiscal_year}, {one.law}"
        if one.account.source != "gaab" or one.account.fund_cluster != "01":
            title += f", {one.account.source.value} {one.account.fund_cluster}"
        programs.setdefault(group_of(one.account), (one.account.id, title))
    return list(programs.values())


def places(session: Session, way: Way, about: BudgetAccount, day: date) -> list[Place]:
    """The rows of the form of a change about this account (its program, its law), with what could be taken since a day.

    Args:
        about: as an account of the program: of realignments its classes are the rows, of all else those of its law.
    """
    if way == Way.OBJECTS:
        return _places_of_objects(session, about)
    near, key = (group_of, group_of(about)) if way == Way.CLASSES else (fund_of, fund_of(about))
    shown = [
        one for one in accounts.chargeable(session)
        if near(one.account) == key and one.account.is_demo == about.is_demo
    ]  # fmt: skip
    gaps = room.available_in(session, [one.account for one in shown], day)
    rows = [
        Place(
            f"a{one.account.id}", one.title, one.number, one.account.id, gaps[one.account.id].unobligated,
            gaps[one.account.id].unreleased,
        )
        for one in shown
    ]  # fmt: skip
    if way in (Way.REDUCTION, Way.TRANSFER):
        return rows
    there = {one.account.expense_class for one in shown if group_of(one.account) == group_of(about)}
    title = next(one.title.rsplit(",", 1)[0] for one in shown if one.account.id == about.id)
    return rows + [
        Place(f"n{kind}", f"{title}, {kind}", "No account yet: it opens with ₱ 0.00", about.id, opens=kind)
        for kind in ExpenseClass if kind not in there
    ]  # fmt: skip


def _places_of_objects(session: Session, about: BudgetAccount) -> list[Place]:
    """What is not broken down, then the objects of the account."""
    objects = objects_of(session, about)
    rooms, titles = room_of_objects(about, objects), _titles(session, [one.object_code for one in objects])
    rows = [Place("o0", "Not broken down by object", "", about.id, rooms[None])]
    return rows + [
        Place(
            f"o{one.object_code}", titles[one.object_code],
            f"{one.object_code}{', obligated within its own allotment' if one.is_controlled else ''}", about.id,
            rooms[one.object_code], object_code=one.object_code,
        )
        for one in objects
    ]  # fmt: skip


def objects_of(session: Session, account: BudgetAccount) -> Sequence[AccountObject]:
    """The parts of an account by object, as they are now."""
    query = select(AccountObject).where(AccountObject.account_id == account.id).order_by(AccountObject.object_code)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def other_objects(session: Session, about: BudgetAccount, known: Iterable[str | None]) -> list[tuple[str, str]]:
    """Further objects of the class of an account, as (code, words)."""
    query = select(ObjectCode).where(ObjectCode.expense_class == about.expense_class, ObjectCode.level == "object")
    taken = set(known)
    return [
        (one.code, f"{one.code} {one.title}")
        for one in session.scalars(query.order_by(ObjectCode.code))
        if one.code not in taken and one.is_valid_in(about.fiscal_year)
    ]


@dataclass(frozen=True)
class Balance:
    """What could be taken from an account that a change names, or from one of its objects; pesos."""

    title: str
    note: str
    unobligated: Decimal
    unreleased: Decimal | None = None  # of an object there is none

    def __str__(self) -> str:
        told = f"{self.note} {self.title}: not obligated ₱ {self.unobligated:,.2f}".strip()
        return told if self.unreleased is None else f"{told}; not released ₱ {self.unreleased:,.2f}"


def balances_of(session: Session, change: BudgetChange, parts: Sequence[Part] | None = None) -> list[Balance]:
    """The balances of what a change names, those of accounts the smallest of all days from its own on.

    Args:
        parts: its lines, where they are looked up already.
    """
    parts = parts_of(session, change) if parts is None else parts
    shown = {part.line.account_id: part.account for part in parts}
    if is_by_object(change, [part.line for part in parts]):
        ((_, only),) = shown.items()
        rooms = room_of_objects(only.account, objects_of(session, only.account))
        titles = {part.line.object_code or "": part.object_title for part in parts}
        return [
            Balance(titles[code] or "Not broken down by object", code, rooms.get(code or None, NONE))
            for code in sorted(titles)
        ]
    gaps = room.available_in(session, [one.account for one in shown.values()], change.dated)
    return [
        Balance(shown[one].title, shown[one].number, gaps[one].unobligated, gaps[one].unreleased)
        for one in sorted(shown)
    ]
