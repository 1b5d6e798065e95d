"""Appropriations as screens list them, and what may be entered next."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.appropriations.queries import list_acts
from bmms.domain.authority.sources import Given, Key, from_acts, from_proposals
from bmms.domain.errors import NotFound
from bmms.domain.ledger.labels import NOT_BROKEN_DOWN
from bmms.domain.offices import modes
from bmms.domain.permissions import P
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


def origins(session: Session, actor: Actor, code: str) -> list[Origin]:
    """What is not entered yet: acts that give this organization amounts by class, and enacted proposals.

    Of years of which the actor may enter it: operated ones are MFBM's (decision D16).
    """
    operated = modes.operated_years(session)

    def enters(fiscal_year: int) -> bool:
        return actor.may(P.BUDGET_DECIDE if fiscal_year in operated else P.LEDGER_EDIT)

    there = session.scalars(select(Appropriation).where(Appropriation.is_demo.is_(False))).all()  # demo stands beside
    entered, proposed = {row.act_id for row in there}, {row.proposal_id for row in there}
    laws = {(row.fiscal_year, row.reference) for row in there}  # of an act that was read again, too
    acts = [
        act for act in list_acts(session)
        if act.id not in entered and (act.fiscal_year, act.title) not in laws and enters(act.fiscal_year)
    ]  # fmt: skip
    given = from_acts(session, [act.id for act in acts], code) if acts else {}
    found = [
        Origin(f"act-{act.id}", act.title, act.fiscal_year, given[act.id], act=act)
        for act in acts if act.id in given and given[act.id].amounts
    ]  # fmt: skip
    enacted = select(BudgetProposal).where(BudgetProposal.status == ProposalStatus.ENACTED)
    proposals = [
        one for one in session.scalars(enacted.order_by(BudgetProposal.fiscal_year.desc()))
        if one.id not in proposed and enters(one.fiscal_year)
    ]  # fmt: skip
    said = from_proposals(session, [one.id for one in proposals]) if proposals else {}
    return found + [
        Origin(
            f"proposal-{one.id}", f"{one.law}: {one.title}", one.fiscal_year, said.get(one.id, Given()), proposal=one
        )
        for one in proposals
    ]


def origin_at(session: Session, actor: Actor, code: str, key: str) -> Origin:
    """The one that an address names. Raises NotFound, also where the actor may not enter it."""
    for one in origins(session, actor, code):
        if one.key == key:
            return one
    raise NotFound("That is entered already, is not yours to enter, or gives this organization nothing by class.")


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
