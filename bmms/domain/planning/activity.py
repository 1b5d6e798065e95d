"""What happened to a strategic plan: its steps, and every change of it and of its parts, in words."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select

from bmms.domain import activity
from bmms.domain.actors import Actor
from bmms.domain.planning.labels import ITEM_STATUS, PLAN_STATUS
from bmms.domain.planning.steps import PLAN_STEPS
from bmms.models.audit import AuditEvent
from bmms.models.indicators import Indicator
from bmms.models.planning import ObjectiveRisk, PlanDecision, StrategicGoal, StrategicObjective, StrategicPlan

TABLE = StrategicPlan.__tablename__
HANGING_WORDS = {
    "comments:create": "wrote a comment",
    "comments:change": "corrected a comment",
    "comments:delete": "withdrew a comment",
    "attachments:create": "added a file",
    "attachments:delete": "removed a file",
}
ACT_WORDS = HANGING_WORDS | {
    "strategic_plans:create": "began the plan",
    "strategic_plans:change": "changed the basic information",
    "strategic_plans:open_revision": "opened this revision",
    "strategic_plans:supersede": "put the revision in its place",
    "strategic_plans:submit": "submitted the plan",
    "strategic_plans:withdraw": "withdrew the plan",
    "strategic_plans:approve": "approved the plan",
    "strategic_plans:return": "returned the plan for changes",
    "strategic_plans:activate": "activated the plan",
    "strategic_plans:complete": "completed the plan",
    "strategic_plans:drop": "gave up this revision",
    "strategic_plans:archive": "put the plan into the archive",
    "strategic_goals:create": "added a goal",
    "strategic_goals:change": "changed a goal",
    "strategic_goals:delete": "removed a goal",
    "strategic_goals:move": "moved a goal",
    "strategic_objectives:create": "added an objective",
    "strategic_objectives:change": "changed an objective",
    "strategic_objectives:delete": "removed an objective",
    "strategic_objectives:move": "moved an objective",
    "strategic_objectives:close": "closed an objective",
    "indicators:create": "added a KPI",
    "indicators:change": "changed a KPI",
    "indicators:delete": "removed a KPI",
    "objective_risks:create": "noted a risk",
    "objective_risks:change": "changed a risk",
    "objective_risks:delete": "struck a risk",
}
NOT_SHOWN = {"file", "sha256"}
LONGEST = 200  # characters of an answer in the list
STATUS_WORDS = {status.value: label for status, (label, _) in (ITEM_STATUS | PLAN_STATUS).items()}


def of_plan(actor: Actor, plan: StrategicPlan) -> Select:  # type: ignore[type-arg]
    """The rows of the list (`activity.COLUMNS`). Parts that were removed are there by their removal."""
    steps = [f"{TABLE}:{verb}" for verb in PLAN_STEPS]
    objectives = select(StrategicObjective.id).where(StrategicObjective.plan_id == plan.id)
    goals = select(StrategicGoal.id).where(StrategicGoal.plan_id == plan.id)
    return activity.merged(
        activity.decisions(PlanDecision, TABLE, PlanDecision.plan_id == plan.id),
        activity.events(actor, TABLE, plan.id).where(AuditEvent.action.not_in(steps)),
        activity.events(actor, StrategicGoal.__tablename__, goals),
        activity.events(actor, StrategicObjective.__tablename__, objectives),
        activity.events(
            actor, Indicator.__tablename__, select(Indicator.id).where(Indicator.objective_id.in_(objectives))
        ),
        activity.events(
            actor, ObjectiveRisk.__tablename__,
            select(ObjectiveRisk.id).where(ObjectiveRisk.objective_id.in_(objectives)),
        ),
    )  # fmt: skip


def in_words(action: str, changes: dict[str, list[Any]]) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of an act, with statuses as the screens call them, and days; long texts are cut.

    What was made new has no before, and the note of a file says its name already.
    """
    if action.endswith(":create"):
        return []
    return [
        (name.replace("_id", "").replace("_", " "), _word(name, before), _word(name, after))
        for name, (before, after) in changes.items()
        if name not in NOT_SHOWN
    ]


def _word(name: str, value: Any) -> Any:
    if name == "status":
        return STATUS_WORDS.get(value, value)
    if name.endswith("_on") and isinstance(value, str):
        return date.fromisoformat(value)
    text = value if value is None else str(value)
    return text if text is None or len(text) <= LONGEST else f"{text[:LONGEST]} …"
