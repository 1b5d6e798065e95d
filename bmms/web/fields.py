"""Fields that several forms share, with messages in our words."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, IntegerField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from bmms.domain.files.store import Upload


class DayField(DateField):
    """A calendar day, chosen, or typed like 2026-11-22."""

    def __init__(self, label: str, validators: Any = None, **kwargs: Any) -> None:
        message = "This is no date. Use the calendar, or type it like 2026-11-22."
        super().__init__(label, validators, invalid_value_message=message, **kwargs)


class VersionField(IntegerField):
    """The version of the row that the person looked at, carried along so that nobody overwrites what another saved."""

    widget = HiddenInput()

    def __init__(self, **kwargs: Any) -> None:
        message = "The form came without its version. Reload the page and type it again."
        super().__init__("Version", [InputRequired(message)], **kwargs)


class UploadField(FileField):
    """One file. Its `upload` is what rules take: None when nothing was chosen."""

    @property
    def upload(self) -> Upload | None:
        """The chosen file."""
        return Upload(self.data.stream, self.data.filename) if self.data else None
