"""A work plan as a planning officer would fill it in, for the tests of work plans and of what hangs on them."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.workplans import actions, items, itemsteps, progress, steps
from bmms.models.planning import StrategicObjective, StrategicPlan
from bmms.models.programs import CostStructure, Program, ProgramLevel
from bmms.models.reference import Place
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemKind, WorkItem
from tests.planning import Desk

YEAR = 2026
REASON = "Twenty characters and more."
PEOPLE = ("badar", "omar", "hana", "jamila", "yusuf", "amina")  # planner, officer, team, admin, viewer, approver


def make_places(engine: Engine) -> None:
    """One province and two towns."""
    with Session(engine) as session:
        session.add(Place(psgc="1908700000", name="Maguindanao del Norte", level="province", in_barmm=True))
        session.flush()
        for psgc, name in (("1908714000", "Upi"), ("1908711000", "Sultan Mastura")):
            session.add(
                Place(psgc=psgc, name=name, level="municipality", parent_psgc="1908700000", in_barmm=True)
            )  # fmt: skip
        session.commit()


def make_program(desk: Desk) -> Program:
    """A program of the register."""
    program = Program(
        code="HEALTH-01", cost_structure=CostStructure.OPERATIONS, level=ProgramLevel.PROGRAM,
        title="Family health", normal_title="family health",
    )  # fmt: skip
    desk.session.add(program)
    desk.session.flush()
    return program


def make_work_plan(desk: Desk, plan: StrategicPlan, **other: Any) -> AnnualWorkPlan:
    """A draft without anything in it."""
    answers = {"fiscal_year": YEAR, "title": f"Annual Work Plan FY {YEAR}", "narrative": "", **other}
    return actions.create_work_plan(desk.session, desk.actor, plan, answers)


def make_objective(desk: Desk, plan: AnnualWorkPlan, **other: Any) -> AnnualObjective:
    """An annual objective of the first strategic objective."""
    first = desk.session.scalars(
        select(StrategicObjective).where(StrategicObjective.plan_id == plan.plan_id).order_by(StrategicObjective.id)
    ).first()
    answers = {"statement": "Answer calls within a day", "objective_id": first.id, **other}
    return actions.add_objective(desk.session, desk.actor, plan, answers)


def item_answers(kind: str, title: str = "", **other: Any) -> dict[str, Any]:
    """An item of the whole year."""
    return {
        "kind": ItemKind(kind), "title": title or f"A {kind}", "starts_on": date(YEAR, 1, 1),
        "ends_on": date(YEAR, 12, 31), **other,
    }  # fmt: skip


def add(
    desk: Desk, objective: AnnualObjective, kind: str, parent: WorkItem | None = None, title: str = "", **other: Any
) -> WorkItem:
    """An item under an annual objective or under another item."""
    plan = desk.session.get_one(AnnualWorkPlan, objective.work_plan_id)
    return items.add_item(desk.session, desk.actor, plan, objective, parent, item_answers(kind, title, **other))


def make_tree(desk: Desk, plan: StrategicPlan, officer_id: int) -> dict[str, WorkItem]:
    """project > activity > two tasks and a milestone, and a second activity; complete, not committed."""
    program = make_program(desk)
    duties = {"officer_id": officer_id, "program_id": program.id}
    work_plan = make_work_plan(desk, plan)
    objective = make_objective(desk, work_plan)
    project = add(desk, objective, "project", title="Help line", officer_id=officer_id, planned_cost=Decimal(300))
    activity = add(desk, objective, "activity", project, "Train the staff", planned_cost=Decimal(200), **duties)
    second = add(desk, objective, "activity", project, "Buy phones", planned_cost=Decimal(100), **duties)
    half = {"starts_on": date(YEAR, 1, 1), "ends_on": date(YEAR, 6, 30)}
    rest = {"starts_on": date(YEAR, 7, 1), "ends_on": date(YEAR, 12, 31)}
    return {
        "project": project, "activity": activity, "second": second,
        "task": add(desk, objective, "task", activity, "Write the course", officer_id=officer_id, **half),
        "other": add(desk, objective, "task", activity, "Hold the course", officer_id=officer_id, **rest),
        "milestone": add(desk, objective, "milestone", activity, "Course done", officer_id=officer_id),
    }  # fmt: skip


def bring_to(plan: AnnualWorkPlan, planner: Desk, approver: Desk, *verbs: str) -> None:
    """Take steps with a work plan, each as the person whose step it is; the sessions are committed after each."""
    planner.session.commit()
    for verb in verbs:
        desk = approver if verb in ("approve", "return", "complete") else planner
        theirs = desk.session.get_one(AnnualWorkPlan, plan.id)
        steps.take(desk.session, desk.actor, theirs, verb, note="Twenty characters and more.")
        desk.session.commit()


def step(desk, item: WorkItem, verb: str, note: str = REASON, **dates) -> WorkItem:
    """Take a step with an item; the desk's session is committed."""
    row = desk.session.get_one(WorkItem, item.id)
    itemsteps.take(desk.session, desk.actor, row, verb, note=note, **dates)
    desk.session.commit()
    return row


def report(desk, item: WorkItem, percent, note: str = "Ten characters or more", **more) -> WorkItem:
    """Report progress; the desk's session is committed."""
    row = desk.session.get_one(WorkItem, item.id)
    more.setdefault("day", clock.today())
    progress.report(desk.session, desk.actor, row, percent=Decimal(percent), note=note, **more)
    desk.session.commit()
    return row


def fresh(desk, model, key: int):
    desk.session.expire_all()
    return desk.session.get_one(model, key)
