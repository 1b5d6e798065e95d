"""The register of programs of the organization that the session serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound
from bmms.domain.programs import titles
from bmms.models.programs import CostStructure, Program

STRUCTURES = {
    CostStructure.GAS: "General administration and support",
    CostStructure.STO: "Support to operations",
    CostStructure.OPERATIONS: "Operations",
}


@dataclass(frozen=True)
class Branch:
    """A program in the tree, 1 at the top, and the program that it was declared the same as."""

    program: Program
    depth: int


def get_program(session: Session, program_id: int) -> Program:
    """One program. Raises NotFound."""
    found = session.get(Program, program_id)
    if found is None:
        raise NotFound("There is no such program.")
    return found


def tree(session: Session, *, search: str = "") -> list[Branch]:
    """All programs, those below others after them; with `search` only those that fit, without their places."""
    query = select(Program).order_by(Program.code)
    if search:
        found = session.scalars(query.where(Program.title.icontains(search, autoescape=True)))
        return [Branch(program, 1) for program in found]
    below: dict[int | None, list[Program]] = {}
    for program in session.scalars(query):
        below.setdefault(program.parent_id, []).append(program)
    return list(_walk(below, None, 1))


def _walk(below: dict[int | None, list[Program]], parent_id: int | None, depth: int):  # type: ignore[no-untyped-def]
    for program in below.get(parent_id, ()):
        yield Branch(program, depth)
        yield from _walk(below, program.id, depth + 1)


def near_matches(programs: Sequence[Program]) -> list[tuple[Program, Program]]:
    """Pairs whose titles are nearly the same on the same level, and about which nobody has decided yet."""
    open_ones = [program for program in programs if program.same_as_id is None]
    return [
        (one, other)
        for position, one in enumerate(open_ones)
        for other in open_ones[position + 1 :]
        if (one.cost_structure, one.level) == (other.cost_structure, other.level)
        and titles.is_near(one.normal_title, other.normal_title)
    ]


def program_choices(session: Session) -> list[tuple[int, str]]:
    """The programs that work and money can be put under, to be chosen."""
    rows = session.execute(select(Program.id, Program.code, Program.title).where(Program.same_as_id.is_(None)))
    return [(row.id, f"{row.code} {row.title}") for row in sorted(rows, key=lambda row: row.code)]
