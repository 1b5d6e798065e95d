"""An invented work plan for training: in force, with activities of each program and first reports (decision D19)."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.people import pilot_data
from bmms.domain.people.pilot_data import Wanted
from bmms.domain.planning.demo import NARRATIVE, Cast, cast_of
from bmms.domain.workplans import actions, items, progress, steps
from bmms.models.organizations import Organization
from bmms.models.planning import PlanStatus, StrategicObjective, StrategicPlan
from bmms.models.programs import Program, ProgramLevel
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemKind, WorkItem

COST = Decimal(100_000)  # pesos, of one activity
DEEDS = (
    "Train the local staff",
    "Visit the island municipalities",
    "Print and hand out the guide",
    "Hold a day for the public",
    "Mend the register",
    "Meet the partners of the province",
    "Equip the field office",
)


def furnish(
    session: Session, organization: Organization, year: int, *, programs: int, activities: int
) -> int:  # fmt: skip
    """Make the demo work plan of a fiscal year in the active demo plan, through the same rules as everybody's.

    Args:
        programs: of how many programs, those of the demo first.
        activities: of each program.

    Returns:
        how many activities were made; 0 when a demo work plan is there already, or nothing to build it on.
    """
    if session.scalar(select(AnnualWorkPlan.id).where(AnnualWorkPlan.is_demo).limit(1)) is not None:
        return 0
    cast, parent = cast_of(session, organization), _parent(session, year)
    served = _programs(session, programs)
    if cast is None or parent is None or not served or not activities:
        return 0
    title = f"{organization.code} Work and Financial Plan {year} (demo)"
    plan = actions.create_work_plan(
        session, cast.planner, parent, {"fiscal_year": year, "title": title, "narrative": NARRATIVE}
    )
    objectives = _annual_objectives(session, cast, plan)
    made = [
        _project(session, cast, plan, objectives[number % len(objectives)], program, activities)
        for number, program in enumerate(served)
    ]
    for objective in objectives[len(made) :]:  # each needs an activity (PL-11)
        made.append(_project(session, cast, plan, objective, served[0], 1))
    for verb, who in (("submit", cast.planner), ("approve", cast.approver), ("activate", cast.planner)):
        steps.take(session, who, plan, verb, note="Demo Order No. 2" if verb == "approve" else "")
    for of_one_program in made:
        _report(session, cast.planner, of_one_program)
    return sum(len(of_one_program) for of_one_program in made)


def _parent(session: Session, year: int) -> StrategicPlan | None:
    return session.scalar(
        select(StrategicPlan).where(
            StrategicPlan.is_demo, StrategicPlan.status == PlanStatus.ACTIVE,
            StrategicPlan.start_year <= year, StrategicPlan.end_year >= year,
        )
    )  # fmt: skip


def _programs(session: Session, count: int) -> list[Program]:
    query = select(Program).where(Program.level == ProgramLevel.PROGRAM)
    return list(session.scalars(query.order_by(Program.is_demo.desc(), Program.code).limit(count)))


def _annual_objectives(session: Session, cast: Cast, plan: AnnualWorkPlan) -> list[AnnualObjective]:
    """One for each objective of the strategic plan, up to three."""
    query = select(StrategicObjective).where(StrategicObjective.plan_id == plan.plan_id)
    return [
        actions.add_objective(
            session, cast.planner, plan,
            {
                "objective_id": objective.id, "statement": f"{objective.title}, in {plan.fiscal_year}",
                "owner_id": cast.owner_id, "q1": "Prepared", "q2": "Begun", "q3": "Half done", "q4": "Done",
            },
        )
        for objective in session.scalars(query.order_by(StrategicObjective.id).limit(3))
    ]  # fmt: skip


def _project(
    session: Session, cast: Cast, plan: AnnualWorkPlan, objective: AnnualObjective, program: Program, activities: int
) -> list[WorkItem]:
    """A project of one program that runs the whole year, and its activities of three months each."""
    year = plan.fiscal_year
    common = {
        "program_id": program.id, "officer_id": cast.owner_id, "unit_id": cast.unit_id, "tags": ["demo"],
    }  # fmt: skip
    project = items.add_item(
        session, cast.planner, plan, objective, None,
        {
            **common, "kind": ItemKind.PROJECT, "title": f"{program.title[:200]}, {year}",
            "starts_on": date(year, 1, 1), "ends_on": date(year, 12, 31), "planned_cost": COST * activities,
        },
    )  # fmt: skip
    made = []
    for number in range(activities):
        month, again = 1 + number * 10 // activities, number // len(DEEDS)  # January to October: the year is filled
        title = DEEDS[number % len(DEEDS)] + (f", round {again + 1}" if again else "")
        answers = {
            **common, "kind": ItemKind.ACTIVITY, "title": title, "starts_on": date(year, month, 5),
            "ends_on": date(year, month + 2, 25), "planned_cost": COST, "beneficiaries": 60, "female": 33, "male": 27,
        }  # fmt: skip
        made.append(items.add_item(session, cast.planner, plan, objective, project, answers))
    return made


def _report(session: Session, officer: Actor, activities: list[WorkItem]) -> None:
    """What has ended is completed, but for one in four; what runs has begun."""
    for number, activity in enumerate(activities):
        if activity.starts_on > clock.today():
            break
        is_over = activity.ends_on < clock.today()
        percent = Decimal(25) if not is_over else Decimal(60) if number % 4 == 1 else Decimal(100)
        progress.report(
            session, officer, activity, percent=percent, day=clock.today(), note="Invented report for training."
        )


def make_activities(session: Session, actor: Actor, organization: Organization, wanted: Wanted) -> int:
    """The demo work plan of the wanted year with so many activities of each demo program; a second run adds none."""
    return furnish(session, organization, wanted.year, programs=wanted.programs, activities=wanted.activities)


pilot_data.register("activities", make_activities)
