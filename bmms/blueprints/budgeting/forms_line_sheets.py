"""How lines come in from a spreadsheet: as a file, or pasted."""

from wtforms import BooleanField, TextAreaField

from bmms.domain.proposals.sheets.steps import MAY_STAND_ABOVE
from bmms.web.fields import UploadField
from bmms.web.forms import Form


class LineSheetForm(Form):
    """A file, or cells that were copied; one of the two."""

    file = UploadField("File", description="Excel workbook (.xlsx) or CSV, at most 5 MB and 2,000 lines.")
    pasted = TextAreaField(
        "Paste cells from a spreadsheet", render_kw={"rows": 8, "spellcheck": "false"},
        description="With the row of headings, or without it in the order of the columns below. For long lists "
        "upload a file.",
    )  # fmt: skip

    def validate(self, extra_validators: object = None) -> bool:
        """One of the two was given."""
        sound = super().validate(extra_validators=extra_validators)
        text = (self.pasted.data or "").strip()
        if bool(self.file.data) == bool(text):
            words = "Choose a file or paste cells, not both." if text else "Choose a file, or paste cells below."
            self.file.errors = [*self.file.errors, words]
            return False
        return sound


class LineImportForm(Form):
    """The word that a draft may stand above its ceiling; asked for where the list would bring it there."""

    above_ceiling = BooleanField(MAY_STAND_ABOVE, description="It cannot be submitted as long as it stands there.")
