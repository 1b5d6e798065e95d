"""Parts of the tree of units, as pages show them: the way down to one, what lies under it, and large trees in brief."""

from collections.abc import Iterator

from bmms.domain.units.queries import Branch
from bmms.models.organizations import Unit

MOST_SHOWN = 150


def way_to(tree: list[Branch], unit_id: int) -> list[Unit]:
    """The units from the top down to this one, itself included; empty when it is not in the tree."""
    here = next((position for position, branch in enumerate(tree) if branch.unit.id == unit_id), None)
    if here is None:
        return []
    way, depth = [], tree[here].depth + 1
    for branch in reversed(tree[: here + 1]):
        if branch.depth < depth:
            way.append(branch.unit)
            depth = branch.depth
    return way[::-1]


def below(tree: list[Branch], unit_id: int) -> list[Branch]:
    """Everything that lies under a unit, in the order of the tree; the depth of its children is 1."""
    return list(_below(tree, unit_id))


def _below(tree: list[Branch], unit_id: int) -> Iterator[Branch]:
    top = 0
    for branch in tree:
        if top and branch.depth <= top:
            return
        if top:
            yield Branch(branch.unit, branch.depth - top, branch.members)
        elif branch.unit.id == unit_id:
            top = branch.depth


def in_brief(tree: list[Branch], at_most: int = MOST_SHOWN) -> tuple[list[Branch], dict[int, int]]:
    """As many whole levels as fit, at least the first.

    Returns:
        the branches to show, and for each unit whose own are left out how many lie under it.
    """
    deepest = max((branch.depth for branch in tree), default=0)
    while deepest > 1 and sum(branch.depth <= deepest for branch in tree) > at_most:
        deepest -= 1
    left_out: dict[int, int] = {}
    last_shown = 0
    for branch in tree:
        if branch.depth <= deepest:
            last_shown = branch.unit.id
        else:
            left_out[last_shown] = left_out.get(last_shown, 0) + 1
    return [branch for branch in tree if branch.depth <= deepest], left_out
