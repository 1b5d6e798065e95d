"""A strategic plan as a planning officer would fill it in, for the tests of planning and of what hangs on it."""

import threading
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bmms.domain import access
from bmms.domain.actors import Actor, Origin
from bmms.domain.planning import actions, kpis, steps
from bmms.models.accounts import User
from bmms.models.base import Base
from bmms.models.indicators import Accumulation, Direction, Frequency, Measure
from bmms.models.lists import Theme, UnitOfMeasure
from bmms.models.organizations import Organization, Unit
from bmms.models.planning import StrategicPlan
from bmms.tenancy import bind_person, bind_scope
from tests.cast import Cast
from tests.client import Reader

Row = TypeVar("Row", bound=Base)
NARRATIVE = "How the ministry will serve people better, closer to their homes and sooner than before. " * 3


def make_lists(engine: Engine) -> tuple[int, int]:
    """One theme and one unit of measure; returns their ids."""
    with Session(engine) as session:
        theme = Theme(code="T1", title="Human Development", ordinal=1)
        hours = UnitOfMeasure(name="hours")
        session.add_all([theme, hours])
        session.commit()
        return theme.id, hours.id


def basics(theme_id: int, **other: object) -> dict[str, object]:
    """Step 1."""
    return {
        "title": "MOH Strategic Plan FY 2026", "start_year": 2026, "end_year": 2028, "narrative": NARRATIVE,
        "themes": theme_id, **other,
    }  # fmt: skip


def fill_plan(planner: Reader, theme_id: int, hours_id: int, unit_id: int, owner_id: int, org: str = "MOH") -> int:
    """Through the wizard: three goals, two objectives each, one KPI each, all with duties. Returns the plan's id."""

    def post(view: str, **data: object) -> str:
        values = {name: data.pop(name) for name in list(data) if name.endswith("_id_") or name == "plan_id_"}
        values = {name.rstrip("_"): value for name, value in values.items()}
        answer = planner.post(f"planning.{view}", data, org=org, **values)
        assert answer.status_code == 303, f"{view}: {answer.status} {answer.get_data(as_text=True)[:3000]}"
        return answer.headers["Location"]

    plan_id = int(post("plan_new", **basics(theme_id)).split("/")[5])
    objectives = []
    for goal in ("Enhance Service Delivery Quality", "Reach every barangay", "Decide by records"):
        post("goal_new", plan_id_=plan_id, title=goal, statement="What we mean.", priority="high", theme_id=theme_id)
    page = planner.get("planning.plan_goals", org=org, plan_id=plan_id)
    goals = [int(link["href"].rsplit("/", 1)[1]) for link in page.select("tbody th a")]
    for goal_id in goals:
        for number in (1, 2):
            place = post(
                "objective_new", plan_id_=plan_id, goal_id_=goal_id, title=f"Improve response time {goal_id}.{number}",
                priority="medium", target_on="2026-12-31",
            )  # fmt: skip
            objective_id = int(place.split("/")[-3])
            objectives.append(objective_id)
            post(
                "kpi_new", plan_id_=plan_id, objective_id_=objective_id, name="Average response time",
                measure="count", unit_of_measure_id=hours_id, direction="decrease", baseline="48",
                baseline_year="2025", end_target="24", frequency="monthly", accumulation="snapshot",
                source="Help desk log", owner_id=owner_id,
            )  # fmt: skip
    duties: dict[str, object] = {}
    for key in objectives:
        duties |= {
            f"o{key}_unit_id": unit_id, f"o{key}_owner_id": owner_id, f"o{key}_starts_on": "2026-01-01",
            f"o{key}_target_on": "2026-12-31",
        }  # fmt: skip
    post("plan_responsibilities", plan_id_=plan_id, **duties)
    return plan_id


@dataclass
class Desk:
    """A session in which somebody of the cast works in an organization, and the actor whom the guard would make."""

    session: Session
    actor: Actor


def desk_of(engine: Engine, app: Flask, cast: Cast, username: str, organization: Organization | None = None) -> Desk:
    """Sit down as this person; commit and close the session yourself."""
    organization = organization or cast.moh
    user: User = getattr(cast, username)
    session = Session(engine, info={"installation": app.extensions["installation"]})
    bind_person(session, user.id)
    bind_scope(session, organization.id)
    entered = access.enter(session, user, organization.code, Origin())
    assert entered is not None
    return Desk(session, access.actor_here(session, user, entered, Origin()))


def looked_up(session: Session, model: type[Row], key: int) -> Row:
    """A row as it is after a commit: nothing of it is known yet."""
    row = session.get_one(model, key)
    session.commit()
    return row


def make_plan(desk: Desk, theme_id: int, hours_id: int, owner_id: int, **other: Any) -> StrategicPlan:
    """A complete draft, through the domain: three goals, two objectives each, one KPI each. Not committed."""
    session, actor = desk.session, desk.actor
    unit = session.query(Unit).first() or Unit(name="Planning Division")
    session.add(unit)
    session.flush()
    answers = {
        "title": "MOH Strategic Plan FY 2026", "start_year": 2026, "end_year": 2028, "narrative": NARRATIVE,
        "themes": [theme_id], **other,
    }  # fmt: skip
    plan = actions.create_plan(session, actor, answers)
    for title in ("Enhance Service Delivery Quality", "Reach every barangay", "Decide by records"):
        goal = actions.add_goal(session, actor, plan, {"title": title, "theme_id": theme_id})
        for number in (1, 2):
            objective = actions.add_objective(
                session, actor, plan, goal,
                {
                    "title": f"{title}, part {number}", "unit_id": unit.id, "owner_id": owner_id,
                    "starts_on": date(plan.start_year, 1, 1), "target_on": date(plan.start_year, 12, 31),
                },
            )  # fmt: skip
            kpis.add_kpi(session, actor, plan, objective, kpi_answers(hours_id, owner_id), {})
    return plan


def kpi_answers(hours_id: int, owner_id: int, **other: Any) -> dict[str, Any]:
    """A KPI that lacks nothing."""
    return {
        "name": "Average response time", "measure": Measure.COUNT, "unit_of_measure_id": hours_id,
        "direction": Direction.DECREASE, "accumulation": Accumulation.SNAPSHOT, "frequency": Frequency.MONTHLY,
        "baseline": Decimal(48), "baseline_year": 2025, "end_target": Decimal(24), "source": "Help desk log",
        "owner_id": owner_id, **other,
    }  # fmt: skip


def bring_to(plan: StrategicPlan, planner: Desk, approver: Desk, *verbs: str) -> None:
    """Take steps with a plan, each as the person whose step it is; the sessions are committed after each."""
    planner.session.commit()
    for verb in verbs:
        desk = approver if verb in ("approve", "return", "complete") else planner
        theirs = desk.session.get_one(StrategicPlan, plan.id)
        steps.take(desk.session, desk.actor, theirs, verb, note="Twenty characters and more.")
        desk.session.commit()


def until_somebody_waits(engine: Engine) -> None:
    """Until a connection to this database waits for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    pause = threading.Event()
    for _ in range(2400):
        with engine.connect() as connection:
            if connection.scalar(waiting):
                return
        pause.wait(0.05)
    raise AssertionError("nobody waits")
