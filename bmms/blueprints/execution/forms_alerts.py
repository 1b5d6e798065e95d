"""The questions about alerts: what is done about one, and from when on one wants to be alerted."""

from typing import Any

from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length

from bmms.domain.alerts.limits import LIMITS
from bmms.web.fields import FigureField
from bmms.web.forms import VersionedForm


class AcknowledgeForm(VersionedForm):
    """What is done about an alert."""

    note = TextAreaField(
        "What is done about it", [InputRequired("Say what is done about it."), Length(max=2000)],
        render_kw={"rows": 4},
        description="It stands beside the alert with your name. The alert stays open until its cause ends.",
    )  # fmt: skip


class LimitsForm(VersionedForm):
    """The figures of all kinds of alerts."""


def _field(name: str) -> Any:
    limit = LIMITS[name]
    label, needed = f"{limit.label} ({limit.unit})", [InputRequired("Type a figure.")]
    return IntegerField(label, needed) if limit.is_whole else FigureField(label, needed)


for _name in LIMITS:
    setattr(LimitsForm, _name, _field(_name))
