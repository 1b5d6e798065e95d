"""The questions about reports that are due: what was submitted, and whose matter one is."""

from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from bmms.domain.permissions import GRANTS, ROLES, RULES
from bmms.web.fields import DayField, UploadField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm
from bmms.web.member_fields import MemberField


class SubmissionForm(KeptForm):
    """A report as it was submitted."""

    submitted_on = DayField(
        "Submitted on", [InputRequired("Give the day.")], description="When it reached whom it is for."
    )
    note = TextAreaField("Note", [Length(max=2000)], render_kw={"rows": 3})
    file = UploadField(
        "The report", [FileRequired("Choose the file.")],
        description="As it was submitted: PDF, workbook or picture, at most 10 MB.",
    )  # fmt: skip

    def columns(self) -> dict[str, Any]:
        """The answers, with the file as rules take it."""
        return {"submitted_on": self.submitted_on.data, "note": self.note.data or "", "file": self.file.upload}


class OwnerForm(Form):
    """Whose matter a report is."""

    owner_id = MemberField("A person", description="Who is reminded of it.")
    owner_role = SelectField(
        "Or whoever has this role or duty", [InputRequired("Choose a role.")],
        choices=[SelectChoice(code, RULES[code].label) for code in (*ROLES, *GRANTS)],
        description="Reminded where no person is named.",
    )  # fmt: skip
    also_later = BooleanField("The later reports of this kind in the year, too")
