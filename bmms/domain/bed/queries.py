"""What is programmed for a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.allotments.queries import sees_drafts
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.bed import figures
from bmms.domain.bed.labels import STATUS
from bmms.domain.errors import NotFound
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.models.authority import BudgetAccount
from bmms.models.bed import BedLine, BedProgram, BedStatus
from bmms.models.programs import CostStructure
from bmms.models.reference import ExpenseClass

OPEN = (BedStatus.DRAFT, BedStatus.RETURNED)


def called(row: BedProgram) -> str:
    """`Edition 2, approved (demo)`."""
    return f"Edition {row.edition}, {STATUS[row.status][0].lower()}{' (demo)' if row.is_demo else ''}"


def shown_in(session: Session, fiscal_year: int) -> Sequence[BedProgram]:
    """The programs of a year that everybody sees: the approved one first, then the latest; real before demo."""
    query = select(BedProgram).where(
        BedProgram.fiscal_year == fiscal_year, BedProgram.status.not_in(OPEN)
    ).order_by(
        BedProgram.is_demo, BedProgram.status != BedStatus.APPROVED, BedProgram.edition.desc(),
    )  # fmt: skip
    return session.scalars(query).all()


def list_programs(actor: Actor) -> Select[BedProgram]:
    """The programs, the latest year first."""
    query = select(BedProgram).order_by(
        BedProgram.fiscal_year.desc(), BedProgram.is_demo, BedProgram.edition.desc(), BedProgram.id
    )
    return query if sees_drafts(actor) else query.where(BedProgram.status.not_in(OPEN))


def get_program(session: Session, actor: Actor, bed_id: int) -> BedProgram:
    """One. Raises NotFound, also for a draft that the actor may not see."""
    row = session.get(BedProgram, bed_id)
    if row is None or (row.status in OPEN and not sees_drafts(actor)):
        raise NotFound("There is no such program of the year.")
    return row


def get_line(session: Session, bed: BedProgram, line_id: int) -> BedLine:
    """A line of this program. Raises NotFound."""
    row = session.get(BedLine, line_id)
    if row is None or row.bed_id != bed.id:
        raise NotFound("There is no such row in this program.")
    return row


def years_without(session: Session) -> Sequence[tuple[int, bool]]:
    """(fiscal year, demo?) of accounts for which no program has been begun, the latest first."""
    begun = select(BedProgram.id).where(
        BedProgram.fiscal_year == BudgetAccount.fiscal_year, BedProgram.is_demo == BudgetAccount.is_demo
    )
    keys = (BudgetAccount.fiscal_year, BudgetAccount.is_demo)
    query = select(*keys).where(~begun.exists()).distinct().order_by(keys[0].desc(), keys[1])
    return [(year, is_demo) for year, is_demo in session.execute(query)]


@dataclass(frozen=True)
class Planned:
    """One program and class: what is appropriated, and its twelve months; pesos."""

    line_id: int | None
    key: tuple[CostStructure | None, int | None, ExpenseClass]
    title: str
    appropriated: Decimal
    obligations: tuple[Decimal, ...]
    disbursements: tuple[Decimal, ...]

    @property
    def programmed(self) -> Decimal:
        """Obligations of the year."""
        return sum(self.obligations, NONE)

    @property
    def left(self) -> Decimal:
        """Appropriated and not programmed; below zero when too much is programmed."""
        return self.appropriated - self.programmed


def rows_of(session: Session, bed: BedProgram) -> list[Planned]:
    """All programs and classes of the year, with what the ledger says is appropriated now."""
    rows = figures.keyed(bed.id, figures.of_accounts(bed.fiscal_year, bed.is_demo))
    return [_planned(row) for row in session.execute(figures.listed(rows))]


def row_of(session: Session, bed: BedProgram, line: BedLine) -> Planned:
    """One of them."""
    rows = figures.keyed(bed.id, figures.of_accounts(bed.fiscal_year, bed.is_demo))
    return _planned(session.execute(figures.listed(rows).where(rows.c.line_id == line.id)).one())


def _planned(row: Any) -> Planned:
    title = row.title or NOT_BROKEN_DOWN[row.cost_structure]
    key = (row.cost_structure, row.program_id, row.expense_class)
    values = row._mapping
    return Planned(
        row.line_id, key, f"{title}, {row.expense_class}", row.appropriated,
        tuple(values[name] for name in figures.OBLIGATIONS), tuple(values[name] for name in figures.DISBURSEMENTS),
    )  # fmt: skip
