"""What the pages of a proposal show, added up row by row, against what the database adds up without those rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import Numeric, func, select, true
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.proofs import Proof
from bmms.domain.proposals.facts import Facts
from bmms.domain.proposals.figures import Asked, SideBySide, Sums
from bmms.domain.proposals.queries import Chosen, visible
from bmms.models.proposals import BudgetLine, BudgetProposal, CentralAct, ProposalAmount, ProposalProgram

FIGURES = ("requested", "recommended", "approved")


class Row(Protocol):
    """A line as a row of a page."""

    @property
    def id(self) -> int: ...

    @property
    def amount(self) -> Decimal: ...


@dataclass(frozen=True)
class Stated:
    """What the database adds up for a proposal as a whole; pesos, zero for a figure that nobody has said."""

    requested: Decimal
    recommended: Decimal
    approved: Decimal


def stated_of(session: Session, proposal: BudgetProposal) -> Stated:
    """Without programs and classes, in one statement."""
    lines = select(func.sum(BudgetLine.amount)).where(BudgetLine.proposal_id == proposal.id)
    said = [
        select(func.sum(amount))
        .join(ProposalProgram, ProposalProgram.id == ProposalAmount.proposal_program_id)
        .where(ProposalProgram.proposal_id == proposal.id)
        for amount in (ProposalAmount.recommended, ProposalAmount.approved)
    ]
    row = session.execute(select(*(query.scalar_subquery() for query in (lines, *said)))).one()
    return Stated(*(amount or NONE for amount in row))


def of_list(session: Session, actor: Actor, totals: Mapping[int, Decimal]) -> Proof:
    """What the list says beside each proposal, against the lines of all proposals that this actor may see."""
    ids = visible(actor).with_only_columns(BudgetProposal.id)
    found = session.scalar(select(func.sum(BudgetLine.amount)).where(BudgetLine.proposal_id.in_(ids)))
    total = sum(totals.values(), NONE)
    return Proof(len(totals), ("proposal", "proposals"), total, found or NONE, "the lines of all proposals")


def of_programs(stated: Stated, programs: Sequence[Chosen], sums: Sums) -> Proof:
    """What a page says beside each program, against all lines of the proposal (INV-18)."""
    total = sum((sums.of(one.part.id).total for one in programs), NONE)
    return Proof(len(programs), ("program", "programs"), total, stated.requested, "the lines of the proposal")


def of_lines(session: Session, part_id: int, rows: Sequence[Row], asked: Asked) -> Proof:
    """The lines of a program that a page shows, and those of its other pages, against its sums by class."""
    nouns, source = ("line", "lines"), "this program by class"
    here, total = len(rows), sum((row.amount for row in rows), NONE)
    if here >= asked.lines:
        return Proof(here, nouns, total, asked.total, source)
    others = select(func.count(), func.coalesce(func.sum(BudgetLine.amount), NONE)).where(
        BudgetLine.proposal_program_id == part_id, BudgetLine.id.not_in([row.id for row in rows])
    )
    count, rest = session.execute(others).one()
    return Proof(here + count, nouns, total + rest, asked.total, source, here=here)


def of_classes(facts: Facts) -> Proof:
    """The classes of the meter, against all lines of the proposal."""
    shown = facts.sums.whole.by_class
    return Proof(
        len(shown), ("class", "classes"), sum(shown.values(), NONE), facts.lines.total, "the lines of the proposal"
    )


def of_desks(facts: Facts) -> Proof:
    """What each office is asked about, against the lines, each taken once for BPDA and once for each other office."""
    nouns, source = ("office", "offices"), "the lines, once for each office that they concern"
    return Proof(len(facts.desks), nouns, sum(facts.desks.values(), NONE), facts.lines.concerned, source)


def of_figures(stated: Stated, side: SideBySide) -> list[Proof]:
    """Each of the three figures that anybody has said, against all that is kept of it (INV-22)."""
    found = []
    for name in FIGURES:
        known = [amount for row in side.rows if (amount := getattr(row, name)) is not None]
        kept = getattr(stated, name)
        if known or kept:
            nouns = (f"amount {name}", f"amounts {name}")
            found.append(Proof(len(known), nouns, getattr(side, name) or NONE, kept, "what the database holds"))
    return found


def of_act(session: Session, act: CentralAct, side: SideBySide, figure: str) -> Proof:
    """The rows of a confirmation, against the amounts that were entered."""
    part = func.jsonb_each(CentralAct.amounts).table_valued("value", name="part")
    amount = func.jsonb_each_text(part.c.value).table_valued("value", name="amount")
    query = select(func.sum(amount.c.value.cast(Numeric(18, 2)))).select_from(CentralAct).where(CentralAct.id == act.id)
    kept = session.scalar(query.join(part, true()).join(amount, true()))
    return Proof(len(side.rows), ("amount", "amounts"), getattr(side, figure) or NONE, kept or NONE, "what was entered")


def of_sheet(stated: Stated, rows: Sequence[Row]) -> Proof:
    """The rows of a workbook, against all lines of the proposal."""
    total = sum((row.amount for row in rows), NONE)
    return Proof(len(rows), ("line", "lines"), total, stated.requested, "the lines of the proposal")


def of_outlook(lines: int, amounts: Mapping[str, Any]) -> Proof:
    """What a proposal would ask for after an import, line by line, against what it asks for now and the changes."""
    return Proof(
        lines, ("line", "lines"), amounts["after"], amounts["before"] + amounts["changes"],
        "what it asks for now, with the changes of this list",
    )  # fmt: skip


def of_entry(amounts: Mapping[Any, Decimal | None], total: Decimal | None) -> Proof | None:
    """The amounts of a form, against the total of the law that was typed with them; None before there is one."""
    if total is None:
        return None
    typed = [amount for amount in amounts.values() if amount is not None]
    return Proof(len(typed), ("amount", "amounts"), sum(typed, NONE), total, "the total of the law")
