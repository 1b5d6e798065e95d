"""People of the organization in forms: a list while they are few, a search by name when they are many.

The name that is typed is found at sending, so it works without JavaScript; with it names are proposed while one types.
"""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from markupsafe import Markup
from wtforms import Field, SelectField, SelectMultipleField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, Select, html_params

from bmms.domain.members import Member, called, proposals
from bmms.domain.permissions import Permission
from bmms.web.fields import GONE, as_id

FEW = 30  # so many people are a list to choose from
MORE = 3  # so many names can be added to a team at once
LEFT = "Somebody who left"


def proposed(list_id: str, members: list[Member]) -> Markup:
    """The names that a browser proposes for a field; htmx brings others while one types."""
    options = Markup("").join(
        Markup('<option value="{}">{}</option>').format(member.called, member.position) for member in members
    )
    return Markup('<datalist id="{}">{}</datalist>').format(list_id, options)


def _search(field: Field, name_id: str, value: str, near: list[Member], may: Permission | None, **more: Any) -> Markup:
    """An input with proposals; with `may`, of those who hold that right."""
    list_id = f"{name_id}-names"
    attributes = {
        "id": name_id, "name": field.name, "type": "text", "value": value, "list": list_id, "autocomplete": "off",
        "maxlength": 200, "hx-get": url_for("members.member_list", field=field.name, into=list_id, may=may),
        "hx-trigger": "input changed delay:300ms", "hx-target": f"#{list_id}", "hx-swap": "outerHTML",
        "hx-sync": "this:replace", **more,
    }  # fmt: skip
    return Markup("<input {}>").format(Markup(html_params(**attributes))) + proposed(list_id, near)  # noqa: S704


class _OneWidget:
    """A select, or an input with proposals."""

    def __call__(self, field: "MemberField", **attributes: Any) -> Markup:
        if not field.is_long:
            return Select()(field, **attributes)
        return _search(field, field.id, field._value(), field.near, field.may, **attributes)


class MemberField(SelectField):
    """One person who works here, or nobody."""

    widget = _OneWidget()
    description: str

    def __init__(self, label: str, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators or [], coerce=as_id, choices=[], validate_choice=False, **kwargs)
        self.is_long = False
        self.may: Permission | None = None
        self.near: list[Member] = []
        self.typed = ""
        self._members: Mapping[int, Member] = {}

    def process_data(self, value: int | str | None) -> None:
        """An id, or words that were typed into another field."""
        self.data = as_id(value)
        self.typed = "" if self.data or value is None else str(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """An id from the list, or a name that `offer` looks up."""
        self.typed = (valuelist[0] if valuelist else "").strip()
        self.data = as_id(self.typed)

    @property
    def answer(self) -> int | str | None:
        """The chosen id, else the words that were typed: what another field takes to stand where this one stands."""
        return self.data or self.typed or None

    def offer(self, members: Mapping[int, Member], nothing: str, may: Permission | None = None) -> None:
        """Let it choose among these; somebody who has left is shown, so that nobody is lost unseen.

        Args:
            nothing: the words for nobody.
            may: the right that all of these hold, where they are not everybody.
        """
        self._members, self.is_long, self.may = members, len(members) > FEW, may
        if self.is_long:
            self.description = f"{self.description} Type a name or username.".strip()
        before = as_id(self.object_data)
        if self.typed == LEFT and before and before not in members:
            self.data = before
        elif self.typed and self.data is None:
            found, self.near = called(members.values(), self.typed), proposals(members.values(), self.typed)
            self.data = found.membership_id if found else None
        choices = [("", nothing), *((str(key), str(member)) for key, member in members.items())]
        if self.data and self.data not in members:
            choices.append((str(self.data), LEFT))
        self.choices = choices

    @property
    def member(self) -> Member | None:
        """The chosen person, who still works here."""
        return self._members.get(self.data or 0)

    def _value(self) -> str:
        """What the input shows: the name of the chosen person, or what was typed."""
        if self.data is None:
            return self.typed
        if self.data in self._members:
            return self._members[self.data].called
        return LEFT if self.is_long else str(self.data)

    def pre_validate(self, form: Any) -> None:
        """A name that is nobody's, or more than one person's, is refused with those it may have meant."""
        if self.typed and self.data is None:
            raise ValidationError(_nobody(self.typed, self.near))
        if self.data and self.data not in self._members and self.data != self.object_data:
            raise ValidationError(GONE)


class MembersField(SelectMultipleField):
    """Any number of people who work here."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, coerce=int, choices=[], validate_choice=False, **kwargs)
        self.is_long = False
        self.near: list[Member] = []
        self.unknown: list[str] = []

    def process_formdata(self, valuelist: list[str]) -> None:
        """Ids of the boxes, and names that `offer` looks up."""
        typed = [text for one in valuelist if (text := one.strip())]
        self.data = [key for one in typed if (key := as_id(one))]
        self.unknown = [one for one in typed if as_id(one) is None]

    def offer(self, members: Mapping[int, Member]) -> None:
        """Let it choose among these."""
        self.is_long = len(members) > FEW
        chosen, unknown = list(self.data or ()), []
        for line in self.unknown:
            if found := called(members.values(), line):
                chosen.append(found.membership_id)
            else:
                unknown.append(line)
                self.near = self.near or proposals(members.values(), line)
        self.data, self.unknown = list(dict.fromkeys(chosen)), unknown
        shown = members if not self.is_long else {key: members[key] for key in self.data if key in members}
        gone = [(key, LEFT) for key in self.data if key not in members]
        self.choices = [*((key, str(member)) for key, member in shown.items()), *gone]

    @property
    def first_id(self) -> str:
        """The input at which a correction begins."""
        return f"{self.id}-more-1" if self.is_long else f"{self.id}-0"

    def more(self) -> Markup:
        """Where there are many people: inputs for names that are added; what could not be found stands in them."""
        lines = [*self.unknown, *[""] * MORE][: max(MORE, len(self.unknown))]
        return Markup('<p class="field__hint">Add people by their names.</p>') + Markup("").join(
            _search(self, f"{self.id}-more-{number}", line, self.near, None, **{"aria-label": f"Add a name ({number})"})
            for number, line in enumerate(lines, 1)
        )

    def pre_validate(self, form: Any) -> None:
        """Names that are nobody's are refused with those they may have meant."""
        if self.unknown:
            raise ValidationError(_nobody(self.unknown[0], self.near))


def _nobody(typed: str, near: list[Member]) -> str:
    """The message, with names to type instead."""
    if not near:
        return f"Nobody here is called “{typed}”. Type the full name or the username."
    return f"It is not clear who “{typed}” is. Type one of these: {'; '.join(one.called for one in near)}."
