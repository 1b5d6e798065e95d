"""What the five steps of the plan wizard share: the way through it, and whom and what its forms can name."""

from dataclasses import dataclass

from flask import g, url_for

from bmms.domain.members import Member, working_members
from bmms.domain.planning import checks, queries
from bmms.domain.planning.subjects import PLAN
from bmms.domain.subjects import WHOLE
from bmms.domain.units.queries import list_units
from bmms.extensions import db
from bmms.models.planning import StrategicPlan

STEPS = ("Basic information", "Goals", "Objectives and KPIs", "Responsibilities and timeline", "Review")
PAGES = ("plan_basics", "plan_goals", "plan_objectives", "plan_responsibilities", "plan_review")


@dataclass(frozen=True)
class Wizard:
    """Where somebody is on the way: the current step from 1 to 5, and how many steps are complete."""

    current: int
    complete: int
    links: list[tuple[str, str]]  # (label, address); no address before the plan exists
    comments: str = ""  # the thread of the current step


def wizard(plan: StrategicPlan | None, current: int) -> Wizard:
    """The way through the plan."""
    if plan is None:
        return Wizard(current, 0, [(step, "") for step in STEPS])
    links = [(step, url_for(f"planning.{view}", plan_id=plan.id)) for step, view in zip(STEPS, PAGES, strict=True)]
    section = (*PLAN.sections, WHOLE)[current - 1]
    comments = url_for("planning.discussion_show", kind=PLAN.word, subject_id=plan.id, section=section)
    return Wizard(current, checks.steps_done(db.session(), plan), links, comments)


def plan_of(plan_id: int) -> StrategicPlan:
    """The plan of the address. Raises NotFound."""
    return queries.get_plan(db.session(), g.actor, plan_id)


def members() -> dict[int, Member]:
    """Who works here, to be chosen."""
    return working_members(db.session())


def units() -> list[tuple[int, str]]:
    """The open units, to be chosen."""
    return [(unit.id, unit.name) for unit in db.session().scalars(list_units()) if unit.is_active]
