"""The questions about months that close, and about where series of numbers go on."""

from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from bmms.domain.workflow import LEAST_REMARK
from bmms.web.forms import Form


class CloseForm(Form):
    """The closing of a month, asked for."""

    sure = BooleanField(
        "All documents of this month are in the ledger", [InputRequired("Tick that you have looked at it.")]
    )


class PeriodForm(Form):
    """A closing or reopening, confirmed."""

    sure = BooleanField("I have looked at the month", [InputRequired("Tick that you have looked at it.")])


class ReopenForm(Form):
    """Why a month is to be opened again."""

    note = TextAreaField(
        "Reason", [InputRequired("Say why."), Length(max=2000)], render_kw={"rows": 4},
        description=f"At least {LEAST_REMARK} characters. It stands in the record.",
    )  # fmt: skip


class SeriesForm(Form):
    """Where the paper log stopped."""

    series = SelectField("Series", [InputRequired("Choose the series.")])
    last = IntegerField(
        "Last number on paper", [InputRequired("Type the number."), NumberRange(0, 999_999, "Type 0 to 999,999.")],
        description="The running number alone, such as 31 for 01-2026-03-0031. The next document takes the one after.",
    )  # fmt: skip
