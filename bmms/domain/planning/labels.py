"""What the screens of planning call things (decision D50); codes stay in the database."""

from typing import Any

from bmms.models.indicators import Accumulation, Direction, Frequency, IndicatorLevel, Measure
from bmms.models.planning import Level, ObjectiveStatus, PlanStatus, Priority, Sector
from bmms.models.programs import ProgramLevel
from bmms.models.work import ItemKind, ItemStatus

PLAN_STATUS = {
    PlanStatus.DRAFT: ("Draft", ""),
    PlanStatus.SUBMITTED: ("Pending approval", "info"),
    PlanStatus.RETURNED: ("Returned", "warn"),
    PlanStatus.APPROVED: ("Approved", "ok"),
    PlanStatus.ACTIVE: ("Active", "ok"),
    PlanStatus.COMPLETED: ("Completed", "info"),
    PlanStatus.ARCHIVED: ("Archived", ""),
}
GIVEN_UP = ("Given up", "")  # archived, but never in force
OBJECTIVE_STATUS = {
    ObjectiveStatus.OPEN: ("Open", "info"),
    ObjectiveStatus.COMPLETED: ("Completed", "ok"),
    ObjectiveStatus.DEFERRED: ("Deferred", "warn"),
    ObjectiveStatus.CANCELLED: ("Cancelled", ""),
}
ITEM_STATUS = {
    ItemStatus.NOT_STARTED: ("Not started", ""),
    ItemStatus.IN_PROGRESS: ("In progress", "info"),
    ItemStatus.BLOCKED: ("Blocked", "bad"),
    ItemStatus.COMPLETED: ("Completed", "ok"),
    ItemStatus.DEFERRED: ("Deferred", "warn"),
    ItemStatus.CANCELLED: ("Cancelled", ""),
}
ITEM_KIND = {
    ItemKind.PROJECT: "Project",
    ItemKind.ACTIVITY: "Activity",
    ItemKind.TASK: "Task",
    ItemKind.MILESTONE: "Milestone",
}
PRIORITY = {
    Priority.CRITICAL: "Critical",
    Priority.HIGH: "High",
    Priority.MEDIUM: "Medium",
    Priority.LOW: "Low",
}
SECTOR = {
    Sector.ECONOMIC: "Economic",
    Sector.SOCIAL: "Social",
    Sector.INFRASTRUCTURE: "Infrastructure",
    Sector.ENVIRONMENT: "Environment",
    Sector.GOVERNANCE: "Governance",
    Sector.PEACE: "Peace",
}
PROGRAM_LEVEL = {
    ProgramLevel.OUTCOME: "Organizational outcome",
    ProgramLevel.PROGRAM: "Program",
    ProgramLevel.SUB_PROGRAM: "Sub-program",
}
RISK_LEVEL = {Level.LOW: "Low", Level.MEDIUM: "Medium", Level.HIGH: "High"}
INDICATOR_LEVEL = {level: level.value.capitalize() for level in IndicatorLevel}
MEASURE = {
    Measure.COUNT: "Count",
    Measure.AMOUNT: "Amount in pesos",
    Measure.PERCENTAGE: "Percentage",
    Measure.RATIO: "Ratio",
    Measure.SCORE: "Score",
    Measure.YES_NO: "Yes or no",
    Measure.MILESTONE: "Milestone in words",
}
DIRECTION = {
    Direction.INCREASE: "More is better",
    Direction.DECREASE: "Less is better",
    Direction.MAINTAIN: "Stay at the target",
    Direction.ACHIEVE: "Reached or not",
}
ACCUMULATION = {
    Accumulation.CUMULATIVE: "The last value counts (100, 250, 400)",
    Accumulation.ADDITIVE: "Periods are added up",
    Accumulation.SNAPSHOT: "The latest state counts",
    Accumulation.AVERAGE: "The mean of the periods",
}
FREQUENCY = {
    Frequency.MONTHLY: "Monthly",
    Frequency.QUARTERLY: "Quarterly",
    Frequency.SEMESTRAL: "Every half-year",
    Frequency.ANNUAL: "Yearly",
    Frequency.AT_COMPLETION: "Once, at completion",
}


def status_of(plan: Any) -> tuple[str, str]:
    """The status of a plan or work plan; a revision that was given up is not called like what was in force."""
    return GIVEN_UP if plan.is_given_up else PLAN_STATUS[plan.status]


def outcome_of(decision: Any) -> str:
    """To which status a step has led."""
    return (GIVEN_UP if decision.verb == "drop" else PLAN_STATUS[decision.after])[0]
