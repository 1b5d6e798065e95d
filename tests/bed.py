"""The program of a year by the steps of the domain, for tests of what follows it."""

from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bmms.domain.bed import actions, steps
from bmms.models.bed import BedLine, BedProgram
from bmms.models.reference import ExpenseClass
from tests.execution import YEAR, Treasury
from tests.planning import Desk

NOTHING = (Decimal(0),) * 12


def begun(office: Treasury, pattern: str = "", lag: int = 1) -> BedProgram:
    """A draft of Rahma, filled by a pattern if one is named; committed."""
    desk = office.rahma
    row = actions.begin(desk.session, desk.actor, YEAR)
    if pattern:
        actions.propose(desk.session, desk.actor, row, pattern=pattern, lag=lag)
    desk.session.commit()
    return row


def take(desk: Desk, row: BedProgram, verb: str, note: str = "") -> BedProgram:
    """One step by this person; committed."""
    theirs = desk.session.get_one(BedProgram, row.id, populate_existing=True)
    steps.take(desk.session, desk.actor, theirs, verb, note=note)
    desk.session.commit()
    return theirs


def approved(office: Treasury, pattern: str = "equal", lag: int = 1) -> BedProgram:
    """Submitted by Rahma, approved by Idris; committed."""
    row = begun(office, pattern, lag)
    take(office.rahma, row, "submit")
    take(office.idris, row, "approve")
    return office.rahma.session.get_one(BedProgram, row.id, populate_existing=True)


def line_in(office: Treasury, bed: BedProgram, account_id: int) -> BedLine:
    """The row of an account's program and class."""
    account, session = office.account(account_id), office.rahma.session
    query = select(BedLine).where(BedLine.bed_id == bed.id, BedLine.program_id == account.program_id)
    return session.scalars(query.where(BedLine.expense_class == ExpenseClass(account.expense_class))).one()


def write(office: Treasury, bed: BedProgram, account_id: int, obligations: object, paid: object = NOTHING) -> None:
    """The twelve months of one row, by Rahma; committed."""
    desk = office.rahma
    line = line_in(office, bed, account_id)
    bed = desk.session.get_one(BedProgram, bed.id)
    actions.change_line(desk.session, desk.actor, bed, line, obligations, paid)  # type: ignore[arg-type]
    desk.session.commit()


def programmed_to(session: Session, month: int) -> dict[tuple[int | None, str], tuple[Decimal, Decimal]]:
    """(program, class) to what the approved program says is obligated and paid up to the end of a month; pesos."""
    rows = session.execute(
        text(
            "SELECT l.program_id, l.expense_class, sum(f.obligation) AS obligation, sum(f.disbursement) AS disbursement"
            " FROM bed_programs p JOIN bed_lines l ON l.bed_id = p.id JOIN bed_figures f ON f.line_id = l.id"
            " WHERE p.fiscal_year = :year AND p.status = 'approved' AND f.month <= :month GROUP BY 1, 2"
        ),
        {"year": YEAR, "month": month},
    )
    return {(row.program_id, row.expense_class): (row.obligation, row.disbursement) for row in rows}
