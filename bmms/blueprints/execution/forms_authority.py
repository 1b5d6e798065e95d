"""The questions about appropriations, extensions of their validity, and allotment orders."""

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from bmms.domain.ledger.labels import LAW_KIND
from bmms.models.allotments import OrderKind
from bmms.models.authority import LawKind
from bmms.web.fields import DayField, PesosField, UploadField, WordField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm

INSTRUMENT = "PDF or picture, at most 10 MB."
YEAR = [InputRequired("Type the year."), NumberRange(2020, 2100, "Type a year from 2020 to 2100.")]


class AppropriationForm(KeptForm):
    """What a law gives, beside the amounts that its lines say."""

    kind = WordField("Kind of law", LAW_KIND, LawKind)
    reference = StringField("The law", [InputRequired("Type the number of the law."), Length(max=200)])
    dated = DayField("Date of the law", [InputRequired("Give the date of the law.")])
    effective_on = DayField(
        "Takes effect", [InputRequired("Give the day.")], description="From this day on it can be allotted."
    )
    obligate_until = DayField(
        "May be obligated until", [InputRequired("Give the last day.")],
        description="31 December unless the law itself says otherwise. A later law is entered as an extension.",
    )  # fmt: skip
    pay_until = DayField("May be paid until", [InputRequired("Give the last day.")])
    total = PesosField(
        "Total that the law states for this organization", [InputRequired("Type the total of the law.")],
        description="As far as the law names a class. It has to be what the amounts below come to.",
    )  # fmt: skip


class ConfirmForm(Form):
    """A confirmation that is ticked, by a button that acts once."""

    sent_key = HiddenField(validators=[Length(max=40)])
    sure = BooleanField("I have compared it with the instrument", [InputRequired("Tick that you have compared it.")])


class ExtensionForm(Form):
    """A law that lets money be charged longer."""

    law = StringField("The law", [InputRequired("Type the number of the law."), Length(max=200)])
    effective_on = DayField(
        "Takes effect", [InputRequired("Give the day.")], description="Nothing is charged to the time before this day."
    )
    obligate_until = DayField("May be obligated until", [InputRequired("Give the last day.")])
    pay_until = DayField("May be paid until", [InputRequired("Give the last day.")])
    file = UploadField("The law", [FileRequired("Choose the file.")], description=INSTRUMENT)


class OrderForm(KeptForm):
    """An allotment order, as MFBM wrote it."""

    number = StringField("Number of the order", [InputRequired("Type the number."), Length(max=60)])
    dated = DayField("Date of the order", [InputRequired("Give the date of the order.")])
    legal_basis = StringField("Legal basis", [Length(max=300)])
    request = StringField("Budget request that it answers", [Length(max=300)])
    counterpart = StringField("To whom, or from whom", [Length(max=200)])
    for_quarter = IntegerField("For quarter", [Optional(), NumberRange(1, 4, "Type 1, 2, 3 or 4.")])
    valid_until = DayField("Valid until", [Optional()])
    conditions = TextAreaField("Conditions", [Length(max=4000)], render_kw={"rows": 2})
    total = PesosField("Total of the order", [InputRequired("Type the total of the order.")])
    file = UploadField("The order", description=INSTRUMENT)

    def columns(self) -> dict[str, Any]:
        """The answers that are columns of the order."""
        return {name: value for name, value in self.answers().items() if name in _ORDER}


_ORDER = (
    "number", "dated", "legal_basis", "request", "counterpart", "for_quarter", "valid_until", "conditions", "total",
)  # fmt: skip


def order_form(kind: OrderKind, names: Iterable[str]) -> type[OrderForm]:
    """The questions of an order of this kind, with one amount for each name."""
    fields: dict[str, Any] = {name: PesosField("Pesos") for name in names}
    if kind != OrderKind.SPECIAL:
        fields["request"] = None
    if kind != OrderKind.TRANSFER:
        fields["counterpart"] = None
    if kind in (OrderKind.WITHDRAWAL, OrderKind.TRANSFER):
        fields |= {"for_quarter": None, "valid_until": None}
    return type("OrderForm", (OrderForm,), fields)
