"""The questions about entries of the lists that all organizations share."""

from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from bmms.domain.lists.queries import KIND_LABELS
from bmms.models.lists import AlignmentKind
from bmms.web.fields import DayField, WordField
from bmms.web.forms import Form


class EntryForm(Form):
    """One entry; `seen` says what it was when the page was made."""

    seen = HiddenField()

    def answers(self) -> dict[str, Any]:
        """Without what only the form itself needs."""
        return {name: value for name, value in super().answers().items() if name != "seen"}


class ThemeForm(EntryForm):
    """A theme that plans and goals serve."""

    code = StringField("Code", [InputRequired("Give the code."), Length(max=20)])
    title = StringField("Title", [InputRequired("Give the title."), Length(max=200)])


class AlignmentListForm(EntryForm):
    """A list of codes of the government, for one year."""

    kind = WordField("Kind", KIND_LABELS, AlignmentKind)
    year = IntegerField("Year", [InputRequired("Type the year."), NumberRange(2000, 2200)])
    title = StringField("Title", [InputRequired("Give the title."), Length(max=200)])
    is_official = BooleanField(
        "This is the official list of the year",
        description="Only an official list makes the check of a proposal's alignment strict.",
    )


class CodeForm(EntryForm):
    """One code of an alignment list."""

    code = StringField("Code", [InputRequired("Give the code."), Length(max=40)])
    title = StringField("Title", [InputRequired("Give the title."), Length(max=300)])


class UnitOfMeasureForm(EntryForm):
    """What an indicator counts in."""

    name = StringField("Name", [InputRequired("Give the name."), Length(max=60)])
    counts_people = BooleanField("It counts people", description="Values are then broken down by sex.")


class NewObjectCodeForm(EntryForm):
    """An object of expenditure."""

    code = StringField(
        "Code",
        [InputRequired("Give the code.")],
        description="Ten digits, such as 5-02-03-010-00. The first ones say the class: 501 PS, 502 MOOE, 503 FinEx, "
        "506 CO.",
    )
    title = StringField("Title", [InputRequired("Give the title."), Length(max=300)])
    valid_from = DayField("Valid from", [Optional()], description="Empty: always valid until its last day.")
    valid_to = DayField(
        "Valid until",
        [Optional()],
        description="Its last day; empty: it has none. A budget uses what is valid on 1 January of its year.",
    )


class ObjectCodeForm(NewObjectCodeForm):
    """What can change of it; another code is another object."""

    code = None
