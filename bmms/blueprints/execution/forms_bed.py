"""The questions about the program of a year: by which pattern it is filled, and the twelve months of one row."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from bmms.domain.appropriations.amounts import NONE
from bmms.domain.bed.labels import LAG, MONTHS, PATTERN
from bmms.domain.bed.queries import Planned
from bmms.web.fields import PesosField, VersionField
from bmms.web.forms import Form
from bmms.web.kept_forms import KeptForm


class PatternForm(Form):
    """How the rows are filled."""

    pattern = SelectField(
        "Obligations over the year", [InputRequired("Choose a pattern.")],
        choices=[SelectChoice(name, words) for name, words in PATTERN.items()],
    )  # fmt: skip
    lag = SelectField(
        "Payments follow", [InputRequired("Choose one.")], coerce=int, default=1,
        choices=[SelectChoice(months, words) for months, words in LAG.items()],
        description="What is obligated at the end of the year is paid in the next one then.",
    )  # fmt: skip
    only_empty = BooleanField("Fill empty rows only", default=True, description="Otherwise every row is written anew.")


class LineForm(KeptForm):
    """Twelve months of obligations (o1 to o12) and of payments (d1 to d12)."""

    row_version = VersionField()

    def months(self, letter: str) -> list[Decimal]:
        """Twelve amounts; what is left empty is zero."""
        return [self[f"{letter}{month}"].data or NONE for month in MONTHS]


for _letter, _what in (("o", "obligations"), ("d", "payments")):
    for _month, _name in MONTHS.items():
        setattr(LineForm, f"{_letter}{_month}", PesosField(f"{_name}, {_what}"))


def known_of(row: Planned) -> Mapping[str, Any]:
    """The months as they stand."""
    pairs = (("o", row.obligations), ("d", row.disbursements))
    return {f"{letter}{month}": amounts[month - 1] for letter, amounts in pairs for month in MONTHS}
