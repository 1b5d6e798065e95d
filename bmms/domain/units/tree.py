"""The shape of an organization's units: who lies under whom, and what a tree allows."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.errors import NotFound, RuleBroken
from bmms.models.organizations import Organization, Unit
from bmms.tenancy import scope_of

DEEPEST = 6


@dataclass(frozen=True)
class Tree:
    """Each unit's id with the id of its parent, and the ids of the closed ones."""

    parents: dict[int, int | None]
    closed: frozenset[int]

    def depth(self, unit_id: int | None) -> int:
        """1 for a unit at the top; 0 for "no unit"."""
        depth = 0
        while unit_id is not None:
            depth, unit_id = depth + 1, self.parents[unit_id]
        return depth

    def lies_in(self, unit_id: int | None, other_id: int) -> bool:
        """Is the first unit the other one, or anywhere under it?"""
        while unit_id is not None and unit_id != other_id:
            unit_id = self.parents[unit_id]
        return unit_id == other_id

    def height(self, unit_id: int) -> int:
        """Levels of the unit and what lies under it: 1 when nothing does."""
        return 1 + max((self.height(child) for child in self.children(unit_id)), default=0)

    def children(self, unit_id: int) -> list[int]:
        """What lies directly under a unit."""
        return [child for child, parent in self.parents.items() if parent == unit_id]

    def require_place(self, parent_id: int | None, levels: int) -> None:
        """Go on only when so many levels fit under that parent; None is the top.

        Raises:
            NotFound: there is no such unit here.
            RuleBroken: it is closed, or the tree would be deeper than six levels.
        """
        if parent_id is not None and parent_id not in self.parents:
            raise NotFound("There is no such unit.")
        if parent_id in self.closed:
            raise RuleBroken("That unit is closed. Open it again first, or choose another one.", field="parent")
        if self.depth(parent_id) + levels > DEEPEST:
            raise RuleBroken(f"Units go {DEEPEST} levels deep at most. Choose a unit higher up.", field="parent")


def hold_tree(session: Session) -> Tree:
    """The tree as it stands now. Other changes to this organization's units wait until the transaction ends."""
    here = scope_of(session).organization_id
    session.execute(select(Organization.id).where(Organization.id == here).with_for_update(key_share=True))
    found = session.execute(select(Unit.id, Unit.parent_id, Unit.is_active)).all()
    parents = {unit_id: parent_id for unit_id, parent_id, _ in found}
    return Tree(parents, frozenset(unit_id for unit_id, _, is_active in found if not is_active))
