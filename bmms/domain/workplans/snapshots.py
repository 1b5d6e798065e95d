"""What a work plan says, kept at its approval (modules 1.7, INV-14): content in plain values, no progress."""

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.canonical import fingerprint
from bmms.domain.errors import NotFound
from bmms.domain.planning.names import Names
from bmms.domain.planning.snapshots import fields_of
from bmms.domain.workplans import queries
from bmms.domain.workplans.places import Gazetteer
from bmms.models.planning import PlanVersion, StrategicObjective
from bmms.models.programs import Program
from bmms.models.work import (
    AnnualObjective,
    AnnualWorkPlan,
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
        self.below: dict[tuple[int, int | None], list[WorkItem]] = defaultdict(list)
        for item in session.scalars(
            select(WorkItem).where(WorkItem.work_plan_id == plan.id).order_by(WorkItem.ordinal, WorkItem.id)
        ):
            self.below[item.annual_objective_id, item.parent_id].append(item)
        self.people = queries.linked_in(session, plan, WorkItemPerson, WorkItemPerson.membership_id)
        self.places = queries.linked_in(session, plan, WorkItemPlace, WorkItemPlace.psgc, WorkItemPlace.barangay)
        codes: dict[int, str] = {item.id: item.code for items in self.below.values() for item in items}
        before = queries.linked_in(session, plan, WorkItemPredecessor, WorkItemPredecessor.predecessor_id)
        self.before = {key: sorted(codes[one] for (one,) in found) for key, found in before.items()}

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


def versions_of(session: Session, plan: AnnualWorkPlan) -> list[PlanVersion]:
    """The approved versions, the latest first."""
    query = select(PlanVersion).where(PlanVersion.work_plan_id == plan.id).order_by(PlanVersion.number.desc())
    return list(session.scalars(query))


def get_version(session: Session, plan: AnnualWorkPlan, version_id: int) -> PlanVersion:
    """One version of a work plan. Raises NotFound."""
    query = select(PlanVersion).where(PlanVersion.id == version_id, PlanVersion.work_plan_id == plan.id)
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no such version.")
    return found


def write_version(session: Session, actor: Actor, plan: AnnualWorkPlan, *, instrument: str = "") -> PlanVersion:
    """Keep what is approved."""
    payload = payload_of(session, plan)
    last = session.scalar(select(func.max(PlanVersion.number)).where(PlanVersion.work_plan_id == plan.id)) or 0
    version = PlanVersion(
        work_plan_id=plan.id, number=last + 1, payload=payload, sha256=fingerprint(payload),
        approved_by=actor.user_id, approved_by_label=actor.signature, approved_at=clock.now(), instrument=instrument,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version
