"""What is typed about changes of the budget. One person requests a change, another one approves it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from bmms.domain import audit, clock, versions
from bmms.domain.actors import Actor
from bmms.domain.changes import rules
from bmms.domain.changes.rules import Line, Way
from bmms.domain.errors import RuleBroken
from bmms.domain.ledger import accounts
from bmms.domain.ledger.labels import SPECIAL_PURPOSE
from bmms.domain.permissions import P
from bmms.models.authority import Appropriation, BudgetAccount
from bmms.models.changes import BudgetChange, BudgetChangeLine, ChangeStatus
from bmms.models.reference import ExpenseClass


def enter(
    session: Session, actor: Actor, way: Way, answers: Mapping[str, Any], lines: Sequence[Line]
) -> BudgetChange:  # fmt: skip
    """Enter a change as a draft of the actor.

    Args:
        answers: columns of BudgetChange.
        lines: signed amounts, pesos; where a class has no account yet, one is opened with nothing in it.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: with a message for each wrong field; the lines do not come to zero where they have to.
    """
    actor.require(P.LEDGER_EDIT)
    change = BudgetChange(
        **answers, kind=rules.KIND_OF[way], requested_by=actor.user_id, requested_label=actor.signature
    )
    _require_sound(session, change, way, lines)
    session.add(change)
    session.flush()
    _write_lines(session, actor, change, lines)
    audit.record(session, actor, "budget_changes:create", change, label=change.reference, kind=(None, change.kind))
    return change


def change(
    session: Session, actor: Actor, row: BudgetChange, way: Way, answers: Mapping[str, Any], lines: Sequence[Line], *,
    row_version: int | None = None,
) -> None:  # fmt: skip
    """Change a draft; whoever does becomes its requester.

    Args:
        row_version: of the draft that the person looked at.

    Raises:
        NotAllowed: the permission is missing.
        RuleBroken: it is requested already, or an answer is wrong.
        Stale: somebody else changed it meanwhile.
    """
    actor.require(P.LEDGER_EDIT)
    session.refresh(row, with_for_update=True)
    require_draft(row)
    versions.require_unchanged(row, row_version, row.reference)
    for name, value in answers.items():
        setattr(row, name, value)
    row.requested_by, row.requested_label = actor.user_id, actor.signature
    row.updated_at = clock.now()  # another version also where only its lines change
    with session.no_autoflush:
        _require_sound(session, row, way, lines)
    changes = audit.changed_fields(row, *answers)
    session.flush()
    _write_lines(session, actor, row, lines)
    audit.record(session, actor, "budget_changes:change", row, label=row.reference, **changes)


def require_draft(row: BudgetChange) -> None:
    """Raises RuleBroken unless it may be changed."""
    if row.status != ChangeStatus.DRAFT:
        raise RuleBroken(f"This change is {row.status.value}. Enter a new one.")


def open_account(session: Session, actor: Actor, sibling: BudgetAccount, kind: ExpenseClass) -> int:
    """Open an account of another class, with nothing in it, in the program and law of a sibling; returns its id."""
    actor.require(P.LEDGER_EDIT)
    of_year = BudgetAccount.fiscal_year == sibling.fiscal_year
    same_year = select(Appropriation.id).where(Appropriation.fiscal_year == sibling.fiscal_year)
    session.execute(same_year.order_by(Appropriation.id).with_for_update()).all()  # numbers are given one by one
    group = (BudgetAccount.appropriation_id == sibling.appropriation_id, BudgetAccount.source == sibling.source,
             BudgetAccount.fund_cluster == sibling.fund_cluster, BudgetAccount.expense_class == kind,
             BudgetAccount.cost_structure.is_not_distinct_from(sibling.cost_structure),
             BudgetAccount.program_id.is_not_distinct_from(sibling.program_id))  # fmt: skip
    there = session.scalar(select(BudgetAccount.id).where(*group))
    if there is not None:
        return there
    last = session.scalar(select(func.max(BudgetAccount.number)).where(of_year))
    opened = session.execute(
        insert(BudgetAccount).returning(BudgetAccount.id),
        {
            "organization_id": sibling.organization_id, "fiscal_year": sibling.fiscal_year, "number": (last or 0) + 1,
            "appropriation_id": sibling.appropriation_id, "source": sibling.source,
            "fund_cluster": sibling.fund_cluster, "cost_structure": sibling.cost_structure,
            "program_id": sibling.program_id, "expense_class": kind, "obligate_until": sibling.obligate_until,
            "pay_until": sibling.pay_until, "by_object": sibling.source in SPECIAL_PURPOSE, "is_demo": sibling.is_demo,
        },
    ).scalar_one()  # fmt: skip
    name = accounts.named(session, {opened})[opened][1]
    audit.record(session, actor, "budget_accounts:create", session.get_one(BudgetAccount, opened), label=name)
    return opened


def _write_lines(session: Session, actor: Actor, row: BudgetChange, lines: Sequence[Line]) -> None:
    session.execute(delete(BudgetChangeLine).where(BudgetChangeLine.change_id == row.id))
    for line in lines:
        account_id = line.account_id
        if line.opens:
            account_id = open_account(session, actor, session.get_one(BudgetAccount, account_id), line.opens)
        session.add(BudgetChangeLine(
            change_id=row.id, account_id=account_id, object_code=line.object_code, appropriation=line.appropriation,
            allotment=line.allotment,
        ))  # fmt: skip
    session.flush()


def _require_sound(session: Session, row: BudgetChange, way: Way, lines: Sequence[Line]) -> None:
    wrong: dict[str, str] = {}
    row.reference = row.reference.strip()
    if not row.reference:
        wrong["reference"] = "Type a number or a short name, under which the change is found again."
    elif session.scalar(_same(row)):
        wrong["reference"] = "There is a change with this reference in this year already."
    if row.dated > clock.today():
        wrong["dated"] = "The day lies in the future."
    elif row.dated.year < row.fiscal_year:
        wrong["dated"] = f"The money of {row.fiscal_year} is changed in that year at the earliest."
    named = accounts.named(session, {line.account_id for line in lines})
    if found := rules.wrong_lines(way, lines, named):
        wrong["lines"] = found
    if wrong:
        (field, message), *rest = wrong.items()
        raise RuleBroken(message, field=field, **dict(rest))


def _same(row: BudgetChange) -> Any:
    query = select(BudgetChange.id).where(
        BudgetChange.fiscal_year == row.fiscal_year, BudgetChange.reference == row.reference,
        BudgetChange.is_demo == bool(row.is_demo),
    )  # fmt: skip
    return query.where(BudgetChange.id != row.id) if row.id else query
