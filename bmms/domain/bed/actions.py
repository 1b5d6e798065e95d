"""What is written into the program of a year: begun, filled by a pattern, changed row by row, reopened."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import Update, delete, func, insert, select, update
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.bed import patterns, queries
from bmms.domain.bed.labels import LAG, MONTHS, PATTERN, STATUS
from bmms.domain.bed.queries import OPEN, Planned
from bmms.domain.errors import RuleBroken
from bmms.domain.money import is_pesos
from bmms.domain.permissions import P
from bmms.domain.versions import require_unchanged
from bmms.domain.workflow import LEAST_REMARK, require_words
from bmms.models.bed import BedFigure, BedLine, BedProgram, BedStatus
from bmms.models.proposals import BudgetLine, BudgetProposal, ProposalProgram, ProposalStatus
from bmms.tenancy import scope_of

Months = Sequence[Decimal]


def begin(session: Session, actor: Actor, fiscal_year: int, *, is_demo: bool = False) -> BedProgram:
    """Begin the program of a year, with an empty row for each program and class that has accounts.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: there are no accounts of this year, or its program is begun already.
    """
    actor.require(P.LEDGER_EDIT)
    if (fiscal_year, is_demo) not in queries.years_without(session):
        raise RuleBroken(
            f"The program of {fiscal_year} is begun already, or there are no budget accounts of that year."
        )
    row = _add(session, actor, BedProgram(fiscal_year=fiscal_year, is_demo=is_demo))
    audit.record(session, actor, "bed_programs:create", row, label=_label(row))
    return row


def reopen(session: Session, actor: Actor, bed: BedProgram, *, note: str) -> BedProgram:
    """Begin the next edition of an approved program, with its figures. The approved one stays in force meanwhile.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is not approved, the next edition is begun already, or the reason is too short.
    """
    actor.require(P.LEDGER_EDIT)
    require_words(note, LEAST_REMARK)
    session.refresh(bed, with_for_update=True)
    if bed.status != BedStatus.APPROVED:
        raise RuleBroken(f"This is {STATUS[bed.status][0].lower()}. Only the approved program is reopened.")
    same = (BedProgram.fiscal_year == bed.fiscal_year, BedProgram.is_demo == bed.is_demo)
    last, begun = session.execute(
        select(func.max(BedProgram.edition), func.count().filter(BedProgram.edition > bed.edition)).where(*same)
    ).one()
    if begun:
        raise RuleBroken("The next edition is begun already. Change that one.")
    row = BedProgram(fiscal_year=bed.fiscal_year, is_demo=bed.is_demo, edition=last + 1, reason=note.strip())
    _add(session, actor, row)
    figures = {
        one.key: (one.obligations, one.disbursements)
        for one in queries.rows_of(session, bed)
        if one.line_id is not None
    }
    _write(session, ((one, *figures[one.key]) for one in queries.rows_of(session, row) if one.key in figures))
    audit.record(session, actor, "bed_programs:reopen", row, label=_label(row), note=note.strip())
    return row


def remove(session: Session, actor: Actor, bed: BedProgram) -> None:
    """Remove a draft. Raises NotAllowed; RuleBroken: it is submitted or approved."""
    actor.require(P.LEDGER_EDIT)
    _require_open(session, bed)
    audit.record(session, actor, "bed_programs:delete", bed, label=_label(bed))
    session.delete(bed)
    session.flush()


def propose(
    session: Session, actor: Actor, bed: BedProgram, *, pattern: str, lag: int, only_empty: bool = True
) -> int:  # fmt: skip
    """Fill the rows by a pattern; payments follow so many months later. Rows of new accounts are taken up.

    Args:
        pattern: a key of PATTERN.
        only_empty: rows with figures stay as they are.

    Returns:
        how many rows were filled.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is submitted or approved, or there is no enacted proposal whose lines could be followed.
    """
    actor.require(P.LEDGER_EDIT)
    _require_open(session, bed)
    if pattern not in PATTERN or lag not in LAG:
        raise RuleBroken("Choose one from the list.", field="pattern" if pattern not in PATTERN else "lag")
    lines = _of_proposal(session, bed) if pattern == "proposal" else {}
    if pattern == "proposal" and not lines:
        raise RuleBroken(
            f"There is no enacted proposal of {bed.fiscal_year} with lines. Choose another pattern.", field="pattern"
        )
    _take_up(session, bed)
    rows = [one for one in queries.rows_of(session, bed) if not (only_empty and one.programmed)]
    filled = []
    for one in rows:
        shares: Sequence[Decimal | int] = lines.get(one.key[1:], ()) or patterns.SHARES.get(pattern, ())
        months = patterns.over_months(max(one.appropriated, Decimal(0)), shares)
        filled.append((one, months, patterns.paid_later(months, lag)))
    _write(session, filled)
    if filled:
        session.execute(_edited(actor, [one.line_id for one, _, _ in filled]))
    audit.record(
        session, actor, "bed_programs:propose", bed, label=_label(bed), pattern=(None, pattern),
        rows=(None, len(filled)),
    )  # fmt: skip
    return len(filled)


def change_line(
    session: Session, actor: Actor, bed: BedProgram, line: BedLine, obligations: Months, disbursements: Months,
    *, row_version: int | None = None,
) -> None:  # fmt: skip
    """Write the twelve months of one row.

    Args:
        row_version: of the line, as the person saw it.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is submitted or approved; more is programmed than appropriated; more is paid than obligated by
            the end of a month, which is named (field `d3` is March).
        Stale: somebody else changed the row meanwhile.
    """
    actor.require(P.LEDGER_EDIT)
    _require_open(session, bed)
    session.refresh(line)
    require_unchanged(line, row_version, "this row")
    before = queries.row_of(session, bed, line)
    _require_sound(before, obligations, disbursements)
    _write(session, [(before, obligations, disbursements)])
    session.execute(_edited(actor, [line.id]))
    session.refresh(line)
    audit.record(
        session, actor, "bed_lines:change", line, label=before.title,
        programmed=(before.programmed, sum(obligations, Decimal(0))),
        paid=(sum(before.disbursements, Decimal(0)), sum(disbursements, Decimal(0))),
    )  # fmt: skip


def _require_open(session: Session, bed: BedProgram) -> None:
    """It can be written in; locked until the end of the transaction. Raises RuleBroken."""
    session.refresh(bed, with_for_update=True)
    if bed.status not in OPEN:
        raise RuleBroken(
            f"This program is {STATUS[bed.status][0].lower()} and stays as it is. "
            + ("Reopen it first." if bed.status == BedStatus.APPROVED else "Look at it again.")
        )


def _take_up(session: Session, bed: BedProgram) -> None:
    """An empty row for each program and class of the year that has none yet."""
    organization_id = scope_of(session).organization_id
    new = [
        {"bed_id": bed.id, "organization_id": organization_id, "cost_structure": structure, "program_id": program_id,
         "expense_class": kind}
        for structure, program_id, kind in (one.key for one in queries.rows_of(session, bed) if one.line_id is None)
    ]  # fmt: skip
    if new:
        session.execute(insert(BedLine), new)


def _add(session: Session, actor: Actor, row: BedProgram) -> BedProgram:
    row.prepared_by, row.prepared_label = actor.user_id, actor.signature
    session.add(row)
    session.flush()
    _take_up(session, row)
    return row


def _write(session: Session, rows: Iterable[tuple[Planned, Months, Months]]) -> None:
    """Replace the figures of these rows; months without any are not kept."""
    organization_id = scope_of(session).organization_id
    given = list(rows)
    session.execute(delete(BedFigure).where(BedFigure.line_id.in_([one.line_id for one, _, _ in given])))
    new = [
        {"organization_id": organization_id, "line_id": one.line_id, "month": month, "obligation": obligated,
         "disbursement": paid}
        for one, obligations, disbursements in given
        for month, obligated, paid in zip(MONTHS, obligations, disbursements, strict=True)
        if obligated or paid
    ]  # fmt: skip
    if new:
        session.execute(insert(BedFigure), new)


def _edited(actor: Actor, ids: Sequence[int | None]) -> Update:
    mine = update(BedLine).where(BedLine.id.in_(ids)).execution_options(synchronize_session=False)
    return mine.values(edited_by=actor.user_id, row_version=BedLine.row_version + 1)


def _require_sound(row: Planned, obligations: Months, disbursements: Months) -> None:
    wrong: dict[str, str] = {}
    for letter, months in (("o", obligations), ("d", disbursements)):
        for month, amount in enumerate(months, 1):
            if amount < 0 or not is_pesos(amount):
                wrong[f"{letter}{month}"] = "An amount is zero or more, with two decimals at most."
    total = sum(obligations, Decimal(0))
    if not wrong and total > row.appropriated:
        wrong["total"] = (
            f"The months come to ₱ {total:,.2f}, ₱ {total - row.appropriated:,.2f} more than the appropriation of "
            f"₱ {row.appropriated:,.2f}. Lower a month."
        )
    if not wrong and (early := patterns.first_unpaid_month(obligations, disbursements)):
        ahead = sum(disbursements[:early], Decimal(0)) - sum(obligations[:early], Decimal(0))
        wrong[f"d{early}"] = (
            f"By the end of {MONTHS[early]}, ₱ {ahead:,.2f} more would be paid than obligated. Lower the payment, or "
            "obligate earlier."
        )
    if wrong:
        (field, message), *rest = wrong.items()
        raise RuleBroken(message, field=field, **dict(rest))


def _of_proposal(session: Session, bed: BedProgram) -> dict[tuple[object, object], list[Decimal]]:
    """(program, class) to the four quarters of the lines of the enacted proposal."""
    quarters = [func.sum(getattr(BudgetLine, f"q{quarter}")) for quarter in range(1, 5)]
    query = (
        select(ProposalProgram.program_id, BudgetLine.expense_class, *quarters)
        .join(ProposalProgram, ProposalProgram.id == BudgetLine.proposal_program_id)
        .join(BudgetProposal, BudgetProposal.id == BudgetLine.proposal_id)
        .where(
            BudgetProposal.fiscal_year == bed.fiscal_year, BudgetProposal.status == ProposalStatus.ENACTED,
            BudgetProposal.is_demo.is_(bed.is_demo),
        )
        .group_by(ProposalProgram.program_id, BudgetLine.expense_class)
    )  # fmt: skip
    return {(row[0], row[1]): list(row[2:]) for row in session.execute(query)}


def _label(row: BedProgram) -> str:
    return f"FY {row.fiscal_year}, edition {row.edition}"
