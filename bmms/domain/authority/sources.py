"""What an appropriation is filled with: the lines of an act for this organization, or what was enacted of a proposal.

An act gives money at several depths; its lines that count add up. Each goes to the program that it is tied to, or to
"not broken down" (decision D22). What names no class opens no account, and is told.
"""

from collections.abc import Collection, Iterable, Mapping
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
    return from_acts(session, [act.id], code).get(act.id, Given())


def from_acts(session: Session, ids: Collection[int], code: str) -> dict[int, Given]:
    """What each of these acts gives the organization with this code, by the id of the act."""
    query = (
        select(ActBody.act_id, ActLine, ProgramLine.program_id)
        .join(ActBody, ActBody.id == ActLine.body_id)
        .outerjoin(ProgramLine, ProgramLine.line_id == ActLine.id)
        .where(ActBody.act_id.in_(ids), ActBody.code == code, ActLine.counts)
        .order_by(ActBody.act_id, ActLine.ordinal)
    )
    lines: dict[int, list[tuple[ActLine, int | None]]] = {}
    for act_id, line, program_id in session.execute(query):
        lines.setdefault(act_id, []).append((line, program_id))
    return {act_id: _summed(rows) for act_id, rows in lines.items()}


def _summed(lines: Iterable[tuple[ActLine, int | None]]) -> Given:
    sums: dict[Key, Decimal] = {}
    without_class = elsewhere = NONE
    for line, program_id in lines:
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
    return from_proposals(session, [proposal.id]).get(proposal.id, Given())


def from_proposals(session: Session, ids: Collection[int]) -> dict[int, Given]:
    """What was enacted of each of these proposals, by the id of the proposal."""
    query = (
        select(
            ProposalProgram.proposal_id, Program.cost_structure, Program.id, ProposalAmount.expense_class,
            ProposalAmount.approved,
        )
        .join(ProposalProgram, ProposalProgram.id == ProposalAmount.proposal_program_id)
        .join(Program, Program.id == ProposalProgram.program_id)
        .where(ProposalProgram.proposal_id.in_(ids), ProposalAmount.approved > 0)
        .order_by(ProposalProgram.proposal_id, ProposalProgram.ordinal)
    )  # fmt: skip
    found: dict[int, dict[Key, Decimal]] = {}
    for proposal_id, structure, program_id, kind, amount in session.execute(query):
        if amount is not None:
            found.setdefault(proposal_id, {})[structure, program_id, kind] = amount
    return {proposal_id: Given(amounts) for proposal_id, amounts in found.items()}
