"""All that a work plan says of its items, read in few statements, whatever their number."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import merging
from bmms.domain.imports.values import clean
from bmms.domain.members import Member, working_members
from bmms.domain.planning.names import Names
from bmms.domain.workplans import queries
from bmms.domain.workplans.places import Gazetteer
from bmms.models.organizations import Unit
from bmms.models.planning import StrategicObjective
from bmms.models.programs import Program
from bmms.models.work import (
    AnnualObjective,
    AnnualWorkPlan,
    WorkItem,
    WorkItemPerson,
    WorkItemPlace,
    WorkItemPredecessor,
)

PLACE = ("kind", "parent", "objective")  # where an item lies and what it is: chosen once
COLUMNS = (
    "title", "description", "program_id", "starts_on", "ends_on", "is_multi_year", "officer_id", "unit_id", "priority",
    "planned_cost", "beneficiaries", "female", "male", "tags", "on_calendar",
)  # fmt: skip
LINKS = ("people", "places", "predecessors")
ANSWERS = (*COLUMNS, *LINKS)  # what an import may change in an item


@dataclass(frozen=True)
class Objective:
    """An annual objective and the strategic one that it serves."""

    row: AnnualObjective
    strategic: str


class Contents:
    """One work plan with everything in it; read when first asked for."""

    def __init__(self, session: Session, plan: AnnualWorkPlan) -> None:
        self.session, self.plan = session, plan
        self.names, self.gazetteer = Names(session), Gazetteer(session)

    @cached_property
    def objectives(self) -> list[Objective]:
        """In their order."""
        query = (
            select(AnnualObjective, StrategicObjective.title)
            .join(StrategicObjective, StrategicObjective.id == AnnualObjective.objective_id)
            .where(AnnualObjective.work_plan_id == self.plan.id)
            .order_by(AnnualObjective.ordinal)
        )
        return [Objective(*row) for row in self.session.execute(query)]

    @cached_property
    def below(self) -> dict[tuple[int, int | None], list[WorkItem]]:
        """The items directly under an objective and an item, or directly under the objective, in their order."""
        found: dict[tuple[int, int | None], list[WorkItem]] = defaultdict(list)
        query = select(WorkItem).where(WorkItem.work_plan_id == self.plan.id).order_by(WorkItem.ordinal, WorkItem.id)
        for item in self.session.scalars(query.execution_options(populate_existing=True)):
            found[item.annual_objective_id, item.parent_id].append(item)
        return found

    @cached_property
    def items(self) -> list[WorkItem]:
        """In the order of the tree: each directly followed by what lies under it."""
        return [item for objective in self.objectives for item in self._under(objective.row.id, None)]

    def _under(self, objective_id: int, parent_id: int | None) -> Iterator[WorkItem]:
        for item in self.below.get((objective_id, parent_id), ()):
            yield item
            yield from self._under(objective_id, item.id)

    def children(self, item: WorkItem) -> list[WorkItem]:
        """What lies directly under an item."""
        return self.below.get((item.annual_objective_id, item.id), [])

    @cached_property
    def by_id(self) -> dict[int, WorkItem]:
        """All items."""
        return {item.id: item for item in self.items}

    @cached_property
    def by_code(self) -> dict[str, WorkItem]:
        """All items."""
        return {item.code: item for item in self.items}

    @cached_property
    def ordinals(self) -> dict[int, int]:
        """Number of each annual objective by its id."""
        return {objective.row.id: objective.row.ordinal for objective in self.objectives}

    @cached_property
    def members(self) -> dict[int, Member]:
        """Who can be named."""
        return working_members(self.session)

    @cached_property
    def units(self) -> dict[int, Unit]:
        """All units, also closed ones."""
        return {unit.id: unit for unit in self.session.scalars(select(Unit).order_by(Unit.name))}

    @cached_property
    def programs(self) -> dict[int, Program]:
        """The whole register."""
        return {program.id: program for program in self.session.scalars(select(Program).order_by(Program.code))}

    @cached_property
    def _linked(self) -> tuple[dict[int, list[Any]], ...]:
        kinds: tuple[tuple[Any, ...], ...] = (
            (WorkItemPerson, WorkItemPerson.membership_id),
            (WorkItemPlace, WorkItemPlace.psgc, WorkItemPlace.barangay),
            (WorkItemPredecessor, WorkItemPredecessor.predecessor_id),
        )
        return tuple(queries.linked_in(self.session, self.plan, *kind) for kind in kinds)

    def predecessors(self, item: WorkItem) -> list[str]:
        """Codes of what must be finished first."""
        return sorted(self.by_id[key].code for (key,) in self._linked[2].get(item.id, ()))

    def standing(self, item: WorkItem) -> dict[str, Any]:
        """What an item says now: the answers of its form, and where it lies."""
        people, places, _ = self._linked
        parent = self.by_id.get(item.parent_id or 0)
        return {
            **{name: getattr(item, name) for name in COLUMNS},
            "title": clean(item.title),
            "description": clean(item.description),
            "people": sorted(key for (key,) in people.get(item.id, ())),
            "places": clean("\n".join(self.gazetteer.write(*one) for one in places.get(item.id, ()))),
            "predecessors": ", ".join(self.predecessors(item)),
            "kind": item.kind,
            "parent": parent.code if parent else "",
            "objective": self.ordinals[item.annual_objective_id],
        }

    def fingerprint(self, item: WorkItem) -> str:
        """Changes when an answer does."""
        now = self.standing(item)
        return merging.digest([f"{name} {merging.word(now[name])}" for name in ANSWERS])
