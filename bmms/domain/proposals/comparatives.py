"""What the acts of the two years before gave the programs of a proposal (C-07).

Every line of an act that counts goes to the program of the proposal to which it is tied, or to the nearest one above
that; what belongs to no program of the proposal is shown apart, so that each year comes to what its acts give.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from bmms.domain.appropriations.amounts import CLASSES, NONE, Amounts
from bmms.domain.proofs import Proof
from bmms.domain.proposals.queries import Register
from bmms.models.appropriations import ActBody, ActLine, AppropriationAct, ProgramLine
from bmms.models.proposals import BudgetProposal


@dataclass
class Before:
    """One year before: its acts, and what they give by program of the proposal; None for what lies outside it."""

    fiscal_year: int
    acts: list[str] = field(default_factory=list)
    by_program: dict[int | None, Amounts] = field(default_factory=dict)
    lines: int = 0
    stated: Amounts = Amounts()

    def of(self, part_id: int | None) -> Amounts:
        """What the acts give one program of the proposal."""
        return self.by_program.get(part_id, Amounts())

    @property
    def outside(self) -> Amounts:
        """What they give to programs that are not in the proposal, or to none."""
        return self.of(None)

    @property
    def whole(self) -> Amounts:
        """All that the acts give the organization."""
        return sum(self.by_program.values(), Amounts())

    @property
    def proof(self) -> Proof:
        """The lines of the acts against what the acts state for the organization."""
        source = f"the total that the acts of FY {self.fiscal_year} state"
        return Proof(self.lines, ("line", "lines"), self.whole.total, self.stated.total, source)


def before(session: Session, proposal: BudgetProposal, register: Register, code: str) -> list[Before]:
    """The two years before that of the proposal, the earlier one first.

    Args:
        code: of the organization, under which the acts list it.
    """
    years = [proposal.fiscal_year - 2, proposal.fiscal_year - 1]
    home = _homes(register)
    found = {year: Before(year) for year in years}
    for row in session.execute(_given(code, years)):
        year = found[row.fiscal_year]
        if row.title not in year.acts:
            year.acts.append(row.title)
            year.stated += Amounts(**{name: getattr(row, f"stated_{name}") for name in CLASSES})
        place = home.get(row.program_id)
        amounts = Amounts(**{name: getattr(row, name) or NONE for name in CLASSES})
        year.by_program[place] = year.of(place) + amounts
        year.lines += row.lines
    return list(found.values())


def _given(code: str, years: Sequence[int]) -> Any:
    """What each act states for the organization, and sums of its lines that count, by the program of each line."""
    sums = [func.sum(getattr(ActLine, name)).label(name) for name in CLASSES]
    stated = [getattr(ActBody, name).label(f"stated_{name}") for name in CLASSES]
    return (
        select(
            AppropriationAct.fiscal_year, AppropriationAct.title, ProgramLine.program_id,
            func.count(ActLine.id).label("lines"), *stated, *sums,
        )
        .join(ActBody, ActBody.act_id == AppropriationAct.id)
        .outerjoin(ActLine, and_(ActLine.body_id == ActBody.id, ActLine.counts))
        .outerjoin(ProgramLine, ProgramLine.line_id == ActLine.id)
        .where(ActBody.code == code, AppropriationAct.fiscal_year.in_(years))
        .group_by(AppropriationAct.id, ActBody.id, ProgramLine.program_id)
        .order_by(AppropriationAct.id)
    )  # fmt: skip


def _homes(register: Register) -> dict[int, int]:
    """Program of the register to program of the proposal: itself, or the nearest above; twins count as one (D52)."""
    parts = {chosen.program.id: chosen.part.id for chosen in register.chosen}
    above = {program.id: program.same_as_id or program.parent_id for program in register.programs}
    home: dict[int, int] = {}
    for program_id in above:
        place: int | None = program_id
        passed: set[int] = set()
        while place is not None and place not in parts and place not in passed:
            passed.add(place)
            place = above.get(place)
        if place in parts:
            home[program_id] = parts[place]
    return home
