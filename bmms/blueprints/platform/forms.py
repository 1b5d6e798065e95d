"""The questions of the platform's administration."""

from wtforms import IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from bmms.domain.offices.modes import LABELS
from bmms.models.offices import ActsMode
from bmms.models.organizations import OrganizationKind
from bmms.web.forms import Form


class YearForm(Form):
    """Who puts the central acts of a year on record."""

    year = IntegerField("Fiscal year", [InputRequired("Type the fiscal year.")])
    central_acts = SelectField(
        "Central acts", [InputRequired("Say who puts them on record.")],
        choices=[SelectChoice(mode.value, LABELS[mode]) for mode in ActsMode],
    )  # fmt: skip


class NewOrganizationForm(Form):
    """A body that BMMS does not know yet."""

    code = StringField(
        "Code",
        [InputRequired("Type the code."), Length(max=20)],
        description="Stands in addresses and on documents: up to 20 letters, digits and hyphens. It cannot be changed.",
    )
    name = StringField("Name", [InputRequired("Type the name."), Length(max=200)])
    kind = SelectField("Type", choices=[SelectChoice(kind.value, kind.value.capitalize()) for kind in OrganizationKind])
    cluster = StringField("Cluster", [Length(max=100)])
