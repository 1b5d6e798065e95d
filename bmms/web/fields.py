"""Fields that several forms share, with messages in our words."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar

from flask_wtf.file import FileField
from wtforms import DateField, DecimalField, IntegerField, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget, TextInput

from bmms.domain import money
from bmms.domain.files.store import Upload
from bmms.web.addresses import LARGEST_ID

YEAR = [InputRequired("Type the year."), NumberRange(2020, 2100, "Type a year from 2020 to 2100.")]
GONE = "This choice is no longer there. Choose another one."


def as_id(value: object) -> int | None:
    """A chosen id; None for the choice that chooses nothing, or for what is no id at all."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_ID else None


class NeededToSubmit:
    """A mark, not a check: the answer may wait while one drafts, but nothing is submitted without it."""

    field_flags: ClassVar[dict[str, bool]] = {"later": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing to refuse yet."""


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


class FigureField(DecimalField):
    """A figure as people type it: `1,250.5` is understood, anything else is named.

    A text to the browser, which shows a number with commas as nothing at all.
    """

    widget = TextInput()

    def __init__(self, label: str, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "decimal"})
        super().__init__(label, validators or [Optional()], places=None, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the figure. Raises ValueError with what to type instead."""
        typed, self.data = (valuelist[0] if valuelist else "").strip(), None
        if not typed:
            return
        try:
            self.data = money.figure_of(typed)
        except money.NoFigure:
            raise ValueError("Type a figure such as 1,250.5, without a unit or a currency sign.") from None

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return "" if self.data is None else f"{self.data.normalize():,f}"


class PesosField(FigureField):
    """An amount in pesos, shown with its centavos. Nothing is rounded: a third decimal is refused (decision D13)."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount. Raises ValueError with what to type instead."""
        super().process_formdata(valuelist)
        if self.data is not None and not money.is_pesos(self.data):
            self.data = None
            raise ValueError(f"An amount has two decimals at most and goes up to {money.MOST:,}.")

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return super()._value()
        return f"{self.data:,.2f}"


class ChoicesField(SelectMultipleField):
    """Any number of choices, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, coerce: Any = int, **kwargs: Any) -> None:
        super().__init__(label, coerce=coerce, validate_choice=False, **kwargs)


class PickField(SelectField):
    """A row that is chosen from a list, or nobody."""

    is_gone = False

    def __init__(self, label: str, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators or [], coerce=as_id, invalid_choice_message=GONE, **kwargs)

    def offer(self, rows: Iterable[tuple[int, str]], nothing: str) -> None:
        """Let it choose among these; a choice that has gone is shown, so that nobody loses it unseen."""
        choices = [SelectChoice("", nothing), *(SelectChoice(str(key), text) for key, text in rows)]
        self.is_gone = bool(self.data) and str(self.data) not in {choice.value for choice in choices}
        if self.is_gone:
            choices.append(SelectChoice(str(self.data), "No longer in the list"))
        self.choices = choices

    def pre_validate(self, form: Any) -> None:
        """A choice that has gone may stay where it was, and is chosen nowhere else."""
        super().pre_validate(form)
        if self.is_gone and self.data != self.object_data:
            raise ValidationError(GONE)


def words_of(names: Mapping[Any, str], nothing: str = "") -> list[SelectChoice]:
    """A fixed list as choices, after one that chooses nothing if that has a name."""
    first = [SelectChoice("", nothing)] if nothing else []
    return [*first, *(SelectChoice(key.value, text) for key, text in names.items())]


def as_word(kind: type[StrEnum]) -> Callable[[Any], StrEnum | None]:
    """Coerce to a word of a list, or None."""
    return lambda value: kind(value) if value in set(kind) else None


class WordField(SelectField):
    """One word of a fixed list; with `nothing` it may be left open."""

    def __init__(
        self, label: str, names: Mapping[Any, str], kind: type[StrEnum], *, nothing: str = "", **kwargs: Any
    ) -> None:
        """Offer the words of `kind` under the names that people read."""
        needed = [] if nothing else [InputRequired("Choose one.")]
        super().__init__(label, needed, choices=words_of(names, nothing), coerce=as_word(kind), **kwargs)
