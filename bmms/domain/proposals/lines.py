"""The line items of a proposal (step 4): what is bought, how much of it, at which price, when and where.

The database computes amount and class (INV-19, INV-20); the rules here say in words what it would refuse.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.money import CENTAVO, MOST, is_pesos
from bmms.domain.planning import order
from bmms.domain.proposals.actions import Answers
from bmms.domain.proposals.entries import REGION
from bmms.domain.proposals.labels import SOURCE
from bmms.domain.proposals.line_rules import LEAST_OF_CAPITAL, is_too_cheap
from bmms.domain.proposals.rules import begin
from bmms.models.proposals import BudgetLine, BudgetProposal, FundingSource, ProposalAmount, ProposalProgram, Tier
from bmms.models.reference import ExpenseClass, ObjectCode, Place
from bmms.models.work import WorkItem

QUARTERS = ("quarter1", "quarter2", "quarter3", "quarter4")  # in forms: all empty means evenly
COLUMNS_OF_QUARTERS = ("q1", "q2", "q3", "q4")
MOST_OF_A_KIND = Decimal("99999999999999.9999")
BUDGETED = ("501", "502", "503", "506")  # PS, MOOE, financial expenses, capital outlay
OTHER_OBJECTS = {
    ExpenseClass.PS: "5010499099",
    ExpenseClass.MOOE: "5029999099",
    ExpenseClass.FINEX: "5030104000",
    ExpenseClass.CO: "5060409099",
}  # for what is not itemised yet (decision D32)


def amount_of(quantity: Decimal, unit_cost: Decimal) -> Decimal:
    """Quantity x unit cost in pesos, as the database rounds it: half a centavo goes up."""
    return (quantity * unit_cost).quantize(CENTAVO, ROUND_HALF_UP)


def evenly(amount: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """The amount over four quarters; the centavos that do not divide go to the first ones."""
    part = (amount / 4).quantize(CENTAVO, ROUND_DOWN)
    left = int((amount - 4 * part) / CENTAVO)
    first, second, third, fourth = (part + (CENTAVO if place < left else 0) for place in range(4))
    return first, second, third, fourth


def quarters_typed(line: BudgetLine) -> dict[str, Decimal | None]:
    """What the form shows: nothing for a line that is spread evenly."""
    stored = tuple(getattr(line, column) for column in COLUMNS_OF_QUARTERS)
    if stored == evenly(line.amount):
        return dict.fromkeys(QUARTERS)
    return dict(zip(QUARTERS, stored, strict=True))


def add_line(
    session: Session, actor: Actor, proposal: BudgetProposal, part: ProposalProgram, answers: Answers
) -> BudgetLine:
    """Add a line to a program.

    Args:
        answers: columns of BudgetLine without q1 to q4, and QUARTERS.

    Raises:
        RuleBroken: with a message for each wrong field.
    """
    begin(session, actor, proposal)
    session.refresh(part, with_for_update=True)
    columns, quarters = _split(answers)
    columns |= _spread(_require_sound(session, proposal, columns), quarters)
    here = BudgetLine.proposal_program_id == part.id
    line = BudgetLine(
        proposal_id=proposal.id, proposal_program_id=part.id, ordinal=order.next_place(session, BudgetLine, here),
        **columns,
    )  # fmt: skip
    session.add(line)
    _write(session)
    audit.record(
        session, actor, "budget_lines:create", line, label=line.description, amount=(None, line.amount),
        object_code=(None, line.object_code),
    )  # fmt: skip
    return line


def change_line(
    session: Session, actor: Actor, proposal: BudgetProposal, line: BudgetLine, answers: Answers, **ways: Any
) -> None:
    """Change a line; what others changed in it meanwhile stays.

    Raises:
        RuleBroken: with a message for each wrong field; the line is as it was.
        Conflicts: see `merging.save`.
    """
    begin(session, actor, proposal)
    session.refresh(line, with_for_update=True)
    columns, typed = _split(answers)
    before, stored = line.amount, quarters_typed(line)
    changes = merging.save(session, line, columns, **ways)
    try:
        quarters = stored | merging.save_linked(stored, typed, **ways)
        merged = {name: getattr(line, name) for name in columns}
        spread = _spread(_require_sound(session, proposal, merged), quarters)
    except RuleBroken:
        session.expire(line)
        raise
    for column, value in spread.items():
        if getattr(line, column) != value:
            changes[column] = (getattr(line, column), value)
            setattr(line, column, value)
    if not changes:
        return
    _write(session)
    if before != line.amount:
        changes["amount"] = (before, line.amount)
    audit.record(session, actor, "budget_lines:change", line, label=line.description, **changes)


def remove_line(session: Session, actor: Actor, proposal: BudgetProposal, line: BudgetLine) -> None:
    """Strike a line. Raises RuleBroken when the proposal is shut."""
    begin(session, actor, proposal)
    audit.record(session, actor, "budget_lines:delete", proposal, label=line.description, amount=(line.amount, None))
    session.delete(line)
    session.flush()


def problems_of(proposal: BudgetProposal, columns: Mapping[str, Any], code: ObjectCode | None) -> dict[str, str]:
    """What is wrong with a line, field by field: BP-02, BP-03, BP-08, BP-10. The import asks the same."""
    wrong: dict[str, str] = {}
    quantity, unit_cost = columns["quantity"], columns["unit_cost"]
    if quantity <= 0:
        wrong["quantity"] = "The quantity is above zero."
    elif quantity > MOST_OF_A_KIND:
        wrong["quantity"] = f"A quantity goes up to {MOST_OF_A_KIND:,}."
    elif quantity != round(quantity, 4):
        wrong["quantity"] = "A quantity has four decimals at most."
    if unit_cost < CENTAVO:
        wrong["unit_cost"] = "The unit cost is one centavo or more."
    elif unit_cost > MOST:
        wrong["unit_cost"] = f"An amount goes up to {MOST:,}."
    elif not is_pesos(unit_cost):
        wrong["unit_cost"] = "An amount has two decimals at most."
    if not wrong and quantity * unit_cost >= MOST + CENTAVO / 2:
        wrong["unit_cost"] = f"Quantity × unit cost is more than {MOST:,}, the largest amount that is kept."
    if not wrong and not amount_of(quantity, unit_cost):
        wrong["quantity"] = "Quantity × unit cost is less than a centavo."
    if code is None:
        wrong["object_code"] = "There is no such object code."
    elif not code.is_valid_in(proposal.fiscal_year):
        day = date(proposal.fiscal_year, 1, 1)
        wrong["object_code"] = f"{code.dashed} is not in force on {day:%d %B %Y}. Choose another one."
    elif not code.code.startswith(BUDGETED):
        wrong["object_code"] = f"{code.dashed} is no object of a budget. Choose one of PS, MOOE, FinEx or CO."
    elif is_too_cheap(code.code, unit_cost):
        wrong["unit_cost"] = (
            f"Below ₱ {LEAST_OF_CAPITAL:,.2f} a unit this is not capital outlay. Choose a semi-expendable object of "
            "MOOE, or check the cost (COA Circular No. 2022-004)."
        )
    if columns["source"] not in proposal.sources:
        wrong["source"] = f"{SOURCE[columns['source']]} is not among the sources of this proposal (step 1)."
    elif columns["source"] in proposal.nil_sources:
        wrong["source"] = f"{SOURCE[columns['source']]} is said to be nil in step 1."
    if not 0 <= columns["gad_percent"] <= 100:
        wrong["gad_percent"] = "A share lies between 0 and 100 percent."
    elif columns["gad_percent"] != round(columns["gad_percent"], 2):
        wrong["gad_percent"] = "A share has two decimals at most."
    return wrong


def quarter_problem(amount: Decimal, quarters: Mapping[str, Decimal | None]) -> tuple[str, str] | None:
    """BP-04: a field and what is wrong with it, unless the quarters come to the amount exactly or are all empty."""
    typed = {name: value for name, value in quarters.items() if value is not None}
    for name, value in typed.items():
        if value < 0:
            return name, "An amount is not below zero."
        if value > MOST:
            return name, f"An amount goes up to {MOST:,}."
        if not is_pesos(value):
            return name, "An amount has two decimals at most."
    off = amount - sum(typed.values(), Decimal(0))
    if typed and off:
        way = "short of" if off > 0 else "above"
        return QUARTERS[0], (
            f"The quarters come to ₱ {amount - off:,.2f}, which is ₱ {abs(off):,.2f} {way} the amount of "
            f"₱ {amount:,.2f}. Leave all four empty to spread it evenly."
        )
    return None


def quarter_columns(amount: Decimal, quarters: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    """The four columns of quarters in which nothing is wrong."""
    if all(value is None for value in quarters.values()):
        return dict(zip(COLUMNS_OF_QUARTERS, evenly(amount), strict=True))
    return {column: quarters[name] or Decimal(0) for column, name in zip(COLUMNS_OF_QUARTERS, QUARTERS, strict=True)}


def _split(answers: Answers) -> tuple[dict[str, Any], dict[str, Decimal | None]]:
    columns = {name: value for name, value in answers.items() if name not in QUARTERS}
    return columns, {name: answers[name] for name in QUARTERS}


def _require_sound(session: Session, proposal: BudgetProposal, columns: Mapping[str, Any]) -> Decimal:
    """The amount, if the line may stand as it is. Raises RuleBroken for each wrong field."""
    with session.no_autoflush:
        code = session.get(ObjectCode, columns["object_code"] or "")
        wrong = problems_of(proposal, columns, code)
        if columns["place_psgc"] and session.get(Place, columns["place_psgc"]) is None:
            wrong["place_psgc"] = "There is no such place."
        if columns["work_item_id"] and not _is_of_work_plan(session, proposal, columns["work_item_id"]):
            wrong["work_item_id"] = "This is not in the work plan of the proposal."
    if wrong:
        (field, message), *others = wrong.items()
        raise RuleBroken(message, field=field, **dict(others))
    return amount_of(columns["quantity"], columns["unit_cost"])


def _is_of_work_plan(session: Session, proposal: BudgetProposal, item_id: int) -> bool:
    item = session.get(WorkItem, item_id)
    return item is not None and item.work_plan_id == proposal.work_plan_id


def _spread(amount: Decimal, quarters: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    """The four columns. Raises RuleBroken when the quarters miss the amount."""
    if problem := quarter_problem(amount, quarters):
        field, message = problem
        raise RuleBroken(message, field=field)
    return quarter_columns(amount, quarters)


def _write(session: Session) -> None:
    """Let the database say no, in words: somebody submitted the proposal in this very moment."""
    try:
        session.flush()
    except IntegrityError as error:
        raise RuleBroken("The database refused this line. Reload the page and look at it again.") from error


def itemise_later(
    session: Session, actor: Actor, proposal: BudgetProposal, part: ProposalProgram, kind: ExpenseClass
) -> BudgetLine:
    """Make a line of what the planning figure of a class exceeds its lines by (decision D32).

    It looks like a lump sum until somebody says why it is not itemised (C-22).

    Raises:
        RuleBroken: the lines come to the planning figure, or there is no code that fits.
    """
    begin(session, actor, proposal)
    session.refresh(part, with_for_update=True)
    here = (ProposalAmount.proposal_program_id == part.id, ProposalAmount.expense_class == kind)
    planned = session.scalar(select(ProposalAmount.planning_figure).where(*here)) or Decimal(0)
    of_class = (BudgetLine.proposal_program_id == part.id, BudgetLine.expense_class == kind)
    asked = session.scalar(select(func.sum(BudgetLine.amount)).where(*of_class)) or Decimal(0)
    rest = planned - asked
    if rest <= 0:
        raise RuleBroken("The lines come to the planning figure already.")
    return add_line(
        session, actor, proposal, part,
        {
            "object_code": OTHER_OBJECTS[kind], "description": f"Not yet itemised, {kind}", "quantity": Decimal(1),
            "unit": "lot", "unit_cost": rest, "place_psgc": REGION, "source": FundingSource(proposal.sources[0]),
            "work_item_id": None, "gad_percent": Decimal(0), "climate": None, "sphere": None, "tier": Tier.WITHIN,
            "procurement": None, "justification": "", "price_references": "", "procurement_entry": "",
            "is_not_itemised": True, **dict.fromkeys(QUARTERS),
        },
    )  # fmt: skip
