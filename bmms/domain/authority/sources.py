"""What an appropriation is filled with: the lines of an act for this organization, or what was enacted of a proposal.

An act gives money at several depths; its lines that count add up. Each goes to the program that it is tied to, or to
"not broken down" (decision D22). What names no class opens no account, and is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.proposals.labels import COLUMNS
from bmms.models.appropriations import ActBody, ActLine, AppropriationAct, ProgramLine, Section
from bmms.models.programs import CostStructure, Program
from bmms.models.proposals import BudgetProposal, ProposalAmount, ProposalProgram
from bmms.models.reference import ExpenseClass

STRUCTURE: Mapping[Section, CostStructure | None] = {
    Section.NONE: None,
    Section.GAS: CostStructure.GAS,
    Section.STO: CostStructure.STO,
    Section.OPERATIONS: CostStructure.OPERATIONS,
}
Key = tuple[CostStructure | None, int | None, ExpenseClass]  # structure, program, class


@dataclass(frozen=True)
class Given:
    """The amounts of an appropriation by structure, program and class; pesos.

    Args:
        without_class: what the act gives without naming a class: no account opens from it.
        elsewhere: what stands in funds, or is below zero, and opens no account either.
    """

    amounts: Mapping[Key, Decimal] = field(default_factory=dict)
    without_class: Decimal = NONE
    elsewhere: Decimal = NONE

    @property
    def total(self) -> Decimal:
        """What opens accounts."""
        return sum(self.amounts.values(), NONE)


def from_act(session: Session, act: AppropriationAct, code: str) -> Given:
    """What an act gives the organization with this code."""
    query = (
        select(ActLine, ProgramLine.program_id)
        .join(ActBody, ActBody.id == ActLine.body_id)
        .outerjoin(ProgramLine, ProgramLine.line_id == ActLine.id)
        .where(ActBody.act_id == act.id, ActBody.code == code, ActLine.counts)
        .order_by(ActLine.ordinal)
    )
    sums: dict[Key, Decimal] = {}
    without_class = elsewhere = NONE
    for line, program_id in session.execute(query):
        without_class += line.unclassed
        for kind, column in COLUMNS.items():
            amount = getattr(line, column)
            if line.section not in STRUCTURE:
                elsewhere += amount
            elif amount:
                key = (STRUCTURE[line.section], program_id, kind)
                sums[key] = sums.get(key, NONE) + amount
    elsewhere += sum((amount for amount in sums.values() if amount < 0), NONE)
    return Given({key: amount for key, amount in sums.items() if amount > 0}, without_class, elsewhere)


def from_proposal(session: Session, proposal: BudgetProposal) -> Given:
    """What was enacted of a proposal, by program and class (INV-25)."""
    query = (
        select(Program.cost_structure, Program.id, ProposalAmount.expense_class, ProposalAmount.approved)
        .join(ProposalProgram, ProposalProgram.id == ProposalAmount.proposal_program_id)
        .join(Program, Program.id == ProposalProgram.program_id)
        .where(ProposalProgram.proposal_id == proposal.id, ProposalAmount.approved > 0)
        .order_by(ProposalProgram.ordinal)
    )
    return Given({(row[0], row[1], row[2]): row[3] for row in session.execute(query) if row[3] is not None})
