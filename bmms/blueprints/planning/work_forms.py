"""The questions about work plans, annual objectives and work items; the progress form is made for a phone."""

from decimal import Decimal
from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from bmms.domain.planning import labels
from bmms.models.planning import Priority
from bmms.models.work import ItemKind
from bmms.web.fields import ChoicesField, DayField, FigureField, PesosField, PickField, UploadField, as_word, words_of
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm
from bmms.web.member_fields import MemberField, MembersField
from bmms.web.step_pages import NoteForm


class WorkPlanForm(KeptForm):
    """Which year, and what it is about."""

    plan_id = PickField("Strategic plan", [InputRequired("Choose the strategic plan.")])
    fiscal_year = IntegerField("Fiscal year", [InputRequired("Type the year."), NumberRange(2020, 2100)])
    title = StringField("Title", [InputRequired("Give the work plan a title."), Length(max=200)])
    narrative = TextAreaField("Description", [Length(max=20_000)], render_kw={"rows": 5})
    copy_last = BooleanField(
        "Copy objectives and items of last year's work plan",
        description="Structure, people and costs; dates move on by a year, progress stays behind.",
    )


class WorkPlanBasicsForm(KeptForm):
    """Title and description of a work plan that exists."""

    title = WorkPlanForm.title
    narrative = WorkPlanForm.narrative


class AnnualObjectiveForm(KeptForm):
    """What is to be reached this year."""

    objective_id = PickField("Strategic objective", [InputRequired("Choose the objective that it serves.")])
    statement = TextAreaField(
        "What is to be reached this year", [InputRequired("Say what is to be reached."), Length(max=4000)],
        render_kw={"rows": 3},
    )  # fmt: skip
    q1 = TextAreaField("First quarter", [Length(max=2000)], render_kw={"rows": 2})
    q2 = TextAreaField("Second quarter", [Length(max=2000)], render_kw={"rows": 2})
    q3 = TextAreaField("Third quarter", [Length(max=2000)], render_kw={"rows": 2})
    q4 = TextAreaField("Fourth quarter", [Length(max=2000)], render_kw={"rows": 2})
    weight = FigureField(
        "Weight in percent",
        description="The weights of all annual objectives add up to 100. Leave all empty and they count alike.",
    )
    owner_id = MemberField("Who answers for it")


class ItemForm(KeptForm):
    """A project, activity, task or milestone that exists."""

    title = StringField("Title", [InputRequired("Name it."), Length(max=300)])
    description = TextAreaField("Description", [Length(max=8000)], render_kw={"rows": 3})
    starts_on = DayField("Start", [Optional()], description="Empty: the day of the end.")
    ends_on = DayField("End", [InputRequired("Give the last day.")])
    is_multi_year = BooleanField("It spans several fiscal years")
    program_id = PickField("Program", description="Each activity needs one.")
    officer_id = MemberField("Responsible officer", description="Each activity needs one.")
    unit_id = PickField("Unit")
    priority = SelectField("Priority", choices=words_of(labels.PRIORITY), coerce=as_word(Priority), default="medium")
    planned_cost = PesosField("Planned cost")
    people = MembersField("Team", description="Besides the responsible officer.")
    places = TextAreaField(
        "Places", [Length(max=4000)], render_kw={"rows": 3},
        description="One a line, such as “Upi” or “Upi, Maguindanao del Norte: Barangay Mirab”.",
    )  # fmt: skip
    predecessors = StringField(
        "What must be finished first", [Length(max=500)], description="Codes of items of this work plan, such as 0007."
    )
    beneficiaries = IntegerField("Beneficiaries", [Optional()])
    female = IntegerField("Women and girls", [Optional()])
    male = IntegerField("Men and boys", [Optional()])
    tags = ChoicesField("Tags", coerce=str)
    on_calendar = BooleanField("Show it on the calendar", default=True)

    def answers(self) -> dict[str, Any]:
        """An item without a start is one day long."""
        found = super().answers()
        return {**found, "starts_on": found["starts_on"] or found["ends_on"], "tags": found["tags"] or []}


class NewItemForm(ItemForm):
    """An item that does not exist yet."""

    kind = SelectField("Kind", coerce=as_word(ItemKind))


class PlaceForm(Form):
    """Where in the tree an item lies."""

    parent_code = StringField(
        "Code of the item that it lies under", [Length(max=40)],
        description="Such as 0007. Empty: directly under an annual objective.",
    )  # fmt: skip
    objective_id = PickField(
        "Annual objective", [InputRequired("Choose one.")], description="Counts if no item is named."
    )


class ShiftForm(Form):
    """New dates of an item in force, and why."""

    starts_on = DayField("Start", [Optional()])
    ends_on = DayField("End", [InputRequired("Give the last day.")])
    reason = TextAreaField(
        "Reason", [InputRequired("Give the reason."), Length(max=2000)], description="At least 20 characters."
    )


class ProgressForm(KeptForm):
    """The quick update: percent, day, a few words, a photo."""

    percent = FigureField(
        "Progress in percent", [InputRequired("Type how far it is, from 0 to 100.")],
        description="100 completes the item.", default=Decimal(0),
    )  # fmt: skip
    note = TextAreaField(
        "What was done", [InputRequired("Write at least 10 characters about what was done."), Length(max=4000)],
        render_kw={"rows": 3}, description="At least 10 characters.",
    )  # fmt: skip
    file = UploadField("Photo", description="JPG or PNG, at most 10 MB. Where it was taken is removed from it.")
    day = DayField("As of", [InputRequired("Say of which day you speak.")])
    drop_reason = TextAreaField(
        "Why it is less than before", [Length(max=2000)], render_kw={"rows": 2}, description="Only if it is."
    )


class WorkbookForm(Form):
    """A workbook to be imported."""

    file = UploadField(
        "File",
        [FileRequired("Choose the file first.")],
        description="Excel workbook (.xlsx), at most 5 MB and 5,000 rows.",
    )


class StepForm(NoteForm):
    """With the new dates of an item that is taken up again."""

    starts_on = DayField("New start", [Optional()])
    ends_on = DayField("New end", [Optional()])
