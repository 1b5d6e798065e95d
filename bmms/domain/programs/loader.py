"""The programs that the appropriations acts name become the register of each organization (decision D52).

The acts print operations as programs and sub-programs, general administration and support as one line each. A program
is known again by (organization, cost structure, level, place, normal title): loading twice adds nothing. Each line of
an act is tied to its program, whatever the planner calls it later.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.programs import titles
from bmms.domain.programs.queries import STRUCTURES
from bmms.models.appropriations import ActBody, ActLine, AppropriationAct, LineKind, LineLevel, ProgramLine, Section
from bmms.models.organizations import Organization
from bmms.models.programs import CostStructure, Program, ProgramLevel

_SUPPORT = {Section.GAS: CostStructure.GAS, Section.STO: CostStructure.STO}


def load_programs(session: Session, actor: Actor, organization: Organization) -> int:
    """Add what the loaded acts name and the register of this organization lacks; what is there stays as it is.

    Returns:
        how many programs were added.
    """
    register = _Register(session, organization)
    tied = {tie.line_id: tie.program_id for tie in session.scalars(select(ProgramLine))}
    for title, lines in _printed(session, organization.code):
        found: dict[int, Program] = {}
        for line in lines:
            above = found.get(line.above or 0)
            if line.id in tied:
                found[line.ordinal] = register.remember(tied[line.id], line, above)
            elif program := register.program_of(line, above, title):
                found[line.ordinal] = program
                session.add(ProgramLine(program_id=program.id, line_id=line.id))
    session.flush()
    if register.made:
        audit.record(
            session, actor, "programs:load", label=organization.code, organization_id=organization.id,
            programs=(None, register.made),
        )  # fmt: skip
    return register.made


def _printed(session: Session, code: str) -> list[tuple[str, Sequence[ActLine]]]:
    """(title of an act, its lines for this organization), the earliest act first, those above before those below."""
    bodies = (
        select(AppropriationAct.title, ActBody.id)
        .join(ActBody, ActBody.act_id == AppropriationAct.id)
        .where(ActBody.code == code)
        .order_by(AppropriationAct.fiscal_year, AppropriationAct.id)
    )
    return [
        (title, session.scalars(select(ActLine).where(ActLine.body_id == body_id).order_by(ActLine.ordinal)).all())
        for title, body_id in session.execute(bodies)
    ]


class _Register:
    """The programs of one organization, and those that are still to be made."""

    def __init__(self, session: Session, organization: Organization) -> None:
        self.made = 0
        self._session, self._organization = session, organization
        self._there = {_key(program): program for program in session.scalars(select(Program))}
        self._codes = {program.code for program in self._there.values()}

    def remember(self, program_id: int, line: ActLine, above: Program | None) -> Program:
        """The program of a line that was tied before: later acts may name it so, whatever the planner calls it now."""
        program = self._session.get_one(Program, program_id)
        if line.kind == LineKind.PRINTED:
            parent_id = above.id if above else None
            self._there.setdefault(
                (program.cost_structure, program.level, parent_id, titles.normal(line.title)), program
            )
        return program

    def program_of(self, line: ActLine, above: Program | None, act: str) -> Program | None:
        """The program to which a line gives money, made if need be.

        None for what the act gives to no program: funds, and operations that are not broken down.
        """
        if line.section in _SUPPORT:
            structure = _SUPPORT[line.section]
            return self._find(structure, ProgramLevel.PROGRAM, None, STRUCTURES[structure], act)
        if line.kind != LineKind.PRINTED:
            return above
        if line.section != Section.OPERATIONS or line.level == LineLevel.SECTION:
            return None
        level = ProgramLevel.SUB_PROGRAM if above else ProgramLevel.PROGRAM
        return self._find(CostStructure.OPERATIONS, level, above, line.title, act)

    def _find(
        self, structure: CostStructure, level: ProgramLevel, parent: Program | None, title: str, act: str
    ) -> Program:
        parent_id = parent.id if parent else None
        key = (structure, level, parent_id, titles.normal(title))
        if program := self._there.get(key):
            return program
        program = Program(
            code=_free_code(self._organization, structure, parent, self._codes), cost_structure=structure, level=level,
            title=title, normal_title=titles.normal(title), parent_id=parent_id, source=act,
        )  # fmt: skip
        self._session.add(program)
        self._session.flush()
        self._there[key] = program
        self.made += 1
        return program


def _key(program: Program) -> tuple[CostStructure, ProgramLevel, int | None, str]:
    return program.cost_structure, program.level, program.parent_id, program.normal_title


def _free_code(organization: Organization, structure: CostStructure, parent: Program | None, codes: set[str]) -> str:
    """MOH-GAS, MOH-STO, MOH-P01, MOH-P01-S01, MOH-P01-S01-S01."""
    if structure != CostStructure.OPERATIONS:
        stem = f"{organization.code}-{structure.value.upper()}"
        tries = [stem, *(f"{stem}-{number}" for number in range(2, 100))]
    else:
        stem = f"{parent.code}-S" if parent else f"{organization.code}-P"
        tries = [f"{stem}{number:02d}" for number in range(1, 1000)]
    code = next(one for one in tries if one not in codes)
    codes.add(code)
    return code
