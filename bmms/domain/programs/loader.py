"""The programs that an appropriation act names become the register of each organization (decision D52).

The act prints operations as programs and sub-programs, general administration and support as one line each. A program
is known again by (organization, cost structure, level, place, normal title): loading twice adds nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import audit
from bmms.domain.actors import Actor
from bmms.domain.programs import titles
from bmms.domain.programs.queries import STRUCTURES
from bmms.domain.reference import rows
from bmms.models.organizations import Organization
from bmms.models.programs import CostStructure, Program, ProgramLevel

FILE = rows.FOLDER / "gaab_2024.csv"
COLUMNS = ("moa_code", "section", "program", "subprogram", "act", "level")
_SECTIONS = {"gas": CostStructure.GAS, "sto": CostStructure.STO}
_WITHIN = " > "  # between a sub-program and what lies in it


@dataclass(frozen=True)
class Named:
    """A program as the act names it: the titles from the top down to it."""

    structure: CostStructure
    way: tuple[str, ...]
    act: str


def programs_of(organization: Organization, file: Path = FILE) -> list[Named]:
    """What the act names for one organization, those above before those below them."""
    return list(dict.fromkeys(_named(organization.code, file)))


def _named(code: str, file: Path) -> Iterator[Named]:
    for row in rows.read(file, *COLUMNS):
        if row.cells["moa_code"] != code:
            continue
        section, act = row.cells["section"], row.cells["act"].strip()
        if section in _SECTIONS:
            structure = _SECTIONS[section]
            yield Named(structure, (STRUCTURES[structure],), act)
        elif section == "operations" and row.cells["program"].strip():
            below = [part.strip() for part in row.cells["subprogram"].split(_WITHIN) if part.strip()]
            way = (row.cells["program"].strip(), *below)
            for depth in range(1, len(way) + 1):
                yield Named(CostStructure.OPERATIONS, way[:depth], act)


def load_programs(session: Session, actor: Actor, organization: Organization, file: Path = FILE) -> int:
    """Add what is missing in the register of this organization; what is there stays as it is.

    Returns:
        how many programs were added.
    """
    there = {_key(program): program for program in session.scalars(select(Program))}
    codes = {program.code for program in there.values()}
    found: dict[tuple[CostStructure, tuple[str, ...]], Program] = {}
    made = 0
    for named in programs_of(organization, file):
        parent = found.get((named.structure, named.way[:-1])) if len(named.way) > 1 else None
        level = ProgramLevel.PROGRAM if len(named.way) == 1 else ProgramLevel.SUB_PROGRAM
        title = named.way[-1][:300]
        key = (named.structure, level, parent.id if parent else None, titles.normal(title))
        program = there.get(key)
        if program is None:
            program = Program(
                code=_free_code(organization, named, parent, codes), cost_structure=named.structure, level=level,
                title=title, normal_title=titles.normal(title), parent_id=parent.id if parent else None,
                source=named.act,
            )  # fmt: skip
            session.add(program)
            session.flush()
            there[key] = program
            made += 1
        found[named.structure, named.way] = program
    if made:
        audit.record(
            session, actor, "programs:load", label=organization.code, organization_id=organization.id,
            programs=(None, made),
        )  # fmt: skip
    return made


def _key(program: Program) -> tuple[CostStructure, ProgramLevel, int | None, str]:
    return program.cost_structure, program.level, program.parent_id, program.normal_title


def _free_code(organization: Organization, named: Named, parent: Program | None, codes: set[str]) -> str:
    """MOH-GAS, MOH-STO, MOH-P01, MOH-P01-S01, MOH-P01-S01-S01."""
    if named.structure != CostStructure.OPERATIONS:
        stem = f"{organization.code}-{named.structure.value.upper()}"
        tries = [stem, *(f"{stem}-{number}" for number in range(2, 100))]
    else:
        stem = f"{parent.code}-S" if parent else f"{organization.code}-P"
        tries = [f"{stem}{number:02d}" for number in range(1, 1000)]
    code = next(one for one in tries if one not in codes)
    codes.add(code)
    return code
