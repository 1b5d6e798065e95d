"""An invented work plan for training: in force, with several officers, and reports up to today (decision D19)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bmms.domain import clock
from bmms.domain.actors import Actor
from bmms.domain.people import pilot_data
from bmms.domain.people.pilot_data import Wanted
from bmms.domain.planning.demo import NARRATIVE, Cast, cast_of, somebody
from bmms.domain.workplans import actions, items, itemsteps, progress, rollup, steps
from bmms.domain.workplans.places import Gazetteer
from bmms.models.organizations import Organization
from bmms.models.planning import PlanStatus, StrategicObjective, StrategicPlan
from bmms.models.programs import Program, ProgramLevel
from bmms.models.work import AnnualObjective, AnnualWorkPlan, ItemKind, WorkItem

COST = Decimal(100_000)  # pesos, of one activity
OFFICERS = ("pilot_planner", "pilot_coordinator", "pilot_me_officer", "pilot_budget_officer")
WITH_TASKS = 2  # so many activities of each project have tasks below them
DEEDS: tuple[tuple[str, tuple[str, str]], ...] = (
    ("Train the local staff", ("Invite the participants", "Hold the training")),
    ("Visit the island municipalities", ("Arrange boats and escorts", "Hold the visits")),
    ("Print and hand out the guide", ("Write and print it", "Hand it out")),
    ("Hold a day for the public", ("Prepare the place", "Hold the day")),
    ("Mend the register", ("Find the gaps", "Fill the gaps")),
    ("Meet the partners of the province", ("Agree on the date", "Hold the meeting")),
    ("Equip the field office", ("Buy the equipment", "Set it up")),
)
LATE_START = "The supplier has not delivered yet; a second one is asked (invented)."
NO_ROOM = "There is no room for it this year; it waits for the next one (invented)."
PARTS = (Decimal(1), Decimal("0.8"), Decimal("0.5"))  # of what is expected: on track, at risk, behind
NINE = time(9, tzinfo=clock.MANILA)


@dataclass(frozen=True)
class Crew:
    """Who works in the plan: officers with their memberships, and where."""

    cast: Cast
    officers: list[tuple[Actor, int]]
    places: list[str]

    def officer(self, number: int) -> int:
        """The membership of the officer whose turn it is."""
        return self.officers[number % len(self.officers)][1]

    def actor_of(self, membership_id: int | None) -> Actor:
        """The officer with this membership."""
        return next(actor for actor, key in self.officers if key == membership_id)

    def team(self, number: int) -> list[int]:
        """Two others."""
        return sorted({self.officer(number + 1), self.officer(number + 2)} - {self.officer(number)})

    def place(self, number: int) -> str:
        """A town, as a planner would type it; nothing where no places are loaded."""
        return self.places[number * 7 % len(self.places)] if self.places else ""


@dataclass(frozen=True)
class Built:
    """One project with what lies under it: activities in their order, each with its tasks; milestones."""

    activities: list[WorkItem]
    tasks: dict[int, list[WorkItem]]  # id of the activity to its tasks
    milestones: list[WorkItem]


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
    crew = _crew(session, organization, cast)
    title = f"{organization.code} Work and Financial Plan {year} (demo)"
    plan = actions.create_work_plan(
        session, cast.planner, parent, {"fiscal_year": year, "title": title, "narrative": NARRATIVE}
    )
    objectives = _annual_objectives(session, crew, plan)
    built = [
        _project(session, crew, plan, objectives[number % len(objectives)], program, activities, number)
        for number, program in enumerate(served)
    ]
    for number, objective in enumerate(objectives[len(built) :], len(built)):  # each needs an activity (PL-11)
        built.append(_project(session, crew, plan, objective, served[0], 1, number))
    for verb, who in (("submit", cast.planner), ("approve", cast.approver), ("activate", cast.planner)):
        steps.take(session, who, plan, verb, note="Demo Order No. 2" if verb == "approve" else "")
    with rollup.all_at_once(session):
        for number, project in enumerate(built):
            _live(session, crew, project, number)
    return sum(len(project.activities) for project in built)


def _crew(session: Session, organization: Organization, cast: Cast) -> Crew:
    found = [(cast.planner, cast.owner_id), *(somebody(session, organization, role) for role in OFFICERS[1:])]
    towns = [name for name in Gazetteer(session).names.values() if "," in name]
    return Crew(cast, [one for one in found if one is not None], towns)


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


def _annual_objectives(session: Session, crew: Crew, plan: AnnualWorkPlan) -> list[AnnualObjective]:
    """One for each objective of the strategic plan, up to three."""
    query = select(StrategicObjective).where(StrategicObjective.plan_id == plan.plan_id)
    return [
        actions.add_objective(
            session, crew.cast.planner, plan,
            {
                "objective_id": objective.id, "statement": f"{objective.title}, in {plan.fiscal_year}",
                "owner_id": crew.officer(number), "q1": "Prepared", "q2": "Begun", "q3": "Half done", "q4": "Done",
            },
        )
        for number, objective in enumerate(session.scalars(query.order_by(StrategicObjective.id).limit(3)))
    ]  # fmt: skip


# What is planned.


def _project(
    session: Session, crew: Crew, plan: AnnualWorkPlan, objective: AnnualObjective, program: Program, count: int,
    turn: int,
) -> Built:  # fmt: skip
    """A project of one program that runs the whole year: activities of three months each, tasks, two milestones."""
    year = plan.fiscal_year
    common = {"program_id": program.id, "unit_id": crew.cast.unit_id}

    def add(parent: WorkItem | None, kind: ItemKind, title: str, first: date, last: date, **more: Any) -> WorkItem:
        answers = {**common, "kind": kind, "title": title, "starts_on": first, "ends_on": last, **more}
        return items.add_item(session, crew.cast.planner, plan, objective, parent, answers)

    project = add(
        None, ItemKind.PROJECT, f"{program.title[:200]}, {year}", date(year, 1, 1), date(year, 12, 31),
        planned_cost=COST * count, officer_id=crew.cast.owner_id,
    )  # fmt: skip
    made: list[WorkItem] = []
    tasks: dict[int, list[WorkItem]] = {}
    for number in range(count):
        month, again = 1 + number * 10 // count, number // len(DEEDS)  # January to October: the year is filled
        deed, parts = DEEDS[(number + 2 * turn) % len(DEEDS)]
        first, last = date(year, month, 5 + turn % 3), date(year, month + 2 - (number + turn) % 2, 25)
        activity = add(
            project, ItemKind.ACTIVITY, deed + (f", round {again + 1}" if again else ""), first, last,
            planned_cost=COST, beneficiaries=60, female=33, male=27, officer_id=crew.officer(turn + number),
            **_around(crew, made, first, turn, number),
        )  # fmt: skip
        made.append(activity)
        if number < WITH_TASKS:
            middle = first + (last - first) / 2
            tasks[activity.id] = [
                add(activity, ItemKind.TASK, part, start, end, officer_id=crew.officer(turn + number + place))
                for place, (part, start, end) in enumerate(zip(parts, (first, middle), (middle, last), strict=True))
            ]
    milestones = [
        add(project, ItemKind.MILESTONE, title, day, day, officer_id=crew.officer(turn))
        for title, day in (("The first half is reported", date(year, 7, 10)), ("All is settled", date(year, 12, 10)))
    ]
    return Built(made, tasks, milestones)


def _around(crew: Crew, before: list[WorkItem], first: date, turn: int, number: int) -> dict[str, Any]:
    """A team for every second activity, towns for two in three, and what must be finished first, if anything can be."""
    found: dict[str, Any] = {}
    if number % 2 == 0:
        found["people"] = crew.team(turn + number)
    if number % 3 and crew.places:
        found["places"] = "\n".join(sorted({crew.place(turn + number + more) for more in range(number % 3)}))
    ended = [one for place, one in enumerate(before) if one.ends_on < first and not _stays_late(turn, place)]
    if ended:
        found["predecessors"] = ended[-1].code
    return found


def _stays_late(turn: int, number: int) -> bool:
    """One activity in four is overdue; where it has tasks, it waits for the last one."""
    return (turn + number) % 4 == 1


# What has happened since.


def _live(session: Session, crew: Crew, project: Built, turn: int) -> None:
    """Reports of the officers up to today; of the first projects one activity is blocked, and one is deferred."""
    for number, activity in enumerate(project.activities):
        tasks = project.tasks.get(activity.id, [])
        for place, leaf in enumerate(tasks or [activity]):
            late = _stays_late(turn, number) and leaf is (tasks or [activity])[-1]
            _report(session, crew, leaf, turn + number + place, late=late)
        over = activity.ends_on < clock.today()
        if tasks and over and not _stays_late(turn, number):
            with clock.stopped_at(_moment(activity.ends_on)):
                itemsteps.take(session, crew.actor_of(activity.officer_id), activity, "complete", note="All is done.")
    for milestone in project.milestones:
        if milestone.ends_on <= clock.today():
            _say(session, crew, milestone, milestone.ends_on, Decimal(100))
    started = [one for one in project.activities if one.id not in project.tasks and 0 < one.progress < 100]
    later = [one for one in (*project.activities, *project.milestones) if one.starts_on > clock.today()]
    waiting = [one for one in later if one.id not in project.tasks]
    if turn == 1 and started:
        itemsteps.take(session, crew.actor_of(started[-1].officer_id), started[-1], "block", note=LATE_START)
    if turn == 2 and waiting:
        itemsteps.take(session, crew.cast.planner, waiting[-1], "defer", note=NO_ROOM)


def _report(session: Session, crew: Crew, leaf: WorkItem, number: int, *, late: bool) -> None:
    """What its officer has said: begun; then done, or late, or under way, not always as far as it should be."""
    today = clock.today()
    if leaf.starts_on > today:
        return
    if leaf.ends_on >= today:
        day = max(leaf.starts_on, today - timedelta(days=number * 3 % 10))
        expected = Decimal((day - leaf.starts_on).days * 100 // ((leaf.ends_on - leaf.starts_on).days + 1))
        percent = max((expected * PARTS[number % len(PARTS)]).quantize(Decimal(1)), Decimal(5))
    elif late:
        day, percent = leaf.ends_on - timedelta(days=number % 9), Decimal(40 + 10 * (number % 5))
    else:
        day, percent = leaf.ends_on - timedelta(days=number % 4), Decimal(100)
    begun = min(leaf.starts_on + timedelta(days=number % 5), day)
    if begun < day:
        _say(session, crew, leaf, begun, Decimal(5))
    _say(session, crew, leaf, day, percent)


def _say(session: Session, crew: Crew, leaf: WorkItem, day: date, percent: Decimal) -> None:
    note = "Done as planned (invented)." if percent == 100 else "It goes on; see the list of attendance (invented)."
    with clock.stopped_at(_moment(day)):
        progress.report(session, crew.actor_of(leaf.officer_id), leaf, percent=percent, day=day, note=note)


def _moment(day: date) -> datetime:
    """Nine in the morning of that day; not later than now."""
    return min(datetime.combine(day, NINE), clock.now())


def make_activities(session: Session, actor: Actor, organization: Organization, wanted: Wanted) -> int:
    """The demo work plan of the wanted year with so many activities of each demo program; a second run adds none."""
    return furnish(session, organization, wanted.year, programs=wanted.programs, activities=wanted.activities)


pilot_data.register("activities", make_activities)
