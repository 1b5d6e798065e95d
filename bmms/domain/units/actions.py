"""What an administrator does with the units of the organization in which he or she works.

Every function needs Permission.UNIT_CHANGE and a session that is bound to that organization.
"""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import audit, versions
from bmms.domain.actors import Actor
from bmms.domain.errors import RuleBroken
from bmms.domain.permissions import Permission
from bmms.domain.units.queries import get_unit
from bmms.domain.units.tree import hold_tree
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit

LONGEST = {"name": 200, "code": 30}


def create_unit(session: Session, actor: Actor, *, name: str, code: str = "", parent_id: int | None = None) -> Unit:
    """Make a unit, at the top or under another one.

    Raises:
        RuleBroken: the name or code is wrong or taken, or the tree would grow too deep.
        NotFound: there is no such parent here.
    """
    actor.require(Permission.UNIT_CHANGE)
    tree = hold_tree(session)
    tree.require_place(parent_id, levels=1)
    unit = Unit(parent_id=parent_id, **_named(session, name, code))
    session.add(unit)
    audit.record(session, actor, "units:create", unit, label=unit.name, name=(None, unit.name), code=(None, unit.code))
    return unit


def rename_unit(
    session: Session, actor: Actor, unit: Unit, *, name: str, code: str = "", row_version: int | None = None
) -> None:
    """Give a unit another name or code.

    Raises:
        RuleBroken: the name or code is wrong or taken.
        Stale: somebody else changed the unit meanwhile.
    """
    actor.require(Permission.UNIT_CHANGE)
    versions.require_unchanged(unit, row_version, unit.name)
    hold_tree(session)
    _change(session, actor, "rename", unit, **_named(session, name, code, but=unit))


def move_unit(
    session: Session, actor: Actor, unit: Unit, *, parent_id: int | None, row_version: int | None = None
) -> None:
    """Put a unit, with all that lies under it, under another one, or at the top (None).

    Raises:
        RuleBroken: the new parent lies in the unit itself, is inactive, or the tree would grow too deep.
        NotFound: there is no such parent here.
        Stale: somebody else changed the unit meanwhile.
    """
    actor.require(Permission.UNIT_CHANGE)
    versions.require_unchanged(unit, row_version, unit.name)
    tree = hold_tree(session)
    if tree.lies_in(parent_id, unit.id):
        raise RuleBroken(f"{unit.name} cannot lie in itself. Choose a unit outside it.", field="parent")
    tree.require_place(parent_id, levels=tree.height(unit.id))
    _change(session, actor, "move", unit, parent_id=parent_id)


def deactivate_unit(session: Session, actor: Actor, unit: Unit, *, row_version: int | None = None) -> None:
    """Close a unit that nobody belongs to any more; its name stays in old records.

    Raises:
        RuleBroken: active units or members still belong to it.
        Stale: somebody else changed the unit meanwhile.
    """
    actor.require(Permission.UNIT_CHANGE)
    versions.require_unchanged(unit, row_version, unit.name)
    hold_tree(session)
    units = session.scalar(select(func.count(Unit.id)).where(Unit.parent_id == unit.id, Unit.is_active))
    members = sum(membership.is_active for membership in _members(session, unit))
    if units or members:
        raise RuleBroken(
            f"{unit.name} still has {units} active unit{'' if units == 1 else 's'} and "
            f"{members} active member{'' if members == 1 else 's'}. Move them first, or merge it into another unit."
        )
    _change(session, actor, "deactivate", unit, is_active=False)


def reactivate_unit(session: Session, actor: Actor, unit: Unit, *, row_version: int | None = None) -> None:
    """Open a closed unit again.

    Raises:
        RuleBroken: the unit it lies in is closed.
        Stale: somebody else changed the unit meanwhile.
    """
    actor.require(Permission.UNIT_CHANGE)
    versions.require_unchanged(unit, row_version, unit.name)
    hold_tree(session).require_place(unit.parent_id, levels=0)
    _change(session, actor, "reactivate", unit, is_active=True)


def merge_units(session: Session, actor: Actor, unit: Unit, into: Unit, *, row_version: int | None = None) -> int:
    """Merge one unit into another: its members and the units under it go there, then it is closed.

    Returns:
        how many members moved, those with an ended membership included.

    Raises:
        RuleBroken: the other unit is the same, lies in this one or is closed, or the tree would grow too deep.
        Stale: somebody else changed the unit meanwhile.
    """
    actor.require(Permission.UNIT_CHANGE)
    versions.require_unchanged(unit, row_version, unit.name)
    tree = hold_tree(session)
    if tree.lies_in(into.id, unit.id):
        raise RuleBroken(f"{into.name} is or lies in {unit.name}. Choose a unit outside it.", field="into")
    tree.require_place(into.id, levels=tree.height(unit.id) - 1)
    for child_id in tree.children(unit.id):
        _change(session, actor, "move", get_unit(session, child_id), parent_id=into.id)
    members = _members(session, unit)
    for membership in members:
        membership.unit_id = into.id
    unit.is_active = False
    audit.record(
        session, actor, "units:merge", unit, label=unit.name,
        merged_into=(unit.name, into.name), members_moved=(None, len(members)),
    )  # fmt: skip
    return len(members)


def _named(session: Session, name: str, code: str, *, but: Unit | None = None) -> dict[str, str]:
    """Name and code as they are stored, neither of them taken by another unit in any case."""
    named = {"name": " ".join(name.split()), "code": " ".join(code.split())}
    problems = {field: _problem(session, field, value, but) for field, value in named.items()}
    problems = {field: problem for field, problem in problems.items() if problem}
    if problems:
        (field, message), *others = problems.items()
        raise RuleBroken(message, field=field, **dict(others))
    return named


def _problem(session: Session, field: str, value: str, but: Unit | None) -> str:
    at_most = LONGEST[field]
    if not value:
        return "Give the unit a name." if field == "name" else ""
    if len(value) > at_most:
        return f"The {field} has {len(value)} characters; at most {at_most} fit."
    if not value.isprintable():
        return f"The {field} holds a control character. Type it again instead of pasting it."
    same = select(Unit).where(func.lower(getattr(Unit, field)) == func.lower(value), Unit.id != (but.id if but else 0))
    taken = session.scalar(same.limit(1))
    if taken is None:
        return ""
    closed = "" if taken.is_active else " It is closed, and could be opened again."
    return f"{taken.name} has this {field} already.{closed}"


def _members(session: Session, unit: Unit) -> list[Membership]:
    query = select(Membership).where(Membership.organization_id == unit.organization_id, Membership.unit_id == unit.id)
    return list(session.scalars(query))


def _change(session: Session, actor: Actor, verb: str, unit: Unit, **values: Any) -> None:
    before = unit.name
    for name, value in values.items():
        setattr(unit, name, value)
    changes: dict[str, Any] = audit.changed_fields(unit, *values)
    if changes:
        audit.record(session, actor, f"units:{verb}", unit, label=before, **changes)
