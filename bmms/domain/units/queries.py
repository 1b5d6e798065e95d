"""Looking up the units of the bound organization: its divisions, sections and provincial offices."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound
from bmms.models.memberships import Membership
from bmms.models.organizations import Unit
from bmms.tenancy import scope_of


@dataclass(frozen=True)
class Branch:
    """One unit as the tree shows it: its depth (1 is the top) and how many active members belong to it directly."""

    unit: Unit
    depth: int
    members: int


def get_unit(session: Session, unit_id: int) -> Unit:
    """One unit.

    Raises:
        NotFound: there is none with this id here.
    """
    found = session.get(Unit, unit_id)
    if found is None:
        raise NotFound("There is no such unit.")
    return found


def list_units(*, search: str = "", active: bool | None = None) -> Select[Unit]:
    """Units by name; `search` is part of a name or code."""
    query = select(Unit).order_by(Unit.name)
    if search:
        query = query.where(
            or_(Unit.name.icontains(search, autoescape=True), Unit.code.icontains(search, autoescape=True))
        )
    return query if active is None else query.where(Unit.is_active.is_(active))


def unit_tree(session: Session) -> list[Branch]:
    """All units, each directly followed by those under it; siblings by name."""
    units = list(session.scalars(list_units()))
    members = _members(session)
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id, []).append(unit)

    def branches(parent_id: int | None, depth: int) -> Iterator[Branch]:
        for unit in below.get(parent_id, ()):
            yield Branch(unit, depth, members.get(unit.id, 0))
            yield from branches(unit.id, depth + 1)

    return list(branches(None, 1))


def _members(session: Session) -> dict[int | None, int]:
    query = (
        select(Membership.unit_id, func.count())
        .where(Membership.organization_id == scope_of(session).organization_id, Membership.is_active)
        .group_by(Membership.unit_id)
    )
    return dict(session.execute(query).all())
