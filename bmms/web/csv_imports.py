"""Many rows at once from a CSV file, while the person waits: all of them, or none and the cells to correct."""

from collections.abc import Callable
from typing import TypeVar

from flask import g
from flask_wtf.file import FileRequired

from bmms.domain.cells import BadCell, CellsRefused, text_of
from bmms.domain.errors import RuleBroken
from bmms.web import limits
from bmms.web.fields import UploadField
from bmms.web.forms import Form

MOST_BYTES = 1024 * 1024
CELLS_SHOWN = 50
Made = TypeVar("Made")


class ImportForm(Form):
    """A file, and after a refusal what is wrong with it (`ui.cells_to_correct`)."""

    file = UploadField("File", [FileRequired("Choose the file first.")])
    cells: list[BadCell] = []
    cells_left_out = 0

    def take(self, importer: Callable[[str], Made]) -> Made | None:
        """Hand the text of the file to the rule that imports it; None when it was not sent or refuses."""
        if not self.validate_on_submit():
            return None
        limits.count(limits.limit("imports"), "imports", g.actor.user_id)
        try:
            return importer(self._text())
        except CellsRefused as refused:
            self.form_errors.append(str(refused))
            self.cells, self.cells_left_out = refused.cells[:CELLS_SHOWN], len(refused.cells[CELLS_SHOWN:])
        except RuleBroken as broken:
            self.show(broken)
        return None

    def _text(self) -> str:
        content = self.file.data.stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RuleBroken("The file is larger than 1 MB. Import it in parts.", field="file")
        return text_of(content)
