"""The questions about budget calls and the budget calendar."""

from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from bmms.domain.calls.labels import AUDIENCE
from bmms.models.budgets import Audience
from bmms.web.fields import YEAR, DayField, PesosField, UploadField, WordField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm


class CallForm(KeptForm):
    """The call of a fiscal year, as the memorandum of MFBM says it."""

    fiscal_year = IntegerField("Fiscal year", YEAR)
    title = StringField("Title", [InputRequired("Give the call a title."), Length(max=200)])
    reference = StringField(
        "Number of the memorandum", [InputRequired("Type the number of the memorandum."), Length(max=100)]
    )
    issued_on = DayField("Date of the memorandum", [InputRequired("Give the date of the memorandum.")])
    opens_on = DayField("Opens", [InputRequired("Give the first day for proposals.")])
    due_on = DayField(
        "Closes", [InputRequired("Give the last day for proposals.")],
        description="As the call says. On a day without offices it moves to the next working day.",
    )  # fmt: skip
    ceiling = PesosField("Ceiling in pesos", [InputRequired("Type the ceiling.")])
    ceiling_ps = PesosField("of which PS")
    ceiling_mooe = PesosField("of which MOOE")
    ceiling_finex = PesosField("of which FinEx")
    ceiling_co = PesosField("of which CO")
    above_ceiling = BooleanField("Lines above the ceiling may be proposed, marked as such")
    wanted = TextAreaField(
        "What else is asked for", [Length(max=4000)], render_kw={"rows": 3},
        description="One thing a line; each becomes an item of the compliance checklist.",
    )  # fmt: skip
    file = UploadField(
        "The memorandum", description="PDF or picture, at most 10 MB. A new file takes the place of the old one."
    )

    def answers(self) -> dict[str, Any]:
        """What the call says; the file goes its own way."""
        return {name: value for name, value in super().answers().items() if name != "file"}


class ExtensionForm(Form):
    """A later deadline."""

    extended_to = DayField("New last day", [InputRequired("Give the new last day.")])
    reference = StringField(
        "Number of the instrument", [InputRequired("Type the number of the instrument."), Length(max=100)]
    )
    file = UploadField("The instrument", [FileRequired("Choose the file.")], description="PDF or picture.")


class ItemForm(KeptForm):
    """One date of the budget calendar."""

    fiscal_year = IntegerField("Fiscal year", YEAR)
    name = StringField("What", [InputRequired("Say what is due."), Length(max=200)])
    starts_on = DayField("From", [Optional()])
    due_on = DayField("Due", [InputRequired("Give the day on which it is due.")])
    audience = WordField("Whom it concerns", AUDIENCE, Audience)
    source = StringField("Where it is written", [Length(max=300)])
