"""A row that is found by typing its code or words of its name: object codes, places, work items.

What is typed is looked up at sending, so it works without JavaScript; with it rows are proposed while one types.
"""

import re
from collections.abc import Mapping
from typing import Any

from flask import url_for
from markupsafe import Markup
from wtforms import Field
from wtforms.validators import ValidationError
from wtforms.widgets import html_params

from bmms.domain.looking_up import Entries, entries_near, entry_called

MOST_SHOWN = 60  # letters of a name in a message
FIELD_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")  # what a field or its list can be called in an address


def proposed_entries(list_id: str, names: list[str]) -> Markup:
    """The rows that a browser proposes for a field."""
    options = Markup("").join(Markup('<option value="{}"></option>').format(name) for name in names)
    return Markup('<datalist id="{}">{}</datalist>').format(list_id, options)


class _LookUpWidget:
    def __call__(self, field: "LookUpField", **attributes: Any) -> Markup:
        list_id = f"{field.id}-rows"
        shown = {
            "id": field.id, "name": field.name, "type": "text", "value": field._value(), "list": list_id,
            "autocomplete": "off", "maxlength": 300,
            "hx-get": url_for(field.endpoint, kind=field.kind, field=field.name, into=list_id, **field.place),
            "hx-trigger": "input changed delay:300ms", "hx-target": f"#{list_id}", "hx-swap": "outerHTML",
            "hx-sync": "this:replace", **attributes,
        }  # fmt: skip
        return Markup("<input {}>").format(Markup(html_params(**shown))) + proposed_entries(list_id, field.near)  # noqa: S704


class LookUpField(Field):
    """One row by its key, or none; a text to the person who types it."""

    widget = _LookUpWidget()

    def __init__(self, label: str, kind: str, endpoint: str, validators: Any = None, coerce: Any = str, **kwargs: Any):
        """Make the field.

        Args:
            kind: what is looked up, in the address of the proposals.
            endpoint: the view that proposes rows.
            coerce: makes a key of what came with a row.
        """
        super().__init__(label, validators or [], **kwargs)
        self.kind, self.endpoint, self._coerce = kind, endpoint, coerce
        self.place: Mapping[str, Any] = {}
        self.near: list[str] = []
        self.typed = ""
        self._entries: Entries = {}

    def process_data(self, value: Any) -> None:
        """The key of a row."""
        self.data = value or None
        self.typed = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Words, which `offer` looks up."""
        self.typed = (valuelist[0] if valuelist else "").strip()
        self.data = None

    def offer(self, entries: Entries, **place: Any) -> None:
        """Let it find one of these: key to name. `place` goes into the address of the proposals."""
        self._entries, self.place = entries, place
        if self.typed and self.data is None:
            self.data = entry_called(entries, self.typed)
            self.near = [] if self.data else [name for _, name in entries_near(entries, self.typed)]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """For whoever shows an answer in words."""
        return [(str(key), name) for key, name in self._entries.items()]

    def _value(self) -> str:
        if self.data is None:
            return self.typed
        return self._entries.get(self.data, str(self.data))

    def pre_validate(self, form: Any) -> None:
        """What nothing is called is refused, with what may have been meant."""
        if self.typed and self.data is None:
            raise ValidationError(_nothing(self.typed, self.near))


def _nothing(typed: str, near: list[str]) -> str:
    typed = typed[:MOST_SHOWN]
    if not near:
        return f"Nothing here is called “{typed}”. Type a part of the name, or the code."
    return f"It is not clear what “{typed}” is. Type one of these: {'; '.join(near[:5])}."
