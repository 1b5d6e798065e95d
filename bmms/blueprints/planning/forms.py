"""The questions of the plan wizard. Each is kept while it is typed, and merged when two people type."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from bmms.domain.planning import labels
from bmms.domain.programs.queries import STRUCTURES
from bmms.models.indicators import Accumulation, Direction, Frequency, Measure
from bmms.models.planning import Level, Priority, Sector
from bmms.models.programs import CostStructure, ProgramLevel
from bmms.web.fields import ChoicesField, DayField, FigureField, NeededToSubmit, PickField, WordField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm
from bmms.web.member_fields import MemberField

LONG = {"rows": 5}


class PlanForm(KeptForm):
    """Step 1: what the plan is about."""

    title = StringField("Title", [InputRequired("Give the plan a title."), Length(max=200)])
    start_year = IntegerField("First year", [InputRequired("Type the first year."), NumberRange(1900, 2200)])
    end_year = IntegerField("Last year", [InputRequired("Type the last year."), NumberRange(1900, 2200)])
    span_reason = TextAreaField(
        "Why not three to five years", [Length(max=1000)], render_kw={"rows": 2},
        description="Only if the plan is shorter or longer than that.",
    )  # fmt: skip
    narrative = TextAreaField(
        "Description",
        [Length(max=20_000), NeededToSubmit()],
        render_kw=LONG,
        description="50 to 200 words: what the plan is for.",
    )
    vision = TextAreaField("Vision", [Length(max=4000)], render_kw={"rows": 3})
    mission = TextAreaField("Mission", [Length(max=4000)], render_kw={"rows": 3})
    themes = ChoicesField("Themes", validators=[NeededToSubmit()], description="At least one.")
    codes = ChoicesField("Alignment", description="Codes of official plans that this plan answers to.")
    lead_officer_id = MemberField("Lead officer")
    lead_unit_id = PickField("Lead unit")


class GoalForm(KeptForm):
    """Step 2: one goal."""

    title = StringField("Goal", [InputRequired("Name the goal."), Length(max=200)])
    statement = TextAreaField("Description", [Length(max=8000)], render_kw=LONG, description="100 to 300 words.")
    priority = WordField("Priority", labels.PRIORITY, Priority, default="medium")
    focus_area = StringField("Focus area", [Length(max=100)], description="For example Service Excellence.")
    theme_id = PickField("Theme", [NeededToSubmit()])
    sector = WordField("Sector", labels.SECTOR, Sector, nothing="Choose a sector")
    weight = FigureField(
        "Weight in percent",
        description="The weights of all goals add up to 100. Leave all empty and they count alike.",
    )
    target_year = IntegerField("Target year", [Optional(), NumberRange(2020, 2200)])
    lead_unit_id = PickField("Lead unit")


class ObjectiveForm(KeptForm):
    """Step 3: one objective of a goal."""

    title = StringField("Objective", [InputRequired("Name the objective."), Length(max=200)])
    statement = TextAreaField("Description", [Length(max=8000)], render_kw=LONG, description="50 to 150 words.")
    priority = WordField("Priority", labels.PRIORITY, Priority, default="medium")
    target_on = DayField("Target date", [Optional()])
    weight = FigureField("Weight in percent", description="Within the goal; leave all empty and they count alike.")


class KpiForm(KeptForm):
    """Step 3: one KPI of an objective."""

    name = StringField("KPI", [InputRequired("Name the KPI."), Length(max=300)])
    definition = TextAreaField("What exactly is measured", [Length(max=4000)], render_kw={"rows": 3})
    measure = WordField("Kind of figure", labels.MEASURE, Measure)
    unit_of_measure_id = PickField("Unit", [NeededToSubmit()])
    direction = WordField("Direction", labels.DIRECTION, Direction)
    baseline = FigureField("Baseline", [Optional(), NeededToSubmit()])
    baseline_year = IntegerField("Year of the baseline", [Optional(), NumberRange(1990, 2200), NeededToSubmit()])
    baseline_pending = BooleanField("There is no baseline yet")
    end_target = FigureField("Target at the end", [Optional(), NeededToSubmit()])
    tolerance = FigureField("Tolerance", description="Only for “stay at the target”.", default=Decimal(0))
    may_exceed = BooleanField("The percentage may exceed 100")
    frequency = WordField("Measured", labels.FREQUENCY, Frequency, default="quarterly")
    accumulation = WordField("How periods add up", labels.ACCUMULATION, Accumulation)
    source = StringField(
        "Source", [Length(max=300), NeededToSubmit()], description="The document in which the figure is found."
    )
    owner_id = MemberField("Who reports it", [NeededToSubmit()])

    def answers(self) -> dict[str, Any]:
        """Without the yearly targets; an empty tolerance is none."""
        found = super().answers()
        return {
            name: Decimal(0) if name == "tolerance" and value is None else value
            for name, value in found.items()
            if not name.startswith("target_")
        }

    @property
    def targets(self) -> dict[int, Decimal | None]:
        """Fiscal year to target."""
        return {
            int(name.removeprefix("target_")): field.data
            for name, field in self._fields.items()
            if name.startswith("target_")
        }


def kpi_form(years: Iterable[int]) -> type[KpiForm]:
    """The KPI's questions with one target for each year of the plan."""
    return type("KpiForm", (KpiForm,), {f"target_{year}": FigureField(f"Target {year}") for year in years})


class RiskForm(KeptForm):
    """A risk of an objective."""

    description = TextAreaField("What may happen", [InputRequired("Say what may happen."), Length(max=2000)])
    likelihood = WordField("Likelihood", labels.RISK_LEVEL, Level)
    impact = WordField("Impact", labels.RISK_LEVEL, Level)
    mitigation = TextAreaField("What is done about it", [Length(max=2000)])
    owner_id = MemberField("Who watches it")


DUTIES = ("unit_id", "owner_id", "starts_on", "target_on")


def duties_form(objectives: Sequence[Any]):  # type: ignore[no-untyped-def]
    """Step 4: for each objective who answers for it, and from when to when; names are `<objective id>-<column>`."""
    fields: dict[str, Any] = {}
    may_wait = [Optional(), NeededToSubmit()]
    for objective in objectives:
        fields[f"o{objective.id}_unit_id"] = PickField("Unit", [NeededToSubmit()], default=objective.unit_id)
        fields[f"o{objective.id}_owner_id"] = MemberField("Officer", [NeededToSubmit()], default=objective.owner_id)
        fields[f"o{objective.id}_starts_on"] = DayField("Start", may_wait, default=objective.starts_on)
        fields[f"o{objective.id}_target_on"] = DayField("End", may_wait, default=objective.target_on)
    return type("DutiesForm", (KeptForm,), fields)


class ProgramForm(KeptForm):
    """A program of the register."""

    code = StringField("Code", [InputRequired("Give the program a code."), Length(max=40)])
    title = StringField("Title", [InputRequired("Name the program."), Length(max=300)])
    cost_structure = WordField("Part of the budget", STRUCTURES, CostStructure)
    level = WordField("Level", labels.PROGRAM_LEVEL, ProgramLevel)
    parent_id = PickField("Lies in")
    outcome = TextAreaField("Organizational outcome", [Length(max=4000)], render_kw={"rows": 3})


class SameProgramForm(Form):
    """Which other entry is the same program."""

    same_as_id = PickField("The same as")


class RevisionForm(KeptForm):
    """Why an active plan is revised, and what that changes."""

    revision_reason = TextAreaField("Reason", [InputRequired("Give the reason."), Length(max=4000)])
    revision_summary = TextAreaField("What changes", [InputRequired("Sum up what changes."), Length(max=4000)])
    revision_impact = TextAreaField("What that means for targets and money", [Length(max=4000)])
    effective_on = DayField("In force from", [Optional()])


class CloseForm(Form):
    """How an objective has ended."""

    status = SelectField(
        "It is",
        [InputRequired("Choose one.")],
        choices=[
            SelectChoice("completed", "Completed"),
            SelectChoice("deferred", "Deferred"),
            SelectChoice("cancelled", "Cancelled"),
        ],
    )
    reason = TextAreaField("Reason", [InputRequired("Give the reason."), Length(max=2000)])
