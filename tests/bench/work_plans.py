"""What work plans of 200, 2,000 and 20,000 items cost: statements and milliseconds of opening, reporting, workbooks.

Run by `make bench` on the pilot that `make run` has loaded. All happens in one transaction that is never committed.
"""

import functools
import io
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bmms.app import complete, create_app
from bmms.config import from_environ
from bmms.domain import access, clock
from bmms.domain.actors import Actor, Origin
from bmms.domain.imports import table
from bmms.domain.workplans import progress, queries, rules, timeline
from bmms.domain.workplans.sheets import checking, columns, export, writing
from bmms.extensions import db
from bmms.models.accounts import User
from bmms.models.memberships import Membership
from bmms.models.organizations import Organization
from bmms.models.planning import PlanStatus, StrategicGoal, StrategicObjective, StrategicPlan
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemKind, WorkItem
from bmms.tenancy import bind_person, bind_platform, bind_scope
from tests.planning import Desk

SIZES = (200, 2_000, 20_000)
MOST_IN_A_WORKBOOK = 2_000
OBJECTIVES, ROUNDS, YEAR = 35, 5, 2100  # 7 goals x 5 objectives; a year that nobody plans for


def planner_of(app: Flask) -> tuple[Desk, int]:
    """The planner of the pilot's Ministry of Health at work, and the membership."""
    told = {"installation": app.extensions["installation"]}
    with Session(db.engine, info=told, expire_on_commit=False) as session:
        bind_platform(session, "bench")
        user = session.scalars(select(User).where(User.username == "moh_planner")).one()
        organization = session.scalars(select(Organization).where(Organization.code == "MOH")).one()
        here = (Membership.user_id == user.id) & (Membership.organization_id == organization.id)
        membership_id = session.scalars(select(Membership.id).where(here)).one()
    session = Session(db.engine, info=told)
    bind_person(session, user.id)
    bind_scope(session, organization.id)
    entered = access.enter(session, user, organization.code, Origin())
    assert entered is not None
    return Desk(session, access.actor_here(session, user, entered, Origin())), membership_id


def build(session: Session, officer_id: int, count: int) -> tuple[AnnualWorkPlan, WorkItem]:
    """An active plan with so many items: projects of nine activities each; and one activity in its middle."""
    parent = StrategicPlan(title=f"Bench {count}", start_year=YEAR, end_year=YEAR, status=PlanStatus.ACTIVE)
    session.add(parent)
    session.flush()
    goal = StrategicGoal(plan_id=parent.id, ordinal=1, title="Bench")
    session.add(goal)
    session.flush()
    served = StrategicObjective(plan_id=parent.id, goal_id=goal.id, ordinal=1, title="Bench")
    session.add(served)
    session.flush()
    plan = AnnualWorkPlan(plan_id=parent.id, fiscal_year=YEAR, title="Bench", status=PlanStatus.ACTIVE)
    session.add(plan)
    session.flush()
    objectives = [
        AnnualObjective(work_plan_id=plan.id, objective_id=served.id, ordinal=number, statement="What we reach")
        for number in range(1, OBJECTIVES + 1)
    ]
    session.add_all(objectives)
    session.flush()
    year = {"starts_on": date(YEAR, 1, 1), "ends_on": date(YEAR, 12, 31), "work_plan_id": plan.id}

    def item(number: int, kind: ItemKind, parent: WorkItem | None, **more: Any) -> WorkItem:
        objective_id = parent.annual_objective_id if parent else objectives[number % OBJECTIVES].id
        return WorkItem(
            **year, annual_objective_id=objective_id, parent_id=parent.id if parent else None, ordinal=number,
            code=f"BENCH-{count}-{number:06d}", kind=kind, title=f"Item {number}", officer_id=officer_id, **more,
        )  # fmt: skip

    projects = [item(number, ItemKind.PROJECT, None, has_children=True) for number in range(count // 10)]
    session.add_all(projects)
    session.flush()
    below = [item(count + number, ItemKind.ACTIVITY, projects[number // 9]) for number in range(count // 10 * 9)]
    session.add_all(below)
    session.flush()
    return plan, below[len(below) // 2]


def measure(session: Session, work: Callable[[], object]) -> tuple[int, float]:
    """(statements, milliseconds): the median of a few runs, each with nothing remembered."""
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", count := lambda *told: seen.append(told[2]))
    taken = []
    try:
        for _ in range(ROUNDS):
            session.expire_all()
            seen.clear()
            began = time.perf_counter()
            work()
            taken.append(1000 * (time.perf_counter() - began))
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen), statistics.median(taken)


def workbooks(session: Session, actor: Actor, plan: AnnualWorkPlan) -> str:
    """Export it; change every item and add as many; check; import: seconds and statements of each."""
    plan.status = PlanStatus.DRAFT
    session.flush()
    told = []

    def timed(name: str, work: Callable[[], Any]) -> Any:
        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", count := lambda *told: seen.append(told[2]))
        began = time.process_time()
        found = work()
        told.append(f"{name} {time.process_time() - began:.1f} s of a processor, {len(seen):,}")
        event.remove(db.engine, "before_cursor_execute", count)
        return found

    content = timed("export", lambda: export.workbook_of(session, plan, "bench"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Items"]
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 4).value = f"Changed {row}"
    for row in range(1, sheet.max_row):
        sheet.append([None, "Project", None, f"New {row}", None, row % OBJECTIVES + 1, None, None, f"{YEAR}-06-30"])
    changed = io.BytesIO()
    book.save(changed)
    del book, sheet
    read = functools.partial(table.read, changed.getvalue(), "bench.xlsx", columns.LAYOUT)
    rules.begin(session, actor, plan)
    checked = timed("check", lambda: checking.check(session, plan, read()))
    assert checked.is_good
    timed("import", lambda: writing.write(session, actor, plan, checked))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return "; ".join(f"{one} statements" for one in told) + f"; peak memory {peak} MB"


def main() -> None:
    """Print one line for each size."""
    app = create_app(complete(from_environ()))
    with app.app_context():
        desk, officer_id = planner_of(app)
        session, actor, today = desk.session, desk.actor, clock.today()
        print("statements and milliseconds of: the board, a page of items, an item, the timeline, a report")
        for size in SIZES:
            plan, activity = build(session, officer_id, size)
            objective = session.get_one(AnnualObjective, activity.annual_objective_id)
            percent = iter(range(1, 99))

            def report(item: WorkItem = activity, percent: Any = percent) -> object:
                said = {"day": today, "note": "Ten characters or more"}
                return progress.report(session, actor, item, percent=Decimal(next(percent)), **said)  # noqa: B023

            ways: tuple[Callable[[], object], ...] = (
                lambda plan=plan: queries.groups_of(session, plan, today),  # noqa: B023
                lambda one=objective: session.scalars(queries.items_under(one).limit(25)).all(),  # noqa: B023
                lambda item=activity: queries.surroundings_of(session, item),  # noqa: B023
                lambda plan=plan: timeline.timeline_of(session, plan, today),  # noqa: B023
                report,
            )
            found = [measure(session, way) for way in ways]
            print(f"{size:>7,} items" + "".join(f"{number:>6} {taken:>6.1f} ms" for number, taken in found))
            if size <= MOST_IN_A_WORKBOOK:
                print(f"{size:>7,} items as a workbook: " + workbooks(session, actor, plan))
            session.rollback()
            bind_scope(session, actor.organization_id)
        session.close()


if __name__ == "__main__":
    main()
