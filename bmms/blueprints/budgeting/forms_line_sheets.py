"""How lines come in from a spreadsheet: as a file, or pasted."""

from wtforms import BooleanField

from bmms.domain.proposals.sheets.steps import MAY_STAND_ABOVE
from bmms.web.forms import Form


class LineImportForm(Form):
    """The word that a draft may stand above its ceiling; asked for where the list would bring it there."""

    above_ceiling = BooleanField(MAY_STAND_ABOVE, description="It cannot be submitted as long as it stands there.")
