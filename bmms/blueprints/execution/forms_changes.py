"""The questions about changes of the budget, with two amounts for each account that a change can name."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from bmms.blueprints.execution.forms_authority import INSTRUMENT
from bmms.domain.appropriations.amounts import NONE
from bmms.domain.changes.labels import SAVINGS
from bmms.domain.changes.queries import Place
from bmms.domain.changes.rules import DECLARERS, KIND_OF, LEAST_REASON, TAKES, Line, Way
from bmms.models.changes import Savings
from bmms.web.fields import DayField, NeededToSubmit, PesosField, PickField, UploadField, VersionField, WordField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm

MORE = ("m1", "m2", "m3")  # rows for objects that the account does not have yet
_COLUMNS = ("reference", "dated", "authority", "cited_law", "savings", "declared_by", "reason", "counterpart_id")


class ChangeForm(KeptForm):
    """A change of the budget as the budget officer asks for it."""

    row_version = VersionField()
    reference = StringField(
        "Reference", [InputRequired("Type a number or a short name."), Length(max=100)],
        description="The own number of this change, once a year.",
    )  # fmt: skip
    dated = DayField(
        "Day", [InputRequired("Give the day.")],
        description="From this day on it counts; the balances beside the accounts are the smallest since then.",
    )  # fmt: skip
    counterpart_id = PickField("To which organization", [InputRequired("Choose the organization.")])
    savings = WordField("What makes it savings (BAA No. 84, Sec. 46)", SAVINGS, Savings, nothing="Choose")
    declared_by = SelectField(
        "Who declared them (Sec. 47)",
        choices=[SelectChoice("", "Choose"), *(SelectChoice(one, one) for one in DECLARERS)],
    )
    authority = StringField(
        "Instrument of MFBM or the Chief Minister", [Length(max=300)],
        description="Its number. For a realignment without PS it may be named on posting.",
    )  # fmt: skip
    cited_law = StringField(
        "Law by which personal services grow", [Length(max=200)], description="Only where PS gets more (INV-34)."
    )
    reason = TextAreaField(
        "Reason",
        [NeededToSubmit(), Length(max=4000)],
        render_kw={"rows": 4},
        description=f"At least {LEAST_REASON} characters.",
    )
    file = UploadField("The instrument or request", description=INSTRUMENT)

    def columns(self) -> dict[str, Any]:
        """The answers that are columns of the change."""
        return {name: value for name, value in self.answers().items() if name in _COLUMNS}


def change_form(
    way: Way, places: Sequence[Place], objects: Iterable[tuple[str, str]], *, new: bool
) -> type[ChangeForm]:  # fmt: skip
    """The questions of a change of this way; `<place>r` is released money, `<place>u` what is not released."""
    fields: dict[str, Any] = {}
    for place in places:
        fields |= {f"{place.key}{part}": PesosField("Pesos") for part in ("r" if way == Way.OBJECTS else "ru")}
    if way == Way.OBJECTS:
        choices = [SelectChoice("", "Choose"), *(SelectChoice(code, words) for code, words in objects)]
        for name in MORE:
            fields |= {
                name: SelectField("Object of expenditure", choices=choices),
                f"{name}r": PesosField("Pesos", [Optional(), _with_object]),
            }
    left_out = {
        "row_version": new,
        "counterpart_id": way != Way.TRANSFER, "savings": way != Way.AUGMENTATION,
        "declared_by": way != Way.AUGMENTATION, "authority": way == Way.OBJECTS,
        "cited_law": way not in (Way.CLASSES, Way.AUGMENTATION),
    }  # fmt: skip
    return type("ChangeForm", (ChangeForm,), fields | {name: None for name, out in left_out.items() if out})


def _with_object(form: Any, field: Any) -> None:
    if not form[field.name.removesuffix("r")].data:
        raise ValidationError("Choose the object that this amount is for.")


def typed_lines(form: ChangeForm, way: Way, places: Sequence[Place]) -> list[Line]:
    """What was typed as lines; of a change that takes, amounts are typed above zero."""
    sign, lines = -1 if KIND_OF[way] in TAKES else 1, []
    for place in places:
        released = (form[f"{place.key}r"].data or NONE) * sign
        if way == Way.OBJECTS:
            line = Line(place.account_id, NONE, released, place.object_code)
        else:
            unreleased: Decimal = (form[f"{place.key}u"].data or NONE) * sign
            line = Line(place.account_id, released + unreleased, released, opens=place.opens)
        lines.append(line)
    if way == Way.OBJECTS:
        lines += [
            Line(places[0].account_id, NONE, form[f"{name}r"].data or NONE, form[name].data)
            for name in MORE if form[name].data
        ]  # fmt: skip
    return [line for line in lines if line.appropriation or line.allotment]


def known_amounts(way: Way, lines: Iterable[Any]) -> dict[str, Decimal]:
    """The lines of a change as the fields of its form."""
    sign, known = -1 if KIND_OF[way] in TAKES else 1, {}
    for line in lines:
        if way == Way.OBJECTS:
            known[f"o{line.object_code or 0}r"] = line.allotment
        else:
            known[f"a{line.account_id}r"] = line.allotment * sign
            known[f"a{line.account_id}u"] = (line.appropriation - line.allotment) * sign
    return {name: amount for name, amount in known.items() if amount}


class ApproveForm(Form):
    """An approval with the balances in sight."""

    seen = HiddenField(validators=[Length(max=40)])
    sure = BooleanField(
        "I have looked at the balances and approve", [InputRequired("Tick that you have looked at them.")]
    )


class PostForm(Form):
    """What is said on posting."""

    sent_key = HiddenField(validators=[Length(max=40)])
    dated = DayField("Day in the ledger", [InputRequired("Give the day.")], description="In a month that is open.")
    authority = StringField("Instrument of MFBM or the Chief Minister", [Length(max=300)])
    file = UploadField("The instrument", description=INSTRUMENT)
    sure = BooleanField("I have compared it with the instrument", [InputRequired("Tick that you have compared it.")])


class ReverseForm(Form):
    """Opposite entries, with a reason."""

    sent_key = HiddenField(validators=[Length(max=40)])
    dated = DayField("Day of the reversal", [InputRequired("Give the day.")], description="In a month that is open.")
    note = TextAreaField(
        "Why it is taken back", [Length(max=4000)], render_kw={"rows": 3}, description="At least 20 characters."
    )


class ReversionForm(Form):
    """What goes back goes under a reference and a day."""

    sent_key = HiddenField(validators=[Length(max=40)])
    reference = StringField("Reference", [InputRequired("Type a number or a short name."), Length(max=100)])
    dated = DayField("Day in the ledger", [InputRequired("Give the day.")], description="In a month that is open.")
    sure = BooleanField("I have looked at the amounts", [InputRequired("Tick that you have looked at them.")])
