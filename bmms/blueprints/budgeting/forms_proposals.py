"""The questions of the proposal wizard. Each is kept while it is typed, and merged when two people type."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from bmms.blueprints.budgeting.forms import YEAR
from bmms.domain.proposals import labels
from bmms.domain.proposals.programs import figure_names
from bmms.models.compliance import Answer
from bmms.models.indicators import IndicatorLevel
from bmms.models.proposals import ClimateTag, FundingSource, Procurement, ProposalKind, Sphere, Tier
from bmms.web.fields import (
    ChoicesField,
    DayField,
    FigureField,
    NeededToSubmit,
    PesosField,
    PickField,
    UploadField,
    WordField,
)
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm
from bmms.web.look_up_fields import LookUpField
from bmms.web.step_pages import NoteForm

LOOK_UP = "budgeting.look_up"
LEVELS = {IndicatorLevel.OUTPUT: "Output", IndicatorLevel.OUTCOME: "Outcome"}


class ProposalForm(KeptForm):
    """Step 1: what the proposal is."""

    fiscal_year = IntegerField("Fiscal year", YEAR)
    kind = WordField("Kind", labels.KIND, ProposalKind)
    title = StringField("Title", [InputRequired("Give the proposal a title."), Length(max=200)])
    summary = TextAreaField(
        "Executive summary", [Length(max=20_000), NeededToSubmit()], render_kw={"rows": 7},
        description="200 to 500 words: what the money is for.",
    )  # fmt: skip
    plan_id = PickField("Strategic plan", description="Plans that cover the year and have been submitted.")
    work_plan_id = PickField("Work plan")
    no_work_plan_reason = TextAreaField(
        "Why there is no work plan", [Length(max=1000)], render_kw={"rows": 2},
        description="Only if no work plan of the year is approved or active.",
    )  # fmt: skip
    sources = ChoicesField("Sources of funds in scope", coerce=str)
    nil_sources = ChoicesField("Of these, nothing is asked from", coerce=str)
    other_source = StringField("Name of the other source", [Length(max=100)])
    reason = TextAreaField("Why it is needed", [Length(max=4000)], render_kw={"rows": 3})
    legal_source = StringField("The law or fund from which it would come", [Length(max=300)])

    def offer(self) -> None:
        """The sources to tick."""
        words = [(source.value, name) for source, name in labels.SOURCE.items()]
        self.sources.choices, self.nil_sources.choices = words, words


class ProgramForm(KeptForm):
    """Step 2: a program of the proposal."""

    program_id = PickField("Program", [InputRequired("Choose a program of the register.")])
    goal_id = PickField("Goal that it serves")
    alignment_code_id = PickField("Alignment", description="A code of the development plan or its lists.")
    outcome = TextAreaField("Outcome", [Length(max=4000)], render_kw={"rows": 2})
    thrust = TextAreaField(
        "Major thrust", [Length(max=4000), NeededToSubmit()], render_kw={"rows": 3},
        description="What the program puts first this year.",
    )  # fmt: skip
    expected_result = TextAreaField("Expected result", [Length(max=4000), NeededToSubmit()], render_kw={"rows": 3})
    change_reason = TextAreaField(
        "Why it differs from last year", [Length(max=4000)], render_kw={"rows": 2},
        description="If what is asked for is 10 % more or less than last year's appropriation.",
    )  # fmt: skip


class TargetForm(KeptForm):
    """Step 2: what a program is to reach. An indicator of the register, or a new one."""

    indicator_id = PickField("Indicator of the register")
    name = StringField("Or a new indicator", [Length(max=300)], description="What is counted or measured.")
    level = WordField("Level", LEVELS, IndicatorLevel, default="output")
    unit_of_measure_id = PickField("Unit")
    target = FigureField("Target of the year", [InputRequired("Type the target.")])


class AllocationForm(KeptForm):
    """Step 3: the figures of one program beside its lines; made by `allocation_form`."""


def allocation_form() -> type[AllocationForm]:
    """One amount for each class and kind of figure, under the names of `figure_names`."""
    fields: dict[str, Any] = {}
    for name, (kind, field) in figure_names().items():
        what = "planned" if field == "planning_figure" else "obligated two years before"
        fields[name] = PesosField(f"{kind.value} {what}")
    return type("AllocationForm", (AllocationForm,), fields)


class LineForm(KeptForm):
    """Step 4: one line item."""

    object_code = LookUpField(
        "Object code", "objects", LOOK_UP, [InputRequired("Choose an object code.")],
        description="Type a part of the name, or the code.",
    )  # fmt: skip
    description = StringField("What", [InputRequired("Say what it is for."), Length(max=300)])
    quantity = FigureField("Quantity", [InputRequired("Type the quantity.")])
    unit = StringField("Unit", [InputRequired("Type the unit, such as person or lot."), Length(max=40)])
    unit_cost = PesosField("Unit cost", [InputRequired("Type the unit cost.")])
    quarter1 = PesosField("Quarter 1")
    quarter2 = PesosField("Quarter 2")
    quarter3 = PesosField("Quarter 3")
    quarter4 = PesosField("Quarter 4")
    place_psgc = LookUpField("Place", "places", LOOK_UP, [NeededToSubmit()], description="Or: Region-wide.")
    source = WordField("Paid from", labels.SOURCE, FundingSource)
    work_item_id = LookUpField("Activity of the work plan", "work-items", LOOK_UP, coerce=int)
    gad_percent = FigureField("Gender and development, percent", [Optional()])
    climate = WordField("Climate", labels.CLIMATE, ClimateTag, nothing="No climate expenditure")
    sphere = WordField("Needs the endorsement for", labels.SPHERE, Sphere, nothing="Nothing of these")
    tier = WordField("Ceiling", labels.TIER, Tier)
    procurement = WordField("Procurement", labels.PROCUREMENT, Procurement, nothing="Not procured")
    justification = TextAreaField(
        "Justification", [Length(max=8000)], render_kw={"rows": 3},
        description="For capital outlay 100 characters or more.",
    )  # fmt: skip
    price_references = TextAreaField(
        "Price references", [Length(max=2000)], render_kw={"rows": 3},
        description="Three for capital outlay, one a line.",
    )  # fmt: skip
    procurement_entry = StringField("Entry of the procurement plan", [Length(max=200)])

    def answers(self) -> dict[str, Any]:
        """An empty share is none."""
        found = super().answers()
        return {**found, "gad_percent": found["gad_percent"] or Decimal(0)}


class AnswerForm(KeptForm):
    """Step 5: what the office says of one item of the checklist."""

    answer = WordField("Is it met?", labels.ANSWER, Answer)
    note = TextAreaField("Where it is shown, or why it does not apply", [Length(max=4000)], render_kw={"rows": 4})
    file = UploadField("Evidence", description="PDF, DOCX, XLSX or picture, at most 10 MB.")


class EndorsementForm(Form):
    """What another office has answered."""

    reference = StringField(
        "Number of the instrument", [InputRequired("Type the number of the instrument."), Length(max=100)]
    )
    issued_on = DayField("Date of the instrument", [InputRequired("Give the date of the instrument.")])
    file = UploadField("The instrument", description="PDF, DOCX, XLSX or picture, at most 10 MB.")


class SubmissionForm(NoteForm):
    """Step 6: the certification, and words to the reviewer."""

    certified = BooleanField("I certify that the figures are complete and correct to the best of my knowledge.")


class SignatureForm(NoteForm):
    """The signature of the head."""

    file = UploadField("The signed copy", [FileRequired("Choose the file.")], description="PDF or picture.")


class TransmittalForm(Form):
    """The signed proposal on its way to MFBM."""

    number = StringField("Number of the transmittal", [InputRequired("Type the number."), Length(max=100)])
    day = DayField("Date of the transmittal", [InputRequired("Give the date of the transmittal.")])


class CentralForm(NoteForm):
    """What was decided outside the organization; with amounts made by `central_form`."""

    reference = StringField(
        "Number of the instrument, or the law", [InputRequired("Type the number of the instrument."), Length(max=200)]
    )
    issued_on = DayField("Date of the instrument", [InputRequired("Give the date of the instrument.")])
    file = UploadField("The instrument", [FileRequired("Choose the file.")], description="PDF, DOCX, XLSX or picture.")


def central_form(names: Iterable[str], *, with_total: bool) -> type[CentralForm]:
    """The questions with one amount for each name, and the total of the law where it is asked for."""
    fields: dict[str, Any] = {name: PesosField("Pesos") for name in names}
    if with_total:
        needed = [InputRequired("Type the total that the law states.")]
        fields["total"] = PesosField("Total that the law states for this organization", needed)
    return type("CentralForm", (CentralForm,), fields)
