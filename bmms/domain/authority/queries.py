"""Appropriations as screens list them, and what may be entered next."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.appropriations.queries import list_acts
from bmms.domain.authority.sources import Given, Key, from_act, from_proposal
from bmms.domain.errors import NotFound
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.proofs import Proof
from bmms.models.appropriations import AppropriationAct
from bmms.models.authority import Appropriation, AppropriationLine, ValidityExtension
from bmms.models.programs import Program
from bmms.models.proposals import BudgetProposal, ProposalStatus
from bmms.models.reference import ExpenseClass


@dataclass(frozen=True)
class Origin:
    """Where the amounts of a new appropriation may come from: an act, or an enacted proposal; its key in addresses."""

    key: str
    title: str
    fiscal_year: int
    given: Given
    act: AppropriationAct | None = None
    proposal: BudgetProposal | None = None


@dataclass(frozen=True)
class ProgramRow:
    """One program with its amounts by class; pesos."""

    title: str
    amounts: dict[ExpenseClass, Decimal]

    @property
    def total(self) -> Decimal:
        """Over the classes."""
        return sum(self.amounts.values(), NONE)


def get_appropriation(session: Session, appropriation_id: int) -> Appropriation:
    """One. Raises NotFound."""
    row = session.get(Appropriation, appropriation_id)
    if row is None:
        raise NotFound("There is no such appropriation.")
    return row


def list_appropriations(session: Session) -> Sequence[Appropriation]:
    """All, the latest year first."""
    order = (Appropriation.fiscal_year.desc(), Appropriation.id)
    return session.scalars(select(Appropriation).order_by(*order)).all()


def origins(session: Session, code: str) -> list[Origin]:
    """What is not entered yet: acts that give this organization amounts by class, and enacted proposals."""
    there = session.scalars(select(Appropriation).where(Appropriation.is_demo.is_(False))).all()  # demo stands beside
    acts, proposals = {row.act_id for row in there}, {row.proposal_id for row in there}
    laws = {(row.fiscal_year, row.reference) for row in there}  # of an act that was read again, too
    found = []
    for act in list_acts(session):
        is_there = act.id in acts or (act.fiscal_year, act.title) in laws
        if not is_there and (given := from_act(session, act, code)).amounts:
            found.append(Origin(f"act-{act.id}", act.title, act.fiscal_year, given, act=act))
    enacted = select(BudgetProposal).where(BudgetProposal.status == ProposalStatus.ENACTED)
    for proposal in session.scalars(enacted.order_by(BudgetProposal.fiscal_year.desc())):
        if proposal.id not in proposals:
            given, title = from_proposal(session, proposal), f"{proposal.law}: {proposal.title}"
            found.append(Origin(f"proposal-{proposal.id}", title, proposal.fiscal_year, given, proposal=proposal))
    return found


def origin_at(session: Session, code: str, key: str) -> Origin:
    """The one that an address names. Raises NotFound."""
    for one in origins(session, code):
        if one.key == key:
            return one
    raise NotFound("That is entered already, or gives this organization nothing by class.")


def rows_of(session: Session, amounts: dict[Key, Decimal]) -> list[ProgramRow]:
    """Amounts as a table: a row for each program, in the order in which they come."""
    titles = {row.id: row.title for row in session.execute(select(Program.id, Program.title))}
    rows: dict[tuple, ProgramRow] = {}
    for (structure, program_id, kind), amount in amounts.items():
        title = titles[program_id] if program_id else NOT_BROKEN_DOWN[structure]
        rows.setdefault((structure, program_id), ProgramRow(title, {})).amounts[kind] = amount
    return list(rows.values())


def amounts_of(session: Session, row: Appropriation) -> dict[Key, Decimal]:
    """The amounts of an appropriation by structure, program and class."""
    query = select(AppropriationLine).where(AppropriationLine.appropriation_id == row.id)
    return {
        (line.cost_structure, line.program_id, line.expense_class): line.amount
        for line in session.scalars(query.order_by(AppropriationLine.id))
    }


def proof_of(rows: Sequence[ProgramRow], total: Decimal, source: str) -> Proof:
    """The rows against the total of the law."""
    return Proof(len(rows), ("program", "programs"), sum((row.total for row in rows), NONE), total, source)


def extensions_of(session: Session, row: Appropriation) -> Sequence[ValidityExtension]:
    """The laws that let its money be charged longer."""
    query = select(ValidityExtension).where(ValidityExtension.appropriation_id == row.id)
    return session.scalars(query.order_by(ValidityExtension.effective_on, ValidityExtension.id)).all()
