"""What a planner does with the register of programs. Every function needs Permission.PROGRAM_CHANGE."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import audit, merging
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.organizations.pilot_limits import check_limit, register
from bmms.domain.permissions import Permission
from bmms.domain.programs import titles
from bmms.models.organizations import Organization
from bmms.models.programs import CostStructure, Program, ProgramLevel


def create_program(session: Session, actor: Actor, answers: Mapping[str, Any]) -> Program:
    """Add a program that no act has named yet.

    Args:
        answers: code, title, cost_structure, level, parent_id, outcome.

    Raises:
        RuleBroken: code or title are taken, the place does not fit (modules 1.1), or the pilot's limit is reached.
    """
    actor.require(Permission.PROGRAM_CHANGE)
    _require_place(session, answers)
    _require_free(session, answers, None)
    check_limit(session, session.get_one(Organization, actor.organization_id), "max_programs")
    program = Program(**answers, normal_title=titles.normal(answers["title"]))
    session.add(program)
    audit.record(session, actor, "programs:create", program, label=program.title, title=(None, program.title))
    return program


def change_program(session: Session, actor: Actor, program: Program, answers: Mapping[str, Any], **ways: Any) -> None:
    """Change title, outcome or place of a program. Raises RuleBroken, Conflicts."""
    actor.require(Permission.PROGRAM_CHANGE)
    _require_place(session, answers, program)
    changes = merging.save(session, program, answers, **ways)
    program.normal_title = titles.normal(program.title)
    _require_free(session, {name: getattr(program, name) for name in ("code", *_KEY)}, program)
    if changes:
        audit.record(session, actor, "programs:change", program, label=program.title, **changes)


def declare_same(session: Session, actor: Actor, program: Program, other: Program | None) -> None:
    """Say that two entries are one program, or (None) that they are not after all; nothing is merged.

    Raises:
        RuleBroken: the other one is the same entry, or itself declared the same as this one.
    """
    actor.require(Permission.PROGRAM_CHANGE)
    if other is not None and (other.id == program.id or other.same_as_id is not None):
        raise RuleBroken("Choose a program that is not itself declared the same as another.", field="same_as_id")
    before, program.same_as_id = program.same_as_id, other.id if other else None
    audit.record(session, actor, "programs:same_as", program, label=program.title, same_as=(before, program.same_as_id))


_KEY = ("cost_structure", "level", "parent_id", "title")
_ABOVE = {
    ProgramLevel.OUTCOME: (None,),
    ProgramLevel.PROGRAM: (None, ProgramLevel.OUTCOME),
    ProgramLevel.SUB_PROGRAM: (ProgramLevel.PROGRAM, ProgramLevel.SUB_PROGRAM),
}


def _require_place(session: Session, answers: Mapping[str, Any], program: Program | None = None) -> None:
    level, structure = answers["level"], answers["cost_structure"]
    if level == ProgramLevel.OUTCOME and structure != CostStructure.OPERATIONS:
        raise RuleBroken("Only operations have organizational outcomes.", field="level")
    parent = session.get(Program, answers["parent_id"]) if answers.get("parent_id") else None
    if (parent.level if parent else None) not in _ABOVE[level]:
        message = "A sub-program lies in a program, a program at the top or in an outcome, an outcome at the top."
        raise RuleBroken(message, field="parent_id")
    if parent is not None and parent.cost_structure != structure:
        raise RuleBroken("The program above belongs to another part of the budget.", field="parent_id")
    seen: set[int] = set()
    while parent is not None and parent.id not in seen:
        if program is not None and parent.id == program.id:
            raise RuleBroken("A program cannot lie in itself.", field="parent_id")
        seen.add(parent.id)
        parent = session.get(Program, parent.parent_id) if parent.parent_id else None


def _require_free(session: Session, answers: Mapping[str, Any], program: Program | None) -> None:
    others = select(Program.id).where(Program.id != (program.id if program else 0))
    if session.scalar(others.where(Program.code == answers["code"]).limit(1)):
        raise RuleBroken("Another program has this code.", field="code")
    same = others.where(
        Program.cost_structure == answers["cost_structure"],
        Program.level == answers["level"],
        Program.parent_id.is_not_distinct_from(answers.get("parent_id")),
        Program.normal_title == titles.normal(answers["title"]),
    )
    if session.scalar(same.limit(1)):
        raise RuleBroken("This program is in the register already.", field="title")


def _typed_programs(session: Session, organization: Organization) -> int:
    """Programs that people have added: neither from an act nor for a demo."""
    typed = (Program.organization_id == organization.id, Program.source == "", ~Program.is_demo)
    return session.scalar(select(func.count(Program.id)).where(*typed)) or 0


register("max_programs", "programs", _typed_programs)
