"""The questions about roles and grants in one organization."""

from typing import Any

from wtforms import BooleanField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from bmms.domain.permissions import ROLES
from bmms.web.fields import DayField
from bmms.web.forms import Form
from bmms.web.people_forms import NOBODY, SUCCESSOR, LeavingForm, note, role_choices


class RightDaysForm(Form):
    """From when to when a right holds, and why."""

    starts_on = DayField("First day", [Optional()], description="Empty: from now on.")
    ends_on = DayField("Last day", [Optional()], description="Empty: until somebody takes it away.")
    reason = note("Reason", description="For example the number of the special order.")

    def days(self) -> dict[str, Any]:
        """The answers, under the names that the rules use."""
        return {name: self[name].data for name in ("starts_on", "ends_on")} | {"reason": self.reason.data or ""}


class RightForm(RightDaysForm):
    """Which role or grant, besides."""

    role = SelectField("Role or grant", [InputRequired("Choose a role or grant.")], choices=[])
    replace = BooleanField("It takes the place of the roles held so far")


class TakeForm(LeavingForm):
    """What becomes of drafts and pending work when a right is taken; no reason needed."""

    reason = None
    hand_over = RadioField(
        "Drafts and pending work",
        choices=[
            SelectChoice("stays", "Stays with the person"),
            SelectChoice(NOBODY, "Leave it unassigned"),
            SelectChoice(SUCCESSOR, "Hand it over to"),
        ],
        default="stays",
    )


class ResumeForm(Form):
    """The role of somebody who comes back, and why."""

    role = RadioField("Role", [InputRequired("Choose a role.")], choices=role_choices(ROLES))
    reason = note("Reason")
