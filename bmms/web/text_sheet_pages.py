"""Pages of sheets that may be pasted, too."""

from typing import Any

from flask import g

from bmms.domain.imports.kept import KeptList
from bmms.domain.imports.texts import TextSheet
from bmms.domain.imports.working import Record
from bmms.extensions import db
from bmms.web.sheet_forms import SheetForm
from bmms.web.sheet_pages import SheetPages


class TextSheetPages(SheetPages[Record]):
    """Upload a file or paste cells."""

    sheet: TextSheet[Record, Any]
    form = SheetForm
    steps = ("Upload or paste", "Check", "Import")

    def take_in(self, record: Record, form: Any) -> KeptList:
        if form.file.data:
            return super().take_in(record, form)
        return self.sheet.paste(db.session(), g.actor, record, form.pasted.data or "")

    def field_of(self, form: Any) -> str:
        return "pasted" if form.pasted.data else "file"
