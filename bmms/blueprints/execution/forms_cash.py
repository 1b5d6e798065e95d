"""The questions about cash authorities and the control of cash."""

from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from bmms.blueprints.execution.forms_authority import INSTRUMENT
from bmms.domain.ledger.labels import CLUSTERS
from bmms.domain.workflow import LEAST_REMARK
from bmms.web.fields import DayField, PesosField, UploadField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm


class CashForm(KeptForm):
    """A cash authority, as its instrument says."""

    number = StringField("Number of the authority", [InputRequired("Type the number."), Length(max=60)])
    fund_cluster = SelectField(
        "Fund cluster", [InputRequired("Choose the fund cluster.")],
        choices=[SelectChoice(key, name) for key, name in CLUSTERS.items()],
    )  # fmt: skip
    received_on = DayField(
        "May be paid out from", [InputRequired("Give the day.")], description="The first day on which it can be used."
    )
    amount = PesosField("Amount", [InputRequired("Type the amount.")])
    is_demo = BooleanField("For training: it covers demonstration payments only")
    file = UploadField("The instrument", [FileRequired("Choose the file.")], description=INSTRUMENT)

    def columns(self) -> dict[str, Any]:
        """The answers, with the file as rules take it."""
        return {**self.answers(), "file": self.file.upload, "is_demo": bool(self.is_demo and self.is_demo.data)}


class PlainCashForm(CashForm):
    """The same where there is no demonstration data."""

    is_demo = None  # type: ignore[assignment]


class CashConfirmForm(Form):
    """A confirmation that is ticked."""

    sure = BooleanField("I have compared it with the instrument", [InputRequired("Tick that you have compared it.")])


class ControlForm(Form):
    """The control of a fund cluster: from when on, and why."""

    since = DayField("Payments keep within the cash from", [Optional()])
    note = TextAreaField(
        "Reason", [InputRequired("Say why."), Length(max=2000)], render_kw={"rows": 4},
        description=f"At least {LEAST_REMARK} characters. It stands in the record.",
    )  # fmt: skip
