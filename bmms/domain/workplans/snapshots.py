"""What a work plan says, kept at its approval (modules 1.7, INV-14): content in plain values, no progress."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain.planning.names import Names
from bmms.domain.planning.snapshots import fields_of
from bmms.domain.workplans import queries
from bmms.domain.workplans.places import Gazetteer
from bmms.models.planning import StrategicObjective
from bmms.models.programs import Program
from bmms.models.work import (
    AnnualObjective,
    AnnualWorkPlan,
    ItemStatus,
    WorkItem,
    WorkItemPerson,
    WorkItemPlace,
    WorkItemPredecessor,
)

PLAN_FIELDS = ("title", "fiscal_year", "narrative")
OBJECTIVE_FIELDS = ("statement", "q1", "q2", "q3", "q4", "weight")
ITEM_FIELDS = (
    "code", "kind", "title", "description", "starts_on", "ends_on", "is_multi_year", "priority", "planned_cost",
    "beneficiaries", "female", "male", "tags",
)  # fmt: skip


def payload_of(session: Session, plan: AnnualWorkPlan) -> dict[str, Any]:
    """The content of a work plan: names instead of ids; the number of statements does not grow with it."""
    return _Writer(session, plan).payload()


class _Writer:
    def __init__(self, session: Session, plan: AnnualWorkPlan) -> None:
        self.session, self.plan = session, plan
        self.names, self.gazetteer = Names(session), Gazetteer(session)
        self.programs: dict[int, str] = dict(session.execute(select(Program.id, Program.title)).all())
        cancelled: set[int] = set()  # the objectives of items that are left out
        self.below: dict[tuple[int, int | None], list[WorkItem]] = defaultdict(list)
        for item in session.scalars(
            select(WorkItem).where(WorkItem.work_plan_id == plan.id).order_by(WorkItem.ordinal, WorkItem.id)
        ):
            if item.status == ItemStatus.CANCELLED:
                cancelled.add(item.annual_objective_id)
            else:
                self.below[item.annual_objective_id, item.parent_id].append(item)
        self.left_out = cancelled - {objective_id for objective_id, _ in self.below}
        self.people = queries.linked_in(session, plan, WorkItemPerson, WorkItemPerson.membership_id)
        self.places = queries.linked_in(session, plan, WorkItemPlace, WorkItemPlace.psgc, WorkItemPlace.barangay)
        codes: dict[int, str] = {item.id: item.code for items in self.below.values() for item in items}
        before = queries.linked_in(session, plan, WorkItemPredecessor, WorkItemPredecessor.predecessor_id)
        self.before = {key: sorted(codes[one] for (one,) in found if one in codes) for key, found in before.items()}

    def payload(self) -> dict[str, Any]:
        query = (
            select(AnnualObjective, StrategicObjective.title)
            .join(StrategicObjective, StrategicObjective.id == AnnualObjective.objective_id)
            .where(AnnualObjective.work_plan_id == self.plan.id)
            .order_by(AnnualObjective.ordinal)
        )
        return {
            "kind": "annual_work_plan",
            **fields_of(self.plan, PLAN_FIELDS),
            "objectives": [
                {
                    **fields_of(objective, OBJECTIVE_FIELDS),
                    "title": objective.statement[:200],
                    "strategic_objective": title,
                    "owner": self.names.member(objective.owner_id),
                    "items": self._items(objective.id, None),
                }
                for objective, title in self.session.execute(query)
                if objective.id not in self.left_out
            ],
        }

    def _items(self, objective_id: int, parent_id: int | None) -> list[dict[str, Any]]:
        return [
            {
                **fields_of(item, ITEM_FIELDS),
                "program": self.programs.get(item.program_id or 0, ""),
                "unit": self.names.unit(item.unit_id),
                "officer": self.names.member(item.officer_id),
                "team": [self.names.member(one) for (one,) in self.people[item.id]],
                "places": [self.gazetteer.write(*one) for one in self.places[item.id]],
                "predecessors": self.before.get(item.id, []),
                "items": self._items(objective_id, item.id),
            }
            for item in self.below[objective_id, parent_id]
        ]
