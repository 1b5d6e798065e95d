"""The questions about an opening position, and the workbook that comes back."""

from typing import Any

from flask_wtf.file import FileRequired
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length

from bmms.blueprints.execution.forms_authority import INSTRUMENT
from bmms.web.fields import YEAR, DayField, PesosField, UploadField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm


class OpeningForm(KeptForm):
    """Up to which day, and what the last signed statement says."""

    fiscal_year = IntegerField("Fiscal year", YEAR)
    reference = StringField(
        "The statement", [InputRequired("Name the statement."), Length(max=100)],
        description="As it is called, such as FAR No. 1 as of 30 June 2026.",
    )  # fmt: skip
    cut_over = DayField(
        "Cut-over", [InputRequired("Give the day.")],
        description="The last day on paper. What is dated later is entered in BMMS, document by document.",
    )  # fmt: skip
    stated_allotted = PesosField("Allotments that it states", [InputRequired("Type the total.")])
    stated_obligated = PesosField("Obligations that it states", [InputRequired("Type the total, 0 for none.")])
    stated_disbursed = PesosField("Payments that it states", [InputRequired("Type the total, 0 for none.")])
    file = UploadField("The signed statement", description=INSTRUMENT)

    def columns(self) -> dict[str, Any]:
        """The answers without the file."""
        return {name: value for name, value in self.answers().items() if name != "file"}


class OpeningSheetForm(Form):
    """The workbook, filled in."""

    file = UploadField("File", [FileRequired("Choose the file.")], description="Excel workbook (.xlsx), at most 5 MB.")
