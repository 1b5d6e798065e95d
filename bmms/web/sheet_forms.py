"""How a list comes in: as a file, or as cells that were copied out of a spreadsheet."""

from wtforms import TextAreaField

from bmms.web.fields import UploadField
from bmms.web.forms import Form


class SheetForm(Form):
    """A file, or cells that were copied; one of the two."""

    file = UploadField("File", description="Excel workbook (.xlsx) or CSV, at most 5 MB and 2,000 rows.")
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
