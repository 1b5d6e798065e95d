"""Words of the screen for calls and the budget calendar."""

from bmms.models.budgets import Audience, CallStatus

CALL_STATUS = {
    CallStatus.PLANNED: ("Planned", "info"),
    CallStatus.OPEN: ("Open", "ok"),
    CallStatus.CLOSED: ("Closed", ""),
}  # words and tone
AUDIENCE = {
    Audience.BUDGET: "Budget officers",
    Audience.REVIEW: "Those who review budgets",
    Audience.PLANNING: "Planning officers",
    Audience.EVERYBODY: "Everybody",
}
